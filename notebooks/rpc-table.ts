/** Table 3 as a table: measured cycles and ratio, the paper's below, and how far apart they are. */
import { html } from "htl";
import type { TableResult, TidyRow } from "../host/worker/client.ts";

const count = (value: number) => value.toLocaleString("en");

export function rpcTable({ table, rows }: TableResult): HTMLElement {
  const columns = table.columns.filter(({ id }) => rows.some(({ column }) => column === id));
  const cell = (row: string, column: string) =>
    rows.find((r) => r.row === row && r.column === column);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Measured figures">
    <table class="figures">
      <caption>
        Cycles a call, and the ratio to INKS Trap. In small type: the paper's figure, and how far
        ours is from it.
      </caption>
      <thead>
        <tr>
          <th scope="col">Test</th>
          ${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${table.rows.map(
          (row) =>
            html`<tr>
              <th scope="row">${row.title}</th>
              ${columns.map(({ id }) => figure(cell(row.id, id), table.baseline === null ? undefined : cell(row.id, table.baseline)))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>` as HTMLElement;
}

function figure(cell: TidyRow | undefined, base: TidyRow | undefined) {
  if (!cell) return html`<td>–</td>`;
  const { value, paper } = cell;
  const ratio = base && base !== cell ? ` (${(value / base.value).toFixed(1)})` : "";
  return html`<td data-row=${cell.row} data-column=${cell.column} data-value=${value}>
    <b>${count(value)}</b>${ratio}
    ${paper === null ? "" : html`<small><span>${count(paper)},</span> ${difference(value, paper)}</small>`}
  </td>`;
}

function difference(value: number, paper: number): string {
  const percent = (100 * (value - paper)) / paper;
  return `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent).toFixed(1)} %`;
}

/** What share of all measured cycles the simulated processor executed, in a sentence. */
export function earnedSentence({ rows }: TableResult): string {
  const sum = (key: "earned" | "declared") => rows.reduce((total, row) => total + row[key], 0);
  const declared = sum("declared");
  if (declared === 0) return "Every cycle in these figures was executed; none was declared.";
  const share = Math.floor((1000 * sum("earned")) / (sum("earned") + declared)) / 10;
  return `${share} % of the cycles in these figures were executed; the rest were declared.`;
}

/** The paper's sentences about the table, each marked as held by this run or not. */
export function claimList({ claims }: TableResult): HTMLElement {
  return html`<ul class="claims">
    ${claims.map(
      ({ holds, sentence, where }) =>
        html`<li>
          <span class="mark" role="img" aria-label=${holds ? "holds" : "fails"}
            >${holds ? "✓" : "✗"}</span
          >“${sentence}” <cite>${where}</cite>
        </li>`,
    )}
  </ul>` as HTMLElement;
}
