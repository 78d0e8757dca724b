/** Bytes and words of a caller's memory, as the tables of both binary interfaces fetch and leave them. */
import type { Blocking } from "./ufs/device.ts";
import type { Call } from "./unix/call.ts";

/** @throws UnixError EFAULT */
export function* getBytes(call: Call, address: number, length: number): Blocking<Uint8Array> {
  const bytes = new Uint8Array(length);
  yield* call.copyin(address, bytes);
  return bytes;
}

/** Words of the caller's memory. @throws UnixError EFAULT */
export function* getWords(call: Call, address: number, count: number): Blocking<number[]> {
  const view = new DataView((yield* getBytes(call, address, 4 * count)).buffer);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
}

/** @throws UnixError EFAULT */
export function* putWords(call: Call, address: number, ...words: number[]): Blocking<void> {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
  yield* call.copyout(bytes, address);
}
