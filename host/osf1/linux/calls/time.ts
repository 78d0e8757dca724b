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
  deadline,
  RESOLUTION,
  SleepInterrupted,
  sleepUntil,
} from "../../unix/time/clocks.ts";
import { alarm, getitimer, setitimer, type TimerValue } from "../../unix/time/interval.ts";
import { setTime } from "../../unix/time/set-time.ts";
import type { Process } from "../../unix/process.ts";
import type { Unix } from "../../unix/unix.ts";
import { type ClockId, clockIdOf } from "../clock-ids.ts";
import { nanosecondsOf, putTime, timeAt, timeOf, timevalAt, type Width } from "../times.ts";
import { getWords, putWords } from "../../caller-words.ts";
import { type LinuxTable, putStruct, zero } from "../work.ts";

/** Whose processor time a clock is, if it is one. @throws UnixError EINVAL */
function processOf(unix: Unix, call: Call, { pid }: ClockId): Process {
  const process = pid === 0 ? call.process : unix.processes.get(pid);
  if (process === undefined || process.exiting) throw new UnixError("EINVAL");
  return process;
}

function* getTime(
  unix: Unix,
  call: Call,
  which: number,
  address: number,
  width: Width,
): Blocking<number> {
  const id = clockIdOf(which);
  const time = yield* clock(unix, call, id.name, processOf(unix, call, id));
  return yield* zero(putTime(call, address, time, width));
}

function* setClock(
  unix: Unix,
  call: Call,
  which: number,
  address: number,
  width: Width,
): Blocking<number> {
  // The others go as they go.
  if (which !== CLOCK.CLOCK_REALTIME) throw new UnixError("EINVAL");
  return yield* zero(setTime(unix, call, yield* timeAt(call, address, width)));
}

function* resolution(
  unix: Unix,
  call: Call,
  which: number,
  address: number,
  width: Width,
): Blocking<number> {
  processOf(unix, call, clockIdOf(which));
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
  const { name, isCoarse } = clockIdOf(which);
  const wanted = yield* timeAt(call, request, width);
  // The processor's time does not pass while its process sleeps.
  if (name === "processor" || isCoarse) throw new UnixError("EOPNOTSUPP");
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
  const relative = unix.system.uptime() + nanosecondsOf(wanted);
  const end = (): number => (isAbsolute ? deadline(unix, name, wanted) : relative);
  try {
    return yield* zero(sleepUntil(unix, call, end));
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

/** settimeofday: the time zone is not the system's. */
function* setTimeOfDay(unix: Unix, call: Call, address: number, zone: number): Blocking<number> {
  if (zone !== 0) yield* getWords(call, zone, 2);
  if (address === 0) return 0;
  const [seconds, microseconds] = yield* getWords(call, address, 2);
  if (microseconds! >= 1_000_000) throw new UnixError("EINVAL");
  const time = { seconds: seconds! | 0, nanoseconds: microseconds! * 1000 };
  return yield* zero(setTime(unix, call, time));
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
  *stime(unix, call, address) {
    const [seconds] = yield* getWords(call, address, 1);
    return yield* zero(setTime(unix, call, { seconds: seconds! | 0, nanoseconds: 0 }));
  },
  gettimeofday: timeOfDay,
  settimeofday: setTimeOfDay,
  clock_settime: (unix, call, which, address) => setClock(unix, call, which, address, 32),
  clock_settime64: (unix, call, which, address) => setClock(unix, call, which, address, 64),
  clock_gettime: (unix, call, which, address) => getTime(unix, call, which, address, 32),
  clock_gettime64: (unix, call, which, address) => getTime(unix, call, which, address, 64),
  clock_getres: (unix, call, which, address) => resolution(unix, call, which, address, 32),
  clock_getres_time64: (unix, call, which, address) => resolution(unix, call, which, address, 64),
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
