/**
 * Page frames, and the page tables that the TLB handlers of vectors.s walk. Both are in the guest's
 * memory; what is kept here is which frames are free. The tables say which pages are present and how
 * they may be used; what should be at an address that is not present is address-space.ts's.
 */
import { CR, TLB_WORD } from "../abi/pa.ts";
import type { Machine } from "../machine/machine.ts";
import { BARE, PAGE_SIZE, pageEntry } from "./layout.ts";

/** What a program may do with a page. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** Frames are a resource of the program: this says that there are no more. */
export class OutOfFrames extends Error {
  override readonly name = "OutOfFrames";
}

const { BARE_FRAMES, BARE_SPACE } = BARE;
const { TLB_D, TLB_PL1_SHIFT, TLB_PL2_SHIFT, TLB_TYPE_SHIFT } = TLB_WORD;
const ENTRIES = 1024;
const DIRECTORY_SHIFT = 22;

/**
 * Protection word: type 0 read, 1 read and write, 2 read and execute, 3 all; access id 0, public. What
 * a program may not use at all is level 0's.
 */
function protectionOf({ read, write, execute }: Access): number {
  const type = (write ? 1 : 0) | (execute ? 2 : 0);
  const level = read || write || execute ? 3 : 0;
  return (
    (TLB_D | (type << TLB_TYPE_SHIFT) | (level << TLB_PL1_SHIFT) | (level << TLB_PL2_SHIFT)) >>> 0
  );
}

export class PageTable {
  /** Physical address of the directory: cr25. */
  readonly directory: number;
  readonly #machine: Machine;
  readonly #free: number[] = [];
  #next: number = BARE_FRAMES;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.directory = this.allocate();
  }

  /** A cleared frame. @throws OutOfFrames */
  allocate(): number {
    const reused = this.#free.pop();
    if (reused !== undefined) {
      this.#machine.memory.fill(reused, PAGE_SIZE);
      return reused;
    }
    if (this.#next + PAGE_SIZE > this.#machine.memory.size) throw new OutOfFrames("no free frame");
    this.#next += PAGE_SIZE;
    return this.#next - PAGE_SIZE;
  }

  release(frame: number): void {
    this.#free.push(frame);
  }

  /** Bytes of memory in use. */
  get used(): number {
    return this.#next - BARE_FRAMES - this.#free.length * PAGE_SIZE;
  }

  /** Physical address of the entry of a virtual page; undefined when it has no table. */
  #entry(page: number): number | undefined {
    const table = this.#machine.memory.read32(this.#slot(page));
    return table === 0 ? undefined : table + ((page >>> 12) & (ENTRIES - 1)) * pageEntry.size;
  }

  #slot(page: number): number {
    return this.directory + (page >>> DIRECTORY_SHIFT) * 4;
  }

  /** Maps a virtual page to a frame. @throws OutOfFrames when a table is needed and none is left */
  enter(page: number, frame: number, access: Access): void {
    const { memory } = this.#machine;
    let at = this.#entry(page);
    if (at === undefined) {
      memory.write32(this.#slot(page), this.#newTable());
      at = this.#entry(page)!;
    }
    const entry = pageEntry.at(memory, at);
    entry.page = frame >>> 7;
    entry.protection = protectionOf(access);
    this.#machine.purgePage(BARE_SPACE, page);
  }

  /** Two frames side by side. */
  #newTable(): number {
    const bytes = ENTRIES * pageEntry.size;
    if (this.#next + bytes > this.#machine.memory.size) throw new OutOfFrames("no free frame");
    this.#next += bytes;
    return this.#next - bytes;
  }

  /** Frame of a virtual page; undefined when it is not present. */
  frameOf(page: number): number | undefined {
    const at = this.#entry(page);
    if (at === undefined) return undefined;
    const entry = pageEntry.at(this.#machine.memory, at);
    return entry.protection === 0 ? undefined : (entry.page << 7) >>> 0;
  }

  /** Takes a present page out and returns its frame, which stays allocated. */
  remove(page: number): number | undefined {
    const frame = this.frameOf(page);
    if (frame === undefined) return undefined;
    pageEntry.at(this.#machine.memory, this.#entry(page)!).protection = 0;
    this.#machine.purgePage(BARE_SPACE, page);
    return frame;
  }

  /** The present pages of a range, without a look at tables that do not exist. */
  *present(start: number, end: number): Generator<number> {
    for (let page = start; page < end;) {
      if (this.#entry(page) === undefined) {
        page = (Math.floor(page / 2 ** DIRECTORY_SHIFT) + 1) * 2 ** DIRECTORY_SHIFT;
        continue;
      }
      if (this.frameOf(page) !== undefined) yield page;
      page += PAGE_SIZE;
    }
  }
}

/** Physical address of a virtual one, as the tables of a running program say; `undefined`: not present. */
export function physicalOf(machine: Machine, address: number): number | undefined {
  const { memory } = machine;
  const table = memory.read32(machine.cr(CR.CR_TR1) + (address >>> DIRECTORY_SHIFT) * 4);
  if (table === 0) return undefined;
  const entry = pageEntry.at(memory, table + ((address >>> 12) & (ENTRIES - 1)) * pageEntry.size);
  return entry.protection === 0 ? undefined : ((entry.page << 7) >>> 0) + (address & 0xfff);
}
