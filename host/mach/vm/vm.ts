/**
 * The virtual memory system of one kernel: what its modules share. State of slow paths only, so it is
 * TypeScript, all of it reachable from here; the page tables alone lie in guest memory.
 *
 * The caches are virtually indexed and never look at each other's lines, or at memory. So a page's lines
 * are flushed, by kernel text that is executed, before a mapping of it goes, before the kernel reads by
 * the page's real address what a task wrote by another, and after the kernel wrote there itself; and it
 * is mapped for writing at one place of the caches at a time (pmap.ts).
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { CostRow } from "../../machine/costs.ts";
import { PagingSpace } from "./paging-space.ts";
import type { Caches, PmapState } from "./pmap.ts";
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
  /** Flushes a mapped page from caches. */
  flushPage(space: number, offset: number, caches: Caches): void;
  /** Where a page's lines lie in the data cache: pages that agree in it see each other's. */
  colour(space: number, offset: number): number;
  /** Fills a frame with zeroes, or copies one to another, and flushes both. */
  zeroPage(frame: number): void;
  copyPage(from: number, to: number): void;
  /** Declared cycles. */
  charge(row: CostRow, times?: number): void;
  /** Wakes the threads that wait for an event. */
  wakeup(event: unknown): void;
  /** Gives an object a pager, if there is one for memory that has none. */
  adopt?(object: VmObject): void;
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
  /** How often a mapping has changed or gone. */
  mappingChanges = 0;
  nextSpace: number = MEMORY_MAP.FIRST_USER_SPACE;
  nextCopy = 1;
  nextObject = 1;

  constructor(host: VmHost, { base, limit, pagingPages, forkPanics = false }: VmOptions) {
    this.host = host;
    this.forkPanics = forkPanics;
    this.pages = new VmPages(host, base, limit);
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
    this.mappingChanges += 1;
    this.host.purgePage(space, offset);
  }
  flushPage(space: number, offset: number, caches: Caches): void {
    this.host.flushPage(space, offset, caches);
  }
  colour(space: number, offset: number): number {
    return this.host.colour(space, offset);
  }
  pageAt(frame: number): VmPage | undefined {
    return this.pages.at(frame);
  }
}
