/** What follows from another figure's result, drawn or in print: with its own figures to take along. */
import { html } from "./markup.ts";
import type { Data } from "./data.ts";
import { asTable } from "./figure.ts";
import { takeAlong } from "./take.ts";

export interface Derived {
  /** Names the files that are taken along. */
  readonly name: string;
  /** What a screen reader calls it. */
  readonly label: string;
  readonly content: HTMLElement;
  readonly data: Data;
  /** The command whose numbers these are. */
  readonly command: string;
  readonly caption?: string;
}

export function derivedFigure({
  name,
  label,
  content,
  data,
  command,
  caption,
}: Derived): HTMLElement {
  const isDrawn = content.querySelector("svg.drawing") !== null;
  const rows = data.rows.map((row) => Object.fromEntries(data.columns.map((column, i) => [column, row[i]]))); // prettier-ignore
  return html`<figure class="live" aria-label=${label}>
    ${content}${caption === undefined ? "" : html`<figcaption>${caption}</figcaption>`}
    ${isDrawn ? asTable(data, label) : ""}
    ${takeAlong({
      name: `inkwell-${name}`,
      command,
      data,
      json: { command, rows },
      picture: isDrawn ? () => content : undefined,
      more: [],
    })}
  </figure>`;
}
