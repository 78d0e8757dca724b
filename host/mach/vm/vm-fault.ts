/**
 * Page faults: which page an address should show, and how it gets there. A fault looks everything up
 * anew after each wait, so nothing it holds can be stale. After Mach's vm/vm_fault.c.
 */
import { KERN_RETURN, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Procedure, Wait } from "../kern/procedure.ts";
import { pmap_enter, pmap_page_flush, pmap_page_protect } from "./pmap.ts";
import { VM_COSTS } from "./vm-costs.ts";
import {
  entryIndex,
  truncPage,
  vm_map_lookup_entry,
  type VmMap,
  type VmMapEntry,
} from "./vm-map.ts";
import {
  hasPage,
  type VmObject,
  vm_object_allocate,
  vm_object_collapse,
  vm_object_shadow,
  vm_page_discard,
  vm_page_wakeup,
} from "./vm-object.ts";
import type { VmPage } from "./vm-page.ts";
import { vm_page_grab } from "./vm-pageout.ts";
import type { Vm } from "./vm.ts";

const {
  KERN_SUCCESS,
  KERN_ABORTED,
  KERN_INVALID_ADDRESS,
  KERN_MEMORY_ERROR,
  KERN_PROTECTION_FAILURE,
  KERN_RESOURCE_SHORTAGE,
} = KERN_RETURN;
const { VM_PROT_WRITE } = VM_PROT;

/** A page's place in an object. */
interface Place {
  readonly object: VmObject;
  readonly offset: number;
  /** What the page may be entered for. */
  readonly protection: number;
}

export interface Found extends Place {
  readonly entry: VmMapEntry;
}

/**
 * Purpose: what a map shows at a page, for an access. An entry that is copied on write gets an object
 * of its own when it is written; memory never touched gets its object.
 * Returns: the place, or KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE.
 */
export function vm_map_lookup(vm: Vm, map: VmMap, address: number, access: number): Found | number {
  const entry = vm_map_lookup_entry(map, address);
  walk(vm, map, address);
  if (!map.alive || !entry) return KERN_INVALID_ADDRESS;
  if ((entry.protection & access) !== access) return KERN_PROTECTION_FAILURE;
  const inEntry = address - entry.start;
  if (entry.submap) {
    const found = vm_map_lookup(vm, entry.submap, inEntry + entry.offset, access);
    if (typeof found === "number") return found;
    return { ...found, protection: found.protection & entry.protection };
  }
  let { protection } = entry;
  if (entry.needsCopy && entry.object) {
    if ((access & VM_PROT_WRITE) === 0) protection &= ~VM_PROT_WRITE;
    else {
      entry.object = vm_object_shadow(vm, entry.object, entry.offset, entry.end - entry.start);
      entry.offset = 0;
      entry.needsCopy = false;
    }
  }
  entry.object ??= fresh(vm, entry);
  return { entry, object: entry.object, offset: entry.offset + inEntry, protection };
}

/** What a list of entries costs to look through: from the last one found, or from the first. */
function walk(vm: Vm, map: VmMap, address: number): void {
  const index = entryIndex(map, address);
  const passed = index >= map.hint ? index - map.hint : index;
  map.hint = index;
  if (passed > 0) vm.host.charge(VM_COSTS.entry, passed);
}

function fresh(vm: Vm, entry: VmMapEntry): VmObject {
  entry.offset = 0;
  entry.needsCopy = false;
  return vm_object_allocate(vm, entry.end - entry.start);
}

/** What a step of a fault comes to. */
type Step =
  | { readonly page: VmPage; readonly protection: number }
  /** Wait, then look again. */
  | { readonly wait: Procedure<number> }
  | number;

/**
 * Purpose: makes the page at an address of a map usable for an access (VM_PROT bits), and wires it
 * if wanted.
 * Returns: KERN_SUCCESS; KERN_INVALID_ADDRESS; KERN_PROTECTION_FAILURE; KERN_MEMORY_ERROR: its pager
 * does not provide it; KERN_RESOURCE_SHORTAGE: no memory; KERN_ABORTED: the wait was interrupted.
 */
export function* vm_fault(
  vm: Vm,
  map: VmMap,
  at: number,
  access: number,
  wire = false,
): Procedure<number> {
  const address = truncPage(at);
  vm.counters.faults += 1;
  vm.host.charge(VM_COSTS.fault);
  for (;;) {
    const found = vm_map_lookup(vm, map, address, access);
    if (typeof found === "number") return found;
    const step = vm_fault_page(vm, found, access);
    if (typeof step === "number") return step;
    if ("wait" in step) {
      const kr = yield* step.wait;
      if (kr !== KERN_SUCCESS) return kr;
      continue;
    }
    const { page, protection } = step;
    if (wire) vm.pages.wire(page);
    else if (page.wireCount === 0) {
      if (page.queue === "inactive") vm.counters.reactivations += 1;
      vm.pages.activate(page);
    }
    const dirty = (access & VM_PROT_WRITE) !== 0;
    if (dirty) page.dirty = true;
    const wired = wire || found.entry.wiredCount > 0;
    pmap_enter(vm, map.pmap, address, page.frame, protection, { wired, dirty });
    return KERN_SUCCESS;
  }
}

/** Finds the page in the object chain, as far as that goes without waiting. */
function vm_fault_page(vm: Vm, found: Place, access: number): Step {
  const first = found.object;
  let { offset } = found;
  for (let object = first; ;) {
    const page = object.pages.get(offset);
    if (page?.busy) return { wait: waitFor(page) };
    if (page?.error) {
      vm_page_discard(vm, page);
      return KERN_MEMORY_ERROR;
    }
    if (page && !page.absent) {
      if ((page.pageLock & access) !== 0) return { wait: unlock(object, page, access) };
      return object === first
        ? changeOwn(vm, found, page, access)
        : changeShadowed(vm, found, page, access);
    }
    if (!page && object.paged.has(offset)) return { wait: pageIn(vm, object, offset) };
    if (!page && object.pager?.mayHave(offset))
      return { wait: request(vm, object, offset, access) };
    if (!object.shadow) break;
    offset += object.shadowOffset;
    object = object.shadow;
  }
  return zeroFill(vm, found, access);
}

/** The page is the first object's own: a copy object takes it as it is before it is written. */
function changeOwn(vm: Vm, found: Place, page: VmPage, access: number): Step {
  const { copy } = found.object;
  let protection = found.protection & ~page.pageLock;
  if (!copy) return { page, protection };
  const offset = page.offset - copy.shadowOffset;
  const isTaken = offset < 0 || offset >= copy.size || hasPage(copy, offset);
  if (isTaken) return { page, protection };
  protection &= ~VM_PROT_WRITE;
  if ((access & VM_PROT_WRITE) === 0) return { page, protection };
  const taken = vm.pages.grab();
  if (!taken) return { wait: makeRoom(vm) };
  copyPage(vm, page, taken);
  vm.pages.insert(taken, copy, offset);
  vm.pages.activate(taken);
  pmap_page_protect(vm, page, "none"); // whoever read it through the copy looks again
  return { page, protection: found.protection & ~page.pageLock };
}

/** The page is a shadow's: it is read where it is, and written to a copy. */
function changeShadowed(vm: Vm, found: Place, page: VmPage, access: number): Step {
  if ((access & VM_PROT_WRITE) === 0)
    return { page, protection: found.protection & ~VM_PROT_WRITE & ~page.pageLock };
  const own = place(vm, found);
  if (!own) return { wait: makeRoom(vm) };
  vm.counters.cow_faults += 1;
  copyPage(vm, page, own);
  if (page.wireCount === 0) vm.pages.activate(page);
  // Others may see the old page through the first object: they look again.
  pmap_page_protect(vm, page, "none");
  vm_object_collapse(vm, found.object);
  return changeOwn(vm, found, own, access);
}

/** Nobody has anything: zeroes. */
function zeroFill(vm: Vm, found: Place, access: number): Step {
  const page = place(vm, found);
  if (!page) return { wait: makeRoom(vm) };
  vm.counters.zero_fill_count += 1;
  vm.pages.zeroFill(page);
  return changeOwn(vm, found, page, access);
}

/** A page of the first object's own for the offset; a place that was held there gives way. */
function place(vm: Vm, { object, offset }: Place): VmPage | undefined {
  const held = object.pages.get(offset);
  if (held) {
    held.absent = false;
    return held;
  }
  const page = vm.pages.freeCount <= vm.pages.freeMinimum ? undefined : vm.pages.grab();
  if (page) vm.pages.insert(page, object, offset);
  return page;
}

function copyPage(vm: Vm, from: VmPage, to: VmPage): void {
  pmap_page_flush(vm, from);
  vm.pages.copy(from, to);
  to.dirty = true;
}

function* makeRoom(vm: Vm): Procedure<number> {
  const page = yield* vm_page_grab(vm);
  if (!page) return KERN_RESOURCE_SHORTAGE;
  vm.pages.free(page);
  return KERN_SUCCESS;
}

function* wait(wish: Wait): Procedure<number> {
  return (yield wish) === "interrupted" ? KERN_ABORTED : KERN_SUCCESS;
}

const waitFor = (page: VmPage): Procedure<number> => wait({ event: page, interruptible: true });

function* unlock(object: VmObject, page: VmPage, access: number): Procedure<number> {
  if ((access & ~page.unlockRequest) !== 0) {
    page.unlockRequest |= access;
    object.pager?.data_unlock(object, page.offset, page.unlockRequest);
  }
  return yield* waitFor(page);
}

/** Brings a page back from the paging space. */
function* pageIn(vm: Vm, object: VmObject, offset: number): Procedure<number> {
  const page = yield* vm_page_grab(vm);
  if (!page) return KERN_RESOURCE_SHORTAGE;
  const paged = object.paged.get(offset);
  if (!object.alive || object.pages.has(offset) || !paged) {
    vm.pages.free(page); // somebody was faster
    return KERN_SUCCESS;
  }
  vm.pages.insert(page, object, offset);
  page.busy = true;
  vm.counters.pageins += 1;
  try {
    const fetching = vm.paging.fetch(paged);
    if (fetching) yield fetching;
  } finally {
    if (page.busy && page.object === object && page.offset === offset) {
      vm.pages.write(page, vm.paging.bytesOf(paged));
      vm.pages.activate(page);
      vm_page_wakeup(vm, page);
    }
  }
  return KERN_SUCCESS;
}

/**
 * Purpose: waits until an object's pager has said what it is, and so how it is to be copied.
 * Returns: KERN_SUCCESS, KERN_ABORTED.
 */
export function* vm_object_ready({ pager }: VmObject): Procedure<number> {
  while (pager && !pager.ready) {
    const kr = yield* wait({ event: pager, interruptible: true });
    if (kr !== KERN_SUCCESS) return kr;
  }
  return KERN_SUCCESS;
}

/** Asks an object's pager, once for all who want the page. */
function* request(vm: Vm, object: VmObject, offset: number, access: number): Procedure<number> {
  const { pager } = object;
  if (pager && !pager.ready) return yield* vm_object_ready(object);
  const page = yield* vm_page_grab(vm);
  if (!page) return KERN_RESOURCE_SHORTAGE;
  if (!object.alive || object.pages.has(offset) || object.pager !== pager) {
    vm.pages.free(page);
    return KERN_SUCCESS;
  }
  vm.pages.insert(page, object, offset);
  page.busy = true;
  page.absent = true;
  vm.counters.pageins += 1;
  pager?.data_request(object, offset, access);
  return page.busy ? yield* waitFor(page) : KERN_SUCCESS;
}

/** The page that an object shows at an offset, brought in for reading; or why it cannot be. */
export function* vm_object_fault(
  vm: Vm,
  object: VmObject,
  offset: number,
): Procedure<VmPage | number> {
  for (;;) {
    const place = { object, offset, protection: VM_PROT.VM_PROT_READ };
    const step = vm_fault_page(vm, place, VM_PROT.VM_PROT_READ);
    if (typeof step === "number") return step;
    if ("page" in step) {
      if (step.page.queue === "none") vm.pages.activate(step.page);
      return step.page;
    }
    const kr = yield* step.wait;
    if (kr !== KERN_SUCCESS) return kr;
  }
}

/** Makes every page of a range usable; the first failure's code, or KERN_SUCCESS. */
export function* vm_fault_range(
  vm: Vm,
  map: VmMap,
  address: number,
  length: number,
  access: number,
): Procedure<number> {
  for (let page = truncPage(address); page < address + length; page += MEMORY_MAP.PAGE_SIZE) {
    const kr = yield* vm_fault(vm, map, page, access);
    if (kr !== KERN_SUCCESS) return kr;
  }
  return KERN_SUCCESS;
}
