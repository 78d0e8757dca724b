/**
 * An ELF32 big-endian PA-RISC file, taken apart: header, segments, sections, symbols, relocations.
 *
 * Says what is there and that it is well-formed. It does not judge what a file is good for: that
 * `elfImage` (run it) and `elfObject` (link it) do. Bytes are views of the file, not copies.
 * Invariant: every offset, size and index in the result lies within what it refers to.
 */
import {
  EF_PARISC_ARCH,
  EF_PARISC_WIDE,
  EFA_PARISC_1_0,
  EFA_PARISC_1_1,
  EFA_PARISC_2_0,
  EHDR_SIZE,
  ELFCLASS32,
  ELFDATA2MSB,
  EM_PARISC,
  ET_DYN,
  ET_EXEC,
  ET_REL,
  EV_CURRENT,
  MAGIC,
  PF_R,
  PF_W,
  PF_X,
  PHDR_SIZE,
  PT_DYNAMIC,
  PT_INTERP,
  PT_LOAD,
} from "./format.ts";
import { Reader } from "./reader.ts";
import { readSections, type ElfRelocation, type ElfSection, type ElfSymbol } from "./sections.ts";

/** What a program header asks to be in memory (PT_LOAD). */
export interface ElfSegment {
  /** Virtual address. */
  readonly address: number;
  /** The part that the file has; the rest up to `size` is zero. */
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Where `bytes` start in the file. */
  readonly fileOffset: number;
  /** Where its program header stands in the file, for messages. */
  readonly headerOffset: number;
}

export interface ElfFile {
  readonly file: string;
  readonly kind: "relocatable" | "executable" | "shared";
  /** Level of the architecture that its flags claim. */
  readonly level: "1.0" | "1.1" | "2.0";
  readonly entry: number;
  /** Wants a dynamic linker: has an interpreter or a dynamic section, or is a shared object. */
  readonly dynamic: boolean;
  /** The table of program headers: its place in the file, entries of 32 bytes. */
  readonly programHeaders: { readonly offset: number; readonly count: number };
  /** By address, without empty ones. In an executable they do not overlap. */
  readonly segments: readonly ElfSegment[];
  /** By section number; 0 is the null section. Empty when the file has no section table. */
  readonly sections: readonly ElfSection[];
  /** By symbol number; 0 is the null symbol. */
  readonly symbols: readonly ElfSymbol[];
  /** Of a relocatable file only. */
  readonly relocations: readonly ElfRelocation[];
}

const KINDS = new Map<number, ElfFile["kind"]>([
  [ET_REL, "relocatable"],
  [ET_EXEC, "executable"],
  [ET_DYN, "shared"],
]);

const LEVELS = new Map<number, ElfFile["level"]>([
  [EFA_PARISC_1_0, "1.0"],
  [EFA_PARISC_1_1, "1.1"],
  [EFA_PARISC_2_0, "2.0"],
]);

/** Whether bytes start as an ELF file does, whatever follows. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new Reader("", bytes).u32(0) === MAGIC;
}

/**
 * Reads an ELF file.
 * @param file its name, for messages
 * @throws DiagnosticError with one diagnostic, whatever the bytes
 */
export function readElf(file: string, bytes: Uint8Array): ElfFile {
  const reader = new Reader(file, bytes);
  checkIdentity(reader);
  const kind =
    KINDS.get(reader.u16(16)) ??
    reader.fail(16, `not an object or a program: type ${reader.u16(16)}`);
  const level = readLevel(reader);
  const entry = reader.u32(24);
  if (kind === "executable" && entry % 4 !== 0)
    reader.fail(24, `entry is not aligned to a word: 0x${entry.toString(16)}`);
  const headers = readProgramHeaders(reader);
  if (kind === "executable") refuseOverlaps(reader, headers.segments);
  return {
    file,
    kind,
    level,
    entry,
    dynamic: kind === "shared" || headers.dynamic,
    programHeaders: headers.table,
    segments: headers.segments,
    ...readSections(reader, kind === "relocatable"),
  };
}

function checkIdentity(reader: Reader): void {
  if (reader.length < 4 || reader.u32(0) !== MAGIC) reader.fail(0, "not an ELF file");
  if (reader.length < EHDR_SIZE) reader.fail(reader.length, "file ends in the ELF header");
  if (reader.u8(4) !== ELFCLASS32) reader.fail(4, `not a 32-bit ELF file: class ${reader.u8(4)}`);
  if (reader.u8(5) !== ELFDATA2MSB)
    reader.fail(5, `not a big-endian ELF file: data encoding ${reader.u8(5)}`);
  if (reader.u8(6) !== EV_CURRENT) reader.fail(6, `unknown ELF version: ${reader.u8(6)}`);
  if (reader.u16(18) !== EM_PARISC)
    reader.fail(18, `not for PA-RISC (machine 15): machine ${reader.u16(18)}`);
  if (reader.u32(20) !== EV_CURRENT) reader.fail(20, `unknown ELF version: ${reader.u32(20)}`);
  if (reader.u16(40) < EHDR_SIZE) reader.fail(40, `ELF header too small: ${reader.u16(40)} bytes`);
}

function readLevel(reader: Reader): ElfFile["level"] {
  const flags = reader.u32(36);
  if ((flags & EF_PARISC_WIDE) !== 0) reader.fail(36, `64-bit code: flags 0x${flags.toString(16)}`);
  return (
    LEVELS.get(flags & EF_PARISC_ARCH) ??
    reader.fail(36, `unknown PA-RISC level: flags 0x${flags.toString(16)}`)
  );
}

interface ProgramHeaders {
  readonly table: ElfFile["programHeaders"];
  readonly segments: readonly ElfSegment[];
  readonly dynamic: boolean;
}

function readProgramHeaders(reader: Reader): ProgramHeaders {
  const [offset, size, count] = [reader.u32(28), reader.u16(42), reader.u16(44)];
  if (count === 0) return { table: { offset: 0, count: 0 }, segments: [], dynamic: false };
  if (size !== PHDR_SIZE) reader.fail(42, `program headers are not 32 bytes: ${size}`);
  reader.range(offset, count * PHDR_SIZE, "program headers", 28);
  const segments: ElfSegment[] = [];
  let dynamic = false;
  for (let index = 0; index < count; index++) {
    const at = offset + index * PHDR_SIZE;
    const type = reader.u32(at);
    if (type === PT_DYNAMIC || type === PT_INTERP) dynamic = true;
    if (type === PT_LOAD) {
      const segment = readSegment(reader, at);
      if (segment.size > 0) segments.push(segment);
    }
  }
  segments.sort((a, b) => a.address - b.address);
  return { table: { offset, count }, segments, dynamic };
}

function readSegment(reader: Reader, at: number): ElfSegment {
  const [offset, address, fileSize, size, flags] = [
    reader.u32(at + 4),
    reader.u32(at + 8),
    reader.u32(at + 16),
    reader.u32(at + 20),
    reader.u32(at + 24),
  ];
  const bytes = reader.range(offset, fileSize, "segment", at + 4);
  if (fileSize > size)
    reader.fail(at + 16, `segment is larger in the file than in memory: ${fileSize} > ${size}`);
  if (address + size > 2 ** 32)
    reader.fail(at + 8, `segment past the end of memory: 0x${address.toString(16)}`);
  return {
    address,
    bytes,
    size,
    readable: (flags & PF_R) !== 0,
    writable: (flags & PF_W) !== 0,
    executable: (flags & PF_X) !== 0,
    fileOffset: offset,
    headerOffset: at,
  };
}

function refuseOverlaps(reader: Reader, segments: readonly ElfSegment[]): void {
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    if (before !== undefined && before.address + before.size > segment.address)
      reader.fail(segment.headerOffset + 8, `segments overlap: 0x${segment.address.toString(16)}`);
  }
}
