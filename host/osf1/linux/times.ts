/** Times in the caller's memory, as Linux/hppa has them: of two words or four, checked. */
import { timespec, timespec64, timeval } from "../../abi/linux/structures.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { NANOSECONDS } from "../unix/constants.ts";
import type { Time } from "../unix/time/clocks.ts";
import { getBytes, getWords } from "../caller-words.ts";
import { putStruct } from "./work.ts";

/** Bits of the fields of a time in the program's memory. */
export type Width = 32 | 64;

/** @throws UnixError EINVAL, EFAULT */
export function* timeAt(call: Call, address: number, width: Width): Blocking<Time> {
  const { size } = width === 64 ? timespec64 : timespec;
  const view = new DataView((yield* getBytes(call, address, size)).buffer);
  const seconds = width === 64 ? Number(view.getBigInt64(0)) : view.getInt32(0);
  // Of the wide field the kernel looks at the low word: what is above it is padding to programs.
  const nanoseconds = view.getInt32(size - 4);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= NANOSECONDS) throw new UnixError("EINVAL");
  return { seconds, nanoseconds };
}

/** Nanoseconds; beyond what a number tells exactly, a long time. @throws UnixError EINVAL, EFAULT */
export function* durationAt(call: Call, address: number, width: Width): Blocking<number> {
  return nanosecondsOf(yield* timeAt(call, address, width));
}

export const nanosecondsOf = ({ seconds, nanoseconds }: Time): number =>
  seconds * NANOSECONDS + nanoseconds;

export const timeOf = (nanoseconds: number): Time => ({
  seconds: Math.floor(nanoseconds / NANOSECONDS),
  nanoseconds: Math.floor(nanoseconds % NANOSECONDS),
});

/** @throws UnixError EFAULT */
export function putTime(call: Call, address: number, time: Time, width: Width): Blocking<void> {
  const { seconds: tv_sec, nanoseconds: tv_nsec } = time;
  return width === 64
    ? putStruct(call, address, timespec64, { tv_sec, tv_nsec })
    : putStruct(call, address, timespec, { tv_sec, tv_nsec });
}

/** Nanoseconds of a `struct timeval`. @throws UnixError EINVAL, EFAULT */
export function* timevalAt(call: Call, address: number): Blocking<number> {
  const [seconds, microseconds] = yield* getWords(call, address, timeval.size / 4);
  if ((seconds! | 0) < 0 || microseconds! >= 1_000_000) throw new UnixError("EINVAL");
  return seconds! * NANOSECONDS + microseconds! * 1000;
}
