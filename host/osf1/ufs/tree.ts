/**
 * Whole trees in and out of a file system: how a directory of the host becomes an image, and how what
 * programs wrote comes back. The host's side is plain data; nothing here touches its files.
 */
import { UnixError } from "../errno.ts";
import type { Blocking, TimeOfDay } from "./device.ts";
import { readEntries } from "./directory.ts";
import { readBytes, writeFile } from "./file.ts";
import type { FileSystem } from "./file-system.ts";
import { getInode, type Inode, locking } from "./inode.ts";
import { MODE, UFS } from "./layout.ts";
import {
  bring,
  create,
  link,
  lookup,
  mkdir,
  readlink,
  setAttributes,
  symlink,
} from "./operations.ts";
import type { Credentials } from "./permission.ts";
import { putInode } from "./put-inode.ts";

/** One file, by its path from the root without a leading slash; a string of bytes, a character each. */
export interface TreeEntry {
  readonly path: string;
  readonly content:
    | { readonly kind: "directory" }
    | { readonly kind: "file"; readonly bytes: Uint8Array }
    | { readonly kind: "link"; readonly target: string }
    /** Another name for a file that came before. */
    | { readonly kind: "name"; readonly of: string }
    | { readonly kind: "device"; readonly character: boolean; readonly number: number }
    | { readonly kind: "pipe" };
  /** Twelve bits. */
  readonly permissions: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly modified?: TimeOfDay;
}

const SUPERUSER: Credentials = { uid: 0, gid: 0, groups: [] };

/** Does something with the inode that a path leads to, links not followed. @throws UnixError ENOENT, … */
export function* atPath<T>(
  fs: FileSystem,
  path: string,
  action: (inode: Inode) => Blocking<T>,
): Blocking<T> {
  let inode = yield* getInode(fs, UFS.ROOT_INODE);
  try {
    for (const name of path.split("/").filter((part) => part !== "")) {
      const next = yield* lookup(inode, name, SUPERUSER);
      yield* putInode(inode);
      inode = next;
    }
    return yield* action(inode);
  } finally {
    yield* putInode(inode);
  }
}

/**
 * Puts entries into a file system, directories before what is in them. What is there already stays,
 * if it is a directory that is to be one.
 * @throws UnixError ENOSPC, EEXIST, …
 */
export function* importTree(fs: FileSystem, entries: Iterable<TreeEntry>): Blocking<void> {
  for (const entry of entries) {
    const slash = entry.path.lastIndexOf("/");
    const name = entry.path.slice(slash + 1);
    yield* atPath(fs, entry.path.slice(0, Math.max(0, slash)), (directory) =>
      importEntry(fs, directory, name, entry),
    );
  }
}

function* importEntry(
  fs: FileSystem,
  directory: Inode,
  name: string,
  { path, content, permissions, uid, gid, modified }: TreeEntry,
): Blocking<void> {
  switch (content.kind) {
    case "directory":
      try {
        yield* mkdir(directory, name, permissions, SUPERUSER);
      } catch (error) {
        if (!(error instanceof UnixError && error.errno === "EEXIST")) throw error;
        const existing = yield* lookup(directory, name, SUPERUSER);
        const { isDirectory } = existing;
        yield* putInode(existing);
        if (!isDirectory) throw error;
      }
      break;
    case "link":
      yield* symlink(directory, name, content.target, SUPERUSER);
      break;
    case "name":
      return yield* atPath(fs, content.of, (inode) => link(inode, directory, name, SUPERUSER));
    default: {
      const types = { file: MODE.IFREG, pipe: MODE.IFIFO, device: MODE.IFBLK };
      const isCharacter = content.kind === "device" && content.character;
      const mode = (isCharacter ? MODE.IFCHR : types[content.kind]) | permissions;
      const device = content.kind === "device" ? { device: content.number } : {};
      const inode = yield* create(directory, name, { mode, ...device }, SUPERUSER);
      try {
        if (content.kind === "file") yield* writeAll(inode, content.bytes);
      } finally {
        yield* putInode(inode);
      }
    }
  }
  yield* atPath(fs, path, (inode) =>
    setAttributes(
      inode,
      {
        ...(content.kind !== "link" && { permissions }),
        ...(uid !== undefined && { uid }),
        ...(gid !== undefined && { gid }),
        ...(modified && { mtime: modified, atime: modified }),
      },
      SUPERUSER,
    ),
  );
}

function* writeAll(inode: Inode, bytes: Uint8Array): Blocking<void> {
  const written = yield* locking(inode, () =>
    writeFile(inode, 0, bytes.length, bring(bytes), { superuser: true }),
  );
  if (written < bytes.length) throw new UnixError("ENOSPC");
}

/** Everything below a directory, parents first, names in their order; a second name of a file is told as one. */
export function* exportTree(fs: FileSystem, path = ""): Blocking<TreeEntry[]> {
  const result: TreeEntry[] = [];
  const firstNames = new Map<number, string>();
  const visit = function* (at: string, isTop: boolean): Blocking<void> {
    const below = yield* atPath(fs, at, function* (inode) {
      if (!isTop) {
        const known = firstNames.get(inode.number);
        const content: TreeEntry["content"] =
          known === undefined ? yield* contentOf(inode) : { kind: "name", of: known };
        if (!inode.isDirectory && known === undefined) firstNames.set(inode.number, at);
        result.push({
          path: at,
          content,
          permissions: inode.mode & 0o7777,
          uid: inode.uid,
          gid: inode.gid,
          modified: inode.mtime,
        });
      }
      return inode.isDirectory ? yield* locking(inode, () => readEntries(inode, 0, Infinity)) : [];
    });
    const names = below.map(({ name }) => name).filter((name) => name !== "." && name !== "..");
    for (const name of names.toSorted())
      if (at !== "" || name !== "lost+found")
        yield* visit(at === "" ? name : `${at}/${name}`, false);
  };
  yield* visit(path, true);
  return result;
}

function* contentOf(inode: Inode): Blocking<TreeEntry["content"]> {
  switch (inode.type) {
    case MODE.IFDIR:
      return { kind: "directory" };
    case MODE.IFLNK:
      return { kind: "link", target: yield* readlink(inode) };
    case MODE.IFCHR:
    case MODE.IFBLK:
      return { kind: "device", character: inode.type === MODE.IFCHR, number: inode.direct[0]! };
    case MODE.IFREG:
      return { kind: "file", bytes: yield* locking(inode, () => readBytes(inode, 0, inode.size)) };
    default:
      return { kind: "pipe" };
  }
}
