/** Phase 5 of fsck: bitmaps and counts, made anew from what the phases before it know. */
import { ArrayBytes } from "../../../abi/struct.ts";
import { countFree, setBit } from "../bitmap.ts";
import type { Blocking } from "../device.ts";
import {
  cylinderGroup,
  fragmentsFreeOffset,
  groupFragments,
  groupStart,
  INODES_USED_OFFSET,
  superblock,
  UFS,
} from "../layout.ts";
import { type Check, isDirectory, mend } from "./state.ts";

const { BLOCK_SIZE, FRAGMENT_SIZE, ROOT_INODE } = UFS;

export function* checkBitmaps(check: Check): Blocking<void> {
  const { geometry } = check.disk;
  const { inodesPerGroup, dataOffset } = geometry;
  const total = { cs_ndir: 0, cs_nbfree: 0, cs_nifree: 0, cs_nffree: 0 };
  for (let group = 0; group < geometry.groups; group++) {
    const start = groupStart(geometry, group);
    const size = groupFragments(geometry, group);
    const bytes = yield* check.disk.read(start + UFS.HEADER_OFFSET, BLOCK_SIZE);
    const header = cylinderGroup.at(new ArrayBytes(bytes), 0);
    const wanted = bytes.slice();
    const free = wanted.subarray(fragmentsFreeOffset(inodesPerGroup)).subarray(0, size / 8);
    const inodesUsed = wanted.subarray(INODES_USED_OFFSET, INODES_USED_OFFSET + inodesPerGroup / 8);
    for (let block = 0; block < size / 8; block++) {
      const isData = block * 8 >= dataOffset;
      free[block] = isData ? ~check.used[(start >> 3) + block]! & 0xff : 0;
    }
    inodesUsed.fill(0);
    let directories = 0;
    let inodes = inodesPerGroup;
    for (let i = 0; i < inodesPerGroup; i++) {
      const number = group * inodesPerGroup + i;
      const inode = check.inodes.get(number);
      if (inode === undefined && number >= ROOT_INODE) continue;
      setBit(inodesUsed, i);
      inodes--;
      if (inode && isDirectory(inode)) directories++;
    }
    const { blocks, loose } = countFree(free);
    const counts = {
      cs_ndir: directories,
      cs_nbfree: blocks,
      cs_nifree: inodes,
      cs_nffree: loose,
    };
    const made = cylinderGroup.at(new ArrayBytes(wanted), 0);
    Object.assign(made, { cg_magic: UFS.CG_MAGIC, cg_cgx: group, cg_ndblk: size, ...counts });
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
    if (bytes.every((byte, i) => byte === wanted[i])) continue;
    const lost = header.cg_magic === UFS.CG_MAGIC ? "" : " (its header was lost)";
    mend(check, `group ${group}: bitmaps${lost}: made anew`);
    yield* check.disk.write(start + UFS.HEADER_OFFSET, wanted);
  }
  yield* checkSuperblock(check, total);
}

function* checkSuperblock(check: Check, total: Record<string, number>): Blocking<void> {
  const { geometry } = check.disk;
  const bytes = yield* check.disk.read(UFS.SUPERBLOCK_OFFSET, FRAGMENT_SIZE);
  const view = superblock.at(new ArrayBytes(bytes), 0);
  if (view.fs_magic !== UFS.FS_MAGIC) {
    mend(check, "superblock: lost: taken from a copy");
    const copy = yield* check.disk.read(
      groupStart(geometry, geometry.groups - 1) + UFS.SUPERBLOCK_OFFSET,
      FRAGMENT_SIZE,
    );
    bytes.set(copy);
  }
  const wrong = Object.entries(total).some(([key, value]) => view[key as "cs_ndir"] !== value);
  if (wrong) mend(check, "superblock: counts: corrected");
  if (wrong || view.fs_clean !== 1) {
    Object.assign(view, total, { fs_clean: 1 });
    yield* check.disk.write(UFS.SUPERBLOCK_OFFSET, bytes);
  }
}
