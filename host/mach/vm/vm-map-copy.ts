/**
 * Copies of address ranges on their way from map to map, or to nobody: out-of-line memory of
 * messages, vm_read, vm_write, vm_copy. Whole pages are copied on write; a copy's first and last page
 * may hold more than was asked for, which the receiver never sees written. A copy is named by a
 * handle, a small number that stands in a message's pointer word. After Mach's vm/vm_map.c
 * (vm_map_copyin, vm_map_copyout, vm_map_copy_overwrite, vm_map_copy_discard).
 */
import { KERN_RETURN, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import type { Procedure } from "../kern/procedure.ts";
import { pmap_copy_on_write, pmap_page_flush } from "./pmap.ts";
import { VM_COSTS } from "./vm-costs.ts";
import { copyBytes } from "./copy-contents.ts";
import { vm_fault, vm_object_fault } from "./vm-fault.ts";
import {
  entriesIn,
  findPage,
  isCovered,
  roundPage,
  truncPage,
  vm_map_delete,
  vm_map_enter,
  vm_map_find_space,
  vm_map_lookup_entry,
  type VmMap,
  type VmMapEntry,
} from "./vm-map.ts";
import { type VmObject, vm_object_allocate, vm_object_deallocate } from "./vm-object.ts";
import { type ObjectCopy, vm_object_copy } from "./vm-object-copy.ts";
import { vm_page_grab } from "./vm-pageout.ts";
import type { VmPage } from "./vm-page.ts";
import type { Vm } from "./vm.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const {
  KERN_SUCCESS,
  KERN_INVALID_ADDRESS,
  KERN_NO_SPACE,
  KERN_PROTECTION_FAILURE,
  KERN_RESOURCE_SHORTAGE,
} = KERN_RETURN;
const { VM_PROT_READ, VM_PROT_WRITE } = VM_PROT;

export interface CopyPart {
  readonly bytes: number;
  readonly object: VmObject | undefined;
  readonly offset: number;
  readonly needsCopy: boolean;
}

export interface VmMapCopy {
  readonly handle: number;
  /** Where the data begin in the first page, and how many they are. */
  readonly inPage: number;
  readonly length: number;
  /** Whole pages, in order. */
  readonly parts: readonly CopyPart[];
}

export type Copied = { readonly copy: number } | { readonly kr: number };

/**
 * Purpose: copies `[address, address + length)` of a map; with `srcDestroy` it is gone from there.
 * Conditions: length 0 is handle 0, which every routine here takes.
 * Returns: the copy's handle; KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE, KERN_MEMORY_ERROR,
 * KERN_ABORTED, KERN_RESOURCE_SHORTAGE; nothing has changed then.
 */
export function* vm_map_copyin(
  vm: Vm,
  map: VmMap,
  address: number,
  length: number,
  srcDestroy: boolean,
): Procedure<Copied> {
  if (length === 0) return { copy: 0 };
  const start = truncPage(address);
  const end = roundPage(address + length);
  vm.host.charge(VM_COSTS.operation);
  const parts: CopyPart[] = [];
  const fail = (kr: number): Copied => {
    for (const { object } of parts) vm_object_deallocate(vm, object);
    return { kr };
  };
  for (let at = start; at < end;) {
    const kr = readable(map, at);
    if (kr !== KERN_SUCCESS) return fail(kr);
    const [entry] = entriesIn(map, at, end);
    const part = yield* copyEntry(vm, map, entry!);
    if (typeof part === "number") return fail(part);
    parts.push(part);
    at += part.bytes;
  }
  if (srcDestroy) vm_map_delete(vm, map, start, end);
  const handle = vm.nextCopy++;
  vm.copies.set(handle, { handle, inPage: address - start, length, parts });
  return { copy: handle };
}

function readable(map: VmMap, address: number): number {
  const entry = map.alive ? vm_map_lookup_entry(map, address) : undefined;
  if (!entry) return KERN_INVALID_ADDRESS;
  return (entry.protection & VM_PROT_READ) === 0 ? KERN_PROTECTION_FAILURE : KERN_SUCCESS;
}

/** Copies what one entry shows, without its pages if that is possible. */
function* copyEntry(vm: Vm, map: VmMap, entry: VmMapEntry): Procedure<CopyPart | number> {
  const bytes = entry.end - entry.start;
  const copied =
    entry.submap || entry.wiredCount > 0 ? undefined : copyWithoutPages(vm, map, entry);
  if (!copied) return yield* copySlowly(vm, map, entry.start, bytes);
  return { bytes, object: copied.object, offset: copied.offset, needsCopy: copied.newNeedsCopy };
}

/** Copies an entry's object; undefined: its pager wants its pages to be copied. */
export function copyWithoutPages(vm: Vm, map: VmMap, entry: VmMapEntry): ObjectCopy | undefined {
  const { object, offset, start, end } = entry;
  const strategy = object?.pager?.strategy;
  if (strategy !== "none" && strategy !== "call") return copyObject(vm, map, entry);
  const copy = strategy === "call" ? object?.pager?.copy(offset, end - start) : undefined;
  return copy && { object: copy, offset: 0, sourceNeedsCopy: false, newNeedsCopy: false };
}

/** Copies an entry's object; from then on the source writes to a copy too, if need be. */
function copyObject(vm: Vm, map: VmMap, entry: VmMapEntry): ObjectCopy {
  const copied = vm_object_copy(vm, entry.object, entry.offset);
  if (copied.sourceNeedsCopy && !entry.needsCopy) {
    entry.needsCopy = true;
    pmap_copy_on_write(vm, map.pmap, entry.start, entry.end);
  }
  return copied;
}

/** Copies page by page. */
export function* copySlowly(
  vm: Vm,
  map: VmMap,
  start: number,
  bytes: number,
): Procedure<CopyPart | number> {
  const object = vm_object_allocate(vm, bytes);
  let whole = false;
  try {
    for (let offset = 0; offset < bytes; offset += PAGE_SIZE) {
      const page = yield* vm_page_grab(vm);
      if (!page) return KERN_RESOURCE_SHORTAGE;
      vm.pages.insert(page, object, offset);
      page.busy = true;
      const source = yield* residentPage(vm, map, start + offset);
      page.busy = false;
      if (typeof source === "number") return source;
      if (source) {
        pmap_page_flush(vm, source);
        vm.pages.copy(source, page);
      } else vm.pages.zeroFill(page);
      page.dirty = true;
      vm.pages.activate(page);
    }
    whole = true;
    return { bytes, object, offset: 0, needsCopy: false };
  } finally {
    if (!whole) {
      for (const page of object.pages.values()) page.busy = false;
      vm_object_deallocate(vm, object);
    }
  }
}

/**
 * The page that a map shows at an address, whatever its protection: a fork copies what its owner may
 * not read. Undefined: zeroes.
 */
function* residentPage(
  vm: Vm,
  map: VmMap,
  address: number,
): Procedure<VmPage | number | undefined> {
  const place = map.alive ? locate(map, address) : undefined;
  if (!place) return KERN_INVALID_ADDRESS;
  return place.object && (yield* vm_object_fault(vm, place.object, place.offset));
}

function locate(
  map: VmMap,
  address: number,
): { readonly object: VmObject | undefined; readonly offset: number } | undefined {
  const entry = vm_map_lookup_entry(map, address);
  if (!entry) return undefined;
  const offset = entry.offset + address - entry.start;
  return entry.submap ? locate(entry.submap, offset) : { object: entry.object, offset };
}

function take(vm: Vm, handle: number): VmMapCopy {
  const copy = vm.copies.get(handle) ?? panic(`vm_map_copy: no copy ${handle}`);
  vm.copies.delete(handle);
  return copy;
}

/**
 * Purpose: enters a copy at free addresses of a map.
 * Returns: the address of its first byte (0 for the empty copy), and the copy is used up; or
 * KERN_NO_SPACE, and it is not.
 */
export function vm_map_copyout(
  vm: Vm,
  map: VmMap,
  handle: number,
  owner = 0,
): { readonly address: number } | { readonly kr: number } {
  if (handle === 0) return { address: 0 };
  const copy = vm.copies.get(handle) ?? panic(`vm_map_copyout: no copy ${handle}`);
  const bytes = roundPage(copy.inPage + copy.length);
  const start = map.alive ? vm_map_find_space(map, PAGE_SIZE, bytes) : undefined;
  if (start === undefined) return { kr: KERN_NO_SPACE };
  take(vm, handle);
  enterParts(map, start, copy.parts, (part) => ({ ...part, owner }));
  vm.host.charge(VM_COSTS.operation);
  return { address: start + copy.inPage };
}

function enterParts(
  map: VmMap,
  start: number,
  parts: readonly CopyPart[],
  change: (part: CopyPart) => Parameters<typeof vm_map_enter>[3],
): void {
  let at = start;
  for (const part of parts) {
    const kr = vm_map_enter(map, at, at + part.bytes, change(part));
    if (kr !== KERN_SUCCESS) panic(`vm_map_copyout: ${kr}`);
    at += part.bytes;
  }
}

/** Drops a copy that nobody will have. A handle that was used up stands for nothing any more. */
export function vm_map_copy_discard(vm: Vm, handle: number): void {
  if (!vm.copies.has(handle)) return;
  for (const { object } of take(vm, handle).parts) vm_object_deallocate(vm, object);
}

/**
 * Purpose: writes a copy's data over `[address, …)` of a map.
 * Returns: KERN_SUCCESS, and the copy is used up; KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE, or
 * what bringing a page in failed with, and it is not.
 */
export function* vm_map_copy_overwrite(
  vm: Vm,
  map: VmMap,
  address: number,
  handle: number,
): Procedure<number> {
  if (handle === 0) return KERN_SUCCESS;
  const copy = vm.copies.get(handle) ?? panic(`vm_map_copy_overwrite: no copy ${handle}`);
  const start = truncPage(address);
  const end = roundPage(address + copy.length);
  if (!isCovered(map, start, end)) return KERN_INVALID_ADDRESS;
  for (const entry of entriesIn(map, start, end))
    if ((entry.protection & VM_PROT_WRITE) === 0) return KERN_PROTECTION_FAILURE;
  const isWhole = copy.inPage === 0 && start === address && copy.length % PAGE_SIZE === 0;
  if (isWhole && replace(vm, map, start, end, copy)) return KERN_SUCCESS;
  return yield* overwriteBytes(vm, map, address, copy);
}

/** Puts the copy's objects where the old ones were, if the entries are nobody else's. */
function replace(vm: Vm, map: VmMap, start: number, end: number, copy: VmMapCopy): boolean {
  const old = entriesIn(map, start, end);
  const isPrivate = ({ object, submap, wiredCount, isShared }: VmMapEntry): boolean =>
    !submap && wiredCount === 0 && !isShared && !object?.pager && !object?.useSharedCopy;
  const [first] = old;
  const isEven = old.every(
    ({ protection, maxProtection, inheritance, owner }) =>
      protection === first!.protection &&
      maxProtection === first!.maxProtection &&
      inheritance === first!.inheritance &&
      owner === first!.owner,
  );
  if (!isEven || !old.every(isPrivate)) return false;
  const { protection, maxProtection, inheritance, owner } = first!;
  take(vm, copy.handle);
  vm_map_delete(vm, map, start, end);
  enterParts(map, start, copy.parts, (part) => ({
    ...part,
    protection,
    maxProtection,
    inheritance,
    owner,
  }));
  vm.host.charge(VM_COSTS.operation);
  return true;
}

/** Copies through a window of a map of the kernel's own, page by page. */
function* overwriteBytes(vm: Vm, map: VmMap, address: number, copy: VmMapCopy): Procedure<number> {
  const { inPage, length } = copy;
  for (let done = 0; done < length;) {
    const from = inPage + done;
    const to = address + done;
    const count = Math.min(
      length - done,
      PAGE_SIZE - (from % PAGE_SIZE),
      PAGE_SIZE - (to % PAGE_SIZE),
    );
    const bytes = yield* copyBytes(vm, copy, from, count);
    if (typeof bytes === "number") return bytes;
    const page = yield* writablePage(vm, map, to);
    if (typeof page === "number") return page;
    pmap_page_flush(vm, page);
    vm.memory.copyIn(page.frame + (to % PAGE_SIZE), bytes);
    vm.host.charge(VM_COSTS.copyWords, Math.ceil(count / 4));
    done += count;
  }
  vm_map_copy_discard(vm, copy.handle);
  return KERN_SUCCESS;
}

/** The page at an address, brought in for writing. */
function* writablePage(vm: Vm, map: VmMap, address: number) {
  for (;;) {
    const kr = yield* vm_fault(vm, map, address, VM_PROT_READ | VM_PROT_WRITE);
    if (kr !== KERN_SUCCESS) return kr;
    const place = locate(map, truncPage(address));
    const page = place && findPage(place.object, place.offset);
    if (page) return page;
  }
}
