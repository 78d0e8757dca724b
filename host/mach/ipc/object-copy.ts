/**
 * Naked rights in and out of a space by name: lookup, entry allocation and `right-copy.ts` put
 * together (the copy part of Mach's ipc/ipc_object.c). A destination right in a received message is
 * different: it is consumed, and the receiver only learns its own name for the port.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, portAt, spaceAt } from "../kern/views.ts";
import { ipc_port_release_send } from "./destroy.ts";
import { ipc_entry_alloc, ipc_entry_alloc_name, ipc_entry_dealloc } from "./entry.ts";
import { IE_BITS_TYPE, IP_VALID } from "./names.ts";
import { ipc_notify_send_once } from "./notify.ts";
import { ip_active } from "./object.ts";
import { ipc_port_release_sonce } from "./port.ts";
import { ipc_right_copyin, ipc_right_copyout, type Copied } from "./right-copy.ts";
import { ipc_right_lookup, ipc_right_reverse, type NamedEntry } from "./right.ts";

const {
  KERN_SUCCESS,
  KERN_INVALID_CAPABILITY,
  KERN_INVALID_TASK,
  KERN_NAME_EXISTS,
  KERN_RIGHT_EXISTS,
} = KERN_RETURN;
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

/** The kind of right that a message carries after it was asked for as `type`; 0 stays 0. */
export function ipc_object_copyin_type(type: number): number {
  switch (type) {
    case 0:
      return 0;
    case MACH_MSG_TYPE_MOVE_RECEIVE:
      return MACH_MSG_TYPE_PORT_RECEIVE;
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
      return MACH_MSG_TYPE_PORT_SEND_ONCE;
    case MACH_MSG_TYPE_MOVE_SEND:
    case MACH_MSG_TYPE_MAKE_SEND:
    case MACH_MSG_TYPE_COPY_SEND:
      return MACH_MSG_TYPE_PORT_SEND;
    default:
      panic(`ipc_object_copyin_type: strange right ${type}`);
  }
}

/**
 * Purpose: takes a naked right out of a space.
 * Returns: the right, perhaps IP_DEAD, or KERN_INVALID_TASK (dead space), KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT (the name has no such right).
 */
export function ipc_object_copyin(
  k: KernelState,
  space: number,
  name: number,
  type: number,
): Copied | number {
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return named;
  const copied = ipc_right_copyin(k, space, named, type, true);
  ipc_entry_dealloc_unused(k, space, named);
  return copied;
}

/** Frees an entry that copyin has left without a right. */
export function ipc_entry_dealloc_unused(k: KernelState, space: number, named: NamedEntry): void {
  if (IE_BITS_TYPE(entryAt(k, named.entry).ie_bits) === 0)
    ipc_entry_dealloc(k, space, named.name, named.entry);
}

/**
 * Purpose: puts a naked right into a space, under the name that the space already has for the port
 * or, for a send-once right always, a new one. Consumes right and reference on success.
 * Returns: the name, or a code: KERN_INVALID_TASK, KERN_INVALID_CAPABILITY (the port is dead),
 * KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE, KERN_UREFS_OVERFLOW unless `overflow`.
 */
export function ipc_object_copyout(
  k: KernelState,
  space: number,
  object: number,
  type: number,
  overflow: boolean,
): { readonly name: number } | { readonly kr: number } {
  if (spaceAt(k, space).is_active === 0) return { kr: KERN_INVALID_TASK };
  let named =
    type === MACH_MSG_TYPE_PORT_SEND_ONCE ? undefined : ipc_right_reverse(k, space, object);
  if (!named) {
    const made = ipc_entry_alloc(k, space);
    if (typeof made === "number") return { kr: made };
    if (!ip_active(k, object)) {
      ipc_entry_dealloc(k, space, made.name, made.entry);
      return { kr: KERN_INVALID_CAPABILITY };
    }
    entryAt(k, made.entry).ie_object = object;
    named = made;
  }
  const kr = ipc_right_copyout(k, space, named, type, overflow);
  return kr === KERN_SUCCESS ? { name: named.name } : { kr };
}

/**
 * Purpose: the same under a name that the caller chooses.
 * Conditions: the name is valid. Consumes right and reference on success only.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_CAPABILITY, KERN_RESOURCE_SHORTAGE,
 * KERN_UREFS_OVERFLOW, KERN_RIGHT_EXISTS (the space names the port otherwise), KERN_NAME_EXISTS.
 */
export function ipc_object_copyout_name(
  k: KernelState,
  space: number,
  object: number,
  type: number,
  overflow: boolean,
  name: number,
): number {
  const made = ipc_entry_alloc_name(k, space, name);
  if (typeof made === "number") return made;
  const named = { name, entry: made.entry };
  const other =
    type === MACH_MSG_TYPE_PORT_SEND_ONCE ? undefined : ipc_right_reverse(k, space, object);
  if (other) {
    if (other.name !== name) {
      ipc_entry_dealloc_unused(k, space, named);
      return KERN_RIGHT_EXISTS;
    }
  } else {
    const entry = entryAt(k, named.entry);
    if (IE_BITS_TYPE(entry.ie_bits) !== 0) return KERN_NAME_EXISTS;
    if (!ip_active(k, object)) {
      ipc_entry_dealloc(k, space, name, named.entry);
      return KERN_INVALID_CAPABILITY;
    }
    entry.ie_object = object;
  }
  return ipc_right_copyout(k, space, named, type, overflow);
}

/**
 * Purpose: consumes the destination right of a received message.
 * Conditions: the port is active; consumes right and reference. When the receiver has lost the
 * receive right since, a send-once right is not swallowed: it notifies.
 * Returns: the space's name for the port, or MACH_PORT_NULL when it is not the receiver.
 */
export function ipc_object_copyout_dest(
  k: KernelState,
  space: number,
  port: number,
  type: number,
): number {
  const view = portAt(k, port);
  const isReceiver = view.ip_receiver === space;
  const name = isReceiver ? view.ip_receiver_name : MACH_PORT.MACH_PORT_NULL;
  if (type === MACH_MSG_TYPE_PORT_SEND) ipc_port_release_send(k, port);
  else if (type !== MACH_MSG_TYPE_PORT_SEND_ONCE)
    panic(`ipc_object_copyout_dest: strange right ${type}`);
  else if (isReceiver) ipc_port_release_sonce(k, port);
  else ipc_notify_send_once(k, port);
  return name;
}

/**
 * Purpose: puts a naked send right into a space, or destroys it when that fails.
 * Returns: the name; MACH_PORT_DEAD for a dead right; MACH_PORT_NULL for none, or on failure.
 */
export function ipc_port_copyout_send(k: KernelState, space: number, sright: number): number {
  if (!IP_VALID(sright)) return sright;
  const out = ipc_object_copyout(k, space, sright, MACH_MSG_TYPE_PORT_SEND, true);
  if ("name" in out) return out.name;
  ipc_port_release_send(k, sright);
  return out.kr === KERN_INVALID_CAPABILITY ? MACH_PORT.MACH_PORT_DEAD : MACH_PORT.MACH_PORT_NULL;
}

/**
 * Purpose: allocates a dead name with one user reference.
 * Returns: the name, or a code: KERN_INVALID_TASK, KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
export function ipc_object_alloc_dead(
  k: KernelState,
  space: number,
): { readonly name: number } | { readonly kr: number } {
  const made = ipc_entry_alloc(k, space);
  if (typeof made === "number") return { kr: made };
  entryAt(k, made.entry).ie_bits += IE.IE_BITS_DEAD_NAME + 1;
  return { name: made.name };
}
