/**
 * The paper's micro RPC test (§4.4): boots a machine in one configuration, runs the client against
 * the server of rpc.defs, and reads each call's cycles off CR16 in user mode.
 *
 * Each row is run twice, once for the warm-up calls alone and once with the measured calls behind
 * them; the machine is deterministic, so the difference of the counters is what the measured calls
 * executed, cycle for cycle, and how many of those cycles were declared.
 */
import { nextTurn } from "#platform";
import type { Configuration } from "../configurations.ts";
import { Cancelled, type MeasureOptions } from "../experiment.ts";
import { GuestStopped } from "../../mach/fault.ts";
import { readWords, type RpcBed, rpcBed, type RpcBedOptions } from "./bed.ts";
import { kindOfCall, RPC_ROUTINES } from "./programs.ts";

export const RPC_ROWS = RPC_ROUTINES;

/** What one call costs. */
export interface CallMeasurement {
  /** Cycles of one call in the steady state: the median of the measured calls. */
  readonly cycles: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly iterations: number;
  /** Of `cycles`: executed by the core, and from the ledger of declared costs. */
  readonly earned: number;
  readonly declared: number;
  /** Instructions and cache misses of one call, the client's loop around it included. */
  readonly instructions: number;
  readonly instructionMisses: number;
  readonly dataMisses: number;
}

export interface RpcMeasurement extends CallMeasurement {
  readonly row: (typeof RPC_ROWS)[number];
}

/** How to measure a call: the run, and what differs from the micro test as the paper ran it. */
export type CallOptions = Omit<MeasureOptions, "progress"> &
  RpcBedOptions & {
    /** Called before the client starts: to look at the machine. */
    readonly observe?: (bed: RpcBed) => void;
  };

/** Calls before the first one that counts: caches, TLBs, the reply port and kernel memory settle. */
export const WARM_UP = 16;
const DEFAULT_ITERATIONS = 100;
/** A call takes thousands of cycles; a run that needs this many for each has gone wrong. */
const CYCLES_PER_CALL = 200_000;
/** What client.s leaves in client_status when every call succeeded. */
const CLIENT_FINISHED = 4096;
/** Cycles between two looks at the event loop. */
const SLICE = 500_000;

interface Totals {
  /** The machine when all is done. */
  readonly bed: RpcBed;
  /** Cycles of each call. */
  readonly results: Uint32Array;
  readonly counts: Counts;
}

const COUNTED = {
  declared: "declared",
  instructions: "instructions",
  instructionMisses: "i_misses",
  dataMisses: "d_misses",
} as const;
type Counts = Record<keyof typeof COUNTED, number>;
const NAMES = Object.keys(COUNTED) as (keyof Counts)[];

const eachCount = (count: (name: keyof Counts) => number) =>
  Object.fromEntries(NAMES.map((name) => [name, count(name)])) as Counts;

/**
 * Measures the rows in one configuration: all five, or those in `options.rows`.
 * @throws Cancelled when `options.signal` was set; GuestStopped when a guest program failed.
 */
export async function measureRpc(
  configuration: Configuration,
  options: MeasureOptions,
): Promise<RpcMeasurement[]> {
  const measured: RpcMeasurement[] = [];
  const wanted = RPC_ROWS.filter((row) => options.rows?.includes(row) ?? true);
  for (const row of wanted) {
    measured.push({ row, ...(await measureCall(configuration, row, options)) });
    options.progress?.(measured.length, wanted.length);
  }
  return measured;
}

/**
 * Measures one call of one routine.
 * @throws Cancelled when `options.signal` was set; GuestStopped when a guest program failed.
 */
export async function measureCall(
  configuration: Configuration,
  routine: string,
  options: CallOptions,
): Promise<CallMeasurement> {
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const warm = await runCalls(configuration, routine, WARM_UP, options);
  const all = await runCalls(configuration, routine, WARM_UP + iterations, options);
  const calls = all.results.slice(WARM_UP).sort();
  const cycles = calls[calls.length >> 1]!;
  const each = eachCount((name) => (all.counts[name] - warm.counts[name]) / iterations);
  const { declared } = each;
  const [minimum, maximum] = [calls[0]!, calls.at(-1)!];
  return { cycles, minimum, maximum, iterations, earned: cycles - declared, ...each };
}

/** Boots, makes so many calls of one routine, and reads what each took and what the machine counted. */
export async function runCalls(
  configuration: Configuration,
  routine: string,
  calls: number,
  { signal, observe, ...bedOptions }: CallOptions,
): Promise<Totals> {
  const bed = await rpcBed(configuration, bedOptions);
  observe?.(bed);
  const { kernel } = bed;
  const kind = kindOfCall(routine, configuration.calls === "trap", bedOptions.variant?.added);
  kernel.start(bed.client, [bed.names.send, kind, calls]);
  let left = calls * CYCLES_PER_CALL;
  let state: ReturnType<typeof kernel.run>;
  do {
    if (left <= 0) throw new GuestStopped(kernel.guestState());
    // Before a run that is over within a slice, too: a hundred of those are a long time.
    await nextTurn();
    if (signal?.aborted) throw new Cancelled();
    state = kernel.run({ cycles: SLICE });
    left -= SLICE;
  } while (state !== "idle");
  const [status] = readWords(bed, "client_status", 1);
  if (status !== CLIENT_FINISHED)
    throw new Error(`rpc client: ${routine} returned 0x${status!.toString(16)}`);
  const counters = kernel.machine.counters();
  return {
    bed,
    results: readWords(bed, "results", calls),
    counts: eachCount((name) => counters[COUNTED[name]]),
  };
}
