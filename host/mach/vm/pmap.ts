/**
 * Page tables: the mappings that the TLB miss handlers (asm/vectors.s) look up. A hashed table of
 * 4096 entries, each a one-entry cache in front of a circular chain of mappings, as in Utah's HP 700
 * port (hp_pa/pmap.c, pte.h). It all lies in guest memory; only here and in the handlers is it known.
 */
import { AR, hptEntry, mapping, vtopEntry } from "../../abi/hp700.ts";
import { pmap } from "../../abi/kernel.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { TLB_WORD } from "../../abi/pa.ts";
import type { Bytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";

const { HPT_BASE, HPT_ENTRIES, VTOP_BASE, PAGE_SIZE } = MEMORY_MAP;

/** What a page may be used for; the access-rights field of the TLB's protection word. */
export type PageUse = "userText" | "userData" | "userAll" | "kernelAll" | "gateway";

const RIGHTS: Readonly<Record<PageUse, number>> = {
  userText: AR.AR_USER_RX,
  userData: AR.AR_USER_RW,
  userAll: AR.AR_USER_RWX,
  kernelAll: AR.AR_KERNEL_RWX,
  gateway: AR.AR_GATEWAY,
};

/** What the page tables need of the kernel: memory, and storage for mappings. */
export interface PmapState {
  readonly memory: Bytes;
  zalloc(zone: "mapping"): number;
  zfree(zone: "mapping", address: number): void;
}

/** Empties the table: no entry valid, every chain empty. */
export function pmap_bootstrap({ memory }: PmapState): void {
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

/**
 * Purpose: maps the page at `address` of a pmap to the physical page `physical`.
 * Conditions: both page-aligned; the page is not mapped yet. The TLB holds nothing for it.
 */
export function pmap_enter(
  state: PmapState,
  map: number,
  address: number,
  physical: number,
  use: PageUse,
): void {
  const { space, pid } = pmap.at(state.memory, map);
  if (findMapping(state.memory, space, address) !== 0)
    panic(`pmap_enter: mapped already: ${address}`);
  const node = state.zalloc("mapping") || panic("pmap_enter: no memory for a mapping");
  const head = VTOP_BASE + pmap_hash(space, address) * vtopEntry.size;
  const chain = vtopEntry.at(state.memory, head);
  const entry = mapping.at(state.memory, node);
  entry.hash_next = chain.next;
  entry.hash_prev = head;
  mapping.at(state.memory, chain.next).hash_prev = node; // a head's links lie where a mapping's do
  chain.next = node;
  entry.phys_next = 0;
  entry.phys_prev = 0;
  entry.space = space;
  entry.offset = address;
  entry.page = physical >>> 7;
  // The gateway is public (access id 0); every other page belongs to its pmap's protection id.
  entry.prot = (RIGHTS[use] | TLB_WORD.TLB_D | (use === "gateway" ? 0 : pid)) >>> 0;
  entry.sw = 0;
}

/**
 * Purpose: where the byte at `address` of `space` lies in memory.
 * Returns: its physical address; undefined when the page is not mapped, or may not be used so.
 */
export function pmap_extract(
  memory: Bytes,
  map: number,
  address: number,
  access: "read" | "write",
): number | undefined {
  const { space } = pmap.at(memory, map);
  const page = address - (address % PAGE_SIZE);
  const node = findMapping(memory, space, page);
  if (node === 0) return undefined;
  const { prot, page: physicalPage } = mapping.at(memory, node);
  const rights = prot & TLB_WORD.TLB_RIGHTS;
  const writable = rights !== AR.AR_USER_RX && rights !== AR.AR_GATEWAY;
  if (access === "write" && !writable) return undefined;
  return ((physicalPage << 7) >>> 0) + (address % PAGE_SIZE);
}

/** A mapping that was removed. */
export interface RemovedMapping {
  readonly space: number;
  readonly offset: number;
  readonly physical: number;
}

/**
 * Purpose: removes every mapping of a pmap, from the chains and from the hashed table.
 * Conditions: the caller purges the TLB of what is returned.
 */
export function pmap_remove_all(state: PmapState, map: number): RemovedMapping[] {
  const { memory } = state;
  const { space } = pmap.at(memory, map);
  const removed: RemovedMapping[] = [];
  for (let bucket = 0; bucket < HPT_ENTRIES; bucket++) {
    const head = VTOP_BASE + bucket * vtopEntry.size;
    for (let node = vtopEntry.at(memory, head).next; node !== head;) {
      const entry = mapping.at(memory, node);
      const { hash_next, hash_prev } = entry;
      if (entry.space === space) {
        mapping.at(memory, hash_prev).hash_next = hash_next;
        mapping.at(memory, hash_next).hash_prev = hash_prev;
        hptEntry.at(memory, HPT_BASE + bucket * hptEntry.size).tag = 0;
        removed.push({ space, offset: entry.offset, physical: (entry.page << 7) >>> 0 });
        state.zfree("mapping", node);
      }
      node = hash_next;
    }
  }
  return removed;
}

/** Where an address of a space lies in memory, whatever its page may be used for. */
export function findPhysical(memory: Bytes, space: number, address: number): number | undefined {
  const inPage = address % PAGE_SIZE;
  const node = findMapping(memory, space, address - inPage);
  return node === 0 ? undefined : ((mapping.at(memory, node).page << 7) >>> 0) + inPage;
}

function findMapping(memory: Bytes, space: number, page: number): number {
  const head = VTOP_BASE + pmap_hash(space, page) * vtopEntry.size;
  for (let node = vtopEntry.at(memory, head).next; node !== head;) {
    const entry = mapping.at(memory, node);
    if (entry.space === space && entry.offset === page) return node;
    node = entry.hash_next;
  }
  return 0;
}
