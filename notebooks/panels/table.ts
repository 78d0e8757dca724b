/** Table 3 and its relatives: bars by test and configuration, the paper's below, and the table in print. */
import { html } from "../lab/markup.ts";
import type { CheckedClaim, TableRequest, TableResult, TidyRow } from "../../host/worker/client.ts";
import { type Bar, barChart } from "../draw/bars.ts";
import { colorOf, CONFIGURATIONS, PAPER_KEY } from "../draw/legend.ts";
import { difference, figure, tidyData } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import type { Download } from "../lab/take.ts";

export interface TablePanel {
  readonly name: string;
  readonly label: string;
  readonly height: number;
  readonly request: () => TableRequest;
  readonly controls?: readonly HTMLElement[];
  readonly caption?: (result: TableResult) => string | Node;
  readonly start?: string;
  /** What else can be taken along; the request is the result's. */
  readonly more?: (request: TableRequest) => readonly Download[];
  /** Draws what is below the bars. */
  readonly below?: (result: TableResult) => Node;
}

export function tablePanel(lab: Lab, panel: TablePanel): LiveFigure<TableResult> {
  const { name, label, height, request, controls = [], caption, start, below, more } = panel;
  return liveFigure<TableResult>({
    name,
    label,
    height,
    controls,
    ...(start !== undefined && { start }),
    run: (watch) => lab.simulator.runTable(request(), watch),
    partial: ({ partial }) => partial,
    draw: (result, width) => [
      () => tableBars(result, width, label),
      ...(below ? [() => below(result)] : []),
    ],
    data: ({ rows }) => tidyData(rows),
    json: (result) => result,
    command: ({ command }) => command,
    ...(caption && { caption }),
    ...(more && { more: () => more(request()) }),
  });
}

/** Bars of a table's rows, one for each configuration that was measured. */
export function tableBars({ table, rows }: TableResult, width: number, label: string): HTMLElement {
  const columns = table.columns.filter(({ id }) => rows.some(({ column }) => column === id));
  const groups = table.rows.flatMap(({ id, title }) => {
    const cells = rows.filter((cell) => cell.row === id);
    if (cells.length === 0) return [];
    const bars = columns.flatMap((column): Bar[] => {
      const cell = cells.find((each) => each.column === column.id);
      return cell ? [barOf(cell, column.title, table.unit)] : [];
    });
    return [{ title, bars }];
  });
  const keys = CONFIGURATIONS.filter(({ id }) => columns.some((column) => column.id === id));
  const paper = rows.some((cell) => cell.paper !== null);
  const summary = rows
    .map(({ row, column, value }) => `${row} ${column} ${value}`)
    .slice(0, 15)
    .join(", ");
  return barChart(groups, {
    width,
    unit: table.unit,
    label: `${label}. In ${table.unit}: ${summary}.`,
    keys: paper ? [...keys, PAPER_KEY] : keys,
  });
}

function barOf(cell: TidyRow, configuration: string, unit: string): Bar {
  const { value, paper, column } = cell;
  const lines = [configuration, `${figure(value)} ${unit}, measured here`];
  if (paper !== null) lines.push(`${figure(paper)} in the paper: ${difference(value, paper)}`);
  return { value, paper, color: colorOf(column), lines };
}

/** The table as the paper prints it: ours, the ratio, and in small type the paper's; and its role. */
export function printedTable(
  { table, rows }: TableResult,
  role?: (cell: TidyRow) => string,
): HTMLElement {
  const columns = table.columns.filter(({ id }) => rows.some(({ column }) => column === id));
  const cell = (row: string, column: string) =>
    rows.find((each) => each.row === row && each.column === column);
  const shown = table.rows.filter(({ id }) => rows.some(({ row }) => row === id));
  const caption = `Measured ${table.unit}, and the ratio to INKS Trap. In small type the paper's figure, and how far ours is from it.`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${table.title}>
    <table class="figures">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">Test</th>
          ${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (row) =>
            html`<tr>
              <th scope="row">${row.title}</th>
              ${columns.map(({ id }) =>
                printedCell(
                  cell(row.id, id),
                  table.baseline === null ? undefined : cell(row.id, table.baseline),
                  role,
                ),
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function printedCell(
  cell: TidyRow | undefined,
  base: TidyRow | undefined,
  role?: (cell: TidyRow) => string,
) {
  if (!cell) return html`<td>–</td>`;
  const { value, paper } = cell;
  const ratio = base && base !== cell ? ` (${(value / base.value).toFixed(1)})` : "";
  return html`<td data-row=${cell.row} data-column=${cell.column} data-value=${value}>
    <b>${figure(value)}</b>${ratio}
    ${paper === null ? "" : html`<small><span>${figure(paper)},</span> ${difference(value, paper)}</small>`}
    ${role ? html`<small class=${`role ${role(cell)}`}>${role(cell)}</small>` : ""}
  </td>`;
}

/** What share of the measured cycles the simulated processor executed. */
export function earnedSentence({ rows }: Pick<TableResult, "rows">): string {
  const sum = (key: "earned" | "declared") => rows.reduce((total, row) => total + row[key], 0);
  const declared = sum("declared");
  if (declared === 0) return "Every cycle in these figures was executed; none was declared.";
  const share = Math.floor((1000 * sum("earned")) / (sum("earned") + declared)) / 10;
  return `${share} % of the cycles in these figures were executed; the rest were declared.`;
}

/** Sentences of the paper, each marked as held by this run or not. */
export function claimList(claims: readonly CheckedClaim[]): HTMLElement {
  return html`<ul class="claims">
    ${claims.map(
      ({ holds, sentence, where, quoted }) =>
        html`<li>
          <span class="mark" role="img" aria-label=${holds ? "holds" : "fails"}
            >${holds ? "✓" : "✗"}</span
          >${quoted ? `“${sentence}”` : sentence} <cite>${where}</cite>
        </li>`,
    )}
  </ul>`;
}
