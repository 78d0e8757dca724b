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
import { readWords, rpcBed } from "./bed.ts";

export const RPC_ROWS = ["null", "in64", "in1024", "out1024", "inout128"] as const;

export interface RpcMeasurement {
  readonly row: (typeof RPC_ROWS)[number];
  /** Cycles of one call in the steady state: the median of the measured calls. */
  readonly cycles: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly iterations: number;
  /** Of `cycles`: executed by the core, and from the ledger of declared costs. */
  readonly earned: number;
  readonly declared: number;
  /** Instructions of one call, the client's loop around it included. */
  readonly instructions: number;
}

/** Calls before the first one that counts: caches, TLBs, the reply port and kernel memory settle. */
const WARM_UP = 16;
const DEFAULT_ITERATIONS = 100;
/** A call takes thousands of cycles; a run that needs this many for each has gone wrong. */
const CYCLES_PER_CALL = 200_000;
/** What client.s leaves in client_status when every call succeeded. */
const CLIENT_FINISHED = 4096;
/** Cycles between two looks at the event loop. */
const SLICE = 500_000;

interface Totals {
  readonly results: Uint32Array;
  readonly instructions: number;
  readonly declared: number;
}

/**
 * Measures all five rows in one configuration.
 * @throws Cancelled when `options.signal` was set; GuestStopped when a guest program failed.
 */
export async function measureRpc(
  configuration: Configuration,
  options: MeasureOptions,
): Promise<RpcMeasurement[]> {
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const measured: RpcMeasurement[] = [];
  for (const row of RPC_ROWS) {
    const warm = await runCalls(configuration, row, WARM_UP, options);
    const all = await runCalls(configuration, row, WARM_UP + iterations, options);
    const calls = all.results.slice(WARM_UP).sort();
    const cycles = calls[calls.length >> 1]!;
    const declared = (all.declared - warm.declared) / iterations;
    measured.push({
      row,
      cycles,
      minimum: calls[0]!,
      maximum: calls.at(-1)!,
      iterations,
      earned: cycles - declared,
      declared,
      instructions: (all.instructions - warm.instructions) / iterations,
    });
    options.progress?.(measured.length, RPC_ROWS.length);
  }
  return measured;
}

/** Boots, makes so many calls of one kind, and reads what each took and what the machine counted. */
async function runCalls(
  configuration: Configuration,
  row: (typeof RPC_ROWS)[number],
  calls: number,
  { machine, signal }: MeasureOptions,
): Promise<Totals> {
  const bed = await rpcBed(configuration, machine ? { machine } : {});
  const { kernel } = bed;
  const kind = 2 * RPC_ROWS.indexOf(row) + Number(configuration.calls === "trap");
  kernel.start(bed.client, [bed.names.send, kind, calls]);
  for (let left = calls * CYCLES_PER_CALL; kernel.run({ cycles: SLICE }) !== "idle"; left -= SLICE) {
    if (left <= 0) throw new GuestStopped(kernel.guestState());
    await nextTurn();
    if (signal?.aborted) throw new Cancelled();
  }
  const [status] = readWords(bed, "client_status", 1);
  if (status !== CLIENT_FINISHED) throw new Error(`rpc client: ${row} returned 0x${status!.toString(16)}`);
  const { declared } = kernel.machine.counters();
  return {
    results: readWords(bed, "results", calls),
    instructions: kernel.machine.instructions,
    declared,
  };
}
