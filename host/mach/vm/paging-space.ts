/**
 * The paging space: pages of temporary memory that had to leave, each in a slot of its own. A bounded
 * number of slots; what is in them is with the default pager (default-pager.ts), which takes its time to
 * write it and read it back. Without one, as before a system has booted, it is kept here, and a transfer
 * takes a constant time.
 */
import { panic } from "../../diagnostic.ts";
import type { Wait } from "../kern/procedure.ts";

/**
 * One transfer of a page to or from a paging disk that nobody simulates: command, average seek, half a
 * rotation at 3600 a minute, 4 KB (host/mach/device/disk-timing.ts).
 */
export const PAGING_MILLISECONDS = 20;
/** Pages that go to the paging disk in one transfer. */
export const CLUSTER = 8;

/** A page in the paging space. */
export interface PagedPage {
  readonly slot: number;
  /** Until they are written; for good, where there is no default pager. */
  bytes: Uint8Array | undefined;
  /** Nobody has it any more, and its slot may be another's. */
  isGone: boolean;
}

/** The pages of one object that are in the paging space, by offset. */
export type PagedOut = Map<number, PagedPage>;

/** Who writes pages and reads them. */
export interface PagingStore {
  /** Writes a page's bytes, in its turn; they are given up then. */
  write(page: PagedPage): void;
  /** Reads a page: what to wait for. */
  fetch(page: PagedPage): Wait;
  /** What to wait for until all that was to be written is; undefined: it is. */
  written(): Wait | undefined;
  /** What a slot holds on the disk. */
  read(slot: number): Uint8Array;
}

/** A wait for so many transfers that nobody makes. */
const elapse = (transfers: number): Wait => ({
  event: {},
  interruptible: false,
  milliseconds: transfers * PAGING_MILLISECONDS,
});

export class PagingSpace {
  /** Pages it can hold. */
  readonly pages: number;
  /** The default pager, once there is one. */
  store: PagingStore | undefined = undefined;
  readonly #free: number[] = [];
  #next = 0;

  constructor(pages: number) {
    this.pages = pages;
  }

  get used(): number {
    return this.#next - this.#free.length;
  }

  /** Keeps a page; false when the space is full. */
  put(paged: PagedOut, offset: number, bytes: Uint8Array): boolean {
    const old = paged.get(offset);
    const slot = old?.slot ?? this.#slot();
    if (slot === undefined) return false;
    if (old) old.isGone = true;
    const page: PagedPage = { slot, bytes, isGone: false };
    paged.set(offset, page);
    this.store?.write(page);
    return true;
  }
  #slot(): number | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    return this.#next < this.pages ? this.#next++ : undefined;
  }

  /** Gives a page of one object to another, which has none at the offset. */
  move(from: PagedOut, at: number, to: PagedOut, offset: number): void {
    const page = from.get(at) ?? panic(`paging space: no page at ${at}`);
    from.delete(at);
    to.set(offset, page);
  }

  /** A page's data, wherever they are; who looks has waited for them. */
  bytesOf({ slot, bytes }: PagedPage): Uint8Array {
    return bytes ?? this.store?.read(slot) ?? panic(`paging space: nothing in slot ${slot}`);
  }
  /** What to wait for before a page's data are looked at; undefined: they have not left yet. */
  fetch(page: PagedPage): Wait | undefined {
    if (!this.store) return elapse(1);
    return page.bytes ? undefined : this.store.fetch(page);
  }
  /** What to wait for after so many pages were put. */
  written(pages: number): Wait | undefined {
    return this.store ? this.store.written() : elapse(Math.ceil(pages / CLUSTER));
  }

  /** Forgets a page. */
  drop(paged: PagedOut, offset: number): void {
    const page = paged.get(offset) ?? panic(`paging space: no page at ${offset}`);
    paged.delete(offset);
    page.isGone = true;
    page.bytes = undefined;
    this.#free.push(page.slot);
  }

  /** Forgets all pages of an object. */
  dropAll(paged: PagedOut): void {
    for (const offset of [...paged.keys()]) this.drop(paged, offset);
  }
}
