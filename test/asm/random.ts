/**
 * Random instructions and expressions from one printed seed: a small generator of our own, because
 * the oracles want one big file a run and not many small ones.
 */

/** Numbers from a seed (mulberry32); the same seed gives the same run. */
export class Random {
  readonly seed: number;
  private state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.state = seed;
  }

  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return this.word() % limit;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** A generator for this run; `INKWELL_SEED` repeats one. The seed is printed. */
export function seeded(what: string): Random {
  const seed = Number(process.env["INKWELL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`${what}: INKWELL_SEED=${seed}`);
  return new Random(seed);
}
