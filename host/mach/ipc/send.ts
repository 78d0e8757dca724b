/**
 * Sending a message that holds its rights: to a kernel object, into the void of a dead port, to a
 * receiver, to the queue; or waiting for room. A thread that waits to send keeps no stack: the kmsg
 * is in the word of `ith_msize` (Mach's `ith_kmsg`), and `ith_mqueue` points at the `ip_blocked`
 * list that it is on. After ipc_mqueue_send of Mach's ipc/ipc_mqueue.c.
 */
import { CONTINUATION } from "../../abi/kernel.ts";
import { MACH_MSG_OPTION, MACH_MSG_RETURN, MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import { enqueue, IPC_LINKS, remqueue } from "../kern/queue.ts";
import {
  current_thread,
  THREAD_INTERRUPTED,
  THREAD_TIMED_OUT,
  thread_block,
  thread_will_wait,
  thread_will_wait_with_timeout,
} from "../kern/sched.ts";
import type { KernelState, TrapResult } from "../kern/state.ts";
import { headerAt, portAt, threadAt, type HeaderView } from "../kern/views.ts";
import { ipc_kmsg_destroy } from "./destroy.ts";
import { ipc_mqueue_deliver } from "./mqueue.ts";
import { MACH_MSGH_BITS_CIRCULAR, MACH_MSGH_BITS_REMOTE } from "./names.ts";
import { ip_active, ip_release } from "./object.ts";

const { MACH_SEND_TIMEOUT } = MACH_MSG_OPTION;
const { MACH_MSG_SUCCESS, MACH_SEND_IN_PROGRESS, MACH_SEND_INTERRUPTED, MACH_SEND_TIMED_OUT } =
  MACH_MSG_RETURN;

/**
 * Whether a message need not wait: room at the port, or a send-once right, which is never kept
 * waiting.
 */
export function canQueue(k: KernelState, port: number, header: HeaderView): boolean {
  const { ip_msgcount, ip_qlimit } = portAt(k, port);
  const once = MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND_ONCE;
  return ip_msgcount < ip_qlimit || MACH_MSGH_BITS_REMOTE(header.msgh_bits) === once;
}

/**
 * Purpose: sends a message. A message to a dead port counts as sent and is destroyed, as is one that
 * closes a circle of ports in transit.
 * Conditions: the destination is not a kernel object. Before it may block, the caller has saved what CONTINUATION_MACH_MSG_SEND needs.
 * Of `option` only MACH_SEND_TIMEOUT matters here; a `time_out` of 0 never waits.
 * Returns: MACH_MSG_SUCCESS; MACH_SEND_TIMED_OUT: the caller still has the message; or "blocked".
 */
export function ipc_mqueue_send(
  k: KernelState,
  kmsg: number,
  option: number,
  time_out: number,
): TrapResult {
  const header = headerAt(k, kmsg);
  const port = header.msgh_remote_port;
  const isCircle = (header.msgh_bits & MACH_MSGH_BITS_CIRCULAR) !== 0;
  if (isCircle || !ip_active(k, port) || canQueue(k, port, header)) {
    ipc_mqueue_send_always(k, kmsg);
    return MACH_MSG_SUCCESS;
  }
  const self = threadAt(k, current_thread(k));
  if ((option & MACH_SEND_TIMEOUT) !== 0) {
    if (time_out === 0) return MACH_SEND_TIMED_OUT;
    thread_will_wait_with_timeout(k, self.address, time_out);
  } else thread_will_wait(k, self.address);
  const blocked = portAt(k, port).addressOf("ip_blocked");
  enqueue(k.memory, blocked, IPC_LINKS, self.address);
  self.ith_state = MACH_SEND_IN_PROGRESS;
  self.ith_msize = kmsg;
  self.ith_mqueue = blocked;
  thread_block(k, CONTINUATION.CONTINUATION_MACH_MSG_SEND);
  return "blocked";
}

/**
 * Purpose: resumes a blocked `ipc_mqueue_send` in the thread that was woken.
 * Returns: as that, and MACH_SEND_INTERRUPTED: the caller still has the message.
 */
export function ipc_mqueue_send_resume(
  k: KernelState,
  option: number,
  time_out: number,
): TrapResult {
  const self = threadAt(k, current_thread(k));
  const kmsg = self.ith_msize;
  if (self.ith_state === MACH_MSG_SUCCESS) return ipc_mqueue_send(k, kmsg, option, time_out);
  if (self.ith_state !== MACH_SEND_IN_PROGRESS) panic("ipc_mqueue_send: strange ith_state");
  remqueue(k.memory, self.ith_mqueue, IPC_LINKS, self.address);
  if (self.wait_result === THREAD_INTERRUPTED) return MACH_SEND_INTERRUPTED;
  if (self.wait_result !== THREAD_TIMED_OUT) panic("ipc_mqueue_send: strange wait result");
  return ipc_mqueue_send(k, kmsg, option, 0);
}

/**
 * Purpose: sends past the queue limit, or drops the message of a dead port with all its rights.
 * Conditions: the port is not a kernel object's. Never blocks.
 */
export function ipc_mqueue_send_always(k: KernelState, kmsg: number): void {
  const header = headerAt(k, kmsg);
  const port = header.msgh_remote_port;
  if ((header.msgh_bits & MACH_MSGH_BITS_CIRCULAR) !== 0) return ipc_kmsg_destroy(k, kmsg);
  if (ip_active(k, port)) return ipc_mqueue_deliver(k, port, kmsg);
  ip_release(k, port);
  header.msgh_remote_port = MACH_PORT.MACH_PORT_NULL;
  ipc_kmsg_destroy(k, kmsg);
}
