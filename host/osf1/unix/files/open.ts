/** open, openat, creat; and what an open file is of each type of vnode. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import { READ, WRITE } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { AT_FDCWD, OPEN, STATUS_FLAGS } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { installFile, lowestFree } from "./descriptors.ts";
import { openDevice } from "./devices.ts";
import { DescriptorVnode } from "./descriptor-vnode.ts";
import type { OpenFile } from "./open-file.ts";
import { resolve, resolveBoth, resolvePlace } from "./path.ts";
import { openNamedPipe } from "./pipe.ts";
import type { Vnode } from "./vnode.ts";
import { VnodeFile } from "./vnode-file.ts";

const has = (flags: number, flag: number): boolean => (flags & flag) !== 0;

/**
 * @param flags OPEN of constants.ts.
 * @param mode permissions of a new file, before the umask.
 * @param at the directory that a relative path begins at.
 * @throws UnixError EACCES, EEXIST, EINTR, EISDIR, ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOSPC,
 * ENOTDIR, ENXIO, EROFS, ETXTBSY, EINVAL, EBADF
 */
export function* open(
  unix: Unix,
  call: Call,
  path: string,
  flags: number,
  mode: number,
  at = AT_FDCWD,
): Blocking<number> {
  const { process } = call;
  const both = has(flags, OPEN.O_CREAT) && has(flags, OPEN.O_DIRECTORY);
  if (both || (flags & OPEN.O_ACCMODE) === OPEN.O_ACCMODE) throw new UnixError("EINVAL");
  yield* call.charge("open");
  yield* call.charge("descriptor-allocate");
  lowestFree(process);
  const { vnode, created } = yield* find(call, path, flags, mode, at);
  let file: OpenFile;
  try {
    if (!created) yield* checkOpen(call, vnode, flags);
    file = yield* openVnode(unix, call, vnode.hold(), flags);
  } finally {
    yield* vnode.put();
  }
  file.path ??= path;
  return yield* installFile(process, file, has(flags, OPEN.O_CLOEXEC));
}

/** What is to be opened, made if it is asked for. Held. */
function* find(
  call: Call,
  path: string,
  flags: number,
  mode: number,
  at: number,
): Blocking<{ readonly vnode: Vnode; readonly created: boolean }> {
  const follow = !has(flags, OPEN.O_NOFOLLOW);
  if (!has(flags, OPEN.O_CREAT) || has(flags, OPEN.O_PATH))
    return { vnode: yield* resolve(call, path, { at, follow }), created: false };
  const exclusive = has(flags, OPEN.O_EXCL);
  if (path.endsWith("/")) {
    // Only a directory could be there, and none is made here.
    const { directory, name } = yield* resolvePlace(call, path, { at });
    yield* directory.put();
    throw new UnixError(exclusive && (name === "." || name === "..") ? "EEXIST" : "EISDIR");
  }
  for (;;) {
    const place = yield* resolveBoth(call, path, { at, follow: follow && !exclusive });
    const { directory, name, vnode } = place;
    try {
      if (vnode !== undefined) {
        if (exclusive) throw new UnixError("EEXIST");
        return { vnode: vnode.hold(), created: false };
      }
      // A link on the way ended with a slash.
      if (place.slash) throw new UnixError("EISDIR");
      const { umask, credentials } = call.process;
      const permissions = mode & 0o7777 & ~umask;
      const creation = { mode: MODE.IFREG | permissions };
      return { vnode: yield* directory.create(name, creation, credentials), created: true };
    } catch (error) {
      // Another may have made it while the directory was waited for.
      const again = error instanceof UnixError && error.errno === "EEXIST" && !exclusive;
      if (!again) throw error;
    } finally {
      if (vnode !== undefined) yield* vnode.put();
      yield* directory.put();
    }
  }
}

/** Whether a file that was there may be opened so. */
function* checkOpen(call: Call, vnode: Vnode, flags: number): Blocking<void> {
  const { credentials } = call.process;
  const access = flags & OPEN.O_ACCMODE;
  const truncates = has(flags, OPEN.O_TRUNC);
  const writes = access !== OPEN.O_RDONLY || truncates;
  if (has(flags, OPEN.O_DIRECTORY) && !vnode.isDirectory) throw new UnixError("ENOTDIR");
  if (has(flags, OPEN.O_PATH)) return;
  if (vnode.type === MODE.IFLNK) throw new UnixError("ELOOP");
  if (vnode.isDirectory && (writes || has(flags, OPEN.O_CREAT))) throw new UnixError("EISDIR");
  vnode.checkAccess((access === OPEN.O_WRONLY ? 0 : READ) | (writes ? WRITE : 0), credentials);
  if (writes && vnode.executions > 0) throw new UnixError("ETXTBSY");
  if (truncates && vnode.type === MODE.IFREG) yield* vnode.change({ size: 0 }, credentials);
}

/** An open file of a vnode, whose reference it takes over. */
export function* openVnode(
  unix: Unix,
  call: Call,
  vnode: Vnode,
  flags: number,
): Blocking<OpenFile> {
  const kept = flags & (OPEN.O_ACCMODE | OPEN.O_SYNC | OPEN.O_PATH | STATUS_FLAGS);
  try {
    if (vnode instanceof DescriptorVnode) {
      const { file } = vnode;
      yield* vnode.put();
      return file;
    }
    if (has(flags, OPEN.O_PATH)) return new VnodeFile(unix, kept, vnode);
    switch (vnode.type) {
      case MODE.IFIFO:
        return yield* openNamedPipe(unix, call.process, vnode, kept);
      case MODE.IFCHR: {
        const { rdev } = yield* vnode.attributes();
        return openDevice(unix, call.process, vnode, kept | (flags & OPEN.O_NOCTTY), rdev);
      }
      case MODE.IFREG:
      case MODE.IFDIR:
        return new VnodeFile(unix, kept, vnode);
      default:
        throw new UnixError("ENXIO");
    }
  } catch (error) {
    yield* vnode.put();
    throw error;
  }
}
