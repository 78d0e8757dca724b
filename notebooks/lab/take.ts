/**
 * What a reader can take along from a figure: the command line that gives the same numbers, the data,
 * the picture. Pictures are written with the colours and fonts that they have on the page.
 */
import { html } from "./markup.ts";
import { csv, type Data } from "./data.ts";
import { pngOf, svgText } from "./picture.ts";

/** A file that is made when it is asked for. */
export interface Download {
  readonly label: string;
  readonly file: string;
  readonly make: () => Blob | Promise<Blob>;
}

/** Something else that a button does with a result. */
export interface Action {
  readonly label: string;
  readonly act: () => void;
}

export interface Taken {
  /** Name of the files, without extension. */
  readonly name: string;
  readonly command: string | undefined;
  readonly data: Data | undefined;
  readonly json: unknown;
  /** Finds what has the drawings: others after every change of width. */
  readonly picture: (() => HTMLElement) | undefined;
  readonly more: readonly (Download | Action)[];
}

export function takeAlong({ name, command, data, json, picture, more }: Taken): HTMLElement {
  const files: Download[] = [];
  const file = (label: string, make: Download["make"]) =>
    files.push({ label, file: `${name}.${label.toLowerCase()}`, make });
  if (data) file("CSV", () => new Blob([csv(data)], { type: "text/csv" }));
  if (json !== undefined) file("JSON", () => jsonBlob(json));
  if (picture)
    file("SVG", async () => new Blob([await svgText(picture())], { type: "image/svg+xml" }));
  if (picture) file("PNG", () => pngOf(picture()));
  return html`<div class="take">
    ${command === undefined ? "" : commandLine(command)}
    <div class="files" role="group" aria-label="Download">
      ${[...files, ...more].map((each) => ("act" in each ? actionButton(each) : downloadButton(each)))}
    </div>
  </div>`;
}

export function jsonBlob(value: unknown): Blob {
  return new Blob([JSON.stringify(value, null, 2)], { type: "application/json" });
}

/** A command, and a button that copies it; lines break between its words only. */
export function commandLine(command: string): HTMLElement {
  const text = `npx ${command}`;
  const words = text.split(/( +)/).map((word) => (word.trim() ? html`<span>${word}</span>` : word));
  const button = html`<button type="button">Copy</button>` as HTMLButtonElement;
  const said = html`<span class="unseen" role="status"></span>`;
  button.setAttribute("aria-label", `Copy the command: ${text}`);
  button.addEventListener("click", async () => {
    const copied = await copy(text);
    button.textContent = copied ? "Copied" : "Select it";
    said.textContent = copied ? "Copied." : "This browser does not let the page copy.";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  });
  return html`<div class="command"><code>${words}</code>${button}${said}</div>`;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function downloadButton({ label, file, make }: Download): HTMLElement {
  const button = html`<button type="button">${label}</button>` as HTMLButtonElement;
  button.title = file;
  button.setAttribute("aria-label", `Download ${label}: ${file}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      save(await make(), file);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

function actionButton({ label, act }: Action): HTMLElement {
  const button = html`<button type="button">${label}</button>` as HTMLButtonElement;
  button.addEventListener("click", act);
  return button;
}

export function save(blob: Blob, file: string): void {
  const url = URL.createObjectURL(blob);
  const link = html`<a href=${url} download=${file}></a>` as HTMLAnchorElement;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
