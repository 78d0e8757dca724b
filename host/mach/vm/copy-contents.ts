/**
 * What the kernel itself puts into copies of memory, and reads from them: data of devices, pages on
 * their way to pagers and from them. A copy is named by its handle (vm-map-copy.ts).
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import type { Procedure } from "../kern/procedure.ts";
import { pmap_page_protect } from "./pmap.ts";
import { vm_object_fault } from "./vm-fault.ts";
import { roundPage, truncPage } from "./vm-map.ts";
import type { Copied, VmMapCopy } from "./vm-map-copy.ts";
import { type VmObject, vm_object_allocate, vm_object_deallocate } from "./vm-object.ts";
import type { VmPage } from "./vm-page.ts";
import type { Vm } from "./vm.ts";

const { PAGE_SIZE } = MEMORY_MAP;
/** How many scans of pageout a pager has to take a page's data before they go to the paging space. */
const LAUNDRY_SCANS = 10;
const { KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

/** A copy that is one object from its start on, whose reference it takes over. */
function copyOf(vm: Vm, object: VmObject, length: number): Copied {
  const handle = vm.nextCopy++;
  const parts = [{ bytes: object.size, object, offset: 0, needsCopy: false }];
  vm.copies.set(handle, { handle, inPage: 0, length, parts });
  return { copy: handle };
}

/**
 * Purpose: a copy of bytes that the kernel has. They are in pages as long as memory is not short,
 * and otherwise in the paging space until somebody looks.
 * Returns: the copy, or KERN_RESOURCE_SHORTAGE: there is no room for them anywhere.
 */
export function vm_map_copy_of_bytes(vm: Vm, bytes: Uint8Array): Copied {
  if (bytes.length === 0) return { copy: 0 };
  const object = vm_object_allocate(vm, roundPage(bytes.length));
  for (let offset = 0; offset < object.size; offset += PAGE_SIZE) {
    const data = new Uint8Array(PAGE_SIZE);
    data.set(bytes.subarray(offset, offset + PAGE_SIZE));
    const page = vm.pages.freeCount > vm.pages.freeMinimum ? vm.pages.grab() : undefined;
    if (page) {
      vm.pages.insert(page, object, offset);
      vm.pages.write(page, data);
      page.dirty = true;
      vm.pages.activate(page);
    } else if (!vm.paging.put(object.paged, offset, data)) {
      vm_object_deallocate(vm, object);
      return { kr: KERN_RESOURCE_SHORTAGE };
    }
  }
  return copyOf(vm, object, bytes.length);
}

/** A copy that is a page, which leaves its object for it. Nobody waits for the page. */
export function vm_map_copy_of_page(vm: Vm, page: VmPage): Copied {
  pmap_page_protect(vm, page, "none");
  const object = vm_object_allocate(vm, PAGE_SIZE);
  object.inTransit = true;
  vm.pages.insert(page, object, 0);
  page.dirty = true;
  page.precious = false;
  page.pageLock = 0;
  page.unlockRequest = 0;
  page.laundry = LAUNDRY_SCANS;
  if (page.wireCount === 0) vm.pages.deactivate(page);
  vm.host.wakeup(page);
  return copyOf(vm, object, PAGE_SIZE);
}

/** Bytes of a copy, from its first page's start; within one page. */
export function* copyBytes(
  vm: Vm,
  copy: VmMapCopy,
  from: number,
  count: number,
): Procedure<Uint8Array | number> {
  let at = truncPage(from);
  const part = copy.parts.find(({ bytes }) => {
    if (at < bytes) return true;
    at -= bytes;
    return false;
  });
  if (!part) return panic(`copyBytes: outside: ${from}`);
  if (!part.object) return new Uint8Array(count);
  const page = yield* vm_object_fault(vm, part.object, part.offset + at);
  return typeof page === "number" ? page : vm.memory.bytes(page.frame + (from % PAGE_SIZE), count);
}

/** Bytes of a copy from its first byte on, over the ends of pages; KERN_INVALID_ARGUMENT: it is gone. */
export function* copyContents(
  vm: Vm,
  handle: number,
  from: number,
  count: number,
): Procedure<Uint8Array | number> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const copy = vm.copies.get(handle);
    if (!copy) return KERN_INVALID_ARGUMENT;
    const at = copy.inPage + from + done;
    const part = Math.min(count - done, PAGE_SIZE - (at % PAGE_SIZE));
    const read = yield* copyBytes(vm, copy, at, part);
    if (typeof read === "number") return read;
    bytes.set(read, done);
    done += part;
  }
  return bytes;
}
