/**
 * From one thread to the next: takes runnable threads off the queue, makes each current, and runs
 * what it left to do in the kernel, until one is ready for user mode. The machine-level kernel
 * calls this whenever a call was "blocked" or its caller is gone.
 */
import { CONTINUATION } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import { mach_msg_continue, mach_msg_receive_continue } from "../ipc/mach-msg-receive.ts";
import { mach_msg_send_continue } from "../ipc/mach-msg.ts";
import { isStopped, stop } from "./ast.ts";
import { procedure_call, procedure_continue, thread_wakeup, type Ending } from "./procedure.ts";
import { thread_select } from "./sched.ts";
import type { KernelState, Resumption } from "./state.ts";
import { cleanPoint } from "./thread.ts";
import { threadAt } from "./views.ts";

const CONTINUATIONS: Readonly<Record<number, (k: KernelState) => Ending>> = {
  [CONTINUATION.CONTINUATION_MACH_MSG]: mach_msg_continue,
  [CONTINUATION.CONTINUATION_MACH_MSG_RECEIVE]: mach_msg_receive_continue,
  [CONTINUATION.CONTINUATION_MACH_MSG_SEND]: mach_msg_send_continue,
  [CONTINUATION.CONTINUATION_PROCEDURE]: procedure_continue,
};

/**
 * Purpose: picks the thread that enters user mode next and makes it current.
 * Conditions: no thread is current.
 * Returns: the thread with the value that its system call returns, or a thread that starts, or
 * "idle".
 */
export function runNext(k: KernelState): Resumption {
  for (;;) {
    const thread = thread_select(k);
    if (thread === 0) return "idle";
    const { swap_func } = threadAt(k, thread);
    if (swap_func === CONTINUATION.CONTINUATION_BOOTSTRAP) return { kind: "bootstrap", thread };
    const continuation = CONTINUATIONS[swap_func];
    if (!continuation) panic(`runNext: strange continuation ${swap_func}`);
    let ending = continuation(k);
    if (ending !== "blocked" && isStopped(k)) ending = procedure_call(k, stop(k, ending));
    thread_wakeup(k, cleanPoint(thread));
    if (ending === "resume") return { kind: "bootstrap", thread };
    if (ending !== "blocked") return { kind: "return", thread, returnCode: ending };
  }
}
