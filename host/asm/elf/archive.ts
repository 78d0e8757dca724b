/**
 * A library of objects (`ar`), and which of its members a program needs.
 *
 * GNU's format: a symbol index, a table of long names, members. Members are read when they are
 * needed; like GNU ld between `--start-group` and `--end-group`, the order of libraries does not matter.
 */
import type { ObjectFile } from "../object.ts";
import { elfObject } from "./object.ts";
import { readElf } from "./read.ts";
import { Reader, StringTable } from "./reader.ts";

const MAGIC = "!<arch>\n";
const HEADER_SIZE = 60;

interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where its header stands in the file. */
  readonly offset: number;
}

export interface Archive {
  readonly file: string;
  /** The member that defines a global symbol, by the offset of its header. */
  readonly index: ReadonlyMap<string, number>;
  readonly members: ReadonlyMap<number, Member>;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function isArchive(bytes: Uint8Array): boolean {
  return ascii(bytes.subarray(0, MAGIC.length)) === MAGIC;
}

/**
 * Reads a library's index and the places of its members.
 * @throws DiagnosticError with one diagnostic, whatever the bytes
 */
export function readArchive(file: string, bytes: Uint8Array): Archive {
  const reader = new Reader(file, bytes);
  if (!isArchive(bytes)) reader.fail(0, "not a library");
  const members = new Map<number, Member>();
  let symbols: Member | undefined;
  let longNames: StringTable | undefined;
  for (let offset = MAGIC.length; offset < bytes.length;) {
    const header = reader.range(offset, HEADER_SIZE, "member header", offset);
    const digits = ascii(header.subarray(48, 58)).trim();
    if (!/^\d+$/.test(digits) || ascii(header.subarray(58)) !== "`\n")
      reader.fail(offset, "not a member header");
    const size = Number(digits);
    const contents = reader.range(offset + HEADER_SIZE, size, "member", offset + 48);
    const name = ascii(header.subarray(0, 16)).trimEnd();
    const member = { name, bytes: contents, offset };
    if (name === "/") symbols = member;
    else if (name === "//") longNames = longNameTable(reader, offset + HEADER_SIZE, contents);
    else members.set(offset, { ...member, name: nameOf(reader, name, longNames, offset) });
    offset += HEADER_SIZE + size + (size % 2);
  }
  if (symbols === undefined && members.size > 0)
    reader.fail(MAGIC.length, "library without a symbol index (make one with ranlib)");
  return { file, index: symbols ? readIndex(reader, symbols) : new Map(), members };
}

/** Long names end with `/` and a new line. */
function longNameTable(reader: Reader, start: number, bytes: Uint8Array): StringTable {
  return new StringTable(
    reader,
    start,
    bytes.map((byte) => (byte === 0x0a ? 0 : byte)),
  );
}

function nameOf(reader: Reader, name: string, longNames: StringTable | undefined, at: number) {
  const place = /^\/(\d+)$/.exec(name)?.[1];
  const found = place === undefined ? name : longNames?.name(Number(place), at);
  if (found === undefined) reader.fail(at, "long name without a table of them");
  return found.replace(/\/$/, "");
}

/** A count, as many offsets of members, as many names. */
function readIndex(reader: Reader, { bytes, offset }: Member): Map<string, number> {
  const start = offset + HEADER_SIZE;
  const part = new Reader(reader.file, bytes);
  const count = bytes.length < 4 ? reader.fail(start, "symbol index too small") : part.u32(0);
  if (4 + 4 * count > bytes.length) reader.fail(start, `symbol index too small: ${count} symbols`);
  const names = new StringTable(reader, start, bytes.subarray(4 + 4 * count));
  const index = new Map<string, number>();
  let at = 0;
  for (let entry = 0; entry < count; entry++) {
    const name = names.name(at, start);
    at += name.length + 1;
    if (!index.has(name)) index.set(name, part.u32(4 + 4 * entry));
  }
  return index;
}

/**
 * The objects and those members of libraries that define what is undefined in them, and so on.
 * @throws DiagnosticError when a member is needed and cannot be linked
 */
export function withMembers(
  objects: readonly ObjectFile[],
  archives: readonly Archive[],
): ObjectFile[] {
  const result = [...objects];
  const defined = new Set<string>();
  const wanted = new Set<string>();
  const taken = new Set<Member>();
  const note = ({ symbols }: ObjectFile): void => {
    for (const { name, place, binding } of symbols) {
      if (binding === "local") continue;
      if (place !== "undefined") defined.add(name);
      else if (binding !== "weak") wanted.add(name);
    }
  };
  result.forEach(note);
  // A set takes what is added during the walk, too.
  for (const name of wanted) {
    if (defined.has(name)) continue;
    for (const { file, index, members } of archives) {
      const member = members.get(index.get(name) ?? -1);
      if (member === undefined || taken.has(member)) continue;
      taken.add(member);
      const object = elfObject(readElf(`${file}(${member.name})`, member.bytes));
      result.push(object);
      note(object);
      break;
    }
  }
  return result;
}
