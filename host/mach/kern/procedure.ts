/**
 * Kernel procedures in TypeScript that can make their thread wait. A trap handler, a kernel object's
 * routine or a fault handler is a generator where it may have to wait; each `yield` puts its thread
 * to sleep (TH_WAIT, no kernel stack, CONTINUATION_PROCEDURE) until somebody wakes the event up, its
 * time is over, or `thread_abort` interrupts it. A thread that is terminated there never comes back:
 * the generator is closed, so its `finally` blocks must give back whatever it holds, without waiting.
 *
 * Generators cannot be saved: a machine with a kernel refuses snapshots (machine/snapshot.ts), whether
 * procedures are under way or not, for address maps and devices are not in guest memory either.
 *
 * After a wait the world may have changed: look up again what was looked up before it.
 * After Mach's kern/sched_prim.c (assert_wait, thread_block, thread_wakeup).
 */
import { CONTINUATION, TH } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import {
  clear_wait,
  current_thread,
  THREAD_AWAKENED,
  THREAD_INTERRUPTED,
  THREAD_TIMED_OUT,
  thread_block,
  thread_will_wait,
  thread_will_wait_with_timeout,
} from "./sched.ts";
import type { KernelState, TrapResult } from "./state.ts";
import { threadAt } from "./views.ts";

/** What a kernel procedure yields to make its thread wait. */
export interface Wait {
  /** What is waited for: any value that `thread_wakeup` will be given; equal by `===`. */
  readonly event: unknown;
  /** Whether `thread_abort` may end the wait. */
  readonly interruptible: boolean;
  /** The wait ends by itself after so many milliseconds. */
  readonly milliseconds?: number;
  /**
   * Milliseconds after which what is waited for has happened, for who cannot give the processor up;
   * unlike `milliseconds`, they do not end the wait of a thread that can.
   */
  readonly onTheSpot?: number;
  /** No wait at all: the thread gives the processor up and stays runnable ("awakened"). */
  readonly yields?: boolean;
}

/** How a wait ended (THREAD_AWAKENED, THREAD_TIMED_OUT, THREAD_INTERRUPTED). */
export type WaitResult = "awakened" | "timed-out" | "interrupted";

/** Gives the processor up: what `yield` takes. */
export const YIELD: Wait = { event: undefined, interruptible: true, yields: true };

export type Procedure<T> = Generator<Wait, T, WaitResult>;

/**
 * How a thread's business in the kernel ends: its call returns a value; it is "blocked" (it waits
 * with a continuation, or is gone); or it resumes with its whole saved state, as after a fault.
 */
export type Ending = TrapResult | "resume";

/** Bytes that a thread's call has written to its task, as far as anybody can tell. */
export interface PostponedWrite {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Procedures under way and their waits; one for each kernel. */
export class Procedures {
  /** What each thread that waits in a procedure will go on with. */
  readonly suspended = new Map<number, Procedure<Ending>>();
  /** Threads by the event they wait for, first come first. */
  readonly waiters = new Map<unknown, number[]>();
  /** The same, the other way round. */
  readonly events = new Map<number, unknown>();
  /** Ports of the kernel's own at which they wait for replies. */
  readonly ports = new Set<number>();
  /** What calls of threads have written to memory that a pager has to bring first, by thread. */
  readonly postponed = new Map<number, readonly PostponedWrite[]>();
  /** Threads that wait at one, or have been given what they waited for. */
  readonly receiving = new Set<number>();
  /** Messages that they hold. */
  readonly messages = new Set<number>();
  /** Tasks of which they hold references, one each. */
  readonly tasks: number[] = [];
  /** Messages that are being destroyed, the first now; empty whenever no slow path is running. */
  readonly dying: number[] = [];
}

const RESULTS: Readonly<Record<number, WaitResult>> = {
  [THREAD_AWAKENED]: "awakened",
  [THREAD_TIMED_OUT]: "timed-out",
  [THREAD_INTERRUPTED]: "interrupted",
};

/** Whether a routine's result is a procedure that has still to be run. */
export const isProcedure = <T>(result: T | Procedure<T>): result is Procedure<T> =>
  typeof result === "object" && result !== null && "next" in result && "return" in result;

/** Goes on with what a routine returned, inside a procedure: `yield* procedureOf(routine(…))`. */
export function* procedureOf<T>(result: T | Procedure<T>): Procedure<T> {
  return isProcedure(result) ? yield* result : result;
}

/**
 * Purpose: brings a routine's result to an end on behalf of the current thread: a plain value is
 * one already; a procedure runs until it is finished or waits.
 * Returns: how it ended; "blocked" too when the procedure took the processor from its own thread
 * (terminated it, or left it waiting in `mach_msg`).
 */
export function procedure_call<E extends Ending>(
  k: KernelState,
  result: E | Procedure<E>,
): E | "blocked" {
  return isProcedure(result) ? (procedure_step(k, result, "awakened") as E | "blocked") : result;
}

/** Resumes the current thread's procedure after its wait: CONTINUATION_PROCEDURE. */
export function procedure_continue(k: KernelState): Ending {
  const thread = current_thread(k);
  const procedure =
    k.procedures.suspended.get(thread) ?? panic("procedure_continue: nothing to continue");
  k.procedures.suspended.delete(thread);
  forgetWait(k, thread);
  const { wait_result } = threadAt(k, thread);
  const result = RESULTS[wait_result] ?? panic(`procedure_continue: wait result ${wait_result}`);
  return procedure_step(k, procedure, result);
}

function procedure_step(k: KernelState, procedure: Procedure<Ending>, result: WaitResult): Ending {
  const thread = current_thread(k);
  const step = procedure.next(result);
  const away = k.cpu.active_thread !== thread;
  if (step.done) return away ? "blocked" : step.value;
  if (away) {
    close(procedure); // its thread is gone: it will not wait for anything any more
    return "blocked";
  }
  k.procedures.suspended.set(thread, procedure);
  if (step.value.yields) threadAt(k, thread).wait_result = THREAD_AWAKENED;
  else procedure_wait(k, thread, step.value);
  thread_block(k, CONTINUATION.CONTINUATION_PROCEDURE);
  return "blocked";
}

/** Says that a thread, which has a procedure to go on with, waits for something. */
export function procedure_wait(k: KernelState, thread: number, wait: Wait): void {
  const { event, interruptible, milliseconds } = wait;
  const { waiters, events } = k.procedures;
  events.set(thread, event);
  const others = waiters.get(event);
  if (others) others.push(thread);
  else waiters.set(event, [thread]);
  if (milliseconds === undefined) thread_will_wait(k, thread);
  else thread_will_wait_with_timeout(k, thread, milliseconds);
  if (!interruptible) threadAt(k, thread).state |= TH.TH_UNINT;
}

/** Wakes every thread that waits for an event, in the order in which they came. */
export function thread_wakeup(k: KernelState, event: unknown): void {
  for (const thread of k.procedures.waiters.get(event)?.slice() ?? []) wake(k, thread);
}

/** Wakes the thread that has waited longest for an event. Returns false when nobody waits. */
export function thread_wakeup_one(k: KernelState, event: unknown): boolean {
  const thread = k.procedures.waiters.get(event)?.[0];
  if (thread === undefined) return false;
  wake(k, thread);
  return true;
}

function wake(k: KernelState, thread: number): void {
  forgetWait(k, thread);
  clear_wait(k, thread, THREAD_AWAKENED);
}

/** Ends a terminated thread's procedure, if it waits in one: `finally` blocks run. */
export function procedure_abandon(k: KernelState, thread: number): void {
  k.procedures.postponed.delete(thread);
  const procedure = k.procedures.suspended.get(thread);
  if (!procedure) return;
  k.procedures.suspended.delete(thread);
  forgetWait(k, thread);
  close(procedure);
}

function close(procedure: Procedure<Ending>): void {
  const { done } = procedure.return("blocked");
  if (!done) panic("procedure: a finally block waits");
}

function forgetWait(k: KernelState, thread: number): void {
  const { waiters, events } = k.procedures;
  if (!events.has(thread)) return;
  const event = events.get(thread);
  events.delete(thread);
  const others = waiters.get(event)?.filter((other) => other !== thread) ?? [];
  if (others.length > 0) waiters.set(event, others);
  else waiters.delete(event);
}
