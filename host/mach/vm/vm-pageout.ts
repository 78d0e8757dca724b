/**
 * Who leaves memory when it runs short, and how a thread gets a page. There is no pageout thread: the
 * thread that needs a page makes room and waits for what it has to write (the paging disk's time).
 * The processor has no reference bits: an inactive page has no mappings, so that any use of it faults
 * and makes it active again, as on Mach's other machines without them.
 * After Mach's vm/vm_pageout.c.
 */
import { panic } from "../../diagnostic.ts";
import type { Procedure } from "../kern/procedure.ts";
import { PAGING_MILLISECONDS } from "./paging-space.ts";
import { pmap_is_modified, pmap_page_protect } from "./pmap.ts";
import type { Vm } from "./vm.ts";
import { vm_page_discard } from "./vm-object.ts";
import type { VmPage } from "./vm-page.ts";

/** How often a thread looks again before it is told that there is no memory. */
const ATTEMPTS = 100;

/**
 * Purpose: frees inactive pages up to a target, usually that of memory that is short, and makes active
 * pages inactive.
 * Returns: how many pages had to be written to the paging space.
 */
export function vm_pageout_scan(vm: Vm, target = vm.pages.freeTarget): number {
  const { pages } = vm;
  const { active, inactive } = pages;
  const wanted = Math.ceil(((active.size + inactive.size) * 2) / 3);
  for (const page of active) {
    if (inactive.size >= wanted) break;
    deactivate(vm, page);
  }
  let written = 0;
  let given = 0;
  for (const page of [...inactive]) {
    if (pages.freeCount + given >= target) break;
    if (page.busy || page.queue !== "inactive") continue;
    if (page.laundry > 0) {
      page.laundry -= 1;
      given += 1;
      continue;
    }
    if (page.mappings !== 0) panic(`vm_pageout_scan: inactive and mapped: ${page.frame}`);
    const out = pageOut(vm, page);
    if (out === "kept") pages.activate(page);
    else if (out === "written") written += 1;
    else if (out === "given") given += 1;
  }
  return written;
}

/** Scans until every page has left memory that can: wired ones stay. */
export function vm_pageout_all(vm: Vm): void {
  for (let before = -1; before !== vm.pages.freeCount;) {
    before = vm.pages.freeCount;
    // A scan makes two thirds of the active pages inactive, and frees those that were.
    for (let scan = 0; scan < 2; scan++) vm_pageout_scan(vm, Infinity);
  }
}

/** Makes a page inactive: it keeps no mappings. */
export function deactivate(vm: Vm, page: VmPage): void {
  pmap_page_protect(vm, page, "none");
  vm.pages.deactivate(page);
}

/** Frees a page whose data are, or get, somewhere else; or gives it to its pager, who will. */
function pageOut(vm: Vm, page: VmPage): "freed" | "written" | "given" | "kept" {
  const object = page.object ?? panic(`pageOut: in no object: ${page.frame}`);
  const { offset } = page;
  const isChanged = pmap_is_modified(vm, page) || page.precious;
  if (isChanged && !page.error && !object.pager && !object.inTransit) vm.host.adopt?.(object);
  const pager = object.pager?.takesPages ? object.pager : undefined;
  if (isChanged && !page.error) {
    const isKept = pager
      ? pager.data_return(object, page, page.dirty, false)
      : vm.paging.put(object.paged, offset, vm.pages.read(page));
    if (!isKept) return "kept";
    vm.counters.pageouts += 1;
    // What the paging space had from before is not the page any more.
    if (pager && object.paged.has(offset)) vm.paging.drop(object.paged, offset);
    if (page.object !== object) return "given";
  }
  vm_page_discard(vm, page);
  return isChanged && !pager ? "written" : "freed";
}

/**
 * Purpose: a free page, if need be after making room and waiting for it.
 * Returns: the page, in no object; undefined when nothing in memory can leave it.
 */
export function* vm_page_grab(vm: Vm): Procedure<VmPage | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (vm.pages.freeCount <= vm.pages.freeMinimum) {
      const written = vm_pageout_scan(vm);
      const writing = written > 0 ? vm.paging.written(written) : undefined;
      if (writing) yield writing;
    }
    const page = vm.pages.grab();
    if (page) return page;
    // All are wired or under way.
    yield { event: {}, interruptible: false, milliseconds: PAGING_MILLISECONDS };
  }
  return undefined;
}
