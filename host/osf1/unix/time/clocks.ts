/** Clocks and sleeping by them: clock_gettime, clock_getres, nanosleep, clock_nanosleep. */
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { UnixError } from "../../errno.ts";
import { isSuperuser } from "../../ufs/permission.ts";
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

/** clock_gettime; gettimeofday and time are "realtime". */
export function* clock(unix: Unix, call: Call, name: ClockName): Blocking<Time> {
  yield* call.charge("clock");
  if (name === "realtime") return unix.now();
  if (name === "monotonic") return split(unix.system.uptime());
  const { user, system } = yield* unix.system.tasks.times(call.process);
  return split(user + system);
}

/** Sets the time of day; what is timed from boot does not notice. @throws UnixError EPERM */
export function* settimeofday(unix: Unix, call: Call, time: Time): Blocking<void> {
  yield* call.charge("clock");
  if (!isSuperuser(call.process.credentials)) throw new UnixError("EPERM");
  unix.system.setTime(time);
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
 * @param until nanoseconds since boot.
 * @throws SleepInterrupted
 */
export function* sleepUntil(unix: Unix, call: Call, until: number): Blocking<void> {
  yield* call.charge("clock");
  const channel = {};
  const { system } = unix;
  try {
    while (system.uptime() < until)
      yield* interruptibleSleep(unix, call.process, channel, { until, restartable: false });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new SleepInterrupted(Math.max(0, until - system.uptime()));
  }
}

/** @param nanoseconds how long. @throws SleepInterrupted */
export const nanosleep = (unix: Unix, call: Call, nanoseconds: number): Blocking<void> =>
  sleepUntil(unix, call, unix.system.uptime() + nanoseconds);

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
