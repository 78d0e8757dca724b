/**
 * Requests to be told that a message was accepted (MACH_SEND_NOTIFY): one for each name at a time,
 * marked there by IE_BITS_MAREQUEST. A request hangs on its message at `ikm_marequest`, and the
 * message is queued at the port that the name denotes: there it is found from the name. (Mach has a
 * hash table for that.) It ends with the message, received or destroyed, and the notice is sent.
 * After Mach's ipc/ipc_marequest.c.
 */
import { IE } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN } from "../../abi/mach.ts";
import { struct } from "../../abi/struct.ts";
import { KMSG_LINKS, queueElements } from "../kern/queue.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, kmsgAt, spaceAt } from "../kern/views.ts";
import { ipc_entry_lookup } from "./entry.ts";
import { mqueueOf } from "./mqueue.ts";
import { NULL } from "./names.ts";
import { ipc_notify_msg_accepted } from "./notify.ts";
import { ipc_port_make_sonce } from "./port.ts";
import { is_reference, is_release } from "./space-reference.ts";

const { IE_BITS_MAREQUEST, IE_BITS_RECEIVE } = IE;
const {
  MACH_MSG_SUCCESS,
  MACH_SEND_INVALID_NOTIFY,
  MACH_SEND_NO_NOTIFY,
  MACH_SEND_NOTIFY_IN_PROGRESS,
} = MACH_MSG_RETURN;

const FIELDS: Record<"space" | "name" | "soright", "u32"> = {
  space: "u32",
  name: "u32",
  soright: "u32",
};
const marequest = struct("ipc_marequest", "IMAR", FIELDS);
const requestAt = (k: KernelState, address: number) => marequest.at(k.memory, address);

/**
 * Purpose: asks for a notice when a message is accepted.
 * Conditions: the message is about to be queued; `named` is its sender's name for the destination, if
 * it has one.
 * Returns: MACH_MSG_SUCCESS, MACH_SEND_NO_NOTIFY (no memory), MACH_SEND_NOTIFY_IN_PROGRESS (one stands
 * for the name), MACH_SEND_INVALID_NOTIFY (`notify` is no receive right).
 */
export function ipc_marequest_create(
  k: KernelState,
  space: number,
  kmsg: number,
  named: { readonly name: number; readonly entry: number } | undefined,
  notify: number,
): number {
  const entry = named && entryAt(k, named.entry);
  if (entry && (entry.ie_bits & IE_BITS_MAREQUEST) !== 0) return MACH_SEND_NOTIFY_IN_PROGRESS;
  const listener = spaceAt(k, space).is_active === 0 ? NULL : ipc_entry_lookup(k, space, notify);
  if (listener === NULL || (entryAt(k, listener).ie_bits & IE_BITS_RECEIVE) === 0)
    return MACH_SEND_INVALID_NOTIFY;
  const made = k.kalloc(marequest.size);
  if (made === NULL) return MACH_SEND_NO_NOTIFY;
  const request = requestAt(k, made);
  request.space = space;
  request.name = named?.name ?? NULL;
  request.soright = ipc_port_make_sonce(k, entryAt(k, listener).ie_object);
  is_reference(k, space);
  if (entry) entry.ie_bits = (entry.ie_bits | IE_BITS_MAREQUEST) >>> 0;
  kmsgAt(k, kmsg).ikm_marequest = made;
  return MACH_MSG_SUCCESS;
}

/** The request of a name for a port, among the messages that are queued there. */
function find(k: KernelState, space: number, name: number, port: number) {
  for (const kmsg of queueElements(k.memory, mqueueOf(k, port), KMSG_LINKS)) {
    const { ikm_marequest } = kmsgAt(k, kmsg);
    if (ikm_marequest === NULL) continue;
    const request = requestAt(k, ikm_marequest);
    if (request.space === space && request.name === name) return request;
  }
  return undefined;
}

/** A name goes, or denotes its port no more: the notice will name nothing. */
export function ipc_marequest_cancel(
  k: KernelState,
  space: number,
  name: number,
  entry: number,
): void {
  const view = entryAt(k, entry);
  if ((view.ie_bits & IE_BITS_MAREQUEST) === 0) return;
  view.ie_bits = (view.ie_bits & ~IE_BITS_MAREQUEST) >>> 0;
  const request = find(k, space, name, view.ie_object);
  if (request) request.name = NULL;
}

/** A name for a port is another one now. */
export function ipc_marequest_rename(
  k: KernelState,
  space: number,
  oldName: number,
  newName: number,
  port: number,
): void {
  const request = find(k, space, oldName, port);
  if (request) request.name = newName;
}

/** A message has been received, or is destroyed: who asked is told. */
export function ipc_marequest_destroy(k: KernelState, kmsg: number): void {
  const view = kmsgAt(k, kmsg);
  const { ikm_marequest: made } = view;
  if (made === NULL) return;
  view.ikm_marequest = NULL;
  const { space, name, soright } = requestAt(k, made);
  const isNamed = name !== NULL && spaceAt(k, space).is_active !== 0;
  if (isNamed) {
    const entry = entryAt(k, ipc_entry_lookup(k, space, name));
    entry.ie_bits = (entry.ie_bits & ~IE_BITS_MAREQUEST) >>> 0;
  }
  is_release(k, space);
  k.kfree(made, marequest.size);
  ipc_notify_msg_accepted(k, soright, isNamed ? name : NULL);
}

/** What a message's request holds, for checks; undefined without one. */
export function marequestOf(k: KernelState, kmsg: number) {
  const { ikm_marequest: address } = kmsgAt(k, kmsg);
  if (address === NULL) return undefined;
  const { space, name, soright } = requestAt(k, address);
  return { address, space, name, soright };
}
