/**
 * What may have slowed the paper's 1K Out, the row of Table 3 that copying alone does not explain. One
 * hypothesis: buffers of the call fell on the same lines of the direct-mapped data cache. So they are
 * placed so that they do, in each combination, with a 1K In call measured in the same place beside;
 * then at random places, for how likely that is. The other: the test's work function wrote its
 * result, as that of an In test has no reason to.
 *
 * Out data go from the server's reply message to the kernel's kmsg, the client's message and the
 * client's array; by trap, from a variable of the server's stub to the client's array at once.
 * Overlapping buffers share a page of the cache; within it each lies where it always does, which is
 * a few lines apart.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { toMachineConfig } from "../../machine/config.ts";
import { usualStack } from "../../mach/load.ts";
import { KERNEL_LAYOUT } from "../../mach/text.ts";
import {
  type Configuration,
  CONFIGURATIONS,
  INKS_MESSAGE,
  INKS_TRAP,
  UNOPTIMIZED,
} from "../configurations.ts";
import type { Experiment, Line, Measurement, MeasureOptions } from "../experiment.ts";
import { type Buffer, callBuffers, type CallBuffers, dataCachePages } from "../rpc/buffers.ts";
import { RPC_LAYOUT, type RpcLayout } from "../rpc/layout.ts";
import { type CallMeasurement, measureCall } from "../rpc/measure.ts";
import { type AddedRoutine, rpcPrograms } from "../rpc/programs.ts";
import { callCell, COLUMNS, measureEach } from "./cells.ts";
import { CALLS, placements, SEED, summary } from "./placement.ts";

const BYTES = 1024;
const LINES = BYTES / 32;
const PLACEMENTS = 100;

/** 1K Out with a work function that writes the array, in the shortest loop: 3 cycles a word. */
const WRITTEN: AddedRoutine = {
  name: "out1024_written",
  arguments: "out data : rpc_data1024_t",
  work: `\tldi\t${BYTES / 4},%r19\n1:\taddib,>\t-1,%r19,1b\n\tstws,ma\t%r19,4(%arg1)`,
};

type Buffers = keyof CallBuffers;

/** Which buffer is placed onto which other. By trap only an array moves, onto the stub's variable. */
interface Overlap extends Line {
  readonly moves: Readonly<Partial<Record<Buffers, Buffers>>>;
}

const APART: Overlap = { id: "apart", title: "all apart", moves: {} };
const KMSG: Overlap = { id: "kmsg", title: "kmsg on message", moves: { kmsg: "message" } };
const OVERLAPS: readonly Overlap[] = [
  APART,
  { id: "array", title: "array on message", moves: { argument: "message" } },
  KMSG,
  { id: "reply", title: "reply on kmsg", moves: { reply: "kmsg" } },
  {
    id: "array-kmsg",
    title: "array and kmsg on message",
    moves: { argument: "message", kmsg: "message" },
  },
  {
    id: "kmsg-reply",
    title: "kmsg and reply on message",
    moves: { kmsg: "message", reply: "message" },
  },
  {
    id: "pairs",
    title: "array on reply, kmsg on message",
    moves: { argument: "reply", kmsg: "message" },
  },
  {
    id: "all",
    title: "all on one another",
    moves: { argument: "message", kmsg: "message", reply: "message" },
  },
];
/** The same addresses in every configuration. */
const ONE_PLACE: Overlap = { id: "one-place", title: "one place for all columns", moves: {} };

interface Case extends Line {
  readonly routine: string;
  readonly overlap: Overlap;
}

const DIRECTIONS = [
  { routine: "out1024", title: "1K Out" },
  { routine: "in1024", title: "1K In" },
] as const;

const cases = (routine: string, title: string, overlaps: readonly Overlap[]): Case[] =>
  overlaps.map((overlap) => ({
    id: `${routine}-${overlap.id}`,
    title: `${title}, ${overlap.title}`,
    routine,
    overlap,
  }));

const CASES: readonly Case[] = [
  ...DIRECTIONS.flatMap(({ routine, title }) => cases(routine, title, [...OVERLAPS, ONE_PLACE])),
  ...cases(WRITTEN.name, "1K Out written", [APART, KMSG]),
];

/** Bytes to move each part up by; less than the size of the cache. */
type Shifts = Readonly<Record<Buffers, number>>;
type Pages = ReturnType<typeof dataCachePages>;

const NOTHING: Shifts = { argument: 0, message: 0, kmsg: 0, reply: 0 };

/** What makes buffers overlap in one configuration. */
function overlapping(
  { moves }: Overlap,
  buffers: CallBuffers,
  pages: Pages,
  { calls }: Configuration,
): Shifts {
  const onto = (part: Buffers, target: Buffers | undefined) =>
    target ? pages.moveTo(pages.of(buffers[target]), buffers[part]) : 0;
  if (calls === "trap")
    return { ...NOTHING, argument: onto("argument", moves.argument && "reply") };
  return {
    ...NOTHING,
    argument: onto("argument", moves.argument),
    kmsg: onto("kmsg", moves.kmsg),
    reply: onto("reply", moves.reply),
  };
}

/**
 * One place for all configurations, in which the array is on what it is copied from by trap and, out
 * of the kernel, on the reply, and the kmsg is on the client's message wherever there is one.
 */
function onePlace(of: (configuration: Configuration) => CallBuffers, pages: Pages): Shifts {
  const [out, within, trap] = [of(UNOPTIMIZED), of(INKS_MESSAGE), of(INKS_TRAP)];
  const moved = (buffer: Buffer, by: number) => ({ ...buffer, address: buffer.address + by });
  const argument = pages.moveTo(pages.of(trap.reply), trap.argument);
  const taken = pages.of(moved(out.argument, argument));
  const reply = pages.moveTo(taken, out.reply);
  const both = pages.all.map((page) => {
    const [message, kmsg] = [pages.moveTo(page, out.message), pages.moveTo(page, out.kmsg)];
    return { argument, message, kmsg, reply };
  });
  const fits = ({ message, kmsg }: Shifts) => {
    if (!isKept(out.kmsg, kmsg, pages)) return false;
    const [at, other] = [
      pages.of(moved(within.message, message)),
      pages.of(moved(within.kmsg, kmsg)),
    ];
    return at === other && pages.of(moved(out.message, message)) !== taken;
  };
  return both.find(fits) ?? both[0]!;
}

/** Whether a kmsg moves with the heap: zones leave out pages that share their places with the kernel's variables. */
function isKept({ space, address }: Buffer, shift: number, pages: Pages): boolean {
  const variables = pages.of({ space, address: KERNEL_LAYOUT.data });
  const { PAGE_SIZE } = MEMORY_MAP;
  for (let at = KERNEL_LAYOUT.heap + shift; at < address + shift + PAGE_SIZE; at += PAGE_SIZE)
    if (pages.of({ space, address: at }) === variables) return false;
  return true;
}

const moveParts = ({ client, server, kernel }: RpcLayout, shifts: Shifts): RpcLayout => ({
  client: {
    ...client,
    data: client.data + shifts.argument,
    stack: client.stack + shifts.message,
  },
  server: { ...server, stack: server.stack! + shifts.reply },
  kernel: { ...kernel, heap: kernel.heap + shifts.kmsg },
});

const cell = (id: string, call: CallMeasurement): Measurement => {
  const measured = callCell(id, call);
  return {
    ...measured,
    detail: { ...measured.detail, missesALine: call.dataMisses / LINES },
  };
};

export const out1024: Experiment = {
  id: "out1024",
  title: "1K Out and 1K In by where their buffers lie",
  unit: "cycles",
  rows: [
    ...CASES.map(({ id, title }) => ({ id, title })),
    ...DIRECTIONS.map(({ routine, title }) => ({
      id: `${routine}-random`,
      title: `${title}, at random places`,
    })),
  ],
  columns: COLUMNS,
  baseline: null,
  details: ["missesALine", "minimum", "maximum", "twoALine", "threeALine"],
  seed: SEED,
  mostIterations: 10_000,
  role: () => "predicted",
  async run({ configuration }, options) {
    const { iterations: count = PLACEMENTS, progress, ...rest } = options;
    const steps = CASES.length + count;
    const from = (base: number): MeasureOptions => ({
      ...rest,
      progress: (done) => progress?.(base + done, steps),
    });
    const variant = { added: [WRITTEN], layout: await usualLayout() };
    const pages = dataCachePages(toMachineConfig(rest.machine));
    const buffers = new Map<Configuration, CallBuffers>();
    for (const each of CONFIGURATIONS)
      buffers.set(each, await callBuffers(each, "out1024", BYTES, { ...rest, variant }));
    const shiftsOf = (overlap: Overlap) =>
      overlap === ONE_PLACE
        ? onePlace((each) => buffers.get(each)!, pages)
        : overlapping(overlap, buffers.get(configuration)!, pages, configuration);
    const placed = await measureEach(CASES, from(0), async ({ id, routine, overlap }) => {
      const layout = moveParts(variant.layout, shiftsOf(overlap));
      const call = { ...rest, iterations: CALLS, variant: { ...variant, layout } };
      return cell(id, await measureCall(configuration, routine, call));
    });
    return [...placed, ...(await atRandom(configuration, count, from(CASES.length)))];
  },
};

/** The usual place, with the server's stack spelled out. */
async function usualLayout(): Promise<RpcLayout> {
  const { server } = await rpcPrograms({ added: [WRITTEN] });
  return { ...RPC_LAYOUT, server: { ...RPC_LAYOUT.server, stack: usualStack(server) } };
}

/** Both directions at random places, and the share of places with so many misses a line. */
async function atRandom(configuration: Configuration, count: number, options: MeasureOptions) {
  const { progress: _, ...rest } = options;
  const measured = await measureEach(placements(count), options, async (layout) => {
    const call = { ...rest, iterations: CALLS, variant: { layout } };
    const programs = await rpcPrograms(call.variant);
    const calls: CallMeasurement[] = [];
    for (const { routine } of DIRECTIONS)
      calls.push(await measureCall(configuration, routine, { ...call, programs }));
    return calls;
  });
  return DIRECTIONS.map(({ routine }, i) => {
    const calls = measured.map((pair) => pair[i]!);
    const mean = summary(`${routine}-random`, calls);
    const share = (misses: number) =>
      calls.filter(({ dataMisses }) => dataMisses >= misses * LINES).length / count;
    const missesALine = mean.detail["dataMisses"]! / LINES;
    const shares = { twoALine: share(2), threeALine: share(3) };
    return { ...mean, detail: { ...mean.detail, missesALine, ...shares } };
  });
}
