/** System calls on time: clocks, sleeping, timers. All of it is the cycle counter's. */
import { CLOCK, CLOCK_TICKS, RUSAGE, TIMER_ABSTIME } from "../../abi/linux/constants.ts";
import { fail } from "../call-failed.ts";
import { pack, unpack } from "../../abi/linux/bytes.ts";
import {
  itimerval,
  rusage,
  timespec,
  timespec64,
  timeval,
  tms,
} from "../../abi/linux/structures.ts";
import { type Moment, momentOf, TIMER_COUNT } from "../clock.ts";
import type { Answer, Process } from "../process.ts";
import type { CallTable } from "./call.ts";

const BILLION = 1_000_000_000;

function clockTime({ clock }: Process, which: number): Moment {
  switch (which) {
    case CLOCK.CLOCK_REALTIME:
    case CLOCK.CLOCK_REALTIME_COARSE:
      return clock.realTime;
    case CLOCK.CLOCK_MONOTONIC:
    case CLOCK.CLOCK_MONOTONIC_RAW:
    case CLOCK.CLOCK_MONOTONIC_COARSE:
    case CLOCK.CLOCK_BOOTTIME:
      return momentOf(clock.now);
    case CLOCK.CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK.CLOCK_THREAD_CPUTIME_ID:
      return momentOf(clock.running);
    default:
      return fail("EINVAL");
  }
}

/** Of the fields of a time in the program's memory. */
export type Width = 32 | 64;

function putMoment(p: Process, address: number, moment: Moment, width: Width): number {
  const { seconds: tv_sec, nanoseconds: tv_nsec } = moment;
  p.write(
    address,
    width === 64 ? pack(timespec64, { tv_sec, tv_nsec }) : pack(timespec, { tv_sec, tv_nsec }),
  );
  return 0;
}

/** Nanoseconds of a time in the program's memory. */
export function getNanoseconds(p: Process, address: number, width: Width): number {
  const bytes = p.read(address, width === 64 ? timespec64.size : timespec.size);
  const view = new DataView(bytes.buffer);
  const seconds = width === 64 ? Number(view.getBigInt64(0)) : view.getInt32(0);
  // Of the wide field the kernel looks at the low word: what is above it is padding to programs.
  const nanoseconds = view.getInt32(bytes.length - 4);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= BILLION) fail("EINVAL");
  return seconds * BILLION + nanoseconds;
}

function clockSleep(
  p: Process,
  which: number,
  flags: number,
  request: number,
  remainder: number,
  width: Width,
): Answer {
  const now = nanosecondsOf(clockTime(p, which));
  const wanted = getNanoseconds(p, request, width);
  const absolute = (flags & TIMER_ABSTIME) !== 0;
  const deadline = p.clock.now + (absolute ? wanted - now : wanted);
  const slept = p.sleep(deadline, "sleep");
  if (slept === "slept") return 0;
  if (slept !== "interrupted") return slept;
  const left = Math.max(0, deadline - p.clock.now);
  if (remainder !== 0 && !absolute) putMoment(p, remainder, momentOf(left), width);
  return fail("EINTR");
}

const nanosecondsOf = ({ seconds, nanoseconds }: Moment): number => seconds * BILLION + nanoseconds;

function timeOfDay(p: Process, address: number, zone: number): number {
  const { seconds, nanoseconds } = p.clock.realTime;
  if (address !== 0)
    p.write(address, pack(timeval, { tv_sec: seconds, tv_usec: Math.floor(nanoseconds / 1000) }));
  if (zone !== 0) p.write(zone, new Uint8Array(8));
  return 0;
}

function processTimes(p: Process, address: number): number {
  const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / (BILLION / CLOCK_TICKS));
  if (address !== 0) p.write(address, pack(tms, { tms_utime: ticks(p.clock.running) }));
  return ticks(p.clock.now) % 2 ** 31;
}

function usage(p: Process, who: number, address: number): number {
  if (!Object.values<number>(RUSAGE).includes(who | 0)) fail("EINVAL");
  const ofChildren = (who | 0) === RUSAGE.RUSAGE_CHILDREN;
  const { seconds, nanoseconds } = momentOf(ofChildren ? 0 : p.clock.running);
  p.write(
    address,
    pack(rusage, {
      ru_utime: seconds,
      ru_utime_usec: Math.floor(nanoseconds / 1000),
      ru_maxrss: ofChildren ? 0 : p.memory.table.used / 1024,
    }),
  );
  return 0;
}

interface TimerValue {
  readonly value: number;
  readonly interval: number;
}

function putTimer(p: Process, address: number, { value, interval }: TimerValue): void {
  const [left, again] = [momentOf(value), momentOf(interval)];
  p.write(
    address,
    pack(itimerval, {
      it_interval_sec: again.seconds,
      it_interval_usec: Math.floor(again.nanoseconds / 1000),
      it_value_sec: left.seconds,
      it_value_usec: Math.floor(left.nanoseconds / 1000),
    }),
  );
}

function setTimer(p: Process, which: number, address: number, old: number): number {
  if (which >= TIMER_COUNT) fail("EINVAL");
  const wanted = unpack(itimerval, p.read(address, itimerval.size));
  const microseconds = [wanted.it_value_usec, wanted.it_interval_usec];
  const seconds = [wanted.it_value_sec, wanted.it_interval_sec];
  if (microseconds.some((us) => us >= 1e6) || seconds.some((s) => s > 0x7fffffff)) fail("EINVAL");
  const [value, interval] = seconds.map((s, i) => s * BILLION + microseconds[i]! * 1000);
  const before = p.clock.setTimer(which, value!, interval!);
  if (old !== 0) putTimer(p, old, before);
  return 0;
}

function getTimer(p: Process, which: number, address: number): number {
  if (which >= TIMER_COUNT) fail("EINVAL");
  putTimer(p, address, p.clock.timer(which));
  return 0;
}

function alarm(p: Process, seconds: number): number {
  const { value } = p.clock.setTimer(0, seconds * BILLION, 0);
  return Math.ceil(value / BILLION);
}

export const TIME_CALLS: CallTable = {
  time: (p, address) => {
    const { seconds } = p.clock.realTime;
    if (address !== 0) p.writeWord(address, seconds);
    return seconds;
  },
  alarm: alarm,
  times: processTimes,
  getrusage: usage,
  gettimeofday: timeOfDay,
  setitimer: setTimer,
  getitimer: getTimer,
  nanosleep: (p, request, left) => clockSleep(p, CLOCK.CLOCK_MONOTONIC, 0, request, left, 32),
  clock_gettime: (p, which, address) => putMoment(p, address, clockTime(p, which), 32),
  clock_getres: (p, which, address) => resolution(p, which, address, 32),
  clock_nanosleep: (p, which, flags, request, left) =>
    clockSleep(p, which, flags, request, left, 32),
  clock_gettime64: (p, which, address) => putMoment(p, address, clockTime(p, which), 64),
  clock_getres_time64: (p, which, address) => resolution(p, which, address, 64),
  clock_nanosleep_time64: (p, which, flags, request, left) =>
    clockSleep(p, which, flags, request, left, 64),
};

/** A cycle, in whole nanoseconds. */
function resolution(p: Process, which: number, address: number, width: Width): number {
  clockTime(p, which);
  const nanoseconds = Math.ceil(1000 / p.machine.config.clockMHz);
  return address === 0 ? 0 : putMoment(p, address, { seconds: 0, nanoseconds }, width);
}
