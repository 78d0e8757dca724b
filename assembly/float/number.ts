// Binary floating-point numbers taken apart and put together, exactly, in integers.
//
// Operations work on doubles, as which singles are exact: a finite number that is not zero is
// ± significand × 2^(exponent − 62), bit 62 of the significand set. `pack` rounds such a number, whose
// last bit may be sticky (set when anything below it is not zero), to single or double. Source: IEEE
// 754-1985; tininess is detected after rounding, and results that trap have a wrapped exponent, as the
// manual, chapter 6, says.
import { DOWN, enabled, INEXACT, NEAREST, OVERFLOW, raise, roundingMode, UNDERFLOW, UP } from "./status";

export const SIGN: u64 = 0x8000000000000000;
export const INFINITY: u64 = 0x7ff0000000000000;
const FRACTION: u64 = 0x000fffffffffffff;

/** What is said of singles and doubles alike, by whether it is a single. */
// @ts-ignore: decorator
@inline export function signOf(isSingle: bool): u64 { return isSingle ? 0x80000000 : SIGN; }
// @ts-ignore: decorator
@inline export function infinityOf(isSingle: bool): u64 { return isSingle ? 0x7f800000 : INFINITY; }
// @ts-ignore: decorator
@inline function signalingOf(isSingle: bool): u64 { return isSingle ? 0x00400000 : 0x0008000000000000; }

/** The bits of a single or double as those of a double; not for NaNs. */
export function widen(bits: u64, isSingle: bool): u64 {
  return isSingle ? reinterpret<u64>(<f64>reinterpret<f32>(<u32>bits)) : bits;
}

export function isNan(bits: u64, isSingle: bool): bool {
  return (bits & ~signOf(isSingle)) > infinityOf(isSingle);
}

/** The first fraction bit marks a NaN that signals: the other way round than in most machines. */
export function isSignaling(bits: u64, isSingle: bool): bool {
  return isNan(bits, isSingle) && (bits & signalingOf(isSingle)) != 0;
}

/** A quiet NaN of a signaling one: its first two fraction bits become 01. */
export function quieted(bits: u64, isSingle: bool): u64 {
  const signaling = signalingOf(isSingle);
  return bits & signaling ? (bits ^ signaling) | (signaling >> 1) : bits;
}

/** The result of an invalid operation. */
export function defaultNan(isSingle: bool): u64 {
  return infinityOf(isSingle) | (signalingOf(isSingle) >> 1);
}

// @ts-ignore: decorator
@inline export function isInfinite(double: u64): bool { return (double & ~SIGN) == INFINITY; }
// @ts-ignore: decorator
@inline export function isZero(double: u64): bool { return (double & ~SIGN) == 0; }
// @ts-ignore: decorator
@inline export function isNegative(double: u64): bool { return double >= SIGN; }

/** Of a finite double that is not zero. */
export function exponent(double: u64): i32 {
  const field = <i32>((double & INFINITY) >> 52);
  return field ? field - 1023 : -1011 - <i32>clz(double & FRACTION);
}

/** Of a finite double that is not zero; bit 62 is set. */
export function significand(double: u64): u64 {
  const fraction = double & FRACTION;
  return double & INFINITY ? (fraction << 10) | (<u64>1 << 62) : fraction << (clz(fraction) - 1);
}

/** `value` shifted right, with what is lost in the last bit. */
export function shiftSticky(value: u64, by: i32): u64 {
  if (by <= 0) return value;
  if (by > 63) return u64(value != 0);
  return (value >> by) | u64(value << (64 - by) != 0);
}

/** Whether a number is rounded away from zero: `rest` is what is cut off, `half` half a unit of it. */
export function roundsUp(negative: bool, odd: bool, rest: u64, half: u64): bool {
  switch (roundingMode()) {
    case NEAREST: return rest > half || (rest == half && odd);
    case UP: return rest != 0 && !negative;
    case DOWN: return rest != 0 && negative;
    default: return false;
  }
}

/** The significand without its last `shift` bits, rounded. */
function rounded(negative: bool, value: u64, shift: i32): u64 {
  const kept = value >> shift, rest = value & ((<u64>1 << shift) - 1);
  return kept + u64(roundsUp(negative, (kept & 1) != 0, rest, <u64>1 << (shift - 1)));
}

/** Rounds and encodes; raises overflow, underflow, inexact. `value` has bit 62 set and no higher one. */
export function pack(negative: bool, power: i32, value: u64, isSingle: bool): u64 {
  const sign = negative ? signOf(isSingle) : 0;
  const shift = isSingle ? 39 : 10, fractionBits = 62 - shift;
  const lowest = isSingle ? -126 : -1022, highest = isSingle ? 127 : 1023, wrap = isSingle ? 192 : 1536;
  let kept = rounded(negative, value, shift);
  let result = power;
  if (kept >> (fractionBits + 1)) {
    kept >>= 1;
    result++;
  }
  const inexact = (value & ((<u64>1 << shift) - 1)) != 0;
  if (result < lowest && !enabled(UNDERFLOW)) {
    // The number is tiny; what is delivered has less precision.
    const small = shiftSticky(value, lowest - power);
    if (small & ((<u64>1 << shift) - 1)) raise(UNDERFLOW | INEXACT);
    return sign | rounded(negative, small, shift);
  }
  if (result > highest && !enabled(OVERFLOW)) {
    raise(OVERFLOW | INEXACT);
    const mode = roundingMode();
    const infinite = mode == NEAREST || (mode == UP && !negative) || (mode == DOWN && negative);
    return sign | (infinityOf(isSingle) - u64(!infinite));
  }
  if (inexact) raise(INEXACT);
  if (result > highest) {
    raise(OVERFLOW);
    result -= wrap;
  } else if (result < lowest) {
    raise(UNDERFLOW);
    result += wrap;
  }
  const field = (<u64>(result - lowest + 1) << fractionBits) & infinityOf(isSingle);
  return sign | field | (kept & ((<u64>1 << fractionBits) - 1));
}
