/** Phases 2 and 3 of fsck: path names, and directories that no path leads to. */
import { ArrayBytes } from "../../../abi/struct.ts";
import { blockSize } from "../bmap.ts";
import type { Blocking } from "../device.ts";
import { formatChunk, putEntry, readChunk, redirectEntry, takeEntry } from "../entries.ts";
import { UFS } from "../layout.ts";
import type { DiskInode } from "./scan.ts";
import { type Check, isDirectory, mend } from "./state.ts";

const { BLOCK_SIZE, DIRECT, DIRECTORY_CHUNK, LOST_AND_FOUND_INODE } = UFS;

/** Addresses and sizes of a directory's blocks. */
function* directoryBlocks(check: Check, inode: DiskInode): Blocking<[number, number][]> {
  const result: [number, number][] = [];
  const blocks = Math.ceil(inode.size / BLOCK_SIZE);
  for (let block = 0; block < Math.min(blocks, DIRECT); block++)
    result.push([inode.direct[block]!, blockSize(block, inode.size)]);
  if (blocks > DIRECT && inode.indirect[0] !== 0) {
    const words = new ArrayBytes(yield* check.disk.read(inode.indirect[0]!, BLOCK_SIZE));
    for (let i = 0; i < blocks - DIRECT; i++) result.push([words.read32(4 * i), BLOCK_SIZE]);
  }
  return result.filter(([address]) => address !== 0);
}

/** Goes through a directory and all below it; `parent` is where it was found. */
export function* walk(check: Check, number: number, parent: number): Blocking<void> {
  const queue: [number, number][] = [[number, parent]];
  check.parents.set(number, parent);
  for (let next = queue.pop(); next !== undefined; next = queue.pop())
    yield* checkDirectory(check, next[0], next[1], queue);
}

function* checkDirectory(
  check: Check,
  number: number,
  parent: number,
  queue: [number, number][],
): Blocking<void> {
  const inode = check.inodes.get(number)!;
  let left = inode.size;
  for (const [at, [address, size]] of (yield* directoryBlocks(check, inode)).entries()) {
    const bytes = yield* check.disk.read(address, size);
    let changed = false;
    for (let start = 0; start < Math.min(size, left); start += DIRECTORY_CHUNK) {
      const chunk = bytes.subarray(start, start + DIRECTORY_CHUNK);
      const first = at === 0 && start === 0;
      if (checkChunk(check, chunk, first, number, parent, queue)) changed = true;
    }
    left -= BLOCK_SIZE;
    if (changed) yield* check.disk.write(address, bytes);
  }
}

/** Mends one chunk, counts its names, and queues directories; whether it was changed. */
function checkChunk(
  check: Check,
  chunk: Uint8Array,
  first: boolean,
  number: number,
  parent: number,
  queue: [number, number][],
): boolean {
  const before = check.mended.length;
  if (readChunk(chunk) === undefined) {
    mend(check, `directory ${number}: a chunk that is none: emptied`);
    formatChunk(chunk, 0);
  }
  if (first)
    for (const [name, leads] of [
      [".", number],
      ["..", parent],
    ] as const) {
      const entry = readChunk(chunk)!.find((each) => each.inode !== 0 && each.name === name);
      if (entry?.inode === leads) continue;
      mend(check, `directory ${number}: ${name}: corrected`);
      if (entry) redirectEntry(chunk, name, leads);
      else putEntry(chunk, name, leads);
    }
  for (const { inode: leads, name } of readChunk(chunk)!) {
    if (leads === 0) continue;
    const target = check.inodes.get(leads);
    const own = name === "." || name === "..";
    if (target === undefined || (own && !first)) {
      mend(check, `directory ${number}: ${name} leads nowhere: removed`);
      takeEntry(chunk, name);
      continue;
    }
    if (!own && isDirectory(target)) {
      if (check.parents.has(leads)) {
        mend(check, `directory ${number}: ${name} is a second name of directory ${leads}: removed`);
        takeEntry(chunk, name);
        continue;
      }
      check.parents.set(leads, number);
      queue.push([leads, number]);
    }
    check.names.set(leads, (check.names.get(leads) ?? 0) + 1);
  }
  return check.mended.length > before;
}

// Phase 3: connectivity.

/** Directories that nothing leads to: the tops of lost trees go to lost+found. */
export function* connectDirectories(check: Check): Blocking<void> {
  for (const inode of [...check.inodes.values()].filter(isDirectory)) {
    if (check.parents.has(inode.number)) continue;
    // A directory that was being made or taken away has no names of its own yet, or any more.
    const empty = yield* isEmptyDirectory(check, inode);
    if (empty) continue;
    if (yield* reconnect(check, inode.number)) {
      mend(check, `directory ${inode.number}: lost: put into lost+found`);
      yield* walk(check, inode.number, LOST_AND_FOUND_INODE);
    }
  }
}

function* isEmptyDirectory(check: Check, inode: DiskInode): Blocking<boolean> {
  for (const [address, size] of yield* directoryBlocks(check, inode)) {
    const bytes = yield* check.disk.read(address, size);
    for (let start = 0; start < size; start += DIRECTORY_CHUNK) {
      const entries = readChunk(bytes.subarray(start, start + DIRECTORY_CHUNK)) ?? [];
      if (entries.some(({ inode: leads, name }) => leads !== 0 && name !== "." && name !== ".."))
        return false;
    }
  }
  return true;
}

/** Gives an inode a name in lost+found; false when that is not there or full. */
export function* reconnect(check: Check, number: number): Blocking<boolean> {
  const lost = check.inodes.get(LOST_AND_FOUND_INODE);
  if (lost === undefined || !isDirectory(lost)) return false;
  const name = `#${String(number).padStart(6, "0")}`;
  for (const [address, size] of yield* directoryBlocks(check, lost)) {
    const bytes = yield* check.disk.read(address, size);
    for (let start = 0; start < size; start += DIRECTORY_CHUNK) {
      const chunk = bytes.subarray(start, start + DIRECTORY_CHUNK);
      if (!putEntry(chunk, name, number)) continue;
      yield* check.disk.write(address, bytes);
      check.names.set(number, (check.names.get(number) ?? 0) + 1);
      return true;
    }
  }
  return false;
}
