/**
 * Files that are mapped shared stay what their readers and writers see: before a call looks at such a
 * file what programs have stored in their memory comes to it, and after a write it comes to them.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Vnode } from "../files/vnode.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";

/** Makes a process's shared mappings, or those of one file, the same as their files. @throws UnixError EIO, ENOSPC */
export function* synchroniseMappings(unix: Unix, process: Process, vnode?: Vnode): Blocking<void> {
  for (const { start, end, shared, file } of [...process.memory.regions]) {
    if (!shared || file === undefined || (vnode ?? file.vnode) !== file.vnode) continue;
    yield* unix.system.tasks.flush(process, start, end - start);
  }
}

/** The same for all processes that map a file. @throws UnixError EIO, ENOSPC */
export function* synchroniseFile(unix: Unix, vnode: Vnode): Blocking<void> {
  if (vnode.object === undefined) return;
  for (const process of [...unix.processes.values()])
    if (!process.exiting && process.hasProgram) yield* synchroniseMappings(unix, process, vnode);
}

/** Before a process's memory goes; that its last bytes find no room is nobody's to know. */
export function* leaveMappings(unix: Unix, process: Process): Blocking<void> {
  try {
    yield* synchroniseMappings(unix, process);
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
  }
}
