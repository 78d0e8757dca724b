/**
 * Floating-point operands for tests: edge values, halfway cases, and random numbers whose exponents lie
 * close together, as bits. NaNs are the default ones only, unless asked for.
 */
import type { Random } from "../asm/random.ts";

/** What is said of a format: width of its fraction, bias of its exponent. */
export interface Format {
  readonly bits: 32 | 64;
  readonly fraction: number;
  readonly bias: number;
}

export const SINGLE: Format = { bits: 32, fraction: 23, bias: 127 };
export const DOUBLE: Format = { bits: 64, fraction: 52, bias: 1023 };

/** Bits of a number of a format from its parts. */
export function pattern(
  { bits, fraction }: Format,
  negative: boolean,
  exponent: number,
  low: bigint,
): bigint {
  const sign = negative ? 1n << BigInt(bits - 1) : 0n;
  return sign | (BigInt(exponent) << BigInt(fraction)) | low;
}

export const defaultNan = (format: Format): bigint =>
  pattern(format, false, 2 * format.bias + 1, 1n << BigInt(format.fraction - 2));

/** A fraction with few bits, or all, so that sums and products are exact or halfway often. */
function fractionBits(random: Random, width: number): bigint {
  const all = (1n << BigInt(width)) - 1n;
  const any = ((BigInt(random.word()) << 32n) | BigInt(random.word())) & all;
  const one = 1n << BigInt(random.below(width));
  switch (random.below(7)) {
    case 0: return 0n;
    case 1: return all;
    case 2: return one;
    case 3: return all ^ one;
    case 4: return (all << BigInt(random.below(width))) & all;
    case 5: return all >> BigInt(random.below(width));
    default: return any;
  } // prettier-ignore
}

/** A number: from the whole range, its edges, or around one. */
export function floatBits(random: Random, format: Format): bigint {
  const top = 2 * format.bias + 1;
  const negative = random.below(2) === 0;
  const low = fractionBits(random, format.fraction);
  switch (random.below(12)) {
    case 0: return pattern(format, negative, 0, 0n);
    case 1: return pattern(format, negative, top, 0n);
    case 2: return pattern(format, negative, 0, low);
    case 3: return pattern(format, negative, top - 1, low);
    case 4: return pattern(format, negative, 1 + random.below(3), low);
    case 5: return random.below(3) === 0 ? defaultNan(format) : pattern(format, negative, format.bias, low);
    case 6: return pattern(format, negative, 1 + random.below(top - 1), low);
    case 7: return pattern(format, negative, format.bias + format.fraction - 3 + random.below(6), low);
    case 8: return pattern(format, negative, format.bias + 28 + random.below(38), low);
    case 9: return pattern(format, negative, format.bias - (format.bias >>> 1) + random.below(3), low);
    default: return pattern(format, negative, format.bias - 3 + random.below(7), low);
  } // prettier-ignore
}

/** A signed integer of 32 or 64 bits, as bits. */
export function fixedBits(random: Random, bits: 32 | 64): bigint {
  const width = BigInt(bits);
  const any = (BigInt(random.word()) << 32n) | BigInt(random.word());
  const small = any >> BigInt(random.below(64));
  const edge = (1n << BigInt(random.below(bits))) + BigInt(random.below(5) - 2);
  const value = random.pick([any, small, -small, edge, -edge]);
  return BigInt.asUintN(bits, value & ((1n << width) - 1n));
}
