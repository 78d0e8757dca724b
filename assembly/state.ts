// Accessors to architected state, and the types by which a clause says what its operands are.
//
// A clause (assembly/exec) reads and writes machine state only through the functions of this file
// and of memory.ts. Its parameters are named after fields of the instruction table; their types say
// how the predecoder prepares them (host/isa/dispatch.ts reads the signatures). A name may end in
// `In` or `Out` where one field is both read and written.
//
// Register operands are handles (register number × 4): what is written to r0 goes to a slot that
// nobody reads. The carries are kept as a ^ b ^ sum of the last addition, 33 bits: bit 4k is the
// carry out of nibble k − 1, which is what PSW C/B holds.
import {
  CORE_CARRIES, CORE_CR, CORE_GR, CORE_SR, CORE_V, CR_SAR,
} from "./generated/abi";

/** Handle of a general register that is read. */
export type Source = u32;
/** Handle of a general register that is written. */
export type Target = u32;
/** Unsigned field of at most eight bits. */
export type Byte = u32;
/** Signed field of at most eight bits. */
export type Small = i32;
/** Field of up to 32 bits, as its value. */
export type Wide = i32;
/** Fields c and f: condition × 2 + negation. */
export type Condition = u32;
/** Address of the bytes that a memory instruction transfers, already translated. */
export type Pointer = u32;
/** Return address of a linking branch. */
export type Link = u32;
/** 1 when the next instruction is nullified. */
export type Nullify = u32;
/** 0, 1 as Nullify, or the number of an interruption. */
export type Outcome = u32;
/** 1 when the branch is taken. */
export type Taken = u32;
/** Offset of a branch target. */
export type Offset = u32;
/** 0 or the number of an interruption. */
export type Trap = u32;

// @ts-ignore: decorator
@inline export function gr(handle: Source): u32 { return load<u32>(handle, CORE_GR); }
// @ts-ignore: decorator
@inline export function setGr(handle: Target, value: u32): void { store<u32>(handle, value, CORE_GR); }
// @ts-ignore: decorator
@inline export function sr(number: u32): u32 { return load<u32>(number << 2, CORE_SR); }
// @ts-ignore: decorator
@inline export function setSr(number: u32, value: u32): void { store<u32>(number << 2, value, CORE_SR); }
// @ts-ignore: decorator
@inline export function cr(number: u32): u32 { return load<u32>(number << 2, CORE_CR); }
// @ts-ignore: decorator
@inline export function setCr(number: u32, value: u32): void { store<u32>(number << 2, value, CORE_CR); }
/** Shift amount register, five bits. */
// @ts-ignore: decorator
@inline export function sar(): u32 { return load<u32>(CR_SAR << 2, CORE_CR); }
// @ts-ignore: decorator
@inline export function setCarries(word: u64): void { store<u64>(0, word, CORE_CARRIES); }
// @ts-ignore: decorator
@inline export function carries(): u64 { return load<u64>(0, CORE_CARRIES); }
/** The leftmost carry, PSW C/B[0]. */
// @ts-ignore: decorator
@inline export function carry(): u32 { return load<u32>(0, CORE_CARRIES + 4) & 1; }
/** The divide-step bit, PSW V. */
// @ts-ignore: decorator
@inline export function divideBit(): u32 { return load<u32>(0, CORE_V); }
// @ts-ignore: decorator
@inline export function setDivideBit(bit: u32): void { store<u32>(0, bit, CORE_V); }
