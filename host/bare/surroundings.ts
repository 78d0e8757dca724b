/**
 * What a bare program may reach of the world: three streams and a tree of files to read. The
 * command line lends its own (standard-streams.ts, directory-tree.ts), a test lends what it likes. All of
 * it is synchronous: the program waits, and simulated time does not pass.
 */
import { fail } from "./call-failed.ts";

export type FileKind =
  | "file"
  | "directory"
  | "link"
  | "pipe"
  | "socket"
  | "character device"
  | "block device";

/** What `stat` tells. Times in nanoseconds. */
export interface Attributes {
  readonly kind: FileKind;
  /** Permission bits. */
  readonly permissions: number;
  readonly inode: number;
  readonly links: number;
  readonly size: number;
  readonly modified: bigint;
  readonly changed: bigint;
  readonly accessed: bigint;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
  readonly inode: number;
}

/** A regular file, open for reading. */
export interface OpenedFile {
  /** Up to `length` bytes; fewer only at the end of the file. */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

/** One file of a tree. Every method ends the program's call with an errno if the host refuses. */
export interface TreeFile {
  /** From the tree's root, without links and dots: `/` or `/a/b`. */
  readonly path: string;
  attributes(): Attributes;
  /** Whether the program may read it, or execute it (enter it, if it is a directory). */
  permits(use: "read" | "execute"): boolean;
  /** Where a symbolic link leads, as it is written there. */
  target(): string;
  /** What a directory holds, in the order of names, without `.` and `..`. */
  entries(): readonly DirectoryEntry[];
  open(): OpenedFile;
}

/**
 * Files by absolute path. Names are strings of bytes (each character one byte). Nothing outside the
 * tree can be named: `..` ends at its root, and so do symbolic links, absolute ones included.
 */
export interface FileTree {
  /** @param follow whether a symbolic link at the end of the path is followed */
  find(path: string, follow: boolean): TreeFile;
}

export interface Surroundings {
  /** Up to `length` bytes of standard input, at least one unless it has ended. */
  readInput(length: number): Uint8Array;
  /** Writes all of it to standard output (1) or standard error (2); EPIPE when nobody reads. */
  write(stream: 1 | 2, bytes: Uint8Array): void;
  readonly files: FileTree;
}

/** A tree of nothing but its root. */
export const NO_FILES: FileTree = {
  find(path) {
    if (path.split("/").some((name) => name !== "" && !/^\.\.?$/.test(name))) fail("ENOENT");
    return {
      path: "/",
      attributes: () => ({
        kind: "directory",
        permissions: 0o555,
        inode: 1,
        links: 2,
        size: 0,
        modified: 0n,
        changed: 0n,
        accessed: 0n,
      }),
      permits: () => true,
      target: () => fail("EINVAL"),
      entries: () => [],
      open: () => fail("EISDIR"),
    };
  },
};
