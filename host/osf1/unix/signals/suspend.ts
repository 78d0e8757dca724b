/** Waiting for signals: sigsuspend, pause, sigtimedwait; and how a call that one ended goes on. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { LAST_SIGNAL, signalBit, type SignalSet } from "../constants.ts";
import type { SignalInfo } from "../process.ts";
import type { Unix } from "../unix.ts";
import { Interrupted, interruptibleSleep } from "./interrupt.ts";
import { takePending } from "./pending.ts";
import { UNMASKABLE } from "./post.ts";
import type { Delivery } from "./take.ts";

/** What an interrupted call gives its program: EINTR, or the call once more, after the handler if there is one. */
export function isRestarted(error: UnixError, delivery: Delivery | undefined): boolean {
  if (!(error instanceof Interrupted)) return false;
  return delivery === undefined || (error.restartable && delivery.action.restart);
}

/**
 * Does something with another mask; the old one is back afterwards, or, when a handler's signal ends it, after
 * the handler (pselect, ppoll, sigsuspend).
 */
export function* withMask<T>(
  call: Call,
  mask: SignalSet | undefined,
  action: () => Blocking<T>,
): Blocking<T> {
  if (mask === undefined) return yield* action();
  const { signals } = call.process;
  const before = signals.mask;
  signals.mask = mask & ~UNMASKABLE;
  signals.restoreMask = before;
  let isOver = true;
  try {
    return yield* action();
  } catch (error) {
    isOver = !(error instanceof Interrupted);
    throw error;
  } finally {
    if (isOver) {
      signals.mask = before;
      signals.restoreMask = undefined;
    }
  }
}

/** Waits for a handler's signal with another mask, or (pause) the same. @throws Interrupted always */
export function* sigsuspend(unix: Unix, call: Call, mask?: SignalSet): Blocking<never> {
  yield* call.charge("signal-action");
  return yield* withMask(call, mask, function* (): Blocking<never> {
    const nothing = {};
    for (;;) yield* interruptibleSleep(unix, call.process, nothing, { restartable: false });
  });
}

/**
 * Takes one of a set of signals, waiting for it.
 * @param until nanoseconds since boot; without, for ever.
 * @throws UnixError EAGAIN when the time is over, EINTR
 */
export function* sigtimedwait(
  unix: Unix,
  call: Call,
  set: SignalSet,
  until?: number,
): Blocking<SignalInfo> {
  yield* call.charge("signal-action");
  const { process } = call;
  const { signals } = process;
  const wanted = set & ~UNMASKABLE;
  for (;;) {
    for (let signal = 1; signal <= LAST_SIGNAL; signal++)
      if ((signals.pendingSet & wanted & signalBit(signal)) !== 0n)
        return takePending(process, signal);
    const options = { restartable: false, ...(until !== undefined && { until }) };
    // A signal of the set that is not blocked is this call's, not a handler's.
    const before = signals.mask;
    signals.mask |= wanted;
    try {
      const inTime = yield* interruptibleSleep(unix, process, signals.pending, options);
      if (!inTime && (signals.pendingSet & wanted) === 0n) throw new UnixError("EAGAIN");
    } finally {
      signals.mask = before;
    }
  }
}
