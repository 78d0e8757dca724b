/**
 * The VM of a kernel on its machine: all of memory behind the equivalent region, and the kernel's
 * map. Costs are charged for what threads ask for; loading before anybody runs takes no time.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import type { Kernel } from "../kernel.ts";
import { thread_wakeup } from "../kern/procedure.ts";
import type { MemoryCopies } from "../kern/state.ts";
import { pmap_enter } from "./pmap.ts";
import { vm_map_copy_discard, vm_map_copyin, vm_map_copyout } from "./vm-map-copy.ts";
import { vm_map_copy_of_bytes } from "./copy-contents.ts";
import {
  roundPage,
  truncPage,
  vm_kernel_map_create,
  vm_map_delete,
  vm_map_enter,
  type VmMap,
} from "./vm-map.ts";
import { vm_deallocate } from "./vm-user.ts";
import { Vm } from "./vm.ts";

const { EQUIVALENT_END, GATEWAY, PAGE_SIZE } = MEMORY_MAP;

/** Conditions: the page tables are empty, and zones are there. */
export function kernelVm(
  k: Kernel,
  gatewayPage: number,
  pagingPages: number,
): { readonly vm: Vm; readonly kernelMap: VmMap } {
  const { machine } = k;
  const vm = new Vm(
    {
      memory: machine.memory,
      zalloc: (zone) => k.zalloc(zone),
      zfree: (zone, address) => k.zfree(zone, address),
      purgePage: (space, offset) => machine.purgePage(space, offset),
      charge: (row, times) => {
        if (k.cpu.active_thread !== 0) machine.charge(row, times);
      },
      wakeup: (event) => thread_wakeup(k, event),
    },
    { base: EQUIVALENT_END, limit: machine.config.memoryBytes, pagingPages },
  );
  const kernelMap = vm_kernel_map_create(vm, EQUIVALENT_END);
  // The gateway's page is in all address spaces; nobody changes it through a map.
  const gateway = { protection: 0, maxProtection: 0 };
  if (vm_map_enter(kernelMap, GATEWAY, GATEWAY + PAGE_SIZE, gateway) !== 0)
    panic("kernelVm: no place for the gateway");
  pmap_enter(vm, kernelMap.pmap, GATEWAY, gatewayPage, "gateway");
  return { vm, kernelMap };
}

/** What names a copy of a range that was made beforehand (`Vm.prepared`). */
export const preparedKey = (address: number, length: number): string => `${address}+${length}`;

/** Memory out of line in messages. A copy that would wait for a pager must have been prepared. */
export const kernelMemoryCopies = (k: Kernel): MemoryCopies => ({
  copyin: (task, address, length, deallocates) => {
    if (address + length > 2 ** 32) return { kr: KERN_RETURN.KERN_INVALID_ADDRESS };
    const key = preparedKey(address, length);
    const prepared = k.vm.prepared?.get(key);
    if (prepared !== undefined) {
      k.vm.prepared?.delete(key);
      if (deallocates)
        vm_map_delete(k.vm, k.vmMapOf(task), truncPage(address), roundPage(address + length));
      return { copy: prepared };
    }
    const copying = vm_map_copyin(k.vm, k.vmMapOf(task), address, length, deallocates);
    return k.runNow(copying) ?? { kr: KERN_RETURN.KERN_ABORTED };
  },
  ofBytes: (bytes) => vm_map_copy_of_bytes(k.vm, bytes),
  deallocate: (task, address, length) => {
    vm_deallocate(k.vm, k.vmMapOf(task), address, length);
  },
  copyout: (task, copy) => vm_map_copyout(k.vm, k.vmMapOf(task), copy),
  discard: (copy) => vm_map_copy_discard(k.vm, copy),
});
