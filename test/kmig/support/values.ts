/**
 * Random values for the items of a message, and what the kernel makes of a message on its way.
 */
import fc from "fast-check";
import type { Bytes } from "../../../host/abi/struct.ts";
import type { Item, Message } from "../../../host/kmig/description.ts";
import type { Value, Values } from "../../../host/kmig/items.ts";

/** Type names of rights as a receiver sees them. */
export function received(name: number): number {
  return name === 19 || name === 20 ? 17 : name === 21 ? 18 : name;
}

/** What the kernel does to the body of a message: rights arrive as what they have become. */
export function carry(memory: Bytes, at: number, size: number): void {
  let i = at + 24;
  while (i < at + size) {
    const word = memory.read32(i);
    const long = (word & 4) !== 0;
    const bits = long ? memory.read16(i + 6) : (word >>> 16) & 255;
    const number = long ? memory.read32(i + 8) : (word >>> 4) & 4095;
    const far = (word & 8) === 0;
    if (far) memory.write32(i, (word | 2) >>> 0);
    if (long) memory.write16(i + 4, received(memory.read16(i + 4)));
    else memory.write8(i, received(memory.read8(i)));
    // C aligns 64-bit data, so the rest of such a body is not walked.
    if (bits === 64 && !far) return;
    i += (long ? 12 : 4) + (far ? 4 : (Math.ceil((number * bits) / 8) + 3) & ~3);
  }
}

/** Names of data that is no right, and of rights. */
const NAMES = [2, 8, 15, 16, 17, 18, 19, 20, 21];

function plain(item: Item): fc.Arbitrary<Value> {
  const { unit, shape, varying, number, bits, place } = item;
  const memory = fc.record({ address: fc.constant(0), count: fc.constant(0) });
  if (place === "out of line") return memory;
  const most = item.most ?? 0xffff_ffff;
  const one: fc.Arbitrary<number | bigint> =
    unit === "wide"
      ? fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
      : unit === "real"
        ? bits === 64
          ? fc.double({ noNaN: true })
          : fc.float({ noNaN: true })
        : fc.integer({ min: 0, max: Math.min(most, 2 ** bits - 1) });
  if (shape === "one") return one;
  const bytes = Math.ceil((number * bits) / 8);
  if (shape === "string")
    return fc.string({ unit: "grapheme-ascii", maxLength: bytes - 1 }).map((text) => text.trim());
  const length = { minLength: varying ? 0 : number, maxLength: number, size: "max" as const };
  const list =
    unit === "byte"
      ? fc.uint8Array({ minLength: varying ? 0 : bytes, maxLength: bytes })
      : (fc.array(one, length) as fc.Arbitrary<readonly number[]>);
  return place === "either" ? fc.oneof(list, memory) : list;
}

/** Random values for every item of a message, as its sender has them. */
export function valuesFor({ items }: Message): fc.Arbitrary<Values> {
  return fc.record(
    Object.fromEntries(
      items.map((item) => {
        const value = plain(item);
        if (item.sent >= 0) return [item.name, value];
        const names = NAMES.filter((name) => item.received < 0 || received(name) === item.received);
        return [item.name, fc.record({ name: fc.constantFrom(...names), value })];
      }),
    ),
  ) as fc.Arbitrary<Values>;
}
