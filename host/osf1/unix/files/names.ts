/** Names come, go and change: link, unlink, rename, symlink, readlink, mkdir, rmdir, mknod. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { AT_FDCWD } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { type PathOptions, type Place, resolve, resolvePlace } from "./path.ts";
import { withVnode } from "./status.ts";
import type { Vnode } from "./vnode.ts";

function* withPlace<T>(
  call: Call,
  path: string,
  at: number,
  action: (place: Place) => Blocking<T>,
): Blocking<T> {
  const place = yield* resolvePlace(call, path, { at });
  try {
    return yield* action(place);
  } finally {
    yield* place.directory.put();
  }
}

/** What is mounted keeps its name. @throws UnixError EBUSY */
function checkMount(unix: Unix, { directory, name }: Place): void {
  if (unix.mounts.some((mount) => mount.directory === directory && mount.name === name))
    throw new UnixError("EBUSY");
}

/** A path that ends with a slash names a directory or nothing. @throws UnixError ENOTDIR, ENOENT */
function* checkSlash(call: Call, { directory, name, slash }: Place): Blocking<void> {
  if (!slash) return;
  const vnode = yield* directory.lookup(name, call.process.credentials);
  const { isDirectory } = vnode;
  yield* vnode.put();
  if (!isDirectory) throw new UnixError("ENOTDIR");
}

/** Whether a place has something already. @throws UnixError EACCES, EIO */
function* isTaken(call: Call, { directory, name }: Place): Blocking<boolean> {
  try {
    const vnode = yield* directory.lookup(name, call.process.credentials);
    yield* vnode.put();
    return true;
  } catch (error) {
    if (error instanceof UnixError && error.errno === "ENOENT") return false;
    throw error;
  }
}

/** A path that ends with a slash is no place for what is not a directory. @throws UnixError EEXIST, ENOENT */
function* checkNewName(call: Call, place: Place): Blocking<void> {
  if (place.slash) throw new UnixError((yield* isTaken(call, place)) ? "EEXIST" : "ENOENT");
}

/** link, linkat: links are not followed unless `from` says so. @throws UnixError EPERM, EXDEV, EEXIST, … */
export function* link(
  _unix: Unix,
  call: Call,
  path: string,
  newPath: string,
  from: PathOptions = { follow: false },
  at = AT_FDCWD,
): Blocking<void> {
  const vnode = yield* resolve(call, path, { follow: false, ...from });
  try {
    yield* withPlace(call, newPath, at, function* (place) {
      yield* checkNewName(call, place);
      if (vnode.isDirectory)
        throw new UnixError((yield* isTaken(call, place)) ? "EEXIST" : "EPERM");
      yield* place.directory.link(vnode, place.name, call.process.credentials);
    });
  } finally {
    yield* vnode.put();
  }
}

/** @throws UnixError ENOENT, EACCES, EPERM for a directory, EBUSY, … */
export function* unlink(unix: Unix, call: Call, path: string, at = AT_FDCWD): Blocking<void> {
  yield* withPlace(call, path, at, function* (place) {
    checkMount(unix, place);
    yield* checkSlash(call, place);
    yield* place.directory.unlink(place.name, call.process.credentials);
  });
}

/** @throws UnixError ENOTEMPTY, ENOTDIR, EINVAL, EBUSY, … */
export function* rmdir(unix: Unix, call: Call, path: string, at = AT_FDCWD): Blocking<void> {
  yield* withPlace(call, path, at, function* (place) {
    checkMount(unix, place);
    if (place.directory.covers !== undefined && place.name === ".") throw new UnixError("EBUSY");
    yield* place.directory.rmdir(place.name, call.process.credentials);
  });
}

/** @throws UnixError EXDEV, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY, EBUSY, … */
export function* rename(
  unix: Unix,
  call: Call,
  path: string,
  newPath: string,
  at = AT_FDCWD,
  newAt = AT_FDCWD,
): Blocking<void> {
  const { credentials } = call.process;
  yield* withPlace(call, path, at, function* (from) {
    yield* withPlace(call, newPath, newAt, function* (to) {
      checkMount(unix, from);
      checkMount(unix, to);
      for (const { name } of [from, to])
        if (name === "." || name === "..") throw new UnixError("EINVAL");
      yield* checkSlash(call, { ...from, slash: from.slash || to.slash });
      yield* from.directory.rename(from.name, to.directory, to.name, credentials);
    });
  });
}

/** @throws UnixError EEXIST, ENAMETOOLONG, ENOENT for an empty target, … */
export function* symlink(
  _unix: Unix,
  call: Call,
  target: string,
  path: string,
  at = AT_FDCWD,
): Blocking<void> {
  yield* withPlace(call, path, at, function* (place) {
    yield* checkNewName(call, place);
    yield* place.directory.symlink(place.name, target, call.process.credentials);
  });
}

/** Where a link leads: all of it; the caller cuts it to its buffer. @throws UnixError EINVAL, … */
export function* readlink(
  _unix: Unix,
  call: Call,
  path: string,
  options: PathOptions = {},
): Blocking<string> {
  return yield* withVnode(call, path, { ...options, follow: false }, (vnode) =>
    vnode.readlink(call.process),
  );
}

/** @throws UnixError EEXIST, EMLINK, ENOSPC, … */
export function* mkdir(
  _unix: Unix,
  call: Call,
  path: string,
  mode: number,
  at = AT_FDCWD,
): Blocking<void> {
  yield* withPlace(call, path, at, function* ({ directory, name }) {
    const { umask, credentials } = call.process;
    yield* directory.mkdir(name, mode & 0o1777 & ~umask, credentials);
  });
}

/**
 * mknod, mkfifo: files, pipes and sockets for everyone, devices for the superuser.
 * @param mode type and permissions, MODE of ufs/layout.ts; no type is a file.
 * @param device major × 256 + minor.
 * @throws UnixError EPERM, EINVAL, EEXIST, ENOSPC, …
 */
export function* mknod(
  _unix: Unix,
  call: Call,
  path: string,
  mode: number,
  device: number,
  at = AT_FDCWD,
): Blocking<void> {
  const { umask, credentials } = call.process;
  const type = (mode & MODE.IFMT) === 0 ? MODE.IFREG : mode & MODE.IFMT;
  const forAll = [MODE.IFREG, MODE.IFIFO, MODE.IFSOCK].includes(type as never);
  const isDevice = type === MODE.IFCHR || type === MODE.IFBLK;
  if (type === MODE.IFDIR) throw new UnixError("EPERM");
  if (!forAll && !isDevice) throw new UnixError("EINVAL");
  if (isDevice && !isSuperuser(credentials)) throw new UnixError("EPERM");
  yield* withPlace(call, path, at, function* (place) {
    yield* checkNewName(call, place);
    const made: Vnode = yield* place.directory.create(
      place.name,
      { mode: type | (mode & 0o7777 & ~umask), ...(isDevice && { device }) },
      credentials,
    );
    yield* made.put();
  });
}
