/**
 * Calls of other shapes than Table 3's (paper §4.3): three to ten integers, as in "the most common
 * RPCs", and InOut arrays from nothing to 512 bytes. A straight line through each series gives the
 * cycles of a word and the fixed part; of the arrays it leaves out the null call, which has no
 * argument to copy, and those too large for the kernel's cached kmsg, which pay once more. Then what the server's stub does around the work function,
 * stages 10 and 12 of Table 1 (7 and 9 of Table 2), for 128 bytes that are In, Out and InOut: stage
 * 12 is large in Table 1 because its argument is InOut.
 */
import { IKM } from "../../abi/kernel.ts";
import { migReplyHeader } from "../../abi/mach.ts";
import type { Configuration } from "../configurations.ts";
import type { Experiment, Measurement, MeasureOptions } from "../experiment.ts";
import { measureCall } from "../rpc/measure.ts";
import { type AddedRoutine, kindOfCall } from "../rpc/programs.ts";
import { type Boundary, profileCall, type StageCounts } from "../rpc/stages.ts";
import { callCell, COLUMNS, measureEach } from "./cells.ts";

const INTEGERS = [3, 4, 5, 6, 7, 8, 9, 10];
/** Bytes; the series begins with the null call. */
const ARRAYS = [4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512];
const AROUND = 128;
/** A reply's header, return code and type descriptor in front of the array. */
const REPLY_BYTES = migReplyHeader.size + 4;

const integers = (count: number): AddedRoutine => ({
  name: `int${count}`,
  arguments: Array.from({ length: count }, (_, i) => `in a${i} : int`).join("; "),
});

const array = (direction: "in" | "out" | "inout", bytes: number): AddedRoutine => ({
  name: `${direction}_${bytes}`,
  types: `type rpc_${direction}_${bytes}_t = array[${bytes / 4}] of int;`,
  arguments: `${direction} data : rpc_${direction}_${bytes}_t`,
});

const AROUND_WORK = (["in", "out", "inout"] as const).map((direction) => array(direction, AROUND));

/** A series of calls and the words of argument in each. */
interface Series {
  readonly id: string;
  readonly title: string;
  readonly calls: readonly {
    readonly id: string;
    readonly title: string;
    readonly routine: string;
    readonly words: number;
    /** Whether the straight line goes through it. */
    readonly fitted: boolean;
  }[];
}

const SERIES: readonly Series[] = [
  {
    id: "int",
    title: "In integers",
    calls: INTEGERS.map((count) => ({
      id: `int${count}`,
      title: `${count} integers`,
      routine: integers(count).name,
      words: count,
      fitted: true,
    })),
  },
  {
    id: "inout",
    title: "InOut bytes",
    calls: [0, ...ARRAYS].map((bytes) => ({
      id: `inout${bytes}`,
      title: `${bytes} InOut`,
      routine: bytes === 0 ? "null" : array("inout", bytes).name,
      words: bytes / 4,
      fitted: bytes > 0 && REPLY_BYTES + bytes <= IKM.IKM_SAVED_MSG_SIZE,
    })),
  },
];

const ADDED: readonly AddedRoutine[] = [
  ...INTEGERS.map(integers),
  ...ARRAYS.map((bytes) => array("inout", bytes)),
  ...AROUND_WORK.filter(({ name }) => !name.startsWith("inout")),
];

const CALLS = SERIES.flatMap(({ calls }) => calls);

export const sizes: Experiment = {
  id: "sizes",
  title: "RPC by number and size of arguments",
  unit: "cycles",
  rows: [
    ...SERIES.flatMap(({ id, title, calls }) => [
      ...calls.map((call) => ({ id: call.id, title: call.title })),
      { id: `${id}-fixed`, title: `${title}: fixed part` },
      { id: `${id}-word`, title: `${title}: each word` },
    ]),
    ...AROUND_WORK.flatMap(({ name }) => [
      { id: `before-${name}`, title: `Server stub before work, ${title(name)}` },
      { id: `after-${name}`, title: `Server stub after work, ${title(name)}` },
    ]),
  ],
  columns: COLUMNS,
  baseline: null,
  details: ["instructions"],
  mostIterations: 4000,
  role: () => "predicted",
  async run({ configuration }, options) {
    const variant = { added: ADDED };
    const steps = CALLS.length + AROUND_WORK.length;
    const from = (base: number): MeasureOptions => ({
      ...options,
      progress: (done) => options.progress?.(base + done, steps),
    });
    const calls = await measureEach(CALLS, from(0), async ({ id, routine }) =>
      callCell(id, await measureCall(configuration, routine, { ...options, variant })),
    );
    const around = await measureEach(AROUND_WORK, from(CALLS.length), ({ name }) =>
      aroundWork(configuration, name, options),
    );
    return [...calls, ...SERIES.flatMap((series) => fit(series, calls)), ...around.flat()];
  },
};

function title(name: string): string {
  const [direction, bytes] = name.split("_");
  return `${bytes} ${{ in: "In", out: "Out", inout: "InOut" }[direction!]}`;
}

/** The straight line with the least squares of error through a series. */
function fit({ id, calls }: Series, measured: readonly Measurement[]): Measurement[] {
  const fitted = calls.filter((call) => call.fitted);
  const points = fitted.map((call) => {
    const { value } = measured.find(({ row }) => row === call.id)!;
    return { x: call.words, y: value };
  });
  const n = points.length;
  const sum = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((total, point) => total + of(point), 0);
  const [x, y] = [sum((p) => p.x) / n, sum((p) => p.y) / n];
  const slope = sum((p) => (p.x - x) * (p.y - y)) / sum((p) => (p.x - x) ** 2);
  const fixed = y - slope * x;
  const error = Math.max(...points.map((p) => Math.abs(fixed + slope * p.x - p.y)));
  const row = (part: string, value: number) => ({
    row: `${id}-${part}`,
    value,
    earned: value,
    declared: 0,
    detail: { points: n, largestError: error },
  });
  return [row("fixed", fixed), row("word", slope)];
}

/** Cycles of the server's stub before and after the work function. */
async function aroundWork(
  configuration: Configuration,
  routine: string,
  options: MeasureOptions,
): Promise<Measurement[]> {
  const trap = configuration.calls === "trap";
  const boundaries: Boundary[] = [
    { probe: trap ? "kmig.trap.copy" : "kmig.server.check" },
    { probe: trap ? "kmig.trap.work" : "kmig.server.work" },
    { enter: `${trap ? "_T" : "_X"}rpc_${routine}`, of: "server" },
    { probe: trap ? "kmig.trap.leave" : "kmig.server.leave" },
  ];
  const call = `calls_rpc_${routine}${trap ? "" : "_message"}`;
  const kind = kindOfCall(routine, trap, ADDED);
  const stages = await profileCall(configuration, kind, call, boundaries, {
    ...options,
    variant: { added: ADDED },
  });
  const row = (id: string, { cycles, ...detail }: StageCounts): Measurement => ({
    row: `${id}-${routine}`,
    value: cycles,
    earned: cycles,
    declared: 0,
    detail,
  });
  return [row("before", stages[1]!), row("after", stages[3]!)];
}
