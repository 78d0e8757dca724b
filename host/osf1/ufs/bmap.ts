/**
 * A file's blocks: where a block of a file lies, what is done when there is none, and what goes when
 * the file gets shorter. Only the last of the direct blocks may be less than a whole block.
 */
import { UnixError } from "../errno.ts";
import { allocate, extend, free } from "./allocate.ts";
import type { Buffer } from "./buffer-cache.ts";
import type { Blocking } from "./device.ts";
import { type Inode, updateInode } from "./inode.ts";
import { INDIRECT_LEVELS, UFS } from "./layout.ts";

const {
  ADDRESSES_PER_BLOCK,
  BLOCK_SIZE,
  DIRECT,
  FRAGMENT_SIZE,
  FRAGMENTS_PER_BLOCK,
  SECTORS_PER_FRAGMENT,
} = UFS;

/** Bytes rounded up to whole fragments. */
const toFragments = (bytes: number): number => Math.ceil(bytes / FRAGMENT_SIZE) * FRAGMENT_SIZE;

/** Bytes that a block of a file of this size has on the disk. */
export function blockSize(block: number, size: number): number {
  if (block >= DIRECT || size >= (block + 1) * BLOCK_SIZE) return BLOCK_SIZE;
  return Math.max(0, toFragments(size - block * BLOCK_SIZE));
}

/** The way to a block through indirect blocks: the level, and an index at each. */
function pathTo(block: number): { readonly level: number; readonly indexes: readonly number[] } {
  for (const { level, first, blocks } of INDIRECT_LEVELS) {
    if (block >= first + blocks) continue;
    const indexes = Array.from({ length: level + 1 }, (_, depth) => {
      const each = ADDRESSES_PER_BLOCK ** (level - depth);
      return Math.floor((block - first) / each) % ADDRESSES_PER_BLOCK;
    });
    return { level, indexes };
  }
  throw new UnixError("EFBIG");
}

/** Fragment address of a block of a file; 0 is a hole. */
export function* blockAddress(inode: Inode, block: number): Blocking<number> {
  return (yield* blockAddresses(inode, block))[0];
}

/** The same, and the next block's as far as it stands beside it; 0 where it does not (bmap's rablock). */
export function* blockAddresses(
  inode: Inode,
  block: number,
): Blocking<readonly [address: number, next: number]> {
  if (block < DIRECT) return [inode.direct[block]!, inode.direct[block + 1] ?? 0];
  const { level, indexes } = pathTo(block);
  let address = inode.indirect[level]!;
  let next = 0;
  for (const index of indexes) {
    if (address === 0) return [0, 0];
    const buffer = yield* inode.fs.cache.bread(address, BLOCK_SIZE);
    address = buffer.words.read32(4 * index);
    next = index + 1 < ADDRESSES_PER_BLOCK ? buffer.words.read32(4 * index + 4) : 0;
    inode.fs.cache.release(buffer);
  }
  return [address, next];
}

const groupOfInode = ({ fs, number }: Inode): number =>
  Math.floor(number / fs.geometry.inodesPerGroup);

function* allocateFor(
  inode: Inode,
  near: number,
  bytes: number,
  superuser: boolean,
): Blocking<number> {
  const count = bytes / FRAGMENT_SIZE;
  const wanted = { near, group: groupOfInode(inode) };
  const address = yield* allocate(inode.fs, wanted, count, superuser);
  inode.sectors += count * SECTORS_PER_FRAGMENT;
  inode.changed = true;
  return address;
}

/** A new block's buffer, held, with zeros. */
function* clearBuffer(inode: Inode, address: number, bytes: number): Blocking<Buffer> {
  const buffer = yield* inode.fs.cache.getblk(address, bytes);
  buffer.storage.fill(0, 0, bytes);
  buffer.size = bytes;
  buffer.valid = true;
  return buffer;
}

/**
 * The buffer of a block of a file, held, made to reach `bytes` into the block: what is new is zero.
 * The file's size is the caller's business.
 * @throws UnixError ENOSPC
 */
export function* growBlock(
  inode: Inode,
  block: number,
  bytes: number,
  superuser: boolean,
): Blocking<Buffer> {
  yield* completeLastBlock(inode, block, superuser);
  return block < DIRECT
    ? yield* growDirect(inode, block, bytes, superuser)
    : yield* growIndirect(inode, block, superuser);
}

/** The last block becomes whole when the file goes on behind it. */
function* completeLastBlock(inode: Inode, block: number, superuser: boolean): Blocking<void> {
  const last = Math.floor(inode.size / BLOCK_SIZE);
  if (last >= block || last >= DIRECT || inode.direct[last] === 0) return;
  if (blockSize(last, inode.size) === BLOCK_SIZE || inode.size % BLOCK_SIZE === 0) return;
  const buffer = yield* growDirect(inode, last, BLOCK_SIZE, superuser);
  inode.size = (last + 1) * BLOCK_SIZE;
  inode.changed = true;
  inode.fs.cache.writeDelayed(buffer);
}

function* growDirect(
  inode: Inode,
  block: number,
  bytes: number,
  superuser: boolean,
): Blocking<Buffer> {
  const { fs } = inode;
  const address = inode.direct[block]!;
  // A hole before the end of the file is filled by as much as the size says.
  const has = blockSize(block, inode.size);
  const wanted = Math.max(toFragments(bytes), has);
  if (address !== 0 && wanted === has) return yield* fs.cache.bread(address, has);
  if (address === 0) {
    const before = block === 0 ? 0 : inode.direct[block - 1]!;
    const near = before === 0 ? 0 : before + FRAGMENTS_PER_BLOCK;
    const fresh = yield* allocateFor(inode, near, wanted, superuser);
    inode.direct[block] = fresh;
    return yield* clearBuffer(inode, fresh, wanted);
  }
  const count = has / FRAGMENT_SIZE;
  if (yield* extend(fs, address, count, wanted / FRAGMENT_SIZE, superuser)) {
    inode.sectors += (wanted / FRAGMENT_SIZE - count) * SECTORS_PER_FRAGMENT;
    inode.changed = true;
    const buffer = yield* fs.cache.bread(address, has);
    buffer.storage.fill(0, has, wanted);
    buffer.size = wanted;
    return buffer;
  }
  return yield* moveBlock(inode, block, has, wanted, superuser);
}

/**
 * Moves the last block to where it can grow. The fragments that it leaves may serve another file at
 * once, so copy and inode must be on the disk before.
 */
function* moveBlock(
  inode: Inode,
  block: number,
  has: number,
  wanted: number,
  superuser: boolean,
): Blocking<Buffer> {
  const { fs } = inode;
  const old = inode.direct[block]!;
  const fresh = yield* allocateFor(inode, old, wanted, superuser);
  inode.sectors -= (has / FRAGMENT_SIZE) * SECTORS_PER_FRAGMENT;
  const source = yield* fs.cache.bread(old, has);
  const copy = source.storage.slice(0, has);
  fs.cache.release(source);
  const target = yield* clearBuffer(inode, fresh, wanted);
  target.storage.set(copy);
  yield* fs.cache.write(target);
  inode.direct[block] = fresh;
  inode.changed = true;
  yield* updateInode(inode, "now");
  yield* free(fs, old, has / FRAGMENT_SIZE);
  return yield* fs.cache.bread(fresh, wanted);
}

function* growIndirect(inode: Inode, block: number, superuser: boolean): Blocking<Buffer> {
  const { fs } = inode;
  const { level, indexes } = pathTo(block);
  let address = inode.indirect[level]!;
  if (address === 0) {
    address = yield* newIndirect(inode, superuser);
    inode.indirect[level] = address;
    inode.changed = true;
  }
  for (const [depth, index] of indexes.entries()) {
    const isLast = depth === indexes.length - 1;
    const map = yield* fs.cache.bread(address, BLOCK_SIZE);
    let next = map.words.read32(4 * index);
    const before = index === 0 ? 0 : map.words.read32(4 * (index - 1));
    fs.cache.release(map);
    const isNew = next === 0;
    if (isNew) {
      const near = before === 0 ? 0 : before + FRAGMENTS_PER_BLOCK;
      next = isLast
        ? yield* allocateFor(inode, near, BLOCK_SIZE, superuser)
        : yield* newIndirect(inode, superuser);
      const changed = yield* fs.cache.bread(address, BLOCK_SIZE);
      changed.words.write32(4 * index, next);
      fs.cache.writeDelayed(changed);
    }
    if (isLast)
      return isNew
        ? yield* clearBuffer(inode, next, BLOCK_SIZE)
        : yield* fs.cache.bread(next, BLOCK_SIZE);
    address = next;
  }
  throw new UnixError("EFBIG");
}

/** A block of addresses, on the disk before anybody names it. */
function* newIndirect(inode: Inode, superuser: boolean): Blocking<number> {
  const address = yield* allocateFor(inode, 0, BLOCK_SIZE, superuser);
  yield* inode.fs.cache.write(yield* clearBuffer(inode, address, BLOCK_SIZE));
  return address;
}

/**
 * Makes a file shorter. The inode is on the disk without what goes before that is free for others.
 */
export function* truncate(inode: Inode, size: number): Blocking<void> {
  const { fs } = inode;
  const old = { size: inode.size, direct: [...inode.direct], indirect: [...inode.indirect] };
  const kept = Math.ceil(size / BLOCK_SIZE);
  const rest = size % BLOCK_SIZE;
  if (rest !== 0) yield* clearTail(inode, kept - 1, rest);
  for (let block = kept; block < DIRECT; block++) inode.direct[block] = 0;
  for (const { level, first } of INDIRECT_LEVELS) if (kept <= first) inode.indirect[level] = 0;
  inode.size = size;
  inode.changed = true;
  yield* updateInode(inode, "now");

  for (const { level, first } of INDIRECT_LEVELS) {
    const address = old.indirect[level]!;
    if (address !== 0) yield* releaseIndirect(inode, address, level, Math.max(0, kept - first));
  }
  for (let block = DIRECT - 1; block >= 0; block--) {
    const address = old.direct[block]!;
    if (address === 0) continue;
    const had = blockSize(block, old.size) / FRAGMENT_SIZE;
    const has = block < kept ? blockSize(block, size) / FRAGMENT_SIZE : 0;
    if (had === has) continue;
    if (has > 0) {
      const buffer = yield* fs.cache.bread(address, has * FRAGMENT_SIZE);
      buffer.size = has * FRAGMENT_SIZE;
      fs.cache.release(buffer);
    }
    yield* free(fs, address + has, had - has);
    inode.sectors -= (had - has) * SECTORS_PER_FRAGMENT;
  }
  inode.changed = true;
}

/** What lies in a block behind the new end of a file is zero if the file grows again. */
function* clearTail(inode: Inode, block: number, from: number): Blocking<void> {
  const address = yield* blockAddress(inode, block);
  if (address === 0) return;
  const buffer = yield* inode.fs.cache.bread(address, blockSize(block, inode.size));
  buffer.storage.fill(0, from, buffer.size);
  inode.fs.cache.writeDelayed(buffer);
}

/** Gives back what an indirect block names from `kept` blocks on, and itself when nothing is kept. */
function* releaseIndirect(
  inode: Inode,
  address: number,
  level: number,
  kept: number,
): Blocking<void> {
  const { fs } = inode;
  const each = ADDRESSES_PER_BLOCK ** level;
  const firstGone = Math.ceil(kept / each);
  const buffer = yield* fs.cache.bread(address, BLOCK_SIZE);
  const addresses = Array.from({ length: ADDRESSES_PER_BLOCK }, (_, i) =>
    buffer.words.read32(4 * i),
  );
  if (kept === 0) fs.cache.release(buffer);
  else {
    buffer.storage.fill(0, 4 * firstGone, BLOCK_SIZE);
    yield* fs.cache.write(buffer);
  }
  for (const [index, child] of addresses.entries()) {
    if (child === 0) continue;
    const keptHere = Math.min(Math.max(0, kept - index * each), each);
    if (level > 0) {
      if (keptHere < each) yield* releaseIndirect(inode, child, level - 1, keptHere);
    } else if (keptHere === 0) yield* releaseBlock(inode, child);
  }
  if (kept === 0) yield* releaseBlock(inode, address);
}

function* releaseBlock(inode: Inode, address: number): Blocking<void> {
  yield* free(inode.fs, address, FRAGMENTS_PER_BLOCK);
  inode.sectors -= FRAGMENTS_PER_BLOCK * SECTORS_PER_FRAGMENT;
}
