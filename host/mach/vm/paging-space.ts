/**
 * The default pager's backing store: pages of temporary memory that had to leave. It is in the kernel,
 * not a task: it has no client but the kernel, needs no memory of its own while memory is short, and
 * so cannot deadlock with what it serves. Its store is host memory of a bounded number of pages, the
 * time of a transfer is the paging disk's (PAGING_MILLISECONDS), which the thread that needs the page
 * waits for.
 */
import { panic } from "../../diagnostic.ts";

/**
 * One transfer of a page to or from the paging disk: seek 10 ms, half a rotation at 4500 a minute
 * 6.7 ms, 4 KB at 1.5 MB/s 2.7 ms (the SCSI-2 disk of the machine, host/mach/device).
 */
export const PAGING_MILLISECONDS = 20;

/** The pages of one object that are in the paging space, by offset. */
export type PagedOut = Map<number, Uint8Array>;

export class PagingSpace {
  /** Pages it can hold. */
  readonly pages: number;
  #used = 0;

  constructor(pages: number) {
    this.pages = pages;
  }

  get used(): number {
    return this.#used;
  }

  /** Keeps a page; false when the space is full. */
  put(paged: PagedOut, offset: number, bytes: Uint8Array): boolean {
    if (!paged.has(offset)) {
      if (this.#used >= this.pages) return false;
      this.#used += 1;
    }
    paged.set(offset, bytes);
    return true;
  }

  /** Forgets a page. */
  drop(paged: PagedOut, offset: number): void {
    if (!paged.delete(offset)) panic(`paging space: no page at ${offset}`);
    this.#used -= 1;
  }

  /** Forgets all pages of an object. */
  dropAll(paged: PagedOut): void {
    this.#used -= paged.size;
    paged.clear();
  }
}
