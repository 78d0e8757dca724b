// Shift, extract and deposit clauses (PA-RISC 1.1 manual, chapter 5).
//
// Positions count from the left: bit p is `>>> (31 − p)`. Where a field would start left of bit 0
// (len > p + 1, undefined in the manual) an extract sees zeros or the sign there, a deposit drops it.
import { gr, sar, setGr, Byte, Condition, Nullify, Small, Source, Target } from "../state";
import { shiftCondition } from "./cond";

/** The rightmost `len` bits set, 1 <= len <= 32. */
// @ts-ignore: decorator
@inline function ones(len: u32): u32 { return <u32>0xffffffff >>> (32 - len); }

// @ts-ignore: decorator
@inline function finish(low: u32, t: Target, c: Condition): Nullify {
  setGr(t, low);
  return shiftCondition(c, low);
}

/** The rightmost 32 bits of the pair x, y shifted right by `by`. */
// @ts-ignore: decorator
@inline function shiftPair(x: u32, y: u32, by: u32): u32 { return <u32>(((<u64>x << 32) | <u64>y) >>> <u64>by); }

// @ts-ignore: decorator
@inline export function variableShiftDouble(a: Source, b: Source, t: Target, c: Condition): Nullify { return finish(shiftPair(gr(a), gr(b), sar()), t, c); }
// @ts-ignore: decorator
@inline export function shiftDouble(a: Source, b: Source, cp: Byte, t: Target, c: Condition): Nullify { return finish(shiftPair(gr(a), gr(b), cp), t, c); }

// @ts-ignore: decorator
@inline function extract(x: u32, p: u32, len: u32): u32 { return (x >>> (31 - p)) & ones(len); }
// @ts-ignore: decorator
@inline function extractSign(x: u32, p: u32, len: u32): u32 { return <u32>(((<i32>x >> (31 - p)) << (32 - len)) >> (32 - len)); }

// @ts-ignore: decorator
@inline export function extractUnsigned(b: Source, p: Byte, len: Byte, t: Target, c: Condition): Nullify { return finish(extract(gr(b), p, len), t, c); }
// @ts-ignore: decorator
@inline export function extractSigned(b: Source, p: Byte, len: Byte, t: Target, c: Condition): Nullify { return finish(extractSign(gr(b), p, len), t, c); }
// @ts-ignore: decorator
@inline export function variableExtractUnsigned(b: Source, len: Byte, t: Target, c: Condition): Nullify { return finish(extract(gr(b), sar(), len), t, c); }
// @ts-ignore: decorator
@inline export function variableExtractSigned(b: Source, len: Byte, t: Target, c: Condition): Nullify { return finish(extractSign(gr(b), sar(), len), t, c); }

/** `x` in the `len` bits that end `by` bits from the right, `old` elsewhere. */
// @ts-ignore: decorator
@inline function merge(old: u32, x: u32, by: u32, len: u32): u32 {
  const field = ones(len) << by;
  return (old & ~field) | ((x << by) & field);
}

// `cp` is the position itself (the table reflects the bits), so the shift is 31 − cp.
// @ts-ignore: decorator
@inline export function deposit(r: Source, cp: Byte, len: Byte, tIn: Source, t: Target, c: Condition): Nullify { return finish(merge(gr(tIn), gr(r), 31 - cp, len), t, c); }
// @ts-ignore: decorator
@inline export function zeroDeposit(r: Source, cp: Byte, len: Byte, t: Target, c: Condition): Nullify { return finish(merge(0, gr(r), 31 - cp, len), t, c); }
// @ts-ignore: decorator
@inline export function variableDeposit(r: Source, len: Byte, tIn: Source, t: Target, c: Condition): Nullify { return finish(merge(gr(tIn), gr(r), 31 - sar(), len), t, c); }
// @ts-ignore: decorator
@inline export function zeroVariableDeposit(r: Source, len: Byte, t: Target, c: Condition): Nullify { return finish(merge(0, gr(r), 31 - sar(), len), t, c); }
// @ts-ignore: decorator
@inline export function depositImmediate(im5: Small, cp: Byte, len: Byte, tIn: Source, t: Target, c: Condition): Nullify { return finish(merge(gr(tIn), im5, 31 - cp, len), t, c); }
// @ts-ignore: decorator
@inline export function zeroDepositImmediate(im5: Small, cp: Byte, len: Byte, t: Target, c: Condition): Nullify { return finish(merge(0, im5, 31 - cp, len), t, c); }
// @ts-ignore: decorator
@inline export function variableDepositImmediate(im5: Small, len: Byte, tIn: Source, t: Target, c: Condition): Nullify { return finish(merge(gr(tIn), im5, 31 - sar(), len), t, c); }
// @ts-ignore: decorator
@inline export function zeroVariableDepositImmediate(im5: Small, len: Byte, t: Target, c: Condition): Nullify { return finish(merge(0, im5, 31 - sar(), len), t, c); }
