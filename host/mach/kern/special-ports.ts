/**
 * The special ports of tasks and threads: the port that stands for each to others, its exception
 * port, a task's bootstrap port. After Mach's kern/ipc_tt.c.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { ipc_port_release_send } from "../ipc/destroy.ts";
import { IP_VALID, NULL } from "../ipc/names.ts";
import { ipc_port_copy_send } from "../ipc/port.ts";
import type { KernelState } from "./state.ts";
import { taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;

const TASK_PORTS = { 1: "itk_sself", 3: "itk_exception", 4: "itk_bootstrap" } as const;
const THREAD_PORTS = { 1: "ith_sself", 3: "ith_exception" } as const;

/** A naked send right, or why there is none. */
export type SpecialPort = { readonly port: number } | { readonly kr: number };

const taskField = (which: number) => TASK_PORTS[which as keyof typeof TASK_PORTS];
const threadField = (which: number) => THREAD_PORTS[which as keyof typeof THREAD_PORTS];

/** A send right for a task's special port; KERN_INVALID_ARGUMENT, KERN_FAILURE (terminated). */
export function task_get_special_port(k: KernelState, task: number, which: number): SpecialPort {
  const field = taskField(which);
  if (!field) return { kr: KERN_INVALID_ARGUMENT };
  const view = taskAt(k, task);
  if (view.itk_self === NULL) return { kr: KERN_FAILURE };
  return { port: ipc_port_copy_send(k, view[field]) };
}

/** Sets a task's special port to a copy of a right. As `task_get_special_port`. */
export function task_set_special_port(
  k: KernelState,
  task: number,
  which: number,
  port: number,
): number {
  const field = taskField(which);
  if (!field) return KERN_INVALID_ARGUMENT;
  const view = taskAt(k, task);
  if (view.itk_self === NULL) return KERN_FAILURE;
  const old = view[field];
  view[field] = ipc_port_copy_send(k, port);
  if (IP_VALID(old)) ipc_port_release_send(k, old);
  return KERN_SUCCESS;
}

/** A send right for a thread's special port; KERN_INVALID_ARGUMENT, KERN_FAILURE (terminated). */
export function thread_get_special_port(
  k: KernelState,
  thread: number,
  which: number,
): SpecialPort {
  const field = threadField(which);
  if (!field) return { kr: KERN_INVALID_ARGUMENT };
  const view = threadAt(k, thread);
  if (view.ith_self === NULL) return { kr: KERN_FAILURE };
  return { port: ipc_port_copy_send(k, view[field]) };
}

/** Sets a thread's special port to a copy of a right. As `thread_get_special_port`. */
export function thread_set_special_port(
  k: KernelState,
  thread: number,
  which: number,
  port: number,
): number {
  const field = threadField(which);
  if (!field) return KERN_INVALID_ARGUMENT;
  const view = threadAt(k, thread);
  if (view.ith_self === NULL) return KERN_FAILURE;
  const old = view[field];
  view[field] = ipc_port_copy_send(k, port);
  if (IP_VALID(old)) ipc_port_release_send(k, old);
  return KERN_SUCCESS;
}

/** A naked send right for the port that stands for a thread (convert_thread_to_port). */
export const thread_self_port = (k: KernelState, thread: number): number =>
  ipc_port_copy_send(k, threadAt(k, thread).ith_sself);

/** The same for a task. */
export const task_self_port = (k: KernelState, task: number): number =>
  ipc_port_copy_send(k, taskAt(k, task).itk_sself);
