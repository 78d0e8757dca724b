/** Linux/hppa calls that tell and change what files are. */
import { ACCESS, AT, STATX, UTIME } from "../../../abi/linux/files.ts";
import {
  stat as oldStat,
  stat64,
  statfs as oldStatfs,
  statfs64,
  statx,
  timespec,
  timespec64,
  timeval,
} from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { AT_FDCWD, NANOSECONDS } from "../../unix/constants.ts";
import { chmod, chown, type NewTime, type Target, umask, utimes } from "../../unix/files/change.ts";
import { copyinPath, type PathOptions } from "../../unix/files/path.ts";
import {
  access,
  type FileSystemStatus,
  fstat,
  fstatfs,
  stat,
  statfs,
} from "../../unix/files/status.ts";
import type { Attributes } from "../../unix/files/vnode.ts";
import type { Unix } from "../../unix/unix.ts";
import { getBytes, getWords } from "../../caller-words.ts";
import { type LinuxTable, NARROW_MOST, putStruct, zero } from "../work.ts";

const { AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_EACCESS } = AT;
/** Bits of no consequence here: there is nothing to mount, and nothing is far away. */
const AT_INDIFFERENT = 0x800 | 0x6000;

/** What flags of the `…at` calls say about a path. @throws UnixError EINVAL */
function optionsOf(at: number, flags: number, known: number): PathOptions {
  if ((flags & ~(known | AT_INDIFFERENT)) !== 0) throw new UnixError("EINVAL");
  return {
    at: at | 0,
    follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    empty: (flags & AT_EMPTY_PATH) !== 0,
  };
}

const STAT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

function* attributesAt(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  flags: number,
): Blocking<Attributes> {
  const options = optionsOf(at, flags, STAT_FLAGS);
  const name = yield* copyinPath(call, path);
  if (name === "" && options.empty === true && (at | 0) !== AT_FDCWD)
    return yield* fstat(unix, call, at);
  return yield* stat(unix, call, name, options);
}

/** What `struct stat` and `struct stat64` both have. */
const statValues = (found: Attributes) => ({
  st_dev: found.device,
  st_ino: found.inode,
  st_mode: found.mode,
  st_nlink: found.nlink,
  st_uid: found.uid,
  st_gid: found.gid,
  st_rdev: found.rdev,
  st_size: found.size,
  st_blksize: found.blockSize,
  st_blocks: found.blocks,
  st_atime: found.atime.seconds,
  st_atime_nsec: found.atime.nanoseconds,
  st_mtime: found.mtime.seconds,
  st_mtime_nsec: found.mtime.nanoseconds,
  st_ctime: found.ctime.seconds,
  st_ctime_nsec: found.ctime.nanoseconds,
});

function* putStat(call: Call, address: number, found: Attributes): Blocking<number> {
  const values = { ...statValues(found), st_ino_low: found.inode };
  return yield* zero(putStruct(call, address, stat64, values));
}

/** Of the calls without `64`. @throws UnixError EFAULT, EOVERFLOW for a file too large to tell */
function* putOldStat(call: Call, address: number, found: Attributes): Blocking<number> {
  if (found.size > NARROW_MOST) throw new UnixError("EOVERFLOW");
  return yield* zero(putStruct(call, address, oldStat, statValues(found)));
}

function* putStatx(call: Call, address: number, found: Attributes): Blocking<number> {
  const { atime, mtime, ctime } = found;
  yield* putStruct(call, address, statx, {
    stx_mask: STATX.STATX_BASIC_STATS,
    stx_blksize: found.blockSize,
    stx_nlink: found.nlink,
    stx_uid: found.uid,
    stx_gid: found.gid,
    stx_mode: found.mode,
    stx_ino: found.inode,
    stx_size: found.size,
    stx_blocks: found.blocks,
    stx_atime: atime.seconds,
    stx_atime_nsec: atime.nanoseconds,
    stx_ctime: ctime.seconds,
    stx_ctime_nsec: ctime.nanoseconds,
    stx_mtime: mtime.seconds,
    stx_mtime_nsec: mtime.nanoseconds,
    stx_rdev_major: found.rdev >>> 8,
    stx_rdev_minor: found.rdev & 0xff,
    stx_dev_major: found.device >>> 8,
    stx_dev_minor: found.device & 0xff,
  });
  return 0;
}

/** f_type of a file system in the UFS manner. */
const UFS_MAGIC = 0x00011954;

const statfsValues = (found: FileSystemStatus) => ({
  f_type: UFS_MAGIC,
  f_bsize: found.blockSize,
  f_blocks: found.blocks,
  f_bfree: found.free,
  f_bavail: found.available,
  f_files: found.inodes,
  f_ffree: found.inodesFree,
  f_namelen: found.nameMost,
  f_frsize: found.blockSize,
});

function* putStatfs(call: Call, address: number, found: FileSystemStatus): Blocking<number> {
  return yield* zero(putStruct(call, address, statfs64, statfsValues(found)));
}

function* putOldStatfs(call: Call, address: number, found: FileSystemStatus): Blocking<number> {
  return yield* zero(putStruct(call, address, oldStatfs, statfsValues(found)));
}

function* mayAccess(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  wanted: number,
  flags: number,
): Blocking<number> {
  if ((wanted & ~(ACCESS.R_OK | ACCESS.W_OK | ACCESS.X_OK)) !== 0) throw new UnixError("EINVAL");
  const options = optionsOf(at, flags, STAT_FLAGS | AT_EACCESS);
  const effective = (flags & AT_EACCESS) !== 0;
  const name = yield* copyinPath(call, path);
  return yield* zero(access(unix, call, name, wanted, { ...options, effective }));
}

/** A file by its path. */
function* target(call: Call, at: number, path: number, flags: number): Blocking<Target> {
  const options = optionsOf(at, flags, STAT_FLAGS);
  return { path: yield* copyinPath(call, path), options };
}

function* changeMode(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  mode: number,
): Blocking<number> {
  return yield* zero(chmod(unix, call, yield* target(call, at, path, 0), mode & 0o7777));
}

function* changeOwner(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  uid: number,
  gid: number,
  flags: number,
): Blocking<number> {
  return yield* zero(chown(unix, call, yield* target(call, at, path, flags), uid, gid));
}

/** A time of utimensat. @throws UnixError EINVAL */
function newTime(seconds: number, nanoseconds: number): NewTime {
  if (nanoseconds === UTIME.UTIME_NOW) return "now";
  if (nanoseconds === UTIME.UTIME_OMIT) return "omit";
  if (nanoseconds < 0 || nanoseconds >= NANOSECONDS) throw new UnixError("EINVAL");
  return { seconds, nanoseconds };
}

function* getNewTimes(
  call: Call,
  address: number,
  width: 32 | 64,
): Blocking<readonly [NewTime, NewTime]> {
  if (address === 0) return ["now", "now"];
  const { size } = width === 64 ? timespec64 : timespec;
  const view = new DataView((yield* getBytes(call, address, 2 * size)).buffer);
  const time = (at: number): NewTime =>
    width === 64
      ? newTime(Number(view.getBigInt64(at)), view.getInt32(at + 12))
      : newTime(view.getInt32(at), view.getInt32(at + 4));
  return [time(0), time(size)];
}

function* setTimes(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  flags: number,
  [atime, mtime]: readonly [NewTime, NewTime],
): Blocking<number> {
  // Without a path the descriptor's own file is meant: futimens.
  const file = path === 0 ? at : yield* target(call, at, path, flags);
  if (path === 0 && (at | 0) === AT_FDCWD) throw new UnixError("EFAULT");
  return yield* zero(utimes(unix, call, file, atime, mtime));
}

/** Microseconds, as utimes has them. */
function* getOldTimes(call: Call, address: number): Blocking<readonly [NewTime, NewTime]> {
  if (address === 0) return ["now", "now"];
  const words = yield* getWords(call, address, (2 * timeval.size) / 4);
  const time = (i: number): NewTime => {
    const microseconds = words[i + 1]!;
    if (microseconds >= 1_000_000) throw new UnixError("EINVAL");
    return { seconds: words[i]! | 0, nanoseconds: microseconds * 1000 };
  };
  return [time(0), time(2)];
}

const at = AT_FDCWD;

export const STATUS_CALLS: LinuxTable = {
  *stat(unix, call, path, buffer) {
    return yield* putOldStat(call, buffer, yield* attributesAt(unix, call, at, path, 0));
  },
  *lstat(unix, call, path, buffer) {
    const found = yield* attributesAt(unix, call, at, path, AT_SYMLINK_NOFOLLOW);
    return yield* putOldStat(call, buffer, found);
  },
  *fstat(unix, call, number, buffer) {
    return yield* putOldStat(call, buffer, yield* fstat(unix, call, number));
  },
  *stat64(unix, call, path, buffer) {
    return yield* putStat(call, buffer, yield* attributesAt(unix, call, at, path, 0));
  },
  *lstat64(unix, call, path, buffer) {
    const found = yield* attributesAt(unix, call, at, path, AT_SYMLINK_NOFOLLOW);
    return yield* putStat(call, buffer, found);
  },
  *fstat64(unix, call, number, buffer) {
    return yield* putStat(call, buffer, yield* fstat(unix, call, number));
  },
  *fstatat64(unix, call, directory, path, buffer, flags) {
    const found = yield* attributesAt(unix, call, directory, path, flags);
    return yield* putStat(call, buffer, found);
  },
  *statx(unix, call, directory, path, flags, _mask, buffer) {
    const found = yield* attributesAt(unix, call, directory, path, flags);
    return yield* putStatx(call, buffer, found);
  },
  *statfs64(unix, call, path, size, buffer) {
    if (size !== statfs64.size) throw new UnixError("EINVAL");
    return yield* putStatfs(call, buffer, yield* statfs(unix, call, yield* copyinPath(call, path)));
  },
  *fstatfs64(unix, call, number, size, buffer) {
    if (size !== statfs64.size) throw new UnixError("EINVAL");
    return yield* putStatfs(call, buffer, yield* fstatfs(unix, call, number));
  },
  *statfs(unix, call, path, buffer) {
    const found = yield* statfs(unix, call, yield* copyinPath(call, path));
    return yield* putOldStatfs(call, buffer, found);
  },
  *fstatfs(unix, call, number, buffer) {
    return yield* putOldStatfs(call, buffer, yield* fstatfs(unix, call, number));
  },
  access: (unix, call, path, wanted) => mayAccess(unix, call, at, path, wanted, 0),
  faccessat: (unix, call, directory, path, wanted) =>
    mayAccess(unix, call, directory, path, wanted, 0),
  faccessat2: mayAccess,
  chmod: (unix, call, path, mode) => changeMode(unix, call, at, path, mode),
  fchmodat: changeMode,
  fchmod: (unix, call, number, mode) => zero(chmod(unix, call, number, mode & 0o7777)),
  chown: (unix, call, path, uid, gid) => changeOwner(unix, call, at, path, uid, gid, 0),
  lchown: (unix, call, path, uid, gid) =>
    changeOwner(unix, call, at, path, uid, gid, AT_SYMLINK_NOFOLLOW),
  fchownat: changeOwner,
  fchown: (unix, call, number, uid, gid) => zero(chown(unix, call, number, uid, gid)),
  *utime(unix, call, path, times) {
    if (times === 0) return yield* setTimes(unix, call, at, path, 0, ["now", "now"]);
    const [atime, mtime] = yield* getWords(call, times, 2);
    const time = (seconds: number): NewTime => ({ seconds: seconds | 0, nanoseconds: 0 });
    return yield* setTimes(unix, call, at, path, 0, [time(atime!), time(mtime!)]);
  },
  *utimes(unix, call, path, times) {
    return yield* setTimes(unix, call, at, path, 0, yield* getOldTimes(call, times));
  },
  *futimesat(unix, call, directory, path, times) {
    return yield* setTimes(unix, call, directory, path, 0, yield* getOldTimes(call, times));
  },
  *utimensat(unix, call, directory, path, times, flags) {
    const wanted = yield* getNewTimes(call, times, 32);
    return yield* setTimes(unix, call, directory, path, flags, wanted);
  },
  *utimensat_time64(unix, call, directory, path, times, flags) {
    const wanted = yield* getNewTimes(call, times, 64);
    return yield* setTimes(unix, call, directory, path, flags, wanted);
  },
  umask: (unix, call, mask) => umask(unix, call, mask & 0o777),
};
