/** Entries, names and the way back from a port to its name. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IE } from "../../../host/abi/kernel.ts";
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { checkSpace } from "../../../host/mach/ipc/checks.ts";
import {
  ipc_entry_alloc,
  ipc_entry_alloc_name,
  ipc_entry_dealloc,
  ipc_entry_get,
  ipc_entry_lookup,
  LAST_TABLE_SIZE,
  type NewEntry,
} from "../../../host/mach/ipc/entry.ts";
import { ipc_hash_delete, ipc_hash_insert, ipc_hash_lookup } from "../../../host/mach/ipc/hash.ts";
import { is_release } from "../../../host/mach/ipc/space-reference.ts";
import { ipc_space_create, ipc_space_destroy } from "../../../host/mach/ipc/space.ts";
import { entryAt, spaceAt } from "../../../host/mach/kern/views.ts";
import { TestKernel } from "./test-kernel.ts";

const made = (entry: NewEntry | number): NewEntry => {
  if (typeof entry === "number") throw new Error(`no entry: ${entry}`);
  return entry;
};
const newSpace = () => {
  const k = new TestKernel();
  return { k, space: ipc_space_create(k) };
};
const use = (k: TestKernel, { entry }: NewEntry): void => {
  entryAt(k, entry).ie_bits += IE.IE_BITS_DEAD_NAME + 1;
};

describe("names", () => {
  test("are natural at first, and step a generation with each use of an entry", () => {
    const { k, space } = newSpace();
    const names = [1, 2, 3].map(() => {
      const entry = made(ipc_entry_alloc(k, space));
      use(k, entry);
      return entry.name;
    });
    expect(names).toEqual([0x100, 0x200, 0x300]);
    ipc_entry_dealloc(k, space, 0x200, ipc_entry_lookup(k, space, 0x200));
    const generations = Array.from({ length: 256 }, () => {
      const entry = made(ipc_entry_alloc(k, space));
      ipc_entry_dealloc(k, space, entry.name, entry.entry);
      return entry.name;
    });
    expect(generations.slice(0, 3)).toEqual([0x201, 0x202, 0x203]);
    expect(generations.slice(-2)).toEqual([0x2ff, 0x200]);
  });

  test("of an old generation, or out of the table, denote nothing", () => {
    const { k, space } = newSpace();
    const entry = made(ipc_entry_alloc(k, space));
    expect(ipc_entry_lookup(k, space, entry.name)).toBe(0);
    use(k, entry);
    expect(ipc_entry_lookup(k, space, 0x100)).toBe(entry.entry);
    for (const name of [0x101, 0x1ff, 0, 0xff, 0x200, 0x400, 0xffffffff])
      expect(ipc_entry_lookup(k, space, name)).toBe(0);
  });

  test("go on when the table grows, up to its greatest size", () => {
    const { k, space } = newSpace();
    const sizes = new Set<number>();
    for (let i = 1; i < LAST_TABLE_SIZE; i++) {
      const entry = made(ipc_entry_alloc(k, space));
      use(k, entry);
      expect(entry.name).toBe(i << 8);
      sizes.add(spaceAt(k, space).is_table_size);
    }
    expect([...sizes]).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 1024]);
    expect(ipc_entry_get(k, space)).toBeUndefined();
    expect(ipc_entry_alloc(k, space)).toBe(KERN_RETURN.KERN_NO_SPACE);
    expect(checkSpace(k, space)).toEqual([]);
    // Only the greatest table is left of all of them.
    expect([16, 64, 8192].map((size) => k.liveElements(size).length)).toEqual([0, 0, 0]);
    ipc_space_destroy(k, space);
    is_release(k, space);
    expect(k.liveElements(16384)).toEqual([]);
  });

  test("can be chosen inside the table that there can be", () => {
    const { k, space } = newSpace();
    const at = (name: number) => ipc_entry_alloc_name(k, space, name);
    const chosen = at(0x2042);
    if (typeof chosen === "number") throw new Error("refused");
    expect([chosen.entry, spaceAt(k, space).is_table_size]).toEqual([
      spaceAt(k, space).is_table + 32 * 16,
      64,
    ]);
    entryAt(k, chosen.entry).ie_bits += IE.IE_BITS_DEAD_NAME + 1;
    expect(at(0x2042)).toEqual(chosen);
    expect([at(0x2043), at(0x42), at(LAST_TABLE_SIZE << 8)]).toEqual(
      [0, 1, 2].map(() => KERN_RETURN.KERN_RESOURCE_SHORTAGE),
    );
    expect(checkSpace(k, space)).toEqual([]);
    expect(made(ipc_entry_alloc(k, space)).name).toBe(0x2100);
  });

  test("are not given in a dead space", () => {
    const { k, space } = newSpace();
    ipc_space_destroy(k, space);
    ipc_space_destroy(k, space);
    expect(spaceAt(k, space)).toMatchObject({ is_active: 0, is_references: 1, is_table: 0 });
    expect(ipc_entry_alloc(k, space)).toBe(KERN_RETURN.KERN_INVALID_TASK);
    expect(ipc_entry_alloc_name(k, space, 0x100)).toBe(KERN_RETURN.KERN_INVALID_TASK);
    is_release(k, space);
  });
});

describe("the reverse hash", () => {
  test("finds what is in it after any history of insertions and deletions", () => {
    // Ports that collide on purpose: few values of address / 64.
    const port = fc.integer({ min: 0, max: 40 }).map((n) => 0x200000 + n * 64 * 3);
    fc.assert(
      fc.property(fc.array(fc.tuple(port, fc.boolean()), { maxLength: 120 }), (steps) => {
        const { k, space } = newSpace();
        const inside = new Map<number, number>();
        for (const [each, isInsert] of steps) {
          const known = inside.get(each);
          if (isInsert && known === undefined) {
            const entry = made(ipc_entry_alloc(k, space));
            const view = entryAt(k, entry.entry);
            view.ie_bits += IE.IE_BITS_SEND + 1;
            view.ie_object = each;
            ipc_hash_insert(k, space, each, entry.name >>> 8);
            inside.set(each, entry.name);
          } else if (!isInsert && known !== undefined) {
            ipc_hash_delete(k, space, each, known >>> 8);
            const entry = ipc_entry_lookup(k, space, known);
            entryAt(k, entry).ie_object = 0;
            ipc_entry_dealloc(k, space, known, entry);
            inside.delete(each);
          }
          for (let n = 0; n <= 40; n++) {
            const at = 0x200000 + n * 64 * 3;
            expect(ipc_hash_lookup(k, space, at)).toBe((inside.get(at) ?? 0) >>> 8);
          }
          expect(checkSpace(k, space)).toEqual([]);
        }
      }),
    );
  });

  test("panics when asked to forget what it never knew", () => {
    const { k, space } = newSpace();
    expect(() => ipc_hash_delete(k, space, 0x200000, 2)).toThrow("panic: ipc_hash_delete");
  });
});
