/**
 * Shift, extract and deposit instructions (PA-RISC 1.1 manual, chapter 5).
 *
 * Names with a V take the position from the shift amount register. `cp`, `p` and `len` are the
 * numbers of the text, not the bits.
 */
import { insn, type Row } from "../instruction.ts";

// prettier-ignore
export const SHIFT: readonly Row[] = [
  insn("VSHD",   "110100 b:5 a:5   c:3 000 00000 t:5",   "sed", "a,b,t",        "nullify", "variableShiftDouble"),
  insn("SHD",    "110100 b:5 a:5   c:3 010 cp:5  t:5",   "sed", "a,b,cp,t",     "nullify", "shiftDouble"),
  insn("VEXTRU", "110100 b:5 t:5   c:3 100 00000 len:5", "sed", "b,len,t",      "nullify", "variableExtractUnsigned"),
  insn("VEXTRS", "110100 b:5 t:5   c:3 101 00000 len:5", "sed", "b,len,t",      "nullify", "variableExtractSigned"),
  insn("EXTRU",  "110100 b:5 t:5   c:3 110 p:5   len:5", "sed", "b,p,len,t",    "nullify", "extractUnsigned"),
  insn("EXTRS",  "110100 b:5 t:5   c:3 111 p:5   len:5", "sed", "b,p,len,t",    "nullify", "extractSigned"),

  insn("ZVDEP",  "110101 t:5 r:5   c:3 000 00000 len:5", "sed", "r,len,t",      "nullify", "zeroVariableDeposit"),
  insn("VDEP",   "110101 t:5 r:5   c:3 001 00000 len:5", "sed", "r,len,t",      "nullify", "variableDeposit"),
  insn("ZDEP",   "110101 t:5 r:5   c:3 010 cp:5  len:5", "sed", "r,cp,len,t",   "nullify", "zeroDeposit"),
  insn("DEP",    "110101 t:5 r:5   c:3 011 cp:5  len:5", "sed", "r,cp,len,t",   "nullify", "deposit"),
  insn("ZVDEPI", "110101 t:5 im5:5 c:3 100 00000 len:5", "sed", "im5,len,t",    "nullify", "zeroVariableDepositImmediate"),
  insn("VDEPI",  "110101 t:5 im5:5 c:3 101 00000 len:5", "sed", "im5,len,t",    "nullify", "variableDepositImmediate"),
  insn("ZDEPI",  "110101 t:5 im5:5 c:3 110 cp:5  len:5", "sed", "im5,cp,len,t", "nullify", "zeroDepositImmediate"),
  insn("DEPI",   "110101 t:5 im5:5 c:3 111 cp:5  len:5", "sed", "im5,cp,len,t", "nullify", "depositImmediate"),
];
