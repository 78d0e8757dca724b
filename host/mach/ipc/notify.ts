/**
 * Messages that the kernel sends by itself, to send-once rights, past queue limits: the `notify`
 * interface. Each consumes a naked send-once right. Nothing is sent to a dead port, nor to one that
 * the kernel receives for (no kernel object asks for notices), nor without memory.
 * After Mach's ipc/ipc_notify.c.
 */
import {
  MACH_MSG_TYPE,
  MACH_MSGH_BITS as MSGH_BITS,
  MACH_NOTIFY,
  MACH_PORT,
  machMsgHeader,
} from "../../abi/mach.ts";
import { ipcKmsg } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt } from "../kern/views.ts";
import { ikm_alloc } from "./kmsg.ts";
import { ipc_mqueue_deliver } from "./mqueue.ts";
import { MACH_MSGH_BITS, NULL } from "./names.ts";
import { ip_active, ip_release } from "./object.ts";
import { ipc_port_check_circularity, ipc_port_release_sonce } from "./port.ts";

const {
  MACH_MSG_TYPE_INTEGER_32,
  MACH_MSG_TYPE_PORT_NAME,
  MACH_MSG_TYPE_PORT_RECEIVE,
  MACH_MSG_TYPE_PORT_SEND_ONCE,
} = MACH_MSG_TYPE;

/** A notification's one argument: its type name and word. */
interface Argument {
  readonly type: number;
  readonly word: number;
}

/** Sends a notification. Returns false when nobody hears it; the right is gone all the same. */
function notify(k: KernelState, port: number, id: number, argument?: Argument): boolean {
  const heard = ip_active(k, port) && portAt(k, port).ip_receiver !== k.cpu.ipc_space_kernel;
  const size = machMsgHeader.size + (argument ? 8 : 0);
  const kmsg = heard ? ikm_alloc(k, size) : NULL;
  if (kmsg === NULL) {
    ipc_port_release_sonce(k, port);
    return false;
  }
  const header = headerAt(k, kmsg);
  const isComplex = argument?.type === MACH_MSG_TYPE_PORT_RECEIVE;
  const complex = isComplex ? MSGH_BITS.MACH_MSGH_BITS_COMPLEX : 0;
  header.msgh_bits = (MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, 0) | complex) >>> 0;
  header.msgh_size = size;
  header.msgh_remote_port = port;
  header.msgh_local_port = MACH_PORT.MACH_PORT_NULL;
  header.msgh_seqno = 0;
  header.msgh_id = id;
  if (argument) {
    const body = kmsg + ipcKmsg.offset.ikm_header + machMsgHeader.size;
    // One element of 32 bits, in line.
    k.memory.write32(body, ((argument.type << 24) | 0x00200018) >>> 0);
    k.memory.write32(body + 4, argument.word);
  }
  ipc_mqueue_deliver(k, port, kmsg);
  return true;
}

/** A send-once right is gone unused: a header alone. */
export function ipc_notify_send_once(k: KernelState, port: number): void {
  notify(k, port, MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE);
}

/** The last send right to a port is gone; `mscount` were made. */
export function ipc_notify_no_senders(k: KernelState, port: number, mscount: number): void {
  const argument = { type: MACH_MSG_TYPE_INTEGER_32, word: mscount };
  notify(k, port, MACH_NOTIFY.MACH_NOTIFY_NO_SENDERS, argument);
}

/** The port that a name denotes has died. The name keeps one user reference for the notice. */
export function ipc_notify_dead_name(k: KernelState, port: number, name: number): void {
  const argument = { type: MACH_MSG_TYPE_PORT_NAME, word: name };
  notify(k, port, MACH_NOTIFY.MACH_NOTIFY_DEAD_NAME, argument);
}

/** A name with a dead-name request is gone. */
export function ipc_notify_port_deleted(k: KernelState, port: number, name: number): void {
  const argument = { type: MACH_MSG_TYPE_PORT_NAME, word: name };
  notify(k, port, MACH_NOTIFY.MACH_NOTIFY_PORT_DELETED, argument);
}

/** A message sent with MACH_SEND_NOTIFY is received, or gone; the name may be null. */
export function ipc_notify_msg_accepted(k: KernelState, port: number, name: number): void {
  const argument = { type: MACH_MSG_TYPE_PORT_NAME, word: name };
  notify(k, port, MACH_NOTIFY.MACH_NOTIFY_MSG_ACCEPTED, argument);
}

/**
 * A port whose receive right was given up goes to whoever asked for it.
 * Conditions: the right is in limbo. Returns false when nobody takes it, or it would lie in a queue
 * of its own: it is still the caller's.
 */
export function ipc_notify_port_destroyed(k: KernelState, port: number, right: number): boolean {
  if (ipc_port_check_circularity(k, right, port)) {
    ipc_port_release_sonce(k, port);
    return false;
  }
  const argument = { type: MACH_MSG_TYPE_PORT_RECEIVE, word: right };
  const isHeard = notify(k, port, MACH_NOTIFY.MACH_NOTIFY_PORT_DESTROYED, argument);
  if (!isHeard) {
    portAt(k, right).ip_receiver = NULL;
    ip_release(k, port);
  }
  return isHeard;
}

/** Takes one send right off a live port's count. Its reference is the caller's affair. */
export function ipc_port_lose_send(k: KernelState, port: number): void {
  const view = portAt(k, port);
  if (view.ip_srights === 0) panic("ipc_port_lose_send: no send rights");
  view.ip_srights -= 1;
  if (view.ip_srights > 0) return;
  const { ip_nsrequest: request } = view;
  if (request === NULL) return k.no_senders?.(port);
  view.ip_nsrequest = NULL;
  ipc_notify_no_senders(k, request, view.ip_mscount);
}

/**
 * Purpose: asks for a notice when a port has no send rights any more; a null right takes a request
 * back.
 * Conditions: the port is active. Consumes the right. When there are no send rights and at least
 * `sync` have been made, the notice is sent at once.
 * Returns: the right of the request before, or 0.
 */
export function ipc_port_nsrequest(
  k: KernelState,
  port: number,
  sync: number,
  right: number,
): number {
  const view = portAt(k, port);
  const previous = view.ip_nsrequest;
  const isNow = right !== NULL && view.ip_srights === 0 && sync <= view.ip_mscount;
  view.ip_nsrequest = isNow ? NULL : right;
  if (isNow) ipc_notify_no_senders(k, right, view.ip_mscount);
  return previous;
}
