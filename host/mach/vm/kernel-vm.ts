/**
 * The VM of a kernel on its machine: all of memory behind the equivalent region, and the kernel's
 * map. Costs are charged for what threads ask for; loading before anybody runs takes no time.
 */
import { KERN_RETURN, VM_INHERIT, VM_PROT } from "../../abi/mach.ts";
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
  vm_map_submap,
  type VmMap,
} from "./vm-map.ts";
import { vm_deallocate } from "./vm-user.ts";
import { kernelPanic } from "../trap.ts";
import { callText } from "../kernel-text.ts";
import { adoptObject } from "../server/default-manager.ts";
import { Vm, type VmHost } from "./vm.ts";

/** What the VM has done to whole pages. */
type PageWork = Pick<VmHost, "flushPage" | "colour" | "zeroPage" | "copyPage">;

const { EQUIVALENT_END, GATEWAY, PAGE_SIZE } = MEMORY_MAP;

/** Submaps of the kernel's map, of Mach 3.0's sizes (ipc/ipc_init.c, device/device_init.c). */
const SUBMAPS = [
  { start: 0xe0000000, size: 0x100000 }, // ipc_kernel_map
  { start: 0xe0100000, size: 0x200000 }, // device_io_map
] as const;

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
      ...pageWork(k),
      charge: (row, times) => {
        if (k.cpu.active_thread !== 0) machine.charge(row, times);
      },
      wakeup: (event) => thread_wakeup(k, event),
      adopt: (object) => adoptObject(k, object),
      panic: (why) => kernelPanic(k, why),
      unmapKernel: () => unmapKernel(k),
    },
    {
      base: EQUIVALENT_END,
      limit: machine.config.memoryBytes,
      pagingPages,
      forkPanics: k.hazards.includes("map-fork"),
    },
  );
  const isWhole = k.hazards.includes("page-zero");
  const kernelMap = vm_kernel_map_create(vm, isWhole ? 0 : EQUIVALENT_END);
  vm.kernelPmap = kernelMap.pmap;
  vm.gatewayPage = gatewayPage;
  const inheritance = VM_INHERIT.VM_INHERIT_NONE;
  if (isWhole) vm_map_enter(kernelMap, 0, EQUIVALENT_END, { inheritance });
  for (const { start, size } of SUBMAPS) vm_map_submap(kernelMap, start, size);
  // The gateway's page is in all address spaces; nobody changes it through a map.
  const gateway = { protection: 0, maxProtection: 0, inheritance };
  if (vm_map_enter(kernelMap, GATEWAY, GATEWAY + PAGE_SIZE, gateway) !== 0)
    panic("kernelVm: no place for the gateway");
  pmap_enter(vm, kernelMap.pmap, GATEWAY, gatewayPage, "gateway");
  return { vm, kernelMap };
}

/**
 * What happens to whole pages: executed by kernel text while threads run; before the first one does,
 * firmware and loader did it, and nobody's time passed.
 */
function pageWork(k: Kernel): PageWork {
  const { machine } = k;
  const { dataCacheBytes, dataSpaceHash, spaceHashShift } = machine.config;
  const isRunning = (): boolean => k.cpu.active_thread !== 0;
  return {
    flushPage(space, offset, caches) {
      if (!isRunning()) return;
      if (caches !== "text") callText(k, "pmap_flush_data", space, offset);
      if (caches !== "data") callText(k, "pmap_flush_text", space, offset);
    },
    colour(space, offset) {
      const hash = dataSpaceHash ? space << spaceHashShift : 0;
      return ((offset ^ hash) & (dataCacheBytes - 1)) >>> 12;
    },
    zeroPage(frame) {
      if (isRunning()) callText(k, "pmap_zero_page", frame);
      else machine.memory.fill(frame, PAGE_SIZE, 0);
    },
    copyPage(from, to) {
      if (isRunning()) callText(k, "pmap_copy_page", from, to);
      else machine.memory.copyIn(to, machine.memory.bytes(from, PAGE_SIZE));
    },
  };
}

/**
 * The kernel's own pages are mapped by block, and a block cannot lose a page: from now on those of them
 * that the kernel's map still has are mapped one by one.
 */
function unmapKernel(k: Kernel): void {
  const { vm, machine } = k;
  machine.purgeBlockTlb();
  const { entries, pmap } = k.kernelVmMap;
  for (const { start, end } of entries)
    for (let page = start; page < Math.min(end, EQUIVALENT_END); page += PAGE_SIZE)
      pmap_enter(vm, pmap, page, page, VM_PROT.VM_PROT_ALL, { wired: true, dirty: true });
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
  copyout: (task, copy) => vm_map_copyout(k.vm, k.vmMapOf(task), copy, task),
  discard: (copy) => vm_map_copy_discard(k.vm, copy),
});
