/**
 * Floating-point coprocessor and assist instructions (PA-RISC 1.1 manual, chapters 6 and 7).
 *
 * Major opcode 0C addresses whole registers; 0E (rows `_LR`) also their right halves. SPOPn, COPR
 * and the coprocessor memory rows at the end catch what is left of their opcodes: other units, and
 * operations that unit 0 does not know. They must stay last: `decode` takes the first row that
 * matches. The machine leaves FREM and quads to software, as the PA-7000 does, and so FSTQ, which
 * firmware can switch on there.
 */
import { access, insn, type Row } from "../instruction.ts";

// prettier-ignore
export const FLOAT: readonly Row[] = [
  insn("FLDWX", "001001 b:5 x:5   s:2 u:1  0 cc:2 0 00 ht:1 m:1 ft:5", "index ccl", "x(s,b),ft",   "load",  "loadFloatWord",    access("index", 4)),
  insn("FLDDX", "001011 b:5 x:5   s:2 u:1  0 cc:2 0 00 0    m:1 ft:5", "index ccl", "x(s,b),ft",   "load",  "loadFloatDouble",  access("index", 8)),
  insn("FSTWX", "001001 b:5 x:5   s:2 u:1  0 cc:2 1 00 hr:1 m:1 fr:5", "index cc",  "fr,x(s,b)",   "store", "storeFloatWord",   access("index", 4)),
  insn("FSTDX", "001011 b:5 x:5   s:2 u:1  0 cc:2 1 00 0    m:1 fr:5", "index cc",  "fr,x(s,b)",   "store", "storeFloatDouble", access("index", 8)),
  insn("FLDWS", "001001 b:5 im5:5 s:2 ab:1 1 cc:2 0 00 ht:1 m:1 ft:5", "short ccl", "im5(s,b),ft", "load",  "loadFloatWord",    access("short", 4)),
  insn("FLDDS", "001011 b:5 im5:5 s:2 ab:1 1 cc:2 0 00 0    m:1 ft:5", "short ccl", "im5(s,b),ft", "load",  "loadFloatDouble",  access("short", 8)),
  insn("FSTWS", "001001 b:5 im5:5 s:2 ab:1 1 cc:2 1 00 hr:1 m:1 fr:5", "short cc",  "fr,im5(s,b)", "store", "storeFloatWord",   access("short", 4)),
  insn("FSTDS", "001011 b:5 im5:5 s:2 ab:1 1 cc:2 1 00 0    m:1 fr:5", "short cc",  "fr,im5(s,b)", "store", "storeFloatDouble", access("short", 8)),
  insn("FSTQX", "001111 b:5 x:5   s:2 u:1  0 00   1 00 0    m:1 fr:5", "index",     "fr,x(s,b)",   "store", "storeFloatQuad",   access("index", 16)),
  insn("FSTQS", "001111 b:5 im5:5 s:2 ab:1 1 00   1 00 0    m:1 fr:5", "short",     "fr,im5(s,b)", "store", "storeFloatQuad",   access("short", 16)),

  insn("FID",     "001100 00000 00000    000   00    00 000 0 00000", "",         "",         "float", "floatIdentify"),
  insn("FCPY",    "001100 fa:5 00000     010   fmt:2 00 000 0 ft:5",  "fmt",      "fa,ft",    "float", "floatCopy"),
  insn("FABS",    "001100 fa:5 00000     011   fmt:2 00 000 0 ft:5",  "fmt",      "fa,ft",    "float", "floatAbsolute"),
  insn("FSQRT",   "001100 fa:5 00000     100   fmt:2 00 000 0 ft:5",  "fmt",      "fa,ft",    "float", "floatSquareRoot"),
  insn("FRND",    "001100 fa:5 00000     101   fmt:2 00 000 0 ft:5",  "fmt",      "fa,ft",    "float", "floatRound"),
  insn("FCNVFF",  "001100 fa:5 0000 00 df:2 fmt:2 01 000 0 ft:5",     "fmt df",   "fa,ft",    "float", "floatToFloat"),
  insn("FCNVXF",  "001100 fa:5 0000 01 df:2 fmt:2 01 000 0 ft:5",     "fmt df",   "fa,ft",    "float", "fixedToFloat"),
  insn("FCNVFX",  "001100 fa:5 0000 10 df:2 fmt:2 01 000 0 ft:5",     "fmt df",   "fa,ft",    "float", "floatToFixed"),
  insn("FCNVFXT", "001100 fa:5 0000 11 df:2 fmt:2 01 000 0 ft:5",     "fmt df",   "fa,ft",    "float", "floatToFixedTruncate"),
  insn("FCMP",    "001100 fa:5 fb:5      000   fmt:2 10 000 0 fc:5",  "fmt fcmp", "fa,fb",    "float", "floatCompare"),
  insn("FTEST",   "001100 00000 00000    001   00    10 000 1 00000", "",         "",         "float", "floatTest"),
  insn("FADD",    "001100 fa:5 fb:5      000   fmt:2 11 000 0 ft:5",  "fmt",      "fa,fb,ft", "float", "floatAdd"),
  insn("FSUB",    "001100 fa:5 fb:5      001   fmt:2 11 000 0 ft:5",  "fmt",      "fa,fb,ft", "float", "floatSubtract"),
  insn("FMPY",    "001100 fa:5 fb:5      010   fmt:2 11 000 0 ft:5",  "fmt",      "fa,fb,ft", "float", "floatMultiply"),
  insn("FDIV",    "001100 fa:5 fb:5      011   fmt:2 11 000 0 ft:5",  "fmt",      "fa,fb,ft", "float", "floatDivide"),
  insn("FREM",    "001100 fa:5 fb:5      100   fmt:2 11 000 0 ft:5",  "fmt",      "fa,fb,ft", "float", "floatRemainder"),

  insn("FCPY_LR",    "001110 fa:5 00000     010  fmt:2       00 0 ha:1 ht:1 0 ft:5", "fmt",       "fa,ft",    "float", "floatCopy"),
  insn("FABS_LR",    "001110 fa:5 00000     011  fmt:2       00 0 ha:1 ht:1 0 ft:5", "fmt",       "fa,ft",    "float", "floatAbsolute"),
  insn("FSQRT_LR",   "001110 fa:5 00000     100  fmt:2       00 0 ha:1 ht:1 0 ft:5", "fmt",       "fa,ft",    "float", "floatSquareRoot"),
  insn("FRND_LR",    "001110 fa:5 00000     101  fmt:2       00 0 ha:1 ht:1 0 ft:5", "fmt",       "fa,ft",    "float", "floatRound"),
  insn("FCNVFF_LR",  "001110 fa:5 0000 00 df:2 fmt:2      01 0 ha:1 ht:1 0 ft:5",    "fmt df",    "fa,ft",    "float", "floatToFloat"),
  insn("FCNVXF_LR",  "001110 fa:5 0000 01 df:2 fmt:2      01 0 ha:1 ht:1 0 ft:5",    "fmt df",    "fa,ft",    "float", "fixedToFloat"),
  insn("FCNVFX_LR",  "001110 fa:5 0000 10 df:2 fmt:2      01 0 ha:1 ht:1 0 ft:5",    "fmt df",    "fa,ft",    "float", "floatToFixed"),
  insn("FCNVFXT_LR", "001110 fa:5 0000 11 df:2 fmt:2      01 0 ha:1 ht:1 0 ft:5",    "fmt df",    "fa,ft",    "float", "floatToFixedTruncate"),
  insn("FCMP_LR",    "001110 fa:5 fb:5      000  hb:1 fmt1:1 10 0 ha:1 0    0 fc:5", "fmt1 fcmp", "fa,fb",    "float", "floatCompare"),
  insn("FADD_LR",    "001110 fa:5 fb:5      000  hb:1 fmt1:1 11 0 ha:1 ht:1 0 ft:5", "fmt1",      "fa,fb,ft", "float", "floatAdd"),
  insn("FSUB_LR",    "001110 fa:5 fb:5      001  hb:1 fmt1:1 11 0 ha:1 ht:1 0 ft:5", "fmt1",      "fa,fb,ft", "float", "floatSubtract"),
  insn("FMPY_LR",    "001110 fa:5 fb:5      010  hb:1 fmt1:1 11 0 ha:1 ht:1 0 ft:5", "fmt1",      "fa,fb,ft", "float", "floatMultiply"),
  insn("FDIV_LR",    "001110 fa:5 fb:5      011  hb:1 fmt1:1 11 0 ha:1 ht:1 0 ft:5", "fmt1",      "fa,fb,ft", "float", "floatDivide"),
  insn("FREM_LR",    "001110 fa:5 fb:5      100  hb:1 fmt1:1 11 0 ha:1 ht:1 0 ft:5", "fmt1",      "fa,fb,ft", "float", "floatRemainder"),
  insn("XMPYU",      "001110 fa:5 fb:5      010  hb:1 0      11 1 ha:1 ht:1 0 ft:5", "",          "fa,fb,ft", "float", "fixedMultiplyUnsigned"),

  insn("FMPYADD", "000110 rm1:5 rm2:5 ta:5 ra:5 sgl:1 tm:5", "sgl", "rm1,rm2,tm,ra,ta", "float", "floatMultiplyAdd"),
  insn("FMPYSUB", "100110 rm1:5 rm2:5 ta:5 ra:5 sgl:1 tm:5", "sgl", "rm1,rm2,tm,ra,ta", "float", "floatMultiplySubtract"),

  insn("SPOP0", "000100 sop20:15          00 uid:3 n:1 sop20:5", "uid sop20 n", "",    "special", "specialOperation"),
  insn("SPOP1", "000100 sop15:15          01 uid:3 n:1 t:5",     "uid sop15 n", "t",   "special", "specialOperation"),
  insn("SPOP2", "000100 b:5 sop15:10      10 uid:3 n:1 sop15:5", "uid sop15 n", "b",   "special", "specialOperation"),
  insn("SPOP3", "000100 b:5 x:5   sop10:5 11 uid:3 n:1 sop10:5", "uid sop10 n", "x,b", "special", "specialOperation"),
  insn("COPR",  "001100 sop22:17             uid:3 n:1 sop22:5", "uid sop22 n", "",    "special", "coprocessorOperation"),

  insn("CLDWX", "001001 b:5 x:5   s:2 u:1  0 cc:2 0 uid:3 m:1 t:5", "uid index ccl", "x(s,b),t",   "special", "coprocessorLoad",  access("index", 4)),
  insn("CLDDX", "001011 b:5 x:5   s:2 u:1  0 cc:2 0 uid:3 m:1 t:5", "uid index ccl", "x(s,b),t",   "special", "coprocessorLoad",  access("index", 8)),
  insn("CSTWX", "001001 b:5 x:5   s:2 u:1  0 cc:2 1 uid:3 m:1 r:5", "uid index cc",  "r,x(s,b)",   "special", "coprocessorStore", access("index", 4)),
  insn("CSTDX", "001011 b:5 x:5   s:2 u:1  0 cc:2 1 uid:3 m:1 r:5", "uid index cc",  "r,x(s,b)",   "special", "coprocessorStore", access("index", 8)),
  insn("CLDWS", "001001 b:5 im5:5 s:2 ab:1 1 cc:2 0 uid:3 m:1 t:5", "uid short ccl", "im5(s,b),t", "special", "coprocessorLoad",  access("short", 4)),
  insn("CLDDS", "001011 b:5 im5:5 s:2 ab:1 1 cc:2 0 uid:3 m:1 t:5", "uid short ccl", "im5(s,b),t", "special", "coprocessorLoad",  access("short", 8)),
  insn("CSTWS", "001001 b:5 im5:5 s:2 ab:1 1 cc:2 1 uid:3 m:1 r:5", "uid short cc",  "r,im5(s,b)", "special", "coprocessorStore", access("short", 4)),
  insn("CSTDS", "001011 b:5 im5:5 s:2 ab:1 1 cc:2 1 uid:3 m:1 r:5", "uid short cc",  "r,im5(s,b)", "special", "coprocessorStore", access("short", 8)),
];
