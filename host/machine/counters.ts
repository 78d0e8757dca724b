/**
 * Where cycles went, and how often what happened: the core's counters, for the whole machine and for
 * each space at each privilege level.
 *
 * Every cycle is in exactly one count. Stalls that all cost the same are counted as events in the core
 * and multiplied here; instructions are the cycles that are left.
 */
import { account, counters, REGION } from "../abi/machine.ts";
import type { MachineConfig } from "./config.ts";
import type { Core } from "./core.ts";

/** Names as the core's counters have them; all but the events are cycles. */
export interface Tally {
  readonly cycles: number;
  /** Base cycles: instructions executed, nullified ones included. */
  readonly instructions: number;
  /** Stall cycles by cause. */
  readonly load_use: number;
  readonly store_busy: number;
  readonly d_stall: number;
  readonly i_stall: number;
  readonly write_back: number;
  /** Moves of control registers, and the other operations that drain the pipeline. */
  readonly control: number;
  readonly branch: number;
  readonly interruption: number;
  readonly flush: number;
  /** Waiting for floating-point operands and units. */
  readonly fpu: number;
  /** Cycles of rows of costs.ts, and cycles in which nothing ran. */
  readonly declared: number;
  readonly idle: number;
  /** Events. */
  readonly d_misses: number;
  readonly i_misses: number;
  readonly write_backs: number;
  readonly mispredicts: number;
  /** Interruptions for a TLB miss, those of probes, flushes and purges included. */
  readonly itlb_misses: number;
  readonly dtlb_misses: number;
}

export interface Counters extends Tally {
  /** By interruption number. */
  readonly interruptions: readonly number[];
}

/** What one space at one privilege level took; `space` null is all that found no account of its own. */
export interface Account extends Tally {
  readonly space: number | null;
  readonly level: number;
}

/** Causes by which cycles are counted; together they are `cycles`. */
export const CYCLE_CAUSES = [
  "instructions",
  "load_use",
  "store_busy",
  "d_stall",
  "i_stall",
  "write_back",
  "control",
  "branch",
  "interruption",
  "flush",
  "fpu",
  "declared",
  "idle",
] as const satisfies readonly (keyof Tally)[];

/** Counters in the order in which accounts keep them. */
const COUNTED = Object.keys(counters.offset).filter((field) => field !== "interruptions");
const [CYCLES, INTERRUPTIONS, ITLB_MISSES, DTLB_MISSES] = [0, 1, 2, 3].map(
  (index) => COUNTED.length + index,
) as [number, number, number, number];

type Count = (field: keyof typeof counters.offset) => number;

/** A tally from raw counts. */
function tally(
  config: MachineConfig,
  count: Count,
  totals: Pick<Tally, "cycles" | "itlb_misses" | "dtlb_misses"> & {
    readonly interruptions: number;
  },
): Tally {
  const events = {
    d_misses: count("d_misses"),
    i_misses: count("i_misses"),
    write_backs: count("write_backs"),
    mispredicts: count("mispredicts"),
    itlb_misses: totals.itlb_misses,
    dtlb_misses: totals.dtlb_misses,
  };
  const stalls = {
    load_use: count("load_uses") * config.loadUse,
    store_busy: count("store_busy"),
    d_stall: events.d_misses * config.dataMiss,
    i_stall: events.i_misses * config.instructionMiss,
    write_back: events.write_backs * config.writeBack,
    control: count("control"),
    branch:
      events.mispredicts * config.mispredict + count("register_branches") * config.branchRegister,
    interruption: totals.interruptions * config.interruption,
    flush: count("flush"),
    fpu: count("fpu"),
    declared: count("declared"),
    idle: count("idle"),
  };
  const { cycles } = totals;
  const instructions = Object.values(stalls).reduce((left, stall) => left - stall, cycles);
  return { cycles, instructions, ...stalls, ...events };
}

/** Counters of the whole machine since it was made. */
export function readCounters(core: Core, config: MachineConfig): Counters {
  const interruptions = Array.from({ length: 32 }, (_, number) =>
    core.get(counters, "interruptions", number),
  );
  const totals = {
    cycles: core.state64("cycles"),
    interruptions: interruptions.reduce((sum, times) => sum + times),
    itlb_misses: interruptions[6]! + interruptions[16]!,
    dtlb_misses: interruptions[15]! + interruptions[17]!,
  };
  return { ...tally(config, (field) => core.counter(field), totals), interruptions };
}

/** Cycles that were spent at levels 1 to 3 since the machine was made. */
export function userCycles(core: Core): number {
  const present = core.state("user_level") * (core.state64("cycles") - core.state64("level_since"));
  return core.state64("user_cycles") + present;
}

/** The accounts since they are kept, by space and level. */
export function readAccounts(core: Core, config: MachineConfig): Account[] {
  core.exports.settleAccounts();
  const accounts: Account[] = [];
  for (let slot = 0; slot < REGION.ACCOUNT_SLOTS; slot++) {
    const at = (REGION.ACCOUNTS + slot * account.size) >>> 2;
    const pair = (index: number): number => {
      const low = at + (account.offset.counted >>> 2) + 2 * index;
      return core.words[low]! + core.words[low + 1]! * 2 ** 32;
    };
    const totals = {
      cycles: pair(CYCLES),
      interruptions: pair(INTERRUPTIONS),
      itlb_misses: pair(ITLB_MISSES),
      dtlb_misses: pair(DTLB_MISSES),
    };
    if (totals.cycles === 0) continue;
    const level = core.words[at + (account.offset.level >>> 2)]! - 1;
    accounts.push({
      space: level < 0 ? null : core.words[at + (account.offset.space >>> 2)]!,
      level: Math.max(level, 0),
      ...tally(config, (field) => pair(COUNTED.indexOf(field)), totals),
    });
  }
  return accounts.toSorted((a, b) => (a.space ?? -1) - (b.space ?? -1) || a.level - b.level);
}
