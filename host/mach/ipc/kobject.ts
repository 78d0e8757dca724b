/**
 * Kernel objects behind ports: what kind, where, and how a message to one is served. The routines
 * themselves are behind `KernelState.kobjectServer`; without one for a message's id the sender gets
 * MIG_BAD_ID, as from any MIG server. After Mach's kern/ipc_kobject.c.
 */
import { IP } from "../../abi/kernel.ts";
import { MACH_MSG_TYPE, MACH_PORT, MIG_RETURN, migReplyHeader } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt, replyHeaderAt } from "../kern/views.ts";
import { ipc_kmsg_destroy, ipc_port_release_send } from "./destroy.ts";
import { ikm_alloc, ikm_free } from "./kmsg.ts";
import {
  IKOT_NONE,
  IP_VALID,
  MACH_MSGH_BITS,
  MACH_MSGH_BITS_LOCAL,
  MACH_MSGH_BITS_REMOTE,
  NULL,
} from "./names.ts";
import { ip_kotype } from "./object.ts";
import { ipc_port_release_sonce } from "./port.ts";

const { MACH_PORT_NULL } = MACH_PORT;
/** `RetCodeType`: one 32-bit integer in line. */
const RET_CODE_TYPE = 0x02200018;

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
 * Returns: the reply, ready to be sent, or 0 when there is nowhere to send it (or no memory for
 * it).
 */
export function ipc_kobject_server(k: KernelState, request: number): number {
  const reply = ikm_alloc(k, migReplyHeader.size);
  if (reply === NULL) {
    ipc_kmsg_destroy(k, request);
    return NULL;
  }
  const asked = headerAt(k, request);
  const header = headerAt(k, reply);
  header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_LOCAL(asked.msgh_bits), 0);
  header.msgh_size = migReplyHeader.size;
  header.msgh_remote_port = asked.msgh_local_port;
  header.msgh_local_port = MACH_PORT_NULL;
  header.msgh_seqno = 0;
  header.msgh_id = (asked.msgh_id + 100) >>> 0;
  const body = replyHeaderAt(k, reply);
  body.ret_code_type = RET_CODE_TYPE;
  body.ret_code = 0;
  if (!k.kobjectServer(request, reply)) body.ret_code = MIG_RETURN.MIG_BAD_ID;

  const dest = asked.msgh_remote_port;
  if (MACH_MSGH_BITS_REMOTE(asked.msgh_bits) === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND)
    ipc_port_release_send(k, dest);
  else ipc_port_release_sonce(k, dest);
  ikm_free(k, request);
  if (IP_VALID(header.msgh_remote_port)) return reply;
  ipc_kmsg_destroy(k, reply);
  return NULL;
}
