/**
 * POSIX timers of a process (timer_create and its kin). While a timer's signal waits to be taken,
 * further expirations are counted and not sent: the overrun. Timers of processor time are looked at
 * when they could have run out at the earliest, and again as long as they have not.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { NANOSECONDS } from "../constants.ts";
import type { Process, SignalInfo } from "../process.ts";
import { checkSignal } from "../signals/actions.ts";
import { postSignal } from "../signals/post.ts";
import type { Unix } from "../unix.ts";
import { type ClockName, deadline, type Time } from "./clocks.ts";
import type { TimerValue } from "./interval.ts";
import type { Timer } from "./timers.ts";

/** Timers that a process may have at once (POSIX's least TIMER_MAX). */
const TIMER_MAX = 32;
/** The largest overrun that is told (DELAYTIMER_MAX). */
const DELAYTIMER_MAX = 0x7fffffff;
/** Timers that run out again and again are not looked at more often than this, nanoseconds. */
const TICK = NANOSECONDS / 1000;
/** The same, of processor time. */
const PROCESSOR_TICK = NANOSECONDS / 100;

/** What happens when it runs out; without, nothing (SIGEV_NONE). */
export interface TimerSignal {
  readonly signal: number;
  readonly value: number;
}

export interface PosixTimer {
  readonly id: number;
  readonly clock: ClockName;
  readonly sends: TimerSignal | undefined;
  /** What waits for its time, if it is set. */
  timer: Timer | undefined;
  /** Nanoseconds on its own clock; 0: it is not set. */
  deadline: number;
  /** Nanoseconds; 0: once. */
  interval: number;
  /** Of an absolute time of day: that, since setting the clock moves it. */
  time: Time | undefined;
  /** The signal sent last, and its overrun so far. */
  sent: { readonly info: SignalInfo; overrun: number } | undefined;
  /** Of the signal that was taken last. */
  overrun: number;
}

/** What a timer's clock shows, nanoseconds: of the time of day, since boot. */
function* clockOf(unix: Unix, process: Process, clock: ClockName): Blocking<number> {
  if (clock !== "processor") return unix.system.uptime();
  const { user, system } = yield* unix.system.tasks.times(process);
  return user + system;
}

/** @throws UnixError EINVAL */
function timerOf(process: Process, id: number): PosixTimer {
  const timer = process.posixTimers.get(id);
  if (timer === undefined) throw new UnixError("EINVAL");
  return timer;
}

/** Whether the signal that a timer has sent is still to be taken. */
function isWaiting({ signals }: Process, info: SignalInfo): boolean {
  return signals.pending.get(info.signal)?.includes(info) ?? false;
}

/**
 * A new timer, not set.
 * @param sends makes its signal from its number; undefined for SIGEV_NONE
 * @returns its number
 * @throws UnixError EAGAIN, EINVAL
 */
export function* timer_create(
  _unix: Unix,
  call: Call,
  clock: ClockName,
  sends?: (id: number) => TimerSignal,
): Blocking<number> {
  yield* call.charge("clock");
  const { posixTimers } = call.process;
  let id = 0;
  while (posixTimers.has(id)) id++;
  if (id >= TIMER_MAX) throw new UnixError("EAGAIN");
  const signal = sends?.(id);
  if (signal !== undefined) checkSignal(signal.signal);
  posixTimers.set(id, {
    ...{ id, clock, sends: signal, timer: undefined, deadline: 0, interval: 0 },
    ...{ time: undefined, sent: undefined, overrun: 0 },
  });
  return id;
}

function disarm(unix: Unix, timer: PosixTimer): void {
  unix.timers.cancel(timer.timer);
  timer.timer = undefined;
  timer.deadline = 0;
  timer.time = undefined;
}

/** @throws UnixError EINVAL */
export function* timer_delete(unix: Unix, call: Call, id: number): Blocking<void> {
  yield* call.charge("clock");
  disarm(unix, timerOf(call.process, id));
  call.process.posixTimers.delete(id);
}

/** Another program begins, or the process ends. */
export function deletePosixTimers(unix: Unix, { posixTimers }: Process): void {
  for (const timer of posixTimers.values()) disarm(unix, timer);
  posixTimers.clear();
}

/** Looks at a timer when its deadline can have come, and not before `least` nanoseconds have passed. */
function watch(unix: Unix, process: Process, timer: PosixTimer, now: number, least = 0): void {
  const soonest = timer.clock === "processor" ? PROCESSOR_TICK : least;
  const until = unix.system.uptime() + Math.max(timer.deadline - now, soonest);
  timer.timer = unix.timers.add(until, () => expire(unix, process, timer));
}

function* expire(unix: Unix, process: Process, timer: PosixTimer): Blocking<void> {
  const due = timer.timer;
  const now = yield* clockOf(unix, process, timer.clock);
  // A wait for the clock may have seen the timer set anew, or its process gone.
  if (timer.timer !== due || process.exiting) return;
  if (now < timer.deadline) return watch(unix, process, timer, now);
  const { interval } = timer;
  const periods = interval > 0 ? Math.floor((now - timer.deadline) / interval) : 0;
  const next = timer.deadline + (periods + 1) * interval;
  const info = expired(process, timer, periods);
  disarm(unix, timer);
  if (interval > 0) {
    timer.deadline = next;
    watch(unix, process, timer, now, TICK);
  }
  if (info !== undefined) yield* postSignal(unix, process, info);
}

/** Notes an expiration and those that it came too late for. Returns the signal to send, if there is one. */
function expired(process: Process, timer: PosixTimer, more: number): SignalInfo | undefined {
  const { sends, sent } = timer;
  if (sends === undefined) return undefined;
  if (sent !== undefined && isWaiting(process, sent.info)) {
    sent.overrun = Math.min(sent.overrun + 1 + more, DELAYTIMER_MAX);
    return undefined;
  }
  timer.overrun = sent?.overrun ?? 0;
  const next = { overrun: Math.min(more, DELAYTIMER_MAX) };
  const { id } = timer;
  const info: SignalInfo = {
    ...{ signal: sends.signal, value: sends.value, code: "SI_TIMER" },
    timer: { id, overrun: () => next.overrun },
  };
  timer.sent = Object.assign(next, { info });
  return info;
}

/** Time left and interval; of SIGEV_NONE the time left may come to nothing, and then it is off. */
function* left(unix: Unix, process: Process, timer: PosixTimer): Blocking<TimerValue> {
  const { interval, deadline: end } = timer;
  if (end === 0) return { left: 0, interval };
  const now = yield* clockOf(unix, process, timer.clock);
  return { left: Math.max(1, end - now), interval };
}

/** @throws UnixError EINVAL */
export function* timer_gettime(unix: Unix, call: Call, id: number): Blocking<TimerValue> {
  yield* call.charge("clock");
  return yield* left(unix, call.process, timerOf(call.process, id));
}

/** When a timer first runs out: in so many nanoseconds, or at a time of its clock. 0 turns it off. */
export interface TimerSetting {
  readonly first: number | Time;
  /** Nanoseconds. */
  readonly interval: number;
}

/** Sets a timer; returns what it was. @throws UnixError EINVAL */
export function* timer_settime(
  unix: Unix,
  call: Call,
  id: number,
  { first, interval }: TimerSetting,
): Blocking<TimerValue> {
  yield* call.charge("clock");
  const { process } = call;
  const timer = timerOf(process, id);
  const before = yield* left(unix, process, timer);
  const now = yield* clockOf(unix, process, timer.clock);
  disarm(unix, timer);
  timer.interval = interval;
  // Of a signal that still waits nobody asks any more how often the timer has run out.
  timer.sent = undefined;
  timer.overrun = 0;
  if (typeof first === "number") {
    if (first > 0) timer.deadline = now + first;
  } else if (first.seconds > 0 || first.nanoseconds > 0) {
    timer.deadline = atTime(unix, timer.clock, first);
    if (timer.clock === "realtime") timer.time = first;
  }
  if (timer.deadline > 0) watch(unix, process, timer, now);
  return before;
}

/** An absolute time of a clock as a deadline; one that has passed is at once, but not off. */
function atTime(unix: Unix, clock: ClockName, time: Time): number {
  if (clock === "processor") return time.seconds * NANOSECONDS + time.nanoseconds;
  return Math.max(1, deadline(unix, clock, time));
}

/** Expirations that the signal taken last did not tell of. @throws UnixError EINVAL */
export function* timer_getoverrun(_unix: Unix, call: Call, id: number): Blocking<number> {
  yield* call.charge("clock");
  const timer = timerOf(call.process, id);
  const { sent } = timer;
  return sent === undefined || isWaiting(call.process, sent.info) ? timer.overrun : sent.overrun;
}

/** The time of day has been set: absolute times of it are elsewhen. */
export function moveTimers(unix: Unix): void {
  for (const process of unix.processes.values())
    for (const timer of process.posixTimers.values()) {
      const { time } = timer;
      if (time === undefined) continue;
      unix.timers.cancel(timer.timer);
      timer.deadline = atTime(unix, "realtime", time);
      watch(unix, process, timer, unix.system.uptime());
    }
}
