/**
 * The kernel calls on names and rights; those on names and notices are in `mach-port-names.ts`.
 * After Mach's ipc/mach_port.c. `space` may be 0: then KERN_INVALID_TASK.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_PORT } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, portAt, psetAt } from "../kern/views.ts";
import { IP_VALID, MACH_MSG_TYPE_PORT_ANY_RIGHT, MACH_PORT_VALID, NULL } from "./names.ts";
import { ipc_object_alloc_dead, ipc_object_copyout_name } from "./object-copy.ts";
import { ipc_port_alloc, ipc_port_set_qlimit } from "./port.ts";
import { ipc_pset_alloc, ipc_pset_of } from "./pset.ts";
import {
  ipc_right_dealloc,
  ipc_right_delta,
  ipc_right_destroy,
  ipc_right_info,
  ipc_right_lookup,
} from "./right.ts";

const {
  KERN_SUCCESS,
  KERN_INVALID_CAPABILITY,
  KERN_INVALID_RIGHT,
  KERN_INVALID_TASK,
  KERN_INVALID_VALUE,
} = KERN_RETURN;
const {
  MACH_PORT_NULL,
  MACH_PORT_QLIMIT_MAX,
  MACH_PORT_RIGHT_DEAD_NAME,
  MACH_PORT_RIGHT_PORT_SET,
  MACH_PORT_RIGHT_RECEIVE,
  MACH_PORT_RIGHT_SEND,
} = MACH_PORT;

/** A result word, or why there is none. */
export type Answer<K extends string> = { readonly [key in K]: number } | { readonly kr: number };

/**
 * Purpose: allocates a receive right (a port), a port set or a dead name; the kernel picks the name.
 * Returns: the name, or KERN_INVALID_TASK, KERN_INVALID_VALUE (kind), KERN_NO_SPACE,
 * KERN_RESOURCE_SHORTAGE.
 */
export function mach_port_allocate(k: KernelState, space: number, right: number): Answer<"name"> {
  if (space === NULL) return { kr: KERN_INVALID_TASK };
  if (right === MACH_PORT_RIGHT_DEAD_NAME) return ipc_object_alloc_dead(k, space);
  if (right === MACH_PORT_RIGHT_PORT_SET) return ipc_pset_alloc(k, space);
  if (right !== MACH_PORT_RIGHT_RECEIVE) return { kr: KERN_INVALID_VALUE };
  const made = ipc_port_alloc(k, space);
  return typeof made === "number" ? { kr: made } : { name: made.name };
}

/**
 * Destroys a name and all it denotes. Returns KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_NAME.
 */
export function mach_port_destroy(k: KernelState, space: number, name: number): number {
  if (space === NULL) return KERN_INVALID_TASK;
  const named = ipc_right_lookup(k, space, name);
  return typeof named === "number" ? named : ipc_right_destroy(k, space, named);
}

/**
 * Purpose: releases one user reference of a send, send-once or dead-name right.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_NAME, KERN_INVALID_RIGHT.
 */
export function mach_port_deallocate(k: KernelState, space: number, name: number): number {
  if (space === NULL) return KERN_INVALID_TASK;
  const named = ipc_right_lookup(k, space, name);
  return typeof named === "number" ? named : ipc_right_dealloc(k, space, named);
}

/**
 * Purpose: tells how many user references a name has for one kind of right; 0 for a right of
 * another kind, 1 for receive, send-once and port set.
 * Returns: the count, or KERN_INVALID_TASK, KERN_INVALID_VALUE (kind), KERN_INVALID_NAME.
 */
export function mach_port_get_refs(
  k: KernelState,
  space: number,
  name: number,
  right: number,
): Answer<"urefs"> {
  if (space === NULL) return { kr: KERN_INVALID_TASK };
  if (right > MACH_PORT_RIGHT_DEAD_NAME) return { kr: KERN_INVALID_VALUE };
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return { kr: named };
  const { type, urefs } = ipc_right_info(k, space, named);
  if ((type & (IE.IE_BITS_SEND << right)) === 0) return { urefs: 0 };
  const isCounted = right === MACH_PORT_RIGHT_SEND || right === MACH_PORT_RIGHT_DEAD_NAME;
  return { urefs: isCounted ? urefs : 1 };
}

/**
 * Purpose: changes a right's user references by `delta`, a signed number.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_VALUE (kind or change), KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT, KERN_UREFS_OVERFLOW.
 */
export function mach_port_mod_refs(
  k: KernelState,
  space: number,
  name: number,
  right: number,
  delta: number,
): number {
  if (space === NULL) return KERN_INVALID_TASK;
  if (right > MACH_PORT_RIGHT_DEAD_NAME) return KERN_INVALID_VALUE;
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return named;
  return ipc_right_delta(k, space, named, right, delta);
}

/**
 * Purpose: inserts a naked right into a space under the given name.
 * Conditions: consumes the right only on success; `type` says what a message would carry.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_VALUE (name or type),
 * KERN_INVALID_CAPABILITY (null or dead right), KERN_NAME_EXISTS, KERN_RIGHT_EXISTS,
 * KERN_UREFS_OVERFLOW, KERN_RESOURCE_SHORTAGE.
 */
export function mach_port_insert_right(
  k: KernelState,
  space: number,
  name: number,
  object: number,
  type: number,
): number {
  if (space === NULL) return KERN_INVALID_TASK;
  if (!MACH_PORT_VALID(name) || !MACH_MSG_TYPE_PORT_ANY_RIGHT(type)) return KERN_INVALID_VALUE;
  if (!IP_VALID(object)) return KERN_INVALID_CAPABILITY;
  return ipc_object_copyout_name(k, space, object, type, false, name);
}

/**
 * The port whose receive right a name denotes, or KERN_INVALID_TASK, _INVALID_NAME, _INVALID_RIGHT.
 */
export function translateReceive(
  k: KernelState,
  space: number,
  name: number,
): { port: number } | number {
  if (space === NULL) return KERN_INVALID_TASK;
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return named;
  const { ie_bits, ie_object } = entryAt(k, named.entry);
  return (ie_bits & IE.IE_BITS_RECEIVE) === 0 ? KERN_INVALID_RIGHT : { port: ie_object };
}

/**
 * Purpose: changes how many messages may wait at a port.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_VALUE (above 16), KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT.
 */
export function mach_port_set_qlimit(
  k: KernelState,
  space: number,
  name: number,
  qlimit: number,
): number {
  if (space !== NULL && qlimit > MACH_PORT_QLIMIT_MAX) return KERN_INVALID_VALUE;
  const found = translateReceive(k, space, name);
  if (typeof found === "number") return found;
  ipc_port_set_qlimit(k, found.port, qlimit);
  return KERN_SUCCESS;
}

/** Sets a port's make-send count. As `translateReceive`, or KERN_SUCCESS. */
export function mach_port_set_mscount(
  k: KernelState,
  space: number,
  name: number,
  mscount: number,
): number {
  const found = translateReceive(k, space, name);
  if (typeof found === "number") return found;
  portAt(k, found.port).ip_mscount = mscount;
  return KERN_SUCCESS;
}

/** Sets the sequence number of a port's next message. As `translateReceive`, or KERN_SUCCESS. */
export function mach_port_set_seqno(
  k: KernelState,
  space: number,
  name: number,
  seqno: number,
): number {
  const found = translateReceive(k, space, name);
  if (typeof found === "number") return found;
  portAt(k, found.port).ip_seqno = seqno;
  return KERN_SUCCESS;
}

/** What `mach_port_get_receive_status` tells. */
export interface ReceiveStatus {
  /** The name of the set that the port is in, or 0. */
  readonly pset: number;
  readonly seqno: number;
  readonly mscount: number;
  readonly qlimit: number;
  readonly msgcount: number;
  readonly sorights: number;
  /** Whether send rights exist anywhere. */
  readonly srights: boolean;
  /** Whether a port-destroyed, a no-senders request stands. */
  readonly pdrequest: boolean;
  readonly nsrequest: boolean;
}

/** Tells about a receive right, or KERN_INVALID_TASK, KERN_INVALID_NAME, KERN_INVALID_RIGHT. */
export function mach_port_get_receive_status(
  k: KernelState,
  space: number,
  name: number,
): ReceiveStatus | number {
  const found = translateReceive(k, space, name);
  if (typeof found === "number") return found;
  const view = portAt(k, found.port);
  const pset = ipc_pset_of(k, found.port);
  return {
    pset: pset === NULL ? MACH_PORT_NULL : psetAt(k, pset).ips_local_name,
    seqno: view.ip_seqno,
    mscount: view.ip_mscount,
    qlimit: view.ip_qlimit,
    msgcount: view.ip_msgcount,
    sorights: view.ip_sorights,
    srights: view.ip_srights > 0,
    pdrequest: view.ip_pdrequest !== NULL,
    nsrequest: view.ip_nsrequest !== NULL,
  };
}
