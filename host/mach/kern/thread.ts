/**
 * Threads: a thread structure and a PCB from their zones, on its task's list. References: one for
 * being alive, one for each holder. A new thread is suspended; `thread_resume` lets it start with
 * the saved state that its creator has put into the PCB. After Mach's kern/thread.c.
 */
import { pcb } from "../../abi/hp700.ts";
import { AST, CONTINUATION, SCHED, TH, thread as threadStruct } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import { inks_abandon, isProtected } from "../inks/migrated.ts";
import { inks_reap } from "../inks/register.ts";
import { mach_msg_abandon } from "../ipc/abandon.ts";
import { NULL } from "../ipc/names.ts";
import { ipc_thread_init, ipc_thread_terminate } from "./ipc-tt.ts";
import { procedure_abandon, thread_wakeup } from "./procedure.ts";
import { enqueue, LIST_LINKS, remqueue } from "./queue.ts";
import { clear_wait, rem_runq, thread_setrun, THREAD_INTERRUPTED } from "./sched.ts";
import type { KernelState } from "./state.ts";
import { task_deallocate, task_reference, taskThreads } from "./task-reference.ts";
import { addTimes, cyclesOf, userCyclesOf } from "./timers.ts";
import { clearWords, taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const { TH_HALTED, TH_RUN, TH_SUSP, TH_SWAPPED, TH_UNINT, TH_WAIT } = TH;

/**
 * Purpose: creates a thread in a task, suspended, with a cleared PCB.
 * Returns: the thread, or 0: the task is not active, or there is no memory.
 */
export function thread_create(k: KernelState, task: number): number {
  if (taskAt(k, task).active === 0) return NULL;
  const thread = k.zalloc("thread");
  const state = k.zalloc("pcb");
  if (thread !== NULL) clearWords(k.memory, thread, threadStruct.size);
  if (thread === NULL || state === NULL || ipc_thread_init(k, thread) !== KERN_SUCCESS) {
    if (thread !== NULL) k.zfree("thread", thread);
    if (state !== NULL) k.zfree("pcb", state);
    return NULL;
  }
  clearWords(k.memory, state, pcb.size);
  const view = threadAt(k, thread);
  view.task = task;
  view.ref_count = 1;
  view.pcb = state;
  view.swap_func = CONTINUATION.CONTINUATION_BOOTSTRAP;
  view.state = TH_SUSP | TH_SWAPPED;
  view.suspend_count = 1 + taskAt(k, task).suspend_count;
  view.user_stop_count = 1;
  // A user's thread is never better than that, whatever its task's priority.
  view.max_priority = Math.max(SCHED.BASEPRI_USER, k.host.maxPriority);
  view.priority = Math.max(taskAt(k, task).priority, view.max_priority);
  view.sched_pri = view.priority;
  view.policy = SCHED.POLICY_TIMESHARE;
  task_reference(k, task);
  enqueue(k.memory, taskThreads(k, task), LIST_LINKS, thread);
  return thread;
}

/**
 * Purpose: breaks off what a thread waits for; its call returns MACH_SEND_INTERRUPTED or
 * MACH_RCV_INTERRUPTED, a procedure gets "interrupted". Does nothing to a thread that does not
 * wait, may not be interrupted, or is in a server. A suspended thread leaves what it was doing in the
 * kernel, and stops with that in its state.
 * Conditions: the thread is not current.
 * Returns: whether it has still to come to that point: `cleanPoint` is the event.
 */
export function thread_abort(k: KernelState, thread: number): boolean {
  const view = threadAt(k, thread);
  if (isProtected(k, thread)) return false;
  const leaves = (view.state & TH_SUSP) !== 0 && isInKernel(view.swap_func);
  // Already on its way, or in a wait that nobody may break off: there its state is whole.
  if ((view.state & TH_UNINT) !== 0) return leaves && (view.state & TH_RUN) !== 0;
  if (leaves) view.state |= TH_UNINT; // it goes on although it is suspended
  if ((view.state & TH_WAIT) !== 0) clear_wait(k, thread, THREAD_INTERRUPTED);
  else if (leaves && (view.state & TH_RUN) === 0) {
    view.state |= TH_RUN;
    thread_setrun(k, thread);
  }
  return leaves;
}

const isInKernel = (continuation: number): boolean =>
  continuation !== CONTINUATION.CONTINUATION_BOOTSTRAP &&
  continuation !== CONTINUATION.CONTINUATION_NONE;

/** Woken when a thread has done what it had to do in the kernel, or ends. */
export const cleanPoint = (thread: number): string => `clean point of ${thread}`;

/**
 * Purpose: ends a thread at once, wherever it is: running (then no thread is current any more),
 * runnable, suspended, waiting in `mach_msg`; but a thread in a server ends when it is back from there.
 * Its PCB goes; the structure stays for its references.
 * Conditions: the thread is not terminated yet. Consumes the reference for being alive.
 */
export function thread_terminate(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  if ((view.state & TH_HALTED) !== 0) panic("thread_terminate: terminated twice");
  if (isProtected(k, thread)) {
    view.ast |= AST.AST_TERMINATE;
    if (k.cpu.active_thread === thread) k.cpu.need_ast |= AST.AST_TERMINATE;
    return;
  }
  if (k.cpu.active_thread === thread) {
    k.cpu.active_thread = NULL;
    k.cpu.active_pcb = NULL;
  } else {
    // Taking it off its wait also cancels a timer.
    const waits = (view.state & TH_WAIT) !== 0;
    if (waits) clear_wait(k, thread, THREAD_INTERRUPTED);
    if ((view.state & TH_RUN) !== 0) rem_runq(k, thread);
    mach_msg_abandon(k, thread);
    procedure_abandon(k, thread);
  }
  k.abandon_work?.(thread);
  thread_wakeup(k, cleanPoint(thread));
  inks_abandon(k, thread);
  if (view.depress_priority !== 0) k.reset_depression(thread);
  k.float_registers.discard(view.pcb);
  view.state = TH_HALTED;
  view.kernel_stack = NULL;
  view.swap_func = CONTINUATION.CONTINUATION_NONE;
  ipc_thread_terminate(k, thread);
  k.zfree("pcb", view.pcb);
  view.pcb = NULL;
  addTimes(taskAt(k, view.task), cyclesOf(view), userCyclesOf(view));
  remqueue(k.memory, taskThreads(k, view.task), LIST_LINKS, thread);
  thread_deallocate(k, thread);
  if (k.inks_orphans.size > 0) inks_reap(k);
}

/**
 * Purpose: lets the current thread keep its kernel stack while it waits, or gives that up. Its messages
 * are then not handed over with the stack, so that they take the long way.
 * Returns: KERN_SUCCESS, or KERN_INVALID_ARGUMENT: another thread's stack is not known.
 */
export function thread_wire(k: KernelState, thread: number, wired: boolean): number {
  if (k.cpu.active_thread !== thread) return KERN_INVALID_ARGUMENT;
  threadAt(k, thread).stack_privilege = wired ? k.cpu.active_stack : NULL;
  return KERN_SUCCESS;
}

export function thread_reference(k: KernelState, thread: number): void {
  threadAt(k, thread).ref_count += 1;
}

/** Drops a reference; the last one frees the structure and its reference to the task. */
export function thread_deallocate(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  if (view.ref_count === 0) panic("thread_deallocate: no references");
  view.ref_count -= 1;
  if (view.ref_count > 0) return;
  if ((view.state & TH_HALTED) === 0) panic("thread_deallocate: last reference to a live thread");
  const { task } = view;
  k.zfree("thread", thread);
  task_deallocate(k, task);
}
