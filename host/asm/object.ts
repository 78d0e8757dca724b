/**
 * What the assembler makes and the linker takes: sections, symbols, relocations.
 *
 * Not a file format; names follow ELF for PA-RISC so that one can be written from it. All numbers
 * are section-relative bytes unless said otherwise.
 */

/** ELF's relocation names without `R_PARISC_`. */
export type RelocationType =
  | "DIR32" // data word
  | "DIR21L" // ldil L%sym
  | "DIR14R" // ldo R%sym
  | "DIR14F" // ldo sym
  | "DIR17R" // ble R%sym
  | "DIR17F" // ble sym
  | "DPREL21L" // addil L%sym-$global$
  | "DPREL14R"
  | "DPREL14F"
  | "PCREL12F" // conditional branches
  | "PCREL17F" // bl
  | "PCREL21L" // L%sym-$PIC_pcrel$0
  | "PCREL14R"
  | "PCREL32" // .word sym-.
  | "PLABEL32" // .word P%sym
  | "PLABEL21L" // ldil LP%sym
  | "PLABEL14R"
  | "TPREL21L" // addil L%sym-$tls_leoff$
  | "TPREL14R";

export interface SectionFlags {
  /** Occupies memory when the program runs. */
  readonly allocate: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Has a size but no bytes. */
  readonly zero: boolean;
  /** One copy for each thread. */
  readonly threadLocal: boolean;
}

export interface ObjectSection {
  readonly name: string;
  readonly flags: SectionFlags;
  /** Power of two. */
  readonly align: number;
  /** Bytes. */
  readonly size: number;
  /** `size` bytes; empty when `flags.zero`. */
  readonly bytes: Uint8Array;
}

export type Binding = "local" | "global" | "weak";

export interface ObjectSymbol {
  readonly name: string;
  /** Section's name; `absolute` for a constant, `common` for a block yet to be placed. */
  readonly section: string | undefined;
  readonly place: "section" | "absolute" | "common" | "undefined";
  /** Offset in the section, value of a constant (unsigned 32 bits), alignment of a common block. */
  readonly value: number;
  readonly size: number;
  readonly binding: Binding;
  /** A section symbol is local and stands for the start of a section, whose name it has. */
  readonly type: "none" | "function" | "object" | "section";
}

export interface Relocation {
  readonly section: string;
  readonly offset: number;
  readonly type: RelocationType;
  /** Index into `symbols`. */
  readonly symbol: number;
  readonly addend: number;
}

/** A marked address: `.probe NAME`. */
export interface ObjectProbe {
  readonly name: string;
  readonly section: string;
  readonly offset: number;
}

/** Which source line made the bytes from `offset` on; ascending within a section. */
export interface ObjectLine {
  readonly section: string;
  readonly offset: number;
  readonly line: number;
}

export interface ObjectFile {
  readonly file: string;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
  readonly relocations: readonly Relocation[];
  readonly probes: readonly ObjectProbe[];
  readonly lines: readonly ObjectLine[];
}

/** Names that only the assembler knows: compiler labels and numeric ones. */
export function isTemporary(name: string): boolean {
  return name.startsWith(".L") || name.startsWith("L$") || name.includes("\u0001");
}
