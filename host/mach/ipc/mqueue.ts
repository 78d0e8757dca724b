/**
 * Message queues: the pair of words {messages, threads} in a port or a port set, named by its
 * address. A port in a set has its messages and receivers in the set's queue. At most one of the two lists is not empty. A receiver that waits has its
 * limits in `ith_msize`; whoever wakes it says why in `ith_state` and, on success, leaves the kmsg
 * in the word of `ith_msize` (Mach's union with `ith_kmsg`) and the sequence number in `ith_seqno`.
 * After Mach's ipc/ipc_mqueue.c; `ipc_mqueue_send`, which may destroy messages, is in `send.ts`.
 */
import { CONTINUATION, ipcMqueue, ipcPort, ipcPset } from "../../abi/kernel.ts";
import { MACH_MSG_OPTION, MACH_MSG_RETURN } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import {
  dequeue,
  enqueue,
  IPC_LINKS,
  KMSG_LINKS,
  queueElements,
  queueFirst,
  remqueue,
} from "../kern/queue.ts";
import {
  current_thread,
  THREAD_INTERRUPTED,
  THREAD_TIMED_OUT,
  thread_block,
  thread_go,
  thread_will_wait,
  thread_will_wait_with_timeout,
} from "../kern/sched.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt, threadAt } from "../kern/views.ts";
import { NULL } from "./names.ts";
import { ip_active } from "./object.ts";

const {
  MACH_MSG_SUCCESS,
  MACH_RCV_IN_PROGRESS,
  MACH_RCV_INTERRUPTED,
  MACH_RCV_PORT_CHANGED,
  MACH_RCV_PORT_DIED,
  MACH_RCV_TIMED_OUT,
  MACH_RCV_TOO_LARGE,
} = MACH_MSG_RETURN;

/** A message taken from a queue, or why there is none. */
export interface Received {
  /** MACH_MSG_SUCCESS, MACH_RCV_TOO_LARGE, _TIMED_OUT, _INTERRUPTED, _PORT_DIED, _PORT_CHANGED. */
  readonly mr: number;
  /** On success, the message; it holds its rights. */
  readonly kmsg: number;
  readonly seqno: number;
  /** On MACH_RCV_TOO_LARGE, the size of the message that stays queued. */
  readonly size: number;
}

/** A port's own queue, unused while the port is in a set. */
export const ownMqueue = (port: number): number => port + ipcPort.offset.ip_messages;
/** A port set's queue. */
export const setMqueue = (pset: number): number => pset + ipcPset.offset.ips_messages;
/** The queue that a port's messages go to. */
export const mqueueOf = (k: KernelState, port: number): number => {
  const { ip_pset } = portAt(k, port);
  return ip_pset === NULL ? ownMqueue(port) : setMqueue(ip_pset);
};
/** The list of threads that wait at a queue. */
export const threadsOf = (mqueue: number): number => mqueue + ipcMqueue.offset.imq_threads;

/** Wakes every thread that waits to receive at the queue, saying why. */
export function ipc_mqueue_changed(k: KernelState, mqueue: number, mr: number): void {
  for (;;) {
    const receiver = dequeue(k.memory, threadsOf(mqueue), IPC_LINKS);
    if (receiver === 0) return;
    threadAt(k, receiver).ith_state = mr;
    thread_go(k, receiver);
  }
}

/** Leaves a message with a receiver that is off its queue and about to be woken. */
export function ipc_mqueue_give(
  k: KernelState,
  port: number,
  receiver: number,
  kmsg: number,
): void {
  const view = threadAt(k, receiver);
  const portView = portAt(k, port);
  view.ith_state = MACH_MSG_SUCCESS;
  view.ith_msize = kmsg;
  view.ith_seqno = portView.ip_seqno;
  portView.ip_seqno += 1;
}

/**
 * Purpose: delivers a message: to the first waiting receiver that can take its size, else to the
 * queue. Receivers on the way that cannot take it wake with MACH_RCV_TOO_LARGE.
 * Conditions: the port is active; the message's reference to it becomes the queue's.
 */
export function ipc_mqueue_deliver(k: KernelState, port: number, kmsg: number): void {
  portAt(k, port).ip_msgcount += 1;
  offer(k, mqueueOf(k, port), port, kmsg);
}

/** Gives a message, which counts, to a receiver at a queue, or puts it there. */
function offer(k: KernelState, mqueue: number, port: number, kmsg: number): void {
  const size = headerAt(k, kmsg).msgh_size;
  for (;;) {
    const receiver = dequeue(k.memory, threadsOf(mqueue), IPC_LINKS);
    if (receiver === NULL) return enqueue(k.memory, mqueue, KMSG_LINKS, kmsg);
    const view = threadAt(k, receiver);
    if (size <= view.ith_msize) {
      ipc_mqueue_give(k, port, receiver, kmsg);
      return thread_go(k, receiver);
    }
    view.ith_state = MACH_RCV_TOO_LARGE;
    view.ith_msize = size;
    thread_go(k, receiver);
  }
}

/**
 * Purpose: moves a port's messages from one queue to another, in their order; receivers that wait
 * there get them.
 */
export function ipc_mqueue_move(k: KernelState, to: number, from: number, port: number): void {
  for (const kmsg of queueElements(k.memory, from, KMSG_LINKS)) {
    if (headerAt(k, kmsg).msgh_remote_port !== port) continue;
    remqueue(k.memory, from, KMSG_LINKS, kmsg);
    offer(k, to, port, kmsg);
  }
}

/**
 * Purpose: receives from a queue, or resumes that after the thread was woken (`resume`).
 * Conditions: the caller holds a reference for the queue's port and, if it may block, has saved
 * what `continuation` needs. Wakes one blocked sender when the port's count has fallen below its
 * limit.
 * Returns: what it got, or "blocked": the thread waits and goes on with `continuation`.
 */
export function ipc_mqueue_receive(
  k: KernelState,
  mqueue: number,
  option: number,
  max_size: number,
  time_out: number,
  resume: boolean,
  continuation:
    | typeof CONTINUATION.CONTINUATION_MACH_MSG
    | typeof CONTINUATION.CONTINUATION_MACH_MSG_RECEIVE,
): Received | "blocked" {
  let limit = time_out;
  if (resume) {
    const self = threadAt(k, current_thread(k));
    switch (self.ith_state) {
      case MACH_MSG_SUCCESS:
        return received(k, self.ith_msize, self.ith_seqno);
      case MACH_RCV_TOO_LARGE:
        return { mr: MACH_RCV_TOO_LARGE, kmsg: NULL, seqno: 0, size: self.ith_msize };
      case MACH_RCV_PORT_DIED:
      case MACH_RCV_PORT_CHANGED:
        return failed(self.ith_state);
      case MACH_RCV_IN_PROGRESS:
        remqueue(k.memory, threadsOf(mqueue), IPC_LINKS, self.address);
        if (self.wait_result === THREAD_INTERRUPTED) return failed(MACH_RCV_INTERRUPTED);
        if (self.wait_result !== THREAD_TIMED_OUT) panic("ipc_mqueue_receive: strange wait result");
        limit = 0;
        break;
      default:
        panic("ipc_mqueue_receive: strange ith_state");
    }
  }
  const kmsg = queueFirst(k.memory, mqueue);
  if (kmsg !== NULL) {
    const { msgh_size, msgh_remote_port: port } = headerAt(k, kmsg);
    if (msgh_size > max_size)
      return { mr: MACH_RCV_TOO_LARGE, kmsg: NULL, seqno: 0, size: msgh_size };
    remqueue(k.memory, mqueue, KMSG_LINKS, kmsg);
    const view = portAt(k, port);
    const seqno = view.ip_seqno;
    view.ip_seqno += 1;
    return received(k, kmsg, seqno);
  }
  const self = threadAt(k, current_thread(k));
  if ((option & MACH_MSG_OPTION.MACH_RCV_TIMEOUT) !== 0) {
    if (limit === 0) return failed(MACH_RCV_TIMED_OUT);
    thread_will_wait_with_timeout(k, self.address, limit);
  } else thread_will_wait(k, self.address);
  ipc_mqueue_wait(k, mqueue, self.address, max_size);
  thread_block(k, continuation);
  return "blocked";
}

/** Enters a thread that is about to block as a receiver of messages up to `max_size` bytes. */
export function ipc_mqueue_wait(
  k: KernelState,
  mqueue: number,
  thread: number,
  max_size: number,
): void {
  enqueue(k.memory, threadsOf(mqueue), IPC_LINKS, thread);
  const view = threadAt(k, thread);
  view.ith_state = MACH_RCV_IN_PROGRESS;
  view.ith_msize = max_size;
}

/** The outcome for a message that is off its queue. */
function received(k: KernelState, kmsg: number, seqno: number): Received {
  const port = headerAt(k, kmsg).msgh_remote_port;
  if (ip_active(k, port)) {
    portAt(k, port).ip_msgcount -= 1;
    ipc_mqueue_admit(k, port);
  }
  return { mr: MACH_MSG_SUCCESS, kmsg, seqno, size: 0 };
}

/** Lets the first sender that waits for room at a live port try again, if there is room. */
export function ipc_mqueue_admit(k: KernelState, port: number): void {
  const view = portAt(k, port);
  if (view.ip_msgcount >= view.ip_qlimit) return;
  const sender = dequeue(k.memory, view.addressOf("ip_blocked"), IPC_LINKS);
  if (sender === NULL) return;
  threadAt(k, sender).ith_state = MACH_MSG_SUCCESS;
  thread_go(k, sender);
}

const failed = (mr: number): Received => ({ mr, kmsg: NULL, seqno: 0, size: 0 });
