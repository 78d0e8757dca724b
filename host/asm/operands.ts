/**
 * Reading operands: registers, numbers with selectors, and what must be written literally.
 *
 * Functions return what they read or throw SyntaxFailure where it went wrong; the matcher tries
 * the next spelling then. Register kinds are checked: GNU as would take `%sr4` for general register 4.
 */
import { registerNamed, type Register, type RegisterKind } from "../isa/registers.ts";
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import type { Expression } from "./model.ts";
import { select, selectorNamed, type Selector } from "./selector.ts";
import type { Unit } from "./unit.ts";

const REGISTER = /%(\w+)/y;
const REGISTER_NUMBER = /(0[xX][0-9a-fA-F]+|\d+)([lLrR]?)(?![\w.$])/y;

const KIND_NAMES: Readonly<Record<RegisterKind, string>> = {
  general: "general register",
  float: "floating-point register",
  space: "space register",
  control: "control register",
};

/**
 * Reads a register: `%name`, a `.reg` name, and unless `strict` a bare number or constant.
 * @throws SyntaxFailure
 */
export function readRegister(
  cursor: Cursor,
  unit: Unit,
  kind: RegisterKind,
  strict: boolean,
): Register {
  const start = (cursor.peek(), cursor.position);
  const named = cursor.take(REGISTER)?.[1];
  if (named !== undefined) {
    const register = registerNamed(named);
    if (register === undefined) throw new SyntaxFailure(`unknown register: %${named}`, start);
    if (register.kind !== kind)
      throw new SyntaxFailure(`not a ${KIND_NAMES[kind]}: %${named}`, start);
    return register;
  }
  const number = strict ? undefined : cursor.take(REGISTER_NUMBER);
  if (number !== undefined) {
    const half = number[2]!.toLowerCase() === "r" ? 1 : 0;
    if (number[2] !== "" && kind !== "float")
      throw new SyntaxFailure(`unknown register: ${number[0]}`, start);
    return checkedNumber(Number(number[1]), kind, half, start);
  }
  const name = cursor.name();
  const symbol = name === undefined ? undefined : unit.symbols.get(name);
  if (symbol?.register !== undefined) {
    if (symbol.register.kind !== kind)
      throw new SyntaxFailure(`not a ${KIND_NAMES[kind]}: ${name}`, start);
    return symbol.register;
  }
  if (!strict && symbol?.equated !== undefined) {
    const value = unit.constantNow({ kind: "symbol", symbol });
    if (value !== undefined) return checkedNumber(value, kind, 0, start);
  }
  cursor.position = start;
  throw cursor.failure(`expected a ${KIND_NAMES[kind]}`);
}

function checkedNumber(
  number: number,
  kind: RegisterKind,
  half: 0 | 1,
  position: number,
): Register {
  const limit = kind === "space" ? 8 : 32;
  if (!Number.isInteger(number) || number < 0 || number >= limit)
    throw new SyntaxFailure(`no such ${KIND_NAMES[kind]}: ${number}`, position);
  return { kind, number, half };
}

/** Takes one particular register, such as the `%sar` of `shrpw`. */
export function expectRegister(cursor: Cursor, names: readonly string[]): void {
  const start = (cursor.peek(), cursor.position);
  const named = cursor.take(REGISTER)?.[1]?.toLowerCase();
  if (named !== undefined && names.includes(named)) return;
  cursor.position = start;
  throw cursor.failure(`expected %${names[0]}`);
}

const SELECTOR = /([A-Za-z]{1,3})['%]/y;

/** A number operand: its expression, its selector, and its value when that is known already. */
export interface NumberOperand {
  readonly expression: Expression;
  readonly selector: Selector;
  readonly position: number;
  /** As it was written. */
  readonly text: string;
  /** The constant before the selector; undefined when symbols have yet to be placed. */
  readonly constant: number | undefined;
}

/** @throws SyntaxFailure */
export function readNumber(cursor: Cursor, unit: Unit): NumberOperand {
  const position = (cursor.peek(), cursor.position);
  const name = cursor.take(SELECTOR)?.[1];
  const selector = name === undefined ? "f" : selectorNamed(name);
  if (selector === undefined) throw new SyntaxFailure(`unknown field selector: ${name}%`, position);
  if (selector === "t") throw new SyntaxFailure("no linkage table: T%", position);
  const expression = unit.expression(cursor);
  const text = cursor.text.slice(position, cursor.position);
  return { expression, selector, position, text, constant: unit.constantNow(expression) };
}

/** Applies a selector to a constant of the text. */
export function selected({ selector, constant }: NumberOperand): number | undefined {
  if (constant === undefined) return undefined;
  if (selector === "f" || selector === "n") return constant;
  return select(selector, 0, constant | 0);
}
