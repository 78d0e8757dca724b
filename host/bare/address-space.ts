/**
 * A program's memory: its areas, and the pages of them that are present. Pages come when they are
 * first used, cleared or with what their backing has, and go with their area. The guest's text
 * finds present pages by itself; a miss, and every access of the host, comes here.
 */
import type { Machine } from "../machine/machine.ts";
import { type Area, Areas } from "./areas.ts";
import { BARE, PAGE_SIZE, pageOf, pagesUp } from "./layout.ts";
import { type Access, PageTable } from "./page-table.ts";

/** What an access wants of a page. */
export type Use = keyof Access;

/** Why a page cannot be used: nothing is there, or it may not be used so. */
export type Refusal = "unmapped" | "denied";

/** As many areas as Linux allows a process. */
const MOST_AREAS = 65530;

export class AddressSpace {
  readonly areas = new Areas();
  readonly table: PageTable;
  readonly #machine: Machine;
  #breakStart = 0;
  #break = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.table = new PageTable(machine);
  }

  /** Bytes that one request may ask for: no more than there is memory. */
  get limit(): number {
    return this.#machine.memory.size - BARE.BARE_FRAMES;
  }

  get full(): boolean {
    return this.areas.count >= MOST_AREAS;
  }

  /**
   * Makes the page of an address present for a use.
   * @throws OutOfFrames
   */
  touch(address: number, use: Use): Refusal | undefined {
    const page = pageOf(address);
    const area = this.areas.find(page);
    if (area === undefined) return "unmapped";
    if (!area.access[use]) return "denied";
    if (this.table.frameOf(page) === undefined) this.#bring(page, area);
    return undefined;
  }

  #bring(page: number, { start, access, backing, position }: Area): number {
    const frame = this.table.allocate();
    if (backing !== undefined) {
      const bytes = backing.read(position + (page - start), PAGE_SIZE);
      this.#machine.memory.copyIn(frame, bytes);
    }
    this.table.enter(page, frame, access);
    return frame;
  }

  /** Physical address of a byte for a use of the host's; undefined when the program may not so. */
  #physical(address: number, use: Use): number | undefined {
    if (address >= BARE.BARE_TASK_SIZE) return undefined;
    const page = pageOf(address);
    const area = this.areas.find(page);
    if (area === undefined || !area.access[use]) return undefined;
    return (this.table.frameOf(page) ?? this.#bring(page, area)) + (address - page);
  }

  /** How many bytes from `address` on may be used so, up to `length`. */
  usable(address: number, length: number, use: Use): number {
    let count = 0;
    for (const area of this.areas.within(address, address + length)) {
      if (area.start !== address + count || !area.access[use]) break;
      count += area.end - area.start;
    }
    return count;
  }

  /** A copy of the program's bytes; undefined when it may not read all of them. */
  copyin(address: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const physical = this.#physical(address + done, "read");
      if (physical === undefined) return undefined;
      const count = Math.min(length - done, PAGE_SIZE - ((address + done) % PAGE_SIZE));
      bytes.set(this.#machine.memory.bytes(physical, count), done);
      done += count;
    }
    return bytes;
  }

  /** Writes the program's memory; false, with a part written, when it may not write all of it. */
  copyout(address: number, bytes: Uint8Array): boolean {
    for (let done = 0; done < bytes.length;) {
      const physical = this.#physical(address + done, "write");
      if (physical === undefined) return false;
      const count = Math.min(bytes.length - done, PAGE_SIZE - ((address + done) % PAGE_SIZE));
      this.#machine.memory.copyIn(physical, bytes.subarray(done, done + count));
      done += count;
    }
    return true;
  }

  /** Bytes up to a zero, without it; undefined when it leaves readable memory, or after `most`. */
  copyinString(address: number, most: number): Uint8Array | "too long" | undefined {
    const bytes: number[] = [];
    for (let at = address; bytes.length < most;) {
      const physical = this.#physical(at, "read");
      if (physical === undefined) return undefined;
      const end = physical - (physical % PAGE_SIZE) + PAGE_SIZE;
      for (let p = physical; p < end && bytes.length < most; p++, at++) {
        const byte = this.#machine.memory.read8(p);
        if (byte === 0) return Uint8Array.from(bytes);
        bytes.push(byte);
      }
    }
    return "too long";
  }

  // What memory calls do. Ranges are whole pages below BARE_TASK_SIZE.

  map(area: Area): void {
    this.unmap(area.start, area.end);
    this.areas.insert(area);
  }

  unmap(start: number, end: number): void {
    this.discard(start, end);
    this.areas.remove(start, end);
  }

  /** Forgets what pages hold: they will come again as their area has them. */
  discard(start: number, end: number): void {
    for (const page of this.table.present(start, end)) this.table.release(this.table.remove(page)!);
  }

  protect(start: number, end: number, access: Access): void {
    this.areas.protect(start, end, access);
    for (const page of this.table.present(start, end)) this.#reenter(page, page, access);
  }

  /** Moves areas and pages elsewhere; the target is free. */
  move(start: number, end: number, target: number): void {
    const parts = this.areas.within(start, end);
    for (const page of this.table.present(start, end)) {
      const { access } = this.areas.find(page)!;
      this.#reenter(page, page - start + target, access);
    }
    this.areas.remove(start, end);
    for (const area of parts)
      this.areas.insert({
        ...area,
        start: area.start - start + target,
        end: area.end - start + target,
      });
  }

  #reenter(page: number, target: number, access: Access): void {
    const frame = this.table.remove(page)!;
    this.table.enter(target, frame, access);
  }

  // The break.

  setBreakStart(address: number): void {
    this.#breakStart = pagesUp(address);
    this.#break = this.#breakStart;
  }

  /** brk: the new break, or the old one when it cannot be moved there. */
  moveBreak(wanted: number): number {
    if (wanted < this.#breakStart || wanted >= BARE.BARE_TASK_SIZE) return this.#break;
    const [before, after] = [pagesUp(this.#break), pagesUp(wanted)];
    if (after > before) {
      if (after - before > this.limit || !this.areas.isFree(before, after)) return this.#break;
      this.areas.insert({
        start: before,
        end: after,
        access: { read: true, write: true, execute: false },
        position: 0,
      });
    } else this.unmap(after, before);
    return (this.#break = wanted);
  }
}
