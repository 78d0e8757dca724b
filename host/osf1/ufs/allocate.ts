/**
 * Who gets which fragments and inodes. Policy is the fast file system's: a file's blocks follow each
 * other in the group of its inode, a directory begins in a group with few of them, and a full group
 * sends the search on by quadratic steps, then to all others. A tenth of the space is the
 * superuser's, so that the search stays short.
 */
import { panic } from "../../diagnostic.ts";
import { UnixError } from "../errno.ts";
import {
  clearBit,
  fittingRun,
  FREE_BLOCK,
  freeFragments,
  isSet,
  runMask,
  setBit,
} from "./bitmap.ts";
import type { Buffer } from "./buffer-cache.ts";
import { type Blocking, charge } from "./device.ts";
import type { FileSystem, Summary } from "./file-system.ts";
import {
  cylinderGroup,
  fragmentsFreeOffset,
  groupFragments,
  groupOf,
  groupStart,
  INODES_USED_OFFSET,
  UFS,
} from "./layout.ts";

const { FRAGMENTS_PER_BLOCK } = UFS;

/** A group's header, held. */
interface Group {
  readonly buffer: Buffer;
  readonly index: number;
  /** Free fragments, a byte a block. */
  readonly free: Uint8Array;
  readonly inodesUsed: Uint8Array;
}

function* holdGroup(fs: FileSystem, index: number): Blocking<Group> {
  const { geometry } = fs;
  const buffer = yield* fs.cache.bread(
    groupStart(geometry, index) + UFS.HEADER_OFFSET,
    UFS.BLOCK_SIZE,
  );
  const freeAt = fragmentsFreeOffset(geometry.inodesPerGroup);
  return {
    buffer,
    index,
    free: buffer.storage.subarray(freeAt, freeAt + groupFragments(geometry, index) / 8),
    inodesUsed: buffer.storage.subarray(
      INODES_USED_OFFSET,
      INODES_USED_OFFSET + geometry.inodesPerGroup / 8,
    ),
  };
}

/** Lets a changed group go, with the counts that it now has. */
function releaseGroup(fs: FileSystem, group: Group): void {
  const { directories, blocks, inodes, fragments } = fs.groups[group.index]!;
  Object.assign(cylinderGroup.at(group.buffer.words, 0), {
    cs_ndir: directories,
    cs_nbfree: blocks,
    cs_nifree: inodes,
    cs_nffree: fragments,
  });
  fs.cache.writeDelayed(group.buffer);
}

/** Changes one block of a group's bitmap and counts what that means. */
function setBlock(summary: Summary, free: Uint8Array, block: number, byte: number): void {
  const before = free[block]!;
  summary.blocks += Number(byte === FREE_BLOCK) - Number(before === FREE_BLOCK);
  const loose = (bits: number): number => (bits === FREE_BLOCK ? 0 : freeFragments(bits));
  summary.fragments += loose(byte) - loose(before);
  free[block] = byte;
}

/** Groups in the order in which a search goes: the wanted one, quadratic steps, all. */
function* searchOrder(groups: number, wanted: number): Generator<number> {
  const seen = new Set<number>();
  let at = wanted;
  for (let step = 1; step < groups * 2; step *= 2) {
    if (!seen.has(at)) yield at;
    seen.add(at);
    at = (at + step) % groups;
  }
  for (let i = 0; i < groups; i++) {
    const each = (wanted + i) % groups;
    if (!seen.has(each)) yield each;
  }
}

/**
 * So many fragments in one block, near an address if that is not 0.
 * @throws UnixError ENOSPC
 */
export function* allocate(
  fs: FileSystem,
  wanted: { readonly near: number; readonly group: number },
  count: number,
  superuser: boolean,
): Blocking<number> {
  yield* charge(fs.environment, "block-allocate");
  if (fs.freeSpace(superuser) < count) throw new UnixError("ENOSPC");
  const { geometry } = fs;
  const near = wanted.near < geometry.fragments ? wanted.near : 0;
  const first = near === 0 ? wanted.group : groupOf(geometry, near);
  for (const index of searchOrder(geometry.groups, first)) {
    const summary = fs.groups[index]!;
    if (summary.blocks === 0 && (count === FRAGMENTS_PER_BLOCK || summary.fragments < count))
      continue;
    const group = yield* holdGroup(fs, index);
    const start = near !== 0 && index === first ? near - groupStart(geometry, index) : 0;
    const found = findRun(group, start >> 3, count);
    if (found === undefined) {
      fs.cache.release(group.buffer);
      continue;
    }
    const { block, fragment } = found;
    setBlock(summary, group.free, block, group.free[block]! & ~runMask(fragment, count));
    cylinderGroup.at(group.buffer.words, 0).cg_rotor = block;
    releaseGroup(fs, group);
    return groupStart(geometry, index) + block * FRAGMENTS_PER_BLOCK + fragment;
  }
  throw new UnixError("ENOSPC");
}

/** A run in a group: for a part of a block first in broken blocks, from the rotor or `start`. */
function findRun(
  { buffer, free }: Group,
  start: number,
  count: number,
): { readonly block: number; readonly fragment: number } | undefined {
  const blocks = free.length;
  const from = start === 0 ? cylinderGroup.at(buffer.words, 0).cg_rotor % blocks : start;
  const whole = count === FRAGMENTS_PER_BLOCK;
  for (const broken of whole ? [false] : [true, false])
    for (let i = 0; i < blocks; i++) {
      const block = (from + i) % blocks;
      const byte = free[block]!;
      if (broken === (byte === FREE_BLOCK)) continue;
      if (!broken && byte !== FREE_BLOCK) continue;
      const fragment = fittingRun(byte, count);
      if (fragment >= 0) return { block, fragment };
    }
  return undefined;
}

/** Makes a run of fragments longer where it is; false when the next ones are not free. */
export function* extend(
  fs: FileSystem,
  address: number,
  count: number,
  wanted: number,
  superuser: boolean,
): Blocking<boolean> {
  const { geometry } = fs;
  if (fs.freeSpace(superuser) < wanted - count) throw new UnixError("ENOSPC");
  if ((address % FRAGMENTS_PER_BLOCK) + wanted > FRAGMENTS_PER_BLOCK) return false;
  const index = groupOf(geometry, address);
  const group = yield* holdGroup(fs, index);
  const at = address - groupStart(geometry, index);
  const mask = runMask((at % FRAGMENTS_PER_BLOCK) + count, wanted - count);
  const byte = group.free[at >> 3]!;
  if ((byte & mask) !== mask) {
    fs.cache.release(group.buffer);
    return false;
  }
  setBlock(fs.groups[index]!, group.free, at >> 3, byte & ~mask);
  releaseGroup(fs, group);
  return true;
}

/** Gives fragments back, which nobody's inode on the disk may name any more. */
export function* free(fs: FileSystem, address: number, count: number): Blocking<void> {
  const { geometry } = fs;
  yield* fs.cache.discard(address, count);
  const index = groupOf(geometry, address);
  const group = yield* holdGroup(fs, index);
  const at = address - groupStart(geometry, index);
  const mask = runMask(at % FRAGMENTS_PER_BLOCK, count);
  const byte = group.free[at >> 3]!;
  if ((byte & mask) !== 0) panic(`free: fragments are free already: ${address}`);
  setBlock(fs.groups[index]!, group.free, at >> 3, byte | mask);
  releaseGroup(fs, group);
}

/** The group in which a new directory begins: many free inodes, few directories. */
function groupForDirectory(fs: FileSystem): number {
  const mean = fs.total.inodes / fs.geometry.groups;
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [index, { inodes, directories }] of fs.groups.entries())
    if (inodes >= mean && directories < fewest) {
      best = index;
      fewest = directories;
    }
  return best;
}

/**
 * A free inode, in the group of its directory or, for a directory, in one of its own.
 * @throws UnixError ENOSPC
 */
export function* allocateInode(
  fs: FileSystem,
  parent: number,
  isDirectory: boolean,
): Blocking<number> {
  yield* charge(fs.environment, "inode-allocate");
  const { inodesPerGroup, groups } = fs.geometry;
  const wanted = isDirectory ? groupForDirectory(fs) : Math.floor(parent / inodesPerGroup);
  for (const index of searchOrder(groups, wanted)) {
    const summary = fs.groups[index]!;
    if (summary.inodes === 0) continue;
    const group = yield* holdGroup(fs, index);
    const header = cylinderGroup.at(group.buffer.words, 0);
    for (let i = 0; i < inodesPerGroup; i++) {
      const bit = (header.cg_irotor + i) % inodesPerGroup;
      if (isSet(group.inodesUsed, bit)) continue;
      setBit(group.inodesUsed, bit);
      header.cg_irotor = bit;
      summary.inodes--;
      if (isDirectory) summary.directories++;
      releaseGroup(fs, group);
      return index * inodesPerGroup + bit;
    }
    fs.cache.release(group.buffer);
  }
  throw new UnixError("ENOSPC");
}

/** Gives an inode back, which must be clear on the disk. */
export function* freeInode(fs: FileSystem, number: number, wasDirectory: boolean): Blocking<void> {
  const { inodesPerGroup } = fs.geometry;
  const index = Math.floor(number / inodesPerGroup);
  const group = yield* holdGroup(fs, index);
  if (!isSet(group.inodesUsed, number % inodesPerGroup))
    panic(`freeInode: the inode is free already: ${number}`);
  clearBit(group.inodesUsed, number % inodesPerGroup);
  const summary = fs.groups[index]!;
  summary.inodes++;
  if (wasDirectory) summary.directories--;
  releaseGroup(fs, group);
}
