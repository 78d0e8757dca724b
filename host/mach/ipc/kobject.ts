/**
 * Kernel objects behind ports: what kind, where, and how a message to one is served. The routines
 * themselves are behind `KernelState.kobjectServer`; without one for a message's id the sender gets
 * MIG_BAD_ID, as from any MIG server. After Mach's kern/ipc_kobject.c.
 */
import { IP } from "../../abi/kernel.ts";
import { MACH_PORT, MIG_REPLY, MIG_RETURN, migReplyHeader } from "../../abi/mach.ts";
import { isProcedure, type Procedure } from "../kern/procedure.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt, replyHeaderAt } from "../kern/views.ts";
import { ipc_kmsg_destroy } from "./destroy.ts";
import { ikm_alloc } from "./kmsg.ts";
import { IKOT_NONE, IP_VALID, MACH_MSGH_BITS, MACH_MSGH_BITS_LOCAL, NULL } from "./names.ts";
import { ip_kotype } from "./object.ts";

const { MACH_PORT_NULL } = MACH_PORT;
const { MIG_RET_CODE_TYPE } = MIG_REPLY;

/** Makes a port stand for a kernel object of the given kind. */
export function ipc_kobject_set(k: KernelState, port: number, kobject: number, type: number): void {
  const view = portAt(k, port);
  view.ip_bits = (IP.IP_BITS_ACTIVE | type) >>> 0;
  view.ip_kobject = type === IKOT_NONE ? NULL : kobject;
}

/** The kernel object of the given kind behind a port, or 0. */
export function ipc_kobject_get(k: KernelState, port: number, type: number): number {
  return ip_kotype(k, port) === type ? portAt(k, port).ip_kobject : NULL;
}

/**
 * Purpose: serves a message sent to a kernel object and consumes it with its rights.
 * Conditions: the destination's receiver is the kernel. The reply right moves into the reply.
 * Returns: the reply, ready to be sent, or 0 when there is nowhere to send it, no memory for it, or
 * the routine answers later (MIG_NO_REPLY, and it has taken the reply right); a procedure of it,
 * when the routine waits.
 */
export function ipc_kobject_server(k: KernelState, request: number): number | Procedure<number> {
  const asked = headerAt(k, request);
  const reply = ikm_alloc(k, Math.max(migReplyHeader.size, k.kobjectReplySize(asked.msgh_id)));
  if (reply === NULL) {
    ipc_kmsg_destroy(k, request);
    return NULL;
  }
  const header = headerAt(k, reply);
  header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_LOCAL(asked.msgh_bits), 0);
  header.msgh_size = migReplyHeader.size;
  header.msgh_remote_port = asked.msgh_local_port;
  header.msgh_local_port = MACH_PORT_NULL;
  header.msgh_seqno = 0;
  header.msgh_id = (asked.msgh_id + 100) >>> 0;
  asked.msgh_local_port = MACH_PORT_NULL;
  const body = replyHeaderAt(k, reply);
  body.ret_code_type = MIG_RET_CODE_TYPE;
  body.ret_code = 0;
  const served = k.kobjectServer(request, reply);
  return isProcedure(served)
    ? finishLater(k, request, reply, served)
    : finish(k, request, reply, served);
}

function* finishLater(
  k: KernelState,
  request: number,
  reply: number,
  serving: Procedure<boolean>,
): Procedure<number> {
  const { messages } = k.procedures;
  const held = [request, reply];
  for (const kmsg of held) messages.add(kmsg);
  let isServed = false;
  try {
    const isKnown = yield* serving;
    isServed = true;
    return finish(k, request, reply, isKnown);
  } finally {
    for (const kmsg of held) messages.delete(kmsg);
    if (!isServed) for (const kmsg of held) ipc_kmsg_destroy(k, kmsg);
  }
}

function finish(k: KernelState, request: number, reply: number, isKnown: boolean): number {
  const body = replyHeaderAt(k, reply);
  if (!isKnown) body.ret_code = MIG_RETURN.MIG_BAD_ID;
  ipc_kmsg_destroy(k, request);
  if (body.ret_code === MIG_RETURN.MIG_NO_REPLY) headerAt(k, reply).msgh_remote_port = NULL;
  if (IP_VALID(headerAt(k, reply).msgh_remote_port)) return reply;
  ipc_kmsg_destroy(k, reply);
  return NULL;
}
