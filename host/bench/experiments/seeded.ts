/**
 * Chance that can be repeated: Marsaglia's xorshift with 32 bits of state ("Xorshift RNGs", 2003). For
 * choosing cases, not for statistics that need more than a few thousand draws.
 */

/** Draws whole numbers from 0 to `below` − 1; the same seed (not 0) gives the same sequence. */
export function seeded(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
