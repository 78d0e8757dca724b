/**
 * Where the linker puts sections: groups one after the other, within a group one name after the
 * other, within a name in the order of the objects.
 *
 * Addresses only; bytes and symbols are the business of `link.ts`.
 */
import type { ObjectFile, ObjectSection } from "./object.ts";

/** A section of an object with the address it got. */
export interface Placed {
  readonly object: ObjectFile;
  readonly section: ObjectSection;
  readonly address: number;
}

/** Sections that belong together, and the least alignment of the first. */
export interface Group {
  readonly name: string;
  readonly belongs: (flags: ObjectSection["flags"]) => boolean;
  readonly align: number;
}

/** Where a group starts and ends; empty groups do both at one address. */
export interface Range {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Placement {
  readonly start: number;
  readonly end: number;
  readonly placed: readonly Placed[];
  readonly ranges: readonly Range[];
}

export function alignUp(address: number, align: number): number {
  return Math.ceil(address / align) * align;
}

/** Gives addresses from `start` on to the sections that are loaded and belong to a group. */
export function place(
  objects: readonly ObjectFile[],
  start: number,
  groups: readonly Group[],
): Placement {
  const placed: Placed[] = [];
  const ranges: Range[] = [];
  let end = start;
  for (const { name, belongs, align } of groups) {
    let first: number | undefined;
    for (const members of byName(objects, belongs)) {
      // Only the first name may start at an address that does not suit all its members.
      const strictest = members.reduce((most, { section }) => Math.max(most, section.align), align);
      if (placed.length > 0) end = alignUp(end, strictest);
      for (const { object, section } of members) {
        const address = alignUp(end, section.align);
        placed.push({ object, section, address });
        first ??= address;
        end = address + section.size;
      }
    }
    ranges.push({ name, start: first ?? end, end });
  }
  return { start, end, placed, ranges };
}

interface Member {
  readonly object: ObjectFile;
  readonly section: ObjectSection;
}

function byName(objects: readonly ObjectFile[], belongs: Group["belongs"]): Iterable<Member[]> {
  const names = new Map<string, Member[]>();
  for (const object of objects)
    for (const section of object.sections) {
      if (!section.flags.allocate || section.size === 0 || !belongs(section.flags)) continue;
      const members = names.get(section.name);
      if (members === undefined) names.set(section.name, [{ object, section }]);
      else members.push({ object, section });
    }
  return names.values();
}
