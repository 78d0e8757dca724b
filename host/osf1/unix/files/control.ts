/** Descriptors and open files set right: fcntl, flock, and ioctl for all kinds of files. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { OPEN, STATUS_FLAGS } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { getDescriptor, getFile } from "./descriptors.ts";
import {
  blockingLock,
  flockVnode,
  lockRecord,
  type RecordLock,
  releaseFlock,
  unlockRecord,
} from "./lock-list.ts";
import type { Vnode } from "./vnode.ts";

/** F_GETFD: whether it closes on exec. @throws UnixError EBADF */
export function* getCloseOnExec(_unix: Unix, call: Call, number: number): Blocking<boolean> {
  return (yield* getDescriptor(call, number)).closeOnExec;
}

/** F_SETFD. @throws UnixError EBADF */
export function* setCloseOnExec(
  _unix: Unix,
  call: Call,
  number: number,
  value: boolean,
): Blocking<void> {
  (yield* getDescriptor(call, number)).closeOnExec = value;
}

/** F_GETFL: access mode and status flags. @throws UnixError EBADF */
export function* getStatusFlags(_unix: Unix, call: Call, number: number): Blocking<number> {
  return (yield* getFile(call, number)).flags & ~OPEN.O_NOCTTY;
}

/** F_SETFL: of the flags, those that may be changed. @throws UnixError EBADF */
export function* setStatusFlags(
  _unix: Unix,
  call: Call,
  number: number,
  flags: number,
): Blocking<void> {
  const file = yield* getFile(call, number);
  file.flags = (file.flags & ~STATUS_FLAGS) | (flags & STATUS_FLAGS);
}

/** FIONBIO. @throws UnixError EBADF */
export function* setNonblocking(
  unix: Unix,
  call: Call,
  number: number,
  value: boolean,
): Blocking<void> {
  const { flags } = yield* getFile(call, number);
  const next = value ? flags | OPEN.O_NONBLOCK : flags & ~OPEN.O_NONBLOCK;
  yield* setStatusFlags(unix, call, number, next);
}

/** FIONREAD: bytes that a read would give at once. @throws UnixError EBADF, ENOTTY */
export function* bytesReadable(_unix: Unix, call: Call, number: number): Blocking<number> {
  return yield* (yield* getFile(call, number)).available();
}

/** A `struct flock`: bytes from `start` (counted from `whence`) on; length 0 is to the end, a negative one before. */
export interface LockRequest {
  readonly type: "read" | "write" | "unlock";
  readonly whence: "set" | "current" | "end";
  readonly start: number;
  readonly length: number;
}

/** What is in the way of a lock. */
export interface LockHolder {
  readonly type: "read" | "write";
  readonly start: number;
  /** 0: to the end. */
  readonly length: number;
  readonly pid: number;
}

/** @throws UnixError EINVAL, EOVERFLOW */
function* rangeOf(
  call: Call,
  number: number,
  request: LockRequest,
): Blocking<RecordLock & { readonly vnode: Vnode }> {
  const file = yield* getFile(call, number);
  const { vnode } = file;
  if (vnode === undefined) throw new UnixError("EINVAL");
  yield* call.charge("lock");
  const bases = { set: 0, current: file.offset, end: 0 };
  const base = request.whence === "end" ? (yield* file.attributes()).size : bases[request.whence];
  let start = base + request.start;
  let end = request.length === 0 ? Infinity : start + request.length;
  if (request.length < 0) [start, end] = [end, start];
  if (start < 0) throw new UnixError("EINVAL");
  if (start > Number.MAX_SAFE_INTEGER) throw new UnixError("EOVERFLOW");
  return { owner: call.process, exclusive: request.type === "write", start, end, vnode };
}

/** F_GETLK: the first lock in the way, if one is. @throws UnixError EBADF, EINVAL, EOVERFLOW */
export function* getLock(
  _unix: Unix,
  call: Call,
  number: number,
  request: LockRequest,
): Blocking<LockHolder | undefined> {
  if (request.type === "unlock") throw new UnixError("EINVAL");
  const { vnode, ...range } = yield* rangeOf(call, number, request);
  const lock = blockingLock(vnode, range);
  if (lock === undefined) return undefined;
  return {
    type: lock.exclusive ? "write" : "read",
    start: lock.start,
    length: lock.end === Infinity ? 0 : lock.end - lock.start,
    pid: lock.owner.pid,
  };
}

/** F_SETLK, and F_SETLKW with `wait`. @throws UnixError EAGAIN, EBADF, EDEADLK, EINTR, EINVAL, EOVERFLOW */
export function* setLock(
  unix: Unix,
  call: Call,
  number: number,
  request: LockRequest,
  wait: boolean,
): Blocking<void> {
  const { vnode, ...range } = yield* rangeOf(call, number, request);
  const file = yield* getFile(call, number);
  if (request.type === "unlock") return unlockRecord(unix, vnode, range);
  if (request.type === "read" ? !file.readable : !file.writable) throw new UnixError("EBADF");
  yield* lockRecord(unix, vnode, range, wait);
}

/** flock. @throws UnixError EBADF, EAGAIN (EWOULDBLOCK), EINTR, EINVAL */
export function* flock(
  unix: Unix,
  call: Call,
  number: number,
  type: "shared" | "exclusive" | "unlock",
  wait: boolean,
): Blocking<void> {
  const file = yield* getFile(call, number);
  yield* call.charge("lock");
  if (type === "unlock") return releaseFlock(unix, file);
  if (file.vnode === undefined) throw new UnixError("EINVAL");
  yield* flockVnode(unix, call.process, file, file.vnode, {
    exclusive: type === "exclusive",
    wait,
  });
}
