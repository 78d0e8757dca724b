/**
 * Suspending and resuming, by count: a thread is held once for itself if its users have stopped it
 * (`user_stop_count`), and once for its task's stop. A held thread that runs stops on its way out of
 * the kernel; one that waits stays where it waits and goes no further; one in a server goes on there. After Mach's kern/thread.c and
 * kern/task.c.
 */
import { AST, TH } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { isProtected } from "../inks/migrated.ts";
import { LIST_LINKS, queueElements } from "./queue.ts";
import { rem_runq, thread_setrun } from "./sched.ts";
import type { KernelState } from "./state.ts";
import { taskThreads } from "./task-reference.ts";
import { taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_FAILURE } = KERN_RETURN;
const { TH_HALTED, TH_RUN, TH_SUSP, TH_UNINT, TH_WAIT } = TH;

/** Holds a thread once more. Only an uninterruptible procedure goes on, to its end. */
export function thread_hold(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  view.suspend_count += 1;
  if (isProtected(k, thread)) {
    view.ast |= AST.AST_HALT;
    if (k.cpu.active_thread === thread) k.cpu.need_ast |= AST.AST_HALT;
    return;
  }
  view.state |= TH_SUSP;
  const isQueued = (view.state & TH_RUN) !== 0 && k.cpu.active_thread !== thread;
  if (!isQueued || (view.state & TH_UNINT) !== 0) return;
  rem_runq(k, thread);
  view.state &= ~TH_RUN;
}

/** Takes one hold off; without any, the thread runs unless it waits. */
export function thread_release(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  view.suspend_count -= 1;
  if (view.suspend_count > 0) return;
  view.ast &= ~AST.AST_HALT;
  view.state &= ~TH_SUSP;
  if ((view.state & (TH_WAIT | TH_RUN)) !== 0) return;
  view.state |= TH_RUN;
  thread_setrun(k, thread);
}

/** Stops a thread. Returns KERN_SUCCESS, or KERN_FAILURE: it is terminated. */
export function thread_suspend(k: KernelState, thread: number): number {
  const view = threadAt(k, thread);
  if ((view.state & TH_HALTED) !== 0) return KERN_FAILURE;
  view.user_stop_count += 1;
  if (view.user_stop_count === 1) thread_hold(k, thread);
  return KERN_SUCCESS;
}

/** Undoes one `thread_suspend`. Returns KERN_SUCCESS, or KERN_FAILURE: none, or it is terminated. */
export function thread_resume(k: KernelState, thread: number): number {
  const view = threadAt(k, thread);
  if (view.user_stop_count === 0 || (view.state & TH_HALTED) !== 0) return KERN_FAILURE;
  view.user_stop_count -= 1;
  if (view.user_stop_count === 0) thread_release(k, thread);
  return KERN_SUCCESS;
}

/** Stops all threads of a task. Returns KERN_SUCCESS, or KERN_FAILURE: it is terminated. */
export function task_suspend(k: KernelState, task: number): number {
  const view = taskAt(k, task);
  if (view.active === 0) return KERN_FAILURE;
  view.user_stop_count += 1;
  if (view.user_stop_count > 1) return KERN_SUCCESS;
  view.suspend_count += 1;
  for (const thread of queueElements(k.memory, taskThreads(k, task), LIST_LINKS))
    thread_hold(k, thread);
  return KERN_SUCCESS;
}

/** Undoes one `task_suspend`. Returns KERN_SUCCESS, or KERN_FAILURE: none, or it is terminated. */
export function task_resume(k: KernelState, task: number): number {
  const view = taskAt(k, task);
  if (view.active === 0 || view.user_stop_count === 0) return KERN_FAILURE;
  view.user_stop_count -= 1;
  if (view.user_stop_count > 0) return KERN_SUCCESS;
  view.suspend_count -= 1;
  for (const thread of queueElements(k.memory, taskThreads(k, task), LIST_LINKS))
    thread_release(k, thread);
  return KERN_SUCCESS;
}
