/**
 * The calls on address maps, as tasks make them: what is checked, in which order, and the code of
 * each refusal. After Mach's vm/vm_user.c and the routines of vm/vm_map.c behind it.
 */
import { KERN_RETURN, VM_INHERIT, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Procedure } from "../kern/procedure.ts";
import { pmap_protect } from "./pmap.ts";
import { VM_COSTS } from "./vm-costs.ts";
import { vm_fault, vm_object_ready } from "./vm-fault.ts";
import {
  type Copied,
  copySlowly,
  copyWithoutPages,
  vm_map_copy_discard,
  vm_map_copy_overwrite,
  vm_map_copyin,
} from "./vm-map-copy.ts";
import {
  entriesIn,
  type EnterRange,
  entryIndex,
  entryUnwire,
  isCovered,
  roundPage,
  truncPage,
  vm_map_delete,
  vm_map_enter,
  vm_map_find_space,
  type VmMap,
} from "./vm-map.ts";
import { type VmObject, vm_object_deallocate } from "./vm-object.ts";
import type { Vm } from "./vm.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const {
  KERN_SUCCESS,
  KERN_FAILURE,
  KERN_INVALID_ADDRESS,
  KERN_INVALID_ARGUMENT,
  KERN_NO_SPACE,
  KERN_PROTECTION_FAILURE,
} = KERN_RETURN;
const { VM_PROT_ALL, VM_PROT_NONE } = VM_PROT;

/** A call's address, or its refusal. */
export type Placed = { readonly address: number } | { readonly kr: number };

/** Whole pages of a range; undefined when it wraps around. */
function range(address: number, size: number): readonly [number, number] | undefined {
  const end = roundPage(address + size);
  return end > 2 ** 32 ? undefined : [truncPage(address), end];
}

/**
 * Purpose: zero-filled memory, at `address` or anywhere.
 * Returns: the address; KERN_INVALID_ADDRESS, KERN_NO_SPACE.
 */
export function vm_allocate(
  vm: Vm,
  map: VmMap,
  address: number,
  size: number,
  anywhere: boolean,
  owner = 0,
): Placed {
  if (size === 0) return { address: 0 };
  const start = anywhere ? 0 : truncPage(address);
  return enter(vm, map, start, roundPage(size), 0, anywhere, { owner });
}

function enter(
  vm: Vm,
  map: VmMap,
  from: number,
  bytes: number,
  mask: number,
  anywhere: boolean,
  range: EnterRange,
): Placed {
  vm.host.charge(VM_COSTS.operation);
  if (!map.alive) return { kr: KERN_INVALID_ARGUMENT };
  // Page zero is not given away unasked: a null pointer should fault.
  const start = anywhere ? vm_map_find_space(map, Math.max(from, PAGE_SIZE), bytes, mask) : from;
  if (start === undefined) return { kr: KERN_NO_SPACE };
  const kr =
    !anywhere && (start & mask) !== 0
      ? KERN_NO_SPACE
      : vm_map_enter(map, start, start + bytes, range);
  return kr === KERN_SUCCESS ? { address: start } : { kr };
}

/** Removes whatever is in a range. Returns KERN_SUCCESS, KERN_INVALID_ARGUMENT (it wraps around). */
export function vm_deallocate(vm: Vm, map: VmMap, address: number, size: number): number {
  if (size === 0) return KERN_SUCCESS;
  const pages = range(address, size);
  if (!pages) return KERN_INVALID_ARGUMENT;
  vm.host.charge(VM_COSTS.operation);
  vm_map_delete(vm, map, Math.max(pages[0], map.min), Math.min(pages[1], map.max));
  return KERN_SUCCESS;
}

/**
 * Purpose: sets the current protection, or the maximum, to which the current one is then reduced.
 * Returns: KERN_SUCCESS; KERN_INVALID_ARGUMENT (bits that mean nothing, a submap, it wraps around);
 * KERN_INVALID_ADDRESS (nothing is allocated in a part); KERN_PROTECTION_FAILURE (beyond the maximum).
 */
export function vm_protect(
  vm: Vm,
  map: VmMap,
  address: number,
  size: number,
  setMaximum: boolean,
  protection: number,
): number {
  if ((protection & ~VM_PROT_ALL) !== 0) return KERN_INVALID_ARGUMENT;
  if (size === 0) return KERN_SUCCESS;
  const pages = range(address, size);
  if (!pages) return KERN_INVALID_ARGUMENT;
  const [start, end] = pages;
  if (!isCovered(map, start, end)) return KERN_INVALID_ADDRESS;
  const entries = entriesIn(map, start, end);
  if (entries.some(({ submap }) => submap)) return KERN_INVALID_ARGUMENT;
  if (entries.some(({ maxProtection }) => (maxProtection & protection) !== protection))
    return KERN_PROTECTION_FAILURE;
  vm.host.charge(VM_COSTS.operation);
  for (const entry of entries) {
    const old = entry.protection;
    if (setMaximum) entry.maxProtection = protection;
    entry.protection = setMaximum ? old & protection : protection;
    if ((old & ~entry.protection) === 0) continue;
    pmap_protect(vm, map.pmap, entry.start, entry.end, entry.protection);
  }
  return KERN_SUCCESS;
}

/** Returns KERN_SUCCESS, KERN_INVALID_ARGUMENT. Parts without memory have nothing to inherit. */
export function vm_inherit(
  vm: Vm,
  map: VmMap,
  address: number,
  size: number,
  inheritance: number,
): number {
  if (inheritance > VM_INHERIT.VM_INHERIT_NONE) return KERN_INVALID_ARGUMENT;
  if (size === 0) return KERN_SUCCESS;
  const pages = range(address, size);
  if (!pages) return KERN_INVALID_ARGUMENT;
  vm.host.charge(VM_COSTS.operation);
  for (const entry of entriesIn(map, pages[0], pages[1])) entry.inheritance = inheritance;
  return KERN_SUCCESS;
}

/** Whether a copying call's range is whole pages, as Mach 3.0 demands of vm_copy and vm_write. */
const isAligned = (...values: number[]): boolean =>
  values.every((value) => value % PAGE_SIZE === 0);

/**
 * Purpose: a copy of memory for the caller.
 * Returns: its handle; KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE, what a page failed with.
 */
export function* vm_read(vm: Vm, map: VmMap, address: number, size: number): Procedure<Copied> {
  if (address + size > 2 ** 32) return { kr: KERN_INVALID_ADDRESS };
  return yield* vm_map_copyin(vm, map, address, size, false);
}

/**
 * Purpose: writes a copy's data over memory; consumes the copy if it succeeds.
 * Returns: KERN_SUCCESS, KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE, what a page failed with.
 */
export function* vm_write(vm: Vm, map: VmMap, address: number, copy: number): Procedure<number> {
  return yield* vm_map_copy_overwrite(vm, map, address, copy);
}

/** Returns as `vm_write`; KERN_INVALID_ARGUMENT: not whole pages. */
export function* vm_copy(
  vm: Vm,
  map: VmMap,
  source: number,
  size: number,
  destination: number,
): Procedure<number> {
  if (!isAligned(source, size, destination)) return KERN_INVALID_ARGUMENT;
  if (Math.max(source, destination) + size > 2 ** 32) return KERN_INVALID_ADDRESS;
  const copied = yield* vm_map_copyin(vm, map, source, size, false);
  if ("kr" in copied) return copied.kr;
  let kr: number = KERN_FAILURE;
  try {
    kr = yield* vm_map_copy_overwrite(vm, map, destination, copied.copy);
  } finally {
    if (kr !== KERN_SUCCESS) vm_map_copy_discard(vm, copied.copy);
  }
  return kr;
}

export interface Region {
  readonly address: number;
  readonly size: number;
  readonly protection: number;
  readonly max_protection: number;
  readonly inheritance: number;
  readonly is_shared: boolean;
  readonly object: VmObject | undefined;
  readonly offset: number;
}

/** The entry at or above an address; KERN_NO_SPACE when there is none, KERN_INVALID_ARGUMENT. */
export function vm_region(map: VmMap, address: number): Region | number {
  if (!map.alive) return KERN_INVALID_ARGUMENT;
  const entry = map.entries[entryIndex(map, address)];
  if (!entry) return KERN_NO_SPACE;
  return {
    address: entry.start,
    size: entry.end - entry.start,
    protection: entry.protection,
    max_protection: entry.maxProtection,
    inheritance: entry.inheritance,
    is_shared: entry.isShared,
    object: entry.submap ? undefined : entry.object,
    offset: entry.offset,
  };
}

export interface MapRequest {
  readonly address: number;
  readonly size: number;
  readonly mask: number;
  readonly anywhere: boolean;
  /** One reference of it, consumed; undefined: zeroes. */
  readonly object: VmObject | undefined;
  readonly offset: number;
  readonly copy: boolean;
  readonly protection: number;
  readonly maxProtection: number;
  readonly inheritance: number;
  /** The task that it is for. */
  readonly owner?: number;
}

/**
 * Purpose: maps an object, or a copy of it.
 * Returns: the address; KERN_INVALID_ARGUMENT (bits that mean nothing, size 0, an offset inside a
 * page), KERN_INVALID_ADDRESS, KERN_NO_SPACE.
 */
export function* vm_map(vm: Vm, map: VmMap, request: MapRequest): Procedure<Placed> {
  const { address, size, mask, anywhere, offset, protection, maxProtection, inheritance } = request;
  const bytes = roundPage(size);
  const refuse = (kr: number): Placed => {
    vm_object_deallocate(vm, request.object);
    return { kr };
  };
  const isWrong =
    ((protection | maxProtection) & ~VM_PROT_ALL) !== 0 ||
    (protection & ~maxProtection) !== VM_PROT_NONE ||
    inheritance > VM_INHERIT.VM_INHERIT_NONE ||
    size === 0 ||
    !isAligned(offset);
  if (isWrong) return refuse(KERN_INVALID_ARGUMENT);
  if (request.object && request.copy) {
    const kr = yield* vm_object_ready(request.object);
    if (kr !== KERN_SUCCESS) return refuse(kr);
  }
  const attributes = { protection, maxProtection, inheritance, owner: request.owner ?? 0 };
  const start = anywhere ? address : truncPage(address);
  const placed = enter(vm, map, start, bytes, mask, anywhere, {
    ...attributes,
    object: request.object,
    offset,
    isShared: request.object !== undefined && !request.copy,
  });
  if ("kr" in placed) return refuse(placed.kr);
  if (request.object && !request.copy) request.object.useSharedCopy = true;
  if (request.object && request.copy) return yield* becomeCopy(vm, map, placed.address, bytes);
  return placed;
}

/** Turns an entry that shows an object into one that shows a copy of it. */
function* becomeCopy(vm: Vm, map: VmMap, start: number, bytes: number): Procedure<Placed> {
  const [entry] = entriesIn(map, start, start + bytes);
  const original = entry!.object!;
  const copied = copyWithoutPages(vm, map, entry!);
  if (copied) {
    const { object, offset, newNeedsCopy } = copied;
    entry!.object = object;
    entry!.offset = offset;
    entry!.needsCopy = newNeedsCopy;
    vm_object_deallocate(vm, original);
    return { address: start };
  }
  const part = yield* copySlowly(vm, map, start, bytes);
  const [now] = entriesIn(map, start, start + bytes);
  if (typeof part === "number" || now !== entry) {
    if (typeof part !== "number") vm_object_deallocate(vm, part.object);
    if (now === entry) vm_map_delete(vm, map, start, start + bytes);
    return { kr: typeof part === "number" ? part : KERN_INVALID_ADDRESS };
  }
  pmap_protect(vm, map.pmap, start, start + bytes, VM_PROT_NONE);
  entry!.object = part.object;
  entry!.offset = part.offset;
  vm_object_deallocate(vm, original);
  return { address: start };
}

/**
 * Purpose: wires a range for an access, or, with VM_PROT_NONE, unwires it.
 * Returns: KERN_SUCCESS; KERN_INVALID_ARGUMENT (bits that mean nothing, or unwired already);
 * KERN_INVALID_ADDRESS; KERN_PROTECTION_FAILURE; what a page failed with. Nothing is wired then.
 */
export function* vm_wire(
  vm: Vm,
  map: VmMap,
  address: number,
  size: number,
  access: number,
): Procedure<number> {
  const pages = range(address, size);
  if ((access & ~VM_PROT_ALL) !== 0 || !pages) return KERN_INVALID_ARGUMENT;
  const [start, end] = pages;
  if (!isCovered(map, start, end)) return KERN_INVALID_ADDRESS;
  const entries = entriesIn(map, start, end);
  if (access === VM_PROT_NONE) {
    if (entries.some(({ wiredCount }) => wiredCount === 0)) return KERN_INVALID_ARGUMENT;
    for (const entry of entries) {
      entry.wiredCount -= 1;
      if (entry.wiredCount === 0) entryUnwire(vm, entry);
    }
    return KERN_SUCCESS;
  }
  for (const entry of entries)
    if ((entry.protection & access) !== access) return KERN_PROTECTION_FAILURE;
  const done: [number, number][] = [];
  for (let at = start; at < end;) {
    const [entry] = entriesIn(map, at, end);
    if (!entry || entry.start !== at) return unwireAll(vm, map, done, KERN_INVALID_ADDRESS);
    const { wiredCount, protection } = entry;
    entry.wiredCount += 1;
    done.push([at, entry.end]);
    const until = entry.end;
    for (; at < until; at += PAGE_SIZE) {
      if (wiredCount > 0) continue;
      const wanted = access | (protection & VM_PROT.VM_PROT_WRITE);
      const kr = yield* vm_fault(vm, map, at, wanted, true);
      if (kr !== KERN_SUCCESS) return unwireAll(vm, map, done, kr);
    }
  }
  return KERN_SUCCESS;
}

function unwireAll(
  vm: Vm,
  map: VmMap,
  done: readonly (readonly [number, number])[],
  kr: number,
): number {
  for (const [start, end] of done)
    for (const entry of entriesIn(map, start, end)) {
      entry.wiredCount = Math.max(0, entry.wiredCount - 1);
      if (entry.wiredCount === 0) entryUnwire(vm, entry);
    }
  return kr;
}

/** `vm_statistics_data_t`, 13 words. */
export function vm_statistics({ pages, counters }: Vm): number[] {
  const { zero_fill_count, reactivations, pageins, pageouts, faults, cow_faults } = counters;
  return [
    PAGE_SIZE,
    pages.freeCount,
    pages.active.size,
    pages.inactive.size,
    pages.wiredCount,
    zero_fill_count,
    reactivations,
    pageins,
    pageouts,
    faults,
    cow_faults,
    counters.lookups,
    counters.hits,
  ];
}
