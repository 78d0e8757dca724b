/**
 * Areas and address spaces against models that are too simple to be wrong: a map of pages. What
 * programs see of them is in programs.node.test.ts; here are the cases that no program shows, or that
 * the oracle answers otherwise than Linux.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "../../host/bare/address-space.ts";
import { type Area, Areas, type Backing } from "../../host/bare/areas.ts";
import { PAGE_SIZE } from "../../host/bare/layout.ts";
import type { Access } from "../../host/bare/page-table.ts";
import { Machine } from "../../host/machine/machine.ts";
import { runText } from "./text-program.ts";

const SEED = 1993;
const ALL: Access = { read: true, write: true, execute: true };
const READ: Access = { read: true, write: false, execute: false };
const NONE: Access = { read: false, write: false, execute: false };

const page = (number: number): number => number * PAGE_SIZE;
const backing: Backing = {
  read: (position, length) => Uint8Array.from({ length }, (_, i) => (position + i) >>> 12),
};

describe("areas", () => {
  /** What is at each page: access, and which page of the backing. */
  type Model = Map<number, { access: Access; position: number | undefined }>;

  const PAGES = 24;
  const range = fc
    .tuple(fc.nat(PAGES - 1), fc.integer({ min: 1, max: PAGES }))
    .map(([start, length]) => [start, Math.min(PAGES, start + length)] as const);
  const access = fc.constantFrom(ALL, READ, NONE);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("insert" as const), range, access, backed: fc.boolean() }),
    fc.record({ kind: fc.constant("remove" as const), range }),
    fc.record({ kind: fc.constant("protect" as const), range, access }),
  );

  function seen(areas: Areas): Model {
    const model: Model = new Map();
    for (let number = 0; number < PAGES; number++) {
      const area = areas.find(page(number) + 5);
      if (area === undefined) continue;
      const position =
        area.backing === undefined
          ? undefined
          : (area.position + page(number) - area.start) / PAGE_SIZE;
      model.set(number, { access: area.access, position });
    }
    return model;
  }

  test("insert, remove and protect are what they are page by page", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), range, (steps, [from, to]) => {
        const areas = new Areas();
        const model: Model = new Map();
        for (const each of steps) {
          const [start, end] = each.range;
          if (each.kind === "insert")
            areas.insert({
              start: page(start),
              end: page(end),
              access: each.access,
              position: page(start + 100),
              ...(each.backed && { backing }),
            });
          else if (each.kind === "remove") areas.remove(page(start), page(end));
          else areas.protect(page(start), page(end), each.access);
          for (let number = start; number < end; number++) {
            const old = model.get(number);
            if (each.kind === "remove") model.delete(number);
            else if (each.kind === "insert")
              model.set(number, {
                access: each.access,
                position: each.backed ? number + 100 : undefined,
              });
            else if (old) model.set(number, { ...old, access: each.access });
          }
        }
        expect(seen(areas)).toEqual(model);
        const inRange = Array.from({ length: to - from }, (_, i) => model.has(from + i));
        expect(areas.isFree(page(from), page(to))).toBe(!inRange.includes(true));
        expect(areas.covers(page(from), page(to))).toBe(!inRange.includes(false));
        const length = to - from;
        const starts = Array.from({ length: PAGES - length + 1 }, (_, i) => i);
        const free = starts.find((at) => !span(at, length).some((number) => model.has(number)));
        expect(areas.findFree(page(length), 0, page(PAGES))).toBe(
          free === undefined ? undefined : page(free),
        );
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  const span = (start: number, length: number): number[] =>
    Array.from({ length }, (_, i) => start + i);

  test("neighbours that are alike are one", () => {
    const areas = new Areas();
    const put = (start: number, end: number, more: Partial<Area> = {}): void =>
      areas.insert({ start: page(start), end: page(end), access: ALL, position: 0, ...more });
    put(1, 2);
    put(3, 4);
    put(2, 3);
    expect(areas.count).toBe(1);
    put(4, 5, { backing, position: page(4) });
    put(5, 6, { backing, position: page(5) });
    expect(areas.count).toBe(2);
    put(6, 7, { backing, position: page(9) });
    expect(areas.count).toBe(3);
  });
});

describe("an address space", () => {
  const make = async (): Promise<AddressSpace> =>
    new AddressSpace(await Machine.create({ memoryBytes: 1 << 20, recordPages: 16 }));
  const zeros = (start: number, end: number, access = ALL): Area => ({
    start: page(start),
    end: page(end),
    access,
    position: 0,
  });
  const firstByte = (space: AddressSpace, number: number): number | undefined =>
    space.copyin(page(number), 1)?.[0];

  test("pages come with their backing, keep what is written, and go when discarded", async () => {
    const space = await make();
    space.map({ ...zeros(0x100, 0x110), backing, position: page(7) });
    expect(firstByte(space, 0x103)).toBe(10);
    expect(space.copyout(page(0x103) - 2, Uint8Array.of(1, 2, 3, 4))).toBe(true);
    expect(space.copyin(page(0x103) - 3, 6)).toEqual(Uint8Array.of(9, 1, 2, 3, 4, 10));
    space.discard(page(0x103), page(0x104));
    expect(space.copyin(page(0x103) - 3, 6)).toEqual(Uint8Array.of(9, 1, 2, 10, 10, 10));
  });

  test("what may not be used so is not used", async () => {
    const space = await make();
    space.map(zeros(0x100, 0x102, READ));
    space.map(zeros(0x102, 0x103, NONE));
    expect(space.copyout(page(0x100), Uint8Array.of(1))).toBe(false);
    expect(space.copyin(page(0x101), 2 * PAGE_SIZE)).toBeUndefined();
    expect(space.usable(page(0x100) + 10, 100_000, "read")).toBe(2 * PAGE_SIZE - 10);
    expect(space.touch(page(0x102), "read")).toBe("denied");
    expect(space.touch(page(0x103), "read")).toBe("unmapped");
    expect(space.copyin(0xfffffffc, 8)).toBeUndefined();
  });

  test("moving takes pages, their contents and what has not come yet along", async () => {
    const space = await make();
    space.map({ ...zeros(0x100, 0x103), backing, position: page(7) });
    space.copyout(page(0x101), Uint8Array.of(99));
    space.move(page(0x100), page(0x103), page(0x500));
    expect([0x500, 0x501, 0x502].map((number) => firstByte(space, number))).toEqual([7, 99, 9]);
    expect(firstByte(space, 0x101)).toBeUndefined();
    expect(space.areas.isFree(page(0x100), page(0x103))).toBe(true);
  });

  test("frames that are given back are used again, cleared", async () => {
    const space = await make();
    for (let round = 0; round < 50; round++) {
      space.map(zeros(0x100, 0x120));
      for (let number = 0x100; number < 0x120; number++) {
        expect(firstByte(space, number)).toBe(0);
        space.copyout(page(number), Uint8Array.of(round + 1));
      }
      space.unmap(page(0x100), page(0x120));
    }
    expect(space.table.used).toBeLessThan(40 * PAGE_SIZE);
  });

  test("the break moves up and down, but over nothing", async () => {
    const space = await make();
    space.setBreakStart(page(0x100) + 10);
    const start = page(0x101);
    expect(space.moveBreak(0)).toBe(start);
    expect(space.moveBreak(start + 5000)).toBe(start + 5000);
    space.copyout(start + 4999, Uint8Array.of(1));
    expect(space.moveBreak(start - 1)).toBe(start + 5000);
    expect(space.moveBreak(start)).toBe(start);
    expect(space.copyin(start, 1)).toBeUndefined();
    space.map(zeros(0x105, 0x106));
    expect(space.moveBreak(page(0x105))).toBe(page(0x105));
    expect(space.moveBreak(page(0x105) + 1)).toBe(page(0x105));
    expect(space.moveBreak(0xffff0000)).toBe(page(0x105));
  });
});

describe("calls that the oracle answers otherwise", () => {
  /** The errno of one call on a page-aligned address that nothing is at. */
  const errno = async (call: string): Promise<number> => {
    const { status } = await runText(`
_start:	ldil	L%0x50000000,%r26
	ldil	L%4096,%r25
	ldi	1,%r24
	ldi	0x12,%r23
	ldi	-1,%r22
	copy	%r0,%r21
	${call}
	sub	%r0,%r28,%r26
	exit`);
    return status;
  };

  test.each([
    ["mprotect of nothing: ENOMEM", "system\t125", 12],
    ["madvise of nothing: ENOMEM", "system\t119", 12],
    ["mremap of nothing: EFAULT", "copy\t%r25,%r24\n\tcopy\t%r0,%r23\n\tsystem\t163", 14],
    ["munmap between pages: EINVAL", "ldo\t4(%r26),%r26\n\tsystem\t91", 22],
    ["mmap of a bad kind: EINVAL", "ldi\t0x10,%r23\n\tsystem\t89", 22],
    ["mmap at 0: EPERM", "copy\t%r0,%r26\n\tldi\t0x16,%r23\n\tsystem\t89", 1],
    ["mmap of more than memory: ENOMEM", "ldil\tL%0x1000000,%r25\n\tldi\t3,%r24\n\tsystem\t89", 12],
    ["mmap of no file: EBADF", "ldi\t2,%r23\n\tsystem\t89", 9],
    ["fork: ENOSYS", "system\t2", 251],
  ])("%s", async (_, call, expected) => {
    expect(await errno(call)).toBe(expected);
  });
});
