/** Tables 1 and 2: the stages of one call by message and by trap, side by side, and what they are. */
import {
  messageParts,
  type PathParts,
  type RunWatch,
  type StageKind,
  stageKind,
  type TableResult,
  type TidyRow,
  trapParts,
} from "../../host/worker/client.ts";
import { type Bar, barChart } from "../draw/bars.ts";
import { type Key, PAPER_KEY, titleOf } from "../draw/legend.ts";
import { waterfall } from "../draw/waterfall.ts";
import { choice } from "../lab/controls.ts";
import { difference, figure, tidyData } from "../lab/data.ts";
import { derivedFigure } from "../lab/derived.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { callSnapshot } from "./call-snapshot.ts";

export interface StageResult {
  readonly message: TableResult;
  readonly trap: TableResult;
}

const KIND: Readonly<Record<StageKind, Key>> = {
  copy: { title: "copying", color: "--kind-copy" },
  entry: { title: "kernel entry and exit", color: "--kind-entry" },
  mixed: { title: "copy out and exit", color: "--kind-mixed" },
  tape: { title: "red tape, lookups", color: "--kind-tape" },
  switch: { title: "context switch", color: "--kind-switch" },
  call: { title: "calls", color: "--kind-call" },
  work: { title: "work function", color: "--kind-work" },
};

export function stagesPanel(lab: Lab): LiveFigure<StageResult> {
  const place = choice({ state: lab.state, key: "message", label: "By message, the server" }, [
    { value: "UNOPTIMIZED", title: "out of the kernel" },
    { value: "INKS_MESSAGE", title: "in the kernel" },
  ]);
  return liveFigure<StageResult>({
    name: "stages",
    label: "Stages of a call by message and by trap",
    controls: [place],
    height: 620,
    run: (watch) => runStages(lab, place.value, watch),
    draw: ({ message, trap }, width) =>
      waterfall([callOf(message, "By message"), callOf(trap, "By INKS trap")], {
        width,
        label: `Stages of one call with 128 bytes InOut: ${figure(totalOf(message))} cycles by message in 21 stages, ${figure(totalOf(trap))} by trap in 12.`,
        keys: [...Object.values(KIND), PAPER_KEY],
      }),
    data: ({ message, trap }) => tidyData([...message.rows, ...trap.rows]),
    json: (result) => result,
    more: ({ message: { config } }) =>
      [config.configurations[0]!.name, "INKS_TRAP"].map((configuration) =>
        callSnapshot(lab, { row: "inout128", configuration }, titleOf(configuration)),
      ),
    command: commandOf,
    caption: () =>
      "Each bar begins where its stage begins and is as long as it takes; both calls have one scale. Hover, or use the arrow keys, for instructions, loads, stores and misses.",
  });
}

const commandOf = ({ message, trap }: StageResult) => `${message.command} && npx ${trap.command}`;

async function runStages(lab: Lab, configuration: string, { progress, signal }: RunWatch) {
  const part = (from: number): RunWatch => ({
    ...(signal && { signal }),
    progress: (at) => progress?.({ ...at, fraction: from + at.fraction / 2 }),
  });
  const message = await lab.simulator.runTable(
    { table: "1", configurations: [configuration] },
    part(0),
  );
  return { message, trap: await lab.simulator.runTable({ table: "2" }, part(0.5)) };
}

const totalOf = ({ rows }: TableResult) => rows.find(({ row }) => row === "total")!.value;

function callOf({ table, rows }: TableResult, title: string) {
  const stages = rows.filter(({ row }) => row !== "total");
  return {
    title,
    stages: stages.map((row) => {
      const kind = KIND[stageKind(table.id as "1" | "2", Number(row.row))];
      const name = table.rows.find(({ id }) => id === row.row)!.title.replace(/^\d+ /, "");
      return { title: name, cycles: row.value, paper: row.paper, color: kind.color, lines: linesOf(row, kind.title) }; // prettier-ignore
    }),
  };
}

function linesOf({ value, paper, detail }: TidyRow, kind: string): string[] {
  const { instructions = 0, loads = 0, stores = 0, control = 0 } = detail;
  const misses = (detail["instructionMisses"] ?? 0) + (detail["dataMisses"] ?? 0);
  return [
    ...(paper === null ? [] : [`${figure(paper)} in the paper: ${difference(value, paper)}`]),
    `${instructions} instructions: ${loads} loads, ${stores} stores, ${control} control`,
    `${misses} cache misses`,
    kind,
  ];
}

const PARTS: readonly (readonly [keyof PathParts, string])[] = [
  ["copying", "Argument copying"],
  ["entryAndExit", "Kernel entry and exit"],
  ["redTape", "Red tape"],
  ["contextSwitch", "Context or stack switch"],
];

/** What the paper says of whole categories, beside the sums of the stages above (§4.3). */
export function categories({ message, trap }: StageResult, width: number): HTMLElement {
  const sums = ({ rows }: TableResult, of: typeof messageParts, key: "value" | "paper") =>
    of((...stages) =>
      stages.reduce(
        (sum, stage) => sum + (rows.find(({ row }) => row === String(stage))![key] ?? 0),
        0,
      ),
    );
  const series = [
    { title: "by message", color: "--unoptimized", of: messageParts, result: message },
    { title: "by trap", color: "--inks-trap", of: trapParts, result: trap },
  ];
  const groups = PARTS.map(([part, title]) => ({
    title,
    bars: series.map(({ title: how, color, of, result }): Bar => {
      const value = sums(result, of, "value")[part];
      const paper = sums(result, of, "paper")[part];
      return {
        value,
        paper,
        color,
        lines: [`${title}, ${how}`, `${figure(value)} cycles, measured here`, `${figure(paper)} from the paper's stages: ${difference(value, paper)}`], // prettier-ignore
      };
    }),
  }));
  const content = barChart(groups, {
    width: Math.min(width, 960),
    unit: "cycles",
    label: `Cycles by category: ${groups.map(({ title, bars }) => `${title} ${bars.map(({ value }) => figure(value)).join(" by message, ")} by trap`).join("; ")}.`,
    keys: [...series.map(({ title, color }) => ({ title, color })), PAPER_KEY],
  });
  return derivedFigure({
    name: "categories",
    label: "Cycles by category",
    content,
    command: commandOf({ message, trap }),
    data: {
      columns: ["category", "way", "cycles", "paper"],
      rows: groups.flatMap(({ title, bars }) =>
        bars.map(({ value, paper }, i) => [title, series[i]!.title, value, paper]),
      ),
    },
  });
}
