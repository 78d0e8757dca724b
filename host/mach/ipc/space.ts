/**
 * A task's name space. References: one for whoever holds the space, one while it is active. A port
 * holds no reference for its receiver: the space is the receiver only while it has the entry.
 * After Mach's ipc/ipc_space.c.
 */
import { ipcEntry } from "../../abi/kernel.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, spaceAt } from "../kern/views.ts";
import { FIRST_TABLE_SIZE, ipc_entry_init_table } from "./entry.ts";
import { IE_BITS_TYPE, MACH_PORT_MAKE, NULL } from "./names.ts";
import { ipc_right_clean } from "./right.ts";
import { is_release } from "./space-reference.ts";

/**
 * Purpose: creates a space without rights.
 * Returns: the space, with one reference for the caller, or 0 when there is no memory.
 */
export function ipc_space_create(k: KernelState): number {
  const space = k.zalloc("ipc_space");
  if (space === NULL) return NULL;
  const table = k.kalloc(FIRST_TABLE_SIZE * ipcEntry.size);
  if (table === NULL) {
    k.zfree("ipc_space", space);
    return NULL;
  }
  ipc_entry_init_table(k, table, 0, FIRST_TABLE_SIZE);
  const view = spaceAt(k, space);
  view.is_references = 2;
  view.is_active = 1;
  view.is_growing = 0;
  view.is_table = table;
  view.is_table_size = FIRST_TABLE_SIZE;
  view.is_tree_total = 0;
  view.is_task = NULL;
  return space;
}

/**
 * Purpose: creates a place-holder that receives for ports whose receive right nobody names, such as
 * the kernel's own ports. It is never active.
 * Returns: the space, with one reference, or 0 when there is no memory.
 */
export function ipc_space_create_special(k: KernelState): number {
  const space = k.zalloc("ipc_space");
  if (space === NULL) return NULL;
  const view = spaceAt(k, space);
  view.is_references = 1;
  view.is_active = 0;
  view.is_growing = 0;
  view.is_table = 0;
  view.is_table_size = 0;
  view.is_tree_total = 0;
  view.is_task = NULL;
  return space;
}

/**
 * Purpose: kills a space: cleans every right, frees the table, drops the active reference.
 * Conditions: the caller holds a reference. Does nothing when the space is dead already.
 */
export function ipc_space_destroy(k: KernelState, space: number): void {
  const view = spaceAt(k, space);
  if (view.is_active === 0) return;
  view.is_active = 0;
  const { is_table: table, is_table_size: size } = view;
  for (let i = 1; i < size; i++) {
    const entry = entryAt(k, table + i * ipcEntry.size);
    const bits = entry.ie_bits;
    if (IE_BITS_TYPE(bits) !== 0) ipc_right_clean(k, space, MACH_PORT_MAKE(i, bits), entry.address);
  }
  k.kfree(table, size * ipcEntry.size);
  view.is_table = 0;
  view.is_table_size = 0;
  is_release(k, space);
}
