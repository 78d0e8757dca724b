// Conditions: pure functions of operands and result, one for each class of instructions.
//
// `c` is condition × 2 + negation throughout, so the last bit flips the answer. With a constant c the
// compiler folds the switch away. Source: PA-RISC 1.1 manual, chapter 5, tables of conditions.

/** Additions: 1 =, 2 <, 3 <=, 4 nuv, 5 znv, 6 sv, 7 od. `sum` is the 33-bit sum of x, y and a carry. */
// @ts-ignore: decorator
@inline export function addCondition(c: u32, x: u32, y: u32, sum: u64): u32 {
  const low = <u32>sum;
  const carry = <u32>(sum >>> 32);
  const overflow = ((x ^ low) & (y ^ low)) >>> 31;
  return signedCondition(c, low, (low >>> 31) ^ overflow, carry ^ 1, overflow);
}

/** Comparisons and subtractions x − y: 1 =, 2 <, 3 <=, 4 <<, 5 <<=, 6 sv, 7 od. */
// @ts-ignore: decorator
@inline export function compareCondition(c: u32, x: u32, y: u32): u32 {
  let holds: u32 = 0;
  switch (c >>> 1) {
    case 1: holds = u32(x == y); break;
    case 2: holds = u32(<i32>x < <i32>y); break;
    case 3: holds = u32(<i32>x <= <i32>y); break;
    case 4: holds = u32(x < y); break;
    case 5: holds = u32(x <= y); break;
    case 6: holds = ((x ^ y) & (x ^ (x - y))) >>> 31; break;
    case 7: holds = (x - y) & 1; break;
  }
  return holds ^ (c & 1);
}

/**
 * The eight arithmetic conditions over what the arithmetic found: `less` is the true sign,
 * `below` the borrow (no carry), which is also what nuv and znv ask for.
 */
// @ts-ignore: decorator
@inline export function signedCondition(c: u32, low: u32, less: u32, below: u32, overflow: u32): u32 {
  let holds: u32 = 0;
  switch (c >>> 1) {
    case 1: holds = u32(low == 0); break;
    case 2: holds = less; break;
    case 3: holds = u32(low == 0) | less; break;
    case 4: holds = below; break;
    case 5: holds = u32(low == 0) | below; break;
    case 6: holds = overflow; break;
    case 7: holds = low & 1; break;
  }
  return holds ^ (c & 1);
}

/** Logical results: 1 =, 2 <, 3 <=, 7 od; the others are never. */
// @ts-ignore: decorator
@inline export function logicalCondition(c: u32, low: u32): u32 {
  let holds: u32 = 0;
  switch (c >>> 1) {
    case 1: holds = u32(low == 0); break;
    case 2: holds = low >>> 31; break;
    case 3: holds = u32(<i32>low <= 0); break;
    case 7: holds = low & 1; break;
  }
  return holds ^ (c & 1);
}

/** Shifts, extracts, deposits and moves: 1 =, 2 <, 3 od, then 4 tr, 5 <>, 6 >=, 7 ev. */
// @ts-ignore: decorator
@inline export function shiftCondition(c: u32, low: u32): u32 {
  let holds: u32 = 0;
  switch (c & 3) {
    case 1: holds = u32(low == 0); break;
    case 2: holds = low >>> 31; break;
    case 3: holds = low & 1; break;
  }
  return holds ^ (c >>> 2);
}

/**
 * Unit conditions: 2 sbz, 3 shz (some byte, halfword of the result is zero), 4 sdc, 6 sbc, 7 shc
 * (some digit, byte, halfword made a carry). `word` is a ^ b ^ sum, 33 bits.
 */
// @ts-ignore: decorator
@inline export function unitCondition(c: u32, low: u32, word: u64): u32 {
  let holds: u32 = 0;
  switch (c >>> 1) {
    case 2: holds = u32(((low - 0x01010101) & ~low & 0x80808080) != 0); break;
    case 3: holds = u32(((low - 0x00010001) & ~low & 0x80008000) != 0); break;
    case 4: holds = u32((word & 0x1_1111_1110) != 0); break;
    case 6: holds = u32((word & 0x1_0101_0100) != 0); break;
    case 7: holds = u32((word & 0x1_0001_0000) != 0); break;
  }
  return holds ^ (c & 1);
}
