/**
 * The receiving half of `mach_msg_trap`'s slow path: waiting for a message, and giving it to the task.
 * The plain forms wait with CONTINUATION_MACH_MSG and four saved words, others with
 * CONTINUATION_MACH_MSG_RECEIVE and all seven. After Mach's ipc/mach_msg.c.
 */
import { CONTINUATION } from "../../abi/kernel.ts";
import { MACH_MSG_OPTION, MACH_MSG_RETURN, MACH_PORT, machMsgHeader } from "../../abi/mach.ts";
import { current_thread } from "../kern/sched.ts";
import type { KernelState, TrapResult } from "../kern/state.ts";
import { headerAt, taskAt, threadAt } from "../kern/views.ts";
import { ipc_kmsg_copyout, ipc_kmsg_copyout_dest } from "./kmsg-header.ts";
import { ipc_kmsg_put } from "./kmsg.ts";
import { ipc_marequest_destroy } from "./marequest.ts";
import { ipc_mqueue_receive, type Received } from "./mqueue.ts";
import { MACH_MSG_MASK, MACH_MSG_SIZE_MAX } from "./names.ts";
import { ip_release } from "./object.ts";
import { ipc_mqueue_copyin } from "./pset.ts";

const { CONTINUATION_MACH_MSG, CONTINUATION_MACH_MSG_RECEIVE } = CONTINUATION;
const { MACH_RCV_LARGE, MACH_RCV_MSG, MACH_RCV_NOTIFY, MACH_SEND_MSG } = MACH_MSG_OPTION;
const { MACH_MSG_SUCCESS, MACH_RCV_BODY_ERROR, MACH_RCV_INVALID_NOTIFY, MACH_RCV_TOO_LARGE } =
  MACH_MSG_RETURN;
const { MACH_PORT_NULL } = MACH_PORT;
const RPC = MACH_SEND_MSG | MACH_RCV_MSG;

/** The arguments of `mach_msg_trap`, unsigned words. */
export interface MachMsgArgs {
  /** The task's buffer, for the message sent and the one received. */
  readonly msg: number;
  readonly option: number;
  readonly send_size: number;
  readonly rcv_size: number;
  readonly rcv_name: number;
  /** Milliseconds, with MACH_SEND_TIMEOUT or MACH_RCV_TIMEOUT. */
  readonly time_out: number;
  readonly notify: number;
}

export const current_space = (k: KernelState): number =>
  taskAt(k, threadAt(k, current_thread(k)).task).itk_space;

/**
 * Purpose: receives a message if `option` says so.
 * Returns: MACH_MSG_SUCCESS (also when nothing was asked for), MACH_RCV_INVALID_NAME, _IN_SET,
 * _TOO_LARGE, _TIMED_OUT, _INTERRUPTED, _PORT_DIED, _INVALID_DATA, _INVALID_NOTIFY, _HEADER_ERROR
 * with special bits; or "blocked".
 */
export function mach_msg_receive(k: KernelState, args: MachMsgArgs): TrapResult {
  if ((args.option & MACH_RCV_MSG) === 0) return MACH_MSG_SUCCESS;
  const found = ipc_mqueue_copyin(k, current_space(k), args.rcv_name);
  if (typeof found === "number") return found;
  const self = threadAt(k, current_thread(k));
  self.ith_msg = args.msg;
  self.ith_rcv_size = args.rcv_size;
  self.ith_object = found.object;
  self.ith_mqueue = found.mqueue;
  if (args.option === MACH_RCV_MSG || args.option === RPC) return receivePlain(k, false);
  self.ith_option = args.option;
  self.ith_timeout = args.time_out;
  self.ith_notify = args.notify;
  return receiveWithOptions(k, false);
}

/** Goes on after waiting for a message with no options (CONTINUATION_MACH_MSG). */
export const mach_msg_continue = (k: KernelState): TrapResult => receivePlain(k, true);

/** Goes on after waiting for a message with options (CONTINUATION_MACH_MSG_RECEIVE). */
export const mach_msg_receive_continue = (k: KernelState): TrapResult =>
  receiveWithOptions(k, true);

/** Receives by the four saved words of the current thread. */
function receivePlain(k: KernelState, resume: boolean): TrapResult {
  const { ith_msg, ith_rcv_size, ith_object, ith_mqueue } = threadAt(k, current_thread(k));
  const got = ipc_mqueue_receive(
    k,
    ith_mqueue,
    0,
    MACH_MSG_SIZE_MAX,
    0,
    resume,
    CONTINUATION_MACH_MSG,
  );
  if (got === "blocked") return got;
  ip_release(k, ith_object);
  if (got.mr !== MACH_MSG_SUCCESS) return got.mr;
  accept(k, got);
  return slow_copyout(k, ith_msg, ith_rcv_size, got.kmsg, MACH_PORT_NULL);
}

/** Receives by all saved words. Too large a message stays queued with MACH_RCV_LARGE. */
function receiveWithOptions(k: KernelState, resume: boolean): TrapResult {
  const self = threadAt(k, current_thread(k));
  const { ith_msg, ith_option, ith_rcv_size, ith_timeout, ith_notify, ith_object } = self;
  const isLarge = (ith_option & MACH_RCV_LARGE) !== 0;
  const limit = isLarge ? ith_rcv_size : MACH_MSG_SIZE_MAX;
  const got = ipc_mqueue_receive(
    k,
    self.ith_mqueue,
    ith_option,
    limit,
    ith_timeout,
    resume,
    CONTINUATION_MACH_MSG_RECEIVE,
  );
  if (got === "blocked") return got;
  ip_release(k, ith_object);
  if (got.mr !== MACH_MSG_SUCCESS) {
    if (got.mr === MACH_RCV_TOO_LARGE) copyoutSize(k, ith_msg, got);
    return got.mr;
  }
  accept(k, got);
  if ((ith_option & MACH_RCV_NOTIFY) === 0)
    return slow_copyout(k, ith_msg, ith_rcv_size, got.kmsg, MACH_PORT_NULL);
  if (ith_notify !== MACH_PORT_NULL)
    return slow_copyout(k, ith_msg, ith_rcv_size, got.kmsg, ith_notify);
  return refuse(k, ith_msg, ith_rcv_size, got.kmsg, MACH_RCV_INVALID_NOTIFY);
}

/** A message is here: it has its number, and its sender may send again. */
function accept(k: KernelState, { kmsg, seqno }: Received): void {
  headerAt(k, kmsg).msgh_seqno = seqno;
  ipc_marequest_destroy(k, kmsg);
}

/**
 * Tells the task the size of the message that it left queued; its buffer may be bad, as in Mach.
 */
function copyoutSize(k: KernelState, msg: number, { size }: Received): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, size);
  k.copyout(threadAt(k, current_thread(k)).task, msg + machMsgHeader.offset.msgh_size, bytes);
}

/**
 * Purpose: copies a received message out to the current task (Mach's `slow_copyout`, `slow_put`).
 * Conditions: `msgh_seqno` is set; the kmsg is off its queue and counts; `ith_object` is released.
 * The hot path ends here too, when its receiver, now current, needs more than it does.
 * Returns: MACH_MSG_SUCCESS, MACH_RCV_TOO_LARGE, MACH_RCV_INVALID_DATA, or what the header says; on
 * too large and header errors the task gets the header alone, the destination consumed.
 */
export function slow_copyout(
  k: KernelState,
  msg: number,
  rcv_size: number,
  kmsg: number,
  notify: number,
): number {
  if (headerAt(k, kmsg).msgh_size > rcv_size)
    return refuse(k, msg, rcv_size, kmsg, MACH_RCV_TOO_LARGE);
  const mr = ipc_kmsg_copyout(k, kmsg, current_space(k), notify);
  const isOut = mr === MACH_MSG_SUCCESS || (mr & ~MACH_MSG_MASK) === MACH_RCV_BODY_ERROR;
  if (!isOut) return refuse(k, msg, rcv_size, kmsg, mr);
  const put = ipc_kmsg_put(k, msg, kmsg, headerAt(k, kmsg).msgh_size);
  return put === MACH_MSG_SUCCESS ? mr : put;
}

/**
 * Destroys a message that its receiver cannot have and shows it the header; too large goes first.
 */
function refuse(k: KernelState, msg: number, rcv_size: number, kmsg: number, mr: number): number {
  const tooLarge = headerAt(k, kmsg).msgh_size > rcv_size;
  ipc_kmsg_copyout_dest(k, kmsg, current_space(k));
  ipc_kmsg_put(k, msg, kmsg, machMsgHeader.size);
  return tooLarge ? MACH_RCV_TOO_LARGE : mr;
}
