/**
 * WebAssembly's binary format, as far as the translator reads and writes it: numbers, the instructions of
 * a function body, sections. It knows nothing of the core. Source: WebAssembly Core Specification 2.0,
 * chapter 5 (binary format) and appendix (index of instructions).
 */
import { panic } from "../../diagnostic.ts";

/** Opcodes that the translator looks at; all others only move values on the stack. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load8Signed: 0x2c,
  i32Load8: 0x2d,
  i32Load16: 0x2f,
  i64Load32Signed: 0x34,
  i64Load32: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i64Store32: 0x3e,
  lastMemory: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32NotEqual: 0x47,
  i32LessSigned: 0x48,
  i32And: 0x71,
  i64ShiftRight: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendSignedI32: 0xac,
  i64ExtendI32: 0xad,
  prefix: 0xfc,
} as const;

export const VOID = 0x40;
export const I32 = 0x7f;
export const I64 = 0x7e;

/** One instruction of a body: its first two immediates, where it has them, and its bytes. */
export interface Instruction {
  readonly op: number;
  /** Index, label, block type, constant; or the alignment of a memory access, whose offset is `b`. */
  readonly a: number;
  readonly b: number;
  /** Labels of a table, the default last. */
  readonly labels?: readonly number[];
  readonly bytes: Uint8Array;
}

/** Reads the numbers of a binary from front to back. */
export class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  byte(): number {
    return this.bytes[this.at++]!;
  }
  /** LEB128, up to 32 bits of it. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }
  signed(): number {
    let value = 0;
    for (let shift = 0; ;) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 127) << shift;
      shift += 7;
      if (byte < 128) return shift < 32 && byte & 64 ? value | (-1 << shift) : value;
    }
  }
  take(count: number): Uint8Array {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }

  instruction(): Instruction {
    const start = this.at;
    const op = this.byte();
    let a = 0;
    let b = 0;
    if (op >= OP.block && op <= OP.if) a = this.byte();
    else if (op === OP.br || op === OP.brIf || op === OP.call) a = this.unsigned();
    else if (op >= OP.localGet && op <= 0x24) a = this.unsigned();
    else if (op >= OP.i32Load && op <= OP.lastMemory) {
      a = this.unsigned();
      b = this.unsigned();
    } else if (op === OP.i32Const || op === OP.i64Const) a = this.signed();
    else if (op === OP.brTable) {
      const labels = Array.from({ length: this.unsigned() + 1 }, () => this.unsigned());
      return { op, a, b, labels, bytes: this.bytes.subarray(start, this.at) };
    } else if (op === OP.f32Const) this.take(4);
    else if (op === OP.f64Const) this.take(8);
    else if (op === OP.prefix) {
      a = this.unsigned();
      // Conversions that saturate; what else has this prefix has more immediates.
      if (a > 7) panic(`translator: no such instruction: 0xfc ${a}`);
    } else if ((op > OP.brTable && op < OP.drop && op !== OP.return) || op === 0x3f || op === 0x40)
      panic(`translator: no such instruction: 0x${op.toString(16)}`);
    return { op, a, b, bytes: this.bytes.subarray(start, this.at) };
  }
}

/** Values that an instruction takes from the stack; each of those asked for leaves one, or none. */
export function taken(op: number): number {
  if (op <= 0x01 || (op >= OP.i32Const && op <= OP.f64Const)) return 0;
  if (op >= 0x36 && op <= OP.lastMemory) return 2;
  if (op === OP.select) return 3;
  const two =
    (op >= 0x46 && op <= 0x4f) ||
    (op >= 0x51 && op <= 0x66) ||
    (op >= 0x6a && op <= 0x78) ||
    (op >= 0x7c && op <= 0x8a) ||
    (op >= 0x92 && op <= 0x98) ||
    (op >= 0xa0 && op <= 0xa6);
  return two ? 2 : 1;
}

/** Bytes under construction. */
export class Writer {
  #bytes = new Uint8Array(4096);
  length = 0;

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
  #room(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.length + count));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }
  byte(...values: readonly number[]): this {
    this.#room(values.length);
    for (const value of values) this.#bytes[this.length++] = value;
    return this;
  }
  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    return this.byte(rest);
  }
  signed(value: number): this {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 127) | 128);
      rest >>= 7;
    }
    return this.byte(rest & 127);
  }
  name(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.unsigned(bytes.length).raw(bytes);
  }
  /** What `write` writes, with its length before it. */
  sized(write: (inner: Writer) => void): this {
    const inner = new Writer();
    write(inner);
    return this.unsigned(inner.length).raw(inner.#bytes.subarray(0, inner.length));
  }
  section(id: number, write: (inner: Writer) => void): this {
    return this.byte(id).sized(write);
  }
  /** An instruction with one unsigned immediate. */
  op(op: number, immediate: number): this {
    return this.byte(op).unsigned(immediate);
  }
  constant(value: number): this {
    return this.byte(OP.i32Const).signed(value);
  }
}

export const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
