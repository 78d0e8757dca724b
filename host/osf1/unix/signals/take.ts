/**
 * Taking signals, by the process itself, when its thread is in the server: which is next, what is to
 * be done. Default actions are done here; a handler is the binary interface's to call: it builds the
 * frame from what `takeSignal` gives it.
 */
import { type Blocking, charge } from "../../ufs/device.ts";
import { signalBit, type SignalSet } from "../constants.ts";
import type { Process, SignalAction, SignalInfo } from "../process.ts";
import { endProcess } from "../process/exit.ts";
import type { Unix } from "../unix.ts";
import { first, passQuietSignals, takePending } from "./pending.ts";
import { actionOf, DEFAULT_ACTION, UNMASKABLE } from "./post.ts";

/** What the dispatcher has to do after a call. */
export interface Delivery {
  readonly info: SignalInfo;
  /** Its `handler` is an address. */
  readonly action: SignalAction & { readonly handler: number };
  /** The mask that comes back with sigreturn. */
  readonly mask: SignalSet;
}

/**
 * Takes the next signal of the calling process. Stops and ignored signals are dealt with on the way.
 * A handler's signal comes back to be delivered, the mask changed for it already.
 * @returns undefined when there is none; "ended" when the process has been terminated.
 */
export function* takeSignal(
  unix: Unix,
  process: Process,
): Blocking<Delivery | "ended" | undefined> {
  const { signals } = process;
  for (;;) {
    if (process.exiting) return "ended";
    yield* passQuietSignals(unix, process);
    const signal = first(process);
    if (signal === undefined) {
      signals.mask = signals.restoreMask ?? signals.mask;
      signals.restoreMask = undefined;
      if (first(process) === undefined) return undefined;
      continue;
    }
    const info = takePending(process, signal);
    yield* charge(unix.system, "signal-take");
    process.usage.signals++;
    const action = actionOf(process, signal);
    const { handler } = action;
    if (typeof handler !== "number") {
      yield* endProcess(unix, process, { kind: "killed", signal, core: false });
      return "ended";
    }
    const mask = signals.restoreMask ?? signals.mask;
    signals.restoreMask = undefined;
    signals.mask |= (action.mask | (action.noDefer ? 0n : signalBit(signal))) & ~UNMASKABLE;
    if (action.resetHand) signals.actions.set(signal, DEFAULT_ACTION);
    return { info, action: { ...action, handler }, mask };
  }
}
