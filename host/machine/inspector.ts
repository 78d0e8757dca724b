/**
 * What a debugger does with a machine: steps, steps back, runs until something is the case.
 *
 * Going back is going forward from a checkpoint: the machine is deterministic, so what ran once runs
 * again. Checkpoints are taken as the machine runs under the inspector, and thinned out when there are
 * many. What the host does to a machine (at escapes, or by hand) does not run again: it is covered by a
 * checkpoint at the next run after an escape, and, when registers or memory were changed otherwise, after
 * `changed()`.
 *
 * Nothing here takes simulated time: cycles and counters are those of a plain run.
 */
import { panic } from "../diagnostic.ts";
import type { Checkpoint, Machine, Stop, Tracer } from "./machine.ts";
import type { Symbols } from "./symbols.ts";

/** What `runUntil` waits for. */
export type Until =
  | { readonly address: number; readonly space?: number }
  /** The first address of that name, in any of the programs. */
  | { readonly symbol: string }
  /** Of the machine's count: the first boundary at or after it. */
  | { readonly cycle: number }
  /** Asked before every instruction, which is slow. */
  | { readonly condition: (machine: Machine) => boolean };

/** Why an inspected run ended: `reached` is what it was told to wait for. */
export type InspectedStop = Stop | { readonly reason: "reached" };

/** An instruction that ran. */
export interface RecentInstruction {
  readonly space: number;
  /** Its privilege level in the low two bits. */
  readonly address: number;
  readonly word: number;
  /** When the instruction before it had ended. */
  readonly cycle: number;
}

export interface InspectorOptions {
  /** Names for `runUntil`. */
  readonly symbols?: Symbols;
  /** Cycles between checkpoints. */
  readonly every?: number;
  /** Checkpoints that are kept. */
  readonly most?: number;
}

interface Saved {
  readonly cycle: number;
  readonly state: Checkpoint;
  /** Whether the host did something before it, which does not run again. */
  readonly changed: boolean;
}

/** Cycles before the place to go back to from which it is looked for; most instructions take fewer. */
const WINDOW = 64;

export class Inspector {
  readonly machine: Machine;
  readonly #symbols: Symbols | undefined;
  readonly #every: number;
  readonly #most: number;
  #saved: Saved[] = [];
  #stale = false;
  #recent: RecentInstruction[] = [];
  #recentLimit = 0;
  #replaying = false;

  constructor(machine: Machine, options: InspectorOptions = {}) {
    const { symbols, every = 1_000_000, most = 32 } = options;
    if (!(every > 0) || !(most >= 2)) panic(`Inspector: every ${every}, most ${most}`);
    this.machine = machine;
    this.#symbols = symbols;
    this.#every = every;
    this.#most = most;
    this.#save();
  }

  /** Says that registers or memory were changed by hand: the past is what led here, with the change. */
  changed(): void {
    this.#stale = true;
  }

  /** The earliest cycle that one can go back to. */
  get earliest(): number {
    return this.#saved[0]!.cycle;
  }

  /** Keeps the last `limit` instructions; 0 keeps none, and runs at full speed. */
  record(limit: number): void {
    this.#recentLimit = limit;
    this.#recent = [];
    this.machine.trace(limit > 0 ? this.#note : undefined);
  }
  /** The instructions that ran last, oldest first. */
  get recent(): readonly RecentInstruction[] {
    return this.#recent.slice(-this.#recentLimit);
  }

  readonly #note: Tracer = (address, space, cycle, word) => {
    if (this.#replaying) return;
    this.#recent.push({ address, space, cycle, word });
    if (this.#recent.length >= 2 * this.#recentLimit)
      this.#recent = this.#recent.slice(-this.#recentLimit);
  };

  /** Runs as the machine does, for `cycles` more or to a stop. */
  run({ cycles = Number.POSITIVE_INFINITY }: { readonly cycles?: number } = {}): Stop {
    this.#begin();
    const end = this.machine.cycles + cycles;
    for (;;) {
      const next = this.#saved.at(-1)!.cycle + this.#every;
      const left = Math.min(end, next) - this.machine.cycles;
      const stop = this.machine.run({ cycles: left });
      if (stop.reason === "escape") this.#stale = true;
      if (stop.reason !== "limit" || this.machine.cycles >= end) return stop;
      this.#save();
    }
  }

  /** Runs some instructions, each with those that it nullifies; less when something else stops them. */
  step(count = 1): Stop {
    this.#begin();
    let stop: Stop = { reason: "limit" };
    for (let i = 0; i < count && stop.reason === "limit"; i++) {
      stop = this.machine.step();
      if (this.machine.cycles >= this.#saved.at(-1)!.cycle + this.#every) this.#save();
    }
    if (stop.reason === "escape") this.#stale = true;
    return stop;
  }

  /** Goes back by some instructions; false when the past does not reach that far, at its beginning. */
  stepBack(count = 1): boolean {
    for (let i = 0; i < count; i++) if (!this.#back()) return false;
    return true;
  }

  /**
   * Goes to the first boundary at or after a cycle, back or on.
   * @returns why it ended; "reached" when it is there, "limit" when the past does not reach so far
   */
  goTo(cycle: number): InspectedStop {
    if (cycle >= this.machine.cycles) return this.runUntil({ cycle });
    const saved = this.#saved.findLast((each) => each.cycle <= cycle);
    this.#replay(saved ?? this.#saved[0]!, cycle);
    this.#forgetFuture();
    return { reason: saved ? "reached" : "limit" };
  }

  /**
   * Runs until something is the case, at least one instruction; other stops end it as well.
   * @throws Error when a symbol is not known
   */
  runUntil(until: Until, limits: { readonly cycles?: number } = {}): InspectedStop {
    const { cycles = Number.POSITIVE_INFINITY } = limits;
    const end = this.machine.cycles + cycles;
    if ("cycle" in until) {
      const stop = this.run({ cycles: Math.min(until.cycle, end) - this.machine.cycles });
      return stop.reason === "limit" && this.machine.cycles >= until.cycle
        ? { reason: "reached" }
        : stop;
    }
    if ("condition" in until) {
      for (;;) {
        const stop = this.step();
        if (stop.reason !== "limit") return stop;
        if (until.condition(this.machine)) return { reason: "reached" };
        if (this.machine.cycles >= end) return stop;
      }
    }
    return this.#runTo("symbol" in until ? this.#find(until.symbol) : until, end);
  }

  #find(symbol: string): { readonly address: number; readonly space: number } {
    const [found] = this.#symbols?.addresses(symbol) ?? [];
    if (!found) throw new Error(`no symbol: ${symbol}`);
    return found;
  }

  #runTo({ address, space }: { address: number; space?: number }, end: number): InspectedStop {
    const { machine } = this;
    const isThere = (): boolean => {
      const { frontOffset, frontSpace } = machine.pcoq;
      return ((frontOffset ^ address) & ~3) === 0 && (space === undefined || frontSpace === space);
    };
    const first = this.step();
    if (first.reason !== "limit" || isThere()) return isThere() ? { reason: "reached" } : first;
    const known = machine
      .breakpoints()
      .some((each) => each.address === address && each.space === space);
    if (!known) machine.addBreakpoint(address, space);
    try {
      const stop = this.run({ cycles: end - machine.cycles });
      return isThere() ? { reason: "reached" } : stop;
    } finally {
      if (!known) machine.removeBreakpoints(address, space);
    }
  }

  /** Before the machine goes on: what a host did is kept. */
  #begin(): void {
    if (this.#stale) this.#save();
    this.#stale = false;
  }

  #save(): void {
    const { machine } = this;
    const last = this.#saved.at(-1);
    const state = machine.checkpoint(last?.state);
    if (last?.cycle === machine.cycles) this.#saved.pop();
    this.#saved.push({ cycle: machine.cycles, state, changed: this.#stale || (last?.cycle === machine.cycles && last.changed) }); // prettier-ignore
    if (this.#saved.length <= this.#most) return;
    // The past gets coarser, not shorter, as long as the host has not done too much in it.
    this.#saved = this.#saved.filter(
      ({ changed }, i, all) => changed || i % 2 === 0 || i === all.length - 1,
    );
    this.#saved = this.#saved.slice(-this.#most);
  }

  #back(): boolean {
    const { cycles } = this.machine;
    const saved = this.#saved.findLast((each) => each.cycle < cycles);
    if (!saved) return false;
    for (let window = WINDOW; ; window *= 8) {
      const from = Math.max(saved.cycle, cycles - window);
      this.#replay(saved, from);
      if (this.machine.cycles >= cycles && from > saved.cycle) continue;
      let before = this.machine.cycles;
      this.#quietly(() => {
        for (;;) {
          this.machine.step();
          if (this.machine.cycles >= cycles) break;
          before = this.machine.cycles;
        }
      });
      this.#replay(saved, before);
      this.#forgetFuture();
      return true;
    }
  }

  /** Goes to a checkpoint and on to a cycle. */
  #replay(saved: Saved, cycle: number): void {
    const { machine } = this;
    machine.return(saved.state);
    this.#quietly(() => {
      // Breakpoints and watchpoints on the way were met before.
      while (machine.cycles < cycle) machine.run({ cycles: cycle - machine.cycles });
    });
  }

  #forgetFuture(): void {
    const { machine } = this;
    this.#saved = this.#saved.filter((each) => each.cycle <= machine.cycles);
    this.#recent = this.#recent.filter((each) => each.cycle < machine.cycles);
    this.#stale = false;
  }

  #quietly(work: () => void): void {
    this.#replaying = true;
    try {
      work();
      this.machine.takeEvents();
    } finally {
      this.#replaying = false;
    }
  }
}
