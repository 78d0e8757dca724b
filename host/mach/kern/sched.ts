/**
 * Waiting and running. One processor, one run queue, one kernel stack that is handed from thread to
 * thread: a blocked thread keeps no stack, only the number of its continuation in `swap_func`. The
 * queue is in the order of `sched_pri`, 0 first, and of arrival within a priority. While a slow path runs, `cpu.active_thread` is its
 * caller; after `thread_block` it is 0 until `runNext` makes another thread current.
 * After Mach's kern/sched_prim.c and kern/ipc_sched.c.
 */
import { AST, cpuData, SCHED, TH } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import {
  dequeue,
  enqueueBefore,
  enqueueFirst,
  queueElements,
  queueFirst,
  remqueue,
  RUN_LINKS,
} from "./queue.ts";
import type { KernelState } from "./state.ts";
import { pcbAt, threadAt } from "./views.ts";

const { TH_WAIT, TH_SUSP, TH_RUN, TH_UNINT, TH_SWAPPED } = TH;
const SCHED_STATE = TH_WAIT | TH_SUSP | TH_RUN | TH_UNINT;

/** Why a wait ended: values of `thread.wait_result`. */
export const THREAD_AWAKENED = 0;
export const THREAD_TIMED_OUT = 1;
export const THREAD_INTERRUPTED = 2;

const runQueue = (k: KernelState): number => k.cpu.address + cpuData.offset.run_queue;

/** The thread whose system call or trap the kernel is serving. */
export function current_thread(k: KernelState): number {
  const thread = k.cpu.active_thread;
  if (thread === 0) panic("current_thread: no thread is running");
  return thread;
}

/**
 * Puts a runnable thread on the run queue, behind the others of its priority. If it should run before
 * the current thread, that one is asked to leave; if it is a match for it, a quantum begins.
 */
export function thread_setrun(k: KernelState, thread: number): void {
  const { sched_pri } = threadAt(k, thread);
  const before = (other: number): boolean => threadAt(k, other).sched_pri > sched_pri;
  enqueueBefore(k.memory, runQueue(k), RUN_LINKS, thread, before);
  const { active_thread } = k.cpu;
  if (active_thread === 0) return;
  if (before(active_thread)) k.cpu.need_ast |= AST.AST_BLOCK;
  else k.set_quantum(true);
}

/** How many threads could run, with the one that does. */
export const runnableThreads = (k: KernelState): number =>
  Number(k.cpu.active_thread !== 0) + queueElements(k.memory, runQueue(k), RUN_LINKS).length;

/** Whether another thread would run if the current one gave the processor up. */
export const othersRunnable = (k: KernelState): boolean => queueFirst(k.memory, runQueue(k)) !== 0;

/** Milliseconds of recent use that cost a thread one level of priority. */
const USAGE_PER_LEVEL = 128;
/** A turn of a thread that shares its time (Mach's min_quantum). */
const QUANTUM_MILLISECONDS = 100;

/** How long the current thread's turn is while another could run. */
export function quantumMilliseconds(k: KernelState): number {
  const { active_thread } = k.cpu;
  if (active_thread === 0) return QUANTUM_MILLISECONDS;
  const { policy, sched_data } = threadAt(k, active_thread);
  return policy === SCHED.POLICY_FIXEDPRI ? sched_data : QUANTUM_MILLISECONDS;
}

/** Recomputes `sched_pri` from a thread's base priority and its recent use of the processor. */
export function compute_priority(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  if (view.depress_priority !== 0) return;
  const timesharing = view.policy === SCHED.POLICY_TIMESHARE;
  const penalty = timesharing ? Math.floor(view.cpu_usage / USAGE_PER_LEVEL) : 0;
  const wanted = Math.min(view.priority + penalty, SCHED.DEPRESSPRI - 1);
  if (wanted === view.sched_pri) return;
  const queued = (view.state & TH_RUN) !== 0 && k.cpu.active_thread !== thread;
  if (queued) rem_runq(k, thread);
  view.sched_pri = wanted;
  if (queued) thread_setrun(k, thread);
}

/**
 * Purpose: a quantum is over: charges it to the current thread and lets everybody's use age.
 * Returns: whether the thread should give the processor to another; if not, and somebody waits, its
 * next quantum begins. Called at interrupt level.
 */
export function quantum_expired(k: KernelState): boolean {
  const current = k.cpu.active_thread;
  const queued = queueElements(k.memory, runQueue(k), RUN_LINKS);
  const turn = quantumMilliseconds(k);
  // 5/8 of a second, as Mach has it.
  const left = Math.max(0, 1 - (3 / 64) * (turn / QUANTUM_MILLISECONDS));
  for (const thread of current === 0 ? queued : [current, ...queued]) {
    const view = threadAt(k, thread);
    const charged = view.cpu_usage + (thread === current ? turn : 0);
    view.cpu_usage = Math.floor(charged * left);
    compute_priority(k, thread);
  }
  const first = queueFirst(k.memory, runQueue(k));
  if (current === 0 || first === 0) return false;
  if (threadAt(k, first).sched_pri <= threadAt(k, current).sched_pri) return true;
  k.set_quantum(true);
  return false;
}

/** Lets a runnable thread run next, whatever its priority. Does nothing to one that cannot run. */
export function thread_prefer(k: KernelState, thread: number): void {
  const isQueued = (threadAt(k, thread).state & TH_RUN) !== 0 && k.cpu.active_thread !== thread;
  if (!isQueued) return;
  rem_runq(k, thread);
  enqueueFirst(k.memory, runQueue(k), RUN_LINKS, thread);
}

/** Puts a thread last of all, for so many milliseconds or until `thread_undepress`. */
export function thread_depress(k: KernelState, thread: number, milliseconds: number): void {
  const view = threadAt(k, thread);
  if (view.depress_priority === 0) view.depress_priority = view.priority + 1;
  view.sched_pri = SCHED.DEPRESSPRI;
  k.set_depression(thread, milliseconds);
}

/** Ends a depression. Returns false when there is none. */
export function thread_undepress(k: KernelState, thread: number): boolean {
  const view = threadAt(k, thread);
  if (view.depress_priority === 0) return false;
  view.depress_priority = 0;
  k.reset_depression(thread);
  compute_priority(k, thread);
  return true;
}

/** Takes a runnable thread that is not running off the run queue. */
export function rem_runq(k: KernelState, thread: number): void {
  remqueue(k.memory, runQueue(k), RUN_LINKS, thread);
}

/**
 * Purpose: ends a thread's wait with a result and lets it run, unless it is suspended.
 * Conditions: does nothing when the thread does not wait.
 */
export function clear_wait(k: KernelState, thread: number, result: number): void {
  reset_timeout_check(k, thread);
  const view = threadAt(k, thread);
  const state = view.state;
  if ((state & TH_WAIT) === 0) return;
  view.wait_result = result;
  view.state = state & ~TH_WAIT;
  const scheduled = state & SCHED_STATE;
  if (scheduled === TH_WAIT || (scheduled & TH_UNINT && (scheduled & TH_RUN) === 0)) {
    view.state |= TH_RUN;
    thread_setrun(k, thread);
  }
}

/** Starts a thread that waits in IPC. The waker has set `ith_state` before. */
export function thread_go(k: KernelState, thread: number): void {
  clear_wait(k, thread, THREAD_AWAKENED);
}

/** A thread's timer has run out; whoever implements `set_timeout` calls this. */
export function thread_timeout(k: KernelState, thread: number): void {
  threadAt(k, thread).timer_set = 0;
  clear_wait(k, thread, THREAD_TIMED_OUT);
}

/** Says that the current thread is about to block. */
export function thread_will_wait(k: KernelState, thread: number): void {
  threadAt(k, thread).state |= TH_WAIT;
}

/** The same, for so many milliseconds at most. */
export function thread_will_wait_with_timeout(
  k: KernelState,
  thread: number,
  milliseconds: number,
): void {
  const view = threadAt(k, thread);
  view.state |= TH_WAIT;
  view.timer_set = 1;
  k.set_timeout(thread, milliseconds);
}

/**
 * Purpose: takes the processor from the current thread, which goes on with `continuation`.
 * Conditions: if something woke the thread since `thread_will_wait`, or it never said that it would
 * wait, it goes to the end of the run queue. Afterwards no thread is current.
 */
export function thread_block(k: KernelState, continuation: number): void {
  const view = threadAt(k, current_thread(k));
  const state = view.state;
  view.swap_func = continuation;
  view.kernel_stack = 0;
  k.cpu.active_thread = 0;
  k.cpu.active_pcb = 0;
  const suspendable = (state & TH_SUSP) !== 0 && (state & TH_UNINT) === 0;
  if ((state & TH_WAIT) === 0 && !suspendable) {
    view.state = state | TH_SWAPPED;
    thread_setrun(k, view.address);
  } else view.state = (state & ~TH_RUN) | TH_SWAPPED;
}

/**
 * Purpose: blocks the current thread and makes `next` the one that runs now, before all others.
 * Conditions: the current thread has not said that it will wait. The wait result of `next` is not
 * set, as in Mach: its waker has set `ith_state`.
 * Returns: false, and nothing has happened, when `next` is not purely waiting or the current thread
 * runs on a stack that it may not give away. What is left of the turn goes with the processor: two
 * that call each other are one to those who wait for it to end.
 */
export function thread_handoff(k: KernelState, continuation: number, next: number): boolean {
  const old = threadAt(k, current_thread(k));
  const view = threadAt(k, next);
  const privileged = old.stack_privilege !== 0 && old.stack_privilege === k.cpu.active_stack;
  if (privileged || view.state !== (TH_WAIT | TH_SWAPPED)) return false;
  reset_timeout_check(k, next);
  view.state = TH_RUN | TH_SWAPPED;
  enqueueFirst(k.memory, runQueue(k), RUN_LINKS, next);
  thread_will_wait(k, old.address);
  thread_block(k, continuation);
  k.cpu.active_pcb = view.pcb; // thread_select knows it by that
  k.cpu.stack_handoffs += 1;
  return true;
}

/**
 * Purpose: takes the first thread off the run queue and makes it current on the one kernel stack.
 * Conditions: no thread is current.
 * Returns: the thread, or 0 when none is runnable.
 */
export function thread_select(k: KernelState): number {
  if (k.cpu.active_thread !== 0) panic("thread_select: a thread is running");
  const thread = dequeue(k.memory, runQueue(k), RUN_LINKS);
  if (thread === 0) return 0;
  const view = threadAt(k, thread);
  const isHandedOff = k.cpu.active_pcb === view.pcb;
  k.cpu.need_ast = view.ast | (isHandedOff ? k.cpu.need_ast & AST.AST_BLOCK : 0);
  view.state &= ~(TH_SWAPPED | TH_UNINT);
  view.kernel_stack = k.cpu.active_stack;
  pcbAt(k, view.pcb).ksp = 0;
  k.cpu.active_thread = thread;
  const contended = othersRunnable(k);
  if (!isHandedOff || !contended) k.set_quantum(false);
  k.set_quantum(contended);
  k.cpu.active_pcb = view.pcb;
  return thread;
}

function reset_timeout_check(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  if (view.timer_set === 0) return;
  view.timer_set = 0;
  k.reset_timeout(thread);
}
