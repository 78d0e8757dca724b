/**
 * Messages that the kernel sends by itself, to send-once rights, past queue limits. Only the
 * notification that a send-once right was destroyed unused exists so far.
 * After Mach's ipc/ipc_notify.c.
 */
import { MACH_MSG_TYPE, MACH_NOTIFY, MACH_PORT, machMsgHeader } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt } from "../kern/views.ts";
import { ikm_alloc } from "./kmsg.ts";
import { ipc_mqueue_deliver } from "./mqueue.ts";
import { MACH_MSGH_BITS, NULL } from "./names.ts";
import { ip_active } from "./object.ts";
import { ipc_port_release_sonce } from "./port.ts";

/**
 * Purpose: tells a port that a send-once right to it is gone: message 71, a header alone.
 * Conditions: consumes a send-once right and a reference. Nothing is sent to a dead port, nor to
 * one that the kernel receives for (no kernel object asks for the notice), nor without memory.
 */
export function ipc_notify_send_once(k: KernelState, port: number): void {
  const heard = ip_active(k, port) && portAt(k, port).ip_receiver !== k.cpu.ipc_space_kernel;
  const kmsg = heard ? ikm_alloc(k, machMsgHeader.size) : NULL;
  if (kmsg === NULL) return ipc_port_release_sonce(k, port);
  const header = headerAt(k, kmsg);
  header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND_ONCE, 0);
  header.msgh_size = machMsgHeader.size;
  header.msgh_remote_port = port;
  header.msgh_local_port = MACH_PORT.MACH_PORT_NULL;
  header.msgh_seqno = 0;
  header.msgh_id = MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE;
  ipc_mqueue_deliver(k, port, kmsg);
}
