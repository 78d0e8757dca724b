/**
 * The areas of an address space: which ranges a program may use, how, and what they hold at first.
 * Pure bookkeeping, in order of address and without overlaps; frames and page tables are not seen.
 */
import type { Access } from "./page-table.ts";

/** Initial contents by position; what lies outside is zero. */
export interface Backing {
  read(position: number, length: number): Uint8Array;
}

export interface Area {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  readonly access: Access;
  /** Absent: zeros. */
  readonly backing?: Backing;
  /** Position in the backing of the byte at `start`. */
  readonly position: number;
}

function part(area: Area, start: number, end: number): Area {
  return { ...area, start, end, position: area.position + (start - area.start) };
}

function continues(a: Area, b: Area): boolean {
  return (
    a.end === b.start &&
    a.access.read === b.access.read &&
    a.access.write === b.access.write &&
    a.access.execute === b.access.execute &&
    a.backing === b.backing &&
    (a.backing === undefined || a.position + (a.end - a.start) === b.position)
  );
}

export class Areas {
  #areas: Area[] = [];

  get count(): number {
    return this.#areas.length;
  }

  /** Index of the first area that ends behind `address`. */
  #index(address: number): number {
    let low = 0;
    let high = this.#areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#areas[middle]!.end <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The area that holds an address. */
  find(address: number): Area | undefined {
    const area = this.#areas[this.#index(address)];
    return area !== undefined && area.start <= address ? area : undefined;
  }

  /** The parts of areas that lie in a range. */
  within(start: number, end: number): Area[] {
    const parts: Area[] = [];
    for (let i = this.#index(start); i < this.#areas.length; i++) {
      const area = this.#areas[i]!;
      if (area.start >= end) break;
      parts.push(part(area, Math.max(start, area.start), Math.min(end, area.end)));
    }
    return parts;
  }

  /** Whether nothing lies in a range. */
  isFree(start: number, end: number): boolean {
    const area = this.#areas[this.#index(start)];
    return area === undefined || area.start >= end;
  }

  /** Whether every byte of a range is in some area. */
  covers(start: number, end: number): boolean {
    const parts = this.within(start, end);
    return parts.reduce((sum, area) => sum + area.end - area.start, 0) === end - start;
  }

  /** The lowest free range of `length` bytes in [from, to); undefined when there is none. */
  findFree(length: number, from: number, to: number): number | undefined {
    let start = from;
    for (let i = this.#index(from); start + length <= to; i++) {
      const area = this.#areas[i];
      if (area === undefined || area.start >= start + length) return start;
      start = area.end;
    }
    return undefined;
  }

  /** Takes a range out; areas that reach over its ends are cut. */
  remove(start: number, end: number): void {
    const first = this.#index(start);
    let last = first;
    const rests: Area[] = [];
    for (; last < this.#areas.length && this.#areas[last]!.start < end; last++) {
      const area = this.#areas[last]!;
      if (area.start < start) rests.push(part(area, area.start, start));
      if (area.end > end) rests.push(part(area, end, area.end));
    }
    this.#areas.splice(first, last - first, ...rests);
  }

  /** Puts an area in, over whatever was there, and joins it with like neighbours. */
  insert(area: Area): void {
    this.remove(area.start, area.end);
    let at = this.#index(area.start);
    let joined = area;
    let replaced = 0;
    const after = this.#areas[at];
    if (after !== undefined && continues(joined, after)) {
      joined = { ...joined, end: after.end };
      replaced++;
    }
    const before = this.#areas[at - 1];
    if (before !== undefined && continues(before, joined)) {
      joined = { ...before, end: joined.end };
      at--;
      replaced++;
    }
    this.#areas.splice(at, replaced, joined);
  }

  /** Changes how a range may be used. */
  protect(start: number, end: number, access: Access): void {
    for (const area of this.within(start, end)) this.insert({ ...area, access });
  }

  /** The end of the area before an address, for messages about what was just missed. */
  endBefore(address: number): number | undefined {
    return this.#areas[this.#index(address) - 1]?.end;
  }
}
