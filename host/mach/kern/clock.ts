/**
 * The kernel's clock: 100 ticks a second, of which only those interrupt at which something is due (a
 * thread's timeout, the end of a quantum that somebody waits for, the end of a depression). Mach's
 * clock interrupts at every tick; between these it would only count. Time is the machine's cycle
 * count, so idle time costs nothing to simulate.
 * After Mach's kern/mach_clock.c and kern/priority.c.
 */
import { AST } from "../../abi/kernel.ts";
import type { EventId, Interrupts } from "./interrupts.ts";
import { INTERRUPT_BIT } from "./interrupts.ts";
import { LoadAverages } from "./load.ts";
import { quantum_expired, quantumMilliseconds, thread_timeout, thread_undepress } from "./sched.ts";
import type { KernelState } from "./state.ts";

/** Ticks a second. */
export const HZ = 100;
/** Microseconds that a slew moves the time at a tick; ten times as many if it is a big one. */
const SLEW_PER_TICK = 5;
const BIG_SLEW = 1_000_000;

export class Clock {
  readonly #k: KernelState;
  readonly #interrupts: Interrupts;
  readonly #now: () => number;
  readonly cyclesPerTick: number;
  /** How busy the processor has been. */
  readonly load: LoadAverages;
  readonly #timeouts = new Map<number, EventId>();
  readonly #depressions = new Map<number, EventId>();
  #quantum: EventId | undefined;
  /** The wall clock's time at cycle 0, in microseconds. */
  #epoch = 0;
  /** By how much the time is being slewed: from which tick on, and microseconds a tick. */
  #slew = { since: 0, microseconds: 0, rate: SLEW_PER_TICK };

  constructor(k: KernelState, interrupts: Interrupts, now: () => number, clockMHz: number) {
    this.#k = k;
    this.#interrupts = interrupts;
    this.#now = now;
    this.cyclesPerTick = Math.round((clockMHz * 1_000_000) / HZ);
    this.load = new LoadAverages(this.cyclesPerTick * HZ);
  }

  /** Microseconds since boot. */
  get uptime(): number {
    return Math.floor((this.#now() * (1_000_000 / HZ)) / this.cyclesPerTick);
  }
  /** Microseconds since 1970, as far as anybody has set the time. */
  get time(): number {
    return this.#epoch + this.#slewed + this.uptime;
  }
  /** The time of the last tick: what a clock that interrupts at each would have counted to. */
  get timeOfTick(): number {
    return this.#epoch + this.#slewed + this.#tick * (1_000_000 / HZ);
  }
  /** The cycle of the next tick. */
  get nextTick(): number {
    return (this.#tick + 1) * this.cyclesPerTick;
  }
  set time(microseconds: number) {
    this.#epoch = microseconds - this.uptime - this.#slewed;
  }

  /**
   * Slews the time by so many microseconds, a little at each tick from now on.
   * Returns what is left of an earlier slew, which ends.
   */
  adjust(microseconds: number): number {
    const done = this.#slewed;
    const left = this.#slew.microseconds - done;
    this.#epoch += done;
    const isFast = Math.abs(microseconds) > BIG_SLEW;
    const rate = left !== 0 ? this.#slew.rate : SLEW_PER_TICK * (isFast ? 10 : 1);
    const whole = Math.trunc(microseconds / rate) * rate;
    this.#slew = { since: this.#tick, microseconds: whole, rate };
    return left;
  }
  /** How far the slew under way has come. */
  get #slewed(): number {
    const { since, microseconds, rate } = this.#slew;
    return Math.sign(microseconds) * Math.min(Math.abs(microseconds), rate * (this.#tick - since));
  }
  /** Ticks since boot. */
  get #tick(): number {
    return Math.floor(this.#now() / this.cyclesPerTick);
  }

  /** The cycle of the tick that is `milliseconds` away, rounded up to ticks, at least one. */
  #tickAfter(milliseconds: number): number {
    const ticks = Math.max(1, Math.ceil((milliseconds * HZ) / 1000));
    return (Math.floor(this.#now() / this.cyclesPerTick) + ticks) * this.cyclesPerTick;
  }
  #atTick(cycle: number, work: () => void): EventId {
    return this.#interrupts.schedule(cycle, INTERRUPT_BIT.clock, work);
  }

  /** A waiting thread's timeout. */
  setTimeout(thread: number, milliseconds: number): void {
    this.#set(this.#timeouts, thread, milliseconds, thread_timeout);
  }
  resetTimeout(thread: number): void {
    this.#reset(this.#timeouts, thread);
  }

  /** The end of a thread's depression; forgotten when somebody ends it before. */
  setDepression(thread: number, milliseconds: number): void {
    this.#set(this.#depressions, thread, milliseconds, thread_undepress);
  }
  resetDepression(thread: number): void {
    this.#reset(this.#depressions, thread);
  }

  /**
   * The current thread's turn begins, or ends early: there is a quantum only while somebody waits for
   * its end.
   */
  setQuantum(contended: boolean): void {
    if (!contended) {
      if (this.#quantum !== undefined) this.#interrupts.cancel(this.#quantum);
      this.#quantum = undefined;
      return;
    }
    const end = this.#tickAfter(quantumMilliseconds(this.#k));
    this.#quantum ??= this.#atTick(end, () => {
      this.#quantum = undefined;
      if (quantum_expired(this.#k)) this.#k.cpu.need_ast |= AST.AST_BLOCK;
    });
  }

  /** Has something happen to a thread after a time, in place of what was to happen to it before. */
  #set(
    events: Map<number, EventId>,
    thread: number,
    milliseconds: number,
    happen: (k: KernelState, thread: number) => void,
  ): void {
    this.#reset(events, thread);
    const expire = (): void => {
      events.delete(thread);
      happen(this.#k, thread);
    };
    events.set(thread, this.#atTick(this.#tickAfter(milliseconds), expire));
  }

  #reset(events: Map<number, EventId>, thread: number): void {
    const id = events.get(thread);
    if (id === undefined) return;
    events.delete(thread);
    this.#interrupts.cancel(id);
  }
}
