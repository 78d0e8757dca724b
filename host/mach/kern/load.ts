/**
 * How loaded the processor is, once a second: how many threads could run, averaged over some 5, 30 and 60
 * seconds, and Mach's factor, what part of a processor one thread more would get, in thousandths.
 * Seconds without a processor's time being looked at are caught up with when somebody asks, or runs.
 * After Mach's kern/mach_factor.c.
 */

/** What a load of one, or a factor of one, is. */
export const LOAD_SCALE = 1000;
/** What is left of an average after a second: over 5, 30 and 60 seconds. */
const LEFT = [800, 966, 983] as const;

/** What one second more makes of an average. */
const next = (average: number, left: number, now: number): number =>
  Math.floor((average * left + now * (LOAD_SCALE - left)) / LOAD_SCALE);

export class LoadAverages {
  readonly #second: number;
  #avenrun: readonly number[] = [0, 0, 0];
  #machFactor: readonly number[] = [0, 0, 0];
  /** The cycle at which the second under way ends. */
  due: number;

  constructor(cyclesPerSecond: number) {
    this.#second = cyclesPerSecond;
    this.due = cyclesPerSecond;
  }

  /** Of the host, over 5, 30 and 60 seconds. */
  get host(): { readonly avenrun: readonly number[]; readonly machFactor: readonly number[] } {
    return { avenrun: this.#avenrun, machFactor: this.#machFactor };
  }
  /** Of its processor set: those over the shortest time. */
  get set(): { readonly load: number; readonly machFactor: number } {
    return { load: this.#avenrun[0]!, machFactor: this.#machFactor[0]! };
  }

  /** It is a cycle at which so many threads can run, as they could since the last look. */
  pass(cycle: number, runnable: number): void {
    const load = runnable * LOAD_SCALE;
    const factor = runnable > 1 ? Math.floor(LOAD_SCALE / (runnable + 1)) : LOAD_SCALE - load;
    while (this.due <= cycle) {
      this.due += this.#second;
      const [avenrun, factors] = [this.#avenrun, this.#machFactor];
      this.#avenrun = LEFT.map((left, i) => next(avenrun[i]!, left, load));
      this.#machFactor = LEFT.map((left, i) => next(factors[i]!, left, factor));
      const same = [...avenrun, ...factors].every(
        (value, i) => value === [...this.#avenrun, ...this.#machFactor][i],
      );
      // However much more time passes, nothing changes.
      if (same)
        this.due += Math.max(0, Math.ceil((cycle - this.due) / this.#second)) * this.#second;
    }
  }
}
