/** What others measured, beside the null call measured on this page; and what a slower crossing changes. */
import { html, svg } from "../lab/markup.ts";
import type { TableResult } from "../../host/worker/client.ts";
import { CONFIGURATIONS, legend } from "../draw/legend.ts";
import { lineChart } from "../draw/lines.ts";
import { fitted, frame, logarithmic, tickText } from "../draw/svg.ts";
import { explorable, type Part } from "../draw/tip.ts";
import { choice } from "../lab/controls.ts";
import { type Data, figure } from "../lab/data.ts";
import { derivedFigure } from "../lab/derived.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { CALLS, type Comparator, PLACED, SAID } from "./comparators.ts";

const ITERATIONS = 8;

interface Line {
  readonly title: string;
  readonly year: number;
  readonly cycles: number;
  readonly kind: "ours" | "paper" | Comparator["confidence"];
  readonly color: string;
  readonly lines: readonly string[];
}

export function sincePanel(lab: Lab): LiveFigure<TableResult> {
  const order = choice({ state: lab.state, key: "order", label: "In the order of" }, [
    { value: "year", title: "years" },
    { value: "cycles", title: "cycles" },
  ]);
  const sure = choice({ state: lab.state, key: "sure", label: "Shown" }, [
    { value: "all", title: "all" },
    { value: "read", title: "only what was read in its source" },
  ]);
  return liveFigure<TableResult>({
    name: "since-1993",
    label: "A call across a boundary, 1989 to 2021",
    controls: [order, sure],
    height: 640,
    run: (watch) =>
      lab.simulator.runTable({ table: "3", rows: ["null"], iterations: ITERATIONS }, watch),
    draw: (result, width) => {
      const all = [...measured(result), ...CALLS.map(compared)].filter(
        ({ kind }) =>
          sure.value === "all" || kind === "ours" || kind === "paper" || kind === "read",
      );
      const sorted = all.toSorted((a, b) =>
        order.value === "year" ? a.year - b.year || b.cycles - a.cycles : b.cycles - a.cycles,
      );
      return chart(sorted, width);
    },
    data: (result) => lineData([...measured(result), ...CALLS.map(compared)]),
    json: (result) => ({ measured: result, compared: CALLS }),
    command: ({ command }) => command,
    caption: () =>
      "A logarithmic scale. Filled marks are measured on this page; rings are figures that others printed: full rings were read in the source named, dashed ones are from memory. Other machines, other decades: only powers of ten mean anything.",
  });
}

function measured({ rows }: TableResult): Line[] {
  return rows.flatMap(({ column, value, paper }) => {
    const { title, color } = CONFIGURATIONS.find(({ id }) => id === column)!;
    const ours: Line = {
      title: `${title}, here`,
      year: 1993,
      cycles: value,
      kind: "ours",
      color,
      lines: ["null call, measured on this page just now", "HP 9000/730, simulated, 67 MHz"],
    };
    if (paper === null) return [ours];
    const theirs: Line = {
      ...ours,
      title: `${title}, the paper`,
      cycles: paper,
      kind: "paper",
      lines: ["null call, the paper’s Table 3", "HP 9000/730, 67 MHz"],
    };
    return [ours, theirs];
  });
}

function compared(each: Comparator): Line {
  const { system, year, what, cycles, derived, machine, source, confidence } = each;
  const how = derived === undefined ? [] : [`measured as ${derived}`];
  return {
    title: system,
    year,
    cycles,
    kind: confidence,
    color: "--other",
    lines: [`${what}, ${machine}`, ...how, source, SAID[confidence]],
  };
}

function chart(lines: readonly Line[], width: number): HTMLElement {
  // Where it is narrow a name stands above its mark.
  const narrow = width < 520;
  const names = narrow ? 0 : 280;
  const row = narrow ? 36 : 22;
  const x = logarithmic(4, 20_000, [names + 8, width - 60]);
  const parts: Part[] = [];
  const rows = lines.map(({ title, year, cycles, kind, color, lines: said }, i) => {
    const y = i * row + (narrow ? 28 : 14);
    const above = narrow ? y - 18 : y;
    const node = svg`<g class="part" ${{ style: { "--line": `var(${kind === "paper" ? "--paper" : color})` } }}>
      <rect class="reach" x="0" y=${above - 12} width=${width} height=${row}></rect>
      <text class="small" x="0" y=${above + 4}>${year}</text>
      <text class=${kind === "ours" ? "name" : ""} x="36" y=${above + 4}>${fitted(title, narrow ? width - 40 : names - 34)}</text>
      <line class="lane" x1=${names + 8} x2=${x(cycles)} y1=${y} y2=${y}></line>
      <circle class=${kind === "ours" || kind === "paper" ? "point" : `ring ${kind}`} cx=${x(cycles)} cy=${y} r="5"></circle>
      <text class="small" x=${x(cycles) + 10} y=${y + 4}>${figure(cycles)}</text>
    </g>`;
    parts.push({ node, lines: [`${title}, ${year}`, `${figure(cycles)} cycles`, ...said] });
    return node;
  });
  const height = lines.length * row + 8;
  const axis = x.ticks.map(
    (tick) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1="0" y2=${height}></line>
      <text class="tick" x=${x(tick)} y=${height + 14} text-anchor="middle">${tickText(tick)}</text></g>`,
  );
  const label = `Cycles of a call across a boundary: ${lines.map(({ title, year, cycles }) => `${title}, ${year}, ${figure(cycles)}`).join("; ")}.`;
  const keys = [
    ...CONFIGURATIONS.map(({ title, color }) => ({ title: `${title}, here`, color })),
    { title: "the paper’s figure", color: "--paper" },
    { title: "another system", color: "--other" },
  ];
  return html`<div>
    ${legend(keys)}${explorable(frame(width, height + 22, label, [axis, rows]), parts)}
  </div>`;
}

function lineData(lines: readonly Line[]): Data {
  return {
    columns: ["system", "year", "cycles", "kind", "about"],
    rows: lines.map(({ title, year, cycles, kind, lines: said }) => [title, year, cycles, kind, said.join("; ")]), // prettier-ignore
  };
}

/** In and out of the kernel, where both were measured: the ratios that others found. */
export function placedTable({ rows, command }: TableResult): HTMLElement {
  const of = (id: string) => rows.find(({ column }) => column === id)!;
  const [out, trap] = [of("UNOPTIMIZED"), of("INKS_TRAP")];
  const ours = { system: "INKS Trap, measured here", year: 1993, what: "null RPC", outside: out.value, inside: trap.value, unit: "cycles", source: "this page", confidence: undefined }; // prettier-ignore
  const theirs = { ...ours, system: "INKS Trap, the paper", outside: out.paper!, inside: trap.paper!, source: "the paper, Table 3" }; // prettier-ignore
  const all = [ours, theirs, ...PLACED];
  const content = html`<div
    class="scroll"
    tabindex="0"
    role="region"
    aria-label="In and out of the kernel"
  >
    <table class="figures">
      <caption>
        The server outside and inside the kernel
      </caption>
      <thead>
        <tr>
          <th scope="col">System</th>
          <th scope="col" class="words">Call</th>
          <th scope="col">Outside</th>
          <th scope="col">Inside</th>
          <th scope="col">Ratio</th>
          <th scope="col" class="words">Source</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          (each) =>
            html`<tr>
              <th scope="row">${each.system}, ${each.year}</th>
              <td class="words">${each.what}</td>
              <td>${figure(each.outside)} ${each.unit}</td>
              <td>${figure(each.inside)} ${each.unit}</td>
              <td><b>${(each.outside / each.inside).toFixed(1)}</b></td>
              <td class="words source">
                ${each.source}${each.confidence ? `; ${SAID[each.confidence]}` : ""}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
  return derivedFigure({
    name: "placed",
    label: "The server outside and inside the kernel",
    content,
    command,
    data: {
      columns: ["system", "year", "call", "outside", "inside", "unit", "source", "confidence"],
      rows: all.map((each) => [each.system, each.year, each.what, each.outside, each.inside, each.unit, each.source, each.confidence ?? null]), // prettier-ignore
    },
  });
}

/** Crossings of user and kernel mode in a call: two by trap; four by message to a server outside. */
const CROSSINGS = { UNOPTIMIZED: 4, INKS_MESSAGE: 2, INKS_TRAP: 2 } as const;
const EXTRA = [0, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000];

/** What if entering and leaving the kernel cost more, as it does since 2018? Arithmetic, not a run. */
export function crossingChart({ rows, command }: TableResult, width: number): HTMLElement {
  const series = CONFIGURATIONS.map(({ id, title, color }) => ({
    title,
    color,
    points: EXTRA.map((extra) => [extra, rows.find(({ column }) => column === id)!.value + (CROSSINGS[id] / 2) * extra] as const), // prettier-ignore
  }));
  const chart = lineChart(series, {
    width: Math.min(width, 960),
    label: `Cycles of the null call if each entry and exit cost more: ${series.map(({ title, points }) => `${title} from ${points[0]![1]} to ${points.at(-1)![1]}`).join("; ")}.`,
    x: { title: "cycles more for each entry with its exit" },
    y: { title: "cycles" },
    height: 280,
  });
  return derivedFigure({
    name: "crossings",
    label: "If the crossing cost more",
    content: chart,
    caption:
      "Reckoned from the figures above, not run: two entries by message to a server outside, one in the other two configurations.",
    command,
    data: {
      columns: ["configuration", "cycles more for each entry with its exit", "cycles"],
      rows: series.flatMap(({ title, points }) => points.map(([extra, cycles]) => [title, extra, cycles])), // prettier-ignore
    },
  });
}
