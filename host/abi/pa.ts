/**
 * Architected constants of PA-RISC 1.1: PSW bits, control registers, interruption numbers, the two
 * words of a TLB entry. What a particular machine adds (sizes, cycles) is not here.
 *
 * Source: PA-RISC 1.1 Architecture and Instruction Set Reference Manual, third edition, chapters 2
 * to 4; names as in the manual. Bit 0 is the leftmost.
 *
 *     PSW  0   4  5 6 7 8 9 10 11 12 13 14 15 16      23 24 25 26 27 28 29 30 31
 *          . . .  E S T H L N  X  B  C  V  M  C/B[8]     .  G  F  R  Q  P  D  I
 *
 *     TLB  address word (GR of IxTLBA)      0..6 zero, 7..26 physical page number, 27..31 zero
 *          protection word (GR of IxTLBP)   2 T, 3 D, 4 B, 5..7 type, 8..9 PL1, 10..11 PL2, 12 U,
 *                                           16..30 access id
 */
import { numbers } from "./struct.ts";

export const PSW = numbers("", {
  PSW_E: 0x04000000,
  PSW_S: 0x02000000,
  PSW_T: 0x01000000,
  PSW_H: 0x00800000,
  PSW_L: 0x00400000,
  PSW_N: 0x00200000,
  PSW_X: 0x00100000,
  PSW_B: 0x00080000,
  PSW_C: 0x00040000,
  PSW_V: 0x00020000,
  PSW_M: 0x00010000,
  PSW_CB: 0x0000ff00,
  PSW_G: 0x00000040,
  PSW_F: 0x00000020,
  PSW_R: 0x00000010,
  PSW_Q: 0x00000008,
  PSW_P: 0x00000004,
  PSW_D: 0x00000002,
  PSW_I: 0x00000001,
});

/** Numbers of control registers, by their use. CR24 to CR31 are temporaries TR0 to TR7. */
export const CR = numbers("", {
  CR_RCTR: 0,
  CR_PIDR1: 8,
  CR_PIDR2: 9,
  CR_CCR: 10,
  CR_SAR: 11,
  CR_PIDR3: 12,
  CR_PIDR4: 13,
  CR_IVA: 14,
  CR_EIEM: 15,
  CR_ITMR: 16,
  CR_IIASQ: 17,
  CR_IIAOQ: 18,
  CR_IIR: 19,
  CR_ISR: 20,
  CR_IOR: 21,
  CR_IPSW: 22,
  CR_EIRR: 23,
  CR_TR0: 24,
  CR_TR1: 25,
  CR_TR2: 26,
  CR_TR3: 27,
  CR_TR4: 28,
  CR_TR5: 29,
  CR_TR6: 30,
  CR_TR7: 31,
});

/** Interruption numbers; the vector is IVA + 32 times the number. */
export const INTERRUPTION = numbers("", {
  I_HPMC: 1,
  I_POWER_FAIL: 2,
  I_RECOVERY_COUNTER: 3,
  I_EXTERNAL: 4,
  I_LPMC: 5,
  I_ITLB_MISS: 6,
  I_INSTRUCTION_PROTECTION: 7,
  I_ILLEGAL: 8,
  I_BREAK: 9,
  I_PRIVILEGED_OPERATION: 10,
  I_PRIVILEGED_REGISTER: 11,
  I_OVERFLOW: 12,
  I_CONDITIONAL: 13,
  I_ASSIST_EXCEPTION: 14,
  I_DTLB_MISS: 15,
  I_ITLB_NON_ACCESS: 16,
  I_DTLB_NON_ACCESS: 17,
  I_DATA_PROTECTION: 18,
  I_DATA_BREAK: 19,
  I_DIRTY: 20,
  I_PAGE_REFERENCE: 21,
  I_ASSIST_EMULATION: 22,
  I_HIGHER_PRIVILEGE: 23,
  I_LOWER_PRIVILEGE: 24,
  I_TAKEN_BRANCH: 25,
  /** The three causes of 18, on processors that tell them apart. */
  I_DATA_ACCESS_RIGHTS: 26,
  I_DATA_PROTECTION_ID: 27,
  I_UNALIGNED_DATA: 28,
});

/** Interruptions by which an access is refused for its rights, its identifier or its alignment. */
export const DATA_PROTECTION_FAULTS: readonly number[] = [
  INTERRUPTION.I_DATA_PROTECTION,
  INTERRUPTION.I_DATA_ACCESS_RIGHTS,
  INTERRUPTION.I_DATA_PROTECTION_ID,
  INTERRUPTION.I_UNALIGNED_DATA,
];

/** Bits and fields of a TLB entry's protection word. */
export const TLB_WORD = numbers("", {
  TLB_T: 0x20000000,
  TLB_D: 0x10000000,
  TLB_B: 0x08000000,
  TLB_RIGHTS: 0x07f00000,
  TLB_U: 0x00080000,
  TLB_ACCESS_ID: 0x0000fffe,
  TLB_TYPE_SHIFT: 24,
  TLB_PL1_SHIFT: 22,
  TLB_PL2_SHIFT: 20,
});

/**
 * Bits and fields of the floating-point status, the left half of FR0: flags and enables of invalid
 * operation, division by zero, overflow, underflow, inexact; comparisons; rounding mode; delayed trap.
 */
export const FPSR = numbers("", {
  FPSR_V: 0x80000000,
  FPSR_Z: 0x40000000,
  FPSR_O: 0x20000000,
  FPSR_U: 0x10000000,
  FPSR_I: 0x08000000,
  FPSR_C: 0x04000000,
  FPSR_CQ: 0x003ff800,
  FPSR_RM: 0x00000600,
  FPSR_T: 0x00000040,
  FPSR_ENABLES: 0x0000001f,
});

export const STRUCTS = [];
export const CONSTANTS = [PSW, CR, INTERRUPTION, TLB_WORD, FPSR];
