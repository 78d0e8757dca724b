/**
 * Ports. A live port's receive right is in an entry of `ip_receiver` under `ip_receiver_name` (or
 * in a special space, under no entry). A dead port (bit 31 of `ip_bits` off) is only a structure
 * that the rights still naming it hold by reference; its counts mean nothing any more. How ports
 * die is in `destroy.ts`. After Mach's ipc/ipc_port.c.
 */
import { IE, IP, ipcPort } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_RETURN, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import { dequeue, IPC_LINKS } from "../kern/queue.ts";
import { thread_go } from "../kern/sched.ts";
import type { KernelState } from "../kern/state.ts";
import { clearWords, entryAt, portAt, threadAt } from "../kern/views.ts";
import { ipc_entry_alloc, ipc_entry_alloc_name } from "./entry.ts";
import { IE_BITS_TYPE, IP_DEAD, IP_VALID, NULL } from "./names.ts";
import { ip_active, ip_reference, ip_release } from "./object.ts";
import { ipc_mqueue_changed, ownMqueue } from "./mqueue.ts";
import { ipc_pset_remove } from "./pset.ts";

const { KERN_NAME_EXISTS, KERN_RESOURCE_SHORTAGE, KERN_SUCCESS } = KERN_RETURN;
const { MACH_MSG_SUCCESS, MACH_RCV_PORT_DIED } = MACH_MSG_RETURN;

/** A port just made, and the name of its receive right. */
export interface NewPort {
  readonly name: number;
  readonly port: number;
}

/** Sets up a new port with one reference, the one of its receive right. */
function ipc_port_init(k: KernelState, port: number, space: number, name: number): void {
  clearWords(k.memory, port, ipcPort.size);
  const view = portAt(k, port);
  view.ip_references = 1;
  view.ip_bits = IP.IP_BITS_ACTIVE;
  view.ip_receiver = space;
  view.ip_receiver_name = name;
  view.ip_qlimit = MACH_PORT.MACH_PORT_QLIMIT_DEFAULT;
}

/**
 * Purpose: makes a port whose receive right is a new entry of the space.
 * Returns: name and port, or KERN_INVALID_TASK (dead space), KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
export function ipc_port_alloc(k: KernelState, space: number): NewPort | number {
  const port = k.zalloc("ipc_port");
  if (port === NULL) return KERN_RESOURCE_SHORTAGE;
  const made = ipc_entry_alloc(k, space);
  if (typeof made === "number") {
    k.zfree("ipc_port", port);
    return made;
  }
  const entry = entryAt(k, made.entry);
  entry.ie_bits |= IE.IE_BITS_RECEIVE;
  entry.ie_object = port;
  ipc_port_init(k, port, space, made.name);
  return { name: made.name, port };
}

/**
 * Purpose: makes a port whose receive right is an entry of the caller's choice.
 * Conditions: the name is valid.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK (dead space), KERN_NAME_EXISTS, KERN_RESOURCE_SHORTAGE.
 */
export function ipc_port_alloc_name(k: KernelState, space: number, name: number): number {
  const port = k.zalloc("ipc_port");
  if (port === NULL) return KERN_RESOURCE_SHORTAGE;
  const made = ipc_entry_alloc_name(k, space, name);
  const isUsed = typeof made !== "number" && IE_BITS_TYPE(entryAt(k, made.entry).ie_bits) !== 0;
  if (typeof made === "number" || isUsed) {
    k.zfree("ipc_port", port);
    return typeof made === "number" ? made : KERN_NAME_EXISTS;
  }
  const entry = entryAt(k, made.entry);
  entry.ie_bits = (entry.ie_bits | IE.IE_BITS_RECEIVE) >>> 0;
  entry.ie_object = port;
  ipc_port_init(k, port, space, name);
  return KERN_SUCCESS;
}

/**
 * Purpose: makes a port whose receive right belongs to a special space and stands in no entry.
 * Returns: the port, with one reference for the caller, or 0 when there is no memory.
 */
export function ipc_port_alloc_special(k: KernelState, space: number): number {
  const port = k.zalloc("ipc_port");
  if (port === NULL) return NULL;
  // Any name does that is neither null nor dead; nobody looks it up.
  ipc_port_init(k, port, space, 1);
  return port;
}

/**
 * Purpose: takes the receive right off a port that is about to move or die: it leaves its set, or its
 * receivers wake with MACH_RCV_PORT_DIED; make-send count and sequence number start anew.
 * Conditions: the port is active.
 */
export function ipc_port_clear_receiver(k: KernelState, port: number): void {
  const view = portAt(k, port);
  if (view.ip_pset !== NULL) ipc_pset_remove(k, port);
  else ipc_mqueue_changed(k, ownMqueue(port), MACH_RCV_PORT_DIED);
  view.ip_mscount = 0;
  view.ip_seqno = 0;
}

/**
 * Purpose: notes where a receive right travels, unless that closes a circle of ports in transit.
 * Conditions: the port is in limbo; `dest` is the port that its message is for.
 * Returns: true for a circle: the message must be destroyed. Else the port keeps a reference to
 * `dest` until it arrives.
 */
export function ipc_port_check_circularity(k: KernelState, port: number, dest: number): boolean {
  for (let base = dest; ;) {
    if (base === port) return true;
    const { ip_receiver, ip_receiver_name } = portAt(k, base);
    if (!ip_active(k, base) || ip_receiver_name !== NULL || ip_receiver === NULL) break;
    base = ip_receiver;
  }
  ip_reference(k, dest);
  portAt(k, port).ip_receiver = dest;
  return false;
}

/** Makes a naked send right from a receive right: counts it as made, takes a reference. */
export function ipc_port_make_send(k: KernelState, port: number): number {
  const view = portAt(k, port);
  view.ip_mscount += 1;
  view.ip_srights += 1;
  ip_reference(k, port);
  return port;
}

/**
 * Copies a naked send right. Null stays null; a dead right or the right to a dead port is IP_DEAD.
 */
export function ipc_port_copy_send(k: KernelState, port: number): number {
  if (!IP_VALID(port)) return port;
  if (!ip_active(k, port)) return IP_DEAD;
  portAt(k, port).ip_srights += 1;
  ip_reference(k, port);
  return port;
}

/** Makes a naked send-once right from a receive right. */
export function ipc_port_make_sonce(k: KernelState, port: number): number {
  portAt(k, port).ip_sorights += 1;
  ip_reference(k, port);
  return port;
}

/** Takes one send-once right off a port's count without a notification; consumes a reference. */
export function ipc_port_release_sonce(k: KernelState, port: number): void {
  const view = portAt(k, port);
  if (view.ip_sorights === 0) panic("ipc_port_release_sonce: no send-once rights");
  view.ip_sorights -= 1;
  ip_release(k, port);
}

/**
 * Purpose: changes how many messages may wait at a port; blocked senders that fit now may try.
 * Conditions: the port is active; the limit is legal.
 */
export function ipc_port_set_qlimit(k: KernelState, port: number, qlimit: number): void {
  const view = portAt(k, port);
  for (let i = view.ip_qlimit; i < qlimit; i++) {
    const sender = dequeue(k.memory, view.addressOf("ip_blocked"), IPC_LINKS);
    if (sender === NULL) break;
    threadAt(k, sender).ith_state = MACH_MSG_SUCCESS;
    thread_go(k, sender);
  }
  view.ip_qlimit = qlimit;
}
