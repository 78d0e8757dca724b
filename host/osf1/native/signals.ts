/** OSF/1's `struct sigaction`: handler, mask, flags, a word each; numbers are this Unix's own. */
import type { SignalAction } from "../unix/process.ts";

/** Flags of sa_flags (sys/signal.h). */
const SA = {
  SA_ONSTACK: 1,
  SA_RESTART: 2,
  SA_NOCLDSTOP: 4,
  SA_RESETHAND: 16,
  SA_NODEFER: 32,
  SA_NOCLDWAIT: 64,
} as const;
const SIG_DFL = 0;
const SIG_IGN = 1;

export function readAction([handler = 0, mask = 0, flags = 0]: readonly number[]): SignalAction {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const named = handler === SIG_DFL ? "default" : handler === SIG_IGN ? "ignore" : handler;
  return {
    handler: named,
    mask: BigInt(mask),
    restart: has(SA.SA_RESTART),
    resetHand: has(SA.SA_RESETHAND),
    noDefer: has(SA.SA_NODEFER),
    onStack: has(SA.SA_ONSTACK),
    sigInfo: false,
    noChildStop: has(SA.SA_NOCLDSTOP),
    noChildWait: has(SA.SA_NOCLDWAIT),
    flags,
  };
}

export function actionWords({ handler, mask, flags = 0 }: SignalAction): number[] {
  const word = handler === "default" ? SIG_DFL : handler === "ignore" ? SIG_IGN : handler;
  return [word, Number(mask & 0xffffffffn), flags];
}
