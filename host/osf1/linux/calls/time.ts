/** Linux/hppa calls on time: clocks, sleeping, interval timers. */
import { CLOCK, CLOCK_TICKS, ITIMER, TIMER_ABSTIME } from "../../../abi/linux/constants.ts";
import { itimerval, timeval, tms } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { NANOSECONDS } from "../../unix/constants.ts";
import { times } from "../../unix/process/usage.ts";
import {
  clock,
  type ClockName,
  deadline,
  RESOLUTION,
  SleepInterrupted,
  sleepUntil,
} from "../../unix/time/clocks.ts";
import { alarm, getitimer, setitimer, type TimerValue } from "../../unix/time/interval.ts";
import type { Unix } from "../../unix/unix.ts";
import { putTime, timeAt, timeOf, timevalAt, type Width } from "../times.ts";
import { putWords } from "../../caller-words.ts";
import { type LinuxTable, putStruct, zero } from "../work.ts";

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

/** @throws UnixError EINVAL */
function clockOf(which: number): ClockName {
  const name = CLOCKS.get(which);
  if (name === undefined) throw new UnixError("EINVAL");
  return name;
}

function* getTime(
  unix: Unix,
  call: Call,
  which: number,
  address: number,
  width: Width,
): Blocking<number> {
  return yield* zero(putTime(call, address, yield* clock(unix, call, clockOf(which)), width));
}

function* resolution(call: Call, which: number, address: number, width: Width): Blocking<number> {
  clockOf(which);
  if (address !== 0) yield* putTime(call, address, RESOLUTION, width);
  return 0;
}

function* sleep(
  unix: Unix,
  call: Call,
  which: number,
  flags: number,
  request: number,
  remainder: number,
  width: Width,
): Blocking<number> {
  const name = clockOf(which);
  const wanted = yield* timeAt(call, request, width);
  // The processor's time does not pass while its process sleeps.
  if (name === "processor") throw new UnixError("EOPNOTSUPP");
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
  const until = isAbsolute
    ? deadline(unix, name, wanted)
    : unix.system.uptime() + wanted.seconds * NANOSECONDS + wanted.nanoseconds;
  try {
    return yield* zero(sleepUntil(unix, call, until));
  } catch (error) {
    if (error instanceof SleepInterrupted && !isAbsolute && remainder !== 0)
      yield* putTime(call, remainder, timeOf(error.left), width);
    throw error;
  }
}

function* timeOfDay(unix: Unix, call: Call, address: number, zone: number): Blocking<number> {
  const { seconds, nanoseconds } = yield* clock(unix, call, "realtime");
  if (address !== 0)
    yield* putStruct(call, address, timeval, {
      tv_sec: seconds,
      tv_usec: Math.floor(nanoseconds / 1000),
    });
  if (zone !== 0) yield* putWords(call, zone, 0, 0);
  return 0;
}

const ticks = (nanoseconds: number): number =>
  Math.floor(nanoseconds / (NANOSECONDS / CLOCK_TICKS));

function* processTimes(unix: Unix, call: Call, address: number): Blocking<number> {
  const used = yield* times(unix, call);
  if (address !== 0)
    yield* putStruct(call, address, tms, {
      tms_utime: ticks(used.user),
      tms_stime: ticks(used.system),
      tms_cutime: ticks(used.childrenUser),
      tms_cstime: ticks(used.childrenSystem),
    });
  return ticks(used.elapsed) % 2 ** 31;
}

const TIMERS = new Map<number, "real" | "virtual" | "profile">([
  [ITIMER.ITIMER_REAL, "real"],
  [ITIMER.ITIMER_VIRTUAL, "virtual"],
  [ITIMER.ITIMER_PROF, "profile"],
]);

/** @throws UnixError EINVAL */
function timerOf(which: number): "real" | "virtual" | "profile" {
  const kind = TIMERS.get(which);
  if (kind === undefined) throw new UnixError("EINVAL");
  return kind;
}

function putTimer(call: Call, address: number, { left, interval }: TimerValue): Blocking<void> {
  // A timer that runs does not read as one that has stopped.
  const [value, again] = [timeOf(left > 0 ? Math.max(left, 1000) : 0), timeOf(interval)];
  return putStruct(call, address, itimerval, {
    it_interval_sec: again.seconds,
    it_interval_usec: Math.floor(again.nanoseconds / 1000),
    it_value_sec: value.seconds,
    it_value_usec: Math.floor(value.nanoseconds / 1000),
  });
}

function* setTimer(
  unix: Unix,
  call: Call,
  which: number,
  address: number,
  old: number,
): Blocking<number> {
  let value: TimerValue = { left: 0, interval: 0 };
  if (address !== 0) {
    const interval = yield* timevalAt(call, address + itimerval.offset.it_interval_sec);
    value = { left: yield* timevalAt(call, address + itimerval.offset.it_value_sec), interval };
  }
  const before = yield* setitimer(unix, call, timerOf(which), value);
  if (old !== 0) yield* putTimer(call, old, before);
  return 0;
}

export const TIME_CALLS: LinuxTable = {
  *time(unix, call, address) {
    const { seconds } = yield* clock(unix, call, "realtime");
    if (address !== 0) yield* putWords(call, address, seconds);
    return seconds;
  },
  gettimeofday: timeOfDay,
  clock_gettime: (unix, call, which, address) => getTime(unix, call, which, address, 32),
  clock_gettime64: (unix, call, which, address) => getTime(unix, call, which, address, 64),
  clock_getres: (_unix, call, which, address) => resolution(call, which, address, 32),
  clock_getres_time64: (_unix, call, which, address) => resolution(call, which, address, 64),
  nanosleep: (unix, call, request, left) =>
    sleep(unix, call, CLOCK.CLOCK_MONOTONIC, 0, request, left, 32),
  clock_nanosleep: (unix, call, which, flags, request, left) =>
    sleep(unix, call, which, flags, request, left, 32),
  clock_nanosleep_time64: (unix, call, which, flags, request, left) =>
    sleep(unix, call, which, flags, request, left, 64),
  times: processTimes,
  alarm: (unix, call, seconds) => alarm(unix, call, seconds),
  setitimer: setTimer,
  *getitimer(unix, call, which, address) {
    const value = yield* getitimer(unix, call, timerOf(which));
    return yield* zero(putTimer(call, address, value));
  },
};
