/**
 * Requests to be told that a name has died: a table in kernel memory at `ip_dnrequests`, found from
 * an entry by the index in its `ie_next`. Slot 0 heads the free list and knows the size; a used slot
 * holds a naked send-once right and the name, a free one no right and the next free slot. The table
 * is made with the first request and doubles. After ipc_port_dnrequest … of Mach's ipc/ipc_port.c.
 */
import { struct } from "../../abi/struct.ts";
import type { KernelState } from "../kern/state.ts";
import { portAt } from "../kern/views.ts";
import { NULL } from "./names.ts";

const FIELDS: Record<"soright" | "name", "u32"> = { soright: "u32", name: "u32" };
const slot = struct("ipc_port_request", "IPR", FIELDS);
const FIRST_SIZE = 4;
/** As many slots as the largest kalloc element holds. */
const LAST_SIZE = 1024;

const slotAt = (k: KernelState, table: number, index: number) =>
  slot.at(k.memory, table + index * slot.size);

/**
 * Purpose: registers a send-once right, which it consumes, for a name of a live port.
 * Returns: the request's index, or 0 when there is no memory; then the right is still the caller's.
 */
export function ipc_port_dnrequest(
  k: KernelState,
  port: number,
  name: number,
  soright: number,
): number {
  const view = portAt(k, port);
  if (view.ip_dnrequests === NULL || slotAt(k, view.ip_dnrequests, 0).name === 0)
    if (!grow(k, port)) return 0;
  const head = slotAt(k, view.ip_dnrequests, 0);
  const index = head.name;
  const free = slotAt(k, view.ip_dnrequests, index);
  head.name = free.name;
  free.soright = soright;
  free.name = name;
  return index;
}

/** Doubles the table; the head keeps the size in the place of a right. */
function grow(k: KernelState, port: number): boolean {
  const view = portAt(k, port);
  const old = view.ip_dnrequests;
  const oldSize = old === NULL ? 0 : slotAt(k, old, 0).soright;
  const size = old === NULL ? FIRST_SIZE : 2 * oldSize;
  const table = size > LAST_SIZE ? NULL : k.kalloc(size * slot.size);
  if (table === NULL) return false;
  for (let i = 1; i < oldSize; i++) {
    slotAt(k, table, i).soright = slotAt(k, old, i).soright;
    slotAt(k, table, i).name = slotAt(k, old, i).name;
  }
  const first = Math.max(oldSize, 1);
  for (let i = first; i < size; i++) {
    slotAt(k, table, i).soright = NULL;
    slotAt(k, table, i).name = i + 1 < size ? i + 1 : 0;
  }
  slotAt(k, table, 0).soright = size;
  slotAt(k, table, 0).name = first;
  if (old !== NULL) k.kfree(old, oldSize * slot.size);
  view.ip_dnrequests = table;
  return true;
}

/** Takes a request back. Returns its send-once right, naked. */
export function ipc_port_dncancel(k: KernelState, port: number, index: number): number {
  const table = portAt(k, port).ip_dnrequests;
  const used = slotAt(k, table, index);
  const { soright } = used;
  used.soright = NULL;
  used.name = slotAt(k, table, 0).name;
  slotAt(k, table, 0).name = index;
  return soright;
}

/** Puts another send-once right in a request's place. Returns the one that was there. */
export function ipc_port_dnreplace(
  k: KernelState,
  port: number,
  index: number,
  soright: number,
): number {
  const used = slotAt(k, portAt(k, port).ip_dnrequests, index);
  const previous = used.soright;
  used.soright = soright;
  return previous;
}

/** The request's right will name another entry when the port dies. */
export function ipc_port_dnrename(k: KernelState, port: number, index: number, name: number): void {
  slotAt(k, portAt(k, port).ip_dnrequests, index).name = name;
}

/** One request, as it stands in the table. */
export interface DeadNameRequest {
  readonly index: number;
  readonly soright: number;
  readonly name: number;
}

/** The requests at a port. */
export function dnrequests(k: KernelState, port: number): DeadNameRequest[] {
  const table = portAt(k, port).ip_dnrequests;
  if (table === NULL) return [];
  const size = slotAt(k, table, 0).soright;
  return Array.from({ length: size - 1 }, (_, i) => {
    const { soright, name } = slotAt(k, table, i + 1);
    return { index: i + 1, soright, name };
  }).filter(({ soright }) => soright !== NULL);
}

/** Takes all requests off a port that dies, with the table. */
export function ipc_port_dntake(k: KernelState, port: number): DeadNameRequest[] {
  const requests = dnrequests(k, port);
  const view = portAt(k, port);
  if (view.ip_dnrequests === NULL) return requests;
  k.kfree(view.ip_dnrequests, slotAt(k, view.ip_dnrequests, 0).soright * slot.size);
  view.ip_dnrequests = NULL;
  return requests;
}
