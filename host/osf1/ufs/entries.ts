/**
 * Entries of one chunk of a directory: 512 bytes that are always a chain of whole entries, so that
 * one sector's write changes a directory from one good state to another. Names are strings of
 * bytes, a character each. Bytes in, bytes out: no disk here.
 */
import { ArrayBytes } from "../../abi/struct.ts";
import { direct, entrySize, UFS } from "./layout.ts";

const { DIRECTORY_CHUNK } = UFS;

export interface Entry {
  /** Offset in the chunk, bytes. */
  readonly offset: number;
  /** 0: nothing here but space. */
  readonly inode: number;
  readonly length: number;
  readonly name: string;
}

/** An empty chunk, or, with a directory and its parent, one that has `.` and `..`. */
export function formatChunk(bytes: Uint8Array, at: number, self?: number, parent?: number): void {
  const chunk = bytes.subarray(at, at + DIRECTORY_CHUNK);
  chunk.fill(0);
  write(chunk, { offset: 0, inode: 0, length: DIRECTORY_CHUNK, name: "" });
  if (self !== undefined && parent !== undefined) {
    putEntry(chunk, ".", self);
    putEntry(chunk, "..", parent);
  }
}

function write(chunk: Uint8Array, { offset, inode, length, name }: Entry): void {
  const view = direct.at(new ArrayBytes(chunk), offset);
  view.d_ino = inode;
  view.d_reclen = length;
  view.d_namlen = name.length;
  for (let i = 0; i < name.length; i++) chunk[offset + direct.size + i] = name.charCodeAt(i);
  chunk.fill(0, offset + direct.size + name.length, offset + entrySize(name.length));
}

/** The entries of a chunk, empty ones included; undefined when they are no chain of good entries. */
export function readChunk(chunk: Uint8Array): Entry[] | undefined {
  const words = new ArrayBytes(chunk);
  const entries: Entry[] = [];
  for (let offset = 0; offset < DIRECTORY_CHUNK;) {
    const view = direct.at(words, offset);
    const { d_ino: inode, d_reclen: length, d_namlen: characters } = view;
    if (length < direct.size || length % 4 !== 0 || offset + length > DIRECTORY_CHUNK)
      return undefined;
    if (inode !== 0 && (characters === 0 || entrySize(characters) > length)) return undefined;
    const start = offset + direct.size;
    const name =
      inode === 0 ? "" : String.fromCharCode(...chunk.subarray(start, start + characters));
    if (/[\0/]/.test(name)) return undefined;
    entries.push({ offset, inode, length, name });
    offset += length;
  }
  return entries;
}

/** The fields of `direct` in a chunk's bytes: paths are walked too often for a view of each entry. */
const { d_ino: INODE, d_reclen: LENGTH, d_namlen: CHARACTERS } = direct.offset;
const half = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** The inode that a name leads to, as readChunk would tell; 0 when it is not here, or the chain breaks before. */
export function findEntry(chunk: Uint8Array, name: string): number {
  for (let offset = 0; offset < DIRECTORY_CHUNK;) {
    const length = half(chunk, offset + LENGTH);
    if (length < direct.size || length % 4 !== 0 || offset + length > DIRECTORY_CHUNK) return 0;
    const characters = half(chunk, offset + CHARACTERS);
    const at = offset + INODE;
    const inode = half(chunk, at) * 0x10000 + half(chunk, at + 2);
    if (inode !== 0 && (characters === 0 || entrySize(characters) > length)) return 0;
    if (inode !== 0 && characters === name.length) {
      const start = offset + direct.size;
      let same = 0;
      while (same < characters && chunk[start + same] === name.charCodeAt(same)) same++;
      if (same === characters) return inode;
    }
    offset += length;
  }
  return 0;
}

/** Space that an entry leaves for another. */
const spare = ({ inode, length, name }: Entry): number =>
  inode === 0 ? length : length - entrySize(name.length);

/** Puts an entry where there is room in a chunk; false when there is none. */
export function putEntry(chunk: Uint8Array, name: string, inode: number): boolean {
  const needed = entrySize(name.length);
  const room = readChunk(chunk)?.find((entry) => spare(entry) >= needed);
  if (room === undefined) return false;
  const left = spare(room);
  const offset = room.offset + room.length - left;
  if (room.inode !== 0) write(chunk, { ...room, length: room.length - left });
  write(chunk, { offset, inode, length: left, name });
  return true;
}

/** Takes an entry out: its space goes to the one before, or, at the start, stays as an empty entry. */
export function takeEntry(chunk: Uint8Array, name: string): void {
  const entries = readChunk(chunk) ?? [];
  const index = entries.findIndex((entry) => entry.inode !== 0 && entry.name === name);
  if (index < 0) return;
  const entry = entries[index]!;
  const before = entries[index - 1];
  if (before)
    direct.at(new ArrayBytes(chunk), before.offset).d_reclen = before.length + entry.length;
  else direct.at(new ArrayBytes(chunk), entry.offset).d_ino = 0;
}

/** Makes an entry name another inode. */
export function redirectEntry(chunk: Uint8Array, name: string, inode: number): void {
  const entry = readChunk(chunk)?.find((each) => each.inode !== 0 && each.name === name);
  if (entry) direct.at(new ArrayBytes(chunk), entry.offset).d_ino = inode;
}
