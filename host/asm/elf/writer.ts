/**
 * ELF32 big-endian PA-RISC files put together: string tables, the section table, the header.
 *
 * Knows the format and nothing of assembling; what sections there are is decided by
 * `write-object.ts` and `write-executable.ts`. The same input gives the same bytes.
 */
import {
  EFA_PARISC_1_1,
  EHDR_SIZE,
  ELFCLASS32,
  ELFDATA2MSB,
  ELFOSABI_GNU,
  EM_PARISC,
  EV_CURRENT,
  MAGIC,
  PHDR_SIZE,
  PT_LOAD,
  SHDR_SIZE,
  SHT_NOBITS,
  SHT_NULL,
  SHT_STRTAB,
  SHT_SYMTAB,
  STB_LOCAL,
  SYM_SIZE,
} from "./format.ts";

export interface OutputSection {
  readonly name: string;
  /** SHT_… */
  readonly type: number;
  /** SHF_… */
  readonly flags: number;
  readonly address?: number;
  readonly align: number;
  readonly bytes: Uint8Array;
  /** When it is not the number of bytes: SHT_NOBITS. */
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
  /** The segment that has its bytes already. */
  readonly segment?: OutputSegment;
}

export interface OutputSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  /** STB_… */
  readonly binding: number;
  /** STT_… */
  readonly type: number;
  /** Section number or SHN_… */
  readonly section: number;
}

export interface OutputSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly size: number;
  /** PF_… */
  readonly flags: number;
}

export interface OutputFile {
  /** ET_… */
  readonly type: number;
  readonly entry: number;
  readonly segments: readonly OutputSegment[];
  /** From number 1 on; the null section and section names are added. */
  readonly sections: readonly OutputSection[];
}

/** Segments are mapped by pages of this size. */
export const PAGE = 4096;

/** Bytes and what to find them by. */
class Output {
  private bytes = new Uint8Array(1 << 16);
  length = 0;

  /** Appends bytes at the next multiple of `align`; returns their offset. */
  append(bytes: Uint8Array, align: number): number {
    this.pad(align);
    const offset = this.length;
    this.reserve(offset + bytes.length);
    this.bytes.set(bytes, offset);
    this.length = offset + bytes.length;
    return offset;
  }

  pad(align: number, remainder = 0): void {
    const padding = (((remainder - this.length) % align) + align) % align;
    this.reserve(this.length + padding);
    this.length += padding;
  }

  put(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Names, each once, with the offsets by which the file refers to them. */
class Strings {
  private readonly offsets = new Map<string, number>([["", 0]]);
  private readonly characters: number[] = [0];

  offset(name: string): number {
    const known = this.offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.characters.length;
    this.offsets.set(name, offset);
    // Names of the assembler and of other files are bytes already.
    for (let at = 0; at < name.length; at++) this.characters.push(name.charCodeAt(at) & 0xff);
    this.characters.push(0);
    return offset;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.characters);
  }
}

/** Big-endian words, one after the other. */
export function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => view.setUint32(4 * index, value >>> 0));
  return new Uint8Array(view.buffer);
}

/**
 * A symbol table and its names: two sections, the first of which gets the number `index`.
 * Local symbols come first. `numberOf` is the number that each symbol got.
 */
export function symbolTable(
  symbols: readonly OutputSymbol[],
  index: number,
): { readonly sections: OutputSection[]; readonly numberOf: readonly number[] } {
  const isLocal = ({ binding }: OutputSymbol): boolean => binding === STB_LOCAL;
  const order = [...symbols.keys()].sort(
    (a, b) => Number(isLocal(symbols[b]!)) - Number(isLocal(symbols[a]!)) || a - b,
  );
  const numberOf: number[] = [];
  const strings = new Strings();
  const entries = [0, 0, 0, 0];
  order.forEach((position, at) => {
    const { name, value, size, binding, type, section } = symbols[position]!;
    numberOf[position] = at + 1;
    const info = (binding << 4) | type;
    entries.push(strings.offset(name), value, size, ((info << 24) | section) >>> 0);
  });
  const table: OutputSection = {
    name: ".symtab",
    type: SHT_SYMTAB,
    flags: 0,
    align: 4,
    bytes: words(entries),
    link: index + 1,
    info: 1 + symbols.filter(isLocal).length,
    entrySize: SYM_SIZE,
  };
  const names: OutputSection = {
    name: ".strtab",
    type: SHT_STRTAB,
    flags: 0,
    align: 1,
    bytes: strings.bytes(),
  };
  return { sections: [table, names], numberOf };
}

/** The bytes of the whole file. */
export function writeElf({ type, entry, segments, sections }: OutputFile): Uint8Array {
  const output = new Output();
  const offsets = new Map<OutputSegment, number>();
  output.append(new Uint8Array(EHDR_SIZE + PHDR_SIZE * segments.length), 1);
  segments.forEach((segment, index) => {
    // A loader maps pages: place in the page and in memory agree.
    output.pad(PAGE, segment.address % PAGE);
    const offset = output.append(segment.bytes, 1);
    offsets.set(segment, offset);
    const { address, bytes, size, flags } = segment;
    const header = [PT_LOAD, offset, address, address, bytes.length, size, flags, PAGE];
    output.put(EHDR_SIZE + PHDR_SIZE * index, words(header));
  });
  const names = new Strings();
  const nameOfNames = ".shstrtab";
  for (const { name } of sections) names.offset(name);
  names.offset(nameOfNames);
  const last: OutputSection = { name: nameOfNames, type: SHT_STRTAB, flags: 0, align: 1, bytes: names.bytes() }; // prettier-ignore
  const all = [...sections, last];
  const headers = [0, SHT_NULL, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const section of all) {
    const { bytes, align, address = 0, link = 0, info = 0, entrySize = 0, segment } = section;
    let offset = output.length;
    if (segment !== undefined) offset = offsets.get(segment)! + address - segment.address;
    else if (section.type !== SHT_NOBITS) offset = output.append(bytes, align);
    const size = section.size ?? bytes.length;
    headers.push(names.offset(section.name), section.type, section.flags, address);
    headers.push(offset, size, link, info, align, entrySize);
  }
  const sectionHeaders = output.append(words(headers), 4);
  output.put(0, header(type, entry, segments.length, sectionHeaders, all.length));
  return output.finish();
}

/** @param last number of the last section, which has the names */
function header(
  type: number,
  entry: number,
  segments: number,
  sectionHeaders: number,
  last: number,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(EHDR_SIZE));
  view.setUint32(0, MAGIC);
  view.setUint32(4, (ELFCLASS32 << 24) | (ELFDATA2MSB << 16) | (EV_CURRENT << 8) | ELFOSABI_GNU);
  view.setUint16(16, type);
  view.setUint16(18, EM_PARISC);
  view.setUint32(20, EV_CURRENT);
  view.setUint32(24, entry);
  view.setUint32(28, segments > 0 ? EHDR_SIZE : 0);
  view.setUint32(32, sectionHeaders);
  view.setUint32(36, EFA_PARISC_1_1);
  view.setUint16(40, EHDR_SIZE);
  view.setUint16(42, segments > 0 ? PHDR_SIZE : 0);
  view.setUint16(44, segments);
  view.setUint16(46, SHDR_SIZE);
  view.setUint16(48, last + 1);
  view.setUint16(50, last);
  return new Uint8Array(view.buffer);
}
