/**
 * The kernel calls on port sets, and the one that lists a space. `space` may be 0: then
 * KERN_INVALID_TASK. After Mach's ipc/mach_port.c.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_PORT } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, spaceAt } from "../kern/views.ts";
import { ipc_entry_lookup } from "./entry.ts";
import { translateReceive } from "./mach-port.ts";
import { NULL } from "./names.ts";
import { ipc_pset_move, ipc_pset_of } from "./pset.ts";
import { ipc_right_lookup, ipc_right_type } from "./right.ts";
import { spaceEntries } from "./space-entries.ts";

const { KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_TASK } = KERN_RETURN;

/**
 * Purpose: moves a receive right into the set named `after`, or out of any set (MACH_PORT_NULL).
 * Returns: KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_NAME, KERN_INVALID_RIGHT (`member` is no
 * receive right, or `after` no set), KERN_NOT_IN_SET (out of no set).
 */
export function mach_port_move_member(
  k: KernelState,
  space: number,
  member: number,
  after: number,
): number {
  const found = translateReceive(k, space, member);
  if (typeof found === "number") return found;
  if (after === MACH_PORT.MACH_PORT_NULL) return ipc_pset_move(k, found.port, NULL);
  const set = ipc_entry_lookup(k, space, after);
  if (set === NULL) return KERN_INVALID_NAME;
  const { ie_bits, ie_object } = entryAt(k, set);
  if ((ie_bits & IE.IE_BITS_PORT_SET) === 0) return KERN_INVALID_RIGHT;
  return ipc_pset_move(k, found.port, ie_object);
}

/** The names of a set's members; or KERN_INVALID_TASK, KERN_INVALID_NAME, KERN_INVALID_RIGHT. */
export function mach_port_get_set_status(
  k: KernelState,
  space: number,
  name: number,
): { readonly members: readonly number[] } | { readonly kr: number } {
  if (space === NULL) return { kr: KERN_INVALID_TASK };
  const named = ipc_right_lookup(k, space, name);
  if (typeof named === "number") return { kr: named };
  const { ie_bits, ie_object: pset } = entryAt(k, named.entry);
  if ((ie_bits & IE.IE_BITS_PORT_SET) === 0) return { kr: KERN_INVALID_RIGHT };
  const members = spaceEntries(k, space)
    .filter(({ type }) => (type & IE.IE_BITS_RECEIVE) !== 0)
    .filter(({ object }) => ipc_pset_of(k, object) === pset);
  return { members: members.map((each) => each.name) };
}

/** All names of a space and their types, in the order of their indices; or KERN_INVALID_TASK. */
export function mach_port_names(
  k: KernelState,
  space: number,
):
  | { readonly names: readonly number[]; readonly types: readonly number[] }
  | { readonly kr: number } {
  if (space === NULL || spaceAt(k, space).is_active === 0) return { kr: KERN_INVALID_TASK };
  const entries = spaceEntries(k, space);
  return {
    names: entries.map(({ name }) => name),
    types: entries.map(({ name, entry }) => ipc_right_type(k, space, { name, entry })),
  };
}
