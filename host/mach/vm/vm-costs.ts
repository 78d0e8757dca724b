/**
 * Declared cycles of the VM's slow paths. None is on a path that the paper's tables measure: those
 * touch only resident, mapped pages. Trap entry, TLB handlers and exits are executed text besides.
 */
import type { CostRow } from "../../machine/costs.ts";

const MOVC = "facts of the HP 700 port (hp_pa/movc.s): instructions counted, store rule applied";

export const VM_COSTS = {
  fault: {
    id: "vm.fault",
    cycles: 1200,
    reason: "vm_fault: look the map and the object chain up, enter the mapping",
    source:
      "Mach 3.0's vm_fault, vm_map_lookup, pmap_enter: about 900 instructions on the short path",
    how: "assumed",
  },
  entry: {
    id: "vm.map_entry",
    cycles: 7,
    reason: "an entry that a lookup passes on its way through a map's list, from its hint on",
    source:
      "Mach 3.0's vm_map_lookup_entry: 2 loads, compare and branch, next (paper, footnote 10)",
    how: "assumed",
  },
  operation: {
    id: "vm.operation",
    cycles: 600,
    reason: "a vm_* call: clip, enter or change a map's entries",
    source: "Mach 3.0's vm_map.c: about 450 instructions for one entry",
    how: "assumed",
  },
  zeroFill: {
    id: "vm.zero_fill",
    cycles: 3072,
    reason: "a page of zeroes: 24 cycles a cache line, 128 lines",
    source: MOVC,
    how: "measured",
  },
  copyPage: {
    id: "vm.copy_page",
    cycles: 4352,
    reason: "copying a page: 34 cycles a cache line, 128 lines",
    source: MOVC,
    how: "measured",
  },
  flushPage: {
    id: "vm.flush_page",
    cycles: 150,
    reason:
      "a page leaves a virtual address: its lines are flushed from the caches, 128 FDC and FIC",
    source:
      "facts of the HP 700 port (hp_pa/pmap.c, locore.s): at least 150 for 4 KB, unrolled by 16",
    how: "measured",
  },
} as const satisfies Readonly<Record<string, CostRow>>;
