/**
 * Memory that stays: mlock, munlock, mlockall, munlockall. Pages that no file has are wired; a file's
 * are brought in, and stay its pager's, who takes them back when somebody changes the file.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { PAGE_SIZE, pageUp } from "../constants.ts";
import type { Unix } from "../unix.ts";
import type { Region } from "./regions.ts";

const READ = 1;
/** One above the last address. */
const END = 2 ** 32;
/** Of the machine's memory, what all processes together may lock: the rest must go on. */
const PART = 1 / 2;

/** Whether a process may have so many bytes locked. @throws UnixError EPERM if it may lock none at all */
export function mayLock(unix: Unix, { process }: Call, more: number): boolean {
  const { RLIMIT_MEMLOCK } = process.limits;
  const privileged = isSuperuser(process.credentials);
  if (!privileged && RLIMIT_MEMLOCK.soft === 0) throw new UnixError("EPERM");
  if (!privileged && process.memory.locked + more > RLIMIT_MEMLOCK.soft) return false;
  const locked = [...unix.processes.values()].reduce((sum, { memory }) => sum + memory.locked, 0);
  return locked + more <= unix.options.memory * PART;
}

/** Brings the pages of a part of a region in, to stay. @throws UnixError EAGAIN, ENOMEM */
function* bring(unix: Unix, call: Call, { file, protection }: Region, start: number, end: number) {
  const { process } = call;
  if (file === undefined) return yield* unix.system.tasks.wire(process, start, end - start, true);
  if ((protection & READ) === 0) throw new UnixError("ENOMEM");
  const byte = new Uint8Array(1);
  try {
    for (let at = start; at < end; at += PAGE_SIZE) yield* call.copyin(at, byte);
  } catch (error) {
    // Behind the end of its file a mapping has no pages.
    if (error instanceof UnixError && error.errno === "EFAULT") throw new UnixError("ENOMEM");
    throw error;
  }
}

/**
 * Locks memory that is mapped.
 * @throws UnixError EAGAIN, ENOMEM when pages did not come; they are locked all the same, as on Linux
 */
export function* lockRange(unix: Unix, call: Call, start: number, end: number): Blocking<void> {
  const { memory } = call.process;
  const fresh = memory.overlapping(start, end).filter(({ locked }) => locked !== true);
  memory.lock(start, end, true);
  for (const region of fresh)
    yield* bring(unix, call, region, Math.max(start, region.start), Math.min(end, region.end));
}

/** The same, for memory that has just been made: what does not come now comes when it is used. */
export function* lockNew(unix: Unix, call: Call, start: number, end: number): Blocking<void> {
  try {
    yield* lockRange(unix, call, start, end);
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
  }
}

function* unlockRange(unix: Unix, call: Call, start: number, end: number): Blocking<void> {
  const { process } = call;
  const { memory } = process;
  const locked = memory.overlapping(start, end).filter((region) => region.locked === true);
  memory.lock(start, end, false);
  for (const region of locked) {
    if (region.file !== undefined) continue;
    const from = Math.max(start, region.start);
    yield* unix.system.tasks.wire(process, from, Math.min(end, region.end) - from, false);
  }
}

/** The whole pages that have some of the bytes. @throws UnixError EINVAL */
function pagesOf(address: number, length: number): [start: number, end: number] {
  const start = address - (address % PAGE_SIZE);
  const end = start + pageUp(length + address - start);
  if (end > END) throw new UnixError("EINVAL");
  return [start, end];
}

/** @throws UnixError EAGAIN, EINVAL, ENOMEM where there is no memory or too much is locked, EPERM */
export function* mlock(unix: Unix, call: Call, address: number, length: number): Blocking<void> {
  const { memory } = call.process;
  yield* call.charge("region");
  if (!mayLock(unix, call, 0)) throw new UnixError("ENOMEM");
  const [start, end] = pagesOf(address, length);
  const fresh = memory
    .overlapping(start, end)
    .filter(({ locked }) => locked !== true)
    .reduce((sum, region) => sum + Math.min(end, region.end) - Math.max(start, region.start), 0);
  if (!mayLock(unix, call, fresh) || !memory.covers(start, end)) throw new UnixError("ENOMEM");
  yield* lockRange(unix, call, start, end);
}

/** @throws UnixError EINVAL, ENOMEM where there is no memory */
export function* munlock(unix: Unix, call: Call, address: number, length: number): Blocking<void> {
  yield* call.charge("region");
  const [start, end] = pagesOf(address, length);
  if (!call.process.memory.covers(start, end)) throw new UnixError("ENOMEM");
  yield* unlockRange(unix, call, start, end);
}

/** Locks all there is, all that comes, or both. @throws UnixError ENOMEM, EPERM */
export function* mlockall(
  unix: Unix,
  call: Call,
  { current, future }: { readonly current: boolean; readonly future: boolean },
): Blocking<void> {
  const { memory } = call.process;
  yield* call.charge("region");
  const more = current ? memory.size - memory.locked : 0;
  if (!mayLock(unix, call, more)) throw new UnixError("ENOMEM");
  memory.locksFuture = future;
  if (!current) return;
  for (const { start, end } of memory.regions) yield* lockNew(unix, call, start, end);
}

export function* munlockall(unix: Unix, call: Call): Blocking<void> {
  const { memory } = call.process;
  yield* call.charge("region");
  memory.locksFuture = false;
  yield* unlockRange(unix, call, 0, END);
}
