/** Phase 1 of fsck: blocks and sizes. */
import { ArrayBytes } from "../../../abi/struct.ts";
import { clearBit, isSet, setBit } from "../bitmap.ts";
import { blockSize } from "../bmap.ts";
import type { Blocking } from "../device.ts";
import { INDIRECT_LEVELS, MODE, UFS } from "../layout.ts";
import type { DiskInode } from "./scan.ts";
import { type Check, clear, correct, hasBlocks, isDirectory, KINDS } from "./state.ts";

const {
  ADDRESSES_PER_BLOCK,
  BLOCK_SIZE,
  DIRECT,
  DIRECTORY_CHUNK,
  FRAGMENT_SIZE,
  FRAGMENTS_PER_BLOCK,
} = UFS;

export function* checkBlocks(check: Check): Blocking<void> {
  for (const inode of [...check.inodes.values()]) {
    if (!KINDS.includes(inode.mode & MODE.IFMT) || inode.size > UFS.SIZE_MAX) {
      yield* clear(check, inode.number, "no good inode");
      continue;
    }
    if (!hasBlocks(inode)) continue;
    const claimed = yield* claim(check, inode);
    if (claimed === undefined) {
      yield* clear(check, inode.number, "bad or doubly used blocks");
      continue;
    }
    if (isDirectory(inode) && inode.size % DIRECTORY_CHUNK !== 0)
      yield* correct(check, inode, "size of a directory", () => {
        inode.size -= inode.size % DIRECTORY_CHUNK;
      });
    if (inode.sectors !== claimed)
      yield* correct(check, inode, `${inode.sectors} sectors, not ${claimed}`, () => {
        inode.sectors = claimed;
      });
  }
}

/** What an inode holds, blocks of addresses included, as runs of fragments; undefined: an address is bad. */
function* runsOf(check: Check, inode: DiskInode): Blocking<[number, number][] | undefined> {
  const runs: [number, number][] = [];
  const blocks = Math.ceil(inode.size / BLOCK_SIZE);
  for (let block = 0; block < Math.min(blocks, DIRECT); block++) {
    const address = inode.direct[block]!;
    if (address !== 0) runs.push([address, blockSize(block, inode.size) / FRAGMENT_SIZE]);
  }
  for (const { level, first, blocks: most } of INDIRECT_LEVELS) {
    const address = inode.indirect[level]!;
    if (address === 0 || blocks <= first) continue;
    if (!(yield* collect(check, address, level, Math.min(blocks - first, most), runs)))
      return undefined;
  }
  return runs;
}

/** Marks an inode's fragments as used; undefined, and none marked, when one is bad or taken. */
function* claim(check: Check, inode: DiskInode): Blocking<number | undefined> {
  const runs = yield* runsOf(check, inode);
  if (runs === undefined) return undefined;
  const taken: number[] = [];
  let fragments = 0;
  for (const [address, count] of runs) {
    for (let at = address; at < address + count; at++) {
      if (!check.disk.isData(address, count) || isSet(check.used, at)) {
        for (const back of taken) clearBit(check.used, back);
        return undefined;
      }
      setBit(check.used, at);
      taken.push(at);
    }
    fragments += count;
  }
  // Addresses behind the end were never synced; they must not stay for a file that grows.
  yield* dropBehindEnd(check, inode, Math.ceil(inode.size / BLOCK_SIZE));
  return fragments * UFS.SECTORS_PER_FRAGMENT;
}

function* dropBehindEnd(check: Check, inode: DiskInode, blocks: number): Blocking<void> {
  const drop = (list: number[], from: number): boolean => {
    const stray = list.some((address, i) => i >= from && address !== 0);
    if (stray) list.fill(0, from);
    return stray;
  };
  const levels = INDIRECT_LEVELS.filter(({ first }) => blocks > first).length;
  const direct = drop(inode.direct, blocks);
  const indirect = drop(inode.indirect, levels);
  if (direct || indirect) yield* correct(check, inode, "addresses behind the end", () => {});
}

/** The runs of an indirect block with `blocks` blocks below it. */
function* collect(
  check: Check,
  address: number,
  level: number,
  blocks: number,
  runs: [number, number][],
): Blocking<boolean> {
  if (!check.disk.isData(address, FRAGMENTS_PER_BLOCK)) return false;
  runs.push([address, FRAGMENTS_PER_BLOCK]);
  const bytes = yield* check.disk.read(address, BLOCK_SIZE);
  const words = new ArrayBytes(bytes);
  const each = ADDRESSES_PER_BLOCK ** level;
  for (let i = 0; i * each < blocks; i++) {
    const child = words.read32(4 * i);
    if (child === 0) continue;
    if (level === 0) runs.push([child, FRAGMENTS_PER_BLOCK]);
    else if (!(yield* collect(check, child, level - 1, Math.min(each, blocks - i * each), runs)))
      return false;
  }
  return true;
}

/** An inode goes: its fragments are free. */
export function* release(check: Check, inode: DiskInode): Blocking<void> {
  if (!hasBlocks(inode)) return;
  for (const [address, count] of (yield* runsOf(check, inode)) ?? [])
    for (let at = address; at < address + count; at++) clearBit(check.used, at);
}
