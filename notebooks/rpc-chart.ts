/**
 * Measured cycles as bars, the paper's as a thin bar under each, grouped by test. The table beside
 * it says the same in text.
 */
import * as Plot from "@observablehq/plot";
import { html } from "htl";
import type { TableResult } from "../host/worker/client.ts";

const COLORS: Readonly<Record<string, string>> = {
  UNOPTIMIZED: "var(--unoptimized)",
  INKS_MESSAGE: "var(--inks-message)",
  INKS_TRAP: "var(--inks-trap)",
};
/** Pixels: one configuration's band, and the paper's bar in it. */
const BAND = 24;
const PAPER = 5;
const NARROWEST = 320;
const WIDEST = 760;

export function rpcChart(result: TableResult, width: number): HTMLElement {
  const { table, rows } = result;
  const title = new Map([...table.rows, ...table.columns].map((line) => [line.id, line.title]));
  const columns = table.columns.filter(({ id }) => rows.some(({ column }) => column === id));
  // A cell that is not laid out yet has no width.
  const shown = Math.min(Math.max(width, NARROWEST), WIDEST);
  const cells = rows.map((row) => ({
    ...row,
    test: title.get(row.row)!,
    configuration: title.get(row.column)!,
  }));
  const common = { fy: "test", y: "column" } as const;
  const chart = Plot.plot({
    width: shown,
    height: table.rows.length * (columns.length * BAND + 18) + 50,
    marginBottom: 42,
    marginLeft: 76,
    marginRight: 52,
    marginTop: 4,
    ariaLabel: `${table.title}: ${table.unit} measured, and in the paper`,
    ariaDescription: "The table below gives the same figures as text.",
    x: {
      label: table.unit,
      labelOffset: 36,
      labelAnchor: "center",
      labelArrow: false,
      grid: true,
      nice: true,
      ticks: shown < 500 ? 4 : 8,
    },
    y: { axis: null, domain: columns.map(({ id }) => id), padding: 0.08 },
    fy: { label: null, domain: table.rows.map((row) => row.title), padding: 0.16 },
    color: { domain: Object.keys(COLORS), range: Object.values(COLORS) },
    marks: [
      Plot.barX(cells, {
        ...common,
        x: "value",
        fill: "column",
        insetBottom: PAPER + 2,
        rx: 2,
      }),
      Plot.barX(cells, {
        ...common,
        x: "paper",
        fill: "var(--paper)",
        insetTop: BAND - PAPER - 4,
        insetBottom: 1,
      }),
      Plot.text(cells, {
        ...common,
        x: "value",
        text: ({ value }: { value: number }) => value.toLocaleString("en"),
        textAnchor: "start",
        dx: 5,
        dy: -3,
      }),
      Plot.tip(
        cells,
        Plot.pointerY({
          ...common,
          x: "value",
          title: ({ test, configuration, value, paper }) =>
            `${test}, ${configuration}\n${value.toLocaleString("en")} ${table.unit} measured` +
            (paper === null ? "" : `\n${paper.toLocaleString("en")} in the paper`),
        }),
      ),
      Plot.ruleX([0]),
    ],
  });
  chart.setAttribute("role", "img");
  return html`<figure class="chart">
    <ul class="legend">
      ${columns.map(({ id, title: name }) => html`<li style=${`--swatch: ${COLORS[id]}`}>${name}</li>`)}
      <li style="--swatch: var(--paper); --thickness: 5px">the paper, 1993</li>
    </ul>
    ${chart}
  </figure>` as HTMLElement;
}
