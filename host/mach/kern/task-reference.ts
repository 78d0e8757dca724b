/**
 * A task as a counted structure: what threads need of their task. Tasks themselves are in
 * `task.ts`.
 */
import { panic } from "../../diagnostic.ts";
import { is_release } from "../ipc/space-reference.ts";
import type { KernelState } from "./state.ts";
import { taskAt } from "./views.ts";

/** Address of the head of a task's list of threads. */
export const taskThreads = (k: KernelState, task: number): number =>
  taskAt(k, task).addressOf("thread_next");

export function task_reference(k: KernelState, task: number): void {
  taskAt(k, task).ref_count += 1;
}

/**
 * Drops a reference; the last one frees the structure, the space's and the map's reference. An in-kernel
 * server's is the last when its threads and its clients' are out of it.
 */
export function task_deallocate(k: KernelState, task: number): void {
  const view = taskAt(k, task);
  if (view.ref_count === 0) panic("task_deallocate: no references");
  view.ref_count -= 1;
  if (view.ref_count > 0) return;
  if (view.active !== 0) panic("task_deallocate: last reference to a live task");
  is_release(k, view.itk_space);
  k.vm_map_deallocate(view.map, task);
  k.zfree("task", task);
}
