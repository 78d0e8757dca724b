/**
 * Timeouts of waiting threads, on the simulated clock. Who reaches a deadline is told in the order of
 * the deadlines; of two at the same cycle, the one that was set first.
 */

export class Timers {
  /** Deadlines in cycles, by thread. */
  readonly #deadlines = new Map<number, number>();

  set(thread: number, deadline: number): void {
    this.#deadlines.delete(thread);
    this.#deadlines.set(thread, deadline);
  }
  reset(thread: number): void {
    this.#deadlines.delete(thread);
  }
  /** The earliest deadline, in cycles; infinite when nothing is set. */
  next(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const deadline of this.#deadlines.values()) earliest = Math.min(earliest, deadline);
    return earliest;
  }
  /** Takes out the threads whose time has come. */
  expired(now: number): number[] {
    const due = [...this.#deadlines].filter(([, deadline]) => deadline <= now);
    for (const [thread] of due) this.#deadlines.delete(thread);
    return due.toSorted(([, a], [, b]) => a - b).map(([thread]) => thread);
  }
}
