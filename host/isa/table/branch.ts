/**
 * Branch instructions (PA-RISC 1.1 manual, chapter 5).
 *
 * Conditional rows branch when the condition differs from `f`: the opcode's T and F forms are one
 * clause. BB and BVB test one bit: `f` is 1 for `>=`, the bit is 0.
 */
import { insn, type Row } from "../instruction.ts";

// prettier-ignore
export const BRANCH: readonly Row[] = [
  insn("BL",     "111010 t:5 w17:5 000  w17:11      n:1 w17:1", "n", "w17,t",       "branch",          "branchAndLink"),
  insn("GATE",   "111010 t:5 w17:5 001  w17:11      n:1 w17:1", "n", "w17,t",       "gate",            "gateway"),
  insn("BLR",    "111010 t:5 x:5   010  00000000000 n:1 0",     "n", "x,t",         "branch-register", "branchAndLinkRegister"),
  insn("BV",     "111010 b:5 x:5   110  00000000000 n:1 0",     "n", "x(b)",        "branch-register", "branchVectored"),
  insn("BE",     "111000 b:5 w17:5 sr:3 w17:11      n:1 w17:1", "n", "w17(sr,b)",   "branch-external", "branchExternal"),
  insn("BLE",    "111001 b:5 w17:5 sr:3 w17:11      n:1 w17:1", "n", "w17(sr,b)",   "branch-external", "branchAndLinkExternal"),

  insn("MOVB",   "110010 t:5 r:5   c:3 w12:11 n:1 w12:1",        "sed n",  "r,t,w12",   "branch-condition", "moveAndBranch"),
  insn("MOVIB",  "110011 t:5 im5:5 c:3 w12:11 n:1 w12:1",        "sed n",  "im5,t,w12", "branch-condition", "moveImmediateAndBranch"),
  insn("COMBT",  "1000 f=0 0 b:5 a:5   c:3 w12:11 n:1 w12:1",    "cmp3 n", "a,b,w12",   "branch-condition", "compareAndBranch"),
  insn("COMBF",  "1000 f=1 0 b:5 a:5   c:3 w12:11 n:1 w12:1",    "cmp3 n", "a,b,w12",   "branch-condition", "compareAndBranch"),
  insn("COMIBT", "1000 f=0 1 b:5 im5:5 c:3 w12:11 n:1 w12:1",    "cmp3 n", "im5,b,w12", "branch-condition", "compareImmediateAndBranch"),
  insn("COMIBF", "1000 f=1 1 b:5 im5:5 c:3 w12:11 n:1 w12:1",    "cmp3 n", "im5,b,w12", "branch-condition", "compareImmediateAndBranch"),
  insn("ADDBT",  "1010 f=0 0 b:5 a:5   c:3 w12:11 n:1 w12:1",    "add3 n", "a,b,w12",   "branch-condition", "addAndBranch"),
  insn("ADDBF",  "1010 f=1 0 b:5 a:5   c:3 w12:11 n:1 w12:1",    "add3 n", "a,b,w12",   "branch-condition", "addAndBranch"),
  insn("ADDIBT", "1010 f=0 1 b:5 im5:5 c:3 w12:11 n:1 w12:1",    "add3 n", "im5,b,w12", "branch-condition", "addImmediateAndBranch"),
  insn("ADDIBF", "1010 f=1 1 b:5 im5:5 c:3 w12:11 n:1 w12:1",    "add3 n", "im5,b,w12", "branch-condition", "addImmediateAndBranch"),
  insn("BVB",    "110000 00000 r:5 f:1 10 w12:11 n:1 w12:1",     "bit n",  "r,w12",     "branch-condition", "branchOnVariableBit"),
  insn("BB",     "110001 p:5   r:5 f:1 10 w12:11 n:1 w12:1",     "bit n",  "r,p,w12",   "branch-condition", "branchOnBit"),
];
