/**
 * Signals that wait for a process: which is next, and how those are dealt with that need neither a
 * handler nor an end.
 */
import type { Blocking } from "../../ufs/device.ts";
import { SIGNAL, signalBit, type SignalSet } from "../constants.ts";
import type { Process, SignalInfo } from "../process.ts";
import type { Unix } from "../unix.ts";
import { actionOf, defaultAction, isIgnored } from "./post.ts";
import { isOrphaned, stopHere } from "./stop.ts";

/** Signals that wait and are not blocked. */
const takeable = ({ signals }: Process): SignalSet => signals.pendingSet & ~signals.mask;

/** Whether a signal waits that is to be taken: a sleep that signals may end does not begin then. */
export const signalWaits = (process: Process): boolean => takeable(process) !== 0n;

/** The number of the signal to take first: faults before others, then the lowest. */
export function first(process: Process): number | undefined {
  const set = takeable(process);
  if (set === 0n) return undefined;
  if ((set & signalBit(SIGNAL.SIGKILL)) !== 0n) return SIGNAL.SIGKILL;
  for (let signal = 1; ; signal++) if ((set & signalBit(signal)) !== 0n) return signal;
}

/** Takes a signal out of those that wait. */
export function takePending(process: Process, signal: number): SignalInfo {
  const { signals } = process;
  const [info, ...rest] = signals.pending.get(signal)!;
  if (rest.length > 0) signals.pending.set(signal, rest);
  else {
    signals.pending.delete(signal);
    signals.pendingSet &= ~signalBit(signal);
  }
  return info!;
}

const isStop = (process: Process, signal: number): boolean =>
  actionOf(process, signal).handler === "default" && defaultAction(signal) === "stop";

/** Stops, unless the terminal's signal finds nobody to set the process going again. */
function* stopFor(unix: Unix, process: Process, signal: number): Blocking<void> {
  if (signal === SIGNAL.SIGSTOP || !isOrphaned(process)) yield* stopHere(unix, process, signal);
}

/**
 * Deals with signals that do not end a call: ignored ones go, stops stop here.
 * @returns false when one is left that a handler or death waits for.
 */
export function* passQuietSignals(unix: Unix, process: Process): Blocking<boolean> {
  for (;;) {
    const signal = first(process);
    if (signal === undefined) return true;
    if (isIgnored(process, signal)) takePending(process, signal);
    else if (isStop(process, signal)) {
      takePending(process, signal);
      yield* stopFor(unix, process, signal);
    } else return false;
  }
}
