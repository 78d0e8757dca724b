/**
 * Cache effects of placement (paper §4.6): the null and the 128 InOut call with client, server and
 * kernel at random places, with and without the space identifier in cache indexes. A figure is the
 * mean over the placements; what varies is the cache misses, since nothing else depends on addresses.
 *
 * Each text, data area and stack, and the kernel's objects, gets one of 64 pages, which are the pages
 * of the data cache and twice those of the instruction cache; so every two parts are equally likely
 * to collide anywhere. All three configurations meet the same placements.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Experiment, Measurement } from "../experiment.ts";
import type { RpcLayout } from "../rpc/layout.ts";
import { type CallMeasurement, measureCall } from "../rpc/measure.ts";
import { rpcPrograms } from "../rpc/programs.ts";
import { table3 } from "../table3.ts";
import { COLUMNS, measureEach } from "./cells.ts";
import { seeded } from "./seeded.ts";

const { PAGE_SIZE, SERVER_BASE, USER_TEXT, USER_DATA, USER_STACK } = MEMORY_MAP;
const { KERNEL_TEXT, KERNEL_HEAP } = MEMORY_MAP;

export const SEED = 1993;
const PLACEMENTS = 200;
const MOST = 10_000;
/** Measured calls in each placement: enough for the client's own results to fill a cache line. */
export const CALLS = 8;

/** Pages among which each part is placed. */
const PAGES = 64;
/** Half of the kernel's pages below its page tables. */
const KERNEL_HALF = 0x80000;

/** Random places for everything, clear of each other. */
function randomLayout(random: (below: number) => number): RpcLayout {
  const near = (base: number) => base + PAGE_SIZE * random(PAGES);
  const window = (number: number) => SERVER_BASE + 2 * number * PAGES * PAGE_SIZE;
  return {
    client: { text: near(USER_TEXT), data: near(USER_DATA), stack: near(USER_STACK) },
    server: { text: near(window(0)), data: near(window(1)), stack: near(window(2)) },
    kernel: { text: near(KERNEL_TEXT), data: near(KERNEL_HALF), heap: near(KERNEL_HEAP) },
  };
}

/** The first `count` placements of a seed. */
export function placements(count: number, seed = SEED): RpcLayout[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => randomLayout(random));
}

const HASHES = [
  { id: "hashed", title: "space hashed", on: true },
  { id: "unhashed", title: "not hashed", on: false },
] as const;

const cases = ["null", "inout128"].flatMap((routine) =>
  HASHES.map((hash) => ({ id: `${routine}-${hash.id}`, routine, hash })),
);

export const placement: Experiment = {
  id: "placement",
  title: "RPC at random places in memory",
  unit: "cycles",
  rows: cases.map(({ id, routine, hash }) => ({
    id,
    title: `${table3.rows.find((row) => row.id === routine)!.title}, ${hash.title}`,
  })),
  columns: COLUMNS,
  baseline: "INKS_TRAP",
  details: ["minimum", "maximum", "deviation", "instructionMisses", "dataMisses", "missDeviation"],
  seed: SEED,
  mostIterations: MOST,
  role: () => "predicted",
  async run({ configuration }, options) {
    const { iterations = PLACEMENTS, signal, machine } = options;
    const measured = await measureEach(placements(iterations), options, async (layout) => {
      const programs = await rpcPrograms({ layout });
      const calls: CallMeasurement[] = [];
      for (const { routine, hash } of cases)
        calls.push(
          await measureCall(configuration, routine, {
            machine: { ...machine, instructionSpaceHash: hash.on, dataSpaceHash: hash.on },
            variant: { layout },
            programs,
            iterations: CALLS,
            ...(signal && { signal }),
          }),
        );
      return calls;
    });
    return cases.map(({ id }, i) =>
      summary(
        id,
        measured.map((calls) => calls[i]!),
      ),
    );
  },
};

/** The mean, and how the placements differ. */
export function summary(row: string, calls: readonly CallMeasurement[]): Measurement {
  const cycles = calls.map((call) => call.cycles);
  const mean = (of: (call: CallMeasurement) => number) => average(calls.map(of));
  return {
    row,
    value: average(cycles),
    earned: mean((call) => call.earned),
    declared: mean((call) => call.declared),
    detail: {
      placements: calls.length,
      minimum: Math.min(...cycles),
      maximum: Math.max(...cycles),
      deviation: deviation(cycles),
      instructionMisses: mean((call) => call.instructionMisses),
      dataMisses: mean((call) => call.dataMisses),
      missDeviation: deviation(calls.map((call) => call.instructionMisses + call.dataMisses)),
    },
  };
}

const average = (values: readonly number[]) =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** Standard deviation of the placements' population, estimated from this sample of it. */
function deviation(values: readonly number[]): number {
  const mean = average(values);
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
