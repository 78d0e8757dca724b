/**
 * Interval timers of a process (setitimer, alarm) and its limit of processor time. Those of processor
 * time are looked at when they could have run out at the earliest, and again as long as they have not.
 */
import type { Blocking } from "../../ufs/device.ts";
import { NANOSECONDS, SIGNAL } from "../constants.ts";
import type { Call } from "../call.ts";
import type { Process } from "../process.ts";
import { postSignal } from "../signals/post.ts";
import type { Unix } from "../unix.ts";
import type { Timer } from "./timers.ts";

/** ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF; "limit" is RLIMIT_CPU's. */
export type TimerKind = "real" | "virtual" | "profile" | "limit";

export interface IntervalTimer {
  timer: Timer;
  /** Nanoseconds on the timer's own clock. */
  deadline: number;
  /** Nanoseconds; 0: once. */
  readonly interval: number;
}

/** Time left and interval, nanoseconds; 0 left is off. */
export interface TimerValue {
  readonly left: number;
  readonly interval: number;
}

const SIGNALS = {
  real: SIGNAL.SIGALRM,
  virtual: SIGNAL.SIGVTALRM,
  profile: SIGNAL.SIGPROF,
  limit: SIGNAL.SIGXCPU,
} as const;

/** Processor time is not looked at more often than this, nanoseconds. */
const TICK = NANOSECONDS / 100;

/** What a timer's clock shows, nanoseconds. */
function* clockOf(unix: Unix, process: Process, kind: TimerKind): Blocking<number> {
  if (kind === "real") return unix.system.uptime();
  const { user, system } = yield* unix.system.tasks.times(process);
  return kind === "virtual" ? user : user + system;
}

function arm(
  unix: Unix,
  process: Process,
  kind: TimerKind,
  now: number,
  { deadline, interval }: { readonly deadline: number; readonly interval: number },
): void {
  const wait = kind === "real" ? deadline - now : Math.max(deadline - now, TICK);
  const timer = unix.timers.add(unix.system.uptime() + wait, () => expire(unix, process, kind));
  process.timers.set(kind, { timer, deadline, interval });
}

function* expire(unix: Unix, process: Process, kind: TimerKind): Blocking<void> {
  const set = process.timers.get(kind);
  if (set === undefined || process.exiting) return;
  const now = yield* clockOf(unix, process, kind);
  // A wait for the clock may have seen the timer set anew.
  if (process.timers.get(kind) !== set) return;
  process.timers.delete(kind);
  if (now < set.deadline) return arm(unix, process, kind, now, set);
  if (kind === "limit") return yield* overLimit(unix, process, now);
  if (set.interval > 0) {
    const periods = Math.floor((now - set.deadline) / set.interval) + 1;
    const deadline = set.deadline + periods * set.interval;
    arm(unix, process, kind, now, { deadline, interval: set.interval });
  }
  yield* postSignal(unix, process, { signal: SIGNALS[kind], code: "SI_KERNEL" });
}

/** SIGXCPU every second past the soft limit, and the end at the hard one. */
function* overLimit(unix: Unix, process: Process, now: number): Blocking<void> {
  const hard = process.limits.RLIMIT_CPU.hard * NANOSECONDS;
  const over = now >= hard;
  if (!over) {
    const deadline = Math.min(now + NANOSECONDS, hard);
    arm(unix, process, "limit", now, { deadline, interval: 0 });
  }
  const signal = over ? SIGNAL.SIGKILL : SIGNALS.limit;
  yield* postSignal(unix, process, { signal, code: "SI_KERNEL" });
}

/** Watches a process's processor time as its limit asks. */
export function* armProcessorLimit(unix: Unix, process: Process): Blocking<void> {
  cancelTimer(unix, process, "limit");
  const { soft } = process.limits.RLIMIT_CPU;
  if (soft === Infinity) return;
  const now = yield* clockOf(unix, process, "limit");
  arm(unix, process, "limit", now, { deadline: soft * NANOSECONDS, interval: 0 });
}

export function cancelTimer(unix: Unix, process: Process, kind: TimerKind): void {
  unix.timers.cancel(process.timers.get(kind)?.timer);
  process.timers.delete(kind);
}

export function cancelTimers(unix: Unix, process: Process): void {
  for (const kind of [...process.timers.keys()]) cancelTimer(unix, process, kind);
}

type Settable = Exclude<TimerKind, "limit">;

export function* getitimer(unix: Unix, call: Call, kind: Settable): Blocking<TimerValue> {
  yield* call.charge("clock");
  const set = call.process.timers.get(kind);
  if (set === undefined) return { left: 0, interval: 0 };
  const now = yield* clockOf(unix, call.process, kind);
  // A timer that is set has something left, however late its signal is.
  return { left: Math.max(1, set.deadline - now), interval: set.interval };
}

/** Sets a timer; returns what it was. */
export function* setitimer(
  unix: Unix,
  call: Call,
  kind: Settable,
  { left, interval }: TimerValue,
): Blocking<TimerValue> {
  const before = yield* getitimer(unix, call, kind);
  const { process } = call;
  const now = yield* clockOf(unix, process, kind);
  cancelTimer(unix, process, kind);
  if (left > 0) arm(unix, process, kind, now, { deadline: now + left, interval });
  return before;
}

/** Sets the real timer to seconds; returns the seconds that were left, rounded up. */
export function* alarm(unix: Unix, call: Call, seconds: number): Blocking<number> {
  const value = { left: seconds * NANOSECONDS, interval: 0 };
  const { left } = yield* setitimer(unix, call, "real", value);
  return Math.ceil(left / NANOSECONDS);
}
