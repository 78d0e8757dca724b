/** What the colours of a drawing mean, above it. */
import { html } from "../lab/markup.ts";

export interface Key {
  readonly title: string;
  /** A custom property of page.css, as `--inks-trap`. */
  readonly color: string;
  /** How the paper's figures are drawn, too: thin. */
  readonly thin?: boolean;
}

export function legend(keys: readonly Key[]): HTMLElement {
  return html`<ul class="legend" aria-hidden="true">
    ${keys.map(
      ({ title, color, thin = false }) =>
        html`<li ${{ style: { "--swatch": `var(${color})` } }} class=${thin ? "thin" : ""}>
          ${title}
        </li>`,
    )}
  </ul>`;
}

/** The three configurations, in the order of the paper's columns. */
export const CONFIGURATIONS = [
  { id: "UNOPTIMIZED", title: "Unoptimized", color: "--unoptimized" },
  { id: "INKS_MESSAGE", title: "INKS Message", color: "--inks-message" },
  { id: "INKS_TRAP", title: "INKS Trap", color: "--inks-trap" },
] as const;

export const PAPER_KEY: Key = { title: "the paper, 1993", color: "--paper", thin: true };

export function colorOf(configuration: string): string {
  return CONFIGURATIONS.find(({ id }) => id === configuration)?.color ?? "--paper";
}

export function titleOf(configuration: string): string {
  return CONFIGURATIONS.find(({ id }) => id === configuration)?.title ?? configuration;
}
