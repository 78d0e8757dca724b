/** The validation report, run in the page: how near every figure is, which claims hold, what is missing. */
import { html, svg } from "../lab/markup.ts";
import type { CheckedRow, Validation, ValidatedClaim } from "../../host/worker/client.ts";
import { colorOf, CONFIGURATIONS, legend } from "../draw/legend.ts";
import { frame, logarithmic, tickText } from "../draw/svg.ts";
import { explorable, type Part } from "../draw/tip.ts";
import { difference, figure } from "../lab/data.ts";
import { derivedFigure } from "../lab/derived.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";

export function validationPanel(lab: Lab): LiveFigure<Validation> {
  return liveFigure<Validation>({
    name: "validation",
    label: "Every figure, ours against the paper’s",
    height: 520,
    run: (watch) => lab.simulator.validate({}, watch),
    draw: scatter,
    data: ({ rows }) => ({
      columns: [
        "table",
        "row",
        "column",
        "value",
        "unit",
        "paper",
        "error",
        "earned share",
        "role",
      ],
      rows: rows.map((row) => [row.table, row.row, row.column, row.value, row.unit, row.paper, row.error, row.earnedShare, row.role]), // prettier-ignore
    }),
    json: (result) => result,
    command: ({ command }) => command,
    caption: ({ summary, missing }) => {
      const { figures, within10, within15, within25, meanAbsoluteError } = summary.all;
      const mean = ((meanAbsoluteError ?? 0) * 100).toFixed(1);
      const absent = missing.map(({ table }) => table).join(", ");
      return html`Of ${figures} figures in the paper’s numbered tables that are measured here,
        <strong>${within10}</strong> are within 10 % of the paper’s,
        <strong>${within15}</strong> within 15 %, <strong>${within25}</strong> within 25 %; the mean
        absolute error is ${mean} %. ${absent ? `Not measured by this run: tables ${absent}.` : ""}
        The line is where ours and the paper’s are equal, the band 10 % to both sides.`;
    },
  });
}

/** Both axes logarithmic: a distance from the diagonal is a ratio. */
function scatter({ rows, tables }: Validation, width: number): HTMLElement {
  const printed = rows.filter(({ paper, value }) => paper !== null && paper > 0 && value > 0);
  const [low, high] = [1, 10_000];
  const size = Math.min(width, 640);
  const [left, bottom] = [56, size - 44];
  const x = logarithmic(low, high, [left, size - 12]);
  const y = logarithmic(low, high, [bottom, 12]);
  const title = (table: string, row: string) => {
    const head = tables.find(({ id }) => id === table);
    return head?.rows.find(({ id }) => id === row)?.title ?? row;
  };
  const parts = printed.map((row): Part => {
    const { table, column, value, paper, unit, role } = row;
    const node = svg`<circle class="part point dot" cx=${x(paper!)} cy=${y(value)} r="4" ${{ style: { "--line": `var(${colorOf(column)})` } }}></circle>`;
    const name = CONFIGURATIONS.find(({ id }) => id === column)?.title ?? column;
    return { node, lines: [`${title(table, row.row)}, ${name}`, `${figure(value)} ${unit} here, ${figure(paper!)} in the paper: ${difference(value, paper!)}`, `table ${table}, ${role}`] }; // prettier-ignore
  });
  const band = `M${x(low)},${y(low * 0.9)}L${x(high)},${y(high * 0.9)}L${x(high)},${y(high * 1.1)}L${x(low)},${y(low * 1.1)}Z`;
  const drawing = frame(size, size, `${printed.length} figures, ours against the paper’s, on logarithmic axes.`, [
    x.ticks.map((tick) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1="12" y2=${bottom}></line><text class="tick" x=${x(tick)} y=${bottom + 16} text-anchor="middle">${tickText(tick)}</text></g>`),
    y.ticks.map((tick) => svg`<g><line class="grid" x1=${left} x2=${size - 12} y1=${y(tick)} y2=${y(tick)}></line><text class="tick" x=${left - 8} y=${y(tick) + 4} text-anchor="end">${tickText(tick)}</text></g>`),
    svg`<path class="band" d=${band}></path>`,
    svg`<line class="mark" x1=${x(low)} y1=${y(low)} x2=${x(high)} y2=${y(high)}></line>`,
    svg`<text class="tick" x=${size - 12} y=${size - 6} text-anchor="end">the paper’s</text>`,
    svg`<text class="tick" x=${left + 6} y="22">ours</text>`,
    parts.map(({ node }) => node),
  ]); // prettier-ignore
  return html`<div>${legend(CONFIGURATIONS)}${explorable(drawing, parts)}</div>`;
}

/** How near each table is, in print. */
export function agreementTable({ summary, tables, command }: Validation): HTMLElement {
  const title = (id: string) => tables.find((table) => table.id === id)?.title ?? id;
  const percent = (share: number | null) =>
    share === null ? "–" : `${(100 * share).toFixed(1)}\u00a0%`;
  const content = html`<div
    class="scroll"
    tabindex="0"
    role="region"
    aria-label="Agreement by table"
  >
    <table class="figures">
      <caption>
        Figures of the paper, and how many of ours are near
      </caption>
      <thead>
        <tr>
          <th scope="col">Table</th>
          <th scope="col">Figures</th>
          <th scope="col">within ${"10\u00a0%"}</th>
          <th scope="col">${"15\u00a0%"}</th>
          <th scope="col">${"25\u00a0%"}</th>
          <th scope="col">mean error</th>
        </tr>
      </thead>
      <tbody>
        ${summary.tables.map(
          ({ table, figures, within10, within15, within25, meanAbsoluteError }) =>
            html`<tr>
              <th scope="row">${/^\d+$/.test(table) ? `${table}. ` : ""}${title(table)}</th>
              <td>${figures}</td>
              <td>${within10}</td>
              <td>${within15}</td>
              <td>${within25}</td>
              <td>${percent(meanAbsoluteError)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
  return derivedFigure({
    name: "agreement",
    label: "How near each table is",
    content,
    command,
    data: {
      columns: ["table", "figures", "within 10 %", "within 15 %", "within 25 %", "mean absolute error"],
      rows: summary.tables.map((each) => [each.table, each.figures, each.within10, each.within15, each.within25, each.meanAbsoluteError]),
    }, // prettier-ignore
  });
}

/** Claims that do not hold first, with the numbers that they fail by; then the others. */
export function claims({ claims: all }: Validation): HTMLElement {
  const sorted = all.toSorted((a, b) => Number(a.holds) - Number(b.holds));
  return html`<ul class="claims">
    ${sorted.map(claimItem)}
  </ul>`;
}

function claimItem({ holds, sentence, where, quoted, bounds, commands }: ValidatedClaim) {
  const shown = holds ? bounds : bounds.filter((bound) => !bound.holds);
  const numbers = shown.map(({ what, value, unit, low, high, paper }) => {
    const range = low === null ? `at most ${figure(high!)}` : high === null ? `at least ${figure(low)}` : `${figure(low)} to ${figure(high)}`;
    return html`<li>${what}: ${figure(value)} ${unit}, expected ${range}${paper === null ? "" : `, in the paper ${figure(paper)}`}</li>`;
  }); // prettier-ignore
  return html`<li>
    <span class="mark" role="img" aria-label=${holds ? "holds" : "fails"}>${holds ? "✓" : "✗"}</span
    >${quoted ? `“${sentence}”` : sentence} <cite>${where}</cite>
    <details open=${!holds}>
      <summary>${holds ? "the numbers" : "the numbers that it fails by"}</summary>
      <ul>
        ${numbers}
      </ul>
      ${commands.map((command) => html`<code>npx ${command}</code> `)}
    </details>
  </li>`;
}

const STATUS: Readonly<Record<CheckedRow["status"], string>> = {
  covered: "shown",
  fails: "fails",
  "not run": "not in this run",
  "not yet": "not yet",
};

/** The checklist of all that the paper claims or offers, by section. */
export function checklist({ checklist: rows }: Validation): HTMLElement {
  const sections = [...new Set(rows.map(({ section }) => section))];
  return html`<div class="checklist">
    ${sections.map((section) => {
      const mine = rows.filter((row) => row.section === section);
      const shown = mine.filter(({ status }) => status === "covered").length;
      return html`<details>
        <summary>${section}: ${shown} of ${mine.length} shown</summary>
        <ul>
          ${mine.map(({ id, says, status }) => html`<li><b>${id}</b> ${says} <em>${STATUS[status]}</em></li>`)}
        </ul>
      </details>`;
    })}
  </div>`;
}
