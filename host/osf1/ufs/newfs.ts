/**
 * Makes an empty file system: superblocks, group headers, cleared inodes, the root directory and
 * `lost+found`, which has its space from the start so that fsck need not allocate any.
 */
import { ArrayBytes } from "../../abi/struct.ts";
import { countFree, FREE_BLOCK, setBit } from "./bitmap.ts";
import type { Blocking, Environment } from "./device.ts";
import { formatChunk, putEntry } from "./entries.ts";
import {
  cylinderGroup,
  dinode,
  fragmentsFreeOffset,
  type Geometry,
  groupFragments,
  groupStart,
  INODES_USED_OFFSET,
  MODE,
  superblock,
  UFS,
} from "./layout.ts";

export interface NewfsOptions {
  /** Fragments a group; a multiple of eight. */
  readonly fragmentsPerGroup?: number;
  /** A multiple of 64. */
  readonly inodesPerGroup?: number;
  /** Percent of the space that only the superuser may use. */
  readonly minfree?: number;
  /** Nobody has written to the disk yet: it is zeros, and those of free inodes are not written. */
  readonly isBlank?: boolean;
}

const { BLOCK_SIZE, FRAGMENT_SIZE, FRAGMENTS_PER_BLOCK, ROOT_INODE, LOST_AND_FOUND_INODE } = UFS;

/** The shape of a file system on a disk of so many sectors. @throws RangeError when it is too small. */
export function shapeFor(sectors: number, options: NewfsOptions = {}): Geometry {
  const { fragmentsPerGroup = 16384, inodesPerGroup = 2048 } = options;
  const dataOffset = UFS.INODES_OFFSET + (inodesPerGroup * dinode.size) / FRAGMENT_SIZE;
  let fragments = Math.floor(sectors / UFS.SECTORS_PER_FRAGMENT / 8) * 8;
  const smallest = dataOffset + 4 * FRAGMENTS_PER_BLOCK;
  const last = fragments % fragmentsPerGroup;
  if (last !== 0 && last < smallest) fragments -= last;
  if (fragments < smallest)
    throw new RangeError(`newfs: ${sectors} sectors are too few: ${smallest * 2} are needed`);
  if (fragmentsFreeOffset(inodesPerGroup) + fragmentsPerGroup / 8 > BLOCK_SIZE)
    throw new RangeError(`newfs: the bitmaps of a group do not fit in a block`);
  const groups = Math.ceil(fragments / fragmentsPerGroup);
  return { fragments, groups, fragmentsPerGroup, inodesPerGroup, dataOffset };
}

export function* newfs(environment: Environment, options: NewfsOptions = {}): Blocking<void> {
  const { device } = environment;
  const geometry = shapeFor(device.sectors, options);
  const { dataOffset, fragmentsPerGroup, inodesPerGroup } = geometry;
  const write = (fragment: number, bytes: Uint8Array): Blocking<void> =>
    device.write(fragment * UFS.SECTORS_PER_FRAGMENT, bytes);
  const { seconds } = environment.now();
  const totals = { blocks: 0, loose: 0, inodes: 0 };
  const noInodes = new Uint8Array(BLOCK_SIZE);
  for (let group = 0; group < geometry.groups; group++) {
    const start = groupStart(geometry, group);
    const size = groupFragments(geometry, group);
    const bytes = new Uint8Array(BLOCK_SIZE);
    const header = cylinderGroup.at(new ArrayBytes(bytes), 0);
    const inodesUsed = bytes.subarray(INODES_USED_OFFSET);
    const free = bytes.subarray(fragmentsFreeOffset(inodesPerGroup)).subarray(0, size / 8);
    // Root has the first fragment of data, lost+found the next block.
    free.fill(FREE_BLOCK, dataOffset / FRAGMENTS_PER_BLOCK);
    let inodes = inodesPerGroup;
    if (group === 0) {
      free[dataOffset >> 3]! &= 0xfe;
      free[(dataOffset >> 3) + 1] = 0;
      for (let inode = 0; inode <= LOST_AND_FOUND_INODE; inode++) setBit(inodesUsed, inode);
      inodes -= LOST_AND_FOUND_INODE + 1;
    }
    const { blocks, loose } = countFree(free);
    Object.assign(header, {
      cg_magic: UFS.CG_MAGIC,
      cg_cgx: group,
      cg_ndblk: size,
      cs_ndir: group === 0 ? 2 : 0,
      cs_nbfree: blocks,
      cs_nifree: inodes,
      cs_nffree: loose,
    });
    totals.blocks += blocks;
    totals.loose += loose;
    totals.inodes += inodes;
    yield* write(start + UFS.HEADER_OFFSET, bytes);
    if (options.isBlank) continue;
    for (let at = UFS.INODES_OFFSET; at < dataOffset; at += FRAGMENTS_PER_BLOCK)
      yield* write(start + at, noInodes);
  }
  yield* writeDirectories(environment, geometry, write);
  const block = new Uint8Array(FRAGMENT_SIZE);
  Object.assign(superblock.at(new ArrayBytes(block), 0), {
    fs_magic: UFS.FS_MAGIC,
    fs_size: geometry.fragments,
    fs_dsize: geometry.fragments - geometry.groups * dataOffset,
    fs_ncg: geometry.groups,
    fs_fpg: fragmentsPerGroup,
    fs_ipg: inodesPerGroup,
    fs_dblkno: dataOffset,
    fs_minfree: options.minfree ?? 10,
    fs_time: seconds,
    fs_clean: 1,
    cs_ndir: 2,
    cs_nbfree: totals.blocks,
    cs_nifree: totals.inodes,
    cs_nffree: totals.loose,
  });
  for (let group = 0; group < geometry.groups; group++)
    yield* write(groupStart(geometry, group) + UFS.SUPERBLOCK_OFFSET, block);
}

function* writeDirectories(
  environment: Environment,
  { dataOffset }: Geometry,
  write: (fragment: number, bytes: Uint8Array) => Blocking<void>,
): Blocking<void> {
  const now = environment.now();
  const inodes = new Uint8Array(BLOCK_SIZE);
  const words = new ArrayBytes(inodes);
  const make = (
    inode: number,
    nlink: number,
    size: number,
    fragment: number,
    mode: number,
  ): void => {
    const view = dinode.at(words, inode * dinode.size);
    Object.assign(view, {
      di_mode: MODE.IFDIR | mode,
      di_nlink: nlink,
      di_size: size,
      di_atime: now.seconds,
      di_mtime: now.seconds,
      di_ctime: now.seconds,
      di_blocks: (Math.ceil(size / FRAGMENT_SIZE) * FRAGMENT_SIZE) / UFS.SECTOR_SIZE,
      di_gen: 1,
    });
    words.write32(view.addressOf("di_db"), fragment);
  };
  make(ROOT_INODE, 3, UFS.DIRECTORY_CHUNK, dataOffset, 0o755);
  make(LOST_AND_FOUND_INODE, 2, BLOCK_SIZE, dataOffset + FRAGMENTS_PER_BLOCK, 0o700);
  const root = new Uint8Array(FRAGMENT_SIZE);
  formatChunk(root, 0, ROOT_INODE, ROOT_INODE);
  putEntry(root.subarray(0, UFS.DIRECTORY_CHUNK), "lost+found", LOST_AND_FOUND_INODE);
  const lost = new Uint8Array(BLOCK_SIZE);
  formatChunk(lost, 0, LOST_AND_FOUND_INODE, ROOT_INODE);
  for (let at = UFS.DIRECTORY_CHUNK; at < BLOCK_SIZE; at += UFS.DIRECTORY_CHUNK)
    formatChunk(lost, at);
  yield* write(dataOffset, root);
  yield* write(dataOffset + FRAGMENTS_PER_BLOCK, lost);
  yield* write(UFS.INODES_OFFSET, inodes);
}
