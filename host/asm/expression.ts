/**
 * Expressions: parsing to a small tree, and evaluation to constant + symbol − symbol.
 *
 * Trees are kept because a symbol may be defined later. Operators, precedence and results (true is
 * −1) are GNU as's: multiplication and shifts bind closest, then bit operations, then additions,
 * then comparisons, then `&&` and `||`. Arithmetic is on 64 bits; users of a value truncate it. One
 * difference: `>>` keeps the sign, where GNU as shifts zeros into 64 bits.
 */
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import type { AsmSymbol, Expression, Value } from "./model.ts";

/** How names become symbols; the assembler implements it. */
export interface Names {
  lookup(name: string): Expression;
  /** `3b` and `3f`. */
  numeric(label: number, direction: "b" | "f", position: number): AsmSymbol;
  /** The symbol that `.` stands for. */
  here(): AsmSymbol;
}

const BINARY = /\|\||&&|<<|>>|<>|<=|>=|==|[-+*/%|&^<>]/y;

const RANKS = ["||", "&&", "== <> < <= > >=", "+ -", "| & ^", "* / % << >>"];

const RANK: Readonly<Record<string, number>> = Object.fromEntries(
  RANKS.flatMap((operators, rank) => operators.split(" ").map((operator) => [operator, rank + 1])),
);

/** Deepest nesting of parentheses and signs; a limit for hostile text, not for people. */
const MAX_DEPTH = 200;

/**
 * Parses an expression; stops before what cannot continue it, such as `(%r1)`.
 * @throws SyntaxFailure when none starts here
 */
export function parseExpression(cursor: Cursor, names: Names, rank = 1, depth = 0): Expression {
  if (depth > MAX_DEPTH) throw new SyntaxFailure("expression too deep", cursor.position);
  let left = parseOperand(cursor, names, depth);
  for (;;) {
    const before = cursor.position;
    const operator = cursor.take(BINARY)?.[0];
    if (operator === undefined || RANK[operator]! < rank) {
      cursor.position = before;
      return left;
    }
    const right = parseExpression(cursor, names, RANK[operator]! + 1, depth + 1);
    left = simplify({ kind: "binary", operator, left, right }, cursor, before);
  }
}

const NUMBER = /0[xX][0-9a-fA-F]+|0[bB][01]+(?![0-9A-Za-z])|\d+[bf](?![\w.$])|\d+(?![\w$])/y;
const CHARACTER = /'(.)/y;

function parseOperand(cursor: Cursor, names: Names, depth: number): Expression {
  const position = (cursor.peek(), cursor.position);
  const number = cursor.take(NUMBER)?.[0];
  if (number !== undefined) return parseNumber(number, names, position);
  const character = cursor.take(CHARACTER)?.[1];
  if (character !== undefined) return { kind: "number", value: character.charCodeAt(0) };
  if (cursor.accept("(")) {
    const inner = parseExpression(cursor, names, 1, depth + 1);
    cursor.expect(")");
    return inner;
  }
  const sign = cursor.take(/[-+~]/y)?.[0];
  if (sign !== undefined) {
    if (depth > MAX_DEPTH) throw new SyntaxFailure("expression too deep", position);
    const operand = parseOperand(cursor, names, depth + 1);
    return sign === "+"
      ? operand
      : simplify({ kind: "unary", operator: sign, operand }, cursor, position);
  }
  const name = cursor.name();
  if (name === undefined) throw cursor.failure("expected an expression");
  return name === "." ? { kind: "symbol", symbol: names.here() } : names.lookup(name);
}

function parseNumber(text: string, names: Names, position: number): Expression {
  const suffix = text.at(-1)!;
  if (/^\d+[bf]$/.test(text))
    return {
      kind: "symbol",
      symbol: names.numeric(Number(text.slice(0, -1)), suffix as "b" | "f", position),
    };
  if (/^0[0-7]+$/.test(text)) return { kind: "number", value: Number.parseInt(text, 8) };
  if (/^0\d/.test(text)) throw new SyntaxFailure(`bad octal number: ${text}`, position);
  const value = Number(text);
  if (value >= 2 ** 64) throw new SyntaxFailure(`number too large: ${text}`, position);
  return { kind: "number", value };
}

/** Folds numbers at once, so that trees stay small and a division by zero is found where it stands. */
function simplify(tree: Expression, cursor: Cursor, position: number): Expression {
  if (tree.kind === "unary" && tree.operand.kind === "number")
    return { kind: "number", value: unary(tree.operator, tree.operand.value) };
  if (tree.kind !== "binary" || tree.left.kind !== "number" || tree.right.kind !== "number")
    return tree;
  const value = binary(tree.operator, tree.left.value, tree.right.value);
  if (value === undefined)
    throw new SyntaxFailure(`division by zero: ${cursor.text.trim()}`, position);
  return { kind: "number", value };
}

function unary(operator: string, value: number): number {
  return operator === "-" ? 0 - value : -1 - value;
}

function wrap(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

/** The result on 64-bit integers; undefined for a division by zero. */
function binary(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "==":
      return left === right ? -1 : 0;
    case "<>":
      return left !== right ? -1 : 0;
    case "<":
      return left < right ? -1 : 0;
    case "<=":
      return left <= right ? -1 : 0;
    case ">":
      return left > right ? -1 : 0;
    case ">=":
      return left >= right ? -1 : 0;
    case "&&":
      return left !== 0 && right !== 0 ? 1 : 0;
    case "||":
      return left !== 0 || right !== 0 ? 1 : 0;
    default:
      return bigBinary(operator, BigInt(Math.trunc(left)), BigInt(Math.trunc(right)));
  }
}

function bigBinary(operator: string, left: bigint, right: bigint): number | undefined {
  const shift = BigInt.asUintN(6, right);
  const shiftable = right >= 0n && right < 64n;
  switch (operator) {
    case "*":
      return wrap(left * right);
    case "/":
      return right === 0n ? undefined : wrap(left / right);
    case "%":
      return right === 0n ? undefined : wrap(left % right);
    case "|":
      return wrap(left | right);
    case "&":
      return wrap(left & right);
    case "^":
      return wrap(left ^ right);
    case "<<":
      return shiftable ? wrap(left << shift) : 0;
    default:
      return shiftable ? wrap(left >> shift) : 0;
  }
}

/** Why an expression has no value. */
export interface NoValue {
  readonly problem: string;
}

/** What a symbol is worth when asked: its own definition, or itself as a place or an unknown. */
export type Resolve = (symbol: AsmSymbol) => Value | NoValue;

/** Whether two places' distance is known. */
export type SamePlace = (a: AsmSymbol, b: AsmSymbol) => number | undefined;

/**
 * The value of an expression as far as symbols are known.
 * @param resolve value of a symbol: a constant, a sum, or itself
 * @param distance bytes from `b` to `a` when that is fixed, else undefined
 */
export function evaluate(tree: Expression, resolve: Resolve, distance: SamePlace): Value | NoValue {
  switch (tree.kind) {
    case "number":
      return constant(tree.value);
    case "symbol":
      return resolve(tree.symbol);
    case "unary": {
      const operand = evaluate(tree.operand, resolve, distance);
      if ("problem" in operand) return operand;
      if (tree.operator === "-") return combine(constant(0), negate(operand), distance);
      return isConstant(operand)
        ? constant(unary(tree.operator, operand.constant))
        : misuse(tree.operator, operand);
    }
    case "binary": {
      const left = evaluate(tree.left, resolve, distance);
      if ("problem" in left) return left;
      const right = evaluate(tree.right, resolve, distance);
      if ("problem" in right) return right;
      if (tree.operator === "+") return combine(left, right, distance);
      if (tree.operator === "-") return combine(left, negate(right), distance);
      if (!isConstant(left)) return misuse(tree.operator, left);
      if (!isConstant(right)) return misuse(tree.operator, right);
      const value = binary(tree.operator, left.constant, right.constant);
      return value === undefined ? { problem: "division by zero" } : constant(value);
    }
  }
}

function constant(value: number): Value {
  return { constant: value, add: undefined, subtract: undefined };
}

export function isConstant(value: Value): boolean {
  return value.add === undefined && value.subtract === undefined;
}

function negate({ constant: number, add, subtract }: Value): Value {
  return { constant: 0 - number, add: subtract, subtract: add };
}

function misuse(operator: string, { add, subtract }: Value): NoValue {
  return { problem: `${operator} needs a constant: ${(add ?? subtract)?.name ?? ""}` };
}

/** Sum of two values; places of one section cancel. */
function combine(left: Value, right: Value, distance: SamePlace): Value | NoValue {
  let adds = [left.add, right.add].filter((symbol) => symbol !== undefined);
  let subtracts = [left.subtract, right.subtract].filter((symbol) => symbol !== undefined);
  let sum = left.constant + right.constant;
  const cancel = (): boolean => {
    for (const add of adds)
      for (const subtract of subtracts) {
        const bytes = distance(add, subtract);
        if (bytes === undefined) continue;
        sum += bytes;
        adds = without(adds, add);
        subtracts = without(subtracts, subtract);
        return true;
      }
    return false;
  };
  while (cancel());
  const names = [...adds, ...subtracts].map(({ name }) => name).join(", ");
  if (adds.length > 1 || subtracts.length > 1)
    return { problem: `cannot combine symbols: ${names}` };
  return { constant: sum, add: adds[0], subtract: subtracts[0] };
}

/** The list without one of its symbols, which may stand in it twice. */
function without(list: readonly AsmSymbol[], symbol: AsmSymbol): AsmSymbol[] {
  const at = list.indexOf(symbol);
  return list.filter((_, index) => index !== at);
}
