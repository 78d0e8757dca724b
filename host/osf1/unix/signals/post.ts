/**
 * Sending a signal to a process, after 4.3BSD's psignal: what is ignored is thrown away at once, stop
 * and continue signals drive each other out, a stopped process is set going or ended, and who sleeps
 * so that signals wake is woken.
 */
import { type Blocking, charge } from "../../ufs/device.ts";
import { FIRST_QUEUED_SIGNAL, SIGNAL, signalBit, signalSet, type SignalSet } from "../constants.ts";
import type { Process, ProcessGroup, SignalAction, SignalInfo } from "../process.ts";
import type { Unix } from "../unix.ts";

export const DEFAULT_ACTION: SignalAction = {
  handler: "default",
  mask: 0n,
  restart: false,
  resetHand: false,
  noDefer: false,
  onStack: false,
  sigInfo: false,
  noChildStop: false,
  noChildWait: false,
};

/** What no process may catch, block or ignore. */
export const UNMASKABLE = signalSet("SIGKILL", "SIGSTOP");
const STOPS = signalSet("SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU");
const IGNORED_BY_DEFAULT = signalSet(
  "SIGURG",
  "SIGCONT",
  "SIGCHLD",
  "SIGIO",
  "SIGWINCH",
  "SIGINFO",
);
/** Queued signals that may wait for one process at once (SIGQUEUE_MAX). */
const QUEUE_MOST = 32;

export function defaultAction(signal: number): "ignore" | "stop" | "terminate" {
  const bit = signalBit(signal);
  if ((STOPS & bit) !== 0n) return "stop";
  return (IGNORED_BY_DEFAULT & bit) !== 0n ? "ignore" : "terminate";
}

export const actionOf = (process: Process, signal: number): SignalAction =>
  process.signals.actions.get(signal) ?? DEFAULT_ACTION;

/** Whether the process wants nothing of a signal. */
export function isIgnored(process: Process, signal: number): boolean {
  const { handler } = actionOf(process, signal);
  if (handler === "default") return defaultAction(signal) === "ignore";
  return handler === "ignore";
}

/** Forgets signals that wait. */
export function dropPending(process: Process, set: SignalSet): void {
  const { signals } = process;
  if ((signals.pendingSet & set) === 0n) return;
  for (const signal of signals.pending.keys())
    if ((signalBit(signal) & set) !== 0n) signals.pending.delete(signal);
  signals.pendingSet &= ~set;
}

/**
 * Posts a signal to a process. Whether the sender may is the caller's business.
 * @returns false when a queued signal found no room
 */
export function* postSignal(unix: Unix, process: Process, info: SignalInfo): Blocking<boolean> {
  const { signal } = info;
  const { signals } = process;
  const bit = signalBit(signal);
  if (process.exiting || !process.hasProgram) return true;
  // Process 1 is not killed by accident: it gets what it has a handler for.
  const protectedInit =
    process === unix.init && typeof actionOf(process, signal).handler !== "number";
  if (protectedInit && info.code !== "SI_KERNEL") return true;
  if (signal === SIGNAL.SIGCONT) {
    dropPending(process, STOPS);
    yield* unix.system.tasks.resume?.(process) ?? [];
    yield* continueProcess(unix, process);
  } else if ((STOPS & bit) !== 0n) dropPending(process, signalBit(SIGNAL.SIGCONT));
  const blocked = (signals.mask & bit) !== 0n;
  if (!blocked && isIgnored(process, signal)) return true;
  const waiting = signals.pending.get(signal) ?? [];
  if (waiting.length > 0) {
    if (signal < FIRST_QUEUED_SIGNAL) return true;
    if (waiting.length >= QUEUE_MOST) return false;
  }
  signals.pending.set(signal, [...waiting, info]);
  signals.pendingSet |= bit;
  yield* charge(unix.system, "signal-post");
  if (signal === SIGNAL.SIGSTOP) yield* unix.system.tasks.halt?.(process) ?? [];
  if (signal === SIGNAL.SIGKILL) yield* unix.system.tasks.resume?.(process) ?? [];
  if (signal === SIGNAL.SIGKILL && process.state === "stopped") {
    process.state = "running";
    unix.system.wakeup(process.signals);
  }
  // Who waits for a signal by name (sigtimedwait) may have it blocked.
  unix.system.wakeup(signals.pending);
  if (blocked || process.state === "stopped") return true;
  unix.system.interrupt(process);
  yield* unix.system.tasks.notify(process);
  return true;
}

/** Posts a signal to every process of a group. */
export function* postToGroup(unix: Unix, group: ProcessGroup, info: SignalInfo): Blocking<void> {
  for (const process of [...group.members]) yield* postSignal(unix, process, info);
}

/** Tells a parent that its child has stopped, gone on or ended: wait, and SIGCHLD. */
export function* tellParent(
  unix: Unix,
  process: Process,
  what: Pick<SignalInfo, "code" | "status">,
): Blocking<void> {
  const { parent } = process;
  if (parent === undefined) return;
  unix.system.wakeup(parent.children);
  const quiet = what.code === "CLD_STOPPED" || what.code === "CLD_CONTINUED";
  if (quiet && actionOf(parent, SIGNAL.SIGCHLD).noChildStop) return;
  yield* postSignal(unix, parent, {
    signal: SIGNAL.SIGCHLD,
    ...what,
    pid: process.pid,
    uid: process.credentials.realUid,
    times: { user: process.usage.user, system: process.usage.system },
  });
}

/** Sets a stopped process going; nothing to one that runs. */
export function* continueProcess(unix: Unix, process: Process): Blocking<void> {
  if (process.state !== "stopped") return;
  process.state = "running";
  process.change = { kind: "continued" };
  unix.system.wakeup(process.signals);
  yield* tellParent(unix, process, { code: "CLD_CONTINUED", status: SIGNAL.SIGCONT });
}
