/**
 * Floating-point operations of PA-RISC 1.1 in exact rational arithmetic: an oracle that shares nothing
 * with the core. Results are bits and exceptions, for any rounding mode and enabled traps.
 *
 * Sources: IEEE 754-1985 for results and exceptions; tininess after rounding, wrapped exponents, and
 * NaNs (first fraction bit set: signaling; quieted by 10 → 01 in the first two bits) as HP's emulation
 * library for PA-RISC has them.
 */
import { defaultNan, DOUBLE, type Format, pattern, SINGLE } from "./float-values.ts";

export const V = 16;
export const Z = 8;
export const O = 4;
export const U = 2;
export const I = 1;

export interface Mode {
  /** 0 nearest, 1 toward zero, 2 up, 3 down. */
  readonly rounding: number;
  /** Traps that are enabled, of V Z O U I. */
  readonly enabled: number;
}

export interface Result {
  readonly bits: bigint;
  readonly raised: number;
}

/** A number taken apart: the value is ± numerator / denominator. */
interface Parts {
  readonly kind: "nan" | "infinity" | "zero" | "finite";
  readonly negative: boolean;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const power = (exponent: number): bigint => 1n << BigInt(exponent);
const lengthOf = (n: bigint): number => n.toString(2).length;

export function partsOf(format: Format, bits: bigint): Parts {
  const negative = bits >> BigInt(format.bits - 1) !== 0n;
  const top = 2 * format.bias + 1;
  const exponent = Number((bits >> BigInt(format.fraction)) & BigInt(top));
  const low = bits & (power(format.fraction) - 1n);
  const special = (kind: Parts["kind"]): Parts => ({
    kind,
    negative,
    numerator: 0n,
    denominator: 1n,
  });
  if (exponent === top) return special(low ? "nan" : "infinity");
  if (exponent === 0 && low === 0n) return special("zero");
  const scale = (exponent || 1) - format.bias - format.fraction;
  const significand = exponent ? low | power(format.fraction) : low;
  return {
    kind: "finite",
    negative,
    numerator: scale > 0 ? significand << BigInt(scale) : significand,
    denominator: scale > 0 ? 1n : power(-scale),
  };
}

const signOf = (format: Format, negative: boolean): bigint => pattern(format, negative, 0, 0n);
const infinity = (format: Format, negative: boolean): bigint =>
  pattern(format, negative, 2 * format.bias + 1, 0n);

/** n / d × 2^−exponent as an integer, rounded; `exact` says whether it was one. */
function rounded(
  n: bigint,
  d: bigint,
  exponent: number,
  negative: boolean,
  mode: number,
): { value: bigint; exact: boolean } {
  const [top, bottom] = exponent > 0 ? [n, d << BigInt(exponent)] : [n << BigInt(-exponent), d];
  const floor = top / bottom;
  const twice = 2n * (top - floor * bottom);
  const up =
    mode === 0
      ? twice > bottom || (twice === bottom && floor % 2n === 1n)
      : twice > 0n && mode === (negative ? 3 : 2);
  return { value: up ? floor + 1n : floor, exact: twice === 0n };
}

/** Delivers ± n / d in a format. */
export function deliver(
  format: Format,
  negative: boolean,
  n: bigint,
  d: bigint,
  { rounding, enabled }: Mode,
): Result {
  const precision = format.fraction + 1;
  const sign = signOf(format, negative);
  let exponent = lengthOf(n) - lengthOf(d);
  if (exponent >= 0 ? n < d << BigInt(exponent) : n << BigInt(-exponent) < d) exponent--;
  // With unlimited exponents first.
  const unlimited = rounded(n, d, exponent - format.fraction, negative, rounding);
  let { value } = unlimited;
  if (lengthOf(value) > precision) {
    value >>= 1n;
    exponent++;
  }
  const lowest = 1 - format.bias;
  const tiny = exponent < lowest;
  if (tiny && !(enabled & U)) {
    const small = rounded(n, d, lowest - format.fraction, negative, rounding);
    return { bits: sign | small.value, raised: small.exact ? 0 : U | I };
  }
  const huge = exponent > format.bias;
  if (huge && !(enabled & O)) {
    const away = rounding === 0 || rounding === (negative ? 3 : 2);
    return { bits: infinity(format, negative) - (away ? 0n : 1n), raised: O | I };
  }
  const wrap = format.bits === 32 ? 192 : 1536;
  if (tiny) exponent += wrap;
  if (huge) exponent -= wrap;
  const field = BigInt.asUintN(format.bits - 1 - format.fraction, BigInt(exponent + format.bias));
  return {
    bits: sign | (field << BigInt(format.fraction)) | (value & (power(format.fraction) - 1n)),
    raised: (unlimited.exact ? 0 : I) | (tiny ? U : 0) | (huge ? O : 0),
  };
}

const signals = (format: Format, bits: bigint): boolean =>
  partsOf(format, bits).kind === "nan" && (bits & power(format.fraction - 1)) !== 0n;

function quiet(format: Format, bits: bigint): bigint {
  return signals(format, bits)
    ? (bits & ~power(format.fraction - 1)) | power(format.fraction - 2)
    : bits;
}

/** What an operation on NaNs gives; undefined when there is none. */
function ofNans(format: Format, operands: readonly bigint[]): Result | undefined {
  const nans = operands.filter((bits) => partsOf(format, bits).kind === "nan");
  if (nans.length === 0) return undefined;
  const [a, b] = operands;
  const chosen = signals(format, a!) ? a! : b !== undefined && signals(format, b) ? b : nans[0]!;
  const raised = nans.some((bits) => signals(format, bits)) ? V : 0;
  return { bits: quiet(format, chosen), raised };
}

const invalid = (format: Format): Result => ({ bits: defaultNan(format), raised: V });
const plain = (bits: bigint): Result => ({ bits, raised: 0 });

/** a + b, with exact fractions. */
export function add(format: Format, a: bigint, b: bigint, mode: Mode): Result {
  const nan = ofNans(format, [a, b]);
  if (nan) return nan;
  const [x, y] = [partsOf(format, a), partsOf(format, b)];
  if (x.kind === "infinity")
    return y.kind === "infinity" && x.negative !== y.negative ? invalid(format) : plain(a);
  if (y.kind === "infinity") return plain(b);
  const signed = (p: Parts): bigint => (p.negative ? -p.numerator : p.numerator);
  const sum = signed(x) * y.denominator + signed(y) * x.denominator;
  if (sum === 0n) {
    const bothZero = x.kind === "zero" && y.kind === "zero";
    const negative = bothZero && x.negative === y.negative ? x.negative : mode.rounding === 3;
    return plain(signOf(format, negative));
  }
  return deliver(format, sum < 0n, sum < 0n ? -sum : sum, x.denominator * y.denominator, mode);
}

export function subtract(format: Format, a: bigint, b: bigint, mode: Mode): Result {
  return ofNans(format, [a, b]) ?? add(format, a, b ^ signOf(format, true), mode);
}

export function multiply(format: Format, a: bigint, b: bigint, mode: Mode): Result {
  const nan = ofNans(format, [a, b]);
  if (nan) return nan;
  const [x, y] = [partsOf(format, a), partsOf(format, b)];
  const negative = x.negative !== y.negative;
  const kinds = [x.kind, y.kind];
  if (kinds.includes("infinity"))
    return kinds.includes("zero") ? invalid(format) : plain(infinity(format, negative));
  if (kinds.includes("zero")) return plain(signOf(format, negative));
  return deliver(format, negative, x.numerator * y.numerator, x.denominator * y.denominator, mode);
}

export function divide(format: Format, a: bigint, b: bigint, mode: Mode): Result {
  const nan = ofNans(format, [a, b]);
  if (nan) return nan;
  const [x, y] = [partsOf(format, a), partsOf(format, b)];
  const negative = x.negative !== y.negative;
  if (x.kind === y.kind && x.kind !== "finite") return invalid(format);
  if (x.kind === "infinity") return plain(infinity(format, negative));
  if (x.kind === "zero" || y.kind === "infinity") return plain(signOf(format, negative));
  if (y.kind === "zero") return { bits: infinity(format, negative), raised: Z };
  return deliver(format, negative, x.numerator * y.denominator, x.denominator * y.numerator, mode);
}

function integerRoot(n: bigint): bigint {
  let root = power((lengthOf(n) >> 1) + 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function squareRoot(format: Format, a: bigint, mode: Mode): Result {
  const nan = ofNans(format, [a]);
  if (nan) return nan;
  const x = partsOf(format, a);
  if (x.kind === "zero") return plain(a);
  if (x.negative) return invalid(format);
  if (x.kind === "infinity") return plain(a);
  // √(n/d) = √(n·d)/d; so many more bits of the root that rounding sees no more than whether it ends.
  const extra = 2n * BigInt(format.fraction) + 1200n;
  const square = (x.numerator * x.denominator) << (2n * extra);
  const root = integerRoot(square);
  const sticky = root * root === square ? 0n : 1n;
  return deliver(format, false, 2n * root + sticky, (2n * x.denominator) << extra, mode);
}

/** The integer that a number rounds to, with its sign; `exact` says whether it is that integer. */
function toIntegral(x: Parts, rounding: number): { value: bigint; exact: boolean } {
  const { value, exact } = rounded(x.numerator, x.denominator, 0, x.negative, rounding);
  return { value: x.negative ? -value : value, exact };
}

export function round(format: Format, a: bigint, mode: Mode): Result {
  const nan = ofNans(format, [a]);
  if (nan) return nan;
  const x = partsOf(format, a);
  if (x.kind !== "finite") return plain(a);
  const { value, exact } = toIntegral(x, mode.rounding);
  const raised = exact ? 0 : I;
  if (value === 0n) return { bits: signOf(format, x.negative), raised };
  const { bits } = deliver(format, x.negative, value < 0n ? -value : value, 1n, mode);
  return { bits, raised };
}

export function toFloat(from: Format, to: Format, a: bigint, mode: Mode): Result {
  const x = partsOf(from, a);
  if (x.kind === "nan") {
    const fraction = quiet(from, a) & (power(from.fraction) - 1n);
    const shift = from.fraction - to.fraction;
    const moved = shift > 0 ? fraction >> BigInt(shift) : fraction << BigInt(-shift);
    const kept = moved === 0n ? power(to.fraction - 2) : moved;
    return {
      bits: pattern(to, x.negative, 2 * to.bias + 1, kept),
      raised: signals(from, a) ? V : 0,
    };
  }
  if (x.kind === "infinity") return plain(infinity(to, x.negative));
  if (x.kind === "zero") return plain(signOf(to, x.negative));
  return deliver(to, x.negative, x.numerator, x.denominator, mode);
}

export function fixedToFloat(bits: 32 | 64, to: Format, a: bigint, mode: Mode): Result {
  const value = BigInt.asIntN(bits, a);
  return value === 0n ? plain(0n) : deliver(to, value < 0n, value < 0n ? -value : value, 1n, mode);
}

export function floatToFixed(from: Format, bits: 32 | 64, a: bigint, mode: Mode): Result {
  const x = partsOf(from, a);
  const limit = power(bits - 1);
  const outside: Result = { bits: x.negative ? limit : limit - 1n, raised: V };
  if (x.kind === "nan" || x.kind === "infinity") return outside;
  const { value, exact } = toIntegral(x, mode.rounding);
  if (value < -limit || value >= limit) return outside;
  return { bits: BigInt.asUintN(bits, value), raised: exact ? 0 : I };
}

/** Whether one of the 32 conditions holds, and whether asking is an invalid operation. */
export function compare(
  format: Format,
  a: bigint,
  b: bigint,
  condition: number,
): { holds: boolean; raised: number } {
  const [x, y] = [partsOf(format, a), partsOf(format, b)];
  if (x.kind === "nan" || y.kind === "nan") {
    const asks = (condition & 1) !== 0 || signals(format, a) || signals(format, b);
    return { holds: (condition & 2) !== 0, raised: asks ? V : 0 };
  }
  const rank = (p: Parts): number => (p.kind === "infinity" ? (p.negative ? -1 : 1) : 0);
  const signed = (p: Parts): bigint => (p.negative ? -p.numerator : p.numerator);
  const difference =
    rank(x) - rank(y) || Number(sign(signed(x) * y.denominator - signed(y) * x.denominator));
  const bit = difference > 0 ? 16 : difference < 0 ? 8 : 4;
  return { holds: (condition & bit) !== 0, raised: 0 };
}

const sign = (n: bigint): bigint => (n > 0n ? 1n : n < 0n ? -1n : 0n);

export const FORMATS: readonly Format[] = [SINGLE, DOUBLE];
