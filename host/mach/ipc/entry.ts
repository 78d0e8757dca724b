/**
 * Entries of a space: a table of 4, 8, 16 … entries that doubles when its free list, headed by
 * entry 0's `ie_next`, is empty. A name is index << 8 | generation; each use of an entry steps its
 * generation, fresh entries start so that first names read 0x100, 0x200, 0x300. Names that a task
 * chooses itself outside the table (Mach's splay tree) are refused: the table is grown to hold the
 * index, or the call reports a shortage. After Mach's ipc/ipc_entry.c.
 */
import { IE, ipcEntry } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, spaceAt } from "../kern/views.ts";
import { ipc_hash_insert } from "./hash.ts";
import {
  IE_BITS_GEN,
  IE_BITS_TYPE,
  MACH_PORT_GEN,
  MACH_PORT_INDEX,
  MACH_PORT_MAKE,
  NULL,
} from "./names.ts";

const { KERN_SUCCESS, KERN_INVALID_TASK, KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
const SIZE = ipcEntry.size;

/** Entries of a new space's table. */
export const FIRST_TABLE_SIZE = 4;
/** Entries of the largest table: the most that one kalloc element holds. */
export const LAST_TABLE_SIZE = 1024;

/** A newly allocated entry. */
export interface NewEntry {
  readonly name: number;
  /** Address of the entry; valid until the table grows. */
  readonly entry: number;
}

/**
 * Purpose: finds the entry that a name denotes.
 * Conditions: the space is active.
 * Returns: the entry's address, or 0 (no such index, stale generation, unused).
 */
export function ipc_entry_lookup(k: KernelState, space: number, name: number): number {
  const { is_table, is_table_size } = spaceAt(k, space);
  const index = MACH_PORT_INDEX(name);
  if (index >= is_table_size) return NULL;
  const address = is_table + index * SIZE;
  const bits = entryAt(k, address).ie_bits;
  if (IE_BITS_GEN(bits) !== MACH_PORT_GEN(name) || IE_BITS_TYPE(bits) === 0) return NULL;
  return address;
}

/**
 * Purpose: takes an entry off the free list and steps its generation. Never grows the table.
 * Conditions: the space is active.
 * Returns: the entry, with no right in it, or undefined when none is free.
 */
export function ipc_entry_get(k: KernelState, space: number): NewEntry | undefined {
  const head = entryAt(k, spaceAt(k, space).is_table);
  const index = head.ie_next;
  if (index === 0) return undefined;
  const entry = entryAt(k, head.address + index * SIZE);
  head.ie_next = entry.ie_next;
  const gen = (entry.ie_bits + IE.IE_BITS_GEN_ONE) >>> 0;
  entry.ie_bits = gen;
  entry.ie_next = 0;
  return { name: MACH_PORT_MAKE(index, gen), entry: entry.address };
}

/**
 * Purpose: allocates an entry, growing the table if need be.
 * Returns: the entry, or KERN_INVALID_TASK (the space is dead), KERN_NO_SPACE (the table has its
 * greatest size), KERN_RESOURCE_SHORTAGE (no memory for a larger table).
 */
export function ipc_entry_alloc(k: KernelState, space: number): NewEntry | number {
  if (spaceAt(k, space).is_active === 0) return KERN_INVALID_TASK;
  const found = ipc_entry_get(k, space);
  if (found) return found;
  const kr = ipc_entry_grow_table(k, space);
  if (kr !== KERN_SUCCESS) return kr;
  return ipc_entry_get(k, space) ?? panic("ipc_entry_alloc: a grown table is full");
}

/**
 * Purpose: finds or allocates the entry for a name of the caller's choice.
 * Conditions: the name is valid. An entry in use is returned with its right in it.
 * Returns: the entry's address, or KERN_INVALID_TASK, or KERN_RESOURCE_SHORTAGE (index beyond
 * the largest table, or in use under another generation).
 */
export function ipc_entry_alloc_name(
  k: KernelState,
  space: number,
  name: number,
): { readonly entry: number } | number {
  if (spaceAt(k, space).is_active === 0) return KERN_INVALID_TASK;
  const index = MACH_PORT_INDEX(name);
  if (index === 0 || index >= LAST_TABLE_SIZE) return KERN_RESOURCE_SHORTAGE;
  while (index >= spaceAt(k, space).is_table_size)
    if (ipc_entry_grow_table(k, space) !== KERN_SUCCESS) return KERN_RESOURCE_SHORTAGE;
  const table = spaceAt(k, space).is_table;
  const entry = entryAt(k, table + index * SIZE);
  if (IE_BITS_TYPE(entry.ie_bits) !== 0)
    return IE_BITS_GEN(entry.ie_bits) === MACH_PORT_GEN(name)
      ? { entry: entry.address }
      : KERN_RESOURCE_SHORTAGE;
  let before = entryAt(k, table);
  while (before.ie_next !== index) {
    if (before.ie_next === 0) panic("ipc_entry_alloc_name: unused entry is not on the free list");
    before = entryAt(k, table + before.ie_next * SIZE);
  }
  before.ie_next = entry.ie_next;
  entry.ie_bits = MACH_PORT_GEN(name);
  entry.ie_next = 0;
  return { entry: entry.address };
}

/**
 * Purpose: puts an entry back on the free list; its generation stays.
 * Conditions: the space is active; `ie_object` is null.
 */
export function ipc_entry_dealloc(
  k: KernelState,
  space: number,
  name: number,
  address: number,
): void {
  const entry = entryAt(k, address);
  if (entry.ie_object !== NULL) panic("ipc_entry_dealloc: entry holds an object");
  const head = entryAt(k, spaceAt(k, space).is_table);
  entry.ie_bits = IE_BITS_GEN(entry.ie_bits);
  entry.ie_next = head.ie_next;
  head.ie_next = MACH_PORT_INDEX(name);
}

/**
 * Purpose: doubles a space's table; new entries go to the front of the free list in ascending
 * order.
 * Conditions: the space is active. Addresses of entries change.
 * Returns: KERN_SUCCESS, KERN_NO_SPACE (greatest size reached), KERN_RESOURCE_SHORTAGE.
 */
function ipc_entry_grow_table(k: KernelState, space: number): number {
  const view = spaceAt(k, space);
  const { is_table: old, is_table_size: oldSize } = view;
  const size = oldSize * 2;
  if (size > LAST_TABLE_SIZE) return KERN_NO_SPACE;
  const table = k.kalloc(size * SIZE);
  if (table === NULL) return KERN_RESOURCE_SHORTAGE;
  for (let offset = 0; offset < oldSize * SIZE; offset += 4)
    k.memory.write32(table + offset, k.memory.read32(old + offset));
  ipc_entry_init_table(k, table, oldSize, size);
  k.kfree(old, oldSize * SIZE);
  view.is_table = table;
  view.is_table_size = size;
  for (let i = 0; i < oldSize; i++) entryAt(k, table + i * SIZE).ie_hash = 0;
  for (let i = 1; i < oldSize; i++) {
    const entry = entryAt(k, table + i * SIZE);
    if (IE_BITS_TYPE(entry.ie_bits) === IE.IE_BITS_SEND)
      ipc_hash_insert(k, space, entry.ie_object, i);
  }
  return KERN_SUCCESS;
}

/**
 * Purpose: makes entries `from` … `size − 1` of a table unused and puts them before entry 0's free
 * list.
 * Conditions: entry 0's `ie_next` is set, unless `from` is 0 (then entry 0 is made too).
 */
export function ipc_entry_init_table(
  k: KernelState,
  table: number,
  from: number,
  size: number,
): void {
  let free = from === 0 ? 0 : entryAt(k, table).ie_next;
  for (let i = size - 1; i >= from; i--) {
    const entry = entryAt(k, table + i * SIZE);
    entry.ie_bits = IE.IE_BITS_GEN_MASK;
    entry.ie_object = NULL;
    entry.ie_hash = 0;
    entry.ie_next = free;
    if (i > 0) free = i;
  }
  entryAt(k, table).ie_next = free;
}
