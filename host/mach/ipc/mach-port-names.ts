/**
 * The kernel calls that choose names, tell about them, take rights out of a space, and ask for
 * notices. `space` may be 0: then KERN_INVALID_TASK. After Mach's ipc/mach_port.c.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_NOTIFY, MACH_PORT } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, portAt, psetAt, spaceAt } from "../kern/views.ts";
import { ipc_port_dnrename, ipc_port_dnreplace, ipc_port_dnrequest } from "./dead-name-request.ts";
import { ipc_entry_alloc_name, ipc_entry_dealloc } from "./entry.ts";
import { ipc_hash_delete, ipc_hash_insert } from "./hash.ts";
import { translateReceive, type Answer } from "./mach-port.ts";
import { ipc_marequest_rename } from "./marequest.ts";
import {
  IE_BITS_TYPE,
  IE_BITS_UREFS,
  IP_DEAD,
  MACH_MSG_TYPE_PORT_ANY,
  MACH_PORT_INDEX,
  MACH_PORT_UREFS_MAX,
  MACH_PORT_VALID,
  NULL,
  SEND_RIGHTS,
} from "./names.ts";
import { ipc_notify_dead_name, ipc_port_nsrequest } from "./notify.ts";
import { ipc_object_copyin } from "./object-copy.ts";
import { ipc_port_alloc_name } from "./port.ts";
import { ipc_pset_alloc_name } from "./pset.ts";
import { ipc_right_check, ipc_right_dncancel, ipc_right_lookup, ipc_right_type } from "./right.ts";

const {
  KERN_SUCCESS,
  KERN_INVALID_ARGUMENT,
  KERN_INVALID_CAPABILITY,
  KERN_INVALID_RIGHT,
  KERN_INVALID_TASK,
  KERN_INVALID_VALUE,
  KERN_NAME_EXISTS,
  KERN_RESOURCE_SHORTAGE,
  KERN_UREFS_OVERFLOW,
} = KERN_RETURN;

/** What a name denotes, as MACH_PORT_TYPE_ bits; or KERN_INVALID_TASK, KERN_INVALID_NAME. */
export function mach_port_type(k: KernelState, space: number, name: number): Answer<"type"> {
  if (space === NULL) return { kr: KERN_INVALID_TASK };
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return { kr: named };
  return { type: ipc_right_type(k, space, named) };
}

/**
 * Purpose: gives what a name denotes another name; a dead-name request goes with it.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_VALUE (new name), KERN_INVALID_NAME,
 * KERN_NAME_EXISTS, KERN_RESOURCE_SHORTAGE.
 */
export function mach_port_rename(
  k: KernelState,
  space: number,
  oldName: number,
  newName: number,
): number {
  if (space === NULL) return KERN_INVALID_TASK;
  if (!MACH_PORT_VALID(newName)) return KERN_INVALID_VALUE;
  if (spaceAt(k, space).is_active === 0) return KERN_INVALID_TASK;
  const made = ipc_entry_alloc_name(k, space, newName);
  if (typeof made === "number") return made;
  const isUsed = IE_BITS_TYPE(entryAt(k, made.entry).ie_bits) !== 0;
  const named = ipc_right_lookup(k, space, oldName);
  if (typeof named === "number" || isUsed) {
    if (!isUsed) ipc_entry_dealloc(k, space, newName, made.entry);
    return typeof named === "number" ? named : KERN_NAME_EXISTS;
  }
  const from = entryAt(k, named.entry);
  if ((from.ie_bits & SEND_RIGHTS) !== 0 && (from.ie_bits & IE.IE_BITS_RECEIVE) === 0)
    ipc_right_check(k, space, named);
  const { ie_bits: bits, ie_object: object, ie_next: request } = from;
  const type = IE_BITS_TYPE(bits);
  const waits = bits & IE.IE_BITS_MAREQUEST;
  if (waits !== 0) ipc_marequest_rename(k, space, oldName, newName, object);
  const to = entryAt(k, made.entry);
  if (type === IE.IE_BITS_SEND) ipc_hash_delete(k, space, object, MACH_PORT_INDEX(oldName));
  to.ie_bits = (to.ie_bits | type | waits | IE_BITS_UREFS(bits)) >>> 0;
  to.ie_object = object;
  to.ie_next = request;
  if (type === IE.IE_BITS_SEND) ipc_hash_insert(k, space, object, MACH_PORT_INDEX(newName));
  if (request !== 0) ipc_port_dnrename(k, object, request, newName);
  if (type === IE.IE_BITS_PORT_SET) psetAt(k, object).ips_local_name = newName;
  if ((type & IE.IE_BITS_RECEIVE) !== 0) portAt(k, object).ip_receiver_name = newName;
  from.ie_object = NULL;
  ipc_entry_dealloc(k, space, oldName, named.entry);
  return KERN_SUCCESS;
}

/**
 * Purpose: allocates a receive right, a port set or a dead name under a name of the caller's choice.
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_VALUE (kind or name), KERN_NAME_EXISTS,
 * KERN_RESOURCE_SHORTAGE.
 */
export function mach_port_allocate_name(
  k: KernelState,
  space: number,
  right: number,
  name: number,
): number {
  if (space === NULL) return KERN_INVALID_TASK;
  if (!MACH_PORT_VALID(name)) return KERN_INVALID_VALUE;
  if (right === MACH_PORT.MACH_PORT_RIGHT_RECEIVE) return ipc_port_alloc_name(k, space, name);
  if (right === MACH_PORT.MACH_PORT_RIGHT_PORT_SET) return ipc_pset_alloc_name(k, space, name);
  if (right !== MACH_PORT.MACH_PORT_RIGHT_DEAD_NAME) return KERN_INVALID_VALUE;
  const made = ipc_entry_alloc_name(k, space, name);
  if (typeof made === "number") return made;
  const entry = entryAt(k, made.entry);
  if (IE_BITS_TYPE(entry.ie_bits) !== 0) return KERN_NAME_EXISTS;
  entry.ie_bits += IE.IE_BITS_DEAD_NAME + 1;
  return KERN_SUCCESS;
}

/**
 * Purpose: takes a right out of a space, as a message would.
 * Returns: the naked right, perhaps IP_DEAD, or KERN_INVALID_TASK, KERN_INVALID_VALUE (no such kind
 * of right), KERN_INVALID_NAME, KERN_INVALID_RIGHT.
 */
export function mach_port_extract_right(
  k: KernelState,
  space: number,
  name: number,
  type: number,
): Answer<"object"> {
  if (space === NULL) return { kr: KERN_INVALID_TASK };
  if (!MACH_MSG_TYPE_PORT_ANY(type)) return { kr: KERN_INVALID_VALUE };
  const copied = ipc_object_copyin(k, space, name, type);
  return typeof copied === "number" ? { kr: copied } : { object: copied.object };
}

/**
 * Purpose: asks for a notice, or with a null right takes a request back.
 * Conditions: consumes the naked send-once right `notify` on success only.
 * Returns: the right of the request before, or 0; or KERN_INVALID_TASK, KERN_INVALID_CAPABILITY (dead
 * right), KERN_INVALID_VALUE (notice, or `sync` with port-destroyed), KERN_INVALID_NAME,
 * KERN_INVALID_RIGHT, KERN_INVALID_ARGUMENT (a dead name without `sync`), KERN_UREFS_OVERFLOW,
 * KERN_RESOURCE_SHORTAGE.
 */
export function mach_port_request_notification(
  k: KernelState,
  space: number,
  name: number,
  id: number,
  sync: number,
  notify: number,
): Answer<"previous"> {
  if (space === NULL) return { kr: KERN_INVALID_TASK };
  if (notify === IP_DEAD) return { kr: KERN_INVALID_CAPABILITY };
  if (id === MACH_NOTIFY.MACH_NOTIFY_DEAD_NAME)
    return ipc_right_dnrequest(k, space, name, sync !== 0, notify);
  const isDestroyed = id === MACH_NOTIFY.MACH_NOTIFY_PORT_DESTROYED;
  if (isDestroyed && sync !== 0) return { kr: KERN_INVALID_VALUE };
  if (!isDestroyed && id !== MACH_NOTIFY.MACH_NOTIFY_NO_SENDERS) return { kr: KERN_INVALID_VALUE };
  const found = translateReceive(k, space, name);
  if (typeof found === "number") return { kr: found };
  if (!isDestroyed) return { previous: ipc_port_nsrequest(k, found.port, sync, notify) };
  const view = portAt(k, found.port);
  const previous = view.ip_pdrequest;
  view.ip_pdrequest = notify;
  return { previous };
}

/** Dead-name requests: on a live right it stands, on a dead name with `isNow` it is met at once. */
function ipc_right_dnrequest(
  k: KernelState,
  space: number,
  name: number,
  isNow: boolean,
  notify: number,
): Answer<"previous"> {
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return { kr: named };
  const view = entryAt(k, named.entry);
  const hasPort = (view.ie_bits & (SEND_RIGHTS | IE.IE_BITS_RECEIVE)) !== 0;
  if (hasPort && !ipc_right_check(k, space, named)) {
    if (notify === NULL) return { previous: ipc_right_dncancel(k, named.entry) };
    if (view.ie_next !== 0)
      return { previous: ipc_port_dnreplace(k, view.ie_object, view.ie_next, notify) };
    const request = ipc_port_dnrequest(k, view.ie_object, name, notify);
    if (request === 0) return { kr: KERN_RESOURCE_SHORTAGE };
    view.ie_next = request;
    return { previous: NULL };
  }
  const isDead = (view.ie_bits & IE.IE_BITS_DEAD_NAME) !== 0;
  if (!isDead) return { kr: KERN_INVALID_RIGHT };
  if (!isNow || notify === NULL) return { kr: KERN_INVALID_ARGUMENT };
  if (IE_BITS_UREFS(view.ie_bits) === MACH_PORT_UREFS_MAX) return { kr: KERN_UREFS_OVERFLOW };
  view.ie_bits += 1;
  ipc_notify_dead_name(k, notify, name);
  return { previous: NULL };
}
