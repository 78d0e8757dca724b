/**
 * A task's memory as the kernel's slow paths touch it: by the page tables and with faults, like kernel
 * text, but between two instructions. What would have to wait for a task's pager is refused here: call
 * `faultIn` first, which may wait. Waits for the paging disk are spent on the spot.
 */
import { KERN_RETURN, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Procedure } from "../kern/procedure.ts";
import { mappedAt, pmap_note_write, pmap_usable } from "./pmap.ts";
import { vm_fault, vm_fault_range } from "./vm-fault.ts";
import type { VmMap } from "./vm-map.ts";
import type { Vm } from "./vm.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_ABORTED, KERN_INVALID_ADDRESS } = KERN_RETURN;

export type UserAccess = "read" | "write";

const PROTECTION: Readonly<Record<UserAccess, number>> = {
  read: VM_PROT.VM_PROT_READ,
  write: VM_PROT.VM_PROT_READ | VM_PROT.VM_PROT_WRITE,
};

/**
 * Purpose: runs a procedure without giving the processor up; `pass` lets time go by.
 * Returns: its value; undefined when somebody's pager would have to be waited for.
 */
export function runNow<T>(
  procedure: Procedure<T>,
  pass: (milliseconds: number) => void,
): T | undefined {
  for (let step = procedure.next("awakened"); ; step = procedure.next("timed-out")) {
    if (step.done) return step.value;
    const { interruptible, onTheSpot, milliseconds = onTheSpot } = step.value;
    if (interruptible || milliseconds === undefined) {
      procedure.return(undefined as T);
      return undefined;
    }
    pass(milliseconds);
  }
}

/** A fault that does not give the processor up: as `vm_fault`, or KERN_ABORTED (see `runNow`). */
export const vm_fault_now = (
  vm: Vm,
  map: VmMap,
  address: number,
  access: number,
  pass: (milliseconds: number) => void,
): number => runNow(vm_fault(vm, map, address, access), pass) ?? KERN_ABORTED;

/**
 * Purpose: makes `[address, address + length)` usable, so that the next synchronous copy succeeds.
 * Returns: KERN_SUCCESS, or the code of the first page that cannot be used (see `vm_fault`).
 */
export function* faultIn(
  vm: Vm,
  map: VmMap,
  address: number,
  length: number,
  access: UserAccess,
): Procedure<number> {
  if (length === 0) return KERN_SUCCESS;
  if (address + length > 2 ** 32) return KERN_INVALID_ADDRESS;
  for (;;) {
    const kr = yield* vm_fault_range(vm, map, address, length, PROTECTION[access]);
    if (kr !== KERN_SUCCESS || isResident(vm, map, address, length, access)) return kr;
  }
}

function isResident(
  vm: Vm,
  map: VmMap,
  address: number,
  length: number,
  access: UserAccess,
): boolean {
  for (let page = address - (address % PAGE_SIZE); page < address + length; page += PAGE_SIZE)
    if (pmap_usable(vm.memory, map.pmap, page, access) === 0) return false;
  return true;
}

/** Calls `visit` for each page's part of a range; false at the first page that may not be used so. */
export function eachPage(
  vm: Vm,
  map: VmMap,
  range: { readonly address: number; readonly length: number; readonly access: UserAccess },
  pass: (milliseconds: number) => void,
  visit: (physical: number, offset: number, count: number) => void,
): boolean {
  const { address, length, access } = range;
  for (let offset = 0; offset < length;) {
    const at = address + offset;
    if (at >= 2 ** 32) return false;
    const count = Math.min(length - offset, PAGE_SIZE - (at % PAGE_SIZE));
    const physical = placeNow(vm, map, at, access) ?? faultedPlace(vm, map, at, access, pass);
    if (physical === undefined) return false;
    visit(physical, offset, count);
    offset += count;
  }
  return true;
}

/** Where an address of a map lies in memory, for an access without a fault; a write is noted. */
export function placeNow(
  { memory }: Vm,
  { pmap }: VmMap,
  address: number,
  access: UserAccess,
): number | undefined {
  const node = pmap_usable(memory, pmap, address, access);
  if (node === 0) return undefined;
  if (access === "write") pmap_note_write(memory, node);
  return mappedAt(memory, node, address);
}

/** The same by way of a fault. */
function faultedPlace(
  vm: Vm,
  map: VmMap,
  address: number,
  access: UserAccess,
  pass: (milliseconds: number) => void,
): number | undefined {
  const kr = vm_fault_now(vm, map, address, PROTECTION[access], pass);
  return kr === KERN_SUCCESS ? placeNow(vm, map, address, access) : undefined;
}
