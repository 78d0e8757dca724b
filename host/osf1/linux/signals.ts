/**
 * Signals between this Unix's numbering, Berkeley's, and Linux/hppa's: numbers by their names, sets,
 * actions, and what a handler is told. Each of the two has two signals that the other lacks; they stand
 * for each other, so that every number is somewhere and comes back as it was.
 */
import { CODE, SIGNAL as LINUX, SIGNAL_ACTION } from "../../abi/linux/signals.ts";
import type { SignalValues } from "../../abi/linux/signal-frame.ts";
import { CLOCK_TICKS } from "../../abi/linux/constants.ts";
import { NANOSECONDS, SIGNAL, type SignalName, type SignalSet } from "../unix/constants.ts";
import type { SignalAction, SignalInfo } from "../unix/process.ts";

const STAND_INS: Readonly<Record<string, SignalName>> = { SIGSTKFLT: "SIGEMT", SIGPWR: "SIGINFO" };

/** By Linux's number; from 32 on they are the same. */
const TO_UNIX = new Map(
  Object.entries(LINUX).map(([name, number]): [number, number] => [
    number,
    SIGNAL[STAND_INS[name] ?? (name as SignalName)],
  ]),
);
const TO_LINUX = new Map([...TO_UNIX].map(([linux, unix]): [number, number] => [unix, linux]));

/** What is no signal stays what it is, for the work function to refuse. */
export const unixSignal = (linux: number): number => TO_UNIX.get(linux) ?? linux;
export const linuxSignal = (unix: number): number => TO_LINUX.get(unix) ?? unix;

const HIGHER = ~0xffffffffn;

function mapSet(set: bigint, numbers: ReadonlyMap<number, number>): bigint {
  // Bit 31 is signal 32, which is the same in both.
  let mapped = set & (HIGHER | 0x80000000n);
  for (const [from, to] of numbers)
    if ((set & (1n << BigInt(from - 1))) !== 0n) mapped |= 1n << BigInt(to - 1);
  return mapped;
}

export const unixMask = (linux: bigint): SignalSet => mapSet(linux, TO_UNIX);
export const linuxMask = (unix: SignalSet): bigint => mapSet(unix, TO_LINUX);

/** A set as Linux/hppa has it in memory: two words, the one with signals 1 to 32 first. */
export const setOfWords = (low: number, high: number): SignalSet =>
  unixMask(BigInt(low) | (BigInt(high) << 32n));
export function wordsOfSet(set: SignalSet): [low: number, high: number] {
  const mask = linuxMask(set);
  return [Number(mask & 0xffffffffn), Number(mask >> 32n)];
}

const ticks = (nanoseconds: number): number =>
  Math.floor((nanoseconds * CLOCK_TICKS) / NANOSECONDS);

/** What a handler is told, as fields of Linux's `siginfo`. */
export function signalValues(info: SignalInfo): SignalValues {
  const head = { si_signo: linuxSignal(info.signal), si_code: CODE[info.code] };
  if (info.address !== undefined) return { ...head, si_pid: info.address };
  if (info.timer !== undefined) {
    const { id, overrun } = info.timer;
    return { ...head, si_pid: id, si_uid: overrun(), si_value: info.value ?? 0 };
  }
  const sender = { ...head, si_pid: info.pid ?? 0, si_uid: info.uid ?? 0 };
  if (!info.code.startsWith("CLD_")) return { ...sender, si_value: info.value ?? 0 };
  const status = info.status ?? 0;
  return {
    ...sender,
    si_value: info.code === "CLD_EXITED" ? status : linuxSignal(status),
    si_utime: ticks(info.times?.user ?? 0),
    si_stime: ticks(info.times?.system ?? 0),
  };
}

const SIG_DFL = 0;
const SIG_IGN = 1;

/** A `struct sigaction` as an action. */
export function actionOf(given: {
  readonly sa_handler: number;
  readonly sa_flags: number;
  readonly sa_mask: number;
  readonly sa_mask_high: number;
}): SignalAction {
  const { sa_handler, sa_flags: flags } = given;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    handler: sa_handler === SIG_DFL ? "default" : sa_handler === SIG_IGN ? "ignore" : sa_handler,
    mask: setOfWords(given.sa_mask, given.sa_mask_high),
    restart: has(SIGNAL_ACTION.SA_RESTART),
    resetHand: has(SIGNAL_ACTION.SA_RESETHAND),
    noDefer: has(SIGNAL_ACTION.SA_NODEFER),
    onStack: has(SIGNAL_ACTION.SA_ONSTACK),
    sigInfo: has(SIGNAL_ACTION.SA_SIGINFO),
    noChildStop: has(SIGNAL_ACTION.SA_NOCLDSTOP),
    noChildWait: has(SIGNAL_ACTION.SA_NOCLDWAIT),
    flags,
  };
}

/** And back: fields of `struct sigaction`. */
export function actionValues(action: SignalAction) {
  const { handler } = action;
  const flag = (set: boolean, bit: number): number => (set ? bit : 0);
  const [sa_mask, sa_mask_high] = wordsOfSet(action.mask);
  return {
    sa_handler: handler === "default" ? SIG_DFL : handler === "ignore" ? SIG_IGN : handler,
    sa_flags:
      action.flags ??
      flag(action.restart, SIGNAL_ACTION.SA_RESTART) |
        flag(action.resetHand, SIGNAL_ACTION.SA_RESETHAND) |
        flag(action.noDefer, SIGNAL_ACTION.SA_NODEFER) |
        flag(action.onStack, SIGNAL_ACTION.SA_ONSTACK) |
        flag(action.sigInfo, SIGNAL_ACTION.SA_SIGINFO) |
        flag(action.noChildStop, SIGNAL_ACTION.SA_NOCLDSTOP) |
        flag(action.noChildWait, SIGNAL_ACTION.SA_NOCLDWAIT),
    sa_mask,
    sa_mask_high,
  };
}
