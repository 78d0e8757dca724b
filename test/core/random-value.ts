/** Integer operands for tests: edge values and what lies beside them, small numbers, any. */
import type { Random } from "../asm/random.ts";

const EDGES = [
  0, 1, 2, 3, 7, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x80000001, 0x0000ffff, 0xffff0000, 0x00ff00ff, 0x0000ff00,
  0x10000000, 0x01010101, 0x7f7f7f7f, 0x80808080, 0x55555555, 0xaaaaaaaa, 0x99999999,
]; // prettier-ignore

export function randomValue(random: Random): number {
  const kind = random.below(4);
  if (kind === 0) return random.pick(EDGES);
  if (kind === 1) return random.below(64);
  if (kind === 2) return (random.pick(EDGES) + random.below(5) - 2) >>> 0;
  return random.word();
}
