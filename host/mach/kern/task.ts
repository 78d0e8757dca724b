/**
 * Tasks: a name space, ports, threads and the address map that the creator hands in. References:
 * one for being alive, one for each thread and other holder. After Mach's kern/task.c.
 */
import { SCHED, task as taskStruct } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { inks_unregister } from "../inks/register.ts";
import { NULL } from "../ipc/names.ts";
import { eml_task_deallocate, eml_task_reference } from "./emulation.ts";
import { ipc_task_init, ipc_task_terminate } from "./ipc-tt.ts";
import { LIST_LINKS, queueElements } from "./queue.ts";
import type { KernelState } from "./state.ts";
import { task_deallocate, taskThreads } from "./task-reference.ts";
import { thread_terminate } from "./thread.ts";
import { clearWords, taskAt } from "./views.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;

/**
 * Purpose: creates a task without threads or rights. It inherits exception and bootstrap port.
 * Conditions: consumes a reference to `map` on success; `parent` may be 0.
 * Returns: the task, or 0 when there is no memory.
 */
export function task_create(k: KernelState, map: number, parent: number): number {
  const task = k.zalloc("task");
  if (task === NULL) return NULL;
  clearWords(k.memory, task, taskStruct.size);
  const view = taskAt(k, task);
  view.ref_count = 1;
  view.active = 1;
  view.map = map;
  view.priority = parent === NULL ? SCHED.BASEPRI_USER : taskAt(k, parent).priority;
  if (ipc_task_init(k, task, parent) === KERN_SUCCESS) {
    if (parent !== NULL) eml_task_reference(k, task, parent);
    return task;
  }
  k.zfree("task", task);
  return NULL;
}

/**
 * Purpose: ends a task at once: its threads, its rights, its ports. If the current thread is one of
 * them, no thread is current afterwards.
 * Conditions: consumes the reference for being alive, so the structure may be gone on return.
 * Returns: KERN_SUCCESS, KERN_INVALID_ARGUMENT (no task), KERN_FAILURE (terminated already).
 */
export function task_terminate(k: KernelState, task: number): number {
  if (task === NULL) return KERN_INVALID_ARGUMENT;
  const view = taskAt(k, task);
  if (view.active === 0) return KERN_FAILURE;
  view.active = 0;
  k.task_deaths?.ended(task);
  eml_task_deallocate(k, task);
  for (const thread of queueElements(k.memory, taskThreads(k, task), LIST_LINKS))
    thread_terminate(k, thread);
  inks_unregister(k, task);
  ipc_task_terminate(k, task);
  task_deallocate(k, task);
  return KERN_SUCCESS;
}
