/**
 * A cylinder group's bitmap of free fragments. A block has eight fragments, so a byte is a block:
 * 0xff is free, 0 is full, anything else is broken into fragments.
 */
import { UFS } from "./layout.ts";

export const FREE_BLOCK = 0xff;

export const isSet = (map: Uint8Array, bit: number): boolean =>
  ((map[bit >> 3]! >> (bit & 7)) & 1) !== 0;
export function setBit(map: Uint8Array, bit: number): void {
  map[bit >> 3]! |= 1 << (bit & 7);
}
export function clearBit(map: Uint8Array, bit: number): void {
  map[bit >> 3]! &= ~(1 << (bit & 7));
}

/** Fragments free in a block. */
export function freeFragments(byte: number): number {
  let count = 0;
  for (let bits = byte; bits !== 0; bits &= bits - 1) count++;
  return count;
}

/** The first fragment of the shortest run of at least `length` free ones in a block; −1: none. */
export function fittingRun(byte: number, length: number): number {
  let best = -1;
  let bestLength = Number.POSITIVE_INFINITY;
  for (let at = 0; at < UFS.FRAGMENTS_PER_BLOCK;) {
    let end = at;
    while (end < UFS.FRAGMENTS_PER_BLOCK && (byte >> end) & 1) end++;
    const run = end - at;
    if (run >= length && run < bestLength) {
      best = at;
      bestLength = run;
    }
    at = end + 1;
  }
  return best;
}

/** Mask of `length` fragments from `first` in a block. */
export const runMask = (first: number, length: number): number => ((1 << length) - 1) << first;

/** Blocks and loose fragments that are free in a group. */
export function countFree(map: Uint8Array): { readonly blocks: number; readonly loose: number } {
  let blocks = 0;
  let loose = 0;
  for (const byte of map)
    if (byte === FREE_BLOCK) blocks++;
    else loose += freeFragments(byte);
  return { blocks, loose };
}
