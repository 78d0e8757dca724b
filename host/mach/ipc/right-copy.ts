/**
 * Rights between a space's entries and the kernel: copyin takes a naked right (a port pointer with
 * its count and reference) out of an entry, copyout puts one in. Copyin never frees the entry: its
 * caller deallocates an entry that is left without a right.
 * A port whose receive right travels has no receiver; `ip_receiver` is then the port that its message
 * goes to (Mach's `ip_destination`), with a reference. After the copy part of Mach's ipc/ipc_right.c.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_TYPE } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, portAt } from "../kern/views.ts";
import { ipc_hash_delete, ipc_hash_insert } from "./hash.ts";
import { ipc_marequest_cancel } from "./marequest.ts";
import {
  IE_BITS_TYPE,
  IE_BITS_UREFS,
  IP_DEAD,
  MACH_PORT_INDEX,
  MACH_PORT_UREFS_MAX,
  NULL,
  SEND_RIGHTS,
} from "./names.ts";
import { ip_active, ip_reference, ip_release } from "./object.ts";
import { ipc_notify_port_deleted, ipc_port_lose_send } from "./notify.ts";
import {
  ipc_port_clear_receiver,
  ipc_port_make_send,
  ipc_port_make_sonce,
  ipc_port_release_sonce,
} from "./port.ts";
import { ipc_right_check, ipc_right_dncancel, type NamedEntry } from "./right.ts";

const { IE_BITS_DEAD_NAME, IE_BITS_RECEIVE, IE_BITS_SEND, IE_BITS_SEND_ONCE, IE_BITS_UREFS_MASK } =
  IE;
const { KERN_SUCCESS, KERN_INVALID_RIGHT, KERN_UREFS_OVERFLOW } = KERN_RETURN;
const {
  MACH_MSG_TYPE_COPY_SEND,
  MACH_MSG_TYPE_MAKE_SEND,
  MACH_MSG_TYPE_MAKE_SEND_ONCE,
  MACH_MSG_TYPE_MOVE_RECEIVE,
  MACH_MSG_TYPE_MOVE_SEND,
  MACH_MSG_TYPE_MOVE_SEND_ONCE,
  MACH_MSG_TYPE_PORT_RECEIVE,
  MACH_MSG_TYPE_PORT_SEND,
  MACH_MSG_TYPE_PORT_SEND_ONCE,
} = MACH_MSG_TYPE;

/** A naked right: the port, or IP_DEAD. */
export interface Copied {
  readonly object: number;
}

/**
 * Purpose: tells whether `ipc_right_copyin` with `deadok` would succeed. Changes nothing.
 * Conditions: the space is active; `type` is one of the kinds that a header may have.
 */
export function ipc_right_copyin_check(k: KernelState, entry: number, type: number): boolean {
  const { ie_bits: bits, ie_object: port } = entryAt(k, entry);
  switch (type) {
    case MACH_MSG_TYPE_MAKE_SEND:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
      return (bits & IE_BITS_RECEIVE) !== 0;
    case MACH_MSG_TYPE_COPY_SEND:
    case MACH_MSG_TYPE_MOVE_SEND:
    case MACH_MSG_TYPE_MOVE_SEND_ONCE: {
      if ((bits & IE_BITS_DEAD_NAME) !== 0) return true;
      if ((bits & SEND_RIGHTS) === 0) return false;
      if (!ip_active(k, port)) return true;
      const needed = type === MACH_MSG_TYPE_MOVE_SEND_ONCE ? IE_BITS_SEND_ONCE : IE_BITS_SEND;
      return (bits & needed) !== 0;
    }
    default:
      panic(`ipc_right_copyin_check: strange right ${type}`);
  }
}

/**
 * Purpose: takes a naked right out of an entry.
 * Conditions: the space is active. An entry whose port has died becomes a dead name on the way. The
 * entry stays allocated even when no right is left in it. A dead-name request of a name that goes is
 * answered by a port-deleted notice, unless it is of the port `quiet`.
 * Returns: the right, IP_DEAD for a dead one if `deadok`, else KERN_INVALID_RIGHT.
 */
export function ipc_right_copyin(
  k: KernelState,
  space: number,
  named: NamedEntry,
  type: number,
  deadok: boolean,
  quiet: number = NULL,
): Copied | number {
  const view = entryAt(k, named.entry);
  switch (type) {
    case MACH_MSG_TYPE_MAKE_SEND:
      if ((view.ie_bits & IE_BITS_RECEIVE) === 0) return KERN_INVALID_RIGHT;
      return { object: ipc_port_make_send(k, view.ie_object) };
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
      if ((view.ie_bits & IE_BITS_RECEIVE) === 0) return KERN_INVALID_RIGHT;
      return { object: ipc_port_make_sonce(k, view.ie_object) };
    case MACH_MSG_TYPE_MOVE_RECEIVE:
      if ((view.ie_bits & IE_BITS_RECEIVE) === 0) return KERN_INVALID_RIGHT;
      return { object: moveReceive(k, space, named) };
    case MACH_MSG_TYPE_COPY_SEND:
    case MACH_MSG_TYPE_MOVE_SEND:
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
      break;
    default:
      panic(`ipc_right_copyin: strange right ${type}`);
  }
  const isDead =
    (view.ie_bits & IE_BITS_DEAD_NAME) !== 0 ||
    ((view.ie_bits & SEND_RIGHTS) !== 0 && ipc_right_check(k, space, named));
  if (isDead) {
    if (!deadok) return KERN_INVALID_RIGHT;
    if (type !== MACH_MSG_TYPE_COPY_SEND) loseDeadName(k, named.entry);
    return { object: IP_DEAD };
  }
  const needed = type === MACH_MSG_TYPE_MOVE_SEND_ONCE ? IE_BITS_SEND_ONCE : IE_BITS_SEND;
  if ((view.ie_bits & needed) === 0) return KERN_INVALID_RIGHT;
  const port = view.ie_object;
  if (type === MACH_MSG_TYPE_COPY_SEND) {
    portAt(k, port).ip_srights += 1;
    ip_reference(k, port);
  } else if (type === MACH_MSG_TYPE_MOVE_SEND) moveSend(k, space, named, 1, quiet);
  else {
    const request = ipc_right_dncancel(k, named.entry);
    view.ie_object = NULL;
    view.ie_bits = (view.ie_bits & ~(IE_BITS_SEND_ONCE | IE_BITS_UREFS_MASK)) >>> 0;
    tellDeleted(k, request, named.name, quiet);
  }
  return { object: port };
}

/**
 * Purpose: takes two send rights out of an entry at once, as MOVE_SEND twice.
 * Returns: the port, with two references and send rights, or KERN_INVALID_RIGHT: no send right, a
 * dead one, or fewer than two user references.
 */
export function ipc_right_copyin_two(
  k: KernelState,
  space: number,
  named: NamedEntry,
  quiet: number = NULL,
): Copied | number {
  const view = entryAt(k, named.entry);
  if ((view.ie_bits & IE_BITS_SEND) === 0) return KERN_INVALID_RIGHT;
  if (IE_BITS_UREFS(view.ie_bits) < 2) return KERN_INVALID_RIGHT;
  if (ipc_right_check(k, space, named)) return KERN_INVALID_RIGHT;
  const port = view.ie_object;
  moveSend(k, space, named, 2, quiet);
  return { object: port };
}

/**
 * Moves `count` naked send rights out of a live send entry with at least as many user references.
 */
function moveSend(
  k: KernelState,
  space: number,
  { name, entry }: NamedEntry,
  count: number,
  quiet: number,
): void {
  const view = entryAt(k, entry);
  const port = portAt(k, view.ie_object);
  // The entry has one send right and one reference whatever its user references; each naked right
  // has its own.
  port.ip_srights += count;
  for (let i = 0; i < count; i++) ip_reference(k, port.address);
  if (IE_BITS_UREFS(view.ie_bits) > count) {
    view.ie_bits -= count;
    return;
  }
  port.ip_srights -= 1;
  let request: number = NULL;
  if ((view.ie_bits & IE_BITS_RECEIVE) === 0) {
    ipc_hash_delete(k, space, port.address, MACH_PORT_INDEX(name));
    request = ipc_right_dncancel(k, entry);
    ipc_marequest_cancel(k, space, name, entry);
    view.ie_object = NULL;
    ip_release(k, port.address);
  }
  view.ie_bits = (view.ie_bits & ~(IE_BITS_UREFS_MASK | IE_BITS_SEND)) >>> 0;
  tellDeleted(k, request, name, quiet);
}

/** A name with a dead-name request has gone. */
function tellDeleted(k: KernelState, request: number, name: number, quiet: number): void {
  if (request === NULL) return;
  if (request === quiet) ipc_port_release_sonce(k, request);
  else ipc_notify_port_deleted(k, request, name);
}

/** Takes the receive right out of an entry; a send right in it stays. The port is in limbo then. */
function moveReceive(k: KernelState, space: number, { name, entry }: NamedEntry): number {
  const view = entryAt(k, entry);
  const port = view.ie_object;
  let request: number = NULL;
  if ((view.ie_bits & IE_BITS_SEND) !== 0) {
    ip_reference(k, port);
    ipc_hash_insert(k, space, port, MACH_PORT_INDEX(name));
  } else {
    request = ipc_right_dncancel(k, entry);
    ipc_marequest_cancel(k, space, name, entry);
    view.ie_object = NULL;
  }
  view.ie_bits = (view.ie_bits & ~IE_BITS_RECEIVE) >>> 0;
  ipc_port_clear_receiver(k, port);
  const portView = portAt(k, port);
  portView.ip_receiver = NULL;
  portView.ip_receiver_name = NULL;
  tellDeleted(k, request, name, NULL);
  return port;
}

/** Takes one user reference off a dead name; without any left the entry holds nothing. */
function loseDeadName(k: KernelState, entry: number): void {
  const view = entryAt(k, entry);
  if (IE_BITS_UREFS(view.ie_bits) > 1) view.ie_bits -= 1;
  else view.ie_bits = (view.ie_bits & ~(IE_BITS_UREFS_MASK | IE_BITS_DEAD_NAME)) >>> 0;
}

/**
 * Purpose: puts a naked right into an entry whose `ie_object` is the port.
 * Conditions: space and port are active. The entry is new, or holds the space's receive or send
 * right for the port. Consumes the right and its reference on success.
 * Returns: KERN_SUCCESS, or KERN_UREFS_OVERFLOW, which `overflow` turns into success with the user
 * references left at their greatest.
 */
export function ipc_right_copyout(
  k: KernelState,
  space: number,
  { name, entry }: NamedEntry,
  type: number,
  overflow: boolean,
): number {
  const view = entryAt(k, entry);
  const port = view.ie_object;
  switch (type) {
    case MACH_MSG_TYPE_PORT_SEND_ONCE:
      if (IE_BITS_TYPE(view.ie_bits) !== 0) panic("ipc_right_copyout: entry is in use");
      view.ie_bits += IE_BITS_SEND_ONCE + 1;
      return KERN_SUCCESS;
    case MACH_MSG_TYPE_PORT_SEND:
      if ((view.ie_bits & IE_BITS_SEND) !== 0) {
        const isFull = IE_BITS_UREFS(view.ie_bits) + 1 === MACH_PORT_UREFS_MAX;
        if (isFull && !overflow) return KERN_UREFS_OVERFLOW;
        ipc_port_lose_send(k, port);
        ip_release(k, port);
        if (!isFull) view.ie_bits += 1;
        return KERN_SUCCESS;
      }
      if ((view.ie_bits & IE_BITS_RECEIVE) !== 0) ip_release(k, port);
      else ipc_hash_insert(k, space, port, MACH_PORT_INDEX(name));
      view.ie_bits += IE_BITS_SEND + 1;
      return KERN_SUCCESS;
    case MACH_MSG_TYPE_PORT_RECEIVE: {
      const portView = portAt(k, port);
      const destination = portView.ip_receiver;
      if ((view.ie_bits & IE_BITS_SEND) !== 0) {
        ipc_hash_delete(k, space, port, MACH_PORT_INDEX(name));
        ip_release(k, port);
      }
      view.ie_bits = (view.ie_bits | IE_BITS_RECEIVE) >>> 0;
      portView.ip_receiver = space;
      portView.ip_receiver_name = name;
      if (destination !== NULL) ip_release(k, destination);
      return KERN_SUCCESS;
    }
    default:
      panic(`ipc_right_copyout: strange right ${type}`);
  }
}
