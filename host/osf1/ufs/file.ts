/**
 * Reading and writing a file's bytes. The bytes move between a buffer and wherever the caller's
 * `move` takes or brings them: a copy loop in simulated memory, or an array of the host's. Callers
 * hold the inode's lock.
 */
import { UnixError } from "../errno.ts";
import { blockAddress, blockAddresses, blockSize, growBlock, truncate } from "./bmap.ts";
import type { Buffer } from "./buffer-cache.ts";
import type { Blocking } from "./device.ts";
import { type Inode, updateInode } from "./inode.ts";
import { MODE, UFS } from "./layout.ts";

/** Moves one piece, at most a block, out of or into the bytes given. */
export type Move = (bytes: Uint8Array) => Blocking<void>;

const { BLOCK_SIZE } = UFS;
const zeros = (): Uint8Array => new Uint8Array(BLOCK_SIZE);

/** Reads up to `length` bytes; returns how many there were. */
export function* readFile(
  inode: Inode,
  offset: number,
  length: number,
  move: Move,
): Blocking<number> {
  const end = Math.min(inode.size, offset + length);
  let at = offset;
  while (at < end) {
    const block = Math.floor(at / BLOCK_SIZE);
    const from = at % BLOCK_SIZE;
    const count = Math.min(BLOCK_SIZE - from, end - at);
    const [address, next] = yield* blockAddresses(inode, block);
    if (address === 0) yield* move(zeros().subarray(0, count));
    else {
      const { cache } = inode.fs;
      const buffer = yield* readBlock(inode, block, address, next);
      try {
        yield* move(buffer.storage.subarray(from, from + count));
      } finally {
        cache.release(buffer);
      }
    }
    at += count;
  }
  if (length > 0) inode.touch("atime");
  return Math.max(0, at - offset);
}

/** The buffer of a block; of a file that is read block after block, the next one is asked for too. */
function* readBlock(inode: Inode, block: number, address: number, next: number): Blocking<Buffer> {
  const { cache } = inode.fs;
  const size = blockSize(block, inode.size);
  const isSequential = block === inode.lastRead + 1;
  inode.lastRead = block;
  if (!isSequential || next === 0 || (block + 1) * BLOCK_SIZE >= inode.size)
    return yield* cache.bread(address, size);
  const ahead = { fragment: next, size: blockSize(block + 1, inode.size) };
  return yield* cache.breadAhead(address, size, ahead);
}

/**
 * As readFile, for whoever brings the file's pages into memory. Others may hold the inode, or a buffer,
 * and wait for these very bytes, so this asks for no lock; what changes meanwhile is to be read again.
 */
export function* pageFile(
  inode: Inode,
  offset: number,
  length: number,
  move: Move,
): Blocking<void> {
  const { cache } = inode.fs;
  const end = Math.min(inode.size, offset + length);
  for (let at = offset; at < end;) {
    const block = Math.floor(at / BLOCK_SIZE);
    const from = at % BLOCK_SIZE;
    const count = Math.min(BLOCK_SIZE - from, end - at);
    const address = yield* blockAddress(inode, block);
    const size = blockSize(block, inode.size);
    const held = address === 0 ? zeros() : cache.heldByOther(address, size);
    if (held) yield* move(held.subarray(from, from + count));
    else {
      const buffer = yield* cache.bread(address, size);
      try {
        yield* move(buffer.storage.subarray(from, from + count));
      } finally {
        cache.release(buffer);
      }
    }
    at += count;
  }
}

/** Bytes of a file as an array: for what the server itself wants to know, and for the host. */
export function* readBytes(inode: Inode, offset: number, length: number): Blocking<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, inode.size - offset)));
  let done = 0;
  // oxlint-disable-next-line require-yield
  yield* readFile(inode, offset, bytes.length, function* (piece) {
    bytes.set(piece, done);
    done += piece.length;
  });
  return bytes;
}

export interface WriteOptions {
  readonly superuser: boolean;
  /** Bytes and inode are on the disk when the call returns (O_SYNC; directories). */
  readonly synchronous?: boolean;
}

/**
 * Writes bytes, and makes the file longer as needed. When space or the caller's bytes end early,
 * what was written stays and is counted; when nothing was, the error is the caller's.
 * @throws UnixError EFBIG, ENOSPC, EIO, or what `move` throws
 */
export function* writeFile(
  inode: Inode,
  offset: number,
  length: number,
  move: Move,
  { superuser, synchronous = false }: WriteOptions,
): Blocking<number> {
  if (length > 0 && offset >= UFS.SIZE_MAX) throw new UnixError("EFBIG");
  const end = Math.min(offset + length, UFS.SIZE_MAX);
  let at = offset;
  try {
    while (at < end) {
      const count = Math.min(BLOCK_SIZE - (at % BLOCK_SIZE), end - at);
      yield* writePiece(inode, at, count, move, superuser, synchronous);
      at += count;
    }
  } catch (error) {
    if (at === offset || !(error instanceof UnixError)) throw error;
  }
  if (at > offset) {
    inode.touch("mtime", "ctime");
    if (synchronous) yield* updateInode(inode, "now");
  }
  return at - offset;
}

function* writePiece(
  inode: Inode,
  at: number,
  count: number,
  move: Move,
  superuser: boolean,
  synchronous: boolean,
): Blocking<void> {
  const { cache } = inode.fs;
  const { size } = inode;
  const from = at % BLOCK_SIZE;
  try {
    const buffer = yield* growBlock(inode, Math.floor(at / BLOCK_SIZE), from + count, superuser);
    inode.size = Math.max(inode.size, at + count);
    inode.changed = true;
    try {
      yield* move(buffer.storage.subarray(from, from + count));
    } catch (error) {
      cache.writeDelayed(buffer);
      throw error;
    }
    if (synchronous) yield* cache.write(buffer);
    else cache.writeDelayed(buffer);
  } catch (error) {
    // A piece that failed leaves the file as long as it was.
    if (inode.size > size) yield* truncate(inode, size);
    throw error;
  }
}

/** Sets a file's length: what is new reads as zeros. @throws UnixError EFBIG, ENOSPC */
export function* setLength(inode: Inode, size: number, superuser: boolean): Blocking<void> {
  if (size > UFS.SIZE_MAX) throw new UnixError("EFBIG");
  // Nothing else relies on the times: a file that stays as long as it was can wait for the disk.
  const when = size === inode.size ? "delayed" : "now";
  if (size < inode.size) yield* truncate(inode, size);
  else if (size > inode.size) {
    const last = size - 1;
    const buffer = yield* growBlock(
      inode,
      Math.floor(last / BLOCK_SIZE),
      (last % BLOCK_SIZE) + 1,
      superuser,
    );
    inode.size = size;
    inode.changed = true;
    inode.fs.cache.writeDelayed(buffer);
  }
  inode.touch("mtime", "ctime");
  yield* updateInode(inode, when);
}

/** Puts a file's bytes, then its inode, on the disk. */
export function* syncFile(inode: Inode): Blocking<void> {
  const { cache } = inode.fs;
  const addresses = new Set<number>();
  if (inode.type === MODE.IFREG || inode.type === MODE.IFDIR || inode.type === MODE.IFLNK)
    yield* collect(inode, addresses);
  yield* cache.flush((fragment) => addresses.has(fragment));
  yield* updateInode(inode, "now");
}

/** All that a file holds: its blocks, and the blocks of addresses that lead to them. */
function* collect(inode: Inode, addresses: Set<number>): Blocking<void> {
  const { cache } = inode.fs;
  for (const address of inode.direct) if (address !== 0) addresses.add(address);
  const walk = function* (address: number, level: number): Blocking<void> {
    addresses.add(address);
    const buffer = yield* cache.bread(address, BLOCK_SIZE);
    const children = Array.from({ length: UFS.ADDRESSES_PER_BLOCK }, (_, i) =>
      buffer.words.read32(4 * i),
    ).filter((child) => child !== 0);
    cache.release(buffer);
    for (const child of children)
      if (level === 0) addresses.add(child);
      else yield* walk(child, level - 1);
  };
  for (const [level, address] of inode.indirect.entries())
    if (address !== 0) yield* walk(address, level);
}
