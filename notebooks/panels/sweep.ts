/** Any one parameter of the machine over a range, and the call's cycles along it. */
import {
  HP9000_730,
  type MachineConfig,
  PARAMETERS,
  type RunWatch,
  Simulator,
  type TableResult,
  type TidyRow,
} from "../../host/worker/client.ts";
import { CONFIGURATIONS } from "../draw/legend.ts";
import { lineChart } from "../draw/lines.ts";
import { tickText } from "../draw/svg.ts";
import { choice, menu } from "../lab/controls.ts";
import { figure, tidyData } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { bytesText } from "./machine.ts";
import { ROWS } from "./race.ts";

type Key = keyof MachineConfig;

export interface SweepPoint {
  readonly value: number;
  readonly result: TableResult;
}

export interface Sweep {
  readonly parameter: Key;
  readonly row: string;
  readonly points: readonly SweepPoint[];
}

const ITERATIONS = 8;
/** What has no influence on cycles, or is no number. */
const LEFT_OUT: readonly Key[] = ["name", "clockMHz", "memoryBytes", "recordPages", "spaceHashShift", "blockTlbEntries"]; // prettier-ignore

/** Where a parameter goes in a sweep: the paper's machine among the values. */
export function sweepValues(key: Key): number[] {
  const { kind, range } = PARAMETERS[key];
  if (kind === "switch") return [0, 1];
  const [low, high] = range!;
  if (kind === "bytes") return [4, 8, 16, 32, 64, 128, 256, 512].map((size) => size * 1024);
  const initial = HP9000_730[key] as number;
  const values =
    kind === "cycles"
      ? [0, 1, 2, 4, 6, 8, 10, 14, 20, 30, 50, 75, 100]
      : [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 48, 96];
  return [...new Set([...values, initial])]
    .filter((value) => value >= low && value <= high)
    .sort((a, b) => a - b);
}

function parameterOptions() {
  const names = Object.keys(PARAMETERS) as Key[];
  return names
    .filter((key) => ["cycles", "count", "bytes", "switch"].includes(PARAMETERS[key].kind))
    .filter((key) => !LEFT_OUT.includes(key))
    .map((key) => ({ value: key as string, title: spoken(key) }));
}

/** As the command line sets it. */
const settingOf = (key: Key, value: number) =>
  PARAMETERS[key].kind === "switch" ? String(value === 1) : String(value);

/** What parameters.ts says of sources in a word. */
const SOURCES: Readonly<Record<string, string>> = {
  asplos: "Wheeler and Bershad’s measurements on a Series 700",
  gcc: "GCC’s schedule of the PA-7000, written at Utah",
  gmp: "GMP’s notes on the PA",
  openbsd: "OpenBSD’s manual pages",
  osfmk: "OSF’s kernel for the HP 700",
  "calibration.ts": "read off the paper’s own figures, so calibrated",
};
const sourceText = (source: string) =>
  source.replace("gcc, gmp", "gcc and gmp").replaceAll(/[\w.]+/g, (word) => SOURCES[word] ?? word);

/** `dataMiss` as "data miss". */
const spoken = (key: string) => key.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

export function sweepPanel(lab: Lab): LiveFigure<Sweep> {
  const { state } = lab;
  const parameter = menu({ state, key: "sweep", label: "Parameter" }, parameterOptions(), "storeBusy"); // prettier-ignore
  const row = menu({ state, key: "sweeprow", label: "The call" }, ROWS, "null");
  const shown = choice({ state, key: "show", label: "Shown" }, [
    { value: "cycles", title: "cycles" },
    { value: "ratio", title: "ratio to INKS Trap" },
  ]);
  return liveFigure<Sweep>({
    name: "sweep",
    label: "A sweep over one parameter of the machine",
    controls: [parameter, row, shown],
    height: 360,
    run: (watch) => sweep(lab, parameter.value as Key, row.value, watch),
    draw: (result, width) => chart(result, shown.value === "ratio", width),
    data: ({ points, parameter: key }) => {
      const rows = points.flatMap(({ result }) => result.rows);
      const { columns, rows: cells } = tidyData(rows);
      const values = points.flatMap(({ value, result }) => result.rows.map(() => value));
      return { columns: [key, ...columns], rows: cells.map((cell, i) => [values[i]!, ...cell]) };
    },
    json: (result) => result,
    command: ({ points, parameter: key, row: id }) =>
      `inkwell sweep ${key}=${points.map(({ value }) => settingOf(key, value)).join(",")} --row ${id} --iterations ${ITERATIONS}`,
    caption: ({ parameter: key }) =>
      `${PARAMETERS[key].unit ? `In ${PARAMETERS[key].unit}. ` : ""}Where the 730’s value is from: ${sourceText(PARAMETERS[key].source)}. All else stays as it was.`,
  });
}

/** Spread over two workers where a processor is left to the page itself; on two, one of them is the page's. */
async function sweep(lab: Lab, parameter: Key, row: string, { progress, signal }: RunWatch) {
  const values = sweepValues(parameter);
  const points: SweepPoint[] = [];
  const others = navigator.hardwareConcurrency > 2 ? [new Simulator()] : [];
  const queue = [...values];
  const work = async (simulator: Simulator): Promise<void> => {
    for (let value = queue.shift(); value !== undefined; value = queue.shift()) {
      const request = { table: "3", rows: [row], iterations: ITERATIONS, set: [`${parameter}=${settingOf(parameter, value)}`] }; // prettier-ignore
      const result = await simulator.runTable(request, { ...(signal && { signal }) });
      points.push({ value, result });
      const fraction = points.length / values.length;
      progress?.({ column: "", title: `${spoken(parameter)} ${tickText(value)}`, fraction });
    }
  };
  try {
    await Promise.all([lab.simulator, ...others].map(work));
  } finally {
    for (const simulator of others) simulator.close();
  }
  return { parameter, row, points: points.toSorted((a, b) => a.value - b.value) };
}

function chart({ parameter, points }: Sweep, ratio: boolean, width: number): HTMLElement {
  const { kind } = PARAMETERS[parameter];
  const bytes = kind === "bytes";
  const onOrOff = (value: number) => ["off", "on"][value] ?? "";
  const valueOf = (rows: readonly TidyRow[], id: string) =>
    rows.find(({ column }) => column === id)!.value;
  const series = CONFIGURATIONS.map(({ id, title, color }) => ({
    title,
    color,
    points: points.map(({ value, result: { rows } }) => {
      const cycles = valueOf(rows, id);
      return [value, ratio ? cycles / valueOf(rows, "INKS_TRAP") : cycles] as const;
    }),
  }));
  const ends = series.map(({ title, points: line }) => `${title} from ${figure(line[0]![1])} to ${figure(line.at(-1)![1])}`); // prettier-ignore
  return lineChart(series, {
    width,
    label: `${ratio ? "Ratio to INKS Trap" : "Cycles of a call"} by ${spoken(parameter)}: ${ends.join("; ")}.`,
    x: {
      title: spoken(parameter),
      log: bytes,
      show: bytes ? bytesText : kind === "switch" ? onOrOff : tickText,
    },
    y: { title: ratio ? "times INKS Trap" : "cycles" },
    mark: { at: Number(HP9000_730[parameter]), title: "730" },
  });
}
