/**
 * Locks on a file's contents: records, which belong to a process (fcntl), and whole files, which
 * belong to an open file (flock). The two do not see each other, as on Berkeley's systems.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Process } from "../process.ts";
import { interruptibleSleep } from "../signals/interrupt.ts";
import type { Unix } from "../unix.ts";
import type { OpenFile } from "./open-file.ts";
import type { Vnode } from "./vnode.ts";

export interface RecordLock {
  readonly owner: Process;
  readonly exclusive: boolean;
  /** Bytes from `start` to before `end`; `Infinity` is the end of the file, wherever that will be. */
  readonly start: number;
  readonly end: number;
}

export interface FileLocks {
  records: RecordLock[];
  readonly shared: Set<OpenFile>;
  exclusive: OpenFile | undefined;
}

const locksOf = (vnode: Vnode): FileLocks =>
  (vnode.locks ??= { records: [], shared: new Set(), exclusive: undefined });

const conflicts = (a: RecordLock, b: RecordLock): boolean =>
  a.owner !== b.owner && a.start < b.end && b.start < a.end && (a.exclusive || b.exclusive);

/** The first lock that a request would have to wait for. */
export const blockingLock = (vnode: Vnode, request: RecordLock): RecordLock | undefined =>
  vnode.locks?.records.find((lock) => conflicts(lock, request));

/** Takes a range away from a process's locks, and puts a lock there if one is given. */
function replace(vnode: Vnode, range: RecordLock, put: boolean): void {
  const locks = locksOf(vnode);
  const next: RecordLock[] = [];
  let { start, end } = range;
  for (const lock of locks.records) {
    const apart = lock.owner !== range.owner || lock.end < start || end < lock.start;
    if (apart) {
      next.push(lock);
      continue;
    }
    // Neighbours of one kind become one lock.
    if (put && lock.exclusive === range.exclusive) {
      start = Math.min(start, lock.start);
      end = Math.max(end, lock.end);
      continue;
    }
    if (lock.start < start) next.push({ ...lock, end: Math.min(lock.end, start) });
    if (lock.end > end) next.push({ ...lock, start: Math.max(lock.start, end) });
  }
  if (put) next.push({ ...range, start, end });
  locks.records = next.toSorted((a, b) => a.start - b.start);
}

/** Whether waiting for a lock would close a circle of processes that wait for each other. */
function wouldDeadlock(unix: Unix, vnode: Vnode, request: RecordLock): boolean {
  const seen = new Set<Process>();
  const reaches = (from: Vnode, wanted: RecordLock): boolean =>
    (from.locks?.records ?? [])
      .filter((lock) => conflicts(lock, wanted))
      .some(({ owner }) => {
        if (owner === request.owner) return true;
        if (seen.has(owner)) return false;
        seen.add(owner);
        const waiting = unix.lockWaits.get(owner);
        return waiting !== undefined && reaches(waiting.vnode, waiting.request);
      });
  const blockers = (vnode.locks?.records ?? []).filter((lock) => conflicts(lock, request));
  return blockers.some(({ owner }) => {
    const waiting = unix.lockWaits.get(owner);
    seen.add(owner);
    return waiting !== undefined && reaches(waiting.vnode, waiting.request);
  });
}

/**
 * Sets a record lock.
 * @throws UnixError EAGAIN when another's is in the way and `wait` is false; EDEADLK, EINTR
 */
export function* lockRecord(
  unix: Unix,
  vnode: Vnode,
  request: RecordLock,
  wait: boolean,
): Blocking<void> {
  const { owner } = request;
  while (blockingLock(vnode, request) !== undefined) {
    if (!wait) throw new UnixError("EAGAIN");
    if (wouldDeadlock(unix, vnode, request)) throw new UnixError("EDEADLK");
    unix.lockWaits.set(owner, { vnode, request });
    try {
      yield* interruptibleSleep(unix, owner, locksOf(vnode));
    } finally {
      unix.lockWaits.delete(owner);
    }
  }
  replace(vnode, request, true);
  // A lock that became weaker lets others in.
  unix.system.wakeup(locksOf(vnode));
}

export function unlockRecord(unix: Unix, vnode: Vnode, range: RecordLock): void {
  if (vnode.locks === undefined) return;
  replace(vnode, range, false);
  unix.system.wakeup(vnode.locks);
}

/** A process that closes any descriptor of a file has no locks on it any more. */
export function releaseRecords(unix: Unix, process: Process, vnode: Vnode): void {
  unlockRecord(unix, vnode, { owner: process, exclusive: false, start: 0, end: Infinity });
}

/**
 * Sets or changes a lock of a whole file.
 * @throws UnixError EAGAIN (EWOULDBLOCK), EINTR
 */
export function* flockVnode(
  unix: Unix,
  process: Process,
  file: OpenFile,
  vnode: Vnode,
  { exclusive, wait }: { readonly exclusive: boolean; readonly wait: boolean },
): Blocking<void> {
  const locks = locksOf(vnode);
  const free = (): boolean => {
    if (locks.exclusive !== undefined && locks.exclusive !== file) return false;
    return !exclusive || [...locks.shared].every((other) => other === file);
  };
  if (!free() && wait) {
    // A change of kind gives the old lock up first.
    releaseFlock(unix, file);
    while (!free()) yield* interruptibleSleep(unix, process, locks);
  }
  if (!free()) throw new UnixError("EAGAIN");
  locks.shared.delete(file);
  if (locks.exclusive === file) locks.exclusive = undefined;
  if (exclusive) locks.exclusive = file;
  else locks.shared.add(file);
  unix.system.wakeup(locks);
}

export function releaseFlock(unix: Unix, file: OpenFile): void {
  const locks = file.vnode?.locks;
  if (locks === undefined) return;
  locks.shared.delete(file);
  if (locks.exclusive === file) locks.exclusive = undefined;
  unix.system.wakeup(locks);
}
