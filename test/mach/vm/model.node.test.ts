/**
 * Random operations on several address maps against a model that knows nothing of objects, shadows or
 * pages out: a map is a table of pages, each a protection, an inheritance and a cell of bytes; shared
 * pages have one cell. Memory is so short that most of it is in the paging space.
 * INKWELL_FUZZ multiplies the number of histories; a failure prints its seed.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { KERN_RETURN, VM_INHERIT, VM_PROT } from "../../../host/abi/mach.ts";
import { vm_map_fork } from "../../../host/mach/vm/vm-map-fork.ts";
import {
  vm_map_copy_discard,
  vm_map_copyin,
  vm_map_copyout,
} from "../../../host/mach/vm/vm-map-copy.ts";
import {
  vm_map_create,
  vm_map_deallocate,
  vm_map_lookup_entry,
  type VmMap,
} from "../../../host/mach/vm/vm-map.ts";
import {
  vm_allocate,
  vm_copy,
  vm_deallocate,
  vm_inherit,
  vm_protect,
  vm_wire,
  vm_write,
} from "../../../host/mach/vm/vm-user.ts";
import { VmWorld } from "./vm-world.ts";
import { seeded } from "../../support/seed.ts";

const { KERN_SUCCESS, KERN_INVALID_ADDRESS, KERN_NO_SPACE, KERN_PROTECTION_FAILURE } = KERN_RETURN;
const { VM_PROT_READ, VM_PROT_WRITE, VM_PROT_ALL } = VM_PROT;
const PAGE = 4096;
const PAGES = 20;
const RUNS = 60 * Number(process.env["INKWELL_FUZZ"] ?? 1);

interface Cell {
  bytes: Uint8Array;
}
interface Page {
  protection: number;
  max: number;
  inheritance: number;
  cell: Cell;
}
type Space = (Page | undefined)[];

const fresh = (): Page => ({
  protection: 3,
  max: VM_PROT_ALL,
  inheritance: VM_INHERIT.VM_INHERIT_COPY,
  cell: { bytes: new Uint8Array(PAGE) },
});
const cloneCell = ({ bytes }: Cell): Cell => ({ bytes: bytes.slice() });

/** One map, real and modelled. */
interface Both {
  readonly map: VmMap;
  readonly space: Space;
}

class History {
  readonly world = new VmWorld(28);
  readonly maps: Both[] = [];

  constructor() {
    this.maps.push({ map: vm_map_create(this.world.vm)!, space: [] });
  }
  pick(index: number): Both {
    return this.maps[index % this.maps.length]!;
  }
  /** First trouble of an access to whole pages of a model's space. */
  trouble(space: Space, from: number, to: number, wanted: number): number {
    for (let page = from; page < to; page++) {
      const there = space[page];
      if (!there) return KERN_INVALID_ADDRESS;
      if ((there.protection & wanted) !== wanted) return KERN_PROTECTION_FAILURE;
    }
    return KERN_SUCCESS;
  }
  bytesOf(space: Space, address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#eachPart(address, length, (page, inPage, offset, size) =>
      bytes.set(space[page]!.cell.bytes.subarray(inPage, inPage + size), offset),
    );
    return bytes;
  }
  put(space: Space, address: number, bytes: Uint8Array): void {
    this.#eachPart(address, bytes.length, (page, inPage, offset, size) =>
      space[page]!.cell.bytes.set(bytes.subarray(offset, offset + size), inPage),
    );
  }
  #eachPart(
    address: number,
    length: number,
    visit: (page: number, inPage: number, offset: number, size: number) => void,
  ): void {
    for (let offset = 0; offset < length;) {
      const inPage = (address + offset) % PAGE;
      const size = Math.min(length - offset, PAGE - inPage);
      visit(Math.floor((address + offset) / PAGE), inPage, offset, size);
      offset += size;
    }
  }
}

/** Equality of bytes; the matchers' own takes a second for a megabyte. */
function expectSame(real: Uint8Array | undefined, model: Uint8Array): void {
  if (real && Buffer.from(real).equals(Buffer.from(model))) return;
  const where = real ? real.findIndex((byte, i) => byte !== model[i]) : -1;
  expect({ where, byte: real?.[where] }).toEqual({ where, byte: model[where] });
}

const pageIndex = fc.integer({ min: 1, max: PAGES - 1 });
const count = fc.integer({ min: 1, max: 6 });
const which = fc.nat(7);
const at = fc.integer({ min: PAGE, max: (PAGES - 2) * PAGE });
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("allocate" as const), which, pageIndex, count }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("deallocate" as const), which, pageIndex, count }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("protect" as const),
      which,
      pageIndex,
      count,
      max: fc.boolean(),
      value: fc.constantFrom(0, 1, 3, 3, 3, 5, 7),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("inherit" as const),
      which,
      pageIndex,
      count,
      value: fc.constantFrom(0, 1, 2),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("store" as const),
      which,
      at,
      length: fc.integer({ min: 1, max: 5000 }),
      byte: fc.integer({ min: 1, max: 255 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("load" as const),
      which,
      at,
      length: fc.integer({ min: 1, max: 5000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("copy" as const),
      which,
      pageIndex,
      count,
      to: pageIndex,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      which,
      other: which,
      at,
      length: fc.integer({ min: 1, max: 12000 }),
      destroy: fc.boolean(),
      how: fc.constantFrom("copyout" as const, "overwrite" as const, "discard" as const),
      to: at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fork" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("wire" as const),
      which,
      pageIndex,
      wired: fc.boolean(),
    }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Does one operation on both sides, and compares what they say. */
function perform(history: History, op: Operation): void {
  const { world, maps } = history;
  const { vm } = world;
  const { map, space } = history.pick(op.which);
  switch (op.do) {
    case "allocate": {
      const end = Math.min(op.pageIndex + op.count, PAGES);
      const taken = space.slice(op.pageIndex, end).some(Boolean);
      const size = (end - op.pageIndex) * PAGE;
      const placed = vm_allocate(vm, map, op.pageIndex * PAGE, size, false);
      expect(placed).toEqual(taken ? { kr: KERN_NO_SPACE } : { address: op.pageIndex * PAGE });
      if (!taken) for (let page = op.pageIndex; page < end; page++) space[page] = fresh();
      return;
    }
    case "deallocate":
      expect(vm_deallocate(vm, map, op.pageIndex * PAGE, op.count * PAGE)).toBe(KERN_SUCCESS);
      for (let i = 0; i < op.count; i++) space[op.pageIndex + i] = undefined;
      return;
    case "protect": {
      const pages = Array.from({ length: op.count }, (_, i) => space[op.pageIndex + i]);
      const expected = pages.some((page) => !page)
        ? KERN_INVALID_ADDRESS
        : pages.some((page) => (page!.max & op.value) !== op.value)
          ? KERN_PROTECTION_FAILURE
          : KERN_SUCCESS;
      const size = op.count * PAGE;
      expect(vm_protect(vm, map, op.pageIndex * PAGE, size, op.max, op.value)).toBe(expected);
      if (expected !== KERN_SUCCESS) return;
      for (const page of pages) {
        if (op.max) page!.max = op.value;
        page!.protection = op.max ? page!.protection & op.value : op.value;
      }
      return;
    }
    case "inherit":
      vm_inherit(vm, map, op.pageIndex * PAGE, op.count * PAGE, op.value);
      for (let i = 0; i < op.count; i++) {
        const page = space[op.pageIndex + i];
        if (page) page.inheritance = op.value;
      }
      return;
    case "store": {
      const bytes = new Uint8Array(op.length).map((_, i) => (op.byte + i) & 0xff);
      const last = Math.ceil((op.at + op.length) / PAGE);
      let can = 0; // a store stops at the first page that may not be written
      for (let page = Math.floor(op.at / PAGE); page < last; page++) {
        if (history.trouble(space, page, page + 1, VM_PROT_READ | VM_PROT_WRITE) !== KERN_SUCCESS)
          break;
        can = Math.min(op.length, (page + 1) * PAGE - op.at);
      }
      expect(world.write(map, op.at, bytes)).toBe(can === op.length);
      history.put(space, op.at, bytes.subarray(0, can));
      return;
    }
    case "load": {
      const last = Math.ceil((op.at + op.length) / PAGE);
      const kr = history.trouble(space, Math.floor(op.at / PAGE), last, VM_PROT_READ);
      const read = world.read(map, op.at, op.length);
      expect(read !== undefined).toBe(kr === KERN_SUCCESS);
      if (read) expectSame(read, history.bytesOf(space, op.at, op.length));
      return;
    }
    case "copy": {
      const from = op.pageIndex * PAGE;
      const size = op.count * PAGE;
      const source = history.trouble(space, op.pageIndex, op.pageIndex + op.count, VM_PROT_READ);
      const there = Array.from({ length: op.count }, (_, i) => space[op.to + i]);
      const target = there.some((page) => !page)
        ? KERN_INVALID_ADDRESS
        : there.some((page) => (page!.protection & VM_PROT_WRITE) === 0)
          ? KERN_PROTECTION_FAILURE
          : KERN_SUCCESS;
      const expected = source || target;
      expect(world.run(vm_copy(vm, map, from, size, op.to * PAGE))).toBe(expected);
      if (expected === KERN_SUCCESS)
        history.put(space, op.to * PAGE, history.bytesOf(space, from, size));
      return;
    }
    case "move":
      return move(history, op, history.pick(op.other));
    case "fork": {
      if (maps.length >= 4) return;
      const child = world.run(vm_map_fork(vm, map));
      if (typeof child === "number") throw new Error(`fork failed: ${child}`);
      const inherited = space.map((page) => {
        if (!page || page.inheritance === VM_INHERIT.VM_INHERIT_NONE) return undefined;
        const isShared = page.inheritance === VM_INHERIT.VM_INHERIT_SHARE;
        return { ...page, cell: isShared ? page.cell : cloneCell(page.cell) };
      });
      maps.push({ map: child, space: inherited });
      return;
    }
    case "drop":
      if (maps.length === 1) return;
      vm_map_deallocate(vm, map);
      maps.splice(op.which % maps.length, 1);
      return;
    case "wire": {
      const page = space[op.pageIndex];
      const entry = vm_map_lookup_entry(map, op.pageIndex * PAGE);
      const isWired = (entry?.wiredCount ?? 0) > 0;
      const access = op.wired ? VM_PROT_READ : 0;
      const kr = world.run(vm_wire(vm, map, op.pageIndex * PAGE, PAGE, access));
      if (!page) expect(kr).toBe(KERN_INVALID_ADDRESS);
      else if (!op.wired) expect(kr === KERN_SUCCESS).toBe(isWired);
      else if ((page.protection & VM_PROT_READ) === 0) expect(kr).toBe(KERN_PROTECTION_FAILURE);
      else expect([KERN_SUCCESS, KERN_RETURN.KERN_RESOURCE_SHORTAGE]).toContain(kr);
    }
  }
}

function move(history: History, op: Extract<Operation, { do: "move" }>, target: Both): void {
  const { world } = history;
  const { vm } = world;
  const { map, space } = history.pick(op.which);
  const first = Math.floor(op.at / PAGE);
  const last = Math.ceil((op.at + op.length) / PAGE);
  const kr = history.trouble(space, first, last, VM_PROT_READ);
  const copied = world.run(vm_map_copyin(vm, map, op.at, op.length, op.destroy));
  if ("kr" in copied) {
    expect(copied.kr).toBe(kr);
    return;
  }
  expect(kr).toBe(KERN_SUCCESS);
  const bytes = history.bytesOf(space, op.at, op.length);
  if (op.destroy) for (let page = first; page < last; page++) space[page] = undefined;
  if (op.how === "copyout") {
    const out = vm_map_copyout(vm, target.map, copied.copy);
    if ("kr" in out) throw new Error(`copyout failed: ${out.kr}`);
    expect(out.address % PAGE).toBe(op.at % PAGE);
    const read = world.read(target.map, out.address, op.length);
    expectSame(read, bytes);
    vm_deallocate(vm, target.map, out.address, op.length); // the model has no place for it
    return;
  }
  let left = true;
  if (op.how === "overwrite") {
    const from = Math.floor(op.to / PAGE);
    const there = target.space.slice(from, Math.ceil((op.to + op.length) / PAGE));
    const covered = from + there.length >= Math.ceil((op.to + op.length) / PAGE);
    const expected =
      !covered || Array.from(there).some((page) => !page)
        ? KERN_INVALID_ADDRESS
        : there.some((page) => (page!.protection & VM_PROT_WRITE) === 0)
          ? KERN_PROTECTION_FAILURE
          : KERN_SUCCESS;
    const result = world.run(vm_write(vm, target.map, op.to, copied.copy));
    expect(result).toBe(expected);
    if (result === KERN_SUCCESS) {
      history.put(target.space, op.to, bytes);
      left = false;
    }
  }
  if (left) vm_map_copy_discard(vm, copied.copy);
}

/** Whether every map shows what its model does: attributes of all pages, bytes of the readable. */
function compare(history: History): void {
  for (const { map, space } of history.maps)
    for (let page = 0; page < PAGES + 8; page++) {
      const entry = vm_map_lookup_entry(map, page * PAGE);
      const expected = space[page];
      expect(entry && [entry.protection, entry.maxProtection, entry.inheritance]).toEqual(
        expected && [expected.protection, expected.max, expected.inheritance],
      );
      if (!expected || (expected.protection & VM_PROT_READ) === 0) continue;
      expectSame(history.world.read(map, page * PAGE, PAGE), expected.cell.bytes);
    }
}

test("any history of operations on maps shows what the model does, and leaves nothing", () => {
  let out = 0;
  fc.assert(
    fc.property(
      fc.array(operation, { minLength: 10, maxLength: 80, size: "max" }),
      (operations) => {
        const history = new History();
        for (const each of operations) {
          perform(history, each);
          expect(history.world.check()).toEqual([]);
        }
        compare(history);
        out += history.world.vm.counters.pageouts;
        for (const { map } of history.maps) vm_map_deallocate(history.world.vm, map);
        expect(history.world.leaks()).toEqual([]);
      },
    ),
    { numRuns: RUNS, ...seeded() },
  );
  expect(out).toBeGreaterThan(0);
});
