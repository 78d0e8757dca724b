/**
 * Declared cycles of the VM's slow paths. None is on a path that the paper's tables measure: those
 * touch only resident, mapped pages. Trap entry, TLB handlers and exits are executed text besides, and
 * so is what happens to whole pages: flushes, zeroes, copies (asm/flush.s).
 */
import type { CostRow } from "../../machine/costs.ts";

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
  copyWords: {
    id: "vm.copy_word",
    cycles: 5,
    reason: "a word of a part of a page that is written over, as the tail loop of a copy",
    source: "facts of the HP 700 port (hp_pa/movc.s): 3 instructions, 5 cycles a word",
    how: "measured",
  },
  operation: {
    id: "vm.operation",
    cycles: 600,
    reason: "a vm_* call: clip, enter or change a map's entries",
    source: "Mach 3.0's vm_map.c: about 450 instructions for one entry",
    how: "assumed",
  },
} as const satisfies Readonly<Record<string, CostRow>>;
