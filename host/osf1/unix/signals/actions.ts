/** What a process says about signals: sigaction, sigprocmask, sigpending, sigaltstack, sigreturn. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { LAST_SIGNAL, SIGNAL, signalBit, type SignalSet } from "../constants.ts";
import type { AlternateStack, Process, SignalAction } from "../process.ts";
import type { Unix } from "../unix.ts";
import { actionOf, dropPending, isIgnored, UNMASKABLE } from "./post.ts";

/** @throws UnixError EINVAL */
export function checkSignal(signal: number): void {
  if (!Number.isInteger(signal) || signal < 1 || signal > LAST_SIGNAL)
    throw new UnixError("EINVAL");
}

/** Reads an action, and sets it when a new one is given. @throws UnixError EINVAL */
export function* sigaction(
  _unix: Unix,
  call: Call,
  signal: number,
  action?: SignalAction,
): Blocking<SignalAction> {
  yield* call.charge("signal-action");
  checkSignal(signal);
  const { process } = call;
  const before = actionOf(process, signal);
  if (action === undefined) return before;
  if (signal === SIGNAL.SIGKILL || signal === SIGNAL.SIGSTOP) throw new UnixError("EINVAL");
  process.signals.actions.set(signal, { ...action, mask: action.mask & ~UNMASKABLE });
  if (isIgnored(process, signal)) dropPending(process, signalBit(signal));
  return before;
}

export type MaskChange = "block" | "unblock" | "set";

/** Reads the mask, and changes it when a set is given. */
export function* sigprocmask(
  _unix: Unix,
  call: Call,
  how: MaskChange,
  set?: SignalSet,
): Blocking<SignalSet> {
  yield* call.charge("signal-action");
  const { signals } = call.process;
  const before = signals.mask;
  if (set === undefined) return before;
  const next = { block: before | set, unblock: before & ~set, set }[how];
  signals.mask = next & ~UNMASKABLE;
  return before;
}

/** Signals that wait because they are blocked. */
export function* sigpending(_unix: Unix, call: Call): Blocking<SignalSet> {
  yield* call.charge("signal-action");
  const { pendingSet, mask } = call.process.signals;
  return pendingSet & mask;
}

/** The smallest alternate stack, bytes (MINSIGSTKSZ). */
const STACK_LEAST = 2048;

/** Whether a stack pointer is on the alternate stack; stacks grow upwards. */
export function isOnAlternateStack({ signals }: Process, pointer: number): boolean {
  const { address, size, enabled } = signals.alternateStack;
  return enabled && pointer >= address && pointer < address + size;
}

/**
 * Reads the alternate stack, and sets it when one is given.
 * @param pointer the caller's stack pointer.
 * @throws UnixError EPERM while it runs on it, ENOMEM
 */
export function* sigaltstack(
  _unix: Unix,
  call: Call,
  pointer: number,
  stack?: AlternateStack,
): Blocking<AlternateStack> {
  yield* call.charge("signal-action");
  const { process } = call;
  const before = process.signals.alternateStack;
  if (stack === undefined) return before;
  if (isOnAlternateStack(process, pointer)) throw new UnixError("EPERM");
  if (stack.enabled && stack.size < STACK_LEAST) throw new UnixError("ENOMEM");
  process.signals.alternateStack = stack.enabled ? stack : { address: 0, size: 0, enabled: false };
  return before;
}

/** A handler has returned: its mask comes back. The registers are the binary interface's. */
export function* sigreturn(_unix: Unix, call: Call, mask: SignalSet): Blocking<void> {
  yield* call.charge("signal-action");
  call.process.signals.mask = mask & ~UNMASKABLE;
}
