/** From a directory back to its path: getcwd. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import type { Unix } from "../unix.ts";
import type { Vnode } from "./vnode.ts";

/** Entries looked at in one go. */
const ENTRIES = 64;

/** The name under which a directory has a child. @throws UnixError ENOENT */
function* nameIn(unix: Unix, directory: Vnode, child: Vnode): Blocking<string> {
  const mount = unix.mounts.find((each) => each.directory === directory && each.root === child);
  if (mount !== undefined) return mount.name;
  const { inode } = yield* child.attributes();
  for (let offset = 0; ;) {
    const entries = yield* directory.readEntries(offset, ENTRIES);
    const found = entries.find(
      (entry) => entry.inode === inode && entry.name !== "." && entry.name !== "..",
    );
    if (found !== undefined) return found.name;
    if (entries.length === 0) throw new UnixError("ENOENT");
    offset = entries.at(-1)!.next;
  }
}

/**
 * The path from a root to a directory (or "(unreachable)" before it when the root is not above it).
 * @throws UnixError ENOENT when the directory has no name any more, ENOTDIR
 */
export function* pathOf(unix: Unix, root: Vnode, directory: Vnode): Blocking<string> {
  if (!directory.isDirectory) throw new UnixError("ENOTDIR");
  const names: string[] = [];
  let here = directory.hold();
  try {
    while (here !== root) {
      // Out of what is mounted: the name is that of what it covers.
      const { covers } = here;
      const above = yield* (covers ?? here).lookup("..", unix.superuser);
      if (above === here && covers === undefined) {
        yield* above.put();
        return `(unreachable)/${names.join("/")}`;
      }
      try {
        names.unshift(yield* nameIn(unix, above, here));
      } catch (error) {
        yield* above.put();
        throw error;
      }
      const before = here;
      here = above;
      yield* before.put();
    }
    return `/${names.join("/")}`;
  } finally {
    yield* here.put();
  }
}

/** The working directory's path. @throws UnixError ENOENT */
export function* getcwd(unix: Unix, call: Call): Blocking<string> {
  yield* call.charge("path");
  return yield* pathOf(unix, call.process.root, call.process.cwd);
}
