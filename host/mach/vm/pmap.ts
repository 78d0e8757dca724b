/**
 * Page tables: the mappings that the TLB miss handlers (asm/vectors.s) look up. A hashed table of
 * 4096 entries, each a one-entry cache in front of a circular chain of mappings, as in Utah's HP 700
 * port (hp_pa/pmap.c, pte.h). It all lies in guest memory; only here and in the handlers is it known.
 *
 * Mappings are a cache of what the maps say: any but a wired one may go at any time, and the next
 * access faults it in again. A mapping's D bit is the page's dirty bit; a first write through a clean
 * one traps to a handler that sets it (asm/dirty.s). Every change here purges the TLB of the page.
 *
 * The caches are virtually indexed: a page at two addresses of different colours (places in the cache)
 * would be two copies. So it is mapped for writing at one colour, or for reading at many; a mapping that
 * would be against this takes the others, or the right to write, away. Wired ones stay as they are.
 */
import { AR, hptEntry, mapping, MAPPING_SW, vtopEntry } from "../../abi/hp700.ts";
import { pmap } from "../../abi/kernel.ts";
import { VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { TLB_WORD } from "../../abi/pa.ts";
import type { Bytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";

const { HPT_BASE, HPT_ENTRIES, VTOP_BASE, PAGE_SIZE, KERNEL_SPACE } = MEMORY_MAP;
const { VM_PROT_READ, VM_PROT_WRITE, VM_PROT_EXECUTE } = VM_PROT;
/** What a page keeps that was executed and written. */
const TEXT = VM_PROT_READ | VM_PROT_EXECUTE;

/** The gateway page is no page of a map: it is entered with this instead of VM_PROT bits. */
export type Use = number | "gateway";

/** Where a page's mappings are listed. */
export interface Mapped {
  mappings: number;
  dirty: boolean;
}

/** What the page tables need of the kernel. */
/** Which of the caches. */
export type Caches = "data" | "text" | "both";

export interface PmapState {
  readonly memory: Bytes;
  zalloc(zone: "mapping"): number;
  zfree(zone: "mapping", address: number): void;
  /** Drops a page from both TLBs. */
  purgePage(space: number, offset: number): void;
  /** Flushes a mapped page from the data cache, and from the instruction cache. */
  flushPage(space: number, offset: number, caches: Caches): void;
  /** Where a page's lines lie in the data cache. */
  colour(space: number, offset: number): number;
  /** The managed page in a frame. */
  pageAt(frame: number): Mapped | undefined;
}

/** Empties the table: no entry valid, every chain empty. */
export function pmap_bootstrap({ memory }: { readonly memory: Bytes }): void {
  for (let i = 0; i < HPT_ENTRIES; i++) {
    const head = VTOP_BASE + i * vtopEntry.size;
    const chain = vtopEntry.at(memory, head);
    chain.next = head;
    chain.prev = head;
    const entry = hptEntry.at(memory, HPT_BASE + i * hptEntry.size);
    entry.tag = 0;
    entry.prot = 0;
    entry.page = 0;
    entry.vtop = head;
  }
}

/** Index of a page's bucket: (space << 5) xor page number, 12 bits. */
export function pmap_hash(space: number, address: number): number {
  return ((space << 5) ^ (address >>> 12)) & (HPT_ENTRIES - 1);
}

function rightsOf(space: number, use: Use): number {
  if (use === "gateway") return AR.AR_GATEWAY;
  // In the kernel's space servers run at privilege 0, and what they may write they may execute.
  if (space === KERNEL_SPACE) {
    if ((use & VM_PROT_WRITE) !== 0) return AR.AR_KERNEL_RWX;
    return (use & VM_PROT_EXECUTE) !== 0 ? AR.AR_KERNEL_RX : AR.AR_KERNEL_R;
  }
  if (use === VM_PROT_EXECUTE) return AR.AR_USER_X;
  const execute = (use & VM_PROT_EXECUTE) !== 0;
  if ((use & VM_PROT_WRITE) !== 0) return execute ? AR.AR_USER_RWX : AR.AR_USER_RW;
  return execute ? AR.AR_USER_RX : AR.AR_USER_R;
}

const WRITABLE: readonly number[] = [AR.AR_USER_RW, AR.AR_USER_RWX, AR.AR_KERNEL_RWX];
const isWritable = (prot: number): boolean => WRITABLE.includes(prot & TLB_WORD.TLB_RIGHTS);
const EXECUTABLE: readonly number[] = [
  AR.AR_USER_RX,
  AR.AR_USER_RWX,
  AR.AR_KERNEL_RX,
  AR.AR_KERNEL_RWX,
];
const isExecutable = (prot: number): boolean => EXECUTABLE.includes(prot & TLB_WORD.TLB_RIGHTS);
const isDirty = (prot: number): boolean => (prot & TLB_WORD.TLB_D) !== 0;

export interface EnterOptions {
  readonly wired?: boolean;
  /** The page is about to be written: no trap for its first write. */
  readonly dirty?: boolean;
}

/**
 * Purpose: maps the page at `address` of a pmap to the physical page `physical`, for `use`.
 * Conditions: both page-aligned. What was mapped there before is replaced.
 */
export function pmap_enter(
  state: PmapState,
  map: number,
  address: number,
  physical: number,
  use: Use,
  { wired = false, dirty = false }: EnterOptions = {},
): void {
  const { memory } = state;
  const { space, pid } = pmap.at(memory, map);
  const old = findMapping(memory, space, address);
  if (old !== 0) removeMapping(state, old, frameOf(memory, old) !== physical);
  const isShared = keepApart(state, space, address, physical, use, dirty);
  const node = allocate(state);
  const head = VTOP_BASE + pmap_hash(space, address) * vtopEntry.size;
  const chain = vtopEntry.at(memory, head);
  const entry = mapping.at(memory, node);
  entry.hash_next = chain.next;
  entry.hash_prev = head;
  mapping.at(memory, chain.next).hash_prev = node; // a head's links lie where a mapping's do
  chain.next = node;
  const page = state.pageAt(physical);
  entry.phys_next = page?.mappings ?? 0;
  entry.phys_prev = 0;
  if (page) {
    if (page.mappings !== 0) mapping.at(memory, page.mappings).phys_prev = node;
    page.mappings = node;
  }
  entry.space = space;
  entry.offset = address;
  entry.page = physical >>> 7;
  // The gateway is public (access id 0); every other page belongs to its pmap's protection id.
  const isGateway = use === "gateway";
  const d = dirty || isGateway ? TLB_WORD.TLB_D : 0;
  const allowed = isShared && typeof use === "number" ? use & ~VM_PROT_WRITE : use;
  entry.prot = (rightsOf(space, allowed) | d | (isGateway ? 0 : pid)) >>> 0;
  entry.sw = wired || isGateway ? MAPPING_SW.MAPPING_WIRED : 0;
  state.purgePage(space, address);
}

const frameOf = (memory: Bytes, node: number): number => (mapping.at(memory, node).page << 7) >>> 0;

/**
 * Purpose: makes a page's other mappings such that another at an address does no harm in the caches.
 * Returns: whether that one may only be read for now: it is not about to be written, and others of
 * another colour are there.
 */
function keepApart(
  state: PmapState,
  space: number,
  address: number,
  physical: number,
  use: Use,
  dirty: boolean,
): boolean {
  const { memory } = state;
  const page = state.pageAt(physical);
  if (!page || page.mappings === 0 || use === "gateway") return false;
  const colour = state.colour(space, address);
  const strangers = pageMappings(memory, page).filter((node) => {
    const { space: itsSpace, offset, sw } = mapping.at(memory, node);
    return sw === 0 && state.colour(itsSpace, offset) !== colour;
  });
  const isWritten = dirty && (use & VM_PROT_WRITE) !== 0;
  for (const node of strangers)
    if (isWritten) removeMapping(state, node);
    else revokeWrite(state, node);
  return strangers.length > 0 && !isWritten;
}

/** A mapping from the zone, or, when memory is exhausted, one that somebody can do without. */
function allocate(state: PmapState): number {
  const node = state.zalloc("mapping");
  if (node !== 0) return node;
  for (let bucket = 0; bucket < HPT_ENTRIES; bucket++)
    for (const victim of chainOf(state.memory, bucket)) {
      if (mapping.at(state.memory, victim).sw !== 0) continue;
      removeMapping(state, victim);
      return state.zalloc("mapping") || panic("pmap_enter: a mapping was lost");
    }
  return panic("pmap_enter: no memory for a mapping");
}

/**
 * Takes a mapping from everywhere. Its page keeps whether it was written, and leaves the caches, unless
 * it will be mapped there again.
 */
function removeMapping(state: PmapState, node: number, isFlushed = true): void {
  const { memory } = state;
  const entry = mapping.at(memory, node);
  if (isFlushed) flush(state, node, isExecutable(entry.prot) ? "both" : "data");
  const { hash_next, hash_prev, phys_next, phys_prev, space, offset } = entry;
  mapping.at(memory, hash_prev).hash_next = hash_next;
  mapping.at(memory, hash_next).hash_prev = hash_prev;
  const page = state.pageAt((entry.page << 7) >>> 0);
  if (page) {
    if (isDirty(entry.prot)) page.dirty = true;
    if (phys_prev === 0) page.mappings = phys_next;
    else mapping.at(memory, phys_prev).phys_next = phys_next;
    if (phys_next !== 0) mapping.at(memory, phys_next).phys_prev = phys_prev;
  }
  forget(state, space, offset);
  state.zfree("mapping", node);
}

/** The hashed table and the TLBs no longer know the page. */
function forget(state: PmapState, space: number, offset: number): void {
  hptEntry.at(state.memory, HPT_BASE + pmap_hash(space, offset) * hptEntry.size).tag = 0;
  state.purgePage(space, offset);
}

/** Clears bits of a mapping's protection word, or sets its rights to reading (and executing). */
function changeProtection(state: PmapState, node: number, prot: number): void {
  const entry = mapping.at(state.memory, node);
  entry.prot = prot >>> 0;
  forget(state, entry.space, entry.offset);
}

function revokeWrite(state: PmapState, node: number): void {
  const { prot, space } = mapping.at(state.memory, node);
  if (!isWritable(prot)) return;
  if (isDirty(prot)) flush(state, node, "data");
  const rights = prot & TLB_WORD.TLB_RIGHTS;
  const executes = rights === AR.AR_USER_RWX || rights === AR.AR_KERNEL_RWX;
  const left = rightsOf(space, executes ? TEXT : VM_PROT_READ);
  changeProtection(state, node, (prot & ~TLB_WORD.TLB_RIGHTS) | left);
}

/** A mapping's page leaves caches. */
function flush(state: PmapState, node: number, caches: Caches): void {
  const { space, offset } = mapping.at(state.memory, node);
  state.flushPage(space, offset, caches);
}

/** What was written through any of a page's mappings goes to memory, where the kernel reads it. */
export function pmap_page_flush(state: PmapState, page: Mapped): void {
  for (const node of pageMappings(state.memory, page))
    if (isDirty(mapping.at(state.memory, node).prot)) flush(state, node, "data");
}

/** What a range's mappings have in caches goes; one that does not execute has nothing in that of text. */
export function pmap_flush(
  state: PmapState,
  map: number,
  [start, end]: readonly [number, number],
  caches: Caches,
): void {
  for (const node of mappingsIn(state.memory, pmap.at(state.memory, map).space, start, end))
    if (isExecutable(mapping.at(state.memory, node).prot)) flush(state, node, caches);
    else if (caches !== "text") flush(state, node, "data");
}

/** Nodes of the mappings of `[start, end)`, by pages or by buckets, whichever are fewer. */
function mappingsIn(memory: Bytes, space: number, start: number, end: number): number[] {
  if ((end - start) / PAGE_SIZE > HPT_ENTRIES)
    return Array.from({ length: HPT_ENTRIES }, (_, bucket) => chainOf(memory, bucket))
      .flat()
      .filter((node) => {
        const entry = mapping.at(memory, node);
        return entry.space === space && entry.offset >= start && entry.offset < end;
      });
  const found: number[] = [];
  for (let page = start; page < end; page += PAGE_SIZE) {
    const node = findMapping(memory, space, page);
    if (node !== 0) found.push(node);
  }
  return found;
}

/** Removes the mappings of a range of a pmap. */
export function pmap_remove(state: PmapState, map: number, start: number, end: number): void {
  const { space } = pmap.at(state.memory, map);
  for (const node of mappingsIn(state.memory, space, start, end)) removeMapping(state, node);
}

/** Takes away from the mappings of a range what `prot` does not allow. */
export function pmap_protect(
  state: PmapState,
  map: number,
  start: number,
  end: number,
  prot: number,
): void {
  // Rights other than writing are not taken away one by one: the next access faults.
  if ((prot & TEXT) !== TEXT) return pmap_remove(state, map, start, end);
  if ((prot & VM_PROT_WRITE) === 0) pmap_copy_on_write(state, map, start, end);
}

/** Takes writing away from the mappings of a range: it will be copied on write. */
export function pmap_copy_on_write(
  state: PmapState,
  map: number,
  start: number,
  end: number,
): void {
  const { space } = pmap.at(state.memory, map);
  for (const node of mappingsIn(state.memory, space, start, end)) revokeWrite(state, node);
}

/** All mappings of a page: removed, or made read-only. */
export function pmap_page_protect(state: PmapState, page: Mapped, left: "none" | "read"): void {
  for (const node of pageMappings(state.memory, page))
    if (left === "none") removeMapping(state, node);
    else revokeWrite(state, node);
}

/** Whether a page was written through a mapping, or was before. */
export function pmap_is_modified({ memory }: PmapState, page: Mapped): boolean {
  return (
    page.dirty || pageMappings(memory, page).some((node) => isDirty(mapping.at(memory, node).prot))
  );
}

/** From now on the page counts as unwritten; its next write traps. */
export function pmap_clear_modify(state: PmapState, page: Mapped): void {
  page.dirty = false;
  for (const node of pageMappings(state.memory, page)) {
    const { prot } = mapping.at(state.memory, node);
    if (isDirty(prot)) changeProtection(state, node, prot & ~TLB_WORD.TLB_D);
  }
}

/**
 * Purpose: the mapping of a page of a pmap, to be used by the host like by the guest.
 * Returns: 0 when the page is not mapped, or may not be used so.
 */
export function pmap_usable(
  memory: Bytes,
  map: number,
  address: number,
  access: "read" | "write",
): number {
  const node = findMapping(memory, pmap.at(memory, map).space, address - (address % PAGE_SIZE));
  if (node === 0) return 0;
  const { prot } = mapping.at(memory, node);
  if (access === "write" && !isWritable(prot)) return 0;
  return (prot & TLB_WORD.TLB_RIGHTS) === AR.AR_USER_X ? 0 : node;
}

/** Where an address of a mapped page lies in memory. */
export const mappedAt = (memory: Bytes, node: number, address: number): number =>
  frameOf(memory, node) + (address % PAGE_SIZE);

/** A write that the host makes for a guest: the page is dirty, as if the guest had made it. */
export function pmap_note_write(memory: Bytes, node: number): void {
  const entry = mapping.at(memory, node);
  const { prot } = entry;
  if (isDirty(prot)) return;
  entry.prot = (prot | TLB_WORD.TLB_D) >>> 0;
  const entryAt = HPT_BASE + pmap_hash(entry.space, entry.offset) * hptEntry.size;
  hptEntry.at(memory, entryAt).tag = 0;
}

/** Where an address of a space lies in memory, whatever its page may be used for. */
export function findPhysical(memory: Bytes, space: number, address: number): number | undefined {
  const node = findMapping(memory, space, address - (address % PAGE_SIZE));
  return node === 0 ? undefined : mappedAt(memory, node, address);
}

/** Every mapping of a space, for checks. */
export function mappingsOf(memory: Bytes, space: number): number[] {
  return mappingsIn(memory, space, 0, 2 ** 32);
}

/** The mapping of a page, or 0. Word by word: what the host does in guest memory begins here. */
function findMapping(memory: Bytes, space: number, page: number): number {
  const head = VTOP_BASE + pmap_hash(space, page) * vtopEntry.size;
  const { space: itsSpace, offset, hash_next } = mapping.offset;
  for (let node = memory.read32(head + vtopEntry.offset.next); node !== head;) {
    if (memory.read32(node + offset) === page && memory.read32(node + itsSpace) === space)
      return node;
    node = memory.read32(node + hash_next);
  }
  return 0;
}

function chainOf(memory: Bytes, bucket: number): number[] {
  const head = VTOP_BASE + bucket * vtopEntry.size;
  const nodes: number[] = [];
  for (let node = vtopEntry.at(memory, head).next; node !== head;) {
    nodes.push(node);
    node = mapping.at(memory, node).hash_next;
  }
  return nodes;
}

function pageMappings(memory: Bytes, page: Mapped): number[] {
  const nodes: number[] = [];
  for (let node = page.mappings; node !== 0; node = mapping.at(memory, node).phys_next)
    nodes.push(node);
  return nodes;
}
