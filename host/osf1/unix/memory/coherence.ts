/**
 * Files that programs store into by their memory stay what their readers and writers see: what looks at
 * such a file has it brought up to date first. Who has files in memory does the work (`FileCache`).
 */
import type { Blocking } from "../../ufs/device.ts";
import type { Vnode } from "../files/vnode.ts";
import type { Unix } from "../unix.ts";

/** Brings what programs have stored by their memory to a file, or to a range of it. */
export function* synchroniseFile(
  { object }: Vnode,
  offset = 0,
  length = object?.size ?? 0,
): Blocking<void> {
  if (object?.cache?.stores === true) yield* object.cache.clean(offset, length);
}

/** The same for all files. */
export function* synchroniseFiles(unix: Unix): Blocking<void> {
  for (const vnode of [...unix.vnodes.values()]) yield* synchroniseFile(vnode);
}

/** Tells, once, that what was stored did not come to a file. @throws UnixError EIO, ENOSPC */
export function tellFailure({ object }: Vnode): void {
  const failed = object?.failed;
  if (object === undefined || failed === undefined) return;
  object.failed = undefined;
  throw failed;
}

/** Files that have no name any more stay in memory no longer than they are used. */
export function* releaseNameless(vnodes: Iterable<Vnode>): Blocking<void> {
  for (const { object } of [...vnodes])
    if (object?.cache !== undefined && object.vnode.inode.nlink === 0)
      yield* object.cache.release();
}
