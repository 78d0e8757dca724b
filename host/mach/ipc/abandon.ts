/**
 * Taking a thread out of `mach_msg` for good: its call will never return. Whatever it held there,
 * a message to send, a message just given, a reference to the port it received from, ends with it.
 * Mach lets such a thread run to a clean point instead; no program can tell the difference.
 */
import { CONTINUATION } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN } from "../../abi/mach.ts";
import { IPC_LINKS, remqueue } from "../kern/queue.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt, threadAt, type ThreadView } from "../kern/views.ts";
import { ipc_kmsg_destroy } from "./destroy.ts";
import { ipc_mqueue_admit, threadsOf } from "./mqueue.ts";
import { ip_active, ip_release } from "./object.ts";

const { CONTINUATION_MACH_MSG, CONTINUATION_MACH_MSG_RECEIVE, CONTINUATION_MACH_MSG_SEND } =
  CONTINUATION;
const { MACH_MSG_SUCCESS, MACH_RCV_IN_PROGRESS, MACH_SEND_IN_PROGRESS } = MACH_MSG_RETURN;

/**
 * Purpose: ends a blocked thread's business in `mach_msg`; does nothing for one that has none.
 * Conditions: the thread is not current. It must not run afterwards.
 */
export function mach_msg_abandon(k: KernelState, thread: number): void {
  const view = threadAt(k, thread);
  if (view.swap_func === CONTINUATION_MACH_MSG_SEND) abandonSend(k, view);
  if (view.swap_func === CONTINUATION_MACH_MSG) abandonReceive(k, view);
  if (view.swap_func === CONTINUATION_MACH_MSG_RECEIVE) abandonReceive(k, view);
}

function abandonSend(k: KernelState, view: ThreadView): void {
  const kmsg = view.ith_msize;
  const port = headerAt(k, kmsg).msgh_remote_port;
  const waits = view.ith_state === MACH_SEND_IN_PROGRESS;
  if (waits) remqueue(k.memory, view.ith_mqueue, IPC_LINKS, view.address);
  // A sender that was let in and goes away leaves its place to the next.
  else if (ip_active(k, port)) ipc_mqueue_admit(k, port);
  ipc_kmsg_destroy(k, kmsg);
}

function abandonReceive(k: KernelState, view: ThreadView): void {
  if (view.ith_state === MACH_RCV_IN_PROGRESS)
    remqueue(k.memory, threadsOf(view.ith_mqueue), IPC_LINKS, view.address);
  if (view.ith_state === MACH_MSG_SUCCESS) {
    const kmsg = view.ith_msize;
    const port = headerAt(k, kmsg).msgh_remote_port;
    if (ip_active(k, port)) {
      portAt(k, port).ip_msgcount -= 1;
      ipc_mqueue_admit(k, port);
    }
    ipc_kmsg_destroy(k, kmsg);
  }
  ip_release(k, view.ith_object);
}
