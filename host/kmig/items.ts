/**
 * The items of a typed message between guest memory and TypeScript values: descriptors, data, and the
 * checks of a receiver. Knows nothing of headers.
 *
 * A value is a number or a bigint, a list of those, bytes, or a string; memory out of line is an
 * address and a count, which somebody else has to look at. An array of any length may be either.
 */
import { TYPE_DESCRIPTOR } from "../abi/mach.ts";
import type { Bytes } from "../abi/struct.ts";
import type { Item, Message } from "./description.ts";
import { isPortRight } from "./message-names.ts";

/** Memory out of line, where the owner of the message finds it. */
export interface Memory {
  readonly address: number;
  /** Elements of the message type; counts for nothing where the type has a fixed number. */
  readonly count: number;
  /** What becomes of the sender's memory, where the sender may choose. */
  readonly deallocate?: boolean;
}

/** A value with the message type name that it has. */
export interface Polymorphic<T = Value> {
  readonly name: number;
  readonly value: T;
}

type Plain = number | bigint | string | Uint8Array | readonly (number | bigint)[] | Memory;
export type Value = Plain | Polymorphic<Plain> | undefined;
export type Values = Readonly<Record<string, Value>>;

const { INLINE, LONG_FORM, DEALLOCATE } = TYPE_DESCRIPTOR;

const round = (bytes: number): number => (bytes + 3) & ~3;
const bytesOf = ({ bits }: Item, number: number): number => Math.ceil((number * bits) / 8);

/** What was written: bytes of the whole message, and whether it has to be complex. */
export interface Written {
  readonly size: number;
  readonly complex: boolean;
}

/**
 * Writes the items of the message at `at`.
 * @returns undefined if an array is longer than a message can carry
 * @throws RangeError if a value does not have the number of elements of its type
 */
export function writeItems(
  memory: Bytes,
  at: number,
  message: Message,
  values: Values,
): Written | undefined {
  let size = message.minSize;
  let complex = message.sentSimple === false;
  let base = at;
  for (const item of message.items) {
    let value = values[item.name] ?? item.most;
    let name = item.sent;
    if (name < 0) {
      const named = value as Polymorphic<Plain>;
      ({ name, value } = named);
    }
    if (isPortRight(name)) complex = true;
    const far = memoryOf(item, value);
    const number =
      far === undefined ? elements(item, value as Plain) : item.varying ? far.count : item.number;
    if (far === undefined && number > item.number) return undefined;
    writeDescriptor(memory, base + item.descriptor, item, name, number, far);
    if (far === undefined) writeData(memory, base + item.data, item, value as Plain, number);
    else memory.write32(base + item.data, far.address >>> 0);
    complex ||= far !== undefined;
    if (!item.varying || item.place === "out of line") continue;
    const actual = far === undefined ? round(bytesOf(item, number)) : 4;
    size += actual;
    base += actual - round(bytesOf(item, item.number));
  }
  return { size, complex };
}

/** The value, if it goes out of line. */
function memoryOf({ place }: Item, value: Value): Memory | undefined {
  if (place === "in line") return undefined;
  return typeof value === "object" && "address" in value ? value : undefined;
}

/** How many elements a value in line has. */
function elements(item: Item, value: Plain): number {
  if (item.shape === "string") {
    const length = Math.min((value as string).length + 1, bytesOf(item, item.number));
    return item.varying ? length : item.number;
  }
  if (item.shape === "one") return item.number;
  const { length } = value as Uint8Array | readonly number[];
  const number = item.unit === "byte" ? Math.floor((length * 8) / item.bits) : length;
  const whole = item.unit !== "byte" || bytesOf(item, number) === length;
  if (!whole || (!item.varying && number !== item.number))
    throw new RangeError(`wrong number of elements in ${item.name}: ${length}`);
  return number;
}

function writeDescriptor(
  memory: Bytes,
  at: number,
  { longForm, bits, deallocate }: Item,
  name: number,
  number: number,
  far: Memory | undefined,
): void {
  const goes = deallocate === "yes" || (deallocate === "maybe" && far?.deallocate === true);
  const flags = far === undefined ? INLINE : goes ? DEALLOCATE : 0;
  if (!longForm) {
    const word = ((name & 0xff) << 24) | ((bits & 0xff) << 16) | ((number & 0xfff) << 4) | flags;
    return memory.write32(at, word >>> 0);
  }
  memory.write32(at, flags | LONG_FORM);
  memory.write16(at + 4, name & 0xffff);
  memory.write16(at + 6, bits & 0xffff);
  memory.write32(at + 8, number >>> 0);
}

const scratch = new DataView(new ArrayBuffer(8));

function writeData(memory: Bytes, at: number, item: Item, value: Plain, number: number): void {
  const { bits, unit, shape } = item;
  const total = bytesOf(item, number);
  if (shape === "string" || unit === "byte") {
    const byte =
      shape === "string"
        ? (i: number): number => (i < total - 1 ? (value as string).charCodeAt(i) || 0 : 0)
        : (i: number): number => (value as Uint8Array)[i]!;
    for (let i = 0; i < total; i++) memory.write8(at + i, byte(i) & 0xff);
  } else {
    const list = shape === "one" ? [value as number | bigint] : (value as readonly number[]);
    list.forEach((one, i) => writeElement(memory, at + (i * bits) / 8, item, one));
  }
  for (let i = total; i < round(total); i++) memory.write8(at + i, 0);
}

function writeElement(
  memory: Bytes,
  at: number,
  { bits, unit }: Item,
  value: number | bigint,
): void {
  if (unit === "number") {
    const number = Number(value);
    if (bits === 8) memory.write8(at, number & 0xff);
    else if (bits === 16) memory.write16(at, number & 0xffff);
    else memory.write32(at, number >>> 0);
    return;
  }
  if (unit === "wide") scratch.setBigUint64(0, BigInt.asUintN(64, BigInt(value)));
  else if (bits === 64) scratch.setFloat64(0, Number(value));
  else scratch.setFloat32(0, Number(value));
  for (let i = 0; i < bits / 8; i += 4) memory.write32(at + i, scratch.getUint32(i));
}

/**
 * Takes the items of a received message out.
 * @param size - bytes of the whole message; `complex` is its bit.
 * @returns undefined if the message is not what its interface says
 */
export function readItems(
  memory: Bytes,
  at: number,
  message: Message,
  size: number,
  complex: boolean,
): Values | undefined {
  if (message.receivedSimple !== null && complex === message.receivedSimple) return undefined;
  let rest = size - message.minSize;
  if (rest < 0) return undefined;
  const values: Record<string, Value> = {};
  let base = at;
  for (const item of message.items) {
    const found = readDescriptor(memory, base + item.descriptor, item);
    if (found === undefined) return undefined;
    const { name, number, far } = found;
    const decides = item.received < 0 && message.receivedSimple === null;
    if (decides && isPortRight(name) && !complex) return undefined;
    if (item.varying && item.place !== "out of line") {
      if (!far && number > item.number) return undefined;
      const actual = far ? 4 : round(bytesOf(item, number));
      rest -= actual;
      if (rest < 0) return undefined;
    }
    const value = far
      ? { address: memory.read32(base + item.data), count: number }
      : readData(memory, base + item.data, item, number);
    values[item.name] = item.received < 0 ? { name, value } : value;
    if (item.varying && item.place !== "out of line")
      base += (far ? 4 : round(bytesOf(item, number))) - round(bytesOf(item, item.number));
  }
  return rest === 0 ? values : undefined;
}

interface Found {
  readonly name: number;
  readonly number: number;
  readonly far: boolean;
}

/** The descriptor at `at`, if it is one that the item may have. */
function readDescriptor(memory: Bytes, at: number, item: Item): Found | undefined {
  const word = memory.read32(at);
  const long = (word & LONG_FORM) !== 0;
  if (long !== item.longForm) return undefined;
  const name = long ? memory.read16(at + 4) : word >>> 24;
  const bits = long ? memory.read16(at + 6) : (word >>> 16) & 0xff;
  const number = long ? memory.read32(at + 8) : (word >>> 4) & 0xfff;
  const far = (word & INLINE) === 0;
  if (item.place !== "either" && far !== (item.place === "out of line")) return undefined;
  if (!item.loose && ((word & DEALLOCATE) !== 0) !== far) return undefined;
  if (item.received >= 0 && name !== item.received) return undefined;
  if (!item.varying && number !== item.number) return undefined;
  return bits === item.bits ? { name, number, far } : undefined;
}

function readData(memory: Bytes, at: number, item: Item, number: number): Plain {
  const { bits, unit, shape } = item;
  const total = bytesOf(item, number);
  if (shape === "string" || unit === "byte") {
    const bytes = Uint8Array.from({ length: total }, (_, i) => memory.read8(at + i));
    if (shape !== "string") return bytes;
    const end = bytes.indexOf(0);
    return String.fromCharCode(...bytes.subarray(0, end < 0 ? total : end));
  }
  if (shape === "one") return readElement(memory, at, item);
  return Array.from({ length: number }, (_, i) => readElement(memory, at + (i * bits) / 8, item));
}

function readElement(memory: Bytes, at: number, { bits, unit }: Item): number | bigint {
  if (unit === "number") {
    if (bits === 8) return memory.read8(at);
    return bits === 16 ? memory.read16(at) : memory.read32(at);
  }
  for (let i = 0; i < bits / 8; i += 4) scratch.setUint32(i, memory.read32(at + i));
  if (unit === "wide") return scratch.getBigUint64(0);
  return bits === 64 ? scratch.getFloat64(0) : scratch.getFloat32(0);
}
