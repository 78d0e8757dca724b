// Conversions between formats, integers and integral values for every operand and rounding mode.
//
// The complete semantics, in integers, as in arithmetic.ts. An integer out of range, and a NaN, are
// invalid operations whose result is the nearest integer there is, by the operand's sign.
import { propagated } from "./arithmetic";
import {
  exponent, infinityOf, isInfinite, isNan, isNegative, isSignaling, isZero, pack, quieted, roundsUp, shiftSticky,
  SIGN, signOf, significand, widen,
} from "./number";
import { INEXACT, INVALID, raise } from "./status";

/** A NaN in the other format; fraction bits that do not fit are lost. */
function convertedNan(bits: u64, fromSingle: bool): u64 {
  if (isSignaling(bits, fromSingle)) raise(INVALID);
  const quiet = quieted(bits, fromSingle);
  if (fromSingle) return ((quiet & 0x80000000) << 32) | 0x7ff0000000000000 | ((quiet & 0x007fffff) << 29);
  const fraction = (quiet >> 29) & 0x007fffff;
  return ((quiet & SIGN) >> 32) | 0x7f800000 | (fraction ? fraction : 0x00200000);
}

/** A single as a double, or a double as a single. */
export function converted(bits: u64, fromSingle: bool): u64 {
  if (isNan(bits, fromSingle)) return convertedNan(bits, fromSingle);
  const x = widen(bits, fromSingle), toSingle = !fromSingle;
  const sign = isNegative(x) ? signOf(toSingle) : 0;
  if (isZero(x)) return sign;
  if (isInfinite(x)) return sign | infinityOf(toSingle);
  return pack(isNegative(x), exponent(x), significand(x), toSingle);
}

/** A signed integer as a single or double. */
export function fromInteger(value: i64, toSingle: bool): u64 {
  if (!value) return 0;
  const magnitude = value < 0 ? <u64>0 - <u64>value : <u64>value;
  const left = <i32>clz(magnitude) - 1;
  const normal = left < 0 ? shiftSticky(magnitude, 1) : magnitude << left;
  return pack(value < 0, 62 - left, normal, toSingle);
}

/** Integer part of a finite number below 2^63 that is not zero. */
function integerPart(power: i32, value: u64): u64 { return power < 0 ? 0 : value >> (62 - power); }

/** Its fraction, as 64 bits of which the last is sticky. */
function fractionPart(power: i32, value: u64): u64 {
  return power < 0 ? shiftSticky(value << 1, -1 - power) : power < 62 ? value << (power + 2) : 0;
}

/** Rounds the integer part; `truncate` rounds toward zero whatever the mode. */
function roundedPart(negative: bool, power: i32, value: u64, truncate: bool): u64 {
  const integer = integerPart(power, value), fraction = fractionPart(power, value);
  return integer + u64(!truncate && roundsUp(negative, (integer & 1) != 0, fraction, SIGN));
}

/** A number as a signed integer of 32 or 64 bits. */
export function toInteger(bits: u64, fromSingle: bool, toWord: bool, truncate: bool): u64 {
  const negative = (bits & signOf(fromSingle)) != 0;
  const limit: u64 = toWord ? 0x80000000 : SIGN;
  if (!isNan(bits, fromSingle)) {
    const x = widen(bits, fromSingle);
    if (isZero(x)) return 0;
    const power = isInfinite(x) ? 1024 : exponent(x);
    if (power < 63) {
      const value = significand(x);
      const magnitude = roundedPart(negative, power, value, truncate);
      if (magnitude < limit || (negative && magnitude == limit)) {
        if (fractionPart(power, value)) raise(INEXACT);
        return negative ? 0 - magnitude : magnitude;
      }
    } else if (x == 0xc3e0000000000000 && !toWord) return limit;
  }
  raise(INVALID);
  return negative ? limit : limit - 1;
}

/** A number rounded to an integral number of its format. */
export function integral(bits: u64, isSingle: bool): u64 {
  if (isNan(bits, isSingle)) return propagated(bits, bits, isSingle);
  const x = widen(bits, isSingle);
  if (isZero(x) || isInfinite(x) || exponent(x) >= 52) return bits;
  const negative = isNegative(x);
  const magnitude = roundedPart(negative, exponent(x), significand(x), false);
  if (fractionPart(exponent(x), significand(x))) raise(INEXACT);
  // At most 2^52, and for a single a single.
  const unsigned = isSingle ? <u64>reinterpret<u32>(<f32>magnitude) : reinterpret<u64>(<f64>magnitude);
  return unsigned | (negative ? signOf(isSingle) : 0);
}
