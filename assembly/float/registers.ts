// Floating-point registers, and the types by which a floating-point clause names them.
//
// A handle is the byte offset of a register in the file: a double is a little-endian pair of words, so
// the left half (the more significant one, where a single stands unless it says otherwise) is at + 4.
// Register 0 is the status register to loads and stores only (status.ts): to operations it reads as
// zero, and the predecoder lets nothing write it.
import { FLOAT_FR } from "../generated/abi";

/** Handle of half a register, a single or a word, that is read or written. */
export type SingleSource = u32;
export type SingleTarget = u32;
/** Handle of a whole register, a double or a double word. */
export type DoubleSource = u32;
export type DoubleTarget = u32;
/** 0, or the code of an exception that traps, as an exception register holds it. */
export type Raised = u32;
/** 1 when a fast clause has done all that the instruction does; 0 when it has done nothing. */
export type Done = u32;

// @ts-ignore: decorator
@inline export function single(handle: u32): f32 { return load<f32>(handle, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function setSingle(handle: u32, value: f32): void { store<f32>(handle, value, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function double(handle: u32): f64 { return load<f64>(handle, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function setDouble(handle: u32, value: f64): void { store<f64>(handle, value, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function word(handle: u32): u32 { return load<u32>(handle, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function setWord(handle: u32, value: u32): void { store<u32>(handle, value, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function doubleWord(handle: u32): u64 { return load<u64>(handle, FLOAT_FR); }
// @ts-ignore: decorator
@inline export function setDoubleWord(handle: u32, value: u64): void { store<u64>(handle, value, FLOAT_FR); }
