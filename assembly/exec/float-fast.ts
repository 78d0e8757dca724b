// The common cases of floating-point operations, by the host's arithmetic, without calls.
//
// A fast clause either does all that its instruction does and answers 1, or does nothing and answers 0,
// and the complete clause (float.ts, float-convert.ts) has its turn. It is fast when rounding is to
// nearest with no trap enabled, operands and results are numbers, results are far from overflow and
// underflow, and no flag changes: so only inexactness is left to ask, and only until the inexact flag is
// set. Then the error of the rounded result is computed exactly: by the error-free sum of Møller and
// Knuth, by the low 64 bits of the product of significands, or by converting back.
import {
  double, doubleWord, setDouble, setDoubleWord, setSingle, setWord, single, word,
  Done, DoubleSource, DoubleTarget, SingleSource, SingleTarget,
} from "../float/registers";
import { orderHolds } from "../float/arithmetic";
import { CAREFUL, EXACT, floatMode, setCompare } from "../float/status";
import { Byte } from "../state";

/** Sizes of results that are certainly far from overflow and underflow, subnormal numbers included. */
const HUGE: f64 = 1e307;
const TINY: f64 = 1e-307;
const HUGE_SINGLE: f32 = 1e38;
const TINY_SINGLE: f32 = 1e-37;
/** Integers smaller than this are doubles, singles. */
const DOUBLE_INTEGER: i64 = 1 << 53;
const SINGLE_INTEGER: i64 = 1 << 24;

/** Whether x + y is `sum` exactly. */
// @ts-ignore: decorator
@inline function isSum<T>(x: T, y: T, sum: T): bool {
  const part = sum - x;
  return x - (sum - part) + (y - part) == 0;
}

/** Whether x × y is `product` exactly, of numbers that are not near overflow or underflow. */
// @ts-ignore: decorator
@inline function isProduct(x: f64, y: f64, product: f64): bool {
  const a = reinterpret<u64>(x), b = reinterpret<u64>(y), c = reinterpret<u64>(product);
  const ea = (a >> 52) & 0x7ff, eb = (b >> 52) & 0x7ff, ec = (c >> 52) & 0x7ff;
  const hidden: u64 = 0x0010000000000000, fraction: u64 = 0x000fffffffffffff;
  // The product of significands and the rounded one, which is shifted by 52 or 53, are closer than 2^63.
  return ea != 0 && eb != 0 && ec != 0 &&
    ((a & fraction) | hidden) * ((b & fraction) | hidden) == ((c & fraction) | hidden) << (ec - ea - eb + 1075);
}

// @ts-ignore: decorator
@inline function sumDouble(x: f64, y: f64, ft: DoubleTarget): Done {
  const mode = floatMode();
  const sum = x + y;
  if (mode == CAREFUL || !(abs(sum) < HUGE) || (mode == EXACT && !isSum(x, y, sum))) return 0;
  setDouble(ft, sum);
  return 1;
}

// @ts-ignore: decorator
@inline function sumSingle(x: f32, y: f32, ft: SingleTarget): Done {
  const mode = floatMode();
  const sum = x + y;
  if (mode == CAREFUL || !(abs(sum) < HUGE_SINGLE) || (mode == EXACT && !isSum(x, y, sum))) return 0;
  setSingle(ft, sum);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatAddDoubleFast(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Done {
  return sumDouble(double(fa), double(fb), ft);
}
// @ts-ignore: decorator
@inline export function floatAddSingleFast(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Done {
  return sumSingle(single(fa), single(fb), ft);
}
// @ts-ignore: decorator
@inline export function floatSubtractDoubleFast(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Done {
  return sumDouble(double(fa), -double(fb), ft);
}
// @ts-ignore: decorator
@inline export function floatSubtractSingleFast(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Done {
  return sumSingle(single(fa), -single(fb), ft);
}

/** Whether `product` may be delivered: a product that is too small is right when a factor is zero. */
// @ts-ignore: decorator
@inline function plainProduct(mode: u32, x: f64, y: f64, product: f64): bool {
  const size = abs(product);
  if (mode == CAREFUL || !(size < HUGE)) return false;
  if (size < TINY) return x == 0 || y == 0;
  return mode != EXACT || isProduct(x, y, product);
}

// @ts-ignore: decorator
@inline export function floatMultiplyDoubleFast(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Done {
  const x = double(fa), y = double(fb), product = x * y;
  if (!plainProduct(floatMode(), x, y, product)) return 0;
  setDouble(ft, product);
  return 1;
}

/** Singles are multiplied exactly as doubles. */
// @ts-ignore: decorator
@inline function plainSingle(mode: u32, exact: f64, result: f32): bool {
  const size = abs(result);
  if (mode == CAREFUL || !(size < HUGE_SINGLE)) return false;
  return (size >= TINY_SINGLE || exact == 0) && (mode != EXACT || <f64>result == exact);
}

// @ts-ignore: decorator
@inline export function floatMultiplySingleFast(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Done {
  const exact = <f64>single(fa) * <f64>single(fb), product = <f32>exact;
  if (!plainSingle(floatMode(), exact, product)) return 0;
  setSingle(ft, product);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatDivideDoubleFast(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Done {
  const mode = floatMode();
  const x = double(fa), y = double(fb), quotient = x / y;
  const size = abs(quotient);
  if (mode == CAREFUL || !(size < HUGE)) return 0;
  if (size < TINY ? x != 0 : mode == EXACT && !isProduct(quotient, y, x)) return 0;
  setDouble(ft, quotient);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatDivideSingleFast(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Done {
  const mode = floatMode();
  const x = single(fa), y = single(fb), quotient = x / y;
  const size = abs(quotient);
  if (mode == CAREFUL || !(size < HUGE_SINGLE)) return 0;
  if (size < TINY_SINGLE ? x != 0 : mode == EXACT && <f64>quotient * <f64>y != <f64>x) return 0;
  setSingle(ft, quotient);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatSquareRootDoubleFast(fa: DoubleSource, ft: DoubleTarget): Done {
  const mode = floatMode();
  const x = double(fa), root = sqrt(x);
  if (mode == CAREFUL || !(x < HUGE && x > TINY) || (mode == EXACT && !isProduct(root, root, x))) return 0;
  setDouble(ft, root);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatSquareRootSingleFast(fa: SingleSource, ft: SingleTarget): Done {
  const mode = floatMode();
  const x = single(fa), root = sqrt(x);
  if (mode == CAREFUL || !(x < HUGE_SINGLE && x > TINY_SINGLE)) return 0;
  if (mode == EXACT && <f64>root * <f64>root != <f64>x) return 0;
  setSingle(ft, root);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatToFloatSingleDoubleFast(fa: SingleSource, ft: DoubleTarget): Done {
  const x = single(fa);
  if (x != x) return 0;
  setDouble(ft, <f64>x);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatToFloatDoubleSingleFast(fa: DoubleSource, ft: SingleTarget): Done {
  const x = double(fa), result = <f32>x;
  if (!plainSingle(floatMode(), x, result)) return 0;
  setSingle(ft, result);
  return 1;
}

// @ts-ignore: decorator
@inline export function fixedToFloatSingleDoubleFast(fa: SingleSource, ft: DoubleTarget): Done {
  setDouble(ft, <f64><i32>word(fa));
  return 1;
}

// @ts-ignore: decorator
@inline export function fixedToFloatSingleSingleFast(fa: SingleSource, ft: SingleTarget): Done {
  const mode = floatMode();
  const value = <i32>word(fa), result = <f32>value;
  if (mode == CAREFUL || (mode == EXACT && <f64>result != <f64>value)) return 0;
  setSingle(ft, result);
  return 1;
}

// @ts-ignore: decorator
@inline export function fixedToFloatDoubleDoubleFast(fa: DoubleSource, ft: DoubleTarget): Done {
  const mode = floatMode();
  const value = <i64>doubleWord(fa);
  if (mode == CAREFUL || (mode == EXACT && (value >= DOUBLE_INTEGER || value <= -DOUBLE_INTEGER))) return 0;
  setDouble(ft, <f64>value);
  return 1;
}

// @ts-ignore: decorator
@inline export function fixedToFloatDoubleSingleFast(fa: DoubleSource, ft: SingleTarget): Done {
  const mode = floatMode();
  const value = <i64>doubleWord(fa);
  if (mode == CAREFUL || (mode == EXACT && (value >= SINGLE_INTEGER || value <= -SINGLE_INTEGER))) return 0;
  setSingle(ft, <f32>value);
  return 1;
}

/** Truncates to a word what is surely in range. */
// @ts-ignore: decorator
@inline function truncateToWord(x: f64, ft: SingleTarget): Done {
  const mode = floatMode();
  if (mode == CAREFUL || !(abs(x) < 2147483648.0)) return 0;
  const value = <i32>x;
  if (mode == EXACT && <f64>value != x) return 0;
  setWord(ft, value);
  return 1;
}

// @ts-ignore: decorator
@inline function truncateToDoubleWord(x: f64, ft: DoubleTarget): Done {
  const mode = floatMode();
  if (mode == CAREFUL || !(abs(x) < 9223372036854775808.0)) return 0;
  const value = <i64>x;
  if (mode == EXACT && <f64>value != x) return 0;
  setDoubleWord(ft, value);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatToFixedTruncateDoubleSingleFast(fa: DoubleSource, ft: SingleTarget): Done {
  return truncateToWord(double(fa), ft);
}
// @ts-ignore: decorator
@inline export function floatToFixedTruncateSingleSingleFast(fa: SingleSource, ft: SingleTarget): Done {
  return truncateToWord(<f64>single(fa), ft);
}
// @ts-ignore: decorator
@inline export function floatToFixedTruncateDoubleDoubleFast(fa: DoubleSource, ft: DoubleTarget): Done {
  return truncateToDoubleWord(double(fa), ft);
}
// @ts-ignore: decorator
@inline export function floatToFixedTruncateSingleDoubleFast(fa: SingleSource, ft: DoubleTarget): Done {
  return truncateToDoubleWord(<f64>single(fa), ft);
}

/** Without NaNs a comparison has no exception. */
// @ts-ignore: decorator
@inline function compareNumbers(x: f64, y: f64, fc: Byte): Done {
  if (x != x || y != y) return 0;
  setCompare(orderHolds(x, y, fc));
  return 1;
}

// @ts-ignore: decorator
@inline export function floatCompareDoubleFast(fa: DoubleSource, fb: DoubleSource, fc: Byte): Done {
  return compareNumbers(double(fa), double(fb), fc);
}
// @ts-ignore: decorator
@inline export function floatCompareSingleFast(fa: SingleSource, fb: SingleSource, fc: Byte): Done {
  return compareNumbers(<f64>single(fa), <f64>single(fb), fc);
}

// @ts-ignore: decorator
@inline function multiplyAndSumDouble(x: f64, y: f64, a: f64, b: f64, ta: DoubleTarget, tm: DoubleTarget): Done {
  const mode = floatMode();
  const product = x * y, sum = a + b;
  if (!plainProduct(mode, x, y, product)) return 0;
  if (!(abs(sum) < HUGE) || (mode == EXACT && !isSum(a, b, sum))) return 0;
  setDouble(tm, product);
  setDouble(ta, sum);
  return 1;
}

// @ts-ignore: decorator
@inline function multiplyAndSumSingle(x: f32, y: f32, a: f32, b: f32, ta: SingleTarget, tm: SingleTarget): Done {
  const mode = floatMode();
  const exact = <f64>x * <f64>y, product = <f32>exact, sum = a + b;
  if (!plainSingle(mode, exact, product)) return 0;
  if (!(abs(sum) < HUGE_SINGLE) || (mode == EXACT && !isSum(a, b, sum))) return 0;
  setSingle(tm, product);
  setSingle(ta, sum);
  return 1;
}

// @ts-ignore: decorator
@inline export function floatMultiplyAddDoubleFast(
  rm1: DoubleSource, rm2: DoubleSource, ra: DoubleSource, ta: DoubleTarget, tm: DoubleTarget,
): Done {
  return multiplyAndSumDouble(double(rm1), double(rm2), double(ta), double(ra), ta, tm);
}
// @ts-ignore: decorator
@inline export function floatMultiplyAddSingleFast(
  rm1: SingleSource, rm2: SingleSource, ra: SingleSource, ta: SingleTarget, tm: SingleTarget,
): Done {
  return multiplyAndSumSingle(single(rm1), single(rm2), single(ta), single(ra), ta, tm);
}
// @ts-ignore: decorator
@inline export function floatMultiplySubtractDoubleFast(
  rm1: DoubleSource, rm2: DoubleSource, ra: DoubleSource, ta: DoubleTarget, tm: DoubleTarget,
): Done {
  return multiplyAndSumDouble(double(rm1), double(rm2), double(ta), -double(ra), ta, tm);
}
// @ts-ignore: decorator
@inline export function floatMultiplySubtractSingleFast(
  rm1: SingleSource, rm2: SingleSource, ra: SingleSource, ta: SingleTarget, tm: SingleTarget,
): Done {
  return multiplyAndSumSingle(single(rm1), single(rm2), single(ta), -single(ra), ta, tm);
}
