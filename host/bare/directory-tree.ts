/**
 * The files below one directory of the host, for reading. Paths are walked here, one name at a time:
 * the host never sees `..` or follows a symbolic link, so nothing outside the directory can be named.
 *
 * Names are bytes. Only regular files can be opened: a pipe or a device could block or act.
 */
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { asking } from "./host-errors.ts";
import { NAME_MAX } from "../abi/linux/files.ts";
import { fail } from "./call-failed.ts";
import type { Attributes, FileKind, FileTree, OpenedFile, TreeFile } from "./surroundings.ts";

/** Symbolic links in one path. */
const MOST_LINKS = 40;

const bytesOf = (name: string): Buffer => Buffer.from(name, "latin1");

function kindOf(stats: BigIntStats | Dirent<Buffer>): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  return stats.isBlockDevice() ? "block device" : "character device";
}

export class DirectoryTree implements FileTree {
  readonly #root: Buffer;

  /** @throws the host's error when the directory cannot be looked into */
  constructor(directory: string) {
    this.#root = Buffer.from(directory);
    readdirSync(directory);
  }

  find(path: string, follow: boolean): TreeFile {
    const done: string[] = [];
    const left = path.split("/").reverse();
    let links = 0;
    while (left.length > 0) {
      const name = left.pop()!;
      // A path that goes on, if only by a slash, goes through a directory.
      if (name === "" || name === "." || name === "..") {
        if (done.length > 0 && this.#kind(done) !== "directory") fail("ENOTDIR");
        if (name === "..") done.pop();
        continue;
      }
      if (name.length > NAME_MAX) fail("ENAMETOOLONG");
      if (done.length > 0 && this.#kind(done) !== "directory") fail("ENOTDIR");
      done.push(name);
      if (this.#kind(done) !== "link" || (left.length === 0 && !follow)) continue;
      if (++links > MOST_LINKS) fail("ELOOP");
      const target = new DirectoryFile(this.#host(done), "").target();
      done.pop();
      if (target.startsWith("/")) done.length = 0;
      left.push(...target.split("/").reverse());
    }
    return new DirectoryFile(this.#host(done), `/${done.join("/")}`);
  }

  /** The host's path of names that hold neither links, except the last, nor dots. */
  #host(names: readonly string[]): Buffer {
    return Buffer.concat([this.#root, ...names.map((name) => bytesOf(`/${name}`))]);
  }

  #kind(names: readonly string[]): FileKind {
    return asking(() => kindOf(lstatSync(this.#host(names), { bigint: true })));
  }
}

class DirectoryFile implements TreeFile {
  readonly path: string;
  readonly #host: Buffer;

  constructor(host: Buffer, path: string) {
    this.#host = host;
    this.path = path;
  }

  attributes(): Attributes {
    // The root may be a link of the host's; nothing else that was found is one unless asked for.
    const host = this.path === "/" ? Buffer.concat([this.#host, bytesOf("/")]) : this.#host;
    const stats = asking(() => lstatSync(host, { bigint: true }));
    return {
      kind: kindOf(stats),
      permissions: Number(stats.mode & 0o7777n),
      inode: Number(stats.ino),
      links: Number(stats.nlink),
      size: Number(stats.size),
      modified: stats.mtimeNs,
      changed: stats.ctimeNs,
      accessed: stats.atimeNs,
    };
  }

  permits(use: "read" | "execute"): boolean {
    try {
      accessSync(this.#host, use === "read" ? constants.R_OK : constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }

  target(): string {
    return asking(() => readlinkSync(this.#host, "latin1"));
  }

  entries() {
    const entries = asking(() =>
      readdirSync(this.#host, { withFileTypes: true, encoding: "buffer" }),
    );
    return entries
      .map((entry) => ({
        name: entry.name.toString("latin1"),
        kind: kindOf(entry),
        inode: this.#inodeOf(entry.name),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #inodeOf(name: Buffer): number {
    const host = Buffer.concat([this.#host, bytesOf("/"), name]);
    return asking(() => Number(lstatSync(host, { bigint: true }).ino));
  }

  open(): OpenedFile {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const descriptor = asking(() => openSync(this.#host, flags));
    if (!fstatSync(descriptor).isFile()) {
      closeSync(descriptor);
      fail("ENXIO");
    }
    return {
      read(position, length) {
        const bytes = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const count = asking(() =>
            readSync(descriptor, bytes, done, length - done, position + done),
          );
          if (count === 0) break;
          done += count;
        }
        return bytes.subarray(0, done);
      },
      close: () => closeSync(descriptor),
    };
  }
}
