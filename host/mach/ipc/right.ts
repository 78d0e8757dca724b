/**
 * Rights in a space's entries: looking, counting, deallocating, destroying. How rights go into and
 * out of messages is in `right-copy.ts`. An entry holds one of: receive (no user references), send
 * (user references), both at once, send-once (one), port set (none), dead name (user references). A send or
 * send-once entry whose port has died becomes a dead name when it is next looked at, in
 * `ipc_right_check`. `ie_next` of a used entry is the index
 * of its dead-name request. After Mach's ipc/ipc_right.c.
 */
import { IE, ipcEntry } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, portAt, spaceAt } from "../kern/views.ts";
import { ipc_port_dncancel } from "./dead-name-request.ts";
import { ipc_port_destroy } from "./destroy.ts";
import { ipc_entry_dealloc, ipc_entry_lookup } from "./entry.ts";
import { ipc_hash_delete, ipc_hash_insert, ipc_hash_lookup } from "./hash.ts";
import { ipc_marequest_cancel } from "./marequest.ts";
import {
  IE_BITS_GEN,
  IE_BITS_TYPE,
  IE_BITS_UREFS,
  MACH_PORT_INDEX,
  MACH_PORT_MAKE,
  MACH_PORT_TYPE_DNREQUEST,
  MACH_PORT_TYPE_MAREQUEST,
  MACH_PORT_UREFS_MAX,
  MACH_PORT_UREFS_OVERFLOW,
  MACH_PORT_UREFS_UNDERFLOW,
  NULL,
  SEND_RIGHTS,
} from "./names.ts";
import { ipc_notify_port_deleted, ipc_notify_send_once, ipc_port_lose_send } from "./notify.ts";
import { ip_active, ip_reference, ip_release } from "./object.ts";
import { ipc_port_clear_receiver } from "./port.ts";
import { ipc_pset_destroy } from "./pset.ts";

const {
  IE_BITS_DEAD_NAME,
  IE_BITS_PORT_SET,
  IE_BITS_RECEIVE,
  IE_BITS_SEND,
  IE_BITS_SEND_ONCE,
  IE_BITS_SEND_RECEIVE,
  IE_BITS_TYPE_MASK,
  IE_BITS_UREFS_MASK,
} = IE;
const {
  KERN_SUCCESS,
  KERN_INVALID_NAME,
  KERN_INVALID_RIGHT,
  KERN_INVALID_TASK,
  KERN_INVALID_VALUE,
  KERN_UREFS_OVERFLOW,
} = KERN_RETURN;

/** An entry's name and address. */
export interface NamedEntry {
  readonly name: number;
  readonly entry: number;
}

/**
 * Purpose: finds an entry by name.
 * Returns: the entry, or KERN_INVALID_TASK (the space is dead), KERN_INVALID_NAME.
 */
export function ipc_right_lookup(k: KernelState, space: number, name: number): NamedEntry | number {
  if (spaceAt(k, space).is_active === 0) return KERN_INVALID_TASK;
  const entry = ipc_entry_lookup(k, space, name);
  return entry === NULL ? KERN_INVALID_NAME : { name, entry };
}

/**
 * Purpose: finds the space's name for a port under which it has receive or send rights.
 * Conditions: the space is active.
 * Returns: the entry, or undefined; always undefined when the port is dead.
 */
export function ipc_right_reverse(
  k: KernelState,
  space: number,
  port: number,
): NamedEntry | undefined {
  if (!ip_active(k, port)) return undefined;
  const { ip_receiver, ip_receiver_name: name } = portAt(k, port);
  if (ip_receiver === space) return { name, entry: ipc_entry_lookup(k, space, name) };
  const index = ipc_hash_lookup(k, space, port);
  if (index === 0) return undefined;
  const entry = entryAt(k, spaceAt(k, space).is_table + index * ipcEntry.size);
  return { name: MACH_PORT_MAKE(index, IE_BITS_GEN(entry.ie_bits)), entry: entry.address };
}

/**
 * Purpose: turns a send or send-once entry whose port has died into a dead name with as many user
 * references, dropping the reference to the port.
 * Returns: true when the port is dead.
 */
export function ipc_right_check(
  k: KernelState,
  space: number,
  { name, entry }: NamedEntry,
): boolean {
  const view = entryAt(k, entry);
  const port = view.ie_object;
  if (ip_active(k, port)) return false;
  if ((view.ie_bits & IE_BITS_SEND) !== 0) ipc_hash_delete(k, space, port, MACH_PORT_INDEX(name));
  becomeDeadName(k, entry);
  view.ie_object = NULL;
  ip_release(k, port);
  return true;
}

/** What an entry becomes when its port has died. A notice under way has a user reference for it. */
function becomeDeadName(k: KernelState, entry: number): void {
  const view = entryAt(k, entry);
  view.ie_bits = ((view.ie_bits & ~IE_BITS_TYPE_MASK) | IE_BITS_DEAD_NAME) >>> 0;
  if (view.ie_next === 0) return;
  view.ie_next = 0;
  if (IE_BITS_UREFS(view.ie_bits) < MACH_PORT_UREFS_MAX) view.ie_bits += 1;
}

/**
 * Purpose: takes back the dead-name request of an entry that is about to go, or change its port.
 * Conditions: the entry's port is live.
 * Returns: its send-once right, for `ipc_notify_port_deleted`; 0 for none.
 */
export function ipc_right_dncancel(k: KernelState, entry: number): number {
  const { ie_next: request, ie_object: port } = entryAt(k, entry);
  if (request === 0) return NULL;
  entryAt(k, entry).ie_next = 0;
  return ipc_port_dncancel(k, port, request);
}

const tellDeleted = (k: KernelState, soright: number, name: number): void => {
  if (soright !== NULL) ipc_notify_port_deleted(k, soright, name);
};

/**
 * Purpose: gives up the rights of an entry of a dead space. The entry itself is left as it is.
 * Conditions: the space is not active.
 */
export function ipc_right_clean(k: KernelState, space: number, name: number, entry: number): void {
  const { ie_bits: bits, ie_object: port } = entryAt(k, entry);
  const type = IE_BITS_TYPE(bits);
  if (type === IE_BITS_DEAD_NAME) return;
  if (type === IE_BITS_PORT_SET) return ipc_pset_destroy(k, port);
  if (!ip_active(k, port)) return ip_release(k, port);
  if ((type & IE_BITS_RECEIVE) !== 0) {
    const view = portAt(k, port);
    if (view.ip_receiver !== space || view.ip_receiver_name !== name)
      panic("ipc_right_clean: receive right is elsewhere");
  }
  const request = ipc_right_dncancel(k, entry);
  giveUp(k, port, type);
  tellDeleted(k, request, name);
}

/**
 * Purpose: destroys an entry with whatever it denotes; a receive right takes the port with it.
 * Conditions: the space is active.
 */
export function ipc_right_destroy(k: KernelState, space: number, named: NamedEntry): number {
  const view = entryAt(k, named.entry);
  const { ie_bits: bits, ie_object: port } = view;
  const type = IE_BITS_TYPE(bits);
  if (type === IE_BITS_SEND) ipc_hash_delete(k, space, port, MACH_PORT_INDEX(named.name));
  ipc_marequest_cancel(k, space, named.name, named.entry);
  const isPort = type !== IE_BITS_DEAD_NAME && type !== IE_BITS_PORT_SET;
  const isLive = isPort && ip_active(k, port);
  const request = isLive ? ipc_right_dncancel(k, named.entry) : NULL;
  view.ie_object = NULL;
  ipc_entry_dealloc(k, space, named.name, named.entry);
  if (type === IE_BITS_DEAD_NAME) return KERN_SUCCESS;
  if (type === IE_BITS_PORT_SET) ipc_pset_destroy(k, port);
  else if (isLive) giveUp(k, port, type);
  else ip_release(k, port);
  tellDeleted(k, request, named.name);
  return KERN_SUCCESS;
}

/** Drops all rights of one entry on a live port, and the entry's reference. */
function giveUp(k: KernelState, port: number, type: number): void {
  if ((type & IE_BITS_SEND) !== 0) ipc_port_lose_send(k, port);
  if ((type & IE_BITS_RECEIVE) !== 0) {
    ipc_port_clear_receiver(k, port);
    ipc_port_destroy(k, port);
  } else if ((type & IE_BITS_SEND_ONCE) !== 0) ipc_notify_send_once(k, port);
  else ip_release(k, port);
}

/**
 * Purpose: releases one user reference of a send, send-once or dead-name right.
 * Conditions: the space is active.
 * Returns: KERN_SUCCESS, or KERN_INVALID_RIGHT: the name denotes a receive right only, or a port set.
 */
export function ipc_right_dealloc(k: KernelState, space: number, named: NamedEntry): number {
  const view = entryAt(k, named.entry);
  if ((view.ie_bits & SEND_RIGHTS) !== 0) ipc_right_check(k, space, named);
  const type = IE_BITS_TYPE(view.ie_bits);
  if ((type & IE_BITS_SEND) !== 0)
    return ipc_right_delta(k, space, named, MACH_PORT.MACH_PORT_RIGHT_SEND, -1);
  if (type === IE_BITS_SEND_ONCE)
    return ipc_right_delta(k, space, named, MACH_PORT.MACH_PORT_RIGHT_SEND_ONCE, -1);
  if (type === IE_BITS_DEAD_NAME)
    return ipc_right_delta(k, space, named, MACH_PORT.MACH_PORT_RIGHT_DEAD_NAME, -1);
  return KERN_INVALID_RIGHT;
}

/**
 * Purpose: changes the user references of one right by `delta`; at zero the right goes, and with
 * the last right the name.
 * Conditions: the space is active; `right` is a legal kind.
 * Returns: KERN_SUCCESS, or KERN_INVALID_RIGHT (the name does not denote such a right),
 * KERN_INVALID_VALUE (the right cannot be changed so), KERN_UREFS_OVERFLOW.
 */
export function ipc_right_delta(
  k: KernelState,
  space: number,
  named: NamedEntry,
  right: number,
  delta: number,
): number {
  switch (right) {
    case MACH_PORT.MACH_PORT_RIGHT_RECEIVE:
      return deltaReceive(k, space, named, delta);
    case MACH_PORT.MACH_PORT_RIGHT_SEND_ONCE:
      return deltaSendOnce(k, space, named, delta);
    case MACH_PORT.MACH_PORT_RIGHT_PORT_SET:
      return deltaPortSet(k, space, named, delta);
    case MACH_PORT.MACH_PORT_RIGHT_DEAD_NAME:
      return deltaDeadName(k, space, named, delta);
    case MACH_PORT.MACH_PORT_RIGHT_SEND:
      return deltaSend(k, space, named, delta);
    default:
      return KERN_INVALID_RIGHT;
  }
}

function deltaReceive(k: KernelState, space: number, named: NamedEntry, delta: number): number {
  const view = entryAt(k, named.entry);
  if ((view.ie_bits & IE_BITS_RECEIVE) === 0) return KERN_INVALID_RIGHT;
  if (delta === 0) return KERN_SUCCESS;
  if (delta !== -1) return KERN_INVALID_VALUE;
  const port = view.ie_object;
  const isSend = (view.ie_bits & IE_BITS_SEND) !== 0;
  if (isSend && portAt(k, port).ip_pdrequest !== NULL) {
    // The port will not die: it goes to another space, and the send right stays what it is.
    view.ie_bits = (view.ie_bits & ~IE_BITS_RECEIVE) >>> 0;
    ip_reference(k, port);
    ipc_hash_insert(k, space, port, MACH_PORT_INDEX(named.name));
    ipc_port_clear_receiver(k, port);
    ipc_port_destroy(k, port);
    return KERN_SUCCESS;
  }
  const request = isSend ? NULL : ipc_right_dncancel(k, named.entry);
  ipc_marequest_cancel(k, space, named.name, named.entry);
  view.ie_object = NULL;
  // The port dies "first": what is left of send rights becomes a dead name without being counted
  // off.
  if (isSend) becomeDeadName(k, named.entry);
  else ipc_entry_dealloc(k, space, named.name, named.entry);
  ipc_port_clear_receiver(k, port);
  ipc_port_destroy(k, port);
  tellDeleted(k, request, named.name);
  return KERN_SUCCESS;
}

function deltaPortSet(k: KernelState, space: number, named: NamedEntry, delta: number): number {
  if ((entryAt(k, named.entry).ie_bits & IE_BITS_PORT_SET) === 0) return KERN_INVALID_RIGHT;
  if (delta === 0) return KERN_SUCCESS;
  return delta === -1 ? ipc_right_destroy(k, space, named) : KERN_INVALID_VALUE;
}

function deltaSendOnce(k: KernelState, space: number, named: NamedEntry, delta: number): number {
  const view = entryAt(k, named.entry);
  if ((view.ie_bits & IE_BITS_SEND_ONCE) === 0) return KERN_INVALID_RIGHT;
  if (delta > 0 || delta < -1) return KERN_INVALID_VALUE;
  if (ipc_right_check(k, space, named)) return KERN_INVALID_RIGHT;
  if (delta === 0) return KERN_SUCCESS;
  const port = view.ie_object;
  const request = ipc_right_dncancel(k, named.entry);
  view.ie_object = NULL;
  ipc_entry_dealloc(k, space, named.name, named.entry);
  ipc_notify_send_once(k, port);
  tellDeleted(k, request, named.name);
  return KERN_SUCCESS;
}

function deltaDeadName(k: KernelState, space: number, named: NamedEntry, delta: number): number {
  const view = entryAt(k, named.entry);
  if ((view.ie_bits & SEND_RIGHTS) !== 0) {
    if (!ipc_right_check(k, space, named)) return KERN_INVALID_RIGHT;
  } else if ((view.ie_bits & IE_BITS_DEAD_NAME) === 0) return KERN_INVALID_RIGHT;
  const urefs = IE_BITS_UREFS(view.ie_bits);
  if (MACH_PORT_UREFS_UNDERFLOW(urefs, delta)) return KERN_INVALID_VALUE;
  if (MACH_PORT_UREFS_OVERFLOW(urefs, delta)) return KERN_UREFS_OVERFLOW;
  if (urefs + delta === 0) ipc_entry_dealloc(k, space, named.name, named.entry);
  else view.ie_bits += delta;
  return KERN_SUCCESS;
}

function deltaSend(k: KernelState, space: number, named: NamedEntry, delta: number): number {
  const view = entryAt(k, named.entry);
  if ((view.ie_bits & IE_BITS_SEND) === 0) return KERN_INVALID_RIGHT;
  const urefs = IE_BITS_UREFS(view.ie_bits);
  if (MACH_PORT_UREFS_UNDERFLOW(urefs, delta)) return KERN_INVALID_VALUE;
  if (MACH_PORT_UREFS_OVERFLOW(urefs + 1, delta)) return KERN_UREFS_OVERFLOW;
  if (ipc_right_check(k, space, named)) return KERN_INVALID_RIGHT;
  if (urefs + delta !== 0) {
    view.ie_bits += delta;
    return KERN_SUCCESS;
  }
  const port = view.ie_object;
  if ((view.ie_bits & IE_BITS_RECEIVE) !== 0) {
    view.ie_bits = (view.ie_bits & ~(IE_BITS_UREFS_MASK | IE_BITS_SEND)) >>> 0;
    ipc_port_lose_send(k, port);
  } else {
    ipc_hash_delete(k, space, port, MACH_PORT_INDEX(named.name));
    const request = ipc_right_dncancel(k, named.entry);
    ipc_marequest_cancel(k, space, named.name, named.entry);
    view.ie_object = NULL;
    ipc_entry_dealloc(k, space, named.name, named.entry);
    ipc_port_lose_send(k, port);
    ip_release(k, port);
    tellDeleted(k, request, named.name);
  }
  return KERN_SUCCESS;
}

/**
 * Purpose: says what an entry denotes now: type bits and user references.
 * Conditions: the space is active. A right to a dead port is turned into a dead name first.
 */
export function ipc_right_info(
  k: KernelState,
  space: number,
  named: NamedEntry,
): { readonly type: number; readonly urefs: number } {
  const view = entryAt(k, named.entry);
  const pure = (view.ie_bits & IE_BITS_SEND_RECEIVE) !== IE_BITS_SEND_RECEIVE;
  if (pure && (view.ie_bits & SEND_RIGHTS) !== 0) ipc_right_check(k, space, named);
  return { type: IE_BITS_TYPE(view.ie_bits), urefs: IE_BITS_UREFS(view.ie_bits) };
}

/** The same as a `mach_port_type_t`, with the requests that stand at the name. */
export function ipc_right_type(k: KernelState, space: number, named: NamedEntry): number {
  const { type } = ipc_right_info(k, space, named);
  const { ie_bits, ie_next } = entryAt(k, named.entry);
  const asked = ie_next === 0 ? 0 : MACH_PORT_TYPE_DNREQUEST;
  return (type | asked | (ie_bits & IE.IE_BITS_MAREQUEST ? MACH_PORT_TYPE_MAREQUEST : 0)) >>> 0;
}
