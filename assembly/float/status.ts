// The floating-point status register, exceptions, and what follows from both.
//
// Left half of register 0 (manual, chapter 6; FPSR_* in host/abi/pa.ts):
//
//     0 1 2 3 4  5  6..9  10..20  21..22  23..24  25  26  27..31
//     V Z O U I  C   –      CQ      RM      –      T   D   enables of V Z O U I
//
// The right half is exception register 1; registers 1 to 3 are exception registers 2 to 7. An
// exception whose trap is enabled does not set its flag: the instruction goes with its code into
// exception register 1, T becomes 1, and the *next* floating-point instruction takes the assist
// exception trap instead of running. Only a double-word store of register 0 runs; it stores T and
// clears it, which is how a handler cancels the trap and saves the state.
//
// Two words are kept in step with the status: FLOAT_TRAP is the interruption that any floating-point
// instruction takes instead of running (0: none), FLOAT_MODE tells fast clauses what they may do.
import {
  CORE_CR, CR_CCR, FLOAT_EXCEPTION, FLOAT_FR, FLOAT_MODE, FLOAT_RAISED, FLOAT_STATUS, FLOAT_TRAP, FPSR_C, FPSR_CQ,
  FPSR_ENABLES, FPSR_I, FPSR_RM, FPSR_T, I_ASSIST_EMULATION, I_ASSIST_EXCEPTION,
} from "../generated/abi";

/** Exceptions in the order of flags and enables. */
export const INVALID: u32 = 16;
export const DIVIDE_BY_ZERO: u32 = 8;
export const OVERFLOW: u32 = 4;
export const UNDERFLOW: u32 = 2;
export const INEXACT: u32 = 1;

/** Rounding modes, as RM holds them. */
export const NEAREST: u32 = 0;
export const TO_ZERO: u32 = 1;
export const UP: u32 = 2;
export const DOWN: u32 = 3;

/** FLOAT_MODE: another rounding mode than to nearest, or some trap enabled: nothing is fast. */
export const CAREFUL: u32 = 0;
/** To nearest, no traps, and no inexact result so far. */
export const EXACT: u32 = 1;
/** To nearest, no traps, and the inexact flag is set already. */
export const ROUNDED: u32 = 2;

/** CCR bits of coprocessors 0 and 1, which are both the floating-point unit. */
const COPROCESSORS: u32 = 0xc0;
const RM_SHIFT: u32 = 9;
const C_SHIFT: u32 = 26;
const FLAGS_SHIFT: u32 = 27;

// @ts-ignore: decorator
@inline export function status(): u32 { return load<u32>(0, FLOAT_STATUS); }
// @ts-ignore: decorator
@inline export function floatMode(): u32 { return load<u32>(0, FLOAT_MODE); }
// @ts-ignore: decorator
@inline export function floatTrap(): u32 { return load<u32>(0, FLOAT_TRAP); }
// @ts-ignore: decorator
@inline export function roundingMode(): u32 { return (status() & FPSR_RM) >>> RM_SHIFT; }
// @ts-ignore: decorator
@inline export function enabled(exceptions: u32): u32 { return status() & exceptions; }

/** Works FLOAT_TRAP out again: the status or CR10 has changed. */
export function refreshTrap(): void {
  const on = (load<u32>(CR_CCR << 2, CORE_CR) & COPROCESSORS) == COPROCESSORS;
  store<u32>(0, on ? (status() & FPSR_T ? I_ASSIST_EXCEPTION : 0) : I_ASSIST_EMULATION, FLOAT_TRAP);
}

export function setStatus(value: u32): void {
  store<u32>(0, value, FLOAT_STATUS);
  store<u32>(0, value & (FPSR_RM | FPSR_ENABLES) ? CAREFUL : value & FPSR_I ? ROUNDED : EXACT, FLOAT_MODE);
  refreshTrap();
}

// @ts-ignore: decorator
@inline export function exceptionRegister(): u32 { return load<u32>(0, FLOAT_EXCEPTION); }
// @ts-ignore: decorator
@inline export function setExceptionRegister(value: u32): void { store<u32>(0, value, FLOAT_EXCEPTION); }

/** The compare bit; the one before moves on into the compare queue. */
// @ts-ignore: decorator
@inline export function setCompare(holds: u32): void {
  const old = status();
  const queue = ((old & FPSR_C) >>> 5) | ((old & FPSR_CQ) >>> 1 & FPSR_CQ);
  store<u32>(0, (old & ~(FPSR_C | FPSR_CQ)) | queue | (holds << C_SHIFT), FLOAT_STATUS);
}

/** The compare bit and the queue, the newest comparison as the lowest of twelve bits. */
// @ts-ignore: decorator
@inline export function comparisons(): u32 {
  const word = status();
  let queue: u32 = 0;
  for (let i: u32 = 0; i < 11; i++) queue |= ((word >>> (21 - i)) & 1) << (i + 1);
  return ((word >>> C_SHIFT) & 1) | queue;
}

/** An operation begins, without exceptions so far. */
export function clearRaised(): void { store<u32>(0, 0, FLOAT_RAISED); }
/** An exception of the operation at hand. */
export function raise(exceptions: u32): void {
  store<u32>(0, load<u32>(0, FLOAT_RAISED) | exceptions, FLOAT_RAISED);
}
export function raised(): u32 { return load<u32>(0, FLOAT_RAISED); }

/** Whether the operation at hand must leave its target alone. */
export function keepsTarget(): bool { return enabled(raised() & (INVALID | DIVIDE_BY_ZERO)) != 0; }

/** Ends an operation: flags of what does not trap; returns the code of what does. */
export function settleExceptions(): u32 {
  const exceptions = raised();
  const trapping = enabled(exceptions);
  const flags = (exceptions & ~trapping) << FLAGS_SHIFT;
  if (flags & ~status()) setStatus(status() | flags);
  return trapping << 1;
}

/** Puts an instruction with an exception's code where a handler looks, and arms the trap. */
export function armTrap(code: u32, instruction: u32): void {
  setExceptionRegister((code << 26) | (instruction & 0x03ffffff));
  for (let register: u32 = 1; register < 4; register++) store<u64>(register << 3, 0, FLOAT_FR);
  setStatus(status() | FPSR_T);
}
