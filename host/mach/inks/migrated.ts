/**
 * Threads that are in a server: a client's thread has moved there, and its task is the server's for
 * the duration (paper §3.3). Anybody with its control port can still manipulate it (footnote 9), and so
 * can the server's own code (§3.4.5, exit). Unless a hazard is asked for, what would end or stop such
 * a thread waits until it is back.
 */
import { inksServer, serviceStack } from "../../abi/kernel.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import type { KernelState } from "../kern/state.ts";
import { threadAt } from "../kern/views.ts";
import type { HazardId } from "./hazards.ts";

/** Whether a thread is in a server, and safe there. */
export function isProtected(k: KernelState, thread: number): boolean {
  if (threadAt(k, thread).inks_stack === 0) return false;
  const hazard: HazardId = k.cpu.active_thread === thread ? "exit-self" : "migrated-thread";
  return !(k.hazards?.includes(hazard) ?? false);
}

/** The task that a thread belongs to, wherever it is: on whose list it stands. */
export function homeTask(k: KernelState, thread: number): number {
  const { task, inks_task, inks_stack } = threadAt(k, thread);
  let [home, at, stack] = [task, inks_task, inks_stack];
  while (stack !== 0) {
    const head = k.copyin(home, stack, serviceStack.size);
    home = at;
    if (head === undefined) break;
    ({ outer_task: at, outer_stack: stack } = serviceStack.at(new ArrayBytes(head), 0));
  }
  return home;
}

/**
 * Purpose: takes a thread that will not return out of the servers it is in: the stacks go back to
 * their pools, and the thread is its own task's again.
 */
export function inks_abandon(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  while (view.inks_stack !== 0) {
    const stack = view.inks_stack;
    const { task } = view;
    view.task = view.inks_task;
    view.inks_stack = 0;
    view.inks_task = 0;
    const head = k.copyin(task, stack, serviceStack.size);
    if (head === undefined) continue;
    const stackHead = serviceStack.at(new ArrayBytes(head), 0);
    view.inks_task = stackHead.outer_task;
    view.inks_stack = stackHead.outer_stack;
    if (view.inks_stack === 0) view.inks_task = 0;
    const record = inksServer.at(k.memory, stackHead.server);
    stackHead.next = record.stack_free;
    stackHead.outer_stack = 0;
    k.copyout(task, stack, head);
    record.stack_free = stack;
  }
}
