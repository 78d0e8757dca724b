/**
 * Exceptions: a message to the thread's exception port, then to its task's; if neither handles it,
 * the task ends. The thread waits in the kernel for the answer and resumes with its saved state,
 * which the handler may have changed. After Mach's kern/exception.c; the message is `exception_raise`
 * of exc.defs.
 */
import { KERN_RETURN, MACH_MSGH_BITS } from "../../abi/mach.ts";
import { IP_VALID } from "../ipc/names.ts";
import { ip_active } from "../ipc/object.ts";
import { ipc_port_copy_send } from "../ipc/port.ts";
import { kernel_rpc } from "./kernel-rpc.ts";
import type { Ending, Procedure } from "./procedure.ts";
import type { KernelState } from "./state.ts";
import { task_terminate } from "./task.ts";
import { portAt, taskAt, threadAt } from "./views.ts";

/** Message id of `exception_raise`. */
const EXCEPTION_RAISE = 2400;
/** Type descriptors of the request: a send right, a 32-bit integer. */
const SEND_RIGHT = 0x11200018;
const INTEGER = 0x02200018;

/** Live exception ports of the current thread, in the order in which they are asked. */
function exceptionPorts(k: KernelState): number[] {
  const { ith_exception, task } = threadAt(k, k.cpu.active_thread);
  return [ith_exception, taskAt(k, task).itk_exception].filter(
    (port) => IP_VALID(port) && ip_active(k, port) && !isKernels(k, port),
  );
}

/** A kernel object handles no exceptions. */
const isKernels = (k: KernelState, port: number): boolean =>
  portAt(k, port).ip_receiver === k.cpu.ipc_space_kernel;

/** Whether anybody would be asked about an exception of the current thread. */
export const hasExceptionServer = (k: KernelState): boolean => exceptionPorts(k).length > 0;

/**
 * Purpose: tells of the current thread's exception and waits until it is handled.
 * Conditions: the thread's whole state is saved.
 * Returns: "resume", or "blocked": its task is gone.
 */
export function* exception(
  k: KernelState,
  kind: number,
  code: number,
  subcode: number,
): Procedure<Ending> {
  for (const which of ["thread", "task"] as const) {
    const self = threadAt(k, k.cpu.active_thread);
    const task = taskAt(k, self.task);
    const port = which === "thread" ? self.ith_exception : task.itk_exception;
    if (!exceptionPorts(k).includes(port)) continue;
    const answer = yield* kernel_rpc(k, ipc_port_copy_send(k, port), {
      id: EXCEPTION_RAISE,
      bits: MACH_MSGH_BITS.MACH_MSGH_BITS_COMPLEX,
      words: [
        ...[SEND_RIGHT, ipc_port_copy_send(k, self.ith_sself)],
        ...[SEND_RIGHT, ipc_port_copy_send(k, task.itk_sself)],
        ...[INTEGER, kind, INTEGER, code, INTEGER, subcode],
      ],
    });
    if (answer === KERN_RETURN.KERN_SUCCESS) return "resume";
  }
  k.task_deaths?.uncaught(kind, code, subcode);
  task_terminate(k, threadAt(k, k.cpu.active_thread).task);
  return "blocked";
}
