/** What the tables of Linux/hppa calls are made of, and what crosses to and from the caller's memory. */
import { pack, unpack } from "../../abi/linux/bytes.ts";
import type { CallName } from "../../abi/linux/calls.ts";
import type { FieldType, Struct } from "../../abi/struct.ts";
import { getBytes } from "../caller-words.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import type { Unix } from "../unix/unix.ts";

/** Unsigned words, as they come in r26 to r21. */
export type Words = readonly [number, number, number, number, number, number];

/** Returns what r28 will have; fails with a UnixError. */
export type LinuxWork = (unix: Unix, call: Call, ...words: Words) => Blocking<number>;

export type LinuxTable = Readonly<Partial<Record<CallName, LinuxWork>>>;

/** The largest position or size that a call without `64` tells. */
export const NARROW_MOST = 0x7fffffff;

/** A signed 64-bit number that travels in two words. Exact up to 2⁵³: more, no file has. */
export const long = (high: number, low: number): number => (high | 0) * 2 ** 32 + (low >>> 0);

/** Runs a work function that answers nothing, for a call that returns 0. */
export function* zero(work: Blocking<unknown>): Blocking<number> {
  yield* work;
  return 0;
}

type Fields = Record<string, FieldType>;
type Values<F> = { readonly [K in keyof F]?: number };

/** @throws UnixError EFAULT */
export function putStruct<F extends Fields>(
  call: Call,
  address: number,
  layout: Struct<F>,
  values: Values<F>,
): Blocking<void> {
  return call.copyout(pack(layout, values), address);
}

/** @throws UnixError EFAULT */
export function* getStruct<F extends Fields>(
  call: Call,
  address: number,
  layout: Struct<F>,
): Blocking<Record<keyof F & string, number>> {
  return unpack(layout, yield* getBytes(call, address, layout.size));
}
