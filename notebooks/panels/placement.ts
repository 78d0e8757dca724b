/** The paper's §4.6: everything at random places in memory, and how far the cycles of a call spread. */
import { html, svg } from "../lab/markup.ts";
import type { TableResult } from "../../host/worker/client.ts";
import { colorOf, CONFIGURATIONS, legend } from "../draw/legend.ts";
import { frame, linear, tickText } from "../draw/svg.ts";
import { explorable, type Part } from "../draw/tip.ts";
import { slider } from "../lab/controls.ts";
import { figure, tidyData } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";

export function placementPanel(lab: Lab): LiveFigure<TableResult> {
  const count = slider(
    { state: lab.state, key: "placements", label: "Placements" },
    { low: 2, high: 200, initial: 6 },
  );
  return liveFigure<TableResult>({
    name: "placement",
    label: "Cycles of a call at random places in memory",
    controls: [count],
    start: "Place at random",
    height: 330,
    run: (watch) => lab.simulator.runTable({ table: "placement", iterations: count.value }, watch),
    draw: spread,
    data: ({ rows }) => tidyData(rows),
    json: (result) => result,
    command: ({ command }) => command,
    caption: ({ seed }) =>
      `Each line goes from the cheapest to the dearest placement, the mark is the mean. Client, server and kernel meet the same placements in every row (seed ${seed}); only cache misses differ.`,
  });
}

const ROW = 24;
const HEAD = 24;

function spread({ table, rows }: TableResult, width: number): HTMLElement {
  const high = Math.max(...rows.map(({ detail }) => detail["maximum"] ?? 0));
  const x = linear(high, [8, width - 24], width < 520 ? 4 : 8);
  const parts: Part[] = [];
  const height = table.rows.length * (HEAD + CONFIGURATIONS.length * ROW);
  const groups = table.rows.map(({ id, title }, group) => {
    const top = group * (HEAD + CONFIGURATIONS.length * ROW);
    const lines = CONFIGURATIONS.flatMap(({ id: column, title: name }, i) => {
      const cell = rows.find((each) => each.row === id && each.column === column);
      if (!cell) return [];
      const y = top + HEAD + i * ROW + 8;
      const {
        minimum = 0,
        maximum = 0,
        deviation = 0,
        dataMisses = 0,
        instructionMisses = 0,
      } = cell.detail;
      const node = svg`<g class="part" ${{ style: { "--line": `var(${colorOf(column)})` } }}>
        <rect class="reach" x="0" y=${y - 11} width=${width} height=${ROW}></rect>
        <line class="curve" x1=${x(minimum)} x2=${x(maximum)} y1=${y} y2=${y}></line>
        <circle class="point" cx=${x(cell.value)} cy=${y} r="5"></circle>
      </g>`;
      parts.push({
        node,
        lines: [`${title}, ${name}`, `${figure(cell.value)} cycles on average`, `from ${figure(minimum)} to ${figure(maximum)}, deviation ${figure(deviation)}`, `${figure(instructionMisses)} instruction and ${figure(dataMisses)} data misses a call`], // prettier-ignore
      });
      return [node];
    });
    return svg`<g><text class="name" x="2" y=${top + 13}>${title}</text>${lines}</g>`;
  });
  const axis = x.ticks.map(
    (tick) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1="18" y2=${height}></line>
      <text class="tick" x=${x(tick)} y=${height + 16} text-anchor="middle">${tickText(tick)}</text></g>`,
  );
  const means = rows
    .map(({ row, column, value }) => `${row} ${column} ${figure(value)}`)
    .join(", ");
  const drawing = frame(width, height + 24, `Mean cycles over random placements: ${means}.`, [
    axis,
    groups,
  ]);
  return html`<div>${legend(CONFIGURATIONS)}${explorable(drawing, parts)}</div>`;
}
