/**
 * Inodes in memory: counted references, a lock for whoever changes or reads a file's contents, and
 * the way between memory and the disk. How a reference is given up stands in put-inode.ts.
 */
import { panic } from "../../diagnostic.ts";
import { type Blocking, charge, type TimeOfDay } from "./device.ts";
import type { FileSystem } from "./file-system.ts";
import { dinode, inodeLocation, MODE, UFS } from "./layout.ts";

export class Inode {
  readonly fs: FileSystem;
  readonly number: number;
  mode = 0;
  nlink = 0;
  uid = 0;
  gid = 0;
  /** Bytes. */
  size = 0;
  atime: TimeOfDay = NEVER;
  mtime: TimeOfDay = NEVER;
  ctime: TimeOfDay = NEVER;
  /** Fragment addresses; 0 is a hole. Of a device, `direct[0]` is its number. */
  direct: number[] = Array.from({ length: UFS.DIRECT }, () => 0);
  indirect: number[] = Array.from({ length: UFS.INDIRECT }, () => 0);
  /** Sectors held. */
  sectors = 0;
  generation = 0;
  references = 0;
  /** The block that was read last: who reads the next one will want the one behind it (i_lastr). */
  lastRead = 0;
  locked = false;
  wanted = false;
  /** Read from the disk: before, nobody may look at it. */
  valid = false;
  /** Differs from what the disk (or its buffer) has. */
  changed = false;

  constructor(fs: FileSystem, number: number) {
    this.fs = fs;
    this.number = number;
  }

  get type(): number {
    return this.mode & MODE.IFMT;
  }
  get isDirectory(): boolean {
    return this.type === MODE.IFDIR;
  }

  /** Notes that the inode, its contents, or both were used just now. */
  touch(...which: ("atime" | "mtime" | "ctime")[]): void {
    const now = this.fs.environment.now();
    for (const each of which) this[each] = now;
    this.changed = true;
  }
}

const NEVER: TimeOfDay = { seconds: 0, nanoseconds: 0 };

export function* lockInode(inode: Inode): Blocking<void> {
  while (inode.locked) {
    inode.wanted = true;
    yield* inode.fs.environment.sleep(inode);
  }
  inode.locked = true;
}

export function unlockInode(inode: Inode): void {
  if (!inode.locked) panic(`unlockInode: inode ${inode.number} is not locked`);
  inode.locked = false;
  if (inode.wanted) inode.fs.environment.wakeup(inode);
  inode.wanted = false;
}

/** Does something with an inode locked. */
export function* locking<T>(inode: Inode, action: () => Blocking<T>): Blocking<T> {
  yield* lockInode(inode);
  try {
    return yield* action();
  } finally {
    unlockInode(inode);
  }
}

/**
 * One more reference to an inode, which is read when nobody had one. Its lock is not asked for: a file
 * without names that is just going has mode 0.
 */
export function* getInode(fs: FileSystem, number: number): Blocking<Inode> {
  for (;;) {
    const known = fs.inodes.get(number);
    if (known === undefined) break;
    if (known.valid) {
      known.references++;
      return known;
    }
    yield* fs.environment.sleep(known);
  }
  const inode = new Inode(fs, number);
  inode.references = 1;
  fs.inodes.set(number, inode);
  try {
    yield* readInode(inode);
    inode.valid = true;
  } catch (error) {
    fs.inodes.delete(number);
    throw error;
  } finally {
    fs.environment.wakeup(inode);
  }
  return inode;
}

function* readInode(inode: Inode): Blocking<void> {
  const { fs, number } = inode;
  yield* charge(fs.environment, "inode-read");
  const { fragment, offset } = inodeLocation(fs.geometry, number);
  const buffer = yield* fs.cache.bread(fragment, UFS.BLOCK_SIZE);
  const view = dinode.at(buffer.words, offset);
  inode.mode = view.di_mode;
  inode.nlink = view.di_nlink;
  inode.uid = view.di_uid;
  inode.gid = view.di_gid;
  inode.size = view.di_size;
  inode.atime = { seconds: view.di_atime, nanoseconds: view.di_atime_nsec };
  inode.mtime = { seconds: view.di_mtime, nanoseconds: view.di_mtime_nsec };
  inode.ctime = { seconds: view.di_ctime, nanoseconds: view.di_ctime_nsec };
  inode.sectors = view.di_blocks;
  inode.generation = view.di_gen;
  inode.direct = inode.direct.map((_, i) => buffer.words.read32(view.addressOf("di_db") + 4 * i));
  inode.indirect = inode.indirect.map((_, i) =>
    buffer.words.read32(view.addressOf("di_ib") + 4 * i),
  );
  fs.cache.release(buffer);
}

/** Writes a changed inode to its block: to the disk `now`, or into the buffer only. */
export function* updateInode(inode: Inode, when: "now" | "delayed"): Blocking<void> {
  const { fs, number } = inode;
  const { fragment, offset } = inodeLocation(fs.geometry, number);
  if (!inode.changed) {
    if (when === "now") yield* fs.cache.flushBlock(fragment);
    return;
  }
  yield* charge(fs.environment, "inode-update");
  const buffer = yield* fs.cache.bread(fragment, UFS.BLOCK_SIZE);
  inode.changed = false;
  const view = dinode.at(buffer.words, offset);
  Object.assign(view, {
    di_mode: inode.mode,
    di_nlink: inode.nlink,
    di_uid: inode.uid,
    di_gid: inode.gid,
    di_size_high: 0,
    di_size: inode.size,
    di_atime: inode.atime.seconds,
    di_atime_nsec: inode.atime.nanoseconds,
    di_mtime: inode.mtime.seconds,
    di_mtime_nsec: inode.mtime.nanoseconds,
    di_ctime: inode.ctime.seconds,
    di_ctime_nsec: inode.ctime.nanoseconds,
    di_blocks: inode.sectors,
    di_gen: inode.generation,
  });
  for (const [i, address] of inode.direct.entries())
    buffer.words.write32(view.addressOf("di_db") + 4 * i, address);
  for (const [i, address] of inode.indirect.entries())
    buffer.words.write32(view.addressOf("di_ib") + 4 * i, address);
  if (when === "now") yield* fs.cache.write(buffer);
  else fs.cache.writeDelayed(buffer);
}
