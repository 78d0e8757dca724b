/** What files are and who may use them: the stat family, access, statfs. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { UFS } from "../../ufs/layout.ts";
import type { Call } from "../call.ts";
import type { Unix } from "../unix.ts";
import { getFile } from "./descriptors.ts";
import { type PathOptions, resolve } from "./path.ts";
import type { Attributes, Vnode } from "./vnode.ts";

/** Does something with the vnode that a path leads to. */
export function* withVnode<T>(
  call: Call,
  path: string,
  options: PathOptions,
  action: (vnode: Vnode) => Blocking<T>,
): Blocking<T> {
  const vnode = yield* resolve(call, path, options);
  try {
    return yield* action(vnode);
  } finally {
    yield* vnode.put();
  }
}

/** stat, lstat, fstatat. @throws UnixError as a path does */
export function* stat(
  unix: Unix,
  call: Call,
  path: string,
  options: PathOptions = {},
): Blocking<Attributes> {
  if (path === "" && options.empty === true && (options.at ?? -1) >= 0)
    return yield* fstat(unix, call, options.at!);
  return yield* withVnode(call, path, options, function* (vnode) {
    yield* call.charge("attributes");
    return yield* vnode.attributes();
  });
}

/** @throws UnixError EBADF */
export function* fstat(_unix: Unix, call: Call, number: number): Blocking<Attributes> {
  const file = yield* getFile(call, number);
  yield* call.charge("attributes");
  return yield* file.attributes();
}

/**
 * access, faccessat: by the real ids unless `effective`.
 * @param wanted READ 4, WRITE 2, EXECUTE 1, or 0: whether it is there.
 * @throws UnixError EACCES, EINVAL, and as a path does
 */
export function* access(
  _unix: Unix,
  call: Call,
  path: string,
  wanted: number,
  { effective = false, ...options }: PathOptions & { readonly effective?: boolean } = {},
): Blocking<void> {
  if ((wanted & ~7) !== 0) throw new UnixError("EINVAL");
  const { credentials } = call.process;
  const { realUid, realGid, groups } = credentials;
  const who = effective ? credentials : { uid: realUid, gid: realGid, groups };
  yield* withVnode(call, path, { ...options, who }, function* (vnode) {
    yield* call.charge("attributes");
    if (wanted !== 0) vnode.checkAccess(wanted, who);
  });
}

export interface FileSystemStatus {
  /** Bytes. */
  readonly blockSize: number;
  /** Blocks in all, free, and free to who is not the superuser. */
  readonly blocks: number;
  readonly free: number;
  readonly available: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly nameMost: number;
}

/** The disk's file system. @throws UnixError as a path does */
export function* statfs(unix: Unix, call: Call, path: string): Blocking<FileSystemStatus> {
  return yield* withVnode(call, path, {}, () => diskStatus(unix, call));
}

/** @throws UnixError EBADF */
export function* fstatfs(unix: Unix, call: Call, number: number): Blocking<FileSystemStatus> {
  yield* getFile(call, number);
  return yield* diskStatus(unix, call);
}

function* diskStatus({ fs }: Unix, call: Call): Blocking<FileSystemStatus> {
  yield* call.charge("attributes");
  return {
    blockSize: UFS.FRAGMENT_SIZE,
    blocks: fs.dataFragments,
    free: fs.freeSpace(true),
    available: Math.max(0, fs.freeSpace(false)),
    inodes: fs.geometry.groups * fs.geometry.inodesPerGroup,
    inodesFree: fs.total.inodes,
    nameMost: UFS.NAME_MAX,
  };
}
