/**
 * What a process has in its address space, by its own calls and its image: a list of regions that do
 * not overlap, lowest first. Mach's map has the pages; this list has what Unix must know of them:
 * which file a region is of (and a reference to it), where `brk` stands, how much there is.
 */
import { panic } from "../../../diagnostic.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Protection } from "../call.ts";
import type { Vnode } from "../files/vnode.ts";

export interface Region {
  readonly start: number;
  /** The first byte behind it. */
  readonly end: number;
  readonly protection: Protection;
  readonly shared: boolean;
  /** Of shared memory without a file: its number, the same in all processes that have it. */
  readonly anonymous?: number;
  /** The most that mprotect may give: a shared mapping of a file opened for reading stays so. */
  readonly mayWrite: boolean;
  /** Each region holds a reference to its file; `offset` is the file's byte at `start`. */
  readonly file?: { readonly vnode: Vnode; readonly offset: number };
  /** Where pages that are the file's as they are end, if not with the region. */
  readonly pagedEnd?: number;
  /** Its pages are to stay in memory (mlock). */
  readonly locked?: boolean;
  readonly kind: "text" | "data" | "heap" | "stack" | "mapped" | "other";
}

/** One above the last address. */
const END = 2 ** 32;

/** A part of a region, of the same contents. */
function part(region: Region, start: number, end: number): Region {
  const { file } = region;
  const moved = file && { vnode: file.vnode, offset: file.offset + start - region.start };
  return { ...region, start, end, ...(moved && { file: moved }) };
}

/** Whether a region is more of the zero memory that another, below it, is. */
const continues = (before: Region, region: Region): boolean =>
  before.end === region.start &&
  before.file === undefined &&
  region.file === undefined &&
  before.protection === region.protection &&
  before.shared === region.shared &&
  before.anonymous === region.anonymous &&
  (before.locked === true) === (region.locked === true) &&
  before.kind === region.kind;

export class AddressSpace {
  #regions: Region[] = [];
  /** Where the break began and is, bytes. */
  brkStart = 0;
  brk = 0;

  /** Whether what is mapped from now on is locked (MCL_FUTURE). */
  locksFuture = false;

  get regions(): readonly Region[] {
    return this.#regions;
  }

  /** Bytes in all (RLIMIT_AS). */
  get size(): number {
    return this.#regions.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Bytes that are locked (RLIMIT_MEMLOCK). */
  get locked(): number {
    const locked = this.#regions.filter((region) => region.locked === true);
    return locked.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** The region that an address lies in. */
  at(address: number): Region | undefined {
    return this.#regions.find(({ start, end }) => start <= address && address < end);
  }

  /** Regions that have a byte from `start` to before `end`. */
  overlapping(start: number, end: number): readonly Region[] {
    return this.#regions.filter((region) => region.start < end && start < region.end);
  }

  /** Whether regions cover all from `start` to before `end`. */
  covers(start: number, end: number): boolean {
    let at = start;
    for (const region of this.overlapping(start, end)) {
      if (region.start > at) return false;
      at = region.end;
    }
    return at >= end;
  }

  /** Whether some of the bytes may be in a file's pages, which can fail to come. */
  isPaged(address: number, length: number): boolean {
    return this.overlapping(address, address + length).some(
      ({ file, pagedEnd = END }) => file !== undefined && address < pagedEnd,
    );
  }

  /** The files that some of the bytes are of. */
  filesAt(address: number, length: number): Vnode[] {
    return this.overlapping(address, address + length).flatMap(({ file }) => file?.vnode ?? []);
  }

  /** Adds a region where there is none; its reference to a file becomes this list's. */
  add(region: Region): void {
    if (this.overlapping(region.start, region.end).length > 0)
      panic(`add: a region is at ${region.start.toString(16)} already`);
    const before = this.#regions.findIndex(({ start }) => start > region.start);
    this.#regions.splice(before === -1 ? this.#regions.length : before, 0, region);
  }

  /** As `add`, but zero memory that continues a region like it becomes part of that. */
  grow(region: Region): void {
    const at = this.#regions.findIndex(({ end }) => end === region.start);
    const before = this.#regions[at];
    if (before === undefined || !continues(before, region)) return this.add(region);
    if (this.overlapping(region.start, region.end).length > 0)
      panic(`grow: a region is at ${region.start.toString(16)} already`);
    this.#regions[at] = { ...before, end: region.end };
  }

  /** Takes a range out; regions that lie partly in it are cut. */
  *remove(start: number, end: number): Blocking<void> {
    const dropped: Vnode[] = [];
    this.#change(start, end, ({ file }) => {
      if (file) dropped.push(file.vnode);
      return undefined;
    });
    for (const vnode of dropped) yield* vnode.put();
  }

  /** Gives what lies in a range another protection. */
  protect(start: number, end: number, protection: Protection): void {
    this.#change(start, end, (region) => ({ ...region, protection }));
    this.#join();
  }

  /** Says that what lies in a range is to stay in memory, or need no longer. */
  lock(start: number, end: number, locks: boolean): void {
    this.#change(start, end, (region) => ({ ...region, locked: locks }));
    this.#join();
  }

  /** Makes one of zero memory that is alike and adjoins: a program moves it as a whole (mremap). */
  #join(): void {
    const regions = this.#regions;
    this.#regions = [];
    for (const region of regions) {
      const before = this.#regions.at(-1);
      if (before !== undefined && continues(before, region))
        this.#regions[this.#regions.length - 1] = { ...before, end: region.end };
      else this.#regions.push(region);
    }
  }

  /** Cuts regions at the ends of a range, and replaces what is within. */
  #change(start: number, end: number, change: (region: Region) => Region | undefined): void {
    this.#regions = this.#regions.flatMap((region) => {
      if (region.end <= start || end <= region.start) return [region];
      const pieces: Region[] = [];
      const keep = (from: number, to: number): void => {
        if (from >= to) return;
        region.file?.vnode.hold();
        pieces.push(part(region, from, to));
      };
      keep(region.start, start);
      const within = change(part(region, Math.max(start, region.start), Math.min(end, region.end)));
      if (within) pieces.push(within);
      keep(end, region.end);
      return pieces;
    });
  }

  /** A copy for a child, with references of its own; nothing in it is locked. */
  copy(): AddressSpace {
    const copy = new AddressSpace();
    for (const region of this.#regions) region.file?.vnode.hold();
    copy.#regions = this.#regions.map((region) => ({ ...region, locked: false }));
    copy.brkStart = this.brkStart;
    copy.brk = this.brk;
    return copy;
  }

  /** Lets everything go, when the memory itself has gone. */
  *clear(): Blocking<void> {
    const regions = this.#regions;
    this.#regions = [];
    this.locksFuture = false;
    for (const { file } of regions) if (file !== undefined) yield* file.vnode.put();
  }
}
