/**
 * Numbers of the ELF32 file format and of its PA-RISC supplement: what the reader checks and the
 * writers put.
 *
 * Sizes and offsets are bytes. Names are those of the specification (`elf.h`). Source: System V
 * ABI, edition 4.1, chapters 4 and 5; Processor-Specific ELF Supplement for PA-RISC, version 1.43.
 */
import type { RelocationType } from "../object.ts";

export const EHDR_SIZE = 52;
export const PHDR_SIZE = 32;
export const SHDR_SIZE = 40;
export const SYM_SIZE = 16;
export const RELA_SIZE = 12;

/** The first four bytes of every ELF file: 0x7f, `ELF`. */
export const MAGIC = 0x7f454c46;
export const ELFCLASS32 = 1;
export const ELFDATA2MSB = 2;
export const EV_CURRENT = 1;
export const ELFOSABI_GNU = 3;

export const ET_REL = 1;
export const ET_EXEC = 2;
export const ET_DYN = 3;

export const EM_PARISC = 15;
/** The architecture's part of `e_flags`. */
export const EF_PARISC_ARCH = 0xffff;
export const EF_PARISC_WIDE = 0x80000;
export const EFA_PARISC_1_0 = 0x20b;
export const EFA_PARISC_1_1 = 0x210;
export const EFA_PARISC_2_0 = 0x214;

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
/** A common block of the PA-RISC supplement, and one that fits a short displacement. */
export const SHN_PARISC_ANSI_COMMON = 0xff00;
export const SHN_PARISC_HUGE_COMMON = 0xff01;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;

export const SHT_NULL = 0;
export const SHT_PROGBITS = 1;
export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
export const SHT_INIT_ARRAY = 14;
export const SHT_FINI_ARRAY = 15;
export const SHT_PREINIT_ARRAY = 16;
export const SHT_GROUP = 17;
export const SHT_SYMTAB_SHNDX = 18;

export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHF_INFO_LINK = 0x40;
export const SHF_TLS = 0x400;

export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
/** GNU's: one in the whole process, global to a static linker. */
export const STB_GNU_UNIQUE = 10;

export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_FILE = 4;
export const STT_COMMON = 5;
export const STT_TLS = 6;
export const STT_GNU_IFUNC = 10;
export const STT_PARISC_MILLI = 13;

/** `R_PARISC_…` numbers of the relocations that non-PIC code has. */
export const RELOCATION_NUMBERS: Readonly<Record<RelocationType, number>> = {
  DIR32: 1,
  DIR21L: 2,
  DIR17R: 3,
  DIR17F: 4,
  DIR14R: 6,
  DIR14F: 7,
  PCREL12F: 8,
  PCREL32: 9,
  PCREL21L: 10,
  PCREL17F: 12,
  PCREL14R: 14,
  DPREL21L: 18,
  DPREL14R: 22,
  DPREL14F: 23,
  PLABEL32: 65,
  PLABEL21L: 66,
  PLABEL14R: 70,
  TPREL21L: 154,
  TPREL14R: 158,
};

export const R_PARISC_NONE = 0;

/** Others that a linker may meet, for its messages. */
export const OTHER_RELOCATIONS: Readonly<Record<number, string>> = {
  5: "DIR17C",
  11: "PCREL17R",
  13: "PCREL17C",
  15: "PCREL14F",
  34: "DLTIND21L",
  38: "DLTIND14R",
  39: "DLTIND14F",
  40: "SETBASE",
  41: "SECREL32",
  48: "SEGBASE",
  49: "SEGREL32",
  50: "LTOFF_FPTR32",
  57: "LTOFF_FPTR21L",
  62: "LTOFF_FPTR14R",
  72: "PCREL64",
  73: "PCREL22C",
  74: "PCREL22F",
  80: "DIR64",
  128: "COPY",
  129: "IPLT",
  130: "EPLT",
  153: "TPREL32",
  162: "LTOFF_TP21L",
  166: "LTOFF_TP14R",
  167: "LTOFF_TP14F",
  234: "TLS_GD21L",
  235: "TLS_GD14R",
  236: "TLS_GDCALL",
  237: "TLS_LDM21L",
  238: "TLS_LDM14R",
  239: "TLS_LDMCALL",
  240: "TLS_LDO21L",
  241: "TLS_LDO14R",
  242: "TLS_DTPMOD32",
  244: "TLS_DTPOFF32",
};
