/**
 * Threads of the kernel's own: each runs one procedure, never leaves the kernel, and ends with it.
 * After `kernel_thread` of Mach's kern/thread.c.
 */
import { CONTINUATION, SCHED, TH } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import {
  type Ending,
  type Procedure,
  procedure_wait,
  type Wait,
  type WaitResult,
} from "./procedure.ts";
import type { KernelState } from "./state.ts";
import { thread_resume } from "./suspend.ts";
import { thread_create, thread_terminate } from "./thread.ts";
import { threadAt } from "./views.ts";

/**
 * Purpose: starts a thread in `task` that runs a procedure; `wait` is what that waits for, if it has
 * begun already.
 * Returns: the thread, or 0: no memory.
 */
export function kernel_thread(
  k: KernelState,
  task: number,
  procedure: Procedure<unknown>,
  wait?: Wait,
): number {
  const thread = thread_create(k, task);
  if (thread === 0) return 0;
  const view = threadAt(k, thread);
  view.swap_func = CONTINUATION.CONTINUATION_PROCEDURE;
  view.priority = view.max_priority = view.sched_pri = SCHED.BASEPRI_SYSTEM;
  const ending = wrapProcedure<unknown, Ending>(procedure, () => {
    thread_terminate(k, thread);
    return "blocked";
  });
  k.procedures.suspended.set(thread, ending);
  if (wait !== undefined) procedure_wait(k, thread, wait);
  thread_resume(k, thread);
  if ((view.state & TH.TH_SUSP) !== 0) panic("kernel_thread: a suspended task");
  return thread;
}

/**
 * A procedure with something behind its end: `finish` makes its value, `abandoned` is called when it is
 * closed before. For procedures that have begun, which `yield*` would begin anew.
 */
export function wrapProcedure<T, U>(
  inner: Procedure<T>,
  finish: (value: T) => U,
  abandoned: () => void = () => {},
): Procedure<U> {
  const end = (step: IteratorResult<Wait, T>): IteratorResult<Wait, U> =>
    step.done ? { done: true, value: finish(step.value) } : step;
  const outer = {
    next: (result: WaitResult) => end(inner.next(result)),
    return: (value: U): IteratorResult<Wait, U> => {
      const { done } = inner.return(undefined as T);
      if (!done) panic("procedure: a finally block waits");
      abandoned();
      return { done: true, value };
    },
    throw: (error: unknown) => end(inner.throw(error)),
    [Symbol.iterator]: () => outer,
  };
  return outer as Procedure<U>;
}
