/**
 * The section table of an ELF file, and what stands in its sections: symbols and relocations.
 *
 * Part of `readElf`, which has read the header. Checks every number; keeps types and flags of
 * sections as the file has them, since only the linker cares.
 */
import type { Binding } from "../object.ts";
import {
  RELA_SIZE,
  SHDR_SIZE,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_TLS,
  SHF_WRITE,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_PARISC_ANSI_COMMON,
  SHN_PARISC_HUGE_COMMON,
  SHN_UNDEF,
  SHT_NOBITS,
  SHT_NULL,
  SHT_REL,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  STB_GLOBAL,
  STB_GNU_UNIQUE,
  STB_LOCAL,
  STB_WEAK,
  STT_FILE,
  STT_FUNC,
  STT_GNU_IFUNC,
  STT_COMMON,
  STT_NOTYPE,
  STT_OBJECT,
  STT_PARISC_MILLI,
  STT_SECTION,
  STT_TLS,
  SYM_SIZE,
} from "./format.ts";
import { StringTable, type Reader } from "./reader.ts";

export interface ElfSection {
  readonly name: string;
  /** SHT_… */
  readonly type: number;
  readonly allocate: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly threadLocal: boolean;
  /** Virtual address in a program, 0 in an object. */
  readonly address: number;
  readonly size: number;
  /** Empty for SHT_NOBITS, `size` bytes otherwise. */
  readonly bytes: Uint8Array;
  /** Power of two. */
  readonly align: number;
  /** Numbers of related sections, whose meaning depends on the type; not checked. */
  readonly link: number;
  readonly info: number;
  /** Where its header stands in the file, for messages. */
  readonly headerOffset: number;
}

export type ElfSymbolType =
  | "none"
  | "object"
  | "function"
  | "section"
  | "file"
  | "thread"
  | "indirect"
  | "millicode"
  | "other";

export interface ElfSymbol {
  /** Of a section symbol: the section's name. */
  readonly name: string;
  /** Address in a program, offset in its section in an object, alignment of a common block. */
  readonly value: number;
  readonly size: number;
  readonly binding: Binding;
  readonly type: ElfSymbolType;
  /** Section number, or where else it is. */
  readonly section: number | "undefined" | "absolute" | "common";
}

export interface ElfRelocation {
  /** Number of the section that is changed. */
  readonly section: number;
  readonly offset: number;
  /** R_PARISC_… */
  readonly type: number;
  /** Symbol number. */
  readonly symbol: number;
  /** Signed 32-bit. */
  readonly addend: number;
  /** Where it stands in the file, for messages. */
  readonly headerOffset: number;
}

export interface SectionTable {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly ElfRelocation[];
}

/** @throws DiagnosticError */
export function readSections(reader: Reader, relocatable: boolean): SectionTable {
  const [offset, size, count] = [reader.u32(32), reader.u16(46), reader.u16(48)];
  if (offset === 0) return { sections: [], symbols: [], relocations: [] };
  if (count === 0) reader.fail(48, "section table without a number of sections");
  if (size !== SHDR_SIZE) reader.fail(46, `section headers are not 40 bytes: ${size}`);
  reader.range(offset, count * SHDR_SIZE, "section headers", 32);
  const nameless = Array.from({ length: count }, (_, index) =>
    readSection(reader, offset + index * SHDR_SIZE),
  );
  const names = stringTable(reader, nameless, reader.u16(50), 50);
  const sections = nameless.map((section): ElfSection => ({
    ...section,
    name: names.name(reader.u32(section.headerOffset), section.headerOffset),
  }));
  const symbols = readSymbols(reader, sections);
  const relocations = relocatable ? readRelocations(reader, sections, symbols.length) : [];
  return { sections, symbols, relocations };
}

function readSection(reader: Reader, at: number): Omit<ElfSection, "name"> {
  const word = (index: number): number => reader.u32(at + 4 * index);
  const [type, flags, address, offset, size] = [word(1), word(2), word(3), word(4), word(5)];
  const align = Math.max(1, word(8));
  if ((align & (align - 1)) !== 0)
    reader.fail(at + 32, `alignment is not a power of two: ${align}`);
  if ((flags & SHF_ALLOC) !== 0 && address + size > 2 ** 32)
    reader.fail(at + 12, `section past the end of memory: 0x${address.toString(16)}`);
  const hasBytes = type !== SHT_NOBITS && type !== SHT_NULL;
  return {
    type,
    allocate: (flags & SHF_ALLOC) !== 0,
    write: (flags & SHF_WRITE) !== 0,
    execute: (flags & SHF_EXECINSTR) !== 0,
    threadLocal: (flags & SHF_TLS) !== 0,
    address,
    size: type === SHT_NULL ? 0 : size,
    bytes: hasBytes ? reader.range(offset, size, "section", at + 16) : new Uint8Array(0),
    align,
    link: word(6),
    info: word(7),
    headerOffset: at,
  };
}

/** @param at where the section's number stands, for messages */
function stringTable(
  reader: Reader,
  sections: readonly Omit<ElfSection, "name">[],
  index: number,
  at: number,
): StringTable {
  const section = sections[index];
  if (section?.type !== SHT_STRTAB) reader.fail(at, `not a string table: section ${index}`);
  return new StringTable(reader, reader.u32(section.headerOffset + 16), section.bytes);
}

/** Entries of a table; the size must be a whole number of them. */
function entries(
  reader: Reader,
  { size, headerOffset }: ElfSection,
  entry: number,
): readonly number[] {
  const stated = reader.u32(headerOffset + 36);
  if (stated !== entry) reader.fail(headerOffset + 36, `entries are not ${entry} bytes: ${stated}`);
  if (size % entry !== 0)
    reader.fail(headerOffset + 20, `not a whole number of entries: ${size} bytes`);
  const start = reader.u32(headerOffset + 16);
  return Array.from({ length: size / entry }, (_, index) => start + index * entry);
}

const BINDINGS = new Map<number, Binding>([
  [STB_LOCAL, "local"],
  [STB_GLOBAL, "global"],
  [STB_WEAK, "weak"],
  [STB_GNU_UNIQUE, "global"],
]);

const TYPES = new Map<number, ElfSymbolType>([
  [STT_NOTYPE, "none"],
  [STT_OBJECT, "object"],
  [STT_FUNC, "function"],
  [STT_SECTION, "section"],
  [STT_FILE, "file"],
  [STT_COMMON, "object"],
  [STT_TLS, "thread"],
  [STT_GNU_IFUNC, "indirect"],
  [STT_PARISC_MILLI, "millicode"],
]);

function readSymbols(reader: Reader, sections: readonly ElfSection[]): readonly ElfSymbol[] {
  const tables = sections.filter(({ type }) => type === SHT_SYMTAB);
  const extended = sections.find(({ type }) => type === SHT_SYMTAB_SHNDX);
  if (extended !== undefined)
    reader.fail(extended.headerOffset + 4, "extended section numbers are not supported");
  const [table, second] = tables;
  if (table === undefined) return [];
  if (second !== undefined) reader.fail(second.headerOffset + 4, "second symbol table");
  const names = stringTable(reader, sections, table.link, table.headerOffset + 24);
  return entries(reader, table, SYM_SIZE).map((at) => readSymbol(reader, sections, names, at));
}

function readSymbol(
  reader: Reader,
  sections: readonly ElfSection[],
  names: StringTable,
  at: number,
): ElfSymbol {
  const info = reader.u8(at + 12);
  const binding = BINDINGS.get(info >> 4);
  if (binding === undefined) reader.fail(at + 12, `unknown symbol binding: ${info >> 4}`);
  const type = TYPES.get(info & 15) ?? "other";
  const section = placeOf(reader, sections.length, at + 14);
  const name = names.name(reader.u32(at), at);
  return {
    name: type === "section" && typeof section === "number" ? sections[section]!.name : name,
    value: reader.u32(at + 4),
    size: reader.u32(at + 8),
    binding,
    type,
    section,
  };
}

function placeOf(reader: Reader, count: number, at: number): ElfSymbol["section"] {
  const number = reader.u16(at);
  switch (number) {
    case SHN_UNDEF:
      return "undefined";
    case SHN_ABS:
      return "absolute";
    case SHN_COMMON:
    case SHN_PARISC_ANSI_COMMON:
    case SHN_PARISC_HUGE_COMMON:
      return "common";
    default:
      if (number >= SHN_LORESERVE || number >= count) reader.fail(at, `no such section: ${number}`);
      return number;
  }
}

function readRelocations(
  reader: Reader,
  sections: readonly ElfSection[],
  symbols: number,
): readonly ElfRelocation[] {
  const tables = sections.filter(({ type }) => type === SHT_RELA);
  const old = sections.find(({ type }) => type === SHT_REL);
  if (old !== undefined)
    reader.fail(old.headerOffset + 4, "relocations without addends are not supported");
  // Tables that lie over each other would be more than the file has.
  if (tables.reduce((sum, { size }) => sum + size, 0) > reader.length)
    reader.fail(tables[0]!.headerOffset + 20, "relocation sections overlap");
  return tables.flatMap((table) => {
    const target = sections[table.info];
    if (target === undefined || table.info === 0)
      reader.fail(table.headerOffset + 28, `no such section: ${table.info}`);
    return entries(reader, table, RELA_SIZE).map((at): ElfRelocation => {
      const [offset, info] = [reader.u32(at), reader.u32(at + 4)];
      if (offset >= target.size)
        reader.fail(at, `relocation past the end of ${target.name}: 0x${offset.toString(16)}`);
      if (info >>> 8 >= symbols) reader.fail(at + 4, `no such symbol: ${info >>> 8}`);
      return {
        section: table.info,
        offset,
        type: info & 0xff,
        symbol: info >>> 8,
        addend: reader.u32(at + 8) | 0,
        headerOffset: at,
      };
    });
  });
}
