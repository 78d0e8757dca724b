/** Directories as a process uses them: reading one, working in one, having one as the root. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { EXECUTE, isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { OPEN } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { getFile } from "./descriptors.ts";
import { resolve } from "./path.ts";
import type { Entry, Vnode } from "./vnode.ts";

/** Entries fetched in one go. */
const ENTRIES = 64;

/**
 * Reads a directory from its descriptor's position (getdents): gives entries to `take`, until it wants
 * no more and says false; the position is behind the last one taken.
 * @throws UnixError EBADF, ENOTDIR, ENOENT when the directory has gone
 */
export function* readDirectory(
  _unix: Unix,
  call: Call,
  number: number,
  take: (entry: Entry) => boolean,
): Blocking<void> {
  const file = yield* getFile(call, number);
  const { vnode } = file;
  if ((file.flags & OPEN.O_PATH) !== 0) throw new UnixError("EBADF");
  if (vnode === undefined || !vnode.isDirectory) throw new UnixError("ENOTDIR");
  if ((yield* vnode.attributes()).nlink === 0) throw new UnixError("ENOENT");
  for (;;) {
    const entries = yield* vnode.readEntries(file.offset, ENTRIES);
    for (const entry of entries) {
      if (!take(entry)) return;
      file.offset = entry.next;
    }
    if (entries.length < ENTRIES) return;
  }
}

/**
 * Whole entries from a directory's position on, as a binary interface has them, as many as `room` bytes hold.
 * @throws UnixError EINVAL when not one fits, EBADF, ENOTDIR, ENOENT
 */
export function* packEntries(
  unix: Unix,
  call: Call,
  number: number,
  room: number,
  bytesOf: (entry: Entry) => Uint8Array,
): Blocking<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let tooSmall = false;
  yield* readDirectory(unix, call, number, (entry) => {
    const bytes = bytesOf(entry);
    if (length + bytes.length > room) {
      tooSmall = length === 0;
      return false;
    }
    pieces.push(bytes);
    length += bytes.length;
    return true;
  });
  if (tooSmall) throw new UnixError("EINVAL");
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** @throws UnixError ENOTDIR, EACCES */
function checkWorking(call: Call, vnode: Vnode): void {
  if (!vnode.isDirectory) throw new UnixError("ENOTDIR");
  vnode.checkAccess(EXECUTE, call.process.credentials);
}

function* resolveWorking(call: Call, path: string): Blocking<Vnode> {
  const vnode = yield* resolve(call, path);
  try {
    checkWorking(call, vnode);
  } catch (error) {
    yield* vnode.put();
    throw error;
  }
  return vnode;
}

/** @throws UnixError ENOTDIR, EACCES, and as a path does */
export function* chdir(_unix: Unix, call: Call, path: string): Blocking<void> {
  const vnode = yield* resolveWorking(call, path);
  const before = call.process.cwd;
  call.process.cwd = vnode;
  yield* before.put();
}

/** @throws UnixError EBADF, ENOTDIR, EACCES */
export function* fchdir(_unix: Unix, call: Call, number: number): Blocking<void> {
  const { vnode } = yield* getFile(call, number);
  if (vnode === undefined) throw new UnixError("ENOTDIR");
  checkWorking(call, vnode);
  const before = call.process.cwd;
  call.process.cwd = vnode.hold();
  yield* before.put();
}

/** @throws UnixError EPERM, ENOTDIR, EACCES, and as a path does */
export function* chroot(_unix: Unix, call: Call, path: string): Blocking<void> {
  const { process } = call;
  if (!isSuperuser(process.credentials)) throw new UnixError("EPERM");
  const vnode = yield* resolveWorking(call, path);
  const before = process.root;
  process.root = vnode;
  yield* before.put();
}
