/** Linux/hppa calls that name files: opening them, making, linking, renaming and removing them. */
import { AT, MODE, OPEN, RENAME } from "../../../abi/linux/files.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { AT_FDCWD } from "../../unix/constants.ts";
import { chdir, chroot, fchdir } from "../../unix/files/directory.ts";
import { getcwd } from "../../unix/files/getcwd.ts";
import {
  link,
  mkdir,
  mknod,
  readlink,
  rename,
  rmdir,
  symlink,
  unlink,
} from "../../unix/files/names.ts";
import { open } from "../../unix/files/open.ts";
import { copyinPath, pathBytes } from "../../unix/files/path.ts";
import { stat } from "../../unix/files/status.ts";
import type { Unix } from "../../unix/unix.ts";
import { unixOpenFlags } from "../open-flags.ts";
import { type LinuxTable, zero } from "../work.ts";

function* openAt(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  flags: number,
  mode: number,
): Blocking<number> {
  const name = yield* copyinPath(call, path);
  if ((flags & OPEN.O_TMPFILE) === OPEN.O_TMPFILE) throw new UnixError("EOPNOTSUPP");
  return yield* open(unix, call, name, unixOpenFlags(flags), mode, at | 0);
}

function* makeNode(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  mode: number,
  device: number,
): Blocking<number> {
  const name = yield* copyinPath(call, path);
  // The minor number's upper bits stand above the major's.
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  const major = (device >>> 8) & 0xfff;
  return yield* zero(mknod(unix, call, name, mode & 0xffff, major * 256 + (minor & 0xff), at | 0));
}

function* linkAt(
  unix: Unix,
  call: Call,
  from: number,
  path: number,
  to: number,
  newPath: number,
  flags: number,
): Blocking<number> {
  if ((flags & ~(AT.AT_SYMLINK_FOLLOW | AT.AT_EMPTY_PATH)) !== 0) throw new UnixError("EINVAL");
  const name = yield* copyinPath(call, path);
  const newName = yield* copyinPath(call, newPath);
  const follow = (flags & AT.AT_SYMLINK_FOLLOW) !== 0;
  const empty = (flags & AT.AT_EMPTY_PATH) !== 0;
  return yield* zero(link(unix, call, name, newName, { at: from | 0, follow, empty }, to | 0));
}

/** A path whose last name is a directory's own or its parent's. */
const DOTS = /(^|\/)\.\.?\/*$/;

function* renameAt(
  unix: Unix,
  call: Call,
  from: number,
  path: number,
  to: number,
  newPath: number,
  flags: number,
): Blocking<number> {
  if ((flags & ~RENAME.RENAME_NOREPLACE) !== 0) throw new UnixError("EINVAL");
  const name = yield* copyinPath(call, path);
  const newName = yield* copyinPath(call, newPath);
  // Linux holds that these are in use; POSIX allows either errno.
  if ([name, newName].some((each) => DOTS.test(each))) throw new UnixError("EBUSY");
  if (flags !== 0 && (yield* exists(unix, call, newName, to | 0))) throw new UnixError("EEXIST");
  return yield* zero(rename(unix, call, name, newName, from | 0, to | 0));
}

function* exists(unix: Unix, call: Call, path: string, at: number): Blocking<boolean> {
  try {
    yield* stat(unix, call, path, { at, follow: false });
    return true;
  } catch (error) {
    if (error instanceof UnixError && error.errno === "ENOENT") return false;
    throw error;
  }
}

function* unlinkAt(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  flags: number,
): Blocking<number> {
  if ((flags & ~AT.AT_REMOVEDIR) !== 0) throw new UnixError("EINVAL");
  const name = yield* copyinPath(call, path);
  if (flags !== 0) return yield* zero(rmdir(unix, call, name, at | 0));
  try {
    return yield* zero(unlink(unix, call, name, at | 0));
  } catch (error) {
    // Where POSIX says EPERM, Linux says what it met.
    if (!(error instanceof UnixError && error.errno === "EPERM")) throw error;
    const { mode } = yield* stat(unix, call, name, { at: at | 0, follow: false });
    throw new UnixError((mode & MODE.S_IFMT) === MODE.S_IFDIR ? "EISDIR" : "EPERM");
  }
}

function* symlinkAt(
  unix: Unix,
  call: Call,
  target: number,
  at: number,
  path: number,
): Blocking<number> {
  const content = yield* copyinPath(call, target);
  return yield* zero(symlink(unix, call, content, yield* copyinPath(call, path), at | 0));
}

function* readlinkAt(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  buffer: number,
  size: number,
): Blocking<number> {
  if ((size | 0) <= 0) throw new UnixError("EINVAL");
  const name = yield* copyinPath(call, path);
  const options = { at: at | 0, follow: false, empty: true };
  const target = pathBytes(yield* readlink(unix, call, name, options)).subarray(0, size);
  yield* call.copyout(target, buffer);
  return target.length;
}

function* makeDirectory(
  unix: Unix,
  call: Call,
  at: number,
  path: number,
  mode: number,
): Blocking<number> {
  return yield* zero(mkdir(unix, call, yield* copyinPath(call, path), mode, at | 0));
}

export const NAME_CALLS: LinuxTable = {
  open: (unix, call, path, flags, mode) => openAt(unix, call, AT_FDCWD, path, flags, mode),
  openat: openAt,
  creat: (unix, call, path, mode) =>
    openAt(unix, call, AT_FDCWD, path, OPEN.O_WRONLY | OPEN.O_CREAT | OPEN.O_TRUNC, mode),
  mknod: (unix, call, path, mode, device) => makeNode(unix, call, AT_FDCWD, path, mode, device),
  mknodat: makeNode,
  link: (unix, call, path, newPath) => linkAt(unix, call, AT_FDCWD, path, AT_FDCWD, newPath, 0),
  linkat: linkAt,
  unlink: (unix, call, path) => unlinkAt(unix, call, AT_FDCWD, path, 0),
  rmdir: (unix, call, path) => unlinkAt(unix, call, AT_FDCWD, path, AT.AT_REMOVEDIR),
  unlinkat: unlinkAt,
  rename: (unix, call, path, newPath) => renameAt(unix, call, AT_FDCWD, path, AT_FDCWD, newPath, 0),
  renameat: (unix, call, from, path, to, newPath) =>
    renameAt(unix, call, from, path, to, newPath, 0),
  renameat2: renameAt,
  symlink: (unix, call, target, path) => symlinkAt(unix, call, target, AT_FDCWD, path),
  symlinkat: symlinkAt,
  readlink: (unix, call, path, buffer, size) =>
    readlinkAt(unix, call, AT_FDCWD, path, buffer, size),
  readlinkat: readlinkAt,
  mkdir: (unix, call, path, mode) => makeDirectory(unix, call, AT_FDCWD, path, mode),
  mkdirat: makeDirectory,
  *chdir(unix, call, path) {
    return yield* zero(chdir(unix, call, yield* copyinPath(call, path)));
  },
  fchdir: (unix, call, number) => zero(fchdir(unix, call, number)),
  *chroot(unix, call, path) {
    return yield* zero(chroot(unix, call, yield* copyinPath(call, path)));
  },
  *getcwd(unix, call, buffer, size) {
    const path = pathBytes(`${yield* getcwd(unix, call)}\0`);
    if (path.length > size) throw new UnixError("ERANGE");
    yield* call.copyout(path, buffer);
    return path.length;
  },
};
