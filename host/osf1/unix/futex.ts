/**
 * Futexes, as far as a C library needs them: waiting while a word of memory has a value, and waking
 * who waits there.
 */
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "./call.ts";
import type { Process } from "./process.ts";
import { interruptibleSleep } from "./signals/interrupt.ts";
import type { Unix } from "./unix.ts";

/** Which word it is: of memory that is shared, with a file or without, the same for all its processes. */
function keyOf(process: Process, address: number): string {
  const region = process.memory.at(address);
  if (region?.shared === true && region.file !== undefined) {
    const { vnode, offset } = region.file;
    if (vnode.object !== undefined)
      return `file ${vnode.object.vnode.inode.number} ${offset + address - region.start}`;
  }
  // A child has what it shares with its parent where that has it.
  if (region?.anonymous !== undefined) return `anonymous ${region.anonymous} ${address}`;
  return `process ${process.pid} ${address}`;
}

/**
 * FUTEX_WAIT.
 * @param until nanoseconds since boot.
 * @throws UnixError EAGAIN when the word has another value, ETIMEDOUT, EINTR, EFAULT, EINVAL
 */
export function* futexWait(
  unix: Unix,
  call: Call,
  address: number,
  value: number,
  until?: number,
): Blocking<void> {
  const { process } = call;
  if (address % 4 !== 0) throw new UnixError("EINVAL");
  const bytes = new Uint8Array(4);
  yield* call.copyin(address, bytes);
  const word = new DataView(bytes.buffer).getUint32(0);
  if (word !== value >>> 0) throw new UnixError("EAGAIN");
  const key = keyOf(process, address);
  const waiter = { woken: false };
  const waiters = unix.futexes.get(key) ?? [];
  unix.futexes.set(key, waiters);
  waiters.push(waiter);
  try {
    while (!waiter.woken) {
      const inTime = yield* interruptibleSleep(unix, process, waiter, {
        ...(until !== undefined && { until }),
        restartable: until === undefined,
      });
      if (!inTime && !waiter.woken) throw new UnixError("ETIMEDOUT");
    }
  } finally {
    const at = waiters.indexOf(waiter);
    if (at !== -1) waiters.splice(at, 1);
    if (waiters.length === 0 && unix.futexes.get(key) === waiters) unix.futexes.delete(key);
  }
}

/** Wakes up to `most` who wait at a word; returns how many. */
export function wakeFutex(unix: Unix, process: Process, address: number, most: number): number {
  const woken = unix.futexes.get(keyOf(process, address))?.splice(0, most) ?? [];
  for (const waiter of woken) {
    waiter.woken = true;
    unix.system.wakeup(waiter);
  }
  return woken.length;
}

/** FUTEX_WAKE. @throws UnixError EINVAL */
export function* futexWake(
  unix: Unix,
  call: Call,
  address: number,
  most: number,
): Blocking<number> {
  yield* call.charge("identity");
  if (address % 4 !== 0) throw new UnixError("EINVAL");
  return wakeFutex(unix, call.process, address, Math.max(1, most));
}
