/**
 * What is to be done at a time: one queue, one thread of the server that serves it (`run`, which
 * never ends). Interval timers, processor limits and the file system's daily round hang here; a sleep
 * with an end does not.
 */
import type { Blocking } from "../../ufs/device.ts";
import type { System } from "../call.ts";

export interface Timer {
  /** Nanoseconds since boot. */
  readonly deadline: number;
  readonly action: () => Blocking<void>;
}

export class Timers {
  readonly #system: System;
  /** Soonest first; of the same time, first come first. */
  readonly #queue: Timer[] = [];

  constructor(system: System) {
    this.#system = system;
  }

  /** When the next one is due, nanoseconds since boot. */
  get next(): number | undefined {
    return this.#queue[0]?.deadline;
  }

  /** How many wait. */
  get count(): number {
    return this.#queue.length;
  }

  add(deadline: number, action: () => Blocking<void>): Timer {
    const timer: Timer = { deadline, action };
    const after = this.#queue.findIndex((other) => other.deadline > deadline);
    this.#queue.splice(after === -1 ? this.#queue.length : after, 0, timer);
    if (this.#queue[0] === timer) this.#system.wakeup(this);
    return timer;
  }

  cancel(timer: Timer | undefined): void {
    const at = timer === undefined ? -1 : this.#queue.indexOf(timer);
    if (at !== -1) this.#queue.splice(at, 1);
  }

  /** The thread's work. */
  *run(): Blocking<never> {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) yield* this.#system.sleep(this);
      else if (first.deadline > this.#system.uptime())
        yield* this.#system.sleep(this, { until: first.deadline });
      else {
        this.#queue.shift();
        yield* first.action();
      }
    }
  }
}
