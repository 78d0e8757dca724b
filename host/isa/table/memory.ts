/**
 * Memory reference instructions (PA-RISC 1.1 manual, chapter 5): long, short and indexed forms.
 *
 * Forms of one transfer share a clause: the clause sees a translated address, `mode` says how the
 * address is made. `cc` is the cache control hint; it has no meaning but in LDCWX and LDCWS.
 */
import { access, insn, type Row } from "../instruction.ts";

// prettier-ignore
export const MEMORY: readonly Row[] = [
  insn("LDW",   "010010 b:5 t:5 s:2 im14:14", "", "im14(s,b),t", "load",  "loadWord",  access("long",   4)),
  insn("LDWM",  "010011 b:5 t:5 s:2 im14:14", "", "im14(s,b),t", "load",  "loadWord",  access("modify", 4)),
  insn("LDH",   "010001 b:5 t:5 s:2 im14:14", "", "im14(s,b),t", "load",  "loadHalf",  access("long",   2)),
  insn("LDB",   "010000 b:5 t:5 s:2 im14:14", "", "im14(s,b),t", "load",  "loadByte",  access("long",   1)),
  insn("STW",   "011010 b:5 r:5 s:2 im14:14", "", "r,im14(s,b)", "store", "storeWord", access("long",   4)),
  insn("STWM",  "011011 b:5 r:5 s:2 im14:14", "", "r,im14(s,b)", "store", "storeWord", access("modify", 4)),
  insn("STH",   "011001 b:5 r:5 s:2 im14:14", "", "r,im14(s,b)", "store", "storeHalf", access("long",   2)),
  insn("STB",   "011000 b:5 r:5 s:2 im14:14", "", "r,im14(s,b)", "store", "storeByte", access("long",   1)),

  insn("LDWX",  "000011 b:5 x:5   s:2 u:1  0 cc:2 0010 m:1 t:5",   "index ccl", "x(s,b),t",   "load",  "loadWord",         access("index", 4)),
  insn("LDHX",  "000011 b:5 x:5   s:2 u:1  0 cc:2 0001 m:1 t:5",   "index ccl", "x(s,b),t",   "load",  "loadHalf",         access("index", 2)),
  insn("LDBX",  "000011 b:5 x:5   s:2 u:1  0 cc:2 0000 m:1 t:5",   "index ccl", "x(s,b),t",   "load",  "loadByte",         access("index", 1)),
  insn("LDWAX", "000011 b:5 x:5   00  u:1  0 cc:2 0110 m:1 t:5",   "index ccl", "x(b),t",     "load",  "loadWordAbsolute", access("index", 4, true)),
  insn("LDCWX", "000011 b:5 x:5   s:2 u:1  0 cc:2 0111 m:1 t:5",   "index co",  "x(s,b),t",   "load",  "loadAndClearWord", access("index", 4)),

  insn("LDWS",  "000011 b:5 im5:5 s:2 ab:1 1 cc:2 0010 m:1 t:5",   "short ccl", "im5(s,b),t", "load",  "loadWord",         access("short", 4)),
  insn("LDHS",  "000011 b:5 im5:5 s:2 ab:1 1 cc:2 0001 m:1 t:5",   "short ccl", "im5(s,b),t", "load",  "loadHalf",         access("short", 2)),
  insn("LDBS",  "000011 b:5 im5:5 s:2 ab:1 1 cc:2 0000 m:1 t:5",   "short ccl", "im5(s,b),t", "load",  "loadByte",         access("short", 1)),
  insn("LDWAS", "000011 b:5 im5:5 00  ab:1 1 cc:2 0110 m:1 t:5",   "short ccl", "im5(b),t",   "load",  "loadWordAbsolute", access("short", 4, true)),
  insn("LDCWS", "000011 b:5 im5:5 s:2 ab:1 1 cc:2 0111 m:1 t:5",   "short co",  "im5(s,b),t", "load",  "loadAndClearWord", access("short", 4)),

  insn("STWS",  "000011 b:5 r:5   s:2 ab:1 1 cc:2 1010 m:1 im5:5", "short cc", "r,im5(s,b)", "store", "storeWord",         access("short", 4)),
  insn("STHS",  "000011 b:5 r:5   s:2 ab:1 1 cc:2 1001 m:1 im5:5", "short cc", "r,im5(s,b)", "store", "storeHalf",         access("short", 2)),
  insn("STBS",  "000011 b:5 r:5   s:2 ab:1 1 cc:2 1000 m:1 im5:5", "short cc", "r,im5(s,b)", "store", "storeByte",         access("short", 1)),
  insn("STWAS", "000011 b:5 r:5   00  ab:1 1 cc:2 1110 m:1 im5:5", "short cc", "r,im5(b)",   "store", "storeWordAbsolute", access("short", 4, true)),
  insn("STBYS", "000011 b:5 r:5   s:2 ab:1 1 cc:2 1100 m:1 im5:5", "bytes cc", "r,im5(s,b)", "store", "storeBytes",        access("short", 4)),
];
