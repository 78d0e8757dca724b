/**
 * Traps by which a thread gives the processor up: `swtch`, `swtch_pri`, `thread_switch`. Each returns
 * when the thread runs again. After Mach's kern/syscall_subr.c.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { IKOT_THREAD } from "../ipc/names.ts";
import { port_name_to_object } from "./ipc-mig.ts";
import { type Procedure, YIELD } from "./procedure.ts";
import { othersRunnable, thread_depress, thread_prefer, thread_undepress } from "./sched.ts";
import type { KernelState } from "./state.ts";

const { KERN_SUCCESS, KERN_INVALID_ARGUMENT } = KERN_RETURN;
/** Options of `thread_switch`. */
const SWITCH_OPTION_NONE = 0;
const SWITCH_OPTION_DEPRESS = 1;
const SWITCH_OPTION_WAIT = 2;
/** How long `swtch_pri` depresses: the least quantum. */
const DEPRESS_MILLISECONDS = 10;

/** Lets others of the same priority run. Returns whether there is anybody else to run. */
export function* swtch(k: KernelState): Procedure<number> {
  if (!othersRunnable(k)) return 0;
  yield YIELD;
  return Number(othersRunnable(k));
}

/** Lets everybody else run, for a tick at most. Returns whether there is anybody else to run. */
export function* swtch_pri(k: KernelState, thread: number): Procedure<number> {
  if (!othersRunnable(k)) return 0;
  thread_depress(k, thread, DEPRESS_MILLISECONDS);
  yield YIELD;
  thread_undepress(k, thread);
  return Number(othersRunnable(k));
}

/**
 * Purpose: gives the processor up, to the thread named if it can run, else to any.
 * Returns: KERN_SUCCESS, whatever the name is; KERN_INVALID_ARGUMENT for an unknown option.
 */
export function* thread_switch(
  k: KernelState,
  thread: number,
  name: number,
  option: number,
  milliseconds: number,
): Procedure<number> {
  if (option > SWITCH_OPTION_WAIT) return KERN_INVALID_ARGUMENT;
  const next = port_name_to_object(k, thread, name, IKOT_THREAD);
  if (next !== 0 && next !== thread) thread_prefer(k, next);
  if (option === SWITCH_OPTION_WAIT) {
    yield { event: `thread_switch ${thread}`, interruptible: true, milliseconds };
    return KERN_SUCCESS;
  }
  if (option === SWITCH_OPTION_DEPRESS) thread_depress(k, thread, milliseconds);
  if (option === SWITCH_OPTION_NONE && !othersRunnable(k)) return KERN_SUCCESS;
  yield YIELD;
  if (option === SWITCH_OPTION_DEPRESS) thread_undepress(k, thread);
  return KERN_SUCCESS;
}
