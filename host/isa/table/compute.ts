/**
 * Arithmetic and logical instructions, immediates included (PA-RISC 1.1 manual, chapter 5).
 *
 * Suffix O traps on overflow, T on condition, L leaves the carries alone. `sa` is the shift of the
 * SHxADD rows, 0 for plain additions.
 */
import { insn, type Row } from "../instruction.ts";

// prettier-ignore
export const COMPUTE: readonly Row[] = [
  insn("LDO",     "001101 b:5 t:5 00 im14:14", "", "im14(b),t", "compute", "loadOffset"),
  insn("LDIL",    "001000 t:5 im21:21",        "", "im21,t",    "compute", "loadImmediateLeft"),
  insn("ADDIL",   "001010 b:5 im21:21",        "", "im21,b",    "compute", "addImmediateLeft"),

  insn("ADD",     "000010 b:5 a:5 c:3 f:1 0110 sa=00 0 t:5", "add", "a,b,t", "nullify", "add"),
  insn("ADDL",    "000010 b:5 a:5 c:3 f:1 1010 sa=00 0 t:5", "add", "a,b,t", "nullify", "addLogical"),
  insn("ADDO",    "000010 b:5 a:5 c:3 f:1 1110 sa=00 0 t:5", "add", "a,b,t", "nullify", "addOverflow"),
  insn("SH1ADD",  "000010 b:5 a:5 c:3 f:1 0110 sa=01 0 t:5", "add", "a,b,t", "nullify", "shiftAdd"),
  insn("SH1ADDL", "000010 b:5 a:5 c:3 f:1 1010 sa=01 0 t:5", "add", "a,b,t", "nullify", "shiftAddLogical"),
  insn("SH1ADDO", "000010 b:5 a:5 c:3 f:1 1110 sa=01 0 t:5", "add", "a,b,t", "nullify", "shiftAddOverflow"),
  insn("SH2ADD",  "000010 b:5 a:5 c:3 f:1 0110 sa=10 0 t:5", "add", "a,b,t", "nullify", "shiftAdd"),
  insn("SH2ADDL", "000010 b:5 a:5 c:3 f:1 1010 sa=10 0 t:5", "add", "a,b,t", "nullify", "shiftAddLogical"),
  insn("SH2ADDO", "000010 b:5 a:5 c:3 f:1 1110 sa=10 0 t:5", "add", "a,b,t", "nullify", "shiftAddOverflow"),
  insn("SH3ADD",  "000010 b:5 a:5 c:3 f:1 0110 sa=11 0 t:5", "add", "a,b,t", "nullify", "shiftAdd"),
  insn("SH3ADDL", "000010 b:5 a:5 c:3 f:1 1010 sa=11 0 t:5", "add", "a,b,t", "nullify", "shiftAddLogical"),
  insn("SH3ADDO", "000010 b:5 a:5 c:3 f:1 1110 sa=11 0 t:5", "add", "a,b,t", "nullify", "shiftAddOverflow"),
  insn("ADDC",    "000010 b:5 a:5 c:3 f:1 011100 0 t:5",     "add", "a,b,t", "nullify", "addCarry"),
  insn("ADDCO",   "000010 b:5 a:5 c:3 f:1 111100 0 t:5",     "add", "a,b,t", "nullify", "addCarryOverflow"),
  insn("SUB",     "000010 b:5 a:5 c:3 f:1 010000 0 t:5",     "cmp", "a,b,t", "nullify", "subtract"),
  insn("SUBO",    "000010 b:5 a:5 c:3 f:1 110000 0 t:5",     "cmp", "a,b,t", "nullify", "subtractOverflow"),
  insn("SUBB",    "000010 b:5 a:5 c:3 f:1 010100 0 t:5",     "cmp", "a,b,t", "nullify", "subtractBorrow"),
  insn("SUBBO",   "000010 b:5 a:5 c:3 f:1 110100 0 t:5",     "cmp", "a,b,t", "nullify", "subtractBorrowOverflow"),
  insn("SUBT",    "000010 b:5 a:5 c:3 f:1 010011 0 t:5",     "cmp", "a,b,t", "nullify", "subtractTrap"),
  insn("SUBTO",   "000010 b:5 a:5 c:3 f:1 110011 0 t:5",     "cmp", "a,b,t", "nullify", "subtractTrapOverflow"),
  insn("DS",      "000010 b:5 a:5 c:3 f:1 010001 0 t:5",     "cmp", "a,b,t", "nullify", "divideStep"),
  insn("COMCLR",  "000010 b:5 a:5 c:3 f:1 100010 0 t:5",     "cmp", "a,b,t", "nullify", "compareClear"),

  insn("OR",      "000010 b:5 a:5 c:3 f:1 001001 0 t:5",     "log",  "a,b,t", "nullify", "or"),
  insn("XOR",     "000010 b:5 a:5 c:3 f:1 001010 0 t:5",     "log",  "a,b,t", "nullify", "xor"),
  insn("AND",     "000010 b:5 a:5 c:3 f:1 001000 0 t:5",     "log",  "a,b,t", "nullify", "and"),
  insn("ANDCM",   "000010 b:5 a:5 c:3 f:1 000000 0 t:5",     "log",  "a,b,t", "nullify", "andComplement"),
  insn("UXOR",    "000010 b:5 a:5 c:3 f:1 001110 0 t:5",     "unit", "a,b,t", "nullify", "unitXor"),
  insn("UADDCM",  "000010 b:5 a:5 c:3 f:1 100110 0 t:5",     "unit", "a,b,t", "nullify", "unitAddComplement"),
  insn("UADDCMT", "000010 b:5 a:5 c:3 f:1 100111 0 t:5",     "unit", "a,b,t", "nullify", "unitAddComplementTrap"),
  insn("DCOR",    "000010 b:5 00000 c:3 f:1 101110 0 t:5",   "unit", "b,t",   "nullify", "decimalCorrect"),
  insn("IDCOR",   "000010 b:5 00000 c:3 f:1 101111 0 t:5",   "unit", "b,t",   "nullify", "intermediateDecimalCorrect"),

  insn("ADDI",    "101101 b:5 t:5 c:3 f:1 0 im11:11",        "add", "im11,b,t", "nullify", "addImmediate"),
  insn("ADDIO",   "101101 b:5 t:5 c:3 f:1 1 im11:11",        "add", "im11,b,t", "nullify", "addImmediateOverflow"),
  insn("ADDIT",   "101100 b:5 t:5 c:3 f:1 0 im11:11",        "add", "im11,b,t", "nullify", "addImmediateTrap"),
  insn("ADDITO",  "101100 b:5 t:5 c:3 f:1 1 im11:11",        "add", "im11,b,t", "nullify", "addImmediateTrapOverflow"),
  insn("SUBI",    "100101 b:5 t:5 c:3 f:1 0 im11:11",        "cmp", "im11,b,t", "nullify", "subtractImmediate"),
  insn("SUBIO",   "100101 b:5 t:5 c:3 f:1 1 im11:11",        "cmp", "im11,b,t", "nullify", "subtractImmediateOverflow"),
  insn("COMICLR", "100100 b:5 t:5 c:3 f:1 0 im11:11",        "cmp", "im11,b,t", "nullify", "compareImmediateClear"),
];
