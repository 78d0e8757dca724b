/**
 * A remote procedure call that the kernel makes for a thread: the thread waits for the reply at a
 * port of the kernel's own, made for this one call. (Mach keeps such a port in the thread.)
 * After Mach's kern/exception.c.
 */
import { ipcKmsg } from "../../abi/kernel.ts";
import {
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_NOTIFY,
  MIG_REPLY,
  MIG_RETURN,
} from "../../abi/mach.ts";
import { ipc_kmsg_destroy, ipc_port_dealloc_special } from "../ipc/destroy.ts";
import { ikm_alloc } from "../ipc/kmsg.ts";
import { ipc_mqueue_wait, ownMqueue, threadsOf } from "../ipc/mqueue.ts";
import { MACH_MSGH_BITS, MACH_MSG_SIZE_MAX, NULL } from "../ipc/names.ts";
import { ipc_port_alloc_special, ipc_port_make_sonce } from "../ipc/port.ts";
import { ipc_mqueue_send_always } from "../ipc/send.ts";
import { ipc_space_create_special } from "../ipc/space.ts";
import type { Procedure } from "./procedure.ts";
import { IPC_LINKS, KMSG_LINKS, queueFirst, remqueue } from "./queue.ts";
import type { KernelState } from "./state.ts";
import { headerAt, portAt, replyHeaderAt, threadAt } from "./views.ts";

const { MACH_MSG_SUCCESS, MACH_RCV_IN_PROGRESS } = MACH_MSG_RETURN;
const RPC = MACH_MSGH_BITS(
  MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND,
  MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND_ONCE,
);
const { MIG_RET_CODE_TYPE } = MIG_REPLY;

/** A request's bytes behind its header: rights in it are ports, and naked rights. */
export interface KernelRequest {
  readonly id: number;
  /** Bits of `msgh_bits` besides the types of the two ports. */
  readonly bits: number;
  readonly words: readonly number[];
}

/**
 * Purpose: sends a request and waits for its reply, whatever happens to the thread but its end.
 * Conditions: consumes the send right `port` and the request's rights.
 * Returns: the reply's code, MIG_SERVER_DIED, MIG_REPLY_MISMATCH; MIG_REMOTE_ERROR: no memory.
 */
export function* kernel_rpc(
  k: KernelState,
  port: number,
  request: KernelRequest,
): Procedure<number> {
  const kmsg = ikm_alloc(k, 24 + 4 * request.words.length);
  const replyPort = kmsg === NULL ? NULL : ipc_port_alloc_special(k, replySpace(k));
  if (kmsg === NULL) return MIG_RETURN.MIG_REMOTE_ERROR;
  const header = headerAt(k, kmsg);
  header.msgh_bits = (RPC | request.bits) >>> 0;
  header.msgh_size = 24 + 4 * request.words.length;
  header.msgh_remote_port = port;
  header.msgh_local_port = replyPort === NULL ? NULL : ipc_port_make_sonce(k, replyPort);
  header.msgh_seqno = 0;
  header.msgh_id = request.id;
  request.words.forEach((word, i) =>
    k.memory.write32(kmsg + ipcKmsg.offset.ikm_header + 24 + 4 * i, word),
  );
  if (replyPort === NULL) {
    ipc_kmsg_destroy(k, kmsg);
    return MIG_RETURN.MIG_REMOTE_ERROR;
  }
  k.procedures.ports.add(replyPort);
  try {
    ipc_mqueue_send_always(k, kmsg);
    const reply = yield* receive(k, replyPort);
    const code = replyCode(k, reply, request.id + 100);
    ipc_kmsg_destroy(k, reply);
    return code;
  } finally {
    k.procedures.ports.delete(replyPort);
    ipc_port_dealloc_special(k, replyPort);
  }
}

/** The space of the kernel's reply ports: special, but no kernel objects are in it. */
function replySpace(k: KernelState): number {
  k.cpu.ipc_space_reply ||= ipc_space_create_special(k);
  return k.cpu.ipc_space_reply;
}

/** Takes the one message that will come to a port. `thread_abort` does not end this wait. */
function* receive(k: KernelState, port: number): Procedure<number> {
  const mqueue = ownMqueue(port);
  const thread = k.cpu.active_thread;
  const self = threadAt(k, thread);
  const queued = queueFirst(k.memory, mqueue);
  if (queued !== NULL) {
    remqueue(k.memory, mqueue, KMSG_LINKS, queued);
    portAt(k, port).ip_msgcount -= 1;
    return queued;
  }
  ipc_mqueue_wait(k, mqueue, thread, MACH_MSG_SIZE_MAX);
  let ended = false;
  k.procedures.receiving.add(thread);
  try {
    while (self.ith_state === MACH_RCV_IN_PROGRESS)
      yield { event: `reply ${port}`, interruptible: false };
    ended = self.ith_state === MACH_MSG_SUCCESS;
  } finally {
    k.procedures.receiving.delete(thread);
    if (!ended && self.ith_state === MACH_RCV_IN_PROGRESS)
      remqueue(k.memory, threadsOf(mqueue), IPC_LINKS, thread);
    if (!ended && self.ith_state === MACH_MSG_SUCCESS) ipc_kmsg_destroy(k, self.ith_msize);
  }
  portAt(k, port).ip_msgcount -= 1;
  return self.ith_msize;
}

function replyCode(k: KernelState, kmsg: number, id: number): number {
  const header = headerAt(k, kmsg);
  if (header.msgh_id === MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE) return MIG_RETURN.MIG_SERVER_DIED;
  if (header.msgh_id !== id) return MIG_RETURN.MIG_REPLY_MISMATCH;
  const reply = replyHeaderAt(k, kmsg);
  if (header.msgh_size !== 32 || reply.ret_code_type !== MIG_RET_CODE_TYPE)
    return MIG_RETURN.MIG_TYPE_ERROR;
  return reply.ret_code;
}
