/**
 * System control, TLB, cache and diagnostic instructions (PA-RISC 1.1 manual, chapter 5; the two
 * forms of DIAG that move CPU diagnose registers: Mustang ERS as quoted in OSF's and NetBSD's
 * kernels). MTSP, MTCTL and MFCTL are privileged for some registers only: their clauses check.
 */
import { insn, PRIVILEGED, type Row } from "../instruction.ts";

// prettier-ignore
export const SYSTEM: readonly Row[] = [
  insn("BREAK",   "000000 u13:13                 00000000 u5:5",  "", "u5,u13",  "system",  "breakTrap"),
  insn("RFI",     "000000 00000 00000       000  01100000 00000", "", "",        "system",  "returnFromInterruption",        PRIVILEGED),
  insn("RFIR",    "000000 00000 00000       000  01100101 00000", "", "",        "system",  "returnFromInterruptionRestore", PRIVILEGED),
  insn("SSM",     "000000 00000 u5:5        000  01101011 t:5",   "", "u5,t",    "control", "setSystemMask",                 PRIVILEGED),
  insn("RSM",     "000000 00000 u5:5        000  01110011 t:5",   "", "u5,t",    "control", "resetSystemMask",               PRIVILEGED),
  insn("MTSM",    "000000 00000 r:5         000  11000011 00000", "", "r",       "control", "moveToSystemMask",              PRIVILEGED),
  insn("LDSID",   "000000 b:5   00000       s:2 0 10000101 t:5",  "", "(s,b),t", "control", "loadSpaceIdentifier"),
  insn("MTSP",    "000000 00000 r:5         sr:3 11000001 00000", "", "r,sr",    "control", "moveToSpaceRegister"),
  insn("MTCTL",   "000000 cr:5  r:5         000  11000010 00000", "", "r,cr",    "control", "moveToControlRegister"),
  insn("MFSP",    "000000 00000 00000       sr:3 00100101 t:5",   "", "sr,t",    "control", "moveFromSpaceRegister"),
  insn("MFCTL",   "000000 cr:5  00000       000  01000101 t:5",   "", "cr,t",    "control", "moveFromControlRegister"),
  insn("SYNC",    "000000 00000 00000       000  00100000 00000", "", "",        "system",  "synchronizeCaches"),
  insn("SYNCDMA", "000000 00000 10000       000  00100000 00000", "", "",        "system",  "synchronizeDma"),

  insn("PROBER",  "000001 b:5 r:5  s:2 0 1000110 0 t:5",   "",  "(s,b),r,t",  "probe", "probeRead"),
  insn("PROBERI", "000001 b:5 u5:5 s:2 1 1000110 0 t:5",   "",  "(s,b),u5,t", "probe", "probeReadImmediate"),
  insn("PROBEW",  "000001 b:5 r:5  s:2 0 1000111 0 t:5",   "",  "(s,b),r,t",  "probe", "probeWrite"),
  insn("PROBEWI", "000001 b:5 u5:5 s:2 1 1000111 0 t:5",   "",  "(s,b),u5,t", "probe", "probeWriteImmediate"),
  insn("LPA",     "000001 b:5 x:5  s:2 0 1001101 m:1 t:5", "m", "x(s,b),t",   "probe", "loadPhysicalAddress", PRIVILEGED),
  insn("LCI",     "000001 b:5 x:5  s:2 0 1001100 0 t:5",   "",  "x(s,b),t",   "probe", "loadCoherenceIndex",  PRIVILEGED),

  insn("PDTLB",   "000001 b:5 x:5  s:2 0 1001000 m:1 00000", "m", "x(s,b)",   "tlb", "purgeDataTlb",                         PRIVILEGED),
  insn("PITLB",   "000001 b:5 x:5  sr:3  0001000 m:1 00000", "m", "x(sr,b)",  "tlb", "purgeInstructionTlb",                  PRIVILEGED),
  insn("PDTLBE",  "000001 b:5 x:5  s:2 0 1001001 m:1 00000", "m", "x(s,b)",   "tlb", "purgeDataTlbEntry",                    PRIVILEGED),
  insn("PITLBE",  "000001 b:5 x:5  sr:3  0001001 m:1 00000", "m", "x(sr,b)",  "tlb", "purgeInstructionTlbEntry",             PRIVILEGED),
  insn("IDTLBA",  "000001 b:5 r:5  s:2 0 1000001 0   00000", "",  "r,(s,b)",  "tlb", "insertDataTlbAddress",                 PRIVILEGED),
  insn("IITLBA",  "000001 b:5 r:5  sr:3  0000001 0   00000", "",  "r,(sr,b)", "tlb", "insertInstructionTlbAddress",          PRIVILEGED),
  insn("IDTLBP",  "000001 b:5 r:5  s:2 0 1000000 0   00000", "",  "r,(s,b)",  "tlb", "insertDataTlbProtection",              PRIVILEGED),
  insn("IITLBP",  "000001 b:5 r:5  sr:3  0000000 0   00000", "",  "r,(sr,b)", "tlb", "insertInstructionTlbProtection",       PRIVILEGED),

  insn("PDC",     "000001 b:5 x:5  s:2 0 1001110 m:1 00000", "m", "x(s,b)",   "cache", "purgeDataCache",             PRIVILEGED),
  insn("FDC",     "000001 b:5 x:5  s:2 0 1001010 m:1 00000", "m", "x(s,b)",   "cache", "flushDataCache"),
  insn("FIC",     "000001 b:5 x:5  sr:3  0001010 m:1 00000", "m", "x(sr,b)",  "cache", "flushInstructionCache"),
  insn("FDCE",    "000001 b:5 x:5  s:2 0 1001011 m:1 00000", "m", "x(s,b)",   "cache", "flushDataCacheEntry"),
  insn("FICE",    "000001 b:5 x:5  sr:3  0001011 m:1 00000", "m", "x(sr,b)",  "cache", "flushInstructionCacheEntry"),

  insn("MTCPU",   "000101 cr:5 r:5 0001011000000000", "", "r,cr", "system", "moveToCpuRegister",   PRIVILEGED),
  insn("MFCPU",   "000101 cr:5 r:5 0001101000000000", "", "cr,r", "system", "moveFromCpuRegister", PRIVILEGED),
  insn("DIAG",    "000101 u26:26",                    "", "u26",  "system", "diagnose",            PRIVILEGED),
];
