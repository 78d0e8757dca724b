/**
 * Memory for kernel objects: zones of equal elements on free lists, and kalloc over zones of 16,
 * 32, … 16384 bytes. Everything lies in guest memory, so that kernel text may pop the same free
 * lists. It is not a page allocator: it takes pages from one region and never gives them back. The
 * region's first pages record which zone owns each page; checks find every live element by that
 * record. After Mach's kern/zalloc.c and kern/kalloc.c.
 */
import { mapping, pcb } from "../../abi/hp700.ts";
import {
  ipcPort,
  ipcPset,
  ipcSpace,
  KALLOC,
  pmap,
  task,
  thread,
  vmMap,
  zone,
} from "../../abi/kernel.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { struct, type Bytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";
import { ZONE_NAMES, type ZoneName } from "./state.ts";
import { clearWords } from "./views.ts";

const { DATA_COLOURS, PAGE_SIZE } = MEMORY_MAP;
const { KALLOC_MINIMUM, KALLOC_ZONES } = KALLOC;

const ELEMENT_SIZES: Readonly<Record<ZoneName, number>> = {
  ipc_port: ipcPort.size,
  ipc_space: ipcSpace.size,
  task: task.size,
  thread: thread.size,
  pcb: pcb.size,
  vm_map: vmMap.size,
  pmap: pmap.size,
  mapping: mapping.size,
  ipc_pset: ipcPset.size,
};

const HEAP_FIELDS: Record<"base" | "next" | "limit", "u32"> = {
  base: "u32",
  next: "u32",
  limit: "u32",
};
/** The region that zones grow from: its pages, the next fresh one, and its end. */
export const heapRegion = struct("heap_region", "HEAP", HEAP_FIELDS);

/** Guest addresses of the allocator's own structures. */
export interface ZoneLayout {
  /** `KALLOC_ZONES` `zone` structures (the kernel image's symbol `kalloc_zones`). */
  readonly kallocZones: number;
  /** One `zone` structure for each of `ZONE_NAMES`. */
  readonly zones: number;
  /** One `heap_region`. */
  readonly heap: number;
}

/** Names a zone for inspection: a kalloc size, or a zone's name. */
export type ZoneKey = number | ZoneName;

export interface ZoneAllocator {
  zalloc(name: ZoneName): number;
  zfree(name: ZoneName, address: number): void;
  kalloc(size: number): number;
  kfree(address: number, size: number): void;
  /** Gives the zone at this address a page, for kernel text that found it dry; false: no memory. */
  zexpand(zone: number): boolean;
  /** Bytes of one element. */
  elementSize(key: ZoneKey): number;
  /** Addresses of the elements in use, ascending. */
  liveElements(key: ZoneKey): number[];
}

/** Every zone that exists, kalloc's by element size. */
export const ZONE_KEYS: readonly ZoneKey[] = [
  ...Array.from({ length: KALLOC_ZONES }, (_, i) => KALLOC_MINIMUM << i),
  ...ZONE_NAMES,
];

/**
 * A page's owner: 1 + index in `ZONE_KEYS`; this bit besides on the further pages of an element.
 */
const CONTINUED = 0x80;

/**
 * Sets up empty zones over the pages `[base, limit)`.
 * Conditions: called once, before any allocation; `base` and `limit` are page-aligned.
 */
export function zone_bootstrap(
  memory: Bytes,
  layout: ZoneLayout,
  region: { readonly base: number; readonly limit: number },
): ZoneAllocator {
  const { base, limit } = region;
  const owners = Math.ceil((limit - base) / PAGE_SIZE);
  const ownerPages = Math.ceil(owners / PAGE_SIZE) * PAGE_SIZE;
  clearWords(memory, base, ownerPages);
  const heap = heapRegion.at(memory, layout.heap);
  heap.base = base;
  heap.next = base + ownerPages;
  heap.limit = limit;
  ZONE_KEYS.forEach((key, index) => {
    const each = zone.at(memory, zoneAddress(layout, index));
    each.free = 0;
    each.elem_size = typeof key === "number" ? key : ELEMENT_SIZES[key];
    each.count = 0;
    each.free_count = 0;
  });
  return zoneAllocator(memory, layout);
}

/** The allocator over zones that `zone_bootstrap` has set up, or that came back with a snapshot. */
export function zoneAllocator(memory: Bytes, layout: ZoneLayout): ZoneAllocator {
  const heap = heapRegion.at(memory, layout.heap);
  const ownerAddress = (page: number): number => heap.base + (page - heap.base) / PAGE_SIZE;
  const colourOf = (address: number): number => Math.floor((address % DATA_COLOURS) / PAGE_SIZE);

  /** The next pages for `bytes` of which none drives the kernel's own variables out of the data cache. */
  const nextChunk = (bytes: number): number => {
    const avoided = colourOf(layout.heap);
    let chunk = heap.next;
    for (let page = chunk; page < chunk + bytes; page += PAGE_SIZE)
      if (colourOf(page) === avoided) chunk = page + PAGE_SIZE;
    return chunk;
  };

  /** Gives a zone fresh pages, at least one element; false when the region is used up. */
  const grow = (index: number): boolean => {
    const each = zone.at(memory, zoneAddress(layout, index));
    const size = each.elem_size;
    const bytes = Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
    const chunk = nextChunk(bytes);
    if (chunk + bytes > heap.limit) return false;
    heap.next = chunk + bytes;
    for (let page = chunk; page < chunk + bytes; page += PAGE_SIZE)
      memory.write8(ownerAddress(page), page === chunk ? index + 1 : (index + 1) | CONTINUED);
    const elements = Math.floor(bytes / size);
    for (let i = elements - 1; i >= 0; i--) {
      memory.write32(chunk + i * size, each.free);
      each.free = chunk + i * size;
    }
    each.free_count += elements;
    return true;
  };

  const take = (index: number): number => {
    const each = zone.at(memory, zoneAddress(layout, index));
    if (each.free === 0 && !grow(index)) return 0;
    const element = each.free;
    each.free = memory.read32(element);
    each.count += 1;
    each.free_count -= 1;
    return element;
  };

  const give = (index: number, element: number): void => {
    const page = element - (element % PAGE_SIZE);
    const inRegion = element >= heap.base && element < heap.next;
    if (!inRegion || memory.read8(ownerAddress(page)) !== index + 1)
      panic(`zfree: no element of zone ${ZONE_KEYS[index]}: ${element}`);
    const each = zone.at(memory, zoneAddress(layout, index));
    memory.write32(element, each.free);
    each.free = element;
    each.count -= 1;
    each.free_count += 1;
  };

  const liveElements = (key: ZoneKey): number[] => {
    const index = ZONE_KEYS.indexOf(key);
    const each = zone.at(memory, zoneAddress(layout, index));
    const free = new Set<number>();
    for (let element = each.free; element !== 0; element = memory.read32(element)) {
      if (free.has(element)) panic(`liveElements: free list of zone ${key} is circular`);
      free.add(element);
    }
    if (free.size !== each.free_count) panic(`liveElements: free count of zone ${key} is wrong`);
    const live: number[] = [];
    const perChunk = Math.max(1, Math.floor(PAGE_SIZE / each.elem_size));
    for (let page = heap.base; page < heap.next; page += PAGE_SIZE) {
      if (memory.read8(ownerAddress(page)) !== index + 1) continue;
      for (let i = 0; i < perChunk; i++)
        if (!free.has(page + i * each.elem_size)) live.push(page + i * each.elem_size);
    }
    if (live.length !== each.count) panic(`liveElements: count of zone ${key} is wrong`);
    return live;
  };

  return {
    zalloc: (name) => take(KALLOC_ZONES + ZONE_NAMES.indexOf(name)),
    zfree: (name, address) => give(KALLOC_ZONES + ZONE_NAMES.indexOf(name), address),
    kalloc: (size) => {
      const index = kallocIndex(size);
      return index === undefined ? 0 : take(index);
    },
    zexpand: (address) => grow(zoneIndex(layout, address)),
    kfree: (address, size) => give(kallocIndex(size) ?? panic(`kfree: size ${size}`), address),
    elementSize: (key) => zone.at(memory, zoneAddress(layout, ZONE_KEYS.indexOf(key))).elem_size,
    liveElements,
  };
}

function zoneAddress(layout: ZoneLayout, index: number): number {
  return index < KALLOC_ZONES
    ? layout.kallocZones + index * zone.size
    : layout.zones + (index - KALLOC_ZONES) * zone.size;
}

function zoneIndex(layout: ZoneLayout, address: number): number {
  const index = ZONE_KEYS.findIndex((_, i) => zoneAddress(layout, i) === address);
  return index >= 0 ? index : panic(`zexpand: no zone at ${address}`);
}

/** The first kalloc zone whose elements hold `size` bytes; undefined when none does. */
function kallocIndex(size: number): number | undefined {
  for (let index = 0; index < KALLOC_ZONES; index++)
    if (KALLOC_MINIMUM << index >= size) return index;
  return undefined;
}

/** What of the zones an address of their region is in. */
export interface ZoneElement {
  readonly key: ZoneKey;
  readonly address: number;
  /** In use, as far as the zone's free list says. */
  readonly isLive: boolean;
}

/**
 * The element that an address is in; "owners" in the record of who has each page, "fresh" in pages
 * that no zone has, undefined outside the region or behind a page's last element.
 */
export function zoneElementAt(
  memory: Bytes,
  layout: ZoneLayout,
  address: number,
): ZoneElement | "owners" | "fresh" | undefined {
  const { base, next, limit } = heapRegion.at(memory, layout.heap);
  if (address < base || address >= limit) return undefined;
  if (address >= next) return "fresh";
  const ownerOf = (page: number): number => memory.read8(base + (page - base) / PAGE_SIZE);
  let page = address - (address % PAGE_SIZE);
  if (ownerOf(page) === 0) return page === base ? "owners" : "fresh";
  while ((ownerOf(page) & CONTINUED) !== 0) page -= PAGE_SIZE;
  const index = ownerOf(page) - 1;
  const key = ZONE_KEYS[index];
  if (key === undefined) return undefined;
  const each = zone.at(memory, zoneAddress(layout, index));
  const size = each.elem_size;
  const element = page + Math.floor((address - page) / size) * size;
  if (size <= PAGE_SIZE && element + size > page + PAGE_SIZE) return undefined;
  let left = each.free_count;
  for (let free = each.free; free !== 0 && left > 0; free = memory.read32(free), left--)
    if (free === element) return { key, address: element, isLive: false };
  return { key, address: element, isLive: true };
}
