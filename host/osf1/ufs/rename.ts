/**
 * rename(2): the one operation on two directories. The file has both names for a moment, and its
 * count says so on the disk, so that whatever a crash leaves is a file with one name or two.
 */
import { UnixError } from "../errno.ts";
import type { Blocking } from "./device.ts";
import { enter, isEmpty, redirect, remove, search } from "./directory.ts";
import { getInode, type Inode, locking, lockInode, unlockInode } from "./inode.ts";
import { UFS } from "./layout.ts";
import { addLink, checkDirectory, checkName, dropLink, keepingTree } from "./operations.ts";
import { checkAccess, checkSticky, type Credentials, EXECUTE, WRITE } from "./permission.ts";
import { putInode } from "./put-inode.ts";

/** A name in a directory. */
export interface Place {
  readonly directory: Inode;
  readonly name: string;
}

/**
 * Gives a file or directory another name, in place of what has that name.
 * @throws UnixError EXDEV, EINVAL (into itself, `.`, `..`), ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EACCES, EPERM
 */
export function* rename(from: Place, to: Place, who: Credentials): Blocking<void> {
  for (const { name } of [from, to]) {
    checkName(name);
    if (name === "." || name === "..") throw new UnixError("EINVAL");
  }
  if (from.directory.fs !== to.directory.fs) throw new UnixError("EXDEV");
  const released: Inode[] = [];
  try {
    yield* keepingTree(from.directory, () => move(from, to, who, released));
  } finally {
    for (const inode of released) yield* putInode(inode);
  }
}

/** The directories from one up to the root, by number, itself included. */
function* ancestors(directory: Inode): Blocking<number[]> {
  const numbers: number[] = [];
  const { fs } = directory;
  for (let number = directory.number; ;) {
    numbers.push(number);
    if (number === UFS.ROOT_INODE) return numbers;
    const inode = yield* getInode(fs, number);
    try {
      number = yield* locking(inode, () => search(inode, ".."));
    } finally {
      yield* putInode(inode);
    }
    if (number === 0) throw new UnixError("ENOENT");
  }
}

/** Locks two directories: the one above first, else the lower number. */
function* lockBoth(a: Inode, b: Inode, overB: readonly number[]): Blocking<() => void> {
  if (a === b) {
    yield* lockInode(a);
    return () => unlockInode(a);
  }
  const overA = yield* ancestors(a);
  const aFirst = overB.includes(a.number) || (!overA.includes(b.number) && a.number < b.number);
  const [first, second] = aFirst ? [a, b] : [b, a];
  yield* lockInode(first);
  yield* lockInode(second);
  return () => {
    unlockInode(second);
    unlockInode(first);
  };
}

function* move(from: Place, to: Place, who: Credentials, released: Inode[]): Blocking<void> {
  const { fs } = from.directory;
  const overTarget = yield* ancestors(to.directory);
  const unlock = yield* lockBoth(from.directory, to.directory, overTarget);
  try {
    checkDirectory(from.directory, who, WRITE | EXECUTE);
    checkDirectory(to.directory, who, WRITE | EXECUTE);
    const number = yield* search(from.directory, from.name);
    if (number === 0) throw new UnixError("ENOENT");
    if (overTarget.includes(number)) throw new UnixError("EINVAL");
    const source = yield* getInode(fs, number);
    released.push(source);
    checkSticky(from.directory, source, who);
    const moved = source.isDirectory && from.directory !== to.directory;
    if (moved) checkAccess(source, WRITE, who);
    const existing = yield* search(to.directory, to.name);
    if (existing === number) return;
    const target = existing === 0 ? undefined : yield* getInode(fs, existing);
    if (target) {
      released.push(target);
      yield* checkTarget(source, target, from.directory, to.directory, who);
    }
    yield* locking(source, () => addLink(source));
    try {
      if (moved && !target) yield* addLink(to.directory);
      if (target) yield* redirect(to.directory, to.name, number);
      else yield* enter(to.directory, to.name, number);
    } catch (error) {
      if (moved && !target) yield* dropLink(to.directory);
      yield* locking(source, () => dropLink(source));
      throw error;
    }
    if (target)
      yield* locking(target, function* () {
        // A directory that goes had a name and its own `.`; its `..` is the moved one's now.
        if (target.isDirectory) target.nlink = 1;
        yield* dropLink(target);
      });
    if (target && source.isDirectory && !moved) yield* dropLink(to.directory);
    if (moved) {
      yield* locking(source, () => redirect(source, "..", to.directory.number));
      yield* dropLink(from.directory);
    }
    yield* remove(from.directory, from.name);
    yield* locking(source, () => dropLink(source));
  } finally {
    unlock();
  }
}

/** Whether what has the new name may go for the source. */
function* checkTarget(
  source: Inode,
  target: Inode,
  from: Inode,
  to: Inode,
  who: Credentials,
): Blocking<void> {
  checkSticky(to, target, who);
  if (source.isDirectory && !target.isDirectory) throw new UnixError("ENOTDIR");
  if (!source.isDirectory && target.isDirectory) throw new UnixError("EISDIR");
  if (!target.isDirectory) return;
  if (target === from || target === to) throw new UnixError("ENOTEMPTY");
  const empty = yield* locking(target, () => isEmpty(target));
  if (!empty) throw new UnixError("ENOTEMPTY");
}
