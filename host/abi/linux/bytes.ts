/**
 * The bytes of Linux/hppa's structures, made and read by their layouts: big-endian, a field of two words
 * one 64-bit number. Fields that are arrays are the caller's.
 */
import type { FieldType, Struct } from "../struct.ts";

type Values<F> = { readonly [K in keyof F]?: number };

const isLong = (type: FieldType): boolean => typeof type !== "string" && type[1] === 2;

/** The bytes of a structure; what is not given is zero, what is longer than two words not settable. */
export function pack<F extends Record<string, FieldType>>(
  layout: Struct<F>,
  values: Values<F>,
): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  for (const [field, value] of Object.entries(values) as [string, number][]) {
    const at = layout.offset[field]!;
    const type = layout.fields[field]!;
    if (isLong(type)) view.setBigInt64(at, BigInt(value));
    else if (type === "u8") view.setUint8(at, value);
    else if (type === "u16") view.setUint16(at, value);
    else view.setUint32(at, value);
  }
  return bytes;
}

/** Every scalar of a structure, unsigned, and every 64-bit number, signed. */
export function unpack<F extends Record<string, FieldType>>(
  layout: Struct<F>,
  bytes: Uint8Array,
): Record<keyof F & string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Record<string, number> = {};
  for (const [field, type] of Object.entries(layout.fields)) {
    const at = layout.offset[field]!;
    if (isLong(type)) values[field] = Number(view.getBigInt64(at));
    else if (type === "u8") values[field] = view.getUint8(at);
    else if (type === "u16") values[field] = view.getUint16(at);
    else values[field] = view.getUint32(at);
  }
  return values as Record<keyof F & string, number>;
}
