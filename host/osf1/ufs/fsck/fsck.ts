/**
 * Puts a file system right after a crash, in the five phases of the Berkeley program: blocks and
 * sizes, path names, connectivity, reference counts, bitmaps. What it finds it mends and says so; what
 * was synced it leaves as it is. A second run finds nothing.
 */
import type { Blocking, Environment } from "../device.ts";
import { UFS } from "../layout.ts";
import { checkBitmaps } from "./bitmaps.ts";
import { checkBlocks, release } from "./blocks.ts";
import { connectDirectories, reconnect, walk } from "./names.ts";
import { Disk } from "./scan.ts";
import { type Check, clear, correct, isDirectory, mend } from "./state.ts";

export interface FsckReport {
  /** One line for each thing that was mended. */
  readonly mended: readonly string[];
  readonly files: number;
  readonly directories: number;
}

/** Checks and mends. Undefined when there is no file system, or one without a root. */
export function* fsck(environment: Environment): Blocking<FsckReport | undefined> {
  const disk = yield* Disk.open(environment);
  if (disk === undefined) return undefined;
  const check: Check = {
    disk,
    inodes: yield* disk.inodes(),
    mended: [],
    used: new Uint8Array(disk.geometry.fragments / 8),
    names: new Map(),
    parents: new Map(),
  };
  yield* checkBlocks(check);
  const root = check.inodes.get(UFS.ROOT_INODE);
  if (root === undefined || !isDirectory(root)) return undefined;
  yield* walk(check, UFS.ROOT_INODE, UFS.ROOT_INODE);
  yield* connectDirectories(check);
  yield* checkCounts(check);
  yield* checkBitmaps(check);
  const directories = [...check.inodes.values()].filter(isDirectory).length;
  return { mended: check.mended, directories, files: check.inodes.size - directories };
}

/** Phase 4: reference counts. */
function* checkCounts(check: Check): Blocking<void> {
  for (const inode of [...check.inodes.values()]) {
    const reached = isDirectory(inode)
      ? check.parents.has(inode.number)
      : check.names.has(inode.number);
    if (!reached) {
      const worth = !isDirectory(inode) && inode.nlink > 0 && inode.size > 0;
      if (worth && (yield* reconnect(check, inode.number)))
        mend(check, `inode ${inode.number}: without a name: put into lost+found`);
      else {
        yield* release(check, inode);
        yield* clear(check, inode.number, "without a name");
        continue;
      }
    }
    const names = check.names.get(inode.number) ?? 0;
    if (inode.nlink !== names)
      yield* correct(check, inode, `${inode.nlink} names, not ${names}`, () => {
        inode.nlink = names;
      });
  }
}
