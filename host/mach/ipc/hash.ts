/**
 * From a port back to a space's name for its send right (Mach's ipc/ipc_hash.c, the local table).
 * The table's `ie_hash` words form an open hash, with linear probing, of the entries that hold send
 * rights only; a word holds an entry's index, 0 means unused. The word belongs to the slot, not to
 * the entry, so freeing and reusing entries leaves it alone.
 */
import { ipcEntry } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, spaceAt } from "../kern/views.ts";

const hashOf = (port: number, size: number): number => (port >>> 6) % size;

/**
 * Purpose: finds the space's pure send right for the port.
 * Returns: the entry's index, or 0.
 */
export function ipc_hash_lookup(k: KernelState, space: number, port: number): number {
  const { is_table: table, is_table_size: size } = spaceAt(k, space);
  for (let slot = hashOf(port, size); ; slot = (slot + 1) % size) {
    const index = entryAt(k, table + slot * ipcEntry.size).ie_hash;
    if (index === 0) return 0;
    if (entryAt(k, table + index * ipcEntry.size).ie_object === port) return index;
  }
}

/**
 * Purpose: enters a pure send right.
 * Conditions: not entered yet. Entry 0 is never in use, so a free slot exists.
 */
export function ipc_hash_insert(k: KernelState, space: number, port: number, index: number): void {
  const { is_table: table, is_table_size: size } = spaceAt(k, space);
  for (let slot = hashOf(port, size); ; slot = (slot + 1) % size) {
    const entry = entryAt(k, table + slot * ipcEntry.size);
    if (entry.ie_hash !== 0) continue;
    entry.ie_hash = index;
    return;
  }
}

/**
 * Purpose: removes a pure send right.
 * Conditions: entered; `ie_object` of this and all entered entries still stands.
 */
export function ipc_hash_delete(k: KernelState, space: number, port: number, index: number): void {
  const { is_table: table, is_table_size: size } = spaceAt(k, space);
  let hole = hashOf(port, size);
  for (let probes = 0; entryAt(k, table + hole * ipcEntry.size).ie_hash !== index; probes++) {
    if (probes === size) panic("ipc_hash_delete: right is not in the table");
    hole = (hole + 1) % size;
  }
  entryAt(k, table + hole * ipcEntry.size).ie_hash = 0;
  // Later slots of the run may have been displaced by this one: those move into the hole.
  for (let slot = (hole + 1) % size; ; slot = (slot + 1) % size) {
    const entry = entryAt(k, table + slot * ipcEntry.size);
    const moved = entry.ie_hash;
    if (moved === 0) return;
    const home = hashOf(entryAt(k, table + moved * ipcEntry.size).ie_object, size);
    const stays = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
    if (stays) continue;
    entryAt(k, table + hole * ipcEntry.size).ie_hash = moved;
    entry.ie_hash = 0;
    hole = slot;
  }
}
