/** Zones and kalloc: sizes, free lists in memory, counts, exhaustion, wrong frees. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KALLOC, zone } from "../../../host/abi/kernel.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { zone_bootstrap, zoneAllocator, type ZoneAllocator } from "../../../host/mach/kern/zone.ts";
import type { ArrayBytes } from "../../../host/abi/struct.ts";
import { kernelMemory } from "../ipc/test-kernel.ts";

const BASE = 0x10000;
const LAYOUT = { kallocZones: 0x100, zones: 0x400, heap: 0x800 };
const PAGE = MEMORY_MAP.PAGE_SIZE;

function make(pages: number): { memory: ArrayBytes; zones: ZoneAllocator } {
  const memory = kernelMemory();
  // One page for the record of owners.
  const limit = BASE + (pages + 1) * PAGE;
  return { memory, zones: zone_bootstrap(memory, LAYOUT, { base: BASE, limit }) };
}
const kallocZone = (memory: ArrayBytes, index: number) =>
  zone.at(memory, LAYOUT.kallocZones + index * zone.size);

describe("kalloc", () => {
  test.each([
    [1, 16],
    [16, 16],
    [17, 32],
    [40, 64],
    [256, 256],
    [257, 512],
    [4096, 4096],
    [4097, 8192],
    [8192, 8192],
    [16384, 16384],
  ])("%i bytes come from the zone of %i", (size, element) => {
    const { zones } = make(16);
    const address = zones.kalloc(size);
    expect(zones.liveElements(element)).toEqual([address]);
    expect(address % Math.min(element, PAGE)).toBe(0);
    zones.kfree(address, size);
    expect(zones.liveElements(element)).toEqual([]);
  });

  test("refuses what no zone holds, and answers 0 when pages run out", () => {
    const { zones } = make(3);
    expect(zones.kalloc(16385)).toBe(0);
    expect(zones.kalloc(0xffffffff)).toBe(0);
    expect(zones.kalloc(8192)).toBe(BASE + PAGE);
    expect(zones.kalloc(8192)).toBe(0);
    expect(zones.kalloc(4096)).toBe(BASE + 3 * PAGE);
    expect(zones.kalloc(16)).toBe(0);
  });

  test("gives the element freed last first, through the first word", () => {
    const { memory, zones } = make(4);
    const [a, b, c] = [zones.kalloc(64), zones.kalloc(64), zones.kalloc(64)];
    expect([b - a, c - b]).toEqual([64, 64]);
    zones.kfree(a, 64);
    zones.kfree(c, 64);
    const view = kallocZone(memory, 2);
    expect([view.free, memory.read32(c)]).toEqual([c, a]);
    expect([view.count, view.free_count]).toEqual([1, PAGE / 64 - 1]);
    expect([zones.kalloc(50), zones.kalloc(64)]).toEqual([c, a]);
  });

  test("a free of the wrong size or address is a bug", () => {
    const { zones } = make(4);
    const a = zones.kalloc(64);
    expect(() => zones.kfree(a, 128)).toThrow(/^panic: zfree: no element of zone 128/);
    expect(() => zones.kfree(BASE - 64, 64)).toThrow(/^panic: zfree/);
    expect(() => zones.zfree("task", a)).toThrow(/^panic: zfree: no element of zone task/);
  });

  test("never gives memory twice, and knows what is in use", () => {
    const history = fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.nat({ max: 30 })));
    fc.assert(
      fc.property(history, (steps) => {
        const { zones } = make(40);
        const live: { address: number; size: number }[] = [];
        for (const [size, pick] of steps) {
          if (pick > 15 && live.length > 0) {
            const [gone] = live.splice(pick % live.length, 1);
            zones.kfree(gone!.address, gone!.size);
            continue;
          }
          const address = zones.kalloc(size);
          if (address !== 0) live.push({ address, size });
        }
        const sorted = [...live].toSorted((a, b) => a.address - b.address);
        sorted.forEach(({ address, size }, i) => {
          expect(address).toBeGreaterThanOrEqual(BASE + PAGE);
          expect(address + size).toBeLessThanOrEqual(sorted[i + 1]?.address ?? BASE + 41 * PAGE);
        });
        const sizes = Array.from({ length: KALLOC.KALLOC_ZONES }, (_, i) => 16 << i);
        const found = sizes.flatMap((size) => zones.liveElements(size));
        expect(found.toSorted((a, b) => a - b)).toEqual(sorted.map(({ address }) => address));
      }),
    );
  });
});

describe("zones", () => {
  test("have the size of what they hold and can be found again in a snapshot", () => {
    const { memory, zones } = make(8);
    const port = zones.zalloc("ipc_port");
    const again = zoneAllocator(memory, LAYOUT);
    expect(again.elementSize("ipc_port")).toBe(72);
    expect(again.liveElements("ipc_port")).toEqual([port]);
    expect(again.zalloc("ipc_port")).toBe(port + 72);
    expect(zones.liveElements("ipc_port")).toEqual([port, port + 72]);
  });

  test("can be grown for kernel text that pops the free list itself", () => {
    const { memory, zones } = make(2);
    const view = kallocZone(memory, 4);
    expect(zones.zexpand(view.address)).toBe(true);
    expect([view.free, view.free_count, view.count]).toEqual([BASE + PAGE, 16, 0]);
    expect(zones.zexpand(view.address)).toBe(true);
    expect(zones.zexpand(view.address)).toBe(false);
    expect(() => zones.zexpand(view.address + 1)).toThrow(/^panic: zexpand/);
  });

  test("a broken free list or count is reported", () => {
    const { memory, zones } = make(4);
    const a = zones.kalloc(64);
    zones.kfree(a, 64);
    kallocZone(memory, 2).free_count -= 1;
    expect(() => zones.liveElements(64)).toThrow(/free count of zone 64 is wrong/);
    kallocZone(memory, 2).free_count += 1;
    kallocZone(memory, 2).count += 1;
    expect(() => zones.liveElements(64)).toThrow(/count of zone 64 is wrong/);
    memory.write32(a, a);
    expect(() => zones.liveElements(64)).toThrow(/circular/);
  });
});
