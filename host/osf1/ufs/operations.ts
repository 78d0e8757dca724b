/**
 * Names and attributes: what Unix calls do to a directory or an inode. Paths, links on the way and
 * descriptors are the caller's business. References come and go by getInode and putInode; locks are
 * taken from a directory down to what it names, and `renameLock` keeps the tree still while a
 * directory moves.
 */
import { UnixError } from "../errno.ts";
import { allocateInode } from "./allocate.ts";
import type { Blocking, TimeOfDay } from "./device.ts";
import { enter, isEmpty, remove, search } from "./directory.ts";
import { formatChunk } from "./entries.ts";
import { readBytes, setLength, writeFile } from "./file.ts";
import { getInode, type Inode, locking, lockInode, unlockInode, updateInode } from "./inode.ts";
import { MODE, UFS } from "./layout.ts";
import {
  checkAccess,
  checkOwner,
  checkSticky,
  type Credentials,
  EXECUTE,
  inGroup,
  isSuperuser,
  WRITE,
} from "./permission.ts";
import { putInode } from "./put-inode.ts";

export function checkName(name: string): void {
  if (name.length > UFS.NAME_MAX) throw new UnixError("ENAMETOOLONG");
}

/** A directory that may be searched and still has its names. @throws UnixError ENOTDIR, ENOENT, EACCES */
export function checkDirectory(directory: Inode, who: Credentials, wanted = EXECUTE): void {
  if (!directory.isDirectory) throw new UnixError("ENOTDIR");
  if (directory.nlink === 0) throw new UnixError("ENOENT");
  checkAccess(directory, wanted, who);
}

/**
 * What a name in a directory leads to, with a reference for the caller.
 * @throws UnixError ENOTDIR, EACCES, ENOENT, ENAMETOOLONG
 */
export function* lookup(directory: Inode, name: string, who: Credentials): Blocking<Inode> {
  checkName(name);
  yield* lockInode(directory);
  let number: number;
  try {
    if (!directory.isDirectory) throw new UnixError("ENOTDIR");
    checkAccess(directory, EXECUTE, who);
    number = yield* search(directory, name);
    if (number === 0) throw new UnixError("ENOENT");
    if (number === directory.number) {
      directory.references++;
      return directory;
    }
    // The parent comes before its child in the order of locks: not while the child is locked.
    if (name !== "..") return yield* getInode(directory.fs, number);
  } finally {
    unlockInode(directory);
  }
  const parent = yield* getInode(directory.fs, number);
  if (parent.mode !== 0) return parent;
  yield* putInode(parent);
  throw new UnixError("ENOENT");
}

export interface Creation {
  /** Type and permissions, the umask taken off. */
  readonly mode: number;
  /** Of a device. */
  readonly device?: number;
}

/** A new inode, on the disk, with one name to come. The caller enters it, or lets it go. */
function* makeInode(
  directory: Inode,
  who: Credentials,
  { mode, device }: Creation,
): Blocking<Inode> {
  const { fs } = directory;
  const isDirectory = (mode & MODE.IFMT) === MODE.IFDIR;
  const number = yield* allocateInode(fs, directory.number, isDirectory);
  const inode = yield* getInode(fs, number);
  const setgid = inGroup(who, directory.gid) || isSuperuser(who) ? 0 : MODE.ISGID;
  Object.assign(inode, {
    mode: mode & ~setgid,
    nlink: 1,
    uid: who.uid,
    gid: directory.gid,
    size: 0,
    direct: inode.direct.map((_, i) => (i === 0 ? (device ?? 0) : 0)),
    indirect: inode.indirect.map(() => 0),
    sectors: 0,
  });
  inode.generation++;
  inode.touch("atime", "mtime", "ctime");
  yield* updateInode(inode, "now");
  return inode;
}

/** Takes back an inode that could not be entered. */
function* unmake(inode: Inode): Blocking<void> {
  inode.nlink = 0;
  inode.changed = true;
  yield* putInode(inode);
}

/**
 * Creates a file, a device, a pipe or a socket under a name that is not there yet.
 * @throws UnixError EEXIST, EACCES, ENOSPC, …
 */
export function* create(
  directory: Inode,
  name: string,
  creation: Creation,
  who: Credentials,
): Blocking<Inode> {
  checkName(name);
  return yield* locking(directory, function* () {
    checkDirectory(directory, who, WRITE | EXECUTE);
    if ((yield* search(directory, name)) !== 0) throw new UnixError("EEXIST");
    const inode = yield* makeInode(directory, who, creation);
    try {
      yield* enter(directory, name, inode.number);
    } catch (error) {
      yield* unmake(inode);
      throw error;
    }
    return inode;
  });
}

/** Creates a directory. @throws UnixError EEXIST, EACCES, ENOSPC, EMLINK */
export function* mkdir(
  directory: Inode,
  name: string,
  permissions: number,
  who: Credentials,
): Blocking<void> {
  checkName(name);
  const made = yield* locking(directory, function* () {
    checkDirectory(directory, who, WRITE | EXECUTE);
    if ((yield* search(directory, name)) !== 0) throw new UnixError("EEXIST");
    if (directory.nlink >= UFS.LINK_MAX) throw new UnixError("EMLINK");
    const inode = yield* makeInode(directory, who, { mode: MODE.IFDIR | permissions });
    try {
      inode.nlink = 2;
      const chunk = new Uint8Array(UFS.DIRECTORY_CHUNK);
      formatChunk(chunk, 0, inode.number, directory.number);
      yield* writeFile(inode, 0, chunk.length, bring(chunk), {
        superuser: true,
        synchronous: true,
      });
      yield* addLink(directory);
      try {
        yield* enter(directory, name, inode.number);
      } catch (error) {
        yield* dropLink(directory);
        throw error;
      }
    } catch (error) {
      yield* unmake(inode);
      throw error;
    }
    return inode;
  });
  yield* putInode(made);
}

/** Moves bytes from an array, in order. */
export function bring(source: Uint8Array): (bytes: Uint8Array) => Blocking<void> {
  let done = 0;
  // oxlint-disable-next-line require-yield
  return function* (bytes) {
    bytes.set(source.subarray(done, done + bytes.length));
    done += bytes.length;
  };
}

/** One more name, on the disk before the name is. */
export function* addLink(inode: Inode): Blocking<void> {
  inode.nlink++;
  inode.touch("ctime");
  yield* updateInode(inode, "now");
}

export function* dropLink(inode: Inode): Blocking<void> {
  inode.nlink--;
  inode.touch("ctime");
  yield* updateInode(inode, "delayed");
}

/** Another name for a file. @throws UnixError EPERM for a directory, EXDEV, EEXIST, EMLINK, … */
export function* link(
  inode: Inode,
  directory: Inode,
  name: string,
  who: Credentials,
): Blocking<void> {
  checkName(name);
  if (inode.isDirectory) throw new UnixError("EPERM");
  if (inode.fs !== directory.fs) throw new UnixError("EXDEV");
  yield* locking(inode, function* () {
    if (inode.nlink === 0) throw new UnixError("ENOENT");
    if (inode.nlink >= UFS.LINK_MAX) throw new UnixError("EMLINK");
    yield* addLink(inode);
  });
  try {
    yield* locking(directory, function* () {
      checkDirectory(directory, who, WRITE | EXECUTE);
      if ((yield* search(directory, name)) !== 0) throw new UnixError("EEXIST");
      yield* enter(directory, name, inode.number);
    });
  } catch (error) {
    yield* locking(inode, () => dropLink(inode));
    throw error;
  }
}

/**
 * Takes a name away; the file goes with its last name and user.
 * @throws UnixError ENOENT, EACCES, EPERM for a directory or by the sticky bit
 */
export function* unlink(directory: Inode, name: string, who: Credentials): Blocking<void> {
  checkName(name);
  const inode = yield* locking(directory, function* () {
    checkDirectory(directory, who, WRITE | EXECUTE);
    const number = yield* search(directory, name);
    if (number === 0) throw new UnixError("ENOENT");
    if (number === directory.number || name === "..") throw new UnixError("EPERM");
    const found = yield* getInode(directory.fs, number);
    try {
      if (found.isDirectory) throw new UnixError("EPERM");
      checkSticky(directory, found, who);
      yield* remove(directory, name);
      yield* locking(found, () => dropLink(found));
    } catch (error) {
      yield* putInode(found);
      throw error;
    }
    return found;
  });
  yield* putInode(inode);
}

/** While a directory moves or goes, no other does. */
export function* keepingTree<T>(directory: Inode, action: () => Blocking<T>): Blocking<T> {
  const { renameLock, environment } = directory.fs;
  while (renameLock.held) yield* environment.sleep(renameLock);
  renameLock.held = true;
  try {
    return yield* action();
  } finally {
    renameLock.held = false;
    environment.wakeup(renameLock);
  }
}

/** Takes an empty directory away. @throws UnixError ENOTEMPTY, ENOTDIR, EINVAL for `.`, EBUSY for the root */
export function* rmdir(directory: Inode, name: string, who: Credentials): Blocking<void> {
  checkName(name);
  if (name === ".") throw new UnixError("EINVAL");
  if (name === "..") throw new UnixError("ENOTEMPTY");
  const gone = yield* keepingTree(directory, () =>
    locking(directory, function* () {
      checkDirectory(directory, who, WRITE | EXECUTE);
      const number = yield* search(directory, name);
      if (number === 0) throw new UnixError("ENOENT");
      if (number === UFS.ROOT_INODE) throw new UnixError("EBUSY");
      const inode = yield* getInode(directory.fs, number);
      try {
        if (!inode.isDirectory) throw new UnixError("ENOTDIR");
        checkSticky(directory, inode, who);
        yield* locking(inode, function* () {
          if (!(yield* isEmpty(inode))) throw new UnixError("ENOTEMPTY");
          yield* remove(directory, name);
          inode.nlink = 0;
          inode.touch("ctime");
          yield* dropLink(directory);
        });
      } catch (error) {
        yield* putInode(inode);
        throw error;
      }
      return inode;
    }),
  );
  yield* putInode(gone);
}

/** A symbolic link. @throws UnixError EEXIST, ENAMETOOLONG, … */
export function* symlink(
  directory: Inode,
  name: string,
  target: string,
  who: Credentials,
): Blocking<void> {
  if (target.length === 0) throw new UnixError("ENOENT");
  if (target.length > 1023) throw new UnixError("ENAMETOOLONG");
  const inode = yield* create(directory, name, { mode: MODE.IFLNK | 0o777 }, who);
  const bytes = Uint8Array.from(target, (character) => character.charCodeAt(0));
  try {
    yield* locking(inode, () =>
      writeFile(inode, 0, bytes.length, bring(bytes), {
        superuser: isSuperuser(who),
        synchronous: true,
      }),
    );
  } catch (error) {
    yield* unlink(directory, name, { uid: 0, gid: 0, groups: [] });
    throw error;
  } finally {
    yield* putInode(inode);
  }
}

/** Where a symbolic link leads. @throws UnixError EINVAL for anything else */
export function* readlink(inode: Inode): Blocking<string> {
  if (inode.type !== MODE.IFLNK) throw new UnixError("EINVAL");
  const bytes = yield* locking(inode, () => readBytes(inode, 0, inode.size));
  return String.fromCharCode(...bytes);
}

export interface Attributes {
  readonly permissions?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly atime?: TimeOfDay;
  readonly mtime?: TimeOfDay;
}

/**
 * chmod, chown, truncate and utimes.
 * @param resize does what sets the length, with the inode held
 * @throws UnixError EPERM, EACCES, EISDIR, EFBIG, ENOSPC
 */
export function* setAttributes(
  inode: Inode,
  { permissions, uid, gid, size, atime, mtime }: Attributes,
  who: Credentials,
  resize: (size: number, set: () => Blocking<void>) => Blocking<void> = (_size, set) => set(),
): Blocking<void> {
  yield* locking(inode, function* () {
    if (size !== undefined) {
      if (inode.isDirectory) throw new UnixError("EISDIR");
      if (inode.type !== MODE.IFREG) throw new UnixError("EINVAL");
      yield* resize(size, () => setLength(inode, size, isSuperuser(who)));
    }
    if (permissions !== undefined) {
      checkOwner(inode, who);
      const setgid = inGroup(who, inode.gid) || isSuperuser(who) ? 0 : MODE.ISGID;
      inode.mode = inode.type | (permissions & 0o7777 & ~setgid);
    }
    if (uid !== undefined || gid !== undefined) {
      const own = inode.uid === who.uid && (uid ?? inode.uid) === inode.uid;
      if (!isSuperuser(who) && !(own && inGroup(who, gid ?? inode.gid)))
        throw new UnixError("EPERM");
      inode.uid = uid ?? inode.uid;
      inode.gid = gid ?? inode.gid;
      if (!isSuperuser(who)) inode.mode &= ~(MODE.ISUID | MODE.ISGID);
    }
    if (atime || mtime) {
      checkOwner(inode, who);
      inode.atime = atime ?? inode.atime;
      inode.mtime = mtime ?? inode.mtime;
    }
    inode.touch("ctime");
    yield* updateInode(inode, "delayed");
  });
}
