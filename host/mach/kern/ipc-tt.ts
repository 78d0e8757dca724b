/**
 * The ports of tasks and threads: the kernel port that stands for each (`itk_self`, `ith_self`),
 * the send right that the task itself sees (`itk_sself`, `ith_sself`), and the traps that hand
 * those out. After Mach's kern/ipc_tt.c.
 */
import { KERN_RETURN, MACH_PORT } from "../../abi/mach.ts";
import { ipc_port_dealloc_special, ipc_port_release_send } from "../ipc/destroy.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import { IKOT_NONE, IKOT_TASK, IKOT_THREAD, IP_VALID, NULL } from "../ipc/names.ts";
import { ipc_port_copyout_send } from "../ipc/object-copy.ts";
import {
  ipc_port_alloc,
  ipc_port_alloc_special,
  ipc_port_copy_send,
  ipc_port_make_send,
} from "../ipc/port.ts";
import { is_release } from "../ipc/space-reference.ts";
import { ipc_space_create, ipc_space_destroy } from "../ipc/space.ts";
import { inheritRegistered, releaseRegistered } from "./registered-ports.ts";
import type { KernelState } from "./state.ts";
import { spaceAt, taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

/**
 * Purpose: gives a new task its space and ports; exception, bootstrap and registered ports are its
 * parent's.
 * Conditions: `parent` may be 0.
 * Returns: KERN_SUCCESS, or KERN_RESOURCE_SHORTAGE, and nothing is left allocated.
 */
export function ipc_task_init(k: KernelState, task: number, parent: number): number {
  const space = ipc_space_create(k);
  if (space === NULL) return KERN_RESOURCE_SHORTAGE;
  const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
  if (port === NULL) {
    ipc_space_destroy(k, space);
    is_release(k, space);
    return KERN_RESOURCE_SHORTAGE;
  }
  spaceAt(k, space).is_task = task;
  const view = taskAt(k, task);
  view.itk_space = space;
  view.itk_self = port;
  view.itk_sself = ipc_port_make_send(k, port);
  view.itk_exception = parent ? ipc_port_copy_send(k, taskAt(k, parent).itk_exception) : NULL;
  view.itk_bootstrap = parent ? ipc_port_copy_send(k, taskAt(k, parent).itk_bootstrap) : NULL;
  if (parent !== NULL) inheritRegistered(k, task, parent);
  ipc_kobject_set(k, port, task, IKOT_TASK);
  return KERN_SUCCESS;
}

/**
 * Purpose: takes a task's rights away: its special ports, its space with everything in it, and the
 * kernel port. The space's structure stays until the task's goes.
 * Conditions: none of the task's threads will run again. Does nothing the second time.
 */
export function ipc_task_terminate(k: KernelState, task: number): void {
  const view = taskAt(k, task);
  const port = view.itk_self;
  if (port === NULL) return;
  view.itk_self = NULL;
  ipc_kobject_set(k, port, NULL, IKOT_NONE);
  for (const right of ["itk_sself", "itk_exception", "itk_bootstrap"] as const) {
    if (IP_VALID(view[right])) ipc_port_release_send(k, view[right]);
    view[right] = NULL;
  }
  releaseRegistered(k, task);
  spaceAt(k, view.itk_space).is_task = NULL;
  ipc_space_destroy(k, view.itk_space);
  ipc_port_dealloc_special(k, port);
}

/** Gives a new thread its kernel port. Returns KERN_SUCCESS or KERN_RESOURCE_SHORTAGE. */
export function ipc_thread_init(k: KernelState, thread: number): number {
  const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
  if (port === NULL) return KERN_RESOURCE_SHORTAGE;
  const view = threadAt(k, thread);
  view.ith_self = port;
  view.ith_sself = ipc_port_make_send(k, port);
  ipc_kobject_set(k, port, thread, IKOT_THREAD);
  return KERN_SUCCESS;
}

/** Takes a thread's ports away. Does nothing the second time. */
export function ipc_thread_terminate(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  const port = view.ith_self;
  if (port === NULL) return;
  view.ith_self = NULL;
  ipc_kobject_set(k, port, NULL, IKOT_NONE);
  if (IP_VALID(view.ith_sself)) ipc_port_release_send(k, view.ith_sself);
  view.ith_sself = NULL;
  if (IP_VALID(view.ith_exception)) ipc_port_release_send(k, view.ith_exception);
  view.ith_exception = NULL;
  ipc_port_dealloc_special(k, port);
}

/**
 * Gives the caller a send right for its task's port. Returns its name, or MACH_PORT_NULL on
 * failure.
 */
export function mach_task_self(k: KernelState, thread: number): number {
  const { itk_sself, itk_space } = taskAt(k, threadAt(k, thread).task);
  return ipc_port_copyout_send(k, itk_space, ipc_port_copy_send(k, itk_sself));
}

/**
 * Gives the caller a send right for its own port. Returns its name, or MACH_PORT_NULL on failure.
 */
export function mach_thread_self(k: KernelState, thread: number): number {
  const { ith_sself, task } = threadAt(k, thread);
  return ipc_port_copyout_send(k, taskAt(k, task).itk_space, ipc_port_copy_send(k, ith_sself));
}

/** Gives the caller a send right for the host's port. Returns its name, or MACH_PORT_NULL. */
export function mach_host_self(k: KernelState, thread: number): number {
  const { itk_space } = taskAt(k, threadAt(k, thread).task);
  return ipc_port_copyout_send(k, itk_space, k.host.port("host"));
}

/** Allocates a port for the caller. Returns the name of its receive right, or MACH_PORT_NULL. */
export function mach_reply_port(k: KernelState, thread: number): number {
  const made = ipc_port_alloc(k, taskAt(k, threadAt(k, thread).task).itk_space);
  return typeof made === "number" ? MACH_PORT.MACH_PORT_NULL : made.name;
}
