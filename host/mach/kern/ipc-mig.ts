/**
 * Kernel calls by trap. They duplicate a remote procedure call to the kernel for local tasks: the
 * destination is looked at before anything that the caller could notice; if it is not a task of
 * this kernel (null, dead, another object) the answer is MACH_SEND_INTERRUPTED, and the library
 * sends a real message, which says what is wrong. Results are copied out only on success, without
 * looking whether that worked. After Mach's kern/ipc_mig.c.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_RETURN, MACH_MSG_TYPE } from "../../abi/mach.ts";
import { ipc_object_destroy, ipc_port_release_send } from "../ipc/destroy.ts";
import { ipc_entry_lookup } from "../ipc/entry.ts";
import { ipc_kobject_get } from "../ipc/kobject.ts";
import {
  mach_port_allocate,
  mach_port_deallocate,
  mach_port_insert_right,
} from "../ipc/mach-port.ts";
import { mach_port_allocate_name } from "../ipc/mach-port-names.ts";
import {
  IKOT_TASK,
  IKOT_THREAD,
  IP_VALID,
  MACH_MSG_TYPE_PORT_ANY,
  MACH_PORT_VALID,
  NULL,
} from "../ipc/names.ts";
import { ipc_object_copyin, ipc_object_copyin_type } from "../ipc/object-copy.ts";
import { ip_active } from "../ipc/object.ts";
import type { KernelState, TrapResult } from "./state.ts";
import { thread_undepress } from "./sched.ts";
import { task_set_special_port } from "./special-ports.ts";
import { task_suspend } from "./suspend.ts";
import { task_terminate } from "./task.ts";
import { entryAt, taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_INVALID_VALUE } = KERN_RETURN;
const { MACH_SEND_INTERRUPTED } = MACH_MSG_RETURN;

const spaceOf = (k: KernelState, thread: number): number =>
  taskAt(k, threadAt(k, thread).task).itk_space;

/** The kernel object of a kind for whose port the calling thread's `name` is a send right, or 0. */
export function port_name_to_object(
  k: KernelState,
  thread: number,
  name: number,
  type: number,
): number {
  const entry = ipc_entry_lookup(k, spaceOf(k, thread), name);
  if (entry === NULL) return NULL;
  const { ie_bits, ie_object } = entryAt(k, entry);
  if ((ie_bits & IE.IE_BITS_SEND) === 0 || !ip_active(k, ie_object)) return NULL;
  return ipc_kobject_get(k, ie_object, type);
}

const port_name_to_task = (k: KernelState, thread: number, name: number): number =>
  port_name_to_object(k, thread, name, IKOT_TASK);

/** Terminates a task; "blocked" when the caller was part of it. Else as `task_terminate`. */
export function syscall_task_terminate(k: KernelState, thread: number, name: number): TrapResult {
  const task = port_name_to_task(k, thread, name);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  const kr = task_terminate(k, task);
  return k.cpu.active_thread === NULL ? "blocked" : kr;
}

/** Suspends a task; the caller stops if it is its own. As `task_suspend`. */
export function syscall_task_suspend(k: KernelState, thread: number, name: number): number {
  const task = port_name_to_task(k, thread, name);
  return task === NULL ? MACH_SEND_INTERRUPTED : task_suspend(k, task);
}

/** Sets a task's special port to a copy of the caller's right. As `task_set_special_port`. */
export function syscall_task_set_special_port(
  k: KernelState,
  thread: number,
  name: number,
  which: number,
  portName: number,
): number {
  const task = port_name_to_task(k, thread, name);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  if (!MACH_PORT_VALID(portName)) return task_set_special_port(k, task, which, portName);
  const { MACH_MSG_TYPE_COPY_SEND } = MACH_MSG_TYPE;
  const copied = ipc_object_copyin(k, spaceOf(k, thread), portName, MACH_MSG_TYPE_COPY_SEND);
  if (typeof copied === "number") return copied;
  const kr = task_set_special_port(k, task, which, copied.object);
  if (IP_VALID(copied.object)) ipc_port_release_send(k, copied.object);
  return kr;
}

/** Ends a thread's depression. KERN_SUCCESS, or KERN_INVALID_ARGUMENT: no thread of this kernel. */
export function syscall_thread_depress_abort(k: KernelState, thread: number, name: number): number {
  const target = port_name_to_object(k, thread, name, IKOT_THREAD);
  if (target === NULL) return KERN_RETURN.KERN_INVALID_ARGUMENT;
  thread_undepress(k, target);
  return KERN_SUCCESS;
}

/**
 * Allocates a right in a task's space; the name goes to the caller's `result`. As
 * `mach_port_allocate`.
 */
export function syscall_mach_port_allocate(
  k: KernelState,
  thread: number,
  name: number,
  right: number,
  result: number,
): number {
  const task = port_name_to_task(k, thread, name);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  const made = mach_port_allocate(k, taskAt(k, task).itk_space, right);
  if ("kr" in made) return made.kr;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, made.name);
  k.copyout(threadAt(k, thread).task, result, bytes);
  return KERN_SUCCESS;
}

/** Allocates a right in a task's space under a chosen name. As `mach_port_allocate_name`. */
export function syscall_mach_port_allocate_name(
  k: KernelState,
  thread: number,
  name: number,
  right: number,
  chosen: number,
): number {
  const task = port_name_to_task(k, thread, name);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  return mach_port_allocate_name(k, taskAt(k, task).itk_space, right, chosen);
}

/** Releases a user reference in a task's space. As `mach_port_deallocate`. */
export function syscall_mach_port_deallocate(
  k: KernelState,
  thread: number,
  name: number,
  right: number,
): number {
  const task = port_name_to_task(k, thread, name);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  return mach_port_deallocate(k, taskAt(k, task).itk_space, right);
}

/**
 * Purpose: inserts a right of the caller into a task's space under a chosen name.
 * Returns: as copyin of the right (KERN_INVALID_NAME, KERN_INVALID_RIGHT), KERN_INVALID_VALUE for a
 * type that is no right, then as `mach_port_insert_right`; a right that cannot go in is destroyed.
 */
export function syscall_mach_port_insert_right(
  k: KernelState,
  thread: number,
  taskName: number,
  name: number,
  right: number,
  type: number,
): number {
  const task = port_name_to_task(k, thread, taskName);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  if (!MACH_MSG_TYPE_PORT_ANY(type)) return KERN_INVALID_VALUE;
  let object = right;
  if (MACH_PORT_VALID(right)) {
    const copied = ipc_object_copyin(k, spaceOf(k, thread), right, type);
    if (typeof copied === "number") return copied;
    object = copied.object;
  }
  const newType = ipc_object_copyin_type(type);
  const kr = mach_port_insert_right(k, taskAt(k, task).itk_space, name, object, newType);
  if (kr !== KERN_SUCCESS && IP_VALID(object)) ipc_object_destroy(k, object, newType);
  return kr;
}
