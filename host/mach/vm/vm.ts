/**
 * The virtual memory system of one kernel: what its modules share. State of slow paths only, so it is
 * TypeScript, all of it reachable from here; the page tables alone lie in guest memory.
 *
 * The simulated caches hold tags and no data: a page that the architecture would want flushed never
 * reads stale in the model. Mach's flushes are accounted for all the same, as declared cycles
 * (VM_COSTS), wherever a page changes its address, its use or its contents.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { CostRow } from "../../machine/costs.ts";
import { PagingSpace } from "./paging-space.ts";
import type { PmapState } from "./pmap.ts";
import type { VmMap } from "./vm-map.ts";
import type { VmMapCopy } from "./vm-map-copy.ts";
import { type PageMemory, type VmCounters, type VmPage, VmPages } from "./vm-page.ts";
import type { VmObject } from "./vm-object.ts";

/** What the VM needs of the kernel it is in. */
export interface VmHost {
  readonly memory: PageMemory;
  zalloc(zone: "mapping" | "pmap" | "vm_map"): number;
  zfree(zone: "mapping" | "pmap" | "vm_map", address: number): void;
  /** Drops a page from both TLBs. */
  purgePage(space: number, offset: number): void;
  /** Declared cycles. */
  charge(row: CostRow, times?: number): void;
  /** Wakes the threads that wait for an event. */
  wakeup(event: unknown): void;
  /** A kernel that the paper reports would not have survived this. */
  panic(why: string): never;
  /** Pages of the kernel's own, mapped by block, lose their mappings (hazard "page-zero"). */
  unmapKernel(start: number, end: number): void;
}

export interface VmOptions {
  /** Managed memory: frames of `[base, limit)`. */
  readonly base: number;
  readonly limit: number;
  /** Pages of the paging space. */
  readonly pagingPages: number;
  /** A fork that meets a submap panics (hazard "map-fork"). */
  readonly forkPanics?: boolean;
}

export class Vm implements PmapState {
  readonly host: VmHost;
  readonly pages: VmPages;
  readonly paging: PagingSpace;
  readonly forkPanics: boolean;
  /** Maps by the guest address of their `vm_map`. */
  readonly maps = new Map<number, VmMap>();
  /** Objects that exist. */
  readonly objects = new Set<VmObject>();
  /** Copies under way, by the handle that stands for them in messages. */
  readonly copies = new Map<number, VmMapCopy>();
  /** Copies that were made, waiting for pagers, before the message that they go with is sent. */
  prepared: Map<string, number> | undefined = undefined;
  readonly counters: VmCounters = {
    zero_fill_count: 0,
    reactivations: 0,
    pageins: 0,
    pageouts: 0,
    faults: 0,
    cow_faults: 0,
    lookups: 0,
    hits: 0,
  };
  /** The kernel's pmap. */
  kernelPmap = 0;
  /** Physical address of the page by which all programs enter the kernel. */
  gatewayPage = 0;
  /** Spaces whose maps are gone, to be used again. */
  readonly freeSpaces: number[] = [];
  nextSpace: number = MEMORY_MAP.FIRST_USER_SPACE;
  nextCopy = 1;
  nextObject = 1;

  constructor(host: VmHost, { base, limit, pagingPages, forkPanics = false }: VmOptions) {
    this.host = host;
    this.forkPanics = forkPanics;
    this.pages = new VmPages(host.memory, base, limit);
    this.paging = new PagingSpace(pagingPages);
  }

  get memory(): PageMemory {
    return this.host.memory;
  }
  zalloc(zone: "mapping"): number {
    return this.host.zalloc(zone);
  }
  zfree(zone: "mapping", address: number): void {
    this.host.zfree(zone, address);
  }
  purgePage(space: number, offset: number): void {
    this.host.purgePage(space, offset);
  }
  pageAt(frame: number): VmPage | undefined {
    return this.pages.at(frame);
  }
}
