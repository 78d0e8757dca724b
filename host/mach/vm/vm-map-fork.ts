/**
 * A child's address space: shares, copies or leaves out what its parent's entries say.
 * After vm_map_fork of Mach's vm/vm_map.c.
 */
import { KERN_RETURN, VM_INHERIT } from "../../abi/mach.ts";
import type { Procedure } from "../kern/procedure.ts";
import { pmap_remove } from "./pmap.ts";
import { VM_COSTS } from "./vm-costs.ts";
import { copySlowly, copyWithoutPages } from "./vm-map-copy.ts";
import {
  type EnterRange,
  vm_map_create,
  vm_map_deallocate,
  vm_map_enter,
  type VmMap,
  type VmMapEntry,
} from "./vm-map.ts";
import { vm_object_allocate, vm_object_reference, vm_object_shadow } from "./vm-object.ts";
import type { Vm } from "./vm.ts";

const { KERN_SUCCESS, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

/**
 * Purpose: a new map with what the parent's entries pass on. Submaps, which only the kernel's map has,
 * stay behind, and so does what is at addresses that no task of its own space has.
 * Returns: the map; KERN_RESOURCE_SHORTAGE, or what bringing a page in failed with.
 */
export function* vm_map_fork(vm: Vm, parent: VmMap): Procedure<VmMap | number> {
  const child = vm_map_create(vm);
  if (!child) return KERN_RESOURCE_SHORTAGE;
  let kr: number = KERN_SUCCESS;
  let whole = false;
  try {
    for (let at = parent.min; kr === KERN_SUCCESS;) {
      const entry = parent.entries.find(({ start }) => start >= at);
      if (!entry) break;
      at = entry.end;
      if (entry.submap && vm.forkPanics) vm.host.panic("vm_map_fork: encountered a submap");
      if (!entry.submap && entry.end <= child.max) kr = yield* pass(vm, parent, child, entry);
    }
    whole = kr === KERN_SUCCESS;
  } finally {
    if (!whole) vm_map_deallocate(vm, child);
  }
  return whole ? child : kr;
}

function* pass(vm: Vm, parent: VmMap, child: VmMap, entry: VmMapEntry): Procedure<number> {
  const { start, end, inheritance, protection, maxProtection } = entry;
  const attributes = { inheritance, protection, maxProtection };
  if (inheritance === VM_INHERIT.VM_INHERIT_NONE) return KERN_SUCCESS;
  vm.host.charge(VM_COSTS.operation);
  const range =
    inheritance === VM_INHERIT.VM_INHERIT_SHARE
      ? share(vm, parent, entry)
      : yield* copy(vm, parent, entry);
  return typeof range === "number"
    ? range
    : vm_map_enter(child, start, end, { ...attributes, ...range });
}

/** Both refer to one object from now on, which is no longer copied on this map's writes. */
function share(vm: Vm, parent: VmMap, entry: VmMapEntry): EnterRange {
  const length = entry.end - entry.start;
  if (!entry.object) {
    entry.object = vm_object_allocate(vm, length);
    entry.offset = 0;
  } else if (entry.needsCopy) {
    entry.object = vm_object_shadow(vm, entry.object, entry.offset, length);
    entry.offset = 0;
    pmap_remove(vm, parent.pmap, entry.start, entry.end);
  }
  entry.needsCopy = false;
  entry.isShared = true;
  entry.object.useSharedCopy = true;
  return { object: vm_object_reference(entry.object), offset: entry.offset, isShared: true };
}

function* copy(vm: Vm, parent: VmMap, entry: VmMapEntry): Procedure<EnterRange | number> {
  const copied = entry.wiredCount > 0 ? undefined : copyWithoutPages(vm, parent, entry);
  if (!copied) return yield* copySlowly(vm, parent, entry.start, entry.end - entry.start);
  const { object, offset, newNeedsCopy } = copied;
  return { object, offset, needsCopy: newNeedsCopy };
}
