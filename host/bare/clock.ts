/**
 * Simulated time: the cycle counter as Linux's clocks, and interval timers on them. Calls of the host
 * take none; sleeping lets cycles pass in which nothing runs.
 */
import type { Machine } from "../machine/machine.ts";
import { SIGNAL } from "../abi/linux/signals.ts";

/** Real time when the machine is made, in seconds: 1993-04-19 00:00 UTC, the workshop's first day. */
export const EPOCH = 735_177_600;
const BILLION = 1_000_000_000;

export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** An interval timer; all in nanoseconds of its clock. */
interface Timer {
  deadline: number;
  interval: number;
}

/** ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
const TIMER_SIGNALS = [SIGNAL.SIGALRM, SIGNAL.SIGVTALRM, SIGNAL.SIGPROF] as const;
export const TIMER_COUNT = TIMER_SIGNALS.length;

export function momentOf(nanoseconds: number): Moment {
  return { seconds: Math.floor(nanoseconds / BILLION), nanoseconds: nanoseconds % BILLION };
}

export class Clock {
  readonly #machine: Machine;
  readonly #timers: (Timer | undefined)[] = TIMER_SIGNALS.map(() => undefined);

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Nanoseconds since the machine was made. */
  get now(): number {
    return this.#nanoseconds(this.#machine.cycles);
  }
  /** Nanoseconds in which the program ran. */
  get running(): number {
    return this.#nanoseconds(this.#machine.cycles - this.#machine.counters().idle);
  }
  get realTime(): Moment {
    const { seconds, nanoseconds } = momentOf(this.now);
    return { seconds: seconds + EPOCH, nanoseconds };
  }

  #nanoseconds(cycles: number): number {
    return Math.floor((cycles * 1000) / this.#machine.config.clockMHz);
  }
  #cycles(nanoseconds: number): number {
    return Math.ceil((nanoseconds * this.#machine.config.clockMHz) / 1000);
  }

  #time(timer: number): number {
    return timer === 0 ? this.now : this.running;
  }

  /**
   * Lets time pass up to `deadline` (of `now`), or to the real timer's before it. False when cycle
   * `last` of the machine comes first.
   */
  idleUntil(deadline: number, last: number): boolean {
    const until = Math.min(deadline, this.#timers[0]?.deadline ?? Number.POSITIVE_INFINITY);
    const cycle = Math.min(this.#cycles(until), last);
    this.#machine.idle(Math.max(0, cycle - this.#machine.cycles));
    return cycle < last;
  }

  /** Whether the real timer runs: what can end a wait. */
  get willRing(): boolean {
    return this.#timers[0] !== undefined;
  }

  /** Cycles that the program may run until a timer must be looked at. */
  get untilTimer(): number {
    const left = this.#timers.map((timer, which) =>
      timer
        ? Math.max(1, this.#cycles(timer.deadline - this.#time(which)))
        : Number.POSITIVE_INFINITY,
    );
    return Math.min(...left);
  }

  /** Signals of the timers whose time has come; periodic ones go on. */
  expired(): number[] {
    return TIMER_SIGNALS.filter((_, which) => {
      const timer = this.#timers[which];
      if (timer === undefined) return false;
      const now = this.#time(which);
      if (timer.deadline > now) return false;
      if (timer.interval === 0) this.#timers[which] = undefined;
      else
        timer.deadline +=
          timer.interval * (1 + Math.floor((now - timer.deadline) / timer.interval));
      return true;
    });
  }

  /** setitimer: `value` 0 stops it. Returns what was left of the old one. */
  setTimer(which: number, value: number, interval: number): { value: number; interval: number } {
    const old = this.timer(which);
    this.#timers[which] =
      value === 0 ? undefined : { deadline: this.#time(which) + value, interval };
    return old;
  }

  /** getitimer. */
  timer(which: number): { value: number; interval: number } {
    const timer = this.#timers[which];
    if (timer === undefined) return { value: 0, interval: 0 };
    return {
      value: Math.max(1000, timer.deadline - this.#time(which)),
      interval: timer.interval,
    };
  }
}
