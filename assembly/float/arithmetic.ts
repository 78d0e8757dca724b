// Addition, multiplication, division, square root and comparison for every operand and rounding mode.
//
// The complete semantics, in integers; fast clauses (assembly/exec/float-fast.ts) do the common cases by
// the host's arithmetic and must agree. Operands and results are bits of singles or doubles.
import {
  defaultNan, exponent, infinityOf, isInfinite, isNan, isNegative, isSignaling, isZero, pack, quieted,
  shiftSticky, SIGN, signOf, significand, widen,
} from "./number";
import { DIVIDE_BY_ZERO, DOWN, INVALID, raise, roundingMode } from "./status";

/** An operation on a NaN: the first operand's, unless only the second one signals or is one. */
export function propagated(a: u64, b: u64, isSingle: bool): u64 {
  const first = isNan(a, isSingle) && (isSignaling(a, isSingle) || !isSignaling(b, isSingle));
  if (isSignaling(a, isSingle) || isSignaling(b, isSingle)) raise(INVALID);
  return quieted(first ? a : b, isSingle);
}

function invalid(isSingle: bool): u64 {
  raise(INVALID);
  return defaultNan(isSingle);
}

function infinity(negative: bool, isSingle: bool): u64 {
  return infinityOf(isSingle) | (negative ? signOf(isSingle) : 0);
}

function zero(negative: bool, isSingle: bool): u64 { return negative ? signOf(isSingle) : 0; }

/** A finite number as it is, in the format of the result. */
function same(double: u64, isSingle: bool): u64 {
  return pack(isNegative(double), exponent(double), significand(double), isSingle);
}

/** a + b, or a − b. */
export function sumOf(a: u64, b: u64, isSingle: bool, subtract: bool): u64 {
  if (isNan(a, isSingle) || isNan(b, isSingle)) return propagated(a, b, isSingle);
  const x = widen(a, isSingle), y = widen(b, isSingle) ^ (subtract ? SIGN : 0);
  if (isInfinite(x)) return isInfinite(y) && x != y ? invalid(isSingle) : infinity(isNegative(x), isSingle);
  if (isInfinite(y)) return infinity(isNegative(y), isSingle);
  if (isZero(x)) {
    if (!isZero(y)) return same(y, isSingle);
    return zero(x == y ? isNegative(x) : roundingMode() == DOWN, isSingle);
  }
  if (isZero(y)) return same(x, isSingle);
  const larger = (x & ~SIGN) >= (y & ~SIGN) ? x : y, smaller = larger == x ? y : x;
  const negative = isNegative(larger);
  const power = exponent(larger);
  const high = significand(larger), low = shiftSticky(significand(smaller), power - exponent(smaller));
  if (negative == isNegative(smaller)) {
    const sum = high + low;
    return isNegative(sum)
      ? pack(negative, power + 1, shiftSticky(sum, 1), isSingle)
      : pack(negative, power, sum, isSingle);
  }
  const difference = high - low;
  if (!difference) return zero(roundingMode() == DOWN, isSingle);
  const left = <i32>clz(difference) - 1;
  return pack(negative, power - left, difference << left, isSingle);
}

export function productOf(a: u64, b: u64, isSingle: bool): u64 {
  if (isNan(a, isSingle) || isNan(b, isSingle)) return propagated(a, b, isSingle);
  const x = widen(a, isSingle), y = widen(b, isSingle);
  const negative = isNegative(x ^ y);
  if (isInfinite(x) || isInfinite(y)) return isZero(x) || isZero(y) ? invalid(isSingle) : infinity(negative, isSingle);
  if (isZero(x) || isZero(y)) return zero(negative, isSingle);
  // Significands end in at least ten zeros, so the product of all bits but those has 106 bits.
  const p = significand(x) >> 10, q = significand(y) >> 10;
  const low = (p & 0xffffffff) * (q & 0xffffffff);
  const middle = (p >> 32) * (q & 0xffffffff) + (low >> 32);
  const cross = (p & 0xffffffff) * (q >> 32) + (middle & 0xffffffff);
  const high = (p >> 32) * (q >> 32) + (middle >> 32) + (cross >> 32);
  const rest = (cross << 32) | (low & 0xffffffff);
  // `high` begins at bit 40 or 41; 22 bits of `rest` bring it to 62 or 63.
  const product = (high << 22) | (rest >> 42) | u64(rest << 22 != 0);
  const power = exponent(x) + exponent(y);
  return isNegative(product)
    ? pack(negative, power + 1, shiftSticky(product, 1), isSingle)
    : pack(negative, power, product, isSingle);
}

export function quotientOf(a: u64, b: u64, isSingle: bool): u64 {
  if (isNan(a, isSingle) || isNan(b, isSingle)) return propagated(a, b, isSingle);
  const x = widen(a, isSingle), y = widen(b, isSingle);
  const negative = isNegative(x ^ y);
  if (isInfinite(x)) return isInfinite(y) ? invalid(isSingle) : infinity(negative, isSingle);
  if (isInfinite(y)) return zero(negative, isSingle);
  if (isZero(y)) {
    if (isZero(x)) return invalid(isSingle);
    raise(DIVIDE_BY_ZERO);
    return infinity(negative, isSingle);
  }
  if (isZero(x)) return zero(negative, isSingle);
  const divisor = significand(y);
  let rest = significand(x), power = exponent(x) - exponent(y);
  if (rest < divisor) {
    rest <<= 1;
    power--;
  }
  let quotient: u64 = 0;
  for (let bit = 0; bit < 63; bit++) {
    quotient <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
    rest <<= 1;
  }
  return pack(negative, power, quotient | u64(rest != 0), isSingle);
}

export function rootOf(a: u64, isSingle: bool): u64 {
  if (isNan(a, isSingle)) return propagated(a, a, isSingle);
  const x = widen(a, isSingle);
  if (isZero(x)) return a;
  if (isNegative(x)) return invalid(isSingle);
  if (isInfinite(x)) return a;
  const odd = exponent(x) & 1;
  let radicand = significand(x) << odd;
  let root: u64 = 0, rest: u64 = 0;
  // One bit of the root for two of the radicand; 56 bits are enough, with a sticky one.
  for (let bit = 0; bit < 56; bit++) {
    rest = (rest << 2) | (radicand >> 62);
    radicand <<= 2;
    const trial = (root << 2) | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return pack(false, (exponent(x) - odd) >> 1, (root << 7) | u64(rest != 0), isSingle);
}

/** The bits of a condition (host/isa's field fc) for greater, less, equal and unordered. */
const GREATER: u32 = 16;
const LESS: u32 = 8;
const EQUAL: u32 = 4;
const UNORDERED: u32 = 2;
/** A condition's last bit: an unordered comparison is an invalid operation. */
const TESTS_ORDER: u32 = 1;

/** Whether a condition holds of two numbers. */
export function compared(a: u64, b: u64, condition: u32, isSingle: bool): u32 {
  if (isNan(a, isSingle) || isNan(b, isSingle)) {
    if (condition & TESTS_ORDER || isSignaling(a, isSingle) || isSignaling(b, isSingle)) raise(INVALID);
    return u32((condition & UNORDERED) != 0);
  }
  return orderHolds(reinterpret<f64>(widen(a, isSingle)), reinterpret<f64>(widen(b, isSingle)), condition);
}

/** The same of two numbers that are not NaNs. */
// @ts-ignore: decorator
@inline export function orderHolds(x: f64, y: f64, condition: u32): u32 {
  const order = x > y ? GREATER : x < y ? LESS : EQUAL;
  return u32((condition & order) != 0);
}
