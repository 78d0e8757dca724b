/**
 * Directories as files of chunks (entries.ts): search, enter, remove. Every change is one chunk's
 * write, at once. Callers hold the directory's lock.
 */
import { UnixError } from "../errno.ts";
import { blockAddress, blockSize, growBlock } from "./bmap.ts";
import type { Buffer } from "./buffer-cache.ts";
import { type Blocking, charge } from "./device.ts";
import {
  type Entry,
  findEntry,
  formatChunk,
  putEntry,
  readChunk,
  redirectEntry,
  takeEntry,
} from "./entries.ts";
import { type Inode, updateInode } from "./inode.ts";
import { UFS } from "./layout.ts";

const { BLOCK_SIZE, DIRECTORY_CHUNK } = UFS;

export interface DirectoryEntry {
  /** Where the entry stands in the directory, and where the next one does: for getdirentries. */
  readonly offset: number;
  readonly next: number;
  readonly inode: number;
  readonly name: string;
}

/** Visits chunks until `visit` gives something back. */
function* eachChunk<T>(
  directory: Inode,
  from: number,
  visit: (chunk: Uint8Array, at: number, buffer: Buffer) => T | undefined,
): Blocking<{ readonly value: T; readonly buffer: Buffer } | undefined> {
  const { cache } = directory.fs;
  for (let at = from; at < directory.size;) {
    const block = Math.floor(at / BLOCK_SIZE);
    const address = yield* blockAddress(directory, block);
    const end = Math.min(directory.size, (block + 1) * BLOCK_SIZE);
    if (address === 0) {
      at = end;
      continue;
    }
    yield* charge(directory.fs.environment, "directory-block");
    const buffer = yield* cache.bread(address, blockSize(block, directory.size));
    for (; at < end; at += DIRECTORY_CHUNK) {
      const start = at % BLOCK_SIZE;
      const value = visit(buffer.storage.subarray(start, start + DIRECTORY_CHUNK), at, buffer);
      if (value !== undefined) return { value, buffer };
    }
    cache.release(buffer);
  }
  return undefined;
}

/** The entries of a chunk; EIO when the disk has something else there. */
function entriesOf(chunk: Uint8Array): Entry[] {
  const entries = readChunk(chunk);
  if (entries === undefined) throw new UnixError("EIO");
  return entries;
}

/** The inode that a name leads to; 0 when there is no such name. */
export function* search(directory: Inode, name: string): Blocking<number> {
  const found = yield* eachChunk(directory, 0, (chunk) => findEntry(chunk, name) || undefined);
  if (found === undefined) return 0;
  directory.fs.cache.release(found.buffer);
  return found.value;
}

/** Changes the chunk for which `change` says that it did; false when there was none. */
function* changeChunk(directory: Inode, change: (chunk: Uint8Array) => boolean): Blocking<boolean> {
  const found = yield* eachChunk(directory, 0, (chunk) => (change(chunk) ? true : undefined));
  if (found === undefined) return false;
  yield* directory.fs.cache.write(found.buffer);
  directory.touch("mtime", "ctime");
  return true;
}

/**
 * Adds a name, which must not be there yet.
 * @throws UnixError ENOSPC when the directory needs more space
 */
export function* enter(directory: Inode, name: string, inode: number): Blocking<void> {
  if (yield* changeChunk(directory, (chunk) => putEntry(chunk, name, inode))) {
    yield* updateInode(directory, "delayed");
    return;
  }
  // A new chunk: its bytes are on the disk before the size says that it is there.
  const at = directory.size;
  const start = at % BLOCK_SIZE;
  const block = Math.floor(at / BLOCK_SIZE);
  const buffer = yield* growBlock(directory, block, start + DIRECTORY_CHUNK, true);
  const chunk = buffer.storage.subarray(start, start + DIRECTORY_CHUNK);
  formatChunk(buffer.storage, start);
  putEntry(chunk, name, inode);
  yield* directory.fs.cache.write(buffer);
  directory.size = at + DIRECTORY_CHUNK;
  directory.touch("mtime", "ctime");
  yield* updateInode(directory, "now");
}

const holds = (chunk: Uint8Array, name: string): boolean =>
  entriesOf(chunk).some((each) => each.inode !== 0 && each.name === name);

/** Takes a name out. */
export function* remove(directory: Inode, name: string): Blocking<void> {
  yield* changeChunk(directory, (chunk) => {
    if (!holds(chunk, name)) return false;
    takeEntry(chunk, name);
    return true;
  });
  yield* updateInode(directory, "delayed");
}

/** Makes a name lead to another inode. */
export function* redirect(directory: Inode, name: string, inode: number): Blocking<void> {
  yield* changeChunk(directory, (chunk) => {
    if (!holds(chunk, name)) return false;
    redirectEntry(chunk, name, inode);
    return true;
  });
  yield* updateInode(directory, "delayed");
}

/** Whether there is nothing but `.` and `..`. */
export function* isEmpty(directory: Inode): Blocking<boolean> {
  const found = yield* eachChunk(directory, 0, (chunk) =>
    entriesOf(chunk).some(({ inode, name }) => inode !== 0 && name !== "." && name !== "..")
      ? true
      : undefined,
  );
  if (found === undefined) return true;
  directory.fs.cache.release(found.buffer);
  return false;
}

/** Entries from an offset on, at most `most`; an offset within an entry begins at its chunk. */
export function* readEntries(
  directory: Inode,
  offset: number,
  most: number,
): Blocking<DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  const first = offset - (offset % DIRECTORY_CHUNK);
  const found = yield* eachChunk(directory, first, (chunk, at) => {
    for (const entry of entriesOf(chunk)) {
      const here = at + entry.offset;
      if (entry.inode === 0 || here < offset) continue;
      if (entries.length === most) return true;
      const { inode, name } = entry;
      entries.push({ offset: here, next: here + entry.length, inode, name });
    }
    return undefined;
  });
  if (found !== undefined) directory.fs.cache.release(found.buffer);
  if (entries.length > 0) directory.touch("atime");
  return entries;
}
