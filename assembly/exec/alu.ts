// Arithmetic and logical clauses (PA-RISC 1.1 manual, chapter 5).
//
// Order in every clause: read, compute, decide a trap, write unless trapped. Subtraction x − y is the
// addition x + ~y + 1, so its carries are what PSW C/B holds after SUB. Shifted additions take the
// overflow and carry conditions of the addition after the shift; SHxADDO also traps when the shift
// loses significant bits.
import {
  carries, carry, divideBit, gr, setCarries, setDivideBit, setGr,
  Byte, Condition, Nullify, Outcome, Source, Target, Wide,
} from "../state";
import { I_CONDITIONAL, I_OVERFLOW } from "../generated/abi";
import { addCondition, compareCondition, logicalCondition, signedCondition, unitCondition } from "./cond";

// @ts-ignore: decorator
@inline function wideSum(x: u32, y: u32, carryIn: u32): u64 { return <u64>x + <u64>y + <u64>carryIn; }
// @ts-ignore: decorator
@inline function carryWord(x: u32, y: u32, sum: u64): u64 { return <u64>(x ^ y) ^ sum; }
// @ts-ignore: decorator
@inline function overflows(x: u32, y: u32, sum: u64): u32 { return ((x ^ <u32>sum) & (y ^ <u32>sum)) >>> 31; }

/** LDO, and LDI as LDO from r0. */
// @ts-ignore: decorator
@inline export function loadOffset(b: Source, im14: Wide, t: Target): void { setGr(t, gr(b) + im14); }
// @ts-ignore: decorator
@inline export function loadImmediateLeft(im21: Wide, t: Target): void { setGr(t, im21); }
/** ADDIL: the target is always r1. */
// @ts-ignore: decorator
@inline export function addImmediateLeft(b: Source, im21: Wide): void { setGr(4, gr(b) + im21); }

// @ts-ignore: decorator
@inline export function add(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const x = gr(a), y = gr(b);
  const sum = wideSum(x, y, 0);
  setCarries(carryWord(x, y, sum));
  setGr(t, <u32>sum);
  return addCondition(c, x, y, sum);
}

// @ts-ignore: decorator
@inline export function addLogical(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const x = gr(a), y = gr(b);
  const sum = wideSum(x, y, 0);
  setGr(t, <u32>sum);
  return addCondition(c, x, y, sum);
}

// @ts-ignore: decorator
@inline export function addOverflow(a: Source, b: Source, t: Target, c: Condition): Outcome {
  const x = gr(a), y = gr(b);
  const sum = wideSum(x, y, 0);
  return finishAdd(x, y, sum, t, c, overflows(x, y, sum));
}

/** Writes an addition's result unless it overflowed. */
// @ts-ignore: decorator
@inline function finishAdd(x: u32, y: u32, sum: u64, t: Target, c: Condition, overflow: u32): Outcome {
  if (overflow) return I_OVERFLOW;
  setCarries(carryWord(x, y, sum));
  setGr(t, <u32>sum);
  return addCondition(c, x, y, sum);
}

// @ts-ignore: decorator
@inline export function shiftAdd(a: Source, b: Source, sa: Byte, t: Target, c: Condition): Nullify {
  const before = gr(a), x = before << sa, y = gr(b);
  const sum = wideSum(x, y, 0);
  setCarries(carryWord(x, y, sum));
  setGr(t, <u32>sum);
  return shiftAddCondition(c, before, sa, x, y, sum);
}

// @ts-ignore: decorator
@inline export function shiftAddLogical(a: Source, b: Source, sa: Byte, t: Target, c: Condition): Nullify {
  const before = gr(a), x = before << sa, y = gr(b);
  const sum = wideSum(x, y, 0);
  setGr(t, <u32>sum);
  return shiftAddCondition(c, before, sa, x, y, sum);
}

// @ts-ignore: decorator
@inline export function shiftAddOverflow(a: Source, b: Source, sa: Byte, t: Target, c: Condition): Outcome {
  const before = gr(a), x = before << sa, y = gr(b);
  const sum = wideSum(x, y, 0);
  return finishAdd(x, y, sum, t, c, overflows(x, y, sum) | shiftLoses(before, sa));
}

/** Whether a signed number loses significant bits in a left shift. */
// @ts-ignore: decorator
@inline function shiftLoses(x: u32, sa: u32): u32 { return u32((<i32>(x << sa)) >> sa != <i32>x); }

/** SHxADD: sv, and with it < and <=, count bits lost by the shift; so do nuv and znv. */
// @ts-ignore: decorator
@inline function shiftAddCondition(c: Condition, before: u32, sa: u32, x: u32, y: u32, sum: u64): u32 {
  const low = <u32>sum;
  const overflow = overflows(x, y, sum) | shiftLoses(before, sa);
  const carried = <u32>(sum >>> 32) | u32(before >>> (32 - sa) != 0);
  return signedCondition(c, low, (low >>> 31) ^ overflow, carried ^ 1, overflow);
}

// @ts-ignore: decorator
@inline export function addCarry(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const x = gr(a), y = gr(b);
  const sum = wideSum(x, y, carry());
  setCarries(carryWord(x, y, sum));
  setGr(t, <u32>sum);
  return addCondition(c, x, y, sum);
}

// @ts-ignore: decorator
@inline export function addCarryOverflow(a: Source, b: Source, t: Target, c: Condition): Outcome {
  const x = gr(a), y = gr(b);
  const sum = wideSum(x, y, carry());
  return finishAdd(x, y, sum, t, c, overflows(x, y, sum));
}

// @ts-ignore: decorator
@inline export function subtract(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const x = gr(a), y = gr(b);
  const sum = wideSum(x, ~y, 1);
  setCarries(carryWord(x, ~y, sum));
  setGr(t, <u32>sum);
  return compareCondition(c, x, y);
}

/** Writes a subtraction's result unless it overflowed or its condition is a trap. */
// @ts-ignore: decorator
@inline function finishSubtract(x: u32, y: u32, borrowIn: u32, t: Target, c: Condition, onOverflow: u32, onCondition: u32): Outcome {
  const sum = wideSum(x, ~y, borrowIn);
  const overflow = overflows(x, ~y, sum);
  const below = <u32>(sum >>> 32) ^ 1;
  const holds = signedCondition(c, <u32>sum, (<u32>sum >>> 31) ^ overflow, below, overflow);
  if (onOverflow & overflow) return I_OVERFLOW;
  if (onCondition & holds) return I_CONDITIONAL;
  setCarries(carryWord(x, ~y, sum));
  setGr(t, <u32>sum);
  return onCondition ? 0 : holds;
}

// @ts-ignore: decorator
@inline export function subtractOverflow(a: Source, b: Source, t: Target, c: Condition): Outcome { return finishSubtract(gr(a), gr(b), 1, t, c, 1, 0); }
// @ts-ignore: decorator
@inline export function subtractBorrow(a: Source, b: Source, t: Target, c: Condition): Outcome { return finishSubtract(gr(a), gr(b), carry(), t, c, 0, 0); }
// @ts-ignore: decorator
@inline export function subtractBorrowOverflow(a: Source, b: Source, t: Target, c: Condition): Outcome { return finishSubtract(gr(a), gr(b), carry(), t, c, 1, 0); }
// @ts-ignore: decorator
@inline export function subtractTrap(a: Source, b: Source, t: Target, c: Condition): Outcome { return finishSubtract(gr(a), gr(b), 1, t, c, 0, 1); }
// @ts-ignore: decorator
@inline export function subtractTrapOverflow(a: Source, b: Source, t: Target, c: Condition): Outcome { return finishSubtract(gr(a), gr(b), 1, t, c, 1, 1); }

/** DS: one step of a non-restoring division; shifts the carry into x, then subtracts or, if V is 0, adds. */
// @ts-ignore: decorator
@inline export function divideStep(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const x = (gr(a) << 1) | carry(), y = gr(b);
  const v = divideBit();
  const operand = y ^ (0 - v);
  const sum = wideSum(x, operand, v);
  const overflow = overflows(x, operand, sum);
  setCarries(carryWord(x, operand, sum));
  setDivideBit(<u32>(sum >>> 32) ^ (y >>> 31));
  setGr(t, <u32>sum);
  return signedCondition(c, <u32>sum, (<u32>sum >>> 31) ^ overflow, <u32>(sum >>> 32) ^ 1, overflow);
}

// @ts-ignore: decorator
@inline export function compareClear(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const holds = compareCondition(c, gr(a), gr(b));
  setGr(t, 0);
  return holds;
}

// @ts-ignore: decorator
@inline export function or(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const low = gr(a) | gr(b);
  setGr(t, low);
  return logicalCondition(c, low);
}

// @ts-ignore: decorator
@inline export function xor(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const low = gr(a) ^ gr(b);
  setGr(t, low);
  return logicalCondition(c, low);
}

// @ts-ignore: decorator
@inline export function and(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const low = gr(a) & gr(b);
  setGr(t, low);
  return logicalCondition(c, low);
}

// @ts-ignore: decorator
@inline export function andComplement(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const low = gr(a) & ~gr(b);
  setGr(t, low);
  return logicalCondition(c, low);
}

// @ts-ignore: decorator
@inline export function unitXor(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const low = gr(a) ^ gr(b);
  setGr(t, low);
  return unitCondition(c, low, 0);
}

// @ts-ignore: decorator
@inline export function unitAddComplement(a: Source, b: Source, t: Target, c: Condition): Nullify {
  const x = gr(a), y = ~gr(b);
  const sum = wideSum(x, y, 0);
  setGr(t, <u32>sum);
  return unitCondition(c, <u32>sum, carryWord(x, y, sum));
}

// @ts-ignore: decorator
@inline export function unitAddComplementTrap(a: Source, b: Source, t: Target, c: Condition): Outcome {
  const x = gr(a), y = ~gr(b);
  const sum = wideSum(x, y, 0);
  if (unitCondition(c, <u32>sum, carryWord(x, y, sum))) return I_CONDITIONAL;
  setGr(t, <u32>sum);
  return 0;
}

/** Six in every digit whose carry was `wanted`. */
// @ts-ignore: decorator
@inline function sixes(wanted: u32): u32 {
  const out = <u32>(carries() >>> 4) & 0x11111111;
  const digits = wanted ? out : out ^ 0x11111111;
  return digits * 6;
}

/** DCOR: takes the bias of six from the digits that made no carry. */
// @ts-ignore: decorator
@inline export function decimalCorrect(b: Source, t: Target, c: Condition): Nullify {
  const x = gr(b), y = ~sixes(0);
  const sum = wideSum(x, y, 1);
  setGr(t, <u32>sum);
  return unitCondition(c, <u32>sum, carryWord(x, y, sum));
}

/** IDCOR: puts a bias of six into the digits that made a carry. */
// @ts-ignore: decorator
@inline export function intermediateDecimalCorrect(b: Source, t: Target, c: Condition): Nullify {
  const x = gr(b), y = sixes(1);
  const sum = wideSum(x, y, 0);
  setGr(t, <u32>sum);
  return unitCondition(c, <u32>sum, carryWord(x, y, sum));
}

// @ts-ignore: decorator
@inline export function addImmediate(im11: Wide, b: Source, t: Target, c: Condition): Nullify {
  const x = <u32>im11, y = gr(b);
  const sum = wideSum(x, y, 0);
  setCarries(carryWord(x, y, sum));
  setGr(t, <u32>sum);
  return addCondition(c, x, y, sum);
}

// @ts-ignore: decorator
@inline export function addImmediateOverflow(im11: Wide, b: Source, t: Target, c: Condition): Outcome {
  const x = <u32>im11, y = gr(b);
  const sum = wideSum(x, y, 0);
  return finishAdd(x, y, sum, t, c, overflows(x, y, sum));
}

/** ADDIT and ADDITO: the condition is a trap, and nothing is nullified. */
// @ts-ignore: decorator
@inline function addImmediateOrTrap(x: u32, y: u32, t: Target, c: Condition, onOverflow: u32): Outcome {
  const sum = wideSum(x, y, 0);
  if (onOverflow & overflows(x, y, sum)) return I_OVERFLOW;
  if (addCondition(c, x, y, sum)) return I_CONDITIONAL;
  setCarries(carryWord(x, y, sum));
  setGr(t, <u32>sum);
  return 0;
}

// @ts-ignore: decorator
@inline export function addImmediateTrap(im11: Wide, b: Source, t: Target, c: Condition): Outcome { return addImmediateOrTrap(im11, gr(b), t, c, 0); }
// @ts-ignore: decorator
@inline export function addImmediateTrapOverflow(im11: Wide, b: Source, t: Target, c: Condition): Outcome { return addImmediateOrTrap(im11, gr(b), t, c, 1); }

// @ts-ignore: decorator
@inline export function subtractImmediate(im11: Wide, b: Source, t: Target, c: Condition): Nullify {
  const x = <u32>im11, y = gr(b);
  const sum = wideSum(x, ~y, 1);
  setCarries(carryWord(x, ~y, sum));
  setGr(t, <u32>sum);
  return compareCondition(c, x, y);
}

// @ts-ignore: decorator
@inline export function subtractImmediateOverflow(im11: Wide, b: Source, t: Target, c: Condition): Outcome { return finishSubtract(im11, gr(b), 1, t, c, 1, 0); }

// @ts-ignore: decorator
@inline export function compareImmediateClear(im11: Wide, b: Source, t: Target, c: Condition): Nullify {
  const holds = compareCondition(c, im11, gr(b));
  setGr(t, 0);
  return holds;
}
