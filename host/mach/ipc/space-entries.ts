/** A space's used entries, as a list: for calls that tell of all of them, and for checks. */
import { ipcEntry } from "../../abi/kernel.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, spaceAt } from "../kern/views.ts";
import { IE_BITS_GEN, IE_BITS_TYPE, IE_BITS_UREFS, MACH_PORT_MAKE } from "./names.ts";

/** One used entry. */
export interface SpaceEntry {
  readonly name: number;
  /** Address of the entry. */
  readonly entry: number;
  readonly type: number;
  readonly urefs: number;
  readonly object: number;
  /** Index of its dead-name request at the port, or 0. */
  readonly request: number;
}

/** The used entries of a space, by index. */
export function spaceEntries(k: KernelState, space: number): SpaceEntry[] {
  const { is_table, is_table_size } = spaceAt(k, space);
  const entries: SpaceEntry[] = [];
  for (let i = 1; i < is_table_size; i++) {
    const entry = is_table + i * ipcEntry.size;
    const { ie_bits, ie_object, ie_next } = entryAt(k, entry);
    const type = IE_BITS_TYPE(ie_bits);
    if (type === 0) continue;
    const name = MACH_PORT_MAKE(i, IE_BITS_GEN(ie_bits));
    entries.push({
      name,
      entry,
      type,
      urefs: IE_BITS_UREFS(ie_bits),
      object: ie_object,
      request: ie_next,
    });
  }
  return entries;
}
