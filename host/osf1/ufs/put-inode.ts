/** The end of a reference to an inode: a file without names goes when the last one does. */
import { freeInode } from "./allocate.ts";
import { truncate } from "./bmap.ts";
import type { Blocking } from "./device.ts";
import { type Inode, lockInode, unlockInode, updateInode } from "./inode.ts";
import { MODE } from "./layout.ts";

/** Gives up a reference; a file without names is gone with the last one. */
export function* putInode(inode: Inode): Blocking<void> {
  if (inode.references > 1) {
    inode.references--;
    return;
  }
  yield* lockInode(inode);
  try {
    if (inode.references === 1 && inode.nlink === 0 && inode.mode !== 0) {
      const wasDirectory = inode.isDirectory;
      const keepsBlocks = [MODE.IFREG, MODE.IFDIR, MODE.IFLNK].includes(inode.type as never);
      if (keepsBlocks) yield* truncate(inode, 0);
      inode.mode = 0;
      inode.generation++;
      inode.changed = true;
      yield* updateInode(inode, "now");
      yield* freeInode(inode.fs, inode.number, wasDirectory);
    }
    yield* updateInode(inode, "delayed");
  } finally {
    inode.references--;
    if (inode.references === 0 && inode.fs.inodes.get(inode.number) === inode)
      inode.fs.inodes.delete(inode.number);
    unlockInode(inode);
  }
}
