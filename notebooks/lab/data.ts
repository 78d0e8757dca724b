/** A table as data: what is shown as text, and written as CSV or JSON, under every figure. */
import { html } from "./markup.ts";
import { nextFrame } from "./pace.ts";
import type { TidyRow } from "../../host/worker/client.ts";

export type Value = string | number | boolean | null;

export interface Data {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** Tidy rows as a table: the same columns for all, `detail` spread out. */
export function tidyData(rows: readonly TidyRow[]): Data {
  const details = [...new Set(rows.flatMap(({ detail }) => Object.keys(detail)))];
  return {
    columns: ["table", "row", "column", "value", "unit", "paper", "earned", "declared", "role", ...details], // prettier-ignore
    rows: rows.map((row) => [
      row.table,
      row.row,
      row.column,
      row.value,
      row.unit,
      row.paper,
      row.earned,
      row.declared,
      row.role,
      ...details.map((name) => row.detail[name] ?? null),
    ]),
  };
}

/** RFC 4180; an empty field where there is no value. */
export function csv({ columns, rows }: Data): string {
  const field = (value: Value): string => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** A number for people: separators, and no more digits than it deserves. */
export function figure(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 1000 ? 0 : Math.abs(value) < 10 ? 2 : 1; // prettier-ignore
  return separated(value, digits);
}

/**
 * With commas between thousands, and at most so many digits behind the point. Not by Intl, which takes
 * 15 ms of the page's start to load its rules.
 */
export function separated(value: number, digits: number): string {
  const [whole = "", fraction = ""] = value.toFixed(digits).split(".");
  const short = fraction.replace(/0+$/, "");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (short && `.${short}`);
}

/** "−12.2 %": how far a figure is from the paper's. */
export function difference(value: number, paper: number): string {
  const percent = (100 * (value - paper)) / paper;
  const sign = percent > 0.05 ? "+" : percent < -0.05 ? "−" : "";
  return `${sign}${Math.abs(percent).toFixed(1)} %`;
}

/** Rows that are laid out in one frame. */
const PIECE = 40;

/** The table as a reader sees it; a long one grows while the page goes on. */
export function dataTable({ columns, rows }: Data, caption: string): HTMLElement {
  const body = html`<tbody></tbody>`;
  const fill = async (): Promise<void> => {
    for (let from = 0; from < rows.length; from += PIECE) {
      if (from > 0) await nextFrame();
      body.append(...rows.slice(from, from + PIECE).map(tableRow));
    }
  };
  void fill();
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table class="data">
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      ${body}
    </table>
  </div>`;
}

/** Without a template: there are thousands of cells. */
function tableRow(row: Data["rows"][number]): HTMLElement {
  const made = document.createElement("tr");
  for (const [i, value] of row.entries()) {
    const cell = document.createElement(i === 0 ? "th" : "td");
    if (i === 0) cell.scope = "row";
    else if (typeof value === "number") cell.className = "number";
    cell.textContent = text(value);
    made.append(cell);
  }
  return made;
}

function text(value: Value): string {
  if (value === null) return "–";
  return typeof value === "number" ? figure(value) : String(value);
}
