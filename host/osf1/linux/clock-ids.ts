/** Linux's numbers of clocks: those of the system, and a process's or thread's processor time. */
import { CLOCK } from "../../abi/linux/constants.ts";
import { UnixError } from "../errno.ts";
import type { ClockName } from "../unix/time/clocks.ts";

const CLOCKS = new Map<number, ClockName>([
  [CLOCK.CLOCK_REALTIME, "realtime"],
  [CLOCK.CLOCK_REALTIME_COARSE, "realtime"],
  [CLOCK.CLOCK_MONOTONIC, "monotonic"],
  [CLOCK.CLOCK_MONOTONIC_RAW, "monotonic"],
  [CLOCK.CLOCK_MONOTONIC_COARSE, "monotonic"],
  [CLOCK.CLOCK_BOOTTIME, "monotonic"],
  [CLOCK.CLOCK_PROCESS_CPUTIME_ID, "processor"],
  [CLOCK.CLOCK_THREAD_CPUTIME_ID, "processor"],
]);
/** Nothing can be waited for by these. */
const COARSE: readonly number[] = [
  CLOCK.CLOCK_REALTIME_COARSE,
  CLOCK.CLOCK_MONOTONIC_COARSE,
  CLOCK.CLOCK_MONOTONIC_RAW,
];

export interface ClockId {
  readonly name: ClockName;
  readonly isCoarse: boolean;
  /** Whose processor time; 0: the caller's. */
  readonly pid: number;
}

/** Kinds of a processor clock's number, in its two lowest bits: user and system, user, scheduled. */
const KINDS = 3;

/**
 * What a number means. Negative ones, which clock_getcpuclockid makes, are a process's: its number,
 * inverted, above three bits.
 * @throws UnixError EINVAL
 */
export function clockIdOf(which: number): ClockId {
  const id = which | 0;
  if (id < 0) {
    if ((id & 3) >= KINDS) throw new UnixError("EINVAL");
    return { name: "processor", isCoarse: false, pid: ~(id >> 3) };
  }
  const name = CLOCKS.get(id);
  if (name === undefined) throw new UnixError("EINVAL");
  return { name, isCoarse: COARSE.includes(id), pid: 0 };
}
