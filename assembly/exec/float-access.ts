// Transfers of floating-point loads and stores (PA-RISC 1.1 manual, chapter 6).
//
// As in access.ts, `at` points at the bytes, big-endian, and everything else is done. Register 0 has
// clauses of its own: its halves are the status and exception register 1.
import {
  doubleWord, setDoubleWord, setWord, word, DoubleSource, DoubleTarget, SingleSource, SingleTarget,
} from "../float/registers";
import { exceptionRegister, setExceptionRegister, setStatus, status } from "../float/status";
import { FPSR_T } from "../generated/abi";
import { Byte, Pointer } from "../state";

// @ts-ignore: decorator
@inline export function loadFloatWord(ft: SingleTarget, at: Pointer): void {
  setWord(ft, bswap<u32>(load<u32>(at)));
}
// @ts-ignore: decorator
@inline export function loadFloatDouble(ft: DoubleTarget, at: Pointer): void {
  setDoubleWord(ft, bswap<u64>(load<u64>(at)));
}
// @ts-ignore: decorator
@inline export function storeFloatWord(fr: SingleSource, at: Pointer): void {
  store<u32>(at, bswap<u32>(word(fr)));
}
// @ts-ignore: decorator
@inline export function storeFloatDouble(fr: DoubleSource, at: Pointer): void {
  store<u64>(at, bswap<u64>(doubleWord(fr)));
}
/** FSTQ: a register and the next. */
export function storeFloatQuad(fr: DoubleSource, at: Pointer): void {
  store<u64>(at, bswap<u64>(registerWord(fr)));
  store<u64>(at, bswap<u64>(doubleWord(fr + 8)), 8);
}

/** A register as a double word; register 0 is the status and exception register 1. */
function registerWord(fr: DoubleSource): u64 {
  return fr ? doubleWord(fr) : (<u64>status() << 32) | <u64>exceptionRegister();
}

/** `half` is 0 for the left half, the status. */
export function loadStatusWord(half: Byte, at: Pointer): void {
  const value = bswap<u32>(load<u32>(at));
  if (half) setExceptionRegister(value);
  else setStatus(value);
}

export function loadStatusDouble(half: Byte, at: Pointer): void {
  setStatus(bswap<u32>(load<u32>(at)));
  setExceptionRegister(bswap<u32>(load<u32>(at, 4)));
}

export function storeStatusWord(half: Byte, at: Pointer): void {
  store<u32>(at, bswap<u32>(half ? exceptionRegister() : status()));
}

/** The store that a delayed trap lets pass, and that cancels it. */
export function storeStatusDouble(half: Byte, at: Pointer): void {
  store<u32>(at, bswap<u32>(status()));
  store<u32>(at, bswap<u32>(exceptionRegister()), 4);
  if (status() & FPSR_T) setStatus(status() & ~FPSR_T);
}
