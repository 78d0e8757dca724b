/**
 * The assembler's data while it works: sections that grow, symbols, expression trees, fix-ups.
 *
 * Plain data and the smallest operations on it; who may change what is the business of `unit.ts`.
 * Everything here ends as an `ObjectFile`.
 */
import type { Register } from "../isa/registers.ts";
import type { Field } from "../isa/fields.ts";
import type { Binding, SectionFlags } from "./object.ts";
import type { Selector } from "./selector.ts";
import type { Statement } from "./source.ts";

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly symbol: AsmSymbol }
  | { readonly kind: "unary"; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** constant + add − subtract. */
export interface Value {
  readonly constant: number;
  readonly add: AsmSymbol | undefined;
  readonly subtract: AsmSymbol | undefined;
}

export interface AsmSymbol {
  readonly name: string;
  /** Set for a label: where it stands, and which stretch of fixed size it is in. */
  section: Section | undefined;
  offset: number;
  stretch: number;
  /** Set for a constant or another name: `x = 5`, `x: .equ y+1`. */
  equated: Expression | undefined;
  /** `x = 5` may be said again, a label or `.equ` may not. */
  redefinable: boolean;
  /** Given to the assembler from outside. */
  predefined: boolean;
  register: Register | undefined;
  common: { readonly size: number; readonly align: number } | undefined;
  binding: Binding;
  /** Said to be local: `.local` before `.comm` makes it a block of this file alone. */
  keptLocal: boolean;
  type: "none" | "function" | "object";
  size: Expression | undefined;
  /** First statement that names it; where an undefined symbol is reported. */
  readonly firstUse: Statement | undefined;
}

export function isDefined(symbol: AsmSymbol): boolean {
  return (
    symbol.section !== undefined ||
    symbol.equated !== undefined ||
    symbol.register !== undefined ||
    symbol.common !== undefined
  );
}

/** Largest section in bytes: the machine has 32 MB. */
const MAX_SECTION = 1 << 26;

export class Section {
  readonly name: string;
  readonly flags: SectionFlags;
  align: number;
  size = 0;
  /** Counts alignments and blocks: two labels of one stretch have a distance that GNU as knows at once. */
  stretch = 0;
  private buffer = new Uint8Array(256);
  /** `[offset, line]` pairs, ascending. */
  readonly lines: [number, number][] = [];

  constructor(name: string, flags: SectionFlags, align: number) {
    this.name = name;
    this.flags = flags;
    this.align = align;
  }

  /** Room for `count` more bytes, zero; false when the section would be too large. */
  grow(count: number): boolean {
    const size = this.size + count;
    if (size > MAX_SECTION) return false;
    if (!this.flags.zero && size > this.buffer.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.buffer.length));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.size = size;
    return true;
  }

  /** Writes the low `count` bytes of a value, big-endian, at an offset that has room. */
  write(offset: number, value: number, count: number): void {
    for (let index = 0; index < count; index++)
      this.buffer[offset + index] = Math.floor(value / 2 ** (8 * (count - 1 - index))) & 0xff;
  }

  word(offset: number): number {
    return new DataView(this.buffer.buffer).getUint32(offset);
  }

  setWord(offset: number, value: number): void {
    new DataView(this.buffer.buffer).setUint32(offset, value);
  }

  fill(start: number, end: number, byte: number): void {
    this.buffer.fill(byte, start, end);
  }

  bytes(): Uint8Array {
    return this.flags.zero ? new Uint8Array(0) : this.buffer.slice(0, this.size);
  }
}

/** Bytes that wait for symbols. */
export interface Fixup {
  readonly section: Section;
  readonly offset: number;
  readonly expression: Expression;
  readonly selector: Selector;
  /** An instruction's field, or a datum of so many bytes. */
  readonly target: Field | 1 | 2 | 4 | 8;
  readonly statement: Statement;
  readonly position: number;
}
