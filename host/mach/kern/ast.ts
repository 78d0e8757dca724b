/**
 * Asynchronous system traps: what a thread does on its way out of the kernel because somebody has
 * asked for it in `need_ast` (paper §3.2: leaving traps, interrupts, system calls). After Mach's
 * kern/ast.c.
 */
import { AST, TH } from "../../abi/kernel.ts";
import { type Ending, type Procedure, YIELD } from "./procedure.ts";
import { othersRunnable } from "./sched.ts";
import type { KernelState } from "./state.ts";
import { completeCall } from "./thread-state.ts";
import { thread_terminate } from "./thread.ts";
import { threadAt } from "./views.ts";

const { AST_BLOCK, AST_HALT, AST_TERMINATE } = AST;

/**
 * Does what the current thread is asked for; its whole state is saved. Then it resumes. What a thread
 * was asked for in a server, it does when it is back (inks/migrated.ts).
 */
export function ast_taken(k: KernelState): Procedure<Ending> | Ending {
  const thread = threadAt(k, k.cpu.active_thread);
  const asked = k.cpu.need_ast;
  if (thread.inks_stack === 0 && thread.ast !== 0) {
    if ((thread.ast & AST_TERMINATE) !== 0) {
      thread_terminate(k, thread.address);
      return "blocked";
    }
    thread.ast &= ~AST_HALT;
    thread.state |= TH.TH_SUSP;
  }
  k.cpu.need_ast = (asked & ~(AST_BLOCK | AST_HALT)) | thread.ast;
  const stops = (thread.state & TH.TH_SUSP) !== 0;
  const leaves = (asked & AST_BLOCK) !== 0 && othersRunnable(k);
  return stops || leaves ? giveUp() : "resume";
}

function* giveUp(): Procedure<Ending> {
  yield YIELD;
  return "resume";
}

/** Whether the current thread has been suspended while it was in the kernel. */
export const isStopped = (k: KernelState): boolean =>
  (threadAt(k, k.cpu.active_thread).state & TH.TH_SUSP) !== 0;

/**
 * Stops the current thread until it is resumed. It stops at a clean point: what its call comes to is in
 * its state by then, for a debugger or a Unix server to see, keep and change.
 */
export function* stop(k: KernelState, ending: Exclude<Ending, "blocked">): Procedure<Ending> {
  const isClean = ending === "resume" || completeCall(k, k.cpu.active_thread, ending);
  yield YIELD;
  return isClean ? "resume" : ending;
}
