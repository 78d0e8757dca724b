/** OSF/1's `fd_set` as the server gets it: whole, a bit for each descriptor, the first in the lowest bit. */
import { getWords, putWords } from "../caller-words.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { OPEN_MAX } from "../unix/constants.ts";

const WORDS = OPEN_MAX / 32;

/** The descriptors below `count` that a set names. @throws UnixError EFAULT */
export function* getDescriptors(call: Call, address: number, count: number): Blocking<number[]> {
  if (count === 0) return [];
  const words = yield* getWords(call, address, WORDS);
  return Array.from({ length: count }, (_, number) => number).filter(
    (number) => ((words[number >> 5]! >>> (number & 31)) & 1) !== 0,
  );
}

/** @throws UnixError EFAULT */
export function* putDescriptors(
  call: Call,
  address: number,
  set: readonly number[],
): Blocking<void> {
  const words = Array.from({ length: WORDS }, () => 0);
  for (const number of set) words[number >> 5]! |= 1 << (number & 31);
  yield* putWords(call, address, ...words);
}
