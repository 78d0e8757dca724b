/**
 * Priorities and policies as their users set them. 0 is best, 31 worst; a thread may not be made
 * better than its `max_priority`. After Mach's kern/thread.c and kern/task.c.
 */
import { SCHED } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { LIST_LINKS, queueElements } from "./queue.ts";
import { compute_priority } from "./sched.ts";
import type { KernelState } from "./state.ts";
import { taskThreads } from "./task-reference.ts";
import { taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const PRIORITIES = 32;
/** Milliseconds of the clock's ticks. */
const TICK = 10;

/** Whether a word is no priority. */
export const invalid_pri = (priority: number): boolean => priority >>> 0 >= PRIORITIES;

/**
 * Sets a thread's base priority, and its limit too if `setMax`.
 * Returns KERN_SUCCESS, KERN_INVALID_ARGUMENT (no priority), KERN_FAILURE (better than its limit).
 */
export function thread_priority(
  k: KernelState,
  thread: number,
  priority: number,
  setMax: boolean,
): number {
  if (invalid_pri(priority)) return KERN_INVALID_ARGUMENT;
  const view = threadAt(k, thread);
  if (priority < view.max_priority) return KERN_FAILURE;
  view.priority = priority;
  if (setMax) view.max_priority = priority;
  compute_priority(k, thread);
  return KERN_SUCCESS;
}

/** Sets a thread's limit, better or worse; who may do this holds the processor set's control port. */
export function thread_max_priority(k: KernelState, thread: number, priority: number): number {
  if (invalid_pri(priority)) return KERN_INVALID_ARGUMENT;
  const view = threadAt(k, thread);
  view.max_priority = priority;
  view.priority = Math.max(view.priority, priority);
  compute_priority(k, thread);
  return KERN_SUCCESS;
}

/** Sets the priority of a task's new threads, and of those it has if `changeThreads`. */
export function task_priority(
  k: KernelState,
  task: number,
  priority: number,
  changeThreads: boolean,
): number {
  if (invalid_pri(priority)) return KERN_INVALID_ARGUMENT;
  taskAt(k, task).priority = priority;
  if (!changeThreads) return KERN_SUCCESS;
  const threads = queueElements(k.memory, taskThreads(k, task), LIST_LINKS);
  const results = threads.map((thread) => thread_priority(k, thread, priority, false));
  return results.includes(KERN_FAILURE) ? KERN_FAILURE : KERN_SUCCESS;
}

/**
 * Sets a thread's policy; `data` is the quantum of POLICY_FIXEDPRI in milliseconds, of whole ticks.
 * Returns KERN_SUCCESS, KERN_INVALID_ARGUMENT (no policy), KERN_FAILURE (not enabled).
 */
export function thread_policy(
  k: KernelState,
  thread: number,
  policy: number,
  data: number,
  enabled: number,
): number {
  const { POLICY_TIMESHARE, POLICY_FIXEDPRI } = SCHED;
  if (policy !== POLICY_TIMESHARE && policy !== POLICY_FIXEDPRI) return KERN_INVALID_ARGUMENT;
  if ((enabled & policy) === 0) return KERN_FAILURE;
  const view = threadAt(k, thread);
  view.policy = policy;
  view.sched_data = policy === POLICY_FIXEDPRI ? Math.ceil(Math.max(0, data | 0) / TICK) * TICK : 0;
  compute_priority(k, thread);
  return KERN_SUCCESS;
}
