/**
 * Directives that put bytes: numbers, strings, blocks, alignment.
 *
 * `.string` has no terminating zero (HP), `.stringz` and `.asciz` have one. `.align` counts bytes.
 */
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import { readNumber, selected } from "./operands.ts";
import { fitsDatum } from "./resolve.ts";
import { endOfString } from "./source.ts";
import type { Unit } from "./unit.ts";

export type Directive = (unit: Unit, cursor: Cursor) => void;

function numbers(bytes: 1 | 2 | 4 | 8): Directive {
  return (unit, cursor) => {
    if (cursor.atEnd()) return;
    do datum(unit, cursor, bytes);
    while (cursor.accept(","));
  };
}

function datum(unit: Unit, cursor: Cursor, bytes: 1 | 2 | 4 | 8): void {
  if (bytes === 8 && cursor.take(/0[xX][0-9a-fA-F]{14,16}(?![\w])/y) !== undefined) {
    // More digits than a double holds exactly.
    const digits = /[0-9a-fA-F]+$/
      .exec(cursor.text.slice(0, cursor.position))![0]
      .padStart(16, "0");
    unit.emit(Number.parseInt(digits.slice(0, 8), 16), 4);
    unit.emit(Number.parseInt(digits.slice(8), 16), 4);
    return;
  }
  const operand = readNumber(cursor, unit);
  const { expression, selector, position, constant } = operand;
  if (!["f", "n", "p"].includes(selector)) throw new SyntaxFailure(`selector needs an instruction: ${selector.toUpperCase()}%`, position); // prettier-ignore
  const value = selected(operand);
  if (constant !== undefined && value !== undefined) {
    if (!fitsDatum(value, bytes)) throw new SyntaxFailure(`value out of range: ${value}`, position);
    unit.emit(value, bytes);
    return;
  }
  const { section, statement } = unit;
  unit.fixups.push({
    section,
    offset: unit.emit(0, bytes),
    expression,
    selector,
    target: bytes,
    statement,
    position,
  });
}

const FLOAT = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;

function floats(bytes: 4 | 8): Directive {
  return (unit, cursor) => {
    do {
      cursor.take(/0[fFdDrReE]/y);
      const text = cursor.take(FLOAT)?.[0];
      if (text === undefined) throw cursor.failure("expected a number");
      const view = new DataView(new ArrayBuffer(8));
      if (bytes === 4) view.setFloat32(0, Number(text));
      else view.setFloat64(0, Number(text));
      for (let at = 0; at < bytes; at += 4) unit.emit(view.getUint32(at), 4);
    } while (cursor.accept(","));
  };
}

const ESCAPES: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13 };
const UTF8 = new TextEncoder();

/** The bytes of a quoted string at the cursor. @throws SyntaxFailure */
export function readString(cursor: Cursor): number[] {
  if (cursor.peek() !== '"') throw cursor.failure("expected a string");
  const start = cursor.position;
  const end = endOfString(cursor.text, start);
  if (end === start + 1 || cursor.text[end - 1] !== '"')
    throw new SyntaxFailure("string without an end", start);
  cursor.position = end;
  const bytes: number[] = [];
  const parts = /\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|(.))|[^\\]+/gy;
  for (const [all, hexadecimal, octal, character] of cursor.text
    .slice(start + 1, end - 1)
    .matchAll(parts)) {
    if (hexadecimal !== undefined) bytes.push(Number.parseInt(hexadecimal.slice(-2), 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (character !== undefined)
      bytes.push(...(ESCAPES[character] === undefined ? UTF8.encode(character) : [ESCAPES[character]])); // prettier-ignore
    else for (const byte of UTF8.encode(all)) bytes.push(byte);
  }
  return bytes;
}

function strings(terminated: boolean): Directive {
  return (unit, cursor) => {
    if (cursor.atEnd()) return;
    do {
      for (const byte of readString(cursor)) unit.emit(byte, 1);
      // Adjacent strings join, each with its own zero.
      if (terminated) unit.emit(0, 1);
    } while (cursor.accept(",") || cursor.peek() === '"');
  };
}

/** A count of bytes. @throws SyntaxFailure when negative */
function count(unit: Unit, cursor: Cursor): number {
  const position = (cursor.peek(), cursor.position);
  const value = unit.constant(cursor);
  if (value < 0) throw new SyntaxFailure(`negative count: ${value}`, position);
  return value;
}

function optional(unit: Unit, cursor: Cursor): number | undefined {
  if (!cursor.accept(",")) return undefined;
  return cursor.peek() === "," || cursor.atEnd() ? undefined : unit.constant(cursor);
}

function block(unit: Unit, cursor: Cursor): void {
  unit.space(cursor.atEnd() ? 0 : count(unit, cursor), 0);
}

function space(unit: Unit, cursor: Cursor): void {
  const size = count(unit, cursor);
  unit.space(size, (optional(unit, cursor) ?? 0) & 0xff);
}

function fill(unit: Unit, cursor: Cursor): void {
  const repeat = count(unit, cursor);
  const size = optional(unit, cursor) ?? 1;
  const value = optional(unit, cursor) ?? 0;
  if (size < 0 || size > 8) throw new SyntaxFailure(`size out of range: ${size}`, 0);
  const { section } = unit;
  const start = section.size;
  unit.space(repeat * size, 0);
  if (section.flags.zero || value === 0 || size === 0) return;
  // Only four bytes of a longer datum carry the value.
  for (let at = start; at < section.size; at += size)
    section.write(at, size > 4 ? value >>> 0 : value, size);
}

function align(power: boolean): Directive {
  return (unit, cursor) => {
    const position = (cursor.peek(), cursor.position);
    const operand = cursor.atEnd() ? (power ? 0 : 1) : unit.constant(cursor);
    const boundary = power ? 2 ** operand : operand === 0 ? 1 : operand;
    const byte = (optional(unit, cursor) ?? 0) & 0xff;
    const most = optional(unit, cursor) ?? boundary;
    if (boundary < 1 || boundary > 1 << 20 || !Number.isInteger(Math.log2(boundary)))
      throw new SyntaxFailure(`alignment is not a power of two: ${operand}`, position);
    unit.align(boundary, byte, most);
  };
}

function origin(unit: Unit, cursor: Cursor): void {
  const position = (cursor.peek(), cursor.position);
  const value = unit.valueNow(unit.expression(cursor));
  if ("problem" in value) throw new SyntaxFailure(value.problem, position);
  const target =
    value.add?.section === unit.section ? value.add.offset + value.constant : value.constant;
  if (
    value.subtract !== undefined ||
    (value.add !== undefined && value.add.section !== unit.section)
  )
    throw new SyntaxFailure("not an offset in this section", position);
  const byte = (optional(unit, cursor) ?? 0) & 0xff;
  if (target < unit.section.size) throw new SyntaxFailure(`origin goes back: ${target}`, position);
  unit.space(target - unit.section.size, byte);
}

function leb128(signed: boolean): Directive {
  return (unit, cursor) => {
    do {
      const number = signed ? unit.constant(cursor) : count(unit, cursor);
      let value = BigInt(Math.trunc(number));
      for (let more = true; more;) {
        const low = Number(value & 0x7fn);
        value >>= 7n;
        const isLast = value === 0n ? !signed || low < 0x40 : value === -1n && low >= 0x40;
        more = !isLast;
        unit.emit(more ? low | 0x80 : low, 1);
      }
    } while (cursor.accept(","));
  };
}

export const DATA_DIRECTIVES: Readonly<Record<string, Directive>> = {
  ".byte": numbers(1),
  ".half": numbers(2),
  ".short": numbers(2),
  ".2byte": numbers(2),
  ".hword": numbers(2),
  ".word": numbers(4),
  ".long": numbers(4),
  ".int": numbers(4),
  ".4byte": numbers(4),
  ".quad": numbers(8),
  ".dword": numbers(8),
  ".8byte": numbers(8),
  ".float": floats(4),
  ".single": floats(4),
  ".double": floats(8),
  ".uleb128": leb128(false),
  ".sleb128": leb128(true),
  ".ascii": strings(false),
  ".string": strings(false),
  ".asciz": strings(true),
  ".stringz": strings(true),
  ".block": block,
  ".blockz": block,
  ".space": space,
  ".skip": space,
  ".zero": space,
  ".fill": fill,
  ".align": align(false),
  ".balign": align(false),
  ".p2align": align(true),
  ".org": origin,
  ".origin": origin,
};
