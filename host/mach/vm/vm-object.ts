/**
 * Memory objects as the kernel keeps them: resident pages by offset, what is in the paging space, a
 * shadow that has the pages which are not here, and perhaps a pager. Shadow chains come from copies
 * on write; collapse and bypass keep them short. An object lives while it has references: one for
 * each map entry, each object that shadows it, each copy.
 * After Mach's vm/vm_object.c; copying is in vm-object-copy.ts.
 */
import { panic } from "../../diagnostic.ts";
import type { PagedOut } from "./paging-space.ts";
import { pmap_page_protect } from "./pmap.ts";
import type { Vm } from "./vm.ts";
import type { VmPage } from "./vm-page.ts";

/** `memory_object_copy_strategy_t`. */
export type CopyStrategy = "none" | "call" | "delay" | "temporary";

/** What the kernel asks of an object's pager. None of it waits. */
export interface Pager {
  /** Whether the pager has said that it is ready. */
  readonly ready: boolean;
  readonly strategy: CopyStrategy;
  /** Whether it may have a page that is not in memory. */
  mayHave(offset: number): boolean;
  /** Whether pages that leave memory are its affair; if not, the paging space's. */
  readonly takesPages: boolean;
  /** Asks for a page's data, for an access (VM_PROT bits). */
  data_request(object: VmObject, offset: number, access: number): void;
  /** Asks to allow more than the page's lock does. */
  data_unlock(object: VmObject, offset: number, access: number): void;
  /**
   * Gives a page's data back; false when they cannot be taken now. Unless they are `kept` here as
   * well, the page itself goes, if there is somebody to take it; otherwise it stays.
   */
  data_return(object: VmObject, page: VmPage, dirty: boolean, kept: boolean): boolean;
  /**
   * A new object of the same pager's that will have what `[offset, offset + length)` holds now, from
   * its own offset 0; undefined when there is no memory for it.
   */
  copy(offset: number, length: number): VmObject | undefined;
  /** The object has no references any more; true when its pages stay for the next who maps it. */
  unreferenced(object: VmObject): boolean;
  /** The kernel is done with the object; so many answers that it was asked for have not come. */
  terminate(object: VmObject, owed: number): void;
}

export class VmObject {
  readonly id: number;
  size: number;
  references = 1;
  /** Resident pages, and places held for them. */
  readonly pages = new Map<number, VmPage>();
  /** Pages in the paging space; only objects without a pager have any. */
  readonly paged: PagedOut = new Map();
  shadow: VmObject | undefined = undefined;
  shadowOffset = 0;
  /** The object that takes this one's pages before they change. */
  copy: VmObject | undefined = undefined;
  pager: Pager | undefined = undefined;
  /** What it has is on its way to a pager: no other is made for it. */
  inTransit = false;
  /** Several maps share it for good: a copy must not make their entries copy on write. */
  useSharedCopy = false;
  alive = true;

  constructor(id: number, size: number) {
    this.id = id;
    this.size = size;
  }
}

/** A temporary object, zero-filled. */
export function vm_object_allocate(vm: Vm, size: number): VmObject {
  const object = new VmObject(vm.nextObject++, size);
  vm.objects.add(object);
  return object;
}

export function vm_object_reference(object: VmObject): VmObject {
  if (!object.alive) panic(`vm_object_reference: terminated: ${object.id}`);
  object.references += 1;
  return object;
}

/** Drops a reference; without one the object goes, and its shadow may. */
export function vm_object_deallocate(vm: Vm, from: VmObject | undefined): void {
  for (let object = from; object;) {
    object.references -= 1;
    if (object.references > 0) return;
    if (object.pager?.unreferenced(object)) return;
    const { shadow } = object;
    vm_object_terminate(vm, object);
    object = shadow;
  }
}

/** Ends an object that has no references: its pages are freed, dirty ones of a pager's go back. */
export function vm_object_terminate(vm: Vm, object: VmObject): void {
  object.alive = false;
  if (object.shadow?.copy === object) object.shadow.copy = undefined;
  object.shadow = undefined;
  let owed = 0;
  for (const page of [...object.pages.values()]) {
    const { pager } = object;
    owed += Number((page.absent && page.busy) || page.unlockRequest !== 0);
    pmap_page_protect(vm, page, "none");
    if (pager && !page.absent && !page.error && (page.dirty || page.precious))
      pager.data_return(object, page, page.dirty, false);
    if (page.object === object) vm_page_discard(vm, page);
  }
  vm.paging.dropAll(object.paged);
  vm.objects.delete(object);
  object.pager?.terminate(object, owed);
  object.pager = undefined;
}

/** Frees a page wherever it is, and tells those who wait for it. */
export function vm_page_discard(vm: Vm, page: VmPage): void {
  pmap_page_protect(vm, page, "none");
  vm.pages.free(page);
  vm.host.wakeup(page);
}

/** A page's data have come, or never will: those who wait look again. */
export function vm_page_wakeup(vm: Vm, page: VmPage): void {
  page.busy = false;
  vm.host.wakeup(page);
}

/** A new object in front of one, whose reference it takes over. */
export function vm_object_shadow(
  vm: Vm,
  source: VmObject,
  offset: number,
  length: number,
): VmObject {
  const object = vm_object_allocate(vm, length);
  object.shadow = source;
  object.shadowOffset = offset;
  return object;
}

/** Whether an object has a page: here, in the paging space, or with its pager. */
export const hasPage = (object: VmObject, offset: number): boolean =>
  object.pages.has(offset) || object.paged.has(offset) || !!object.pager?.mayHave(offset);

/** Offsets that an object has pages for, in memory or not. */
const offsetsOf = (object: VmObject): number[] => [
  ...new Set([...object.pages.keys(), ...object.paged.keys()]),
];

/**
 * Purpose: shortens an object's shadow chain. A shadow that only this object refers to is taken over
 * page by page; one whose pages this object does not need is left out.
 * Conditions: nothing is done where data are under way, or where a pager is.
 */
export function vm_object_collapse(vm: Vm, object: VmObject): void {
  for (;;) {
    const { shadow } = object;
    if (!shadow || object.pager || shadow.pager) return;
    if (shadow.copy !== undefined && shadow.copy !== object) return;
    // A copy object stays: what its source pushes must reach everybody behind it.
    if (shadow.shadow?.copy === shadow) return;
    if ([...shadow.pages.values(), ...object.pages.values()].some(({ busy }) => busy)) return;
    if (shadow.references === 1) takeOver(vm, object, shadow);
    else if (!bypass(object, shadow)) return;
  }
}

function takeOver(vm: Vm, object: VmObject, shadow: VmObject): void {
  for (const offset of offsetsOf(shadow)) {
    const here = offset - object.shadowOffset;
    const wanted = here >= 0 && here < object.size && !hasPage(object, here);
    const page = shadow.pages.get(offset);
    if (page && wanted) vm.pages.insert(page, object, here);
    else if (page) vm_page_discard(vm, page);
    if (!shadow.paged.has(offset)) continue;
    if (wanted) vm.paging.move(shadow.paged, offset, object.paged, here);
    else vm.paging.drop(shadow.paged, offset);
  }
  if (shadow.copy === object) shadow.copy = undefined;
  object.shadow = shadow.shadow;
  object.shadowOffset += shadow.shadowOffset;
  shadow.shadow = undefined;
  shadow.alive = false;
  vm.objects.delete(shadow);
}

function bypass(object: VmObject, shadow: VmObject): boolean {
  const needed = offsetsOf(shadow).some((offset) => {
    const here = offset - object.shadowOffset;
    return here >= 0 && here < object.size && !hasPage(object, here);
  });
  if (needed || shadow.copy === object) return false;
  const { shadow: next } = shadow;
  object.shadow = next && vm_object_reference(next);
  object.shadowOffset += shadow.shadowOffset;
  shadow.references -= 1;
  return true;
}
