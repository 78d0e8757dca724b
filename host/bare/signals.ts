/**
 * Signals of one process: what it wants done with each, which it blocks, which wait. How a handler is
 * entered and left is signal-frame.ts; that a program dies of one is the run loop's.
 */
import { CODE, LAST_SIGNAL, SIGNAL } from "../abi/linux/signals.ts";

/** What a handler is told. */
export interface SignalInformation {
  readonly signal: number;
  readonly code: number;
  /** Sender's process and user, or a fault's address in place of the process. */
  readonly first: number;
  readonly second: number;
  readonly value: number;
}

export interface Action {
  /** SIG_DFL, SIG_IGN, or an address. */
  readonly handler: number;
  readonly flags: number;
  readonly mask: bigint;
}

export const SIG_DFL = 0;
export const SIG_IGN = 1;

const DEFAULT: Action = { handler: SIG_DFL, flags: 0, mask: 0n };

const { SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH } = SIGNAL;
/** Default: nothing happens. Stopping counts as nothing, since nobody could continue the program. */
const HARMLESS = new Set<number>([
  SIGCHLD,
  SIGCONT,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGWINCH,
]);

/** The bit of a signal in a set. */
export const bitOf = (signal: number): bigint => 1n << BigInt(signal - 1);
const UNBLOCKABLE = bitOf(SIGKILL) | bitOf(SIGSTOP);

/** `SIGSEGV`, or `signal 40`. */
export function signalName(signal: number): string {
  const found = Object.entries(SIGNAL).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal}`;
}

export class Signals {
  readonly #actions = new Map<number, Action>();
  readonly #pending: SignalInformation[] = [];
  #blocked = 0n;
  /** Put back when the next handler returns: rt_sigsuspend's. */
  maskToRestore: bigint | undefined;
  /** sigaltstack; size 0 is none. */
  alternate = { base: 0, size: 0 };

  action(signal: number): Action {
    return this.#actions.get(signal) ?? DEFAULT;
  }
  setAction(signal: number, action: Action): void {
    this.#actions.set(signal, { ...action, mask: action.mask & ~UNBLOCKABLE });
    if (this.#ignores(signal)) this.#drop(signal);
  }

  get blocked(): bigint {
    return this.#blocked;
  }
  set blocked(mask: bigint) {
    this.#blocked = mask & ~UNBLOCKABLE;
  }

  /** The set of waiting signals that are blocked. */
  get pending(): bigint {
    return this.#pending.reduce((set, { signal }) => set | bitOf(signal), 0n) & this.#blocked;
  }

  #ignores(signal: number): boolean {
    const { handler } = this.action(signal);
    return handler === SIG_IGN || (handler === SIG_DFL && HARMLESS.has(signal));
  }

  #drop(signal: number): void {
    for (let i = this.#pending.length - 1; i >= 0; i--)
      if (this.#pending[i]!.signal === signal) this.#pending.splice(i, 1);
  }

  /** A signal comes. One below 32 that waits already is not kept twice. */
  send(information: SignalInformation): void {
    const { signal } = information;
    if (this.#ignores(signal)) return;
    if (signal < 32 && this.#pending.some((other) => other.signal === signal)) return;
    this.#pending.push(information);
  }

  /** A signal that the program cannot go on without: blocked or ignored, it gets the default. */
  force(information: SignalInformation): void {
    const { signal } = information;
    if (this.#ignores(signal) || (this.#blocked & bitOf(signal)) !== 0n) {
      this.#actions.delete(signal);
      this.#blocked &= ~bitOf(signal);
    }
    this.#drop(signal);
    this.#pending.unshift(information);
  }

  /** Whether a signal waits that is not blocked. */
  get due(): boolean {
    return this.#pending.some(({ signal }) => (this.#blocked & bitOf(signal)) === 0n);
  }

  /** Takes the signal to deal with next: a forced one, else the lowest. */
  take(): SignalInformation | undefined {
    const open = this.#pending.filter(({ signal }) => (this.#blocked & bitOf(signal)) === 0n);
    if (open.length === 0) return undefined;
    const next = open.reduce((best, each) => (rank(each) < rank(best) ? each : best));
    this.#pending.splice(this.#pending.indexOf(next), 1);
    return next;
  }

  /** Back to the default: SA_RESETHAND. */
  reset(signal: number): void {
    this.#actions.delete(signal);
  }
}

/** Faults come first; they are told by a code of the kernel's. */
function rank({ signal, code }: SignalInformation): number {
  return code > 0 && code < CODE.SI_KERNEL ? 0 : Math.min(signal, LAST_SIGNAL);
}
