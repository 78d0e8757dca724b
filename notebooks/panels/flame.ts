/** One call by routine: a flame graph in the order of time, the routines by cost, the cycles by cause. */
import { html } from "../lab/markup.ts";
import type { CallReport } from "../../host/worker/client.ts";
import { type Bar, barChart } from "../draw/bars.ts";
import { flameChart, type Slice } from "../draw/flame.ts";
import { CONFIGURATIONS, legend } from "../draw/legend.ts";
import { choice, menu } from "../lab/controls.ts";
import { type Data, dataTable, figure } from "../lab/data.ts";
import { derivedFigure } from "../lab/derived.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { jsonBlob } from "../lab/take.ts";
import { callSnapshot } from "./call-snapshot.ts";
import { ROWS } from "./race.ts";
import { openInSpeedscope } from "./speedscope.ts";

/** Programs that ran, as files that `inkwell disasm` reads. */
const IMAGES = [
  { which: "kernel", label: "Kernel ELF" },
  { which: "server", label: "Server ELF" },
  { which: "client", label: "Client ELF" },
] as const;
const COLORS = { client: "--client", kernel: "--kernel", server: "--server" };

export function flamePanel(lab: Lab): LiveFigure<CallReport> {
  const { state } = lab;
  const configuration = choice(
    { state, key: "flame", label: "Configuration" },
    CONFIGURATIONS.map(({ id, title }) => ({ value: id, title })),
  );
  const row = menu({ state, key: "flamerow", label: "The call" }, ROWS);
  return liveFigure<CallReport>({
    name: "flame",
    label: "One call by routine",
    controls: [configuration, row],
    height: 130,
    run: (watch) =>
      lab.simulator.reportCall({ row: row.value, configuration: configuration.value }, watch),
    draw: (report, width) =>
      html`<div>
        ${legend(Object.entries(COLORS).map(([title, color]) => ({ title, color })))}${flameChart(
          byProgram(report.slices),
          {
            width,
            colors: COLORS,
            label: `Flame graph of ${report.title}: ${report.routines.length} routines, ${figure(report.cycles)} cycles.`,
          },
        )}
      </div>`,
    data: routineData,
    json: (report) => report,
    command: ({ command }) => command,
    caption: () =>
      "Time runs from left to right; above, whose text runs, below it the routine. Every instruction of the call is in it, and looking costs the machine nothing.",
    more: ({ chrome, speedscope, flame, row: name, configuration: column }) => [
      { label: "Perfetto", file: `inkwell-${name}-${column}.trace.json`, make: () => jsonBlob(chrome) },
      { label: "speedscope", file: `inkwell-${name}-${column}.speedscope.json`, make: () => jsonBlob(speedscope) },
      ...openInSpeedscope(flame, `${name} ${column}`),
      callSnapshot(lab, { row: name, configuration: column }),
      ...IMAGES.map(({ which, label }) => ({
        label,
        file: `inkwell-${which}-${column}.elf`,
        make: async () => new Blob([(await lab.simulator.rpcImage(which, column)) as Uint8Array<ArrayBuffer>]),
      })),
    ], // prettier-ignore
  });
}

/** Routines below the program that they are of. */
function byProgram(routines: readonly Slice[]): Slice[] {
  const programs: Slice[] = [];
  for (const slice of routines) {
    const last = programs.at(-1);
    if (last?.title === slice.title && last.end === slice.start)
      programs[programs.length - 1] = { ...last, end: slice.end };
    else programs.push({ ...slice, symbol: slice.title, depth: 0 });
  }
  return [...programs, ...routines.map((slice) => ({ ...slice, depth: slice.depth + 1 }))];
}

function routineData({ routines, cycles }: CallReport): Data {
  return {
    columns: ["routine", "program", "cycles", "share, %", "instructions", "cycles each", "entered"], // prettier-ignore
    rows: routines.map((each) => [
      each.symbol,
      each.title,
      each.cycles,
      Math.round((1000 * each.cycles) / cycles) / 10,
      each.instructions,
      Math.round((100 * each.cycles) / each.instructions) / 100,
      each.calls,
    ]),
  };
}

/** The dearest routines, in print. */
export function routineTable(report: CallReport, count = 10): HTMLElement {
  const { columns, rows } = routineData(report);
  const table = dataTable(
    { columns, rows: rows.slice(0, count) },
    `The dearest routines of ${report.title}`,
  );
  return derivedFigure({
    name: "routines",
    label: "The dearest routines",
    content: table,
    data: { columns, rows },
    command: report.command,
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  instructions: "Instructions, a cycle each",
  load_use: "Waiting for a load",
  store_busy: "Memory busy after a store",
  control: "Control registers, PSW, gates",
  i_stall: "Instruction cache misses",
  d_stall: "Data cache misses",
  interruption: "Interruptions",
  branch: "Branches",
  write_back: "Write-backs",
  flush: "Flushes",
  fpu: "Floating point",
  declared: "Declared costs",
  idle: "Nothing to run",
};

export function causeTitle(cause: string): string {
  return CAUSES[cause] ?? cause;
}

/** Why the cycles of a few calls were spent. */
export function causesChart(reports: readonly CallReport[], width: number): HTMLElement {
  const causes = [...new Set(reports.flatMap((report) => report.causes.map(({ cause }) => cause)))];
  const groups = causes.map((cause) => ({
    title: causeTitle(cause),
    bars: reports.map((report): Bar => {
      const value = report.causes.find((each) => each.cause === cause)?.cycles ?? 0;
      const { title, color } = CONFIGURATIONS.find(({ id }) => id === report.configuration)!;
      const share = ((100 * value) / report.cycles).toFixed(0);
      return { value, paper: null, color, lines: [`${causeTitle(cause)}, ${title}`, `${figure(value)} cycles, ${share} % of the call`] }; // prettier-ignore
    }),
  }));
  const label = `Cycles by cause. ${groups.map(({ title, bars }) => `${title}: ${bars.map(({ value }) => value).join(", ")}`).join("; ")}.`;
  const chart = barChart(groups, { width: Math.min(width, 960), unit: "cycles", label, keys: CONFIGURATIONS }); // prettier-ignore
  return derivedFigure({
    name: "causes",
    label: "Cycles by cause",
    content: chart,
    command: reports.map(({ command }) => command).join(" && npx "),
    data: {
      columns: ["cause", "configuration", "cycles"],
      rows: groups.flatMap(({ title, bars }) =>
        bars.map(({ value }, i) => [title, reports[i]!.configuration, value]),
      ),
    },
  });
}
