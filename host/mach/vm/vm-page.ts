/**
 * Physical pages: which object each belongs to, the free list, the active and inactive queues, and
 * the targets of pageout. A page is TypeScript state of the slow paths; its bytes are a frame of
 * guest memory, its mappings a list through the page tables (pmap.ts). Not a policy: who takes pages
 * away is vm-pageout.ts. After Mach's vm/vm_resident.c.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Bytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";
import type { VmObject } from "./vm-object.ts";

const { PAGE_SIZE } = MEMORY_MAP;

/** Guest memory as the VM uses it: whole pages at a time. */
export interface PageMemory extends Bytes {
  bytes(address: number, length: number): Uint8Array;
  copyIn(address: number, bytes: Uint8Array): void;
  fill(address: number, length: number, value?: number): void;
}

/** What is done to whole frames. */
export interface PageHost {
  readonly memory: PageMemory;
  zeroPage(frame: number): void;
  copyPage(from: number, to: number): void;
}

export type PageQueue = "none" | "free" | "active" | "inactive";

export class VmPage {
  /** Physical address. */
  readonly frame: number;
  object: VmObject | undefined = undefined;
  /** In the object, page-aligned. */
  offset = 0;
  queue: PageQueue = "free";
  wireCount = 0;
  /** Somebody waits for its data, or they are on their way out: hands off. */
  busy = false;
  /** A place held for data that are asked for; there is nothing in the frame. */
  absent = false;
  /** The pager could not provide the data. */
  error = false;
  /** Written since it was last given to its pager, as far as is known without its mappings. */
  dirty = false;
  /** The pager has no copy: it goes back when it leaves memory, written or not. */
  precious = false;
  /** Accesses that the pager forbids (VM_PROT bits). */
  pageLock = 0;
  /** Accesses that the pager was asked to allow. */
  unlockRequest = 0;
  /** It was given to its pager, and may wait there for so many more scans before it is taken away. */
  laundry = 0;
  /** First `mapping` on its list, 0 when it is not mapped. */
  mappings = 0;

  constructor(frame: number) {
    this.frame = frame;
  }
}

/** `vm_statistics`' counters; pages are counted where they are. */
export interface VmCounters {
  zero_fill_count: number;
  reactivations: number;
  pageins: number;
  pageouts: number;
  faults: number;
  cow_faults: number;
  lookups: number;
  hits: number;
}

export class VmPages {
  readonly #host: PageHost;
  readonly #pages: VmPage[] = [];
  readonly #base: number;
  readonly #free: VmPage[] = [];
  readonly active = new Set<VmPage>();
  readonly inactive = new Set<VmPage>();
  /** Pages that only the way out of memory may take. */
  readonly reserved: number;
  /** Pageout begins below `freeMinimum` and ends at `freeTarget`. */
  readonly freeMinimum: number;
  readonly freeTarget: number;

  constructor(host: PageHost, base: number, limit: number) {
    this.#host = host;
    this.#base = base;
    for (let frame = base; frame + PAGE_SIZE <= limit; frame += PAGE_SIZE)
      this.#pages.push(new VmPage(frame));
    this.#free.push(...this.#pages.toReversed());
    // As in Mach's vm_pageout: 5 pages and a hundredth, at most 50; the target is a fifth more.
    this.reserved = Math.min(15, this.#pages.length >> 4);
    this.freeMinimum = this.reserved + Math.min(50, 5 + Math.floor(this.#pages.length / 100));
    this.freeTarget = Math.ceil(this.freeMinimum * 1.2) + 1;
  }

  get count(): number {
    return this.#pages.length;
  }
  get freeCount(): number {
    return this.#free.length;
  }
  get wiredCount(): number {
    return this.#pages.filter(({ wireCount }) => wireCount > 0).length;
  }
  /** All pages, for checks. */
  all(): readonly VmPage[] {
    return this.#pages;
  }

  /** The page of a physical address, if it is one that the VM manages. */
  at(frame: number): VmPage | undefined {
    return this.#pages[(frame - this.#base) / PAGE_SIZE];
  }

  /**
   * Purpose: takes a free page; `privileged` may take the reserved ones, too.
   * Returns: the page, in no object and on no queue, its bytes unknown; undefined when there is none.
   */
  grab(privileged = false): VmPage | undefined {
    if (this.#free.length <= (privileged ? 0 : this.reserved)) return undefined;
    const page = this.#free.pop() ?? panic("vm_page_grab: no page");
    page.queue = "none";
    return page;
  }

  /** Gives a page back. It has no mappings, no wirings, and nobody waits for it. */
  free(page: VmPage): void {
    if (page.queue === "free") panic(`vm_page_free: free already: ${page.frame}`);
    if (page.mappings !== 0) panic(`vm_page_free: mapped: ${page.frame}`);
    this.unqueue(page);
    page.object?.pages.delete(page.offset);
    page.object = undefined;
    page.wireCount = 0;
    page.busy = false;
    page.absent = false;
    page.error = false;
    page.dirty = false;
    page.precious = false;
    page.pageLock = 0;
    page.unlockRequest = 0;
    page.laundry = 0;
    page.queue = "free";
    this.#free.push(page);
  }

  /** Puts a page into an object, in which there is none at the offset. */
  insert(page: VmPage, object: VmObject, offset: number): void {
    if (object.pages.has(offset)) panic(`vm_page_insert: there is one: ${offset}`);
    page.object?.pages.delete(page.offset);
    page.object = object;
    page.offset = offset;
    object.pages.set(offset, page);
  }

  activate(page: VmPage): void {
    this.unqueue(page);
    if (page.wireCount > 0) return;
    page.queue = "active";
    this.active.add(page);
  }
  deactivate(page: VmPage): void {
    this.unqueue(page);
    if (page.wireCount > 0) return;
    page.queue = "inactive";
    this.inactive.add(page);
  }
  unqueue(page: VmPage): void {
    this.active.delete(page);
    this.inactive.delete(page);
    page.queue = "none";
  }

  wire(page: VmPage): void {
    page.wireCount += 1;
    this.unqueue(page);
  }
  unwire(page: VmPage): void {
    if (page.wireCount === 0) panic(`vm_page_unwire: not wired: ${page.frame}`);
    page.wireCount -= 1;
    if (page.wireCount === 0) this.activate(page);
  }

  zeroFill(page: VmPage): void {
    this.#host.zeroPage(page.frame);
  }
  copy(from: VmPage, to: VmPage): void {
    this.#host.copyPage(from.frame, to.frame);
  }
  read(page: VmPage): Uint8Array {
    return this.#host.memory.bytes(page.frame, PAGE_SIZE);
  }
  write(page: VmPage, bytes: Uint8Array): void {
    this.#host.memory.copyIn(page.frame, bytes);
  }
}
