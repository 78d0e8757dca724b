/**
 * What hostile callers do, for hostile-calls.node.test.ts: messages with every id near those of the kernel's
 * interfaces, anything in their bodies, traps, loads and stores.
 */
import fc from "fast-check";
import { MACH_MSG_TYPE } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import type { Message } from "../../../host/kmig/binding.ts";

export const DATA = MEMORY_MAP.USER_DATA;
/** Where a memory object of the first task's is mapped in both. */
export const MAPPED = 0x60000000;
export const MAPPED_PAGES = 4;

const IDS = [
  ...[
    2007, 2008, 2009, 2012, 2016, 2017, 2018, 2019, 2021, 2056, 2057, 2058, 2059, 2061, 2062, 2063,
  ],
  ...[
    2064, 2067, 2068, 2070, 2600, 2606, 2608, 2609, 2612, 2613, 2614, 2617, 2619, 2620, 2621, 2622,
  ],
  ...[
    2624, 2625, 2626, 2630, 2631, 2632, 2633, 2634, 2638, 2639, 2640, 2641, 2642, 2800, 2801, 2803,
  ],
  ...[2041, 2800, 2802, 2804],
  ...[2805, 2809, 2810, 2811, 2812, 1000000],
  ...[2001, 2021, 2023, 2024, 2025, 2026, 2027, 2028, 2029, 2030, 2089, 2099, 2636],
  ...[3200, 3201, 3202, 3203, 3204, 3205, 3206, 3207, 3208, 3209, 3210, 3211, 3212, 3213, 3213],
  ...[3214, 3215, 3216, 3217, 3218, 3204, 3213],
  ...[2010, 2011, 2033, 2034, 2615, 2616, 2618, 2627, 2628, 2629, 2637],
];
/** What a pager answers. */
const PAGER_IDS = [2038, 2039, 2040, 2044, 2090, 2091, 2092, 2093, 2094, 2095];
const DEFAULT_PAGER_IDS = [2275, 2275, 2276, 2277, 2278, 2279, 2280];
const id = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...IDS) },
  fc.integer({ min: 2000, max: 2900 }),
);
const word = fc.oneof(
  fc.constantFrom(
    0,
    1,
    2,
    3,
    4,
    12,
    31,
    60,
    64,
    128,
    1024,
    4096,
    8192,
    0xfffff000,
    0xffffffff,
    DATA,
  ),
  fc.integer({ min: 0, max: 0xffffffff }),
);
/** One typed item that a well-behaved client might send, or a word of anything. */
const item = fc.oneof(
  { weight: 8, arbitrary: fc.record({ integer: word }) },
  {
    weight: 2,
    arbitrary: fc.record({ port: fc.nat(17), type: fc.constantFrom(16, 17, 19, 20, 21) }),
  },
  { weight: 2, arbitrary: fc.record({ list: fc.array(word, { maxLength: 70 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ name: fc.constantFrom("console", "sd0", "time", "", "x".repeat(127)) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      far: fc.oneof(fc.constantFrom(DATA, DATA + 0x1000, DATA + 2), word),
      count: fc.oneof(fc.nat(12), fc.constantFrom(0, 1500, 4095)),
      type: fc.constantFrom(2, 15, 16, 17, 18, 19, 20, 21, 22),
      deallocates: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ raw: word }) },
);
type Item = {
  integer?: number;
  port?: number;
  type?: number;
  list?: number[];
  far?: number;
  count?: number;
  deallocates?: boolean;
  name?: string;
  raw?: number;
};

/** Which of a task's names is an open device's, the control port of the memory object, the default pager's. */
export const [DEVICE, CONTROL, DEFAULT_PAGER] = [14, 15, 16];
export const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant("call" as const),
      by: fc.nat(5),
      to: fc.oneof(fc.nat(17), fc.constant(13)),
      id,
      items: fc.array(item, { maxLength: 5 }),
      /** Values for a body as the interface wants it; without, the items are sent. */
      wanted: fc.option(fc.array(word, { minLength: 6, maxLength: 6 }), { freq: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("call" as const),
      by: fc.nat(5),
      to: fc.constant(CONTROL),
      id: fc.constantFrom(...PAGER_IDS),
      items: fc.array(item, { maxLength: 5 }),
      wanted: fc.option(fc.array(word, { minLength: 6, maxLength: 6 }), { freq: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("call" as const),
      by: fc.nat(5),
      to: fc.constant(DEFAULT_PAGER),
      id: fc.constantFrom(...DEFAULT_PAGER_IDS),
      items: fc.array(item, { maxLength: 5 }),
      wanted: fc.option(fc.array(word, { minLength: 6, maxLength: 6 }), { freq: 12 }),
    }),
  },
  {
    // Now and then what a good pager says: it is ready, it has no data, it failed.
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("call" as const),
      by: fc.nat(5),
      to: fc.constant(CONTROL),
      id: fc.constantFrom(2094, 2039, 2090),
      items: fc.constant([]),
      wanted: fc.constantFrom(
        [0, 0, 0, 0, 0, 0],
        [0, MAPPED_PAGES * MEMORY_MAP.PAGE_SIZE, 0, 0, 0, 0],
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("touch" as const),
      by: fc.nat(5),
      page: fc.nat(MAPPED_PAGES - 1),
      write: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("trap" as const),
      by: fc.nat(5),
      number: fc.constantFrom(
        -64,
        -65,
        -66,
        -68,
        -59,
        -60,
        -61,
        -69,
        -70,
        -71,
        -76,
        -27,
        -28,
        -39,
        -40,
      ),
      args: fc.array(word, { minLength: 11, maxLength: 11 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("run" as const), ms: fc.nat(300) }) },
);

/** A message's body; port items name what the caller has. */
export function body(
  items: readonly Item[],
  names: readonly number[],
): { words: number[]; complex: boolean } {
  let complex = false;
  const words = items.flatMap((each): number[] => {
    if (each.integer !== undefined) return [0x02200018, each.integer];
    if (each.port !== undefined) {
      complex = true;
      return [((each.type! << 24) | 0x200018) >>> 0, names[each.port % names.length] ?? 0];
    }
    if (each.far !== undefined) {
      complex = true;
      const flags = each.deallocates ? 2 : 0;
      return [((each.type! << 24) | 0x200000 | (each.count! << 4) | flags) >>> 0, each.far];
    }
    if (each.list !== undefined)
      return [(0x02200008 | (each.list.length << 4)) >>> 0, ...each.list];
    if (each.name !== undefined) {
      const bytes = new Uint8Array(128);
      new TextEncoder().encodeInto(each.name, bytes);
      const view = new DataView(bytes.buffer);
      return [0x0c000408 + 0, ...Array.from({ length: 32 }, (_, i) => view.getUint32(4 * i))].with(
        0,
        0x0c080808,
      );
    }
    return [each.raw!];
  });
  return { words, complex };
}

/** A body with the types that a routine expects, and any values. */
export function wantedBody(
  { items }: Message,
  values: readonly number[],
  names: readonly number[],
): { words: number[]; complex: boolean } {
  let complex = false;
  const words = items.flatMap((each, i): number[] => {
    const value = values[i % values.length]!;
    if (each.place === "out of line") {
      complex = true;
      const isRights = each.received >= 16 && each.received <= 18;
      const type = isRights ? MACH_MSG_TYPE.MACH_MSG_TYPE_COPY_SEND : each.received;
      // A long descriptor, and memory of the sender's: the message itself, and what is behind it.
      return [4, ((type << 16) | each.bits) >>> 0, value % 40, DATA + (isRights ? 8 : 0)];
    }
    if (each.received >= 16 && each.received <= 18) {
      complex = true;
      return [each.received === 18 ? 0x15200018 : 0x13200018, names[value % names.length]!];
    }
    const count = each.varying ? value % (Math.min(each.number, 70) + 1) : each.number;
    const length = Math.ceil((count * each.bits) / 32);
    const type = each.received < 0 ? 2 : each.received;
    const head = ((type << 24) | (each.bits << 16) | (count << 4) | 8) >>> 0;
    const text = new DataView(new TextEncoder().encode("console".padEnd(512, "\0")).buffer);
    const isText = each.shape === "string";
    const data = (n: number): number =>
      isText ? text.getUint32(4 * n) : values[(i + n) % values.length]!;
    return [head, ...Array.from({ length }, (_, n) => data(n))];
  });
  return { words, complex };
}
