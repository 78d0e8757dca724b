/**
 * How rights, messages and ports end. These call each other: a port's end destroys the messages
 * queued at it, a message's end destroys the rights it carries, receive rights among them. Messages
 * that end while another does wait for it in `Procedures.dying`, so that no chain of ports in transit
 * makes the recursion deep.
 * After ipc_object_destroy, ipc_kmsg_destroy and ipc_port_destroy of Mach's ipc/.
 */
import { IP } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN, MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import { dequeue, IPC_LINKS, KMSG_LINKS } from "../kern/queue.ts";
import { thread_go } from "../kern/sched.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt, threadAt } from "../kern/views.ts";
import { kmsgMemory, kmsgRights, kmsgRightsLists } from "./kmsg-items.ts";
import { ikm_free } from "./kmsg.ts";
import { ipc_marequest_destroy } from "./marequest.ts";
import { ownMqueue } from "./mqueue.ts";
import { IP_VALID, MACH_MSGH_BITS_LOCAL, MACH_MSGH_BITS_REMOTE, NULL } from "./names.ts";
import { ipc_port_dntake } from "./dead-name-request.ts";
import {
  ipc_notify_dead_name,
  ipc_notify_port_destroyed,
  ipc_notify_send_once,
  ipc_port_lose_send,
} from "./notify.ts";
import { ip_active, ip_release } from "./object.ts";
import { ipc_port_clear_receiver } from "./port.ts";

const { MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE } =
  MACH_MSG_TYPE;

/** Drops a naked send right; consumes a reference. The port may be dead. */
export function ipc_port_release_send(k: KernelState, port: number): void {
  if (ip_active(k, port)) ipc_port_lose_send(k, port);
  ip_release(k, port);
}

/** Drops a receive right that travels: the port dies, or goes to whoever asked for it. */
function ipc_port_release_receive(k: KernelState, port: number): void {
  const view = portAt(k, port);
  const destination = view.ip_receiver;
  view.ip_receiver = NULL;
  ipc_port_destroy(k, port);
  if (destination !== NULL) ip_release(k, destination);
}

/** Drops a naked right of the given kind; consumes a reference. A send-once right notifies. */
export function ipc_object_destroy(k: KernelState, port: number, type: number): void {
  switch (type) {
    case MACH_MSG_TYPE_PORT_SEND:
      return ipc_port_release_send(k, port);
    case MACH_MSG_TYPE_PORT_SEND_ONCE:
      return ipc_notify_send_once(k, port);
    case MACH_MSG_TYPE_PORT_RECEIVE:
      return ipc_port_release_receive(k, port);
    default:
      panic(`ipc_object_destroy: strange right ${type}`);
  }
}

/**
 * Purpose: destroys a message with the rights that it carries, and frees its buffer.
 * Conditions: it is on no queue. A null or dead port field carries no right.
 */
export function ipc_kmsg_destroy(k: KernelState, kmsg: number): void {
  const { dying } = k.procedures;
  dying.push(kmsg);
  if (dying.length > 1) return;
  for (let next = dying[0]; next !== undefined; next = dying[0]) {
    clean(k, next);
    dying.shift();
    ikm_free(k, next);
  }
}

/** Destroys the rights of a message. */
function clean(k: KernelState, kmsg: number): void {
  ipc_marequest_destroy(k, kmsg);
  const { msgh_bits: bits, msgh_remote_port: remote, msgh_local_port: local } = headerAt(k, kmsg);
  if (IP_VALID(remote)) ipc_object_destroy(k, remote, MACH_MSGH_BITS_REMOTE(bits));
  if (IP_VALID(local)) ipc_object_destroy(k, local, MACH_MSGH_BITS_LOCAL(bits));
  ipc_kmsg_clean_body(k, kmsg);
}

/** Destroys what a message carries in its body; the message is only its header afterwards. */
export function ipc_kmsg_clean_body(k: KernelState, kmsg: number): void {
  for (const { address, type } of kmsgRights(k, kmsg)) {
    const port = k.memory.read32(address);
    if (IP_VALID(port)) ipc_object_destroy(k, port, type);
  }
  for (const { address, bytes } of kmsgRightsLists(k, kmsg)) k.kfree(address, bytes);
  for (const word of kmsgMemory(k, kmsg)) k.memory_copies?.discard(k.memory.read32(word));
}

/**
 * Purpose: kills a port: blocked senders wake to find it dead, queued messages are destroyed, who
 * asked for it is told. A port with a port-destroyed request lives on, in a message.
 * Conditions: the port is active; `ipc_port_clear_receiver` was called; nothing names the receive
 * right any more. Consumes the receive right's reference.
 */
export function ipc_port_destroy(k: KernelState, port: number): void {
  const view = portAt(k, port);
  const { ip_pdrequest: wanted } = view;
  view.ip_pdrequest = NULL;
  view.ip_receiver = NULL;
  view.ip_receiver_name = MACH_PORT.MACH_PORT_NULL;
  if (wanted !== NULL && ipc_notify_port_destroyed(k, wanted, port)) return;
  for (;;) {
    const sender = dequeue(k.memory, view.addressOf("ip_blocked"), IPC_LINKS);
    if (sender === NULL) break;
    threadAt(k, sender).ith_state = MACH_MSG_RETURN.MACH_MSG_SUCCESS;
    thread_go(k, sender);
  }
  view.ip_bits = (view.ip_bits & ~IP.IP_BITS_ACTIVE) >>> 0;
  k.port_destroyed?.(port);
  const { ip_nsrequest: request } = view;
  view.ip_nsrequest = NULL;
  for (;;) {
    const kmsg = dequeue(k.memory, ownMqueue(port), KMSG_LINKS);
    if (kmsg === NULL) break;
    // The destination right is dropped by hand: a send-once right to a dead port has nobody to
    // tell.
    headerAt(k, kmsg).msgh_remote_port = MACH_PORT.MACH_PORT_NULL;
    ip_release(k, port);
    ipc_kmsg_destroy(k, kmsg);
  }
  if (request !== NULL) ipc_notify_send_once(k, request);
  for (const { soright, name } of ipc_port_dntake(k, port)) ipc_notify_dead_name(k, soright, name);
  ip_release(k, port);
}

/**
 * Purpose: kills a port of a special space.
 * Conditions: consumes the caller's reference. Receiver and name go first, so that nobody takes the
 * dying port for a kernel port.
 */
export function ipc_port_dealloc_special(k: KernelState, port: number): void {
  const view = portAt(k, port);
  view.ip_receiver = NULL;
  view.ip_receiver_name = MACH_PORT.MACH_PORT_NULL;
  ipc_port_clear_receiver(k, port);
  ipc_port_destroy(k, port);
}
