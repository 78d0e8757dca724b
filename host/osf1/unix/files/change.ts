/** Changes of what a file is: chmod, chown, utimes, truncate; and what puts it on the disk. */
import { UnixError } from "../../errno.ts";
import type { Blocking, TimeOfDay } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Attributes as Change } from "../../ufs/operations.ts";
import { isSuperuser, WRITE } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { OPEN, SIGNAL } from "../constants.ts";
import { postSignal } from "../signals/post.ts";
import type { Unix } from "../unix.ts";
import { getFile } from "./descriptors.ts";
import type { PathOptions } from "./path.ts";
import { withVnode } from "./status.ts";
import type { Vnode } from "./vnode.ts";

/** The vnode of a descriptor that may be changed by it. @throws UnixError EBADF, EINVAL for what has no name */
function* vnodeOf(call: Call, number: number): Blocking<Vnode> {
  const { vnode, flags } = yield* getFile(call, number);
  if ((flags & OPEN.O_PATH) !== 0) throw new UnixError("EBADF");
  if (vnode === undefined) throw new UnixError("EINVAL");
  return vnode;
}

/** A file by its path, or by a descriptor. */
export type Target = number | { readonly path: string; readonly options?: PathOptions };

function* withTarget(
  call: Call,
  target: Target,
  action: (vnode: Vnode) => Blocking<void>,
): Blocking<void> {
  if (typeof target === "number") yield* action(yield* vnodeOf(call, target));
  else yield* withVnode(call, target.path, target.options ?? {}, action);
}

function* change(call: Call, target: Target, wanted: Change): Blocking<void> {
  yield* withTarget(call, target, function* (vnode) {
    yield* call.charge("attributes-change");
    yield* vnode.change(wanted, call.process.credentials);
  });
}

/** chmod, fchmod, fchmodat. @throws UnixError EPERM, EROFS, EBADF, and as a path does */
export function* chmod(
  _unix: Unix,
  call: Call,
  target: Target,
  permissions: number,
): Blocking<void> {
  yield* change(call, target, { permissions: permissions & 0o7777 });
}

/**
 * chown, lchown, fchown, fchownat.
 * @param uid −1 (as any 32 bits) leaves it as it is; so does `gid`.
 * @throws UnixError EPERM, EROFS, EBADF, EINVAL, and as a path does
 */
export function* chown(
  _unix: Unix,
  call: Call,
  target: Target,
  uid: number,
  gid: number,
): Blocking<void> {
  const wanted = (id: number): number | undefined =>
    id >>> 0 === 0xffffffff ? undefined : id >>> 0;
  const [newUid, newGid] = [wanted(uid), wanted(gid)];
  if ((newUid ?? 0) > 0xffff || (newGid ?? 0) > 0xffff) throw new UnixError("EINVAL");
  yield* change(call, target, {
    ...(newUid !== undefined && { uid: newUid }),
    ...(newGid !== undefined && { gid: newGid }),
  });
}

/** A time to set: given, that of the call, or as it is. */
export type NewTime = TimeOfDay | "now" | "omit";

/** utime, utimes, utimensat, futimens. @throws UnixError EACCES, EPERM, EROFS, EBADF, and as a path does */
export function* utimes(
  unix: Unix,
  call: Call,
  target: Target,
  atime: NewTime,
  mtime: NewTime,
): Blocking<void> {
  const now = unix.now();
  const value = (time: NewTime): TimeOfDay | undefined =>
    time === "now" ? now : time === "omit" ? undefined : time;
  const [newAtime, newMtime] = [value(atime), value(mtime)];
  yield* withTarget(call, target, function* (vnode) {
    yield* call.charge("attributes-change");
    if (newAtime === undefined && newMtime === undefined) return;
    let who = call.process.credentials;
    const { uid } = yield* vnode.attributes();
    if (atime === "now" && mtime === "now" && uid !== who.uid && !isSuperuser(who)) {
      // Who may write a file may set it to now, as a write would.
      vnode.checkAccess(WRITE, who);
      who = unix.superuser;
    }
    yield* vnode.change(
      { ...(newAtime && { atime: newAtime }), ...(newMtime && { mtime: newMtime }) },
      who,
    );
  });
}

function* setSize(unix: Unix, call: Call, vnode: Vnode, size: number): Blocking<void> {
  const { process } = call;
  yield* call.charge("attributes-change");
  if (vnode.isDirectory) throw new UnixError("EISDIR");
  if (vnode.type !== MODE.IFREG) throw new UnixError("EINVAL");
  if (size > process.limits.RLIMIT_FSIZE.soft) {
    yield* postSignal(unix, process, { signal: SIGNAL.SIGXFSZ, code: "SI_KERNEL" });
    throw new UnixError("EFBIG");
  }
  yield* vnode.change({ size }, process.credentials);
}

/** @throws UnixError EACCES, EFBIG, EINVAL, EISDIR, ENOSPC, EROFS, ETXTBSY, and as a path does */
export function* truncate(unix: Unix, call: Call, path: string, size: number): Blocking<void> {
  if (size < 0) throw new UnixError("EINVAL");
  yield* withVnode(call, path, {}, function* (vnode) {
    vnode.checkAccess(vnode.isDirectory ? 0 : WRITE, call.process.credentials);
    if (vnode.executions > 0) throw new UnixError("ETXTBSY");
    yield* setSize(unix, call, vnode, size);
  });
}

/** @throws UnixError EBADF, EFBIG, EINVAL, ENOSPC */
export function* ftruncate(unix: Unix, call: Call, number: number, size: number): Blocking<void> {
  const vnode = yield* vnodeOf(call, number);
  if (size < 0 || !(yield* getFile(call, number)).writable) throw new UnixError("EINVAL");
  yield* setSize(unix, call, vnode, size);
}

/** fsync, fdatasync. @throws UnixError EBADF, EINVAL, EIO */
export function* fsync(_unix: Unix, call: Call, number: number): Blocking<void> {
  const vnode = yield* vnodeOf(call, number);
  if (vnode.type !== MODE.IFREG && !vnode.isDirectory) throw new UnixError("EINVAL");
  yield* vnode.sync();
}

export function* sync(unix: Unix, call: Call): Blocking<void> {
  yield* call.charge("attributes-change");
  yield* unix.sync();
}

export function* umask(_unix: Unix, call: Call, mask: number): Blocking<number> {
  yield* call.charge("identity");
  const { process } = call;
  const before = process.umask;
  process.umask = mask & 0o777;
  return before;
}
