/**
 * Port sets: a queue that several ports of one space share. A member holds a reference to its set in
 * `ip_pset`; nothing in the set points at its members. A set that dies leaves that to them: each is
 * taken out of it when it is next received from, moved or destroyed, and finds its messages still in
 * the dead set's queue. After Mach's ipc/ipc_pset.c.
 */
import { IE, IP, ipcPset } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_RETURN } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { clearWords, entryAt, portAt, psetAt, spaceAt } from "../kern/views.ts";
import { ipc_entry_alloc, ipc_entry_alloc_name, ipc_entry_lookup } from "./entry.ts";
import { ipc_mqueue_changed, ipc_mqueue_move, ownMqueue, setMqueue } from "./mqueue.ts";
import { IE_BITS_TYPE, NULL } from "./names.ts";
import { ip_active, ip_reference, ip_release } from "./object.ts";

const { KERN_SUCCESS, KERN_NAME_EXISTS, KERN_NOT_IN_SET, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
const { MACH_RCV_IN_SET, MACH_RCV_INVALID_NAME, MACH_RCV_PORT_CHANGED, MACH_RCV_PORT_DIED } =
  MACH_MSG_RETURN;

/** Sets up a new set with one reference, its entry's. */
function ipc_pset_init(k: KernelState, pset: number, name: number): void {
  clearWords(k.memory, pset, ipcPset.size);
  const view = psetAt(k, pset);
  view.ips_references = 1;
  view.ips_bits = (IP.IP_BITS_ACTIVE | IP.IO_BITS_PORT_SET) >>> 0;
  view.ips_local_name = name;
}

/**
 * Purpose: makes a port set without members.
 * Returns: its name, or KERN_INVALID_TASK (dead space), KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
export function ipc_pset_alloc(
  k: KernelState,
  space: number,
): { readonly name: number } | { readonly kr: number } {
  const pset = k.zalloc("ipc_pset");
  if (pset === NULL) return { kr: KERN_RESOURCE_SHORTAGE };
  const made = ipc_entry_alloc(k, space);
  if (typeof made === "number") {
    k.zfree("ipc_pset", pset);
    return { kr: made };
  }
  enter(k, made.entry, pset, made.name);
  return { name: made.name };
}

/**
 * Purpose: the same under a name of the caller's choice.
 * Conditions: the name is valid.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_NAME_EXISTS, KERN_RESOURCE_SHORTAGE.
 */
export function ipc_pset_alloc_name(k: KernelState, space: number, name: number): number {
  const pset = k.zalloc("ipc_pset");
  if (pset === NULL) return KERN_RESOURCE_SHORTAGE;
  const made = ipc_entry_alloc_name(k, space, name);
  const isUsed = typeof made !== "number" && IE_BITS_TYPE(entryAt(k, made.entry).ie_bits) !== 0;
  if (typeof made === "number" || isUsed) {
    k.zfree("ipc_pset", pset);
    return typeof made === "number" ? made : KERN_NAME_EXISTS;
  }
  enter(k, made.entry, pset, name);
  return KERN_SUCCESS;
}

function enter(k: KernelState, address: number, pset: number, name: number): void {
  const entry = entryAt(k, address);
  entry.ie_bits = (entry.ie_bits | IE.IE_BITS_PORT_SET) >>> 0;
  entry.ie_object = pset;
  ipc_pset_init(k, pset, name);
}

/**
 * Puts a port that is in no set into one: its messages go to the set's queue, its receivers wake with
 * MACH_RCV_PORT_CHANGED.
 */
function ipc_pset_add(k: KernelState, pset: number, port: number): void {
  portAt(k, port).ip_pset = pset;
  ip_reference(k, pset);
  ipc_mqueue_move(k, setMqueue(pset), ownMqueue(port), port);
  ipc_mqueue_changed(k, ownMqueue(port), MACH_RCV_PORT_CHANGED);
}

/** Takes a port out of the set that it is in, with its messages. */
export function ipc_pset_remove(k: KernelState, port: number): void {
  const view = portAt(k, port);
  const pset = view.ip_pset;
  view.ip_pset = NULL;
  ipc_mqueue_move(k, ownMqueue(port), setMqueue(pset), port);
  ip_release(k, pset);
}

/** The live set that a port is in, or 0. A dead set is left on the way. */
export function ipc_pset_of(k: KernelState, port: number): number {
  const { ip_pset } = portAt(k, port);
  if (ip_pset === NULL || ip_active(k, ip_pset)) return ip_pset;
  ipc_pset_remove(k, port);
  return NULL;
}

/**
 * Moves a port into a set, or out of any (0). Returns KERN_SUCCESS, or KERN_NOT_IN_SET: it was in none,
 * and is to be in none.
 */
export function ipc_pset_move(k: KernelState, port: number, pset: number): number {
  const old = ipc_pset_of(k, port);
  if (old === NULL && pset === NULL) return KERN_NOT_IN_SET;
  if (old === pset) return KERN_SUCCESS;
  if (old !== NULL) ipc_pset_remove(k, port);
  if (pset !== NULL) ipc_pset_add(k, pset, port);
  return KERN_SUCCESS;
}

/**
 * Kills a set: its receivers wake with MACH_RCV_PORT_DIED; its members live on.
 * Conditions: nothing names the set any more. Consumes the entry's reference.
 */
export function ipc_pset_destroy(k: KernelState, pset: number): void {
  const view = psetAt(k, pset);
  view.ips_bits = (view.ips_bits & ~IP.IP_BITS_ACTIVE) >>> 0;
  ipc_mqueue_changed(k, setMqueue(pset), MACH_RCV_PORT_DIED);
  ip_release(k, pset);
}

/** Where to receive from: a queue, and the port or port set that it lies in. */
export interface Source {
  readonly mqueue: number;
  readonly object: number;
}

/**
 * Purpose: finds the queue to receive from under a name.
 * Returns: the queue, whose object got no reference; or MACH_RCV_INVALID_NAME (no receive right or
 * set), MACH_RCV_IN_SET (the port is in a set).
 */
export function receiveSource(k: KernelState, space: number, name: number): Source | number {
  const entry = ipc_entry_lookup(k, space, name);
  if (entry === NULL) return MACH_RCV_INVALID_NAME;
  const { ie_bits, ie_object: object } = entryAt(k, entry);
  if ((ie_bits & IE.IE_BITS_PORT_SET) !== 0) return { mqueue: setMqueue(object), object };
  if ((ie_bits & IE.IE_BITS_RECEIVE) === 0) return MACH_RCV_INVALID_NAME;
  if (ipc_pset_of(k, object) !== NULL) return MACH_RCV_IN_SET;
  return { mqueue: ownMqueue(object), object };
}

/** The same with a reference for the object; MACH_RCV_INVALID_NAME in a dead space, too. */
export function ipc_mqueue_copyin(k: KernelState, space: number, name: number): Source | number {
  if (spaceAt(k, space).is_active === 0) return MACH_RCV_INVALID_NAME;
  const source = receiveSource(k, space, name);
  if (typeof source !== "number") ip_reference(k, source.object);
  return source;
}
