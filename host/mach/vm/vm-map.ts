/**
 * Address maps: sorted entries, each a range of addresses that refers to a part of a memory object or
 * of a submap, with protection, inheritance and wirings. The guest's `vm_map` structure at
 * `address` holds what text needs of a map: its pmap. After Mach's vm/vm_map.c; the calls on maps
 * are in vm-user.ts, copies in vm-map-copy.ts, fork in vm-map-fork.ts.
 */
import { pmap as pmapStruct, vmMap } from "../../abi/kernel.ts";
import { KERN_RETURN, VM_INHERIT, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import { mappingsOf, pmap_enter, pmap_remove } from "./pmap.ts";
import { type VmObject, vm_object_deallocate } from "./vm-object.ts";
import type { Vm } from "./vm.ts";

const { PAGE_SIZE, GATEWAY, KERNEL_PID, KERNEL_SPACE, EQUIVALENT_END } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_INVALID_ADDRESS, KERN_NO_SPACE } = KERN_RETURN;

/** Where an empty map's own addresses end: user tasks have the quadrants below the gateway's. */
export const VM_MAX_ADDRESS = GATEWAY;
export const VM_MAX_KERNEL_ADDRESS = 0xef000000;

export interface VmMapEntry {
  start: number;
  end: number;
  /** Undefined: zeroes, no object yet. */
  object: VmObject | undefined;
  submap: VmMap | undefined;
  /** Of `start` in the object or submap. */
  offset: number;
  needsCopy: boolean;
  /** The same object is meant to be in several maps. */
  isShared: boolean;
  protection: number;
  maxProtection: number;
  inheritance: number;
  wiredCount: number;
  /** For which task it was entered; 0: the kernel's own. In the kernel's map there are several tasks' entries. */
  owner: number;
}

export class VmMap {
  /** Of the guest's structure. */
  readonly address: number;
  readonly pmap: number;
  readonly min: number;
  readonly max: number;
  references = 1;
  /** Whether the gateway's page is in its space too. */
  hasGateway = false;
  /** False when it is gone; somebody who waited may still hold it. */
  alive = true;
  readonly entries: VmMapEntry[] = [];
  /** Index of the entry that was looked up last. */
  hint = 0;

  constructor(address: number, pmap: number, min: number, max: number) {
    this.address = address;
    this.pmap = pmap;
    this.min = min;
    this.max = max;
  }

  /** Bytes of all entries. */
  get size(): number {
    return this.entries.reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

export const truncPage = (address: number): number => address - (address % PAGE_SIZE);
export const roundPage = (address: number): number => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;

/** A map over a pmap of a space of its own; undefined when no memory or no space is left. */
export function vm_map_create(vm: Vm): VmMap | undefined {
  const space = vm.freeSpaces.pop() ?? vm.nextSpace;
  if (space > 0xfffa) return undefined;
  if (space === vm.nextSpace) vm.nextSpace += 2;
  const map = create(vm, space, space, 0, VM_MAX_ADDRESS);
  if (!map) vm.freeSpaces.push(space);
  return map;
}

/**
 * Purpose: leaves out the number of a space that a server inside the kernel does not have, so that spaces
 * that come later are the same wherever the server is: caches see the space's number (paper §4.6), and
 * what is compared is then the server's place alone.
 */
export function vm_map_skip_space(vm: Vm): void {
  vm.nextSpace += 2;
}

/**
 * Purpose: puts the gateway's page into a map's space as well, above what the map has, so that threads
 * whose space registers all lead there reach it. The kernel's space has it already.
 */
export function vm_map_gateway(vm: Vm, address: number): void {
  const map = vm.maps.get(address) ?? panic(`vm_map_gateway: no map at ${address}`);
  if (map.hasGateway || map.pmap === vm.kernelPmap) return;
  map.hasGateway = true;
  pmap_enter(vm, map.pmap, GATEWAY, vm.gatewayPage, "gateway");
}

/**
 * Purpose: a part of the kernel's map that has entries of its own, as Mach's kmem_suballoc.
 * Conditions: nothing is at `[start, start + size)`. It has no structure in guest memory: no task's
 * map points to it.
 */
export function vm_map_submap(map: VmMap, start: number, size: number): VmMap {
  const submap = new VmMap(0, map.pmap, start, start + size);
  const kr = vm_map_enter(map, start, start + size, { submap, offset: start });
  if (kr !== KERN_SUCCESS) panic(`vm_map_submap: ${start}`);
  return submap;
}

/** The kernel's map: space 0, from `min` on. */
export function vm_kernel_map_create(vm: Vm, min: number): VmMap {
  return (
    create(vm, KERNEL_SPACE, KERNEL_PID, min, VM_MAX_KERNEL_ADDRESS) ??
    panic("vm_kernel_map_create: no memory")
  );
}

function create(vm: Vm, space: number, pid: number, min: number, max: number): VmMap | undefined {
  const { memory } = vm;
  const pmap = vm.host.zalloc("pmap");
  if (pmap === 0) return undefined;
  const address = vm.host.zalloc("vm_map");
  if (address === 0) {
    vm.host.zfree("pmap", pmap);
    return undefined;
  }
  for (let i = 0; i < pmapStruct.size; i += 4) memory.write32(pmap + i, 0);
  for (let i = 0; i < vmMap.size; i += 4) memory.write32(address + i, 0);
  const view = pmapStruct.at(memory, pmap);
  view.space = space;
  view.pid = pid;
  vmMap.at(memory, address).pmap = pmap;
  const map = new VmMap(address, pmap, min, max);
  vm.maps.set(address, map);
  return map;
}

/** Drops a reference; the last one takes everything with it. */
export function vm_map_deallocate(vm: Vm, map: VmMap): void {
  map.references -= 1;
  if (map.references > 0) return;
  map.alive = false;
  vm_map_delete(vm, map, map.min, map.max);
  if (map.hasGateway) pmap_remove(vm, map.pmap, GATEWAY, GATEWAY + PAGE_SIZE);
  const { space } = pmapStruct.at(vm.memory, map.pmap);
  if (mappingsOf(vm.memory, space).length > 0) panic(`vm_map_deallocate: mappings left: ${space}`);
  vm.freeSpaces.push(space);
  vm.maps.delete(map.address);
  vm.host.zfree("pmap", map.pmap);
  vm.host.zfree("vm_map", map.address);
}

/** Drops a reference to a submap; its pmap is its parent's. */
function vm_submap_deallocate(vm: Vm, submap: VmMap): void {
  submap.references -= 1;
  if (submap.references > 0) return;
  submap.alive = false;
  vm_map_delete(vm, submap, submap.min, submap.max);
}

/** Index of the first entry that ends above an address. */
export function entryIndex({ entries }: VmMap, address: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entry that an address is in. */
export function vm_map_lookup_entry(map: VmMap, address: number): VmMapEntry | undefined {
  const entry = map.entries[entryIndex(map, address)];
  return entry && entry.start <= address ? entry : undefined;
}

/** The entries of `[start, end)`, clipped to it; the range may have holes. */
export function entriesIn(map: VmMap, start: number, end: number): VmMapEntry[] {
  clip(map, start);
  clip(map, end);
  const found: VmMapEntry[] = [];
  for (let i = entryIndex(map, start); i < map.entries.length; i++) {
    const entry = map.entries[i]!;
    if (entry.start >= end) break;
    found.push(entry);
  }
  return found;
}

/** Whether every address of `[start, end)` is in an entry. */
export function isCovered(map: VmMap, start: number, end: number): boolean {
  let at = start;
  for (let i = entryIndex(map, start); at < end; i++) {
    const entry = map.entries[i];
    if (!entry || entry.start > at) return false;
    at = entry.end;
  }
  return true;
}

/** Splits the entry that an address is inside of. */
function clip(map: VmMap, address: number): void {
  const index = entryIndex(map, address);
  const entry = map.entries[index];
  if (!entry || entry.start >= address) return;
  const tail = { ...entry, start: address, offset: entry.offset + address - entry.start };
  entry.end = address;
  if (tail.object) tail.object.references += 1;
  if (tail.submap) tail.submap.references += 1;
  map.entries.splice(index + 1, 0, tail);
}

/**
 * Purpose: the lowest address from `from` on at which `length` bytes are free; aligned as `mask` says
 * (bits that must be zero).
 */
export function vm_map_find_space(
  map: VmMap,
  from: number,
  length: number,
  mask = 0,
): number | undefined {
  const align = (address: number): number => {
    const unit = mask + 1;
    return mask === 0 ? address : Math.ceil(address / unit) * unit;
  };
  let start = align(Math.max(from, map.min));
  for (let i = entryIndex(map, start); ; i++) {
    if (start + length > map.max) return undefined;
    const entry = map.entries[i];
    if (!entry || entry.start >= start + length) return start;
    start = align(entry.end);
  }
}

/** What a new entry says; the rest are an ordinary allocation's values. */
export interface EnterRange {
  readonly object?: VmObject | undefined;
  readonly submap?: VmMap | undefined;
  readonly offset?: number;
  readonly needsCopy?: boolean;
  readonly isShared?: boolean;
  readonly protection?: number;
  readonly maxProtection?: number;
  readonly inheritance?: number;
  readonly owner?: number;
}

/**
 * Purpose: enters `[start, end)`; the entry takes the caller's reference to the object over.
 * Returns: KERN_SUCCESS, KERN_INVALID_ADDRESS (outside the map), KERN_NO_SPACE (in use).
 */
export function vm_map_enter(map: VmMap, start: number, end: number, range: EnterRange): number {
  if (start < map.min || end > map.max || start >= end) return KERN_INVALID_ADDRESS;
  const index = entryIndex(map, start);
  const next = map.entries[index];
  if (next && next.start < end) return KERN_NO_SPACE;
  map.entries.splice(index, 0, {
    start,
    end,
    object: range.object,
    submap: range.submap,
    offset: range.offset ?? 0,
    needsCopy: range.needsCopy ?? false,
    isShared: range.isShared ?? false,
    protection: range.protection ?? VM_PROT.VM_PROT_DEFAULT,
    maxProtection: range.maxProtection ?? VM_PROT.VM_PROT_ALL,
    inheritance: range.inheritance ?? VM_INHERIT.VM_INHERIT_COPY,
    wiredCount: 0,
    owner: range.owner ?? 0,
  });
  return KERN_SUCCESS;
}

/** A task that is gone had a map: drops the reference. The kernel's stays, without what was the task's. */
export function vm_map_leave(vm: Vm, map: VmMap, task: number): void {
  if (map.pmap !== vm.kernelPmap) return vm_map_deallocate(vm, map);
  for (const { start, end } of map.entries.filter(({ owner }) => owner === task))
    vm_map_delete(vm, map, start, end);
}

/** Removes everything in `[start, end)`: mappings, wirings, references. */
export function vm_map_delete(vm: Vm, map: VmMap, start: number, end: number): void {
  const doomed = entriesIn(map, start, end);
  if (doomed.length === 0) return;
  map.entries.splice(map.entries.indexOf(doomed[0]!), doomed.length);
  for (const entry of doomed) {
    if (entry.wiredCount > 0) entryUnwire(vm, entry);
    pmap_remove(vm, map.pmap, entry.start, entry.end);
    if (entry.start < EQUIVALENT_END && map.pmap === vm.kernelPmap)
      vm.host.unmapKernel(entry.start, entry.end);
    if (entry.submap) vm_submap_deallocate(vm, entry.submap);
    vm_object_deallocate(vm, entry.object);
  }
}

/** Undoes the wirings of an entry's pages. */
export function entryUnwire(vm: Vm, entry: VmMapEntry): void {
  entry.wiredCount = 0;
  for (let at = entry.start; at < entry.end; at += PAGE_SIZE) {
    const page = findPage(entry.object, entry.offset + at - entry.start);
    if (page && page.wireCount > 0) vm.pages.unwire(page);
  }
}

/** The page that an object shows at an offset, from wherever in its chain; without side effects. */
export function findPage(from: VmObject | undefined, at: number) {
  let offset = at;
  for (let object = from; object; object = object.shadow) {
    const page = object.pages.get(offset);
    if (page && !page.absent) return page;
    const isElsewhere = object.paged.has(offset) || object.pager?.mayHave(offset);
    if (!page && isElsewhere) return undefined;
    offset += object.shadowOffset;
  }
  return undefined;
}
