/**
 * Copying a part of a memory object without copying its pages. A temporary object that one map has
 * is copied symmetrically: source and copy both shadow it at their next write. One that several maps
 * share, and a pager's, is copied through a copy object, which takes each page before it changes.
 * After Mach's vm/vm_object.c (vm_object_copy_temporary, vm_object_copy_delayed).
 */
import { pmap_page_protect } from "./pmap.ts";
import type { Vm } from "./vm.ts";
import {
  type VmObject,
  vm_object_allocate,
  vm_object_collapse,
  vm_object_reference,
} from "./vm-object.ts";

export interface ObjectCopy {
  /** The copy's object, one reference of it; undefined: zeroes, not allocated yet. */
  readonly object: VmObject | undefined;
  readonly offset: number;
  /** Whether the source's map entry must shadow the object before it writes. */
  readonly sourceNeedsCopy: boolean;
  /** Whether the copy must. */
  readonly newNeedsCopy: boolean;
}

/**
 * Purpose: copies `[offset, …)` of an object as a map entry refers to it.
 * Conditions: the caller takes writing away from the source entry's mappings if it needs a copy.
 */
export function vm_object_copy(vm: Vm, object: VmObject | undefined, offset: number): ObjectCopy {
  if (!object) return { object, offset: 0, sourceNeedsCopy: false, newNeedsCopy: false };
  const isTemporary = !object.pager && !object.useSharedCopy;
  if (isTemporary)
    return {
      object: vm_object_reference(object),
      offset,
      sourceNeedsCopy: true,
      newNeedsCopy: true,
    };
  const copy = vm_object_copy_delayed(vm, object);
  return { object: copy, offset, sourceNeedsCopy: false, newNeedsCopy: true };
}

/**
 * Purpose: an object that will have what `source` holds now.
 * Returns: a copy object, one reference of it, with the same offsets.
 */
function vm_object_copy_delayed(vm: Vm, source: VmObject): VmObject {
  const old = source.copy;
  if (old && !old.pager && old.pages.size === 0 && old.paged.size === 0)
    return vm_object_reference(old);
  const copy = vm_object_allocate(vm, source.size);
  copy.shadow = vm_object_reference(source);
  if (old) {
    // What the older copy does not have, the younger has or will get.
    old.shadow = vm_object_reference(copy);
    source.references -= 1;
  }
  source.copy = copy;
  // The older copy takes no more pages: who alone stands behind it takes over those that it has. Mach
  // leaves that to the next fault there; where there is none, each copy would make the chain longer.
  if (old?.references === 1)
    for (const behind of vm.objects) if (behind.shadow === old) vm_object_collapse(vm, behind);
  for (const page of source.pages.values()) pmap_page_protect(vm, page, "read");
  return copy;
}
