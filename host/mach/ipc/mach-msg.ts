/**
 * `mach_msg_trap`, the slow path: every form of sending and receiving, and the twin of every
 * section of the hot path. It makes the same decisions as Mach's code, so that a thread that blocks
 * here can be handed to by kernel text and the other way round: SEND|RCV exactly, and RCV exactly,
 * wait with CONTINUATION_MACH_MSG and the four saved words (`ith_msg`, `ith_rcv_size`, `ith_object`
 * with a reference, `ith_mqueue`); any other options wait with CONTINUATION_MACH_MSG_RECEIVE and
 * all seven. Receiving is in mach-msg-receive.ts. After Mach's ipc/mach_msg.c.
 */
import { CONTINUATION } from "../../abi/kernel.ts";
import { MACH_MSG_OPTION, MACH_MSG_RETURN, MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { isProcedure, type Procedure } from "../kern/procedure.ts";
import { IPC_LINKS, queueFirst, remqueue } from "../kern/queue.ts";
import { current_thread, thread_handoff } from "../kern/sched.ts";
import type { KernelState, TrapResult } from "../kern/state.ts";
import { headerAt, portAt, threadAt } from "../kern/views.ts";
import { ipc_kmsg_copyin, ipc_kmsg_copyout_pseudo } from "./kmsg-header.ts";
import { ikm_free, ipc_kmsg_get, ipc_kmsg_put } from "./kmsg.ts";
import { ipc_kobject_server } from "./kobject.ts";
import { current_space, mach_msg_receive, type MachMsgArgs } from "./mach-msg-receive.ts";
import { ipc_marequest_create } from "./marequest.ts";
import { ipc_mqueue_give, ipc_mqueue_wait, mqueueOf, threadsOf } from "./mqueue.ts";
import {
  IP_VALID,
  MACH_MSG_SIZE_MAX,
  MACH_MSGH_BITS,
  MACH_MSGH_BITS_CIRCULAR,
  NULL,
} from "./names.ts";
import { ip_active, ip_reference } from "./object.ts";
import { receiveSource, type Source } from "./pset.ts";
import { ipc_right_reverse } from "./right.ts";
import {
  canQueue,
  ipc_mqueue_send,
  ipc_mqueue_send_always,
  ipc_mqueue_send_resume,
} from "./send.ts";

const { CONTINUATION_MACH_MSG } = CONTINUATION;
const { MACH_RCV_MSG, MACH_SEND_CANCEL, MACH_SEND_MSG, MACH_SEND_NOTIFY, MACH_SEND_TIMEOUT } =
  MACH_MSG_OPTION;
const { MACH_MSG_SUCCESS, MACH_SEND_INVALID_NOTIFY, MACH_SEND_TIMED_OUT, MACH_SEND_WILL_NOTIFY } =
  MACH_MSG_RETURN;
const { MACH_PORT_NULL } = MACH_PORT;
const RPC = MACH_SEND_MSG | MACH_RCV_MSG;
/** `msgh_bits` of a reply as the hot path knows it. */
const REPLY_BITS = MACH_MSGH_BITS(MACH_MSG_TYPE.MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);

/**
 * Purpose: possibly sends a message, then possibly receives one.
 * Returns: MACH_MSG_SUCCESS, or what sending or, after a successful send, receiving says;
 * "blocked": the calling thread waits, and another may have been handed the processor; or a
 * procedure, when a kernel object's routine has to wait.
 */
export function mach_msg_trap(
  k: KernelState,
  args: MachMsgArgs,
): TrapResult | Procedure<TrapResult> {
  if ((args.option & MACH_SEND_MSG) === 0) return mach_msg_receive(k, args);
  const got = ipc_kmsg_get(k, args.msg, args.send_size);
  if (typeof got === "number") return got;
  return slow_copyin(k, args, got.kmsg);
}

/**
 * Purpose: goes on with a message that is in a kmsg, names and all (Mach's label of this name).
 * Conditions: `msgh_size` is set; the kmsg holds no rights; `args.option` includes MACH_SEND_MSG.
 */
function slow_copyin(
  k: KernelState,
  args: MachMsgArgs,
  kmsg: number,
): TrapResult | Procedure<TrapResult> {
  const isReply =
    headerAt(k, kmsg).msgh_bits === REPLY_BITS &&
    headerAt(k, kmsg).msgh_local_port === MACH_PORT_NULL;
  const cancels = (args.option & MACH_SEND_CANCEL) !== 0;
  const mr =
    cancels && args.notify === MACH_PORT_NULL
      ? MACH_SEND_INVALID_NOTIFY
      : ipc_kmsg_copyin(k, kmsg, current_space(k), cancels ? args.notify : MACH_PORT_NULL);
  if (mr !== MACH_MSG_SUCCESS) {
    ikm_free(k, kmsg);
    return mr;
  }
  const handed = args.option === RPC && handoff(k, args, kmsg, isReply);
  return handed ? "blocked" : slow_send(k, args, kmsg);
}

/**
 * Purpose: the direct exchange: gives the message to a waiting receiver, which runs next, and
 * leaves the current thread waiting for its reply.
 * Conditions: under the hot path's conditions, after a copyin of any kind: the destination can take
 * the message and has a receiver for its size; the receive right of `rcv_name` is known without
 * another lookup (the reply port of a request; any for a plain reply) and has no message waiting.
 * Returns: false when the message has to be sent the long way; nothing has changed then.
 */
function handoff(k: KernelState, args: MachMsgArgs, kmsg: number, isReply: boolean): boolean {
  const header = headerAt(k, kmsg);
  const dest = header.msgh_remote_port;
  if (!ip_active(k, dest) || portAt(k, dest).ip_receiver === k.cpu.ipc_space_kernel) return false;
  if (!canQueue(k, dest, header)) return false;
  if ((header.msgh_bits & MACH_MSGH_BITS_CIRCULAR) !== 0) return false;
  const source = isReply
    ? receiveSource(k, current_space(k), args.rcv_name)
    : replySource(k, header.msgh_local_port, args.rcv_name);
  if (typeof source === "number") return false;
  const { object, mqueue } = source;
  const receiver = queueFirst(k.memory, threadsOf(mqueueOf(k, dest)));
  if (receiver === NULL || queueFirst(k.memory, mqueue) !== NULL) return false;
  if (header.msgh_size > threadAt(k, receiver).ith_msize) return false;

  const self = threadAt(k, current_thread(k));
  if (!thread_handoff(k, CONTINUATION_MACH_MSG, receiver)) return false;
  ip_reference(k, object);
  self.ith_msg = args.msg;
  self.ith_rcv_size = args.rcv_size;
  self.ith_object = object;
  self.ith_mqueue = mqueue;
  ipc_mqueue_wait(k, mqueue, self.address, MACH_MSG_SIZE_MAX);
  remqueue(k.memory, threadsOf(mqueueOf(k, dest)), IPC_LINKS, receiver);
  portAt(k, dest).ip_msgcount += 1;
  ipc_mqueue_give(k, dest, receiver, kmsg);
  return true;
}

/**
 * The port of the reply right in a request, if it is the one that `rcv_name` receives from; in a set
 * it is not.
 */
function replySource(k: KernelState, reply: number, rcv_name: number): Source | number {
  if (!IP_VALID(reply) || !ip_active(k, reply)) return NULL;
  const { ip_receiver, ip_receiver_name } = portAt(k, reply);
  const isOwn = ip_receiver === current_space(k) && ip_receiver_name === rcv_name;
  return isOwn ? receiveSource(k, current_space(k), rcv_name) : NULL;
}

/**
 * Purpose: sends a message that holds its rights, then receives if asked to (Mach's `slow_send`).
 * Conditions: `args.option` includes MACH_SEND_MSG.
 */
function slow_send(
  k: KernelState,
  args: MachMsgArgs,
  kmsg: number,
): TrapResult | Procedure<TrapResult> {
  if (isKernels(k, kmsg)) return sendToKernel(k, args, kmsg);
  saveSend(k, args);
  return afterSend(k, args, kmsg, ipc_mqueue_send(k, kmsg, ...sendLimit(args)));
}

/** Whether a message's destination is a kernel object. */
const isKernels = (k: KernelState, kmsg: number): boolean =>
  portAt(k, headerAt(k, kmsg).msgh_remote_port).ip_receiver === k.cpu.ipc_space_kernel;

/** Lets the kernel serve a message; the reply is sent before the sender goes on. */
function sendToKernel(
  k: KernelState,
  args: MachMsgArgs,
  kmsg: number,
): TrapResult | Procedure<TrapResult> {
  const served = ipc_kobject_server(k, kmsg);
  if (isProcedure(served)) return served_later(k, args, served);
  if (served !== NULL) ipc_mqueue_send_always(k, served);
  return k.cpu.active_thread === NULL ? "blocked" : mach_msg_receive(k, args);
}

function* served_later(
  k: KernelState,
  args: MachMsgArgs,
  serving: Procedure<number>,
): Procedure<TrapResult> {
  const thread = current_thread(k);
  const reply = yield* serving;
  if (reply !== NULL) ipc_mqueue_send_always(k, reply);
  return k.cpu.active_thread === thread ? mach_msg_receive(k, args) : "blocked";
}

/** Timeout option and time of a send: MACH_SEND_NOTIFY never waits longer than it is told to. */
function sendLimit({ option, time_out }: MachMsgArgs): [option: number, time_out: number] {
  if ((option & MACH_SEND_NOTIFY) === 0) return [option, time_out];
  return [MACH_SEND_TIMEOUT, (option & MACH_SEND_TIMEOUT) !== 0 ? time_out : 0];
}

/** Keeps the call's arguments for `mach_msg_send_continue`; `rcv_name` lies in `ith_object`. */
function saveSend(k: KernelState, args: MachMsgArgs): void {
  const self = threadAt(k, current_thread(k));
  self.ith_msg = args.msg;
  self.ith_option = args.option;
  self.ith_rcv_size = args.rcv_size;
  self.ith_object = args.rcv_name;
  self.ith_timeout = args.time_out;
  self.ith_notify = args.notify;
}

/**
 * A message that could not be sent goes back to its sender's buffer, as far as that can be written.
 */
function afterSend(k: KernelState, args: MachMsgArgs, kmsg: number, sent: TrapResult): TrapResult {
  if (sent === "blocked") return sent;
  if (sent === MACH_MSG_SUCCESS) return mach_msg_receive(k, args);
  let mr = sent;
  if ((args.option & MACH_SEND_NOTIFY) !== 0 && mr === MACH_SEND_TIMED_OUT) {
    mr = requestAccepted(k, kmsg, args.notify);
    if (mr === MACH_MSG_SUCCESS) {
      ipc_mqueue_send_always(k, kmsg);
      return MACH_SEND_WILL_NOTIFY;
    }
  }
  const special = ipc_kmsg_copyout_pseudo(k, kmsg, current_space(k));
  ipc_kmsg_put(k, args.msg, kmsg, headerAt(k, kmsg).msgh_size);
  return mr | special;
}

/** Asks for a notice to `notify` when a message that goes past the limit has been received. */
function requestAccepted(k: KernelState, kmsg: number, notify: number): number {
  if (notify === MACH_PORT_NULL) return MACH_SEND_INVALID_NOTIFY;
  const space = current_space(k);
  const port = headerAt(k, kmsg).msgh_remote_port;
  return ipc_marequest_create(k, space, kmsg, ipc_right_reverse(k, space, port), notify);
}

/**
 * Purpose: goes on after waiting for room at the destination (CONTINUATION_MACH_MSG_SEND).
 * Returns: as `mach_msg_trap`.
 */
export function mach_msg_send_continue(k: KernelState): TrapResult {
  const self = threadAt(k, current_thread(k));
  const args: MachMsgArgs = {
    msg: self.ith_msg,
    option: self.ith_option,
    send_size: 0,
    rcv_size: self.ith_rcv_size,
    rcv_name: self.ith_object,
    time_out: self.ith_timeout,
    notify: self.ith_notify,
  };
  const kmsg = self.ith_msize;
  return afterSend(k, args, kmsg, ipc_mqueue_send_resume(k, ...sendLimit(args)));
}
