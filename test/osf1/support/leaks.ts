/** Whether a Unix whose processes have all ended has anything left of them. */
import type { Bed } from "./bed.ts";

/** What should be nothing, by name; process 1 may still be there, with `ends` not yet gone. */
export function leaks(bed: Bed): Record<string, unknown> {
  const { unix } = bed;
  const { root } = unix;
  const found = {
    processes: [...unix.processes.keys()],
    groups: [...unix.groups.keys()],
    openFiles: unix.openFiles,
    // The root and what /proc covers are held for good.
    vnodes: [...unix.vnodes.values()]
      .filter((vnode) => vnode !== root && vnode.mounted === undefined)
      .map(({ inode, references }) => `inode ${inode.number}: ${references}`),
    rootReferences: root.references - 1,
    lockWaits: unix.lockWaits.size,
    futexes: unix.futexes.size,
    timers: unix.timers.count - 1,
    memories: bed.memories.size,
    pipePages: bed.pages,
    busyBuffers: unix.fs.renameLock.held,
    lockedInodes: [...unix.fs.inodes.values()].filter(({ locked }) => locked).map((i) => i.number),
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) =>
      Array.isArray(value) ? value.length > 0 : value !== 0 && value !== false,
    ),
  );
}
