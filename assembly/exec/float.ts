// Floating-point operations (PA-RISC 1.1 manual, chapter 6), for every operand, mode and trap.
//
// A clause answers 0 or the code of an exception that traps. With such an exception, invalid operations
// and divisions by zero leave the target alone; overflow and underflow deliver a result with a wrapped
// exponent, inexact its rounded result. Clauses in float-fast.ts do the common cases of the same
// instructions; the loop tries those first.
import {
  doubleWord, setDoubleWord, setWord, word,
  DoubleSource, DoubleTarget, Raised, SingleSource, SingleTarget,
} from "../float/registers";
import { compared, productOf, quotientOf, rootOf, sumOf } from "../float/arithmetic";
import { integral } from "../float/convert";
import { deliverDouble, deliverSingle } from "../float/deliver";
import {
  clearRaised, comparisons, enabled, keepsTarget, raised, setCompare, setStatus, settleExceptions, status,
} from "../float/status";
import { FPSR_CQ } from "../generated/abi";
import { Byte, Nullify } from "../state";

// @ts-ignore: decorator
@inline export function floatCopySingle(fa: SingleSource, ft: SingleTarget): Raised {
  setWord(ft, word(fa));
  return 0;
}

// @ts-ignore: decorator
@inline export function floatCopyDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  setDoubleWord(ft, doubleWord(fa));
  return 0;
}

// @ts-ignore: decorator
@inline export function floatAbsoluteSingle(fa: SingleSource, ft: SingleTarget): Raised {
  setWord(ft, word(fa) & 0x7fffffff);
  return 0;
}

// @ts-ignore: decorator
@inline export function floatAbsoluteDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  setDoubleWord(ft, doubleWord(fa) & 0x7fffffffffffffff);
  return 0;
}

export function floatAddSingle(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, sumOf(word(fa), word(fb), true, false));
}

export function floatAddDouble(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, sumOf(doubleWord(fa), doubleWord(fb), false, false));
}

export function floatSubtractSingle(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, sumOf(word(fa), word(fb), true, true));
}

export function floatSubtractDouble(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, sumOf(doubleWord(fa), doubleWord(fb), false, true));
}

export function floatMultiplySingle(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, productOf(word(fa), word(fb), true));
}

export function floatMultiplyDouble(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, productOf(doubleWord(fa), doubleWord(fb), false));
}

export function floatDivideSingle(fa: SingleSource, fb: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, quotientOf(word(fa), word(fb), true));
}

export function floatDivideDouble(fa: DoubleSource, fb: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, quotientOf(doubleWord(fa), doubleWord(fb), false));
}

export function floatSquareRootSingle(fa: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, rootOf(word(fa), true));
}

export function floatSquareRootDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, rootOf(doubleWord(fa), false));
}

export function floatRoundSingle(fa: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, integral(word(fa), true));
}

export function floatRoundDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, integral(doubleWord(fa), false));
}

function deliverComparison(holds: u32): Raised {
  if (!keepsTarget()) setCompare(holds);
  return settleExceptions();
}

export function floatCompareSingle(fa: SingleSource, fb: SingleSource, fc: Byte): Raised {
  clearRaised();
  return deliverComparison(compared(word(fa), word(fb), fc, true));
}

export function floatCompareDouble(fa: DoubleSource, fb: DoubleSource, fc: Byte): Raised {
  clearRaised();
  return deliverComparison(compared(doubleWord(fa), doubleWord(fb), fc, false));
}

/** FTEST: nullifies when the last comparison held. */
// @ts-ignore: decorator
@inline export function floatTest(): Nullify { return (status() >>> 26) & 1; }

/**
 * FTEST with a condition, for trivial acceptance and rejection in clipping: ACC when none of the last
 * comparisons held (of 12, 8, 6, 4 or 2), REJ when one of the older half (of 12 or 8) and the one of the
 * newer half that belongs to it both did.
 */
export function floatTestQueue(condition: Byte): Nullify {
  const queue = comparisons();
  switch (condition) {
    case 1: return u32(queue == 0);
    case 2: return u32((queue & (queue >>> 6)) != 0);
    case 5: return u32((queue & 0xff) == 0);
    case 6: return u32((queue & 0xff & ((queue & 0xff) >>> 4)) != 0);
    case 9: return u32((queue & 0x3f) == 0);
    case 13: return u32((queue & 0xf) == 0);
    default: return u32((queue & 3) == 0);
  }
}

/** XMPYU: unsigned words to a double word. */
// @ts-ignore: decorator
@inline export function fixedMultiplyUnsigned(fa: SingleSource, fb: SingleSource, ft: DoubleTarget): Raised {
  setDoubleWord(ft, <u64>word(fa) * <u64>word(fb));
  return 0;
}

/**
 * What the unit calls itself: six bits of model, 8 for the PA-7000's ("Timex-II", in the tables of
 * OpenBSD's descendants), and five of revision, which are not known.
 */
const IDENTITY: u32 = 8 << 16;

/** FID: the identity takes the compare queue's place in the status. */
export function floatIdentify(): Raised {
  setStatus((status() & ~FPSR_CQ) | IDENTITY);
  return 0;
}

/** FMPYADD and FMPYSUB that meet an exception that traps do nothing, and are unimplemented. */
const UNIMPLEMENTED_ADD: Raised = 0x03;
const UNIMPLEMENTED_SUBTRACT: Raised = 0x23;

function multiplyAndSumSingle(rm1: u32, rm2: u32, ra: u32, ta: u32, tm: u32, subtract: bool): bool {
  clearRaised();
  const product = productOf(word(rm1), word(rm2), true);
  const sum = sumOf(word(ta), word(ra), true, subtract);
  if (enabled(raised())) return false;
  setWord(tm, <u32>product);
  setWord(ta, <u32>sum);
  settleExceptions();
  return true;
}

function multiplyAndSumDouble(rm1: u32, rm2: u32, ra: u32, ta: u32, tm: u32, subtract: bool): bool {
  clearRaised();
  const product = productOf(doubleWord(rm1), doubleWord(rm2), false);
  const sum = sumOf(doubleWord(ta), doubleWord(ra), false, subtract);
  if (enabled(raised())) return false;
  setDoubleWord(tm, product);
  setDoubleWord(ta, sum);
  settleExceptions();
  return true;
}

export function floatMultiplyAddSingle(
  rm1: SingleSource, rm2: SingleSource, ra: SingleSource, ta: SingleTarget, tm: SingleTarget,
): Raised {
  return multiplyAndSumSingle(rm1, rm2, ra, ta, tm, false) ? 0 : UNIMPLEMENTED_ADD;
}

export function floatMultiplyAddDouble(
  rm1: DoubleSource, rm2: DoubleSource, ra: DoubleSource, ta: DoubleTarget, tm: DoubleTarget,
): Raised {
  return multiplyAndSumDouble(rm1, rm2, ra, ta, tm, false) ? 0 : UNIMPLEMENTED_ADD;
}

export function floatMultiplySubtractSingle(
  rm1: SingleSource, rm2: SingleSource, ra: SingleSource, ta: SingleTarget, tm: SingleTarget,
): Raised {
  return multiplyAndSumSingle(rm1, rm2, ra, ta, tm, true) ? 0 : UNIMPLEMENTED_SUBTRACT;
}

export function floatMultiplySubtractDouble(
  rm1: DoubleSource, rm2: DoubleSource, ra: DoubleSource, ta: DoubleTarget, tm: DoubleTarget,
): Raised {
  return multiplyAndSumDouble(rm1, rm2, ra, ta, tm, true) ? 0 : UNIMPLEMENTED_SUBTRACT;
}
