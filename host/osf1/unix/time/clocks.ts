/** Clocks and sleeping by them: clock_gettime, clock_getres, nanosleep, clock_nanosleep. */
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { NANOSECONDS } from "../constants.ts";
import { Interrupted, interruptibleSleep } from "../signals/interrupt.ts";
import type { Unix } from "../unix.ts";

/** "processor": of the process (and its one thread). */
export type ClockName = "realtime" | "monotonic" | "processor";

export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const split = (nanoseconds: number): Time => ({
  seconds: Math.floor(nanoseconds / NANOSECONDS),
  nanoseconds: nanoseconds % NANOSECONDS,
});

/**
 * clock_gettime; gettimeofday and time are "realtime".
 * @param process whose processor time
 */
export function* clock(
  unix: Unix,
  call: Call,
  name: ClockName,
  process = call.process,
): Blocking<Time> {
  yield* call.charge("clock");
  if (name === "realtime") return unix.now();
  if (name === "monotonic") return split(unix.system.uptime());
  const { user, system } = yield* unix.system.tasks.times(process);
  return split(user + system);
}

/** A cycle is less than 20 ns; what is told is told in nanoseconds. */
export const RESOLUTION: Time = { seconds: 0, nanoseconds: 1 };

/** A sleep that a signal ended. */
export class SleepInterrupted extends Interrupted {
  /** Nanoseconds that were left. */
  readonly left: number;
  constructor(left: number) {
    super(false);
    this.left = left;
  }
}

/**
 * Sleeps until a time.
 * @param end nanoseconds since boot, as of now: a time of day may move.
 * @throws SleepInterrupted
 */
export function* sleepUntil(unix: Unix, call: Call, end: () => number): Blocking<void> {
  yield* call.charge("clock");
  const { system, timeSet } = unix;
  try {
    for (let until = end(); system.uptime() < until; until = end())
      yield* interruptibleSleep(unix, call.process, timeSet, { until, restartable: false });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new SleepInterrupted(Math.max(0, end() - system.uptime()));
  }
}

/** @param nanoseconds how long. @throws SleepInterrupted */
export function nanosleep(unix: Unix, call: Call, nanoseconds: number): Blocking<void> {
  const until = unix.system.uptime() + nanoseconds;
  return sleepUntil(unix, call, () => until);
}

/** When an absolute time of a clock is, in nanoseconds since boot. */
export function deadline(unix: Unix, name: Exclude<ClockName, "processor">, time: Time): number {
  const wanted = time.seconds * NANOSECONDS + time.nanoseconds;
  if (name === "monotonic") return wanted;
  const now = unix.now();
  return (
    unix.system.uptime() +
    (time.seconds - now.seconds) * NANOSECONDS +
    (time.nanoseconds - now.nanoseconds)
  );
}
