/** mmap, munmap, mprotect, mremap, msync, madvise. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Call, Protection } from "../call.ts";
import { PAGE_SIZE, pageUp } from "../constants.ts";
import { getFile } from "../files/descriptors.ts";
import { DEVICE } from "../files/devices.ts";
import type { Vnode } from "../files/vnode.ts";
import type { Unix } from "../unix.ts";
import { tellFailure } from "./coherence.ts";
import { FileObject } from "./file-object.ts";
import { lockNew, mayLock } from "./locking.ts";
import type { Region } from "./regions.ts";

const WRITE = 2;
const PROTECTIONS = 7;
/** One above the last address. */
const END = 2 ** 32;

const isAligned = (address: number): boolean => address % PAGE_SIZE === 0;

/** The end of a range of whole pages. @throws UnixError the errno given, when it is none */
function endOf(address: number, length: number, wrong: "EINVAL" | "ENOMEM"): number {
  if (!isAligned(address)) throw new UnixError("EINVAL");
  const end = address + pageUp(length);
  if (end > END) throw new UnixError(wrong);
  return end;
}

export interface MapRequest {
  /** A hint, or with `fixed` where it has to be. */
  readonly address: number;
  /** Bytes. */
  readonly length: number;
  readonly protection: Protection;
  readonly shared: boolean;
  readonly fixed: boolean;
  /** With `fixed`: what is there already stays, and the call fails (MAP_FIXED_NOREPLACE). */
  readonly keep?: boolean;
  /** Its pages are to come now and to stay (MAP_LOCKED). */
  readonly lock?: boolean;
  /** Without: zero memory. */
  readonly file?: { readonly number: number; readonly offset: number };
}

/** What a file's descriptor gives to be mapped; nothing for /dev/zero. @throws UnixError EBADF, EACCES, ENODEV */
function* mappedFile(
  call: Call,
  { file: wanted, shared, protection }: MapRequest,
): Blocking<{ readonly vnode: Vnode; readonly mayWrite: boolean } | undefined> {
  if (wanted === undefined) return undefined;
  const file = yield* getFile(call, wanted.number);
  if (!file.readable) throw new UnixError("EACCES");
  if (shared && (protection & WRITE) !== 0 && !file.writable) throw new UnixError("EACCES");
  const { vnode } = file;
  if (vnode === undefined) throw new UnixError("ENODEV");
  if (vnode.type === MODE.IFCHR && (yield* vnode.attributes()).rdev === DEVICE.zero)
    return undefined;
  if (vnode.type !== MODE.IFREG) throw new UnixError("ENODEV");
  return { vnode, mayWrite: !shared || file.writable };
}

/**
 * @returns where the memory is.
 * @throws UnixError EACCES, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOVERFLOW; EAGAIN, EPERM to lock it
 */
export function* mmap(unix: Unix, call: Call, request: MapRequest): Blocking<number> {
  const { process } = call;
  const { memory } = process;
  const { address, protection, shared, fixed, keep = false } = request;
  yield* call.charge("region");
  const offset = request.file?.offset ?? 0;
  if (request.length <= 0 || !isAligned(offset) || (protection & ~PROTECTIONS) !== 0)
    throw new UnixError("EINVAL");
  const length = pageUp(request.length);
  const end = fixed ? endOf(address, length, "ENOMEM") : 0;
  if (length > END) throw new UnixError("ENOMEM");
  if (offset < 0 || offset + length > Number.MAX_SAFE_INTEGER) throw new UnixError("EOVERFLOW");
  const file = yield* mappedFile(call, request);
  if (fixed && keep && memory.overlapping(address, end).length > 0) throw new UnixError("EEXIST");
  if (memory.size + length > process.limits.RLIMIT_AS.soft) throw new UnixError("ENOMEM");
  const locks = request.lock === true || memory.locksFuture;
  if (locks && !mayLock(unix, call, length)) throw new UnixError("EAGAIN");
  const object = file && FileObject.of(file.vnode);
  // The vnode must not go while the server maps it.
  file?.vnode.hold();
  let start: number;
  try {
    start = yield* unix.system.tasks.map(process, {
      address: address - (address % PAGE_SIZE),
      length,
      protection,
      fixed,
      shared,
      ...(file && { mayWrite: file.mayWrite }),
      ...(object && { file: { object, offset } }),
    });
  } catch (error) {
    if (file !== undefined) yield* file.vnode.put();
    throw error;
  }
  yield* memory.remove(start, start + length);
  memory.add({
    start,
    end: start + length,
    protection,
    shared,
    ...(shared && !file && { anonymous: unix.nextAnonymous++ }),
    mayWrite: file?.mayWrite ?? true,
    ...(file && { file: { vnode: file.vnode, offset } }),
    kind: "mapped",
  });
  if (locks) yield* lockNew(unix, call, start, start + length);
  return start;
}

/** Takes memory away; where there is none is no error. @throws UnixError EINVAL */
export function* munmap(unix: Unix, call: Call, address: number, length: number): Blocking<void> {
  const { process } = call;
  yield* call.charge("region");
  if (length <= 0) throw new UnixError("EINVAL");
  const end = endOf(address, length, "EINVAL");
  for (const region of process.memory.overlapping(address, end)) {
    const from = Math.max(address, region.start);
    yield* unix.system.tasks.unmap(process, from, Math.min(end, region.end) - from);
  }
  yield* process.memory.remove(address, end);
}

/** @throws UnixError EACCES, EINVAL, ENOMEM where there is no memory */
export function* mprotect(
  unix: Unix,
  call: Call,
  address: number,
  length: number,
  protection: Protection,
): Blocking<void> {
  const { process } = call;
  const { memory } = process;
  yield* call.charge("region");
  if ((protection & ~PROTECTIONS) !== 0) throw new UnixError("EINVAL");
  const end = endOf(address, length, "ENOMEM");
  if (end === address) return;
  if (!memory.covers(address, end)) throw new UnixError("ENOMEM");
  const denies = ({ mayWrite }: Region): boolean => !mayWrite && (protection & WRITE) !== 0;
  if (memory.overlapping(address, end).some(denies)) throw new UnixError("EACCES");
  yield* unix.system.tasks.protect(process, address, end - address, protection);
  memory.protect(address, end, protection);
}

/** Maps more of what a region is, from a place in it on. */
function* mapLike(
  unix: Unix,
  call: Call,
  region: Region,
  from: number,
  where: { readonly address: number; readonly length: number; readonly fixed: boolean },
): Blocking<number> {
  const { process } = call;
  const { file, protection, shared, mayWrite, kind, locked } = region;
  if (process.memory.size + where.length > process.limits.RLIMIT_AS.soft)
    throw new UnixError("ENOMEM");
  if (locked === true && !mayLock(unix, call, where.length)) throw new UnixError("EAGAIN");
  const offset = (file?.offset ?? 0) + from - region.start;
  const start = yield* unix.system.tasks.map(process, {
    ...where,
    protection,
    shared,
    mayWrite,
    ...(file && { file: { object: FileObject.of(file.vnode), offset } }),
  });
  yield* process.memory.remove(start, start + where.length);
  process.memory.grow({
    start,
    end: start + where.length,
    protection,
    shared,
    mayWrite,
    ...(file && { file: { vnode: file.vnode.hold(), offset } }),
    kind,
  });
  if (locked === true) yield* lockNew(unix, call, start, start + where.length);
  return start;
}

export interface RemapOptions {
  readonly mayMove: boolean;
  /** Where it has to go; then it moves even when it need not. */
  readonly to?: number;
}

/**
 * Makes a mapping longer or shorter, elsewhere if it may.
 * @throws UnixError EFAULT where there is no memory, EINVAL, ENOMEM
 */
export function* mremap(
  unix: Unix,
  call: Call,
  address: number,
  oldLength: number,
  newLength: number,
  { mayMove, to }: RemapOptions,
): Blocking<number> {
  const { memory } = call.process;
  yield* call.charge("region");
  if (!isAligned(address) || newLength <= 0 || oldLength <= 0) throw new UnixError("EINVAL");
  const [before, after] = [pageUp(oldLength), pageUp(newLength)];
  const end = address + before;
  const region = memory.at(address);
  if (region === undefined || end > region.end) throw new UnixError("EFAULT");
  if (to !== undefined) {
    const overlaps = to < end && address < to + after;
    if (!mayMove || !isAligned(to) || overlaps || to + after > END) throw new UnixError("EINVAL");
  } else if (after <= before) {
    if (after < before) yield* munmap(unix, call, address + after, before - after);
    return address;
  } else if (end === region.end && memory.overlapping(end, address + after).length === 0) {
    const grown = { address: end, length: after - before, fixed: true };
    if (address + after <= END) {
      yield* mapLike(unix, call, region, end, grown);
      return address;
    }
  }
  if (!mayMove) throw new UnixError("ENOMEM");
  const where = { address: to ?? 0, length: after, fixed: to !== undefined };
  const start = yield* mapLike(unix, call, region, address, where);
  const { tasks } = unix.system;
  // A shared file's pages are there already.
  if (!region.shared || region.file === undefined)
    yield* tasks.copy(call.process, address, Math.min(before, after), start);
  yield* munmap(unix, call, address, before);
  return start;
}

/**
 * Writes what was changed in shared mappings: it is in the file on return, unless that is not waited for.
 * @throws UnixError EINVAL, EIO, ENOSPC, ENOMEM where there is no memory
 */
export function* msync(call: Call, address: number, length: number, wait: boolean): Blocking<void> {
  const { process } = call;
  yield* call.charge("region");
  const end = endOf(address, length, "ENOMEM");
  if (!process.memory.covers(address, end)) throw new UnixError("ENOMEM");
  for (const { shared, file, start, end: regionEnd } of process.memory.overlapping(address, end)) {
    const cache = shared ? file?.vnode.object?.cache : undefined;
    if (file === undefined || cache?.stores !== true) continue;
    const from = Math.max(address, start);
    yield* cache.clean(file.offset + from - start, Math.min(end, regionEnd) - from, wait);
    if (wait) tellFailure(file.vnode);
  }
}

/**
 * madvise. Advice that changes nothing that a program can see is taken and forgotten; "discard"
 * (MADV_DONTNEED) makes private memory what it was when it was mapped.
 * @throws UnixError EINVAL, also for memory that is locked, ENOMEM where there is none
 */
export function* madvise(
  unix: Unix,
  call: Call,
  address: number,
  length: number,
  advice: "none" | "discard",
): Blocking<void> {
  const { process } = call;
  yield* call.charge("region");
  const end = endOf(address, length, "EINVAL");
  if (!process.memory.covers(address, end)) throw new UnixError("ENOMEM");
  if (advice === "none") return;
  const ranges = process.memory.overlapping(address, end);
  if (ranges.some(({ locked }) => locked === true)) throw new UnixError("EINVAL");
  for (const region of process.memory.overlapping(address, end)) {
    if (region.shared) continue;
    const start = Math.max(address, region.start);
    const { file, protection } = region;
    const offset = (file?.offset ?? 0) + start - region.start;
    yield* unix.system.tasks.map(process, {
      address: start,
      length: Math.min(end, region.end) - start,
      protection,
      fixed: true,
      shared: false,
      ...(file && { file: { object: FileObject.of(file.vnode), offset } }),
    });
  }
}
