/**
 * System call emulation: a task's vector of entry points, `eml_dispatch`, which system call entry
 * looks at before anything else (asm/syscall.s). Number n goes to word n − min of the vector; zero
 * is the kernel's own. Children share it; whoever changes it has his own copy first. Programs of other
 * systems may take all addresses for their own, whatever register leads there (Linux's do): a task with
 * a vector has no space but its own in reach of short pointers, so the gateway's page is in that too.
 * After Mach's kern/syscall_emulation.c.
 */
import { emlDispatch } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { NULL } from "../ipc/names.ts";
import type { KernelState } from "./state.ts";
import { taskAt } from "./views.ts";

const { KERN_SUCCESS, KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE, KERN_FAILURE } = KERN_RETURN;
/** The most entries of a vector (EMUL_MAX_SYSCALLS of the HP 700 port would be fewer). */
export const EMULATION_MAX = 1024;

const dispatchAt = (k: KernelState, address: number) => emlDispatch.at(k.memory, address);
const sizeOf = (count: number): number => emlDispatch.offset.vector + 4 * count;
const entryOf = (address: number, index: number): number =>
  address + emlDispatch.offset.vector + 4 * index;

/** A task's vector: the first number and the entries; empty when it has none. */
export function task_get_emulation_vector(
  k: KernelState,
  task: number,
): { readonly start: number; readonly vector: readonly number[] } {
  const dispatch = taskAt(k, task).eml_dispatch;
  if (dispatch === NULL) return { start: 0, vector: [] };
  const { count, min } = dispatchAt(k, dispatch);
  const vector = Array.from({ length: count }, (_, i) => k.memory.read32(entryOf(dispatch, i)));
  return { start: min | 0, vector };
}

/**
 * Purpose: sets entry points from number `start` on; numbers besides those keep theirs.
 * Returns: KERN_SUCCESS, KERN_INVALID_ARGUMENT (the range is too large), KERN_RESOURCE_SHORTAGE,
 * KERN_FAILURE (the task is terminated).
 */
export function task_set_emulation_vector(
  k: KernelState,
  task: number,
  start: number,
  vector: readonly number[],
): number {
  const view = taskAt(k, task);
  if (view.active === 0) return KERN_FAILURE;
  if (vector.length === 0) return KERN_SUCCESS;
  const known = task_get_emulation_vector(k, task);
  const hasOld = known.vector.length > 0;
  const min = hasOld ? Math.min(start, known.start) : start;
  const end = start + vector.length;
  const max = hasOld ? Math.max(end, known.start + known.vector.length) : end;
  if (max - min > EMULATION_MAX) return KERN_INVALID_ARGUMENT;
  const made = k.kalloc(sizeOf(max - min));
  if (made === NULL) return KERN_RESOURCE_SHORTAGE;
  const dispatch = dispatchAt(k, made);
  dispatch.ref_count = 1;
  dispatch.count = max - min;
  dispatch.min = min;
  for (let i = 0; i < max - min; i++) k.memory.write32(entryOf(made, i), 0);
  known.vector.forEach((entry, i) => k.memory.write32(entryOf(made, known.start - min + i), entry));
  vector.forEach((entry, i) => k.memory.write32(entryOf(made, start - min + i), entry));
  eml_task_deallocate(k, task);
  view.eml_dispatch = made;
  k.share_gateway?.(view.map);
  return KERN_SUCCESS;
}

/** Sets one entry point. As `task_set_emulation_vector`. */
export function task_set_emulation(
  k: KernelState,
  task: number,
  entry: number,
  number: number,
): number {
  return task_set_emulation_vector(k, task, number, [entry]);
}

/** Lets a new task share its parent's vector. */
export function eml_task_reference(k: KernelState, task: number, parent: number): void {
  const { eml_dispatch } = taskAt(k, parent);
  taskAt(k, task).eml_dispatch = eml_dispatch;
  if (eml_dispatch === NULL) return;
  dispatchAt(k, eml_dispatch).ref_count += 1;
  k.share_gateway?.(taskAt(k, task).map);
}

/** Gives a task's share of its vector back. */
export function eml_task_deallocate(k: KernelState, task: number): void {
  const view = taskAt(k, task);
  const { eml_dispatch } = view;
  if (eml_dispatch === NULL) return;
  view.eml_dispatch = NULL;
  const dispatch = dispatchAt(k, eml_dispatch);
  dispatch.ref_count -= 1;
  if (dispatch.ref_count === 0) k.kfree(eml_dispatch, sizeOf(dispatch.count));
}
