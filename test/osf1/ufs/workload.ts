/** Random operations, as data, on the file system and on the model, with what each answers. */
import * as fc from "fast-check";
import { UnixError } from "../../../host/osf1/errno.ts";
import { type Blocking } from "../../../host/osf1/ufs/device.ts";
import { readEntries } from "../../../host/osf1/ufs/directory.ts";
import { readBytes, syncFile, writeFile } from "../../../host/osf1/ufs/file.ts";
import type { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { getInode, type Inode, locking } from "../../../host/osf1/ufs/inode.ts";
import { MODE, UFS } from "../../../host/osf1/ufs/layout.ts";
import {
  bring,
  create,
  link,
  lookup,
  mkdir,
  readlink,
  rmdir,
  setAttributes,
  symlink,
  unlink,
} from "../../../host/osf1/ufs/operations.ts";
import { rename } from "../../../host/osf1/ufs/rename.ts";
import { putInode } from "../../../host/osf1/ufs/put-inode.ts";
import { Model, ModelError, type ModelNode } from "./model.ts";

export const ROOT = { uid: 0, gid: 0, groups: [] } as const;

export type Operation =
  | {
      readonly kind: "create" | "mkdir" | "unlink" | "rmdir" | "symlink" | "fsync" | "read";
      readonly at: At;
    }
  | { readonly kind: "link" | "rename"; readonly at: At; readonly to: At }
  | { readonly kind: "write"; readonly at: At; readonly offset: number; readonly length: number }
  | { readonly kind: "truncate"; readonly at: At; readonly size: number }
  | { readonly kind: "sync" };

export interface At {
  readonly path: readonly string[];
  readonly name: string;
}

const NAMES = ["a", "b", "c", "d", `a-long-name-${"x".repeat(90)}`];
const at: fc.Arbitrary<At> = fc.record({
  path: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<string[]>([], ["a"], ["b"]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 3 }) },
  ),
  name: fc.constantFrom(...NAMES),
});
const offset = fc.oneof(
  fc.nat(3000),
  fc.constantFrom(0, 1023, 1024, 8191, 8192, 98303, 98304, 110000),
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("create" as const), at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("mkdir" as const), at }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      at,
      offset,
      length: fc.oneof(fc.nat(2000), fc.nat(20_000)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("truncate" as const), at, size: offset }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("unlink" as const, "rmdir" as const), at }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("symlink" as const), at }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("link" as const, "rename" as const), at, to: at }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("fsync" as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("read" as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sync" as const) }) },
);

/** Something to begin with, so that most operations find what they want. */
const BEGINNING: readonly Operation[] = [
  { kind: "mkdir", at: { path: [], name: "a" } },
  { kind: "mkdir", at: { path: [], name: "b" } },
  { kind: "create", at: { path: ["a"], name: "a" } },
  { kind: "create", at: { path: ["b"], name: "b" } },
  { kind: "create", at: { path: [], name: "c" } },
];

export const operations = (most: number): fc.Arbitrary<Operation[]> =>
  fc
    .array(operation, { minLength: 1, maxLength: most, size: "max" })
    .map((list) => [...BEGINNING, ...list]);

/** Bytes that a write puts down: of the operation's number, so that no two writes agree. */
export function bytesOf(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (number * 37 + i * 11 + (i >> 8)) & 0xff);
}

/** Runs something on what a place's path leads to, with a reference to it. */
function* inside<T>(
  fs: FileSystem,
  path: readonly string[],
  action: (inode: Inode) => Blocking<T>,
): Blocking<T> {
  let inode = yield* getInode(fs, UFS.ROOT_INODE);
  try {
    for (const name of path) {
      const next = yield* lookup(inode, name, ROOT);
      yield* putInode(inode);
      inode = next;
    }
    if (!inode.isDirectory) throw new UnixError("ENOTDIR");
    return yield* action(inode);
  } finally {
    yield* putInode(inode);
  }
}

/** Bytes of a file that are read at a time. */
const PIECE = 4096;
/** What a file read says of its bytes. */
const digest = (bytes: Uint8Array): string =>
  `${bytes.length} bytes, ${bytes.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)}`;

/** One operation on the real file system: "ok", what was read, or the name of an error. */
export function* perform(fs: FileSystem, operation: Operation, number: number): Blocking<string> {
  try {
    return (yield* act(fs, operation, number)) ?? "ok";
  } catch (error) {
    if (error instanceof UnixError) return error.errno;
    throw error;
  }
}

function* act(
  fs: FileSystem,
  operation: Operation,
  number: number,
): Blocking<string | undefined | void> {
  if (operation.kind === "sync") return yield* fs.sync();
  const { path, name } = operation.at;
  const onFile = <T>(action: (inode: Inode) => Blocking<T>): Blocking<T> =>
    inside(fs, path, (directory) =>
      (function* () {
        const inode = yield* lookup(directory, name, ROOT);
        try {
          return yield* action(inode);
        } finally {
          yield* putInode(inode);
        }
      })(),
    );
  const inDirectory = (action: (directory: Inode) => Blocking<void>): Blocking<void> =>
    inside(fs, path, action);
  switch (operation.kind) {
    case "create":
      return yield* inDirectory(function* (directory) {
        const creation = { mode: MODE.IFREG | 0o644 };
        yield* putInode(yield* create(directory, name, creation, ROOT));
      });
    case "mkdir":
      return yield* inDirectory((directory) => mkdir(directory, name, 0o755, ROOT));
    case "symlink":
      return yield* inDirectory((directory) => symlink(directory, name, "/a/b/c", ROOT));
    case "unlink":
      return yield* inDirectory((directory) => unlink(directory, name, ROOT));
    case "rmdir":
      return yield* inDirectory((directory) => rmdir(directory, name, ROOT));
    case "link":
      return yield* onFile((inode) =>
        inside(fs, operation.to.path, (to) => link(inode, to, operation.to.name, ROOT)),
      );
    case "rename":
      return yield* inDirectory((directory) =>
        inside(fs, operation.to.path, (to) =>
          rename({ directory, name }, { directory: to, name: operation.to.name }, ROOT),
        ),
      );
    case "write":
      return yield* onFile((inode) =>
        locking(inode, function* () {
          if (inode.isDirectory) throw new UnixError("EISDIR");
          if (inode.type === MODE.IFLNK) throw new UnixError("EINVAL");
          const bytes = bytesOf(number, operation.length);
          const done = yield* writeFile(inode, operation.offset, bytes.length, bring(bytes), {
            superuser: true,
          });
          if (done < bytes.length) throw new UnixError("ENOSPC");
        }),
      );
    case "truncate":
      return yield* onFile((inode) => setAttributes(inode, { size: operation.size }, ROOT));
    case "fsync":
      return yield* onFile((inode) => locking(inode, () => syncFile(inode)));
    case "read":
      return yield* onFile((inode) =>
        locking(inode, function* () {
          if (inode.type !== MODE.IFREG) return undefined;
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < inode.size; at += PIECE)
            pieces.push(yield* readBytes(inode, at, PIECE));
          return digest(Buffer.concat(pieces));
        }),
      );
  }
}

/** The same on the model. */
export function expect(model: Model, operation: Operation, number: number): string {
  try {
    if (operation.kind === "sync") return "ok";
    const { path, name } = operation.at;
    switch (operation.kind) {
      case "write":
        model.write(path, name, operation.offset, bytesOf(number, operation.length));
        break;
      case "truncate":
        model.truncate(path, name, operation.size);
        break;
      case "link":
      case "rename":
        model[operation.kind](path, name, operation.to.path, operation.to.name);
        break;
      case "fsync":
        model.node(path, name);
        break;
      case "read": {
        const node = model.node(path, name);
        if (node.kind === "file") return digest(Uint8Array.from(node.bytes));
        break;
      }
      case "symlink":
        model.symlink(path, name, "/a/b/c");
        break;
      default:
        model[operation.kind](path, name);
    }
    return "ok";
  } catch (error) {
    if (error instanceof ModelError) return error.errno;
    throw error;
  }
}

/** Everything in a tree, as text by path: directories, links with their target, files with their bytes. */
export function* contents(fs: FileSystem): Blocking<Map<string, string>> {
  const result = new Map<string, string>();
  const visit = function* (number: number, path: string): Blocking<void> {
    const inode = yield* getInode(fs, number);
    try {
      if (inode.isDirectory) {
        if (path !== "") result.set(path, `directory ${inode.nlink}`);
        const entries = yield* locking(inode, () => readEntries(inode, 0, Infinity));
        for (const entry of entries)
          if (!/^\.\.?$/.test(entry.name) && !(path === "" && entry.name === "lost+found"))
            yield* visit(entry.inode, `${path}/${entry.name}`);
      } else if (inode.type === MODE.IFLNK) {
        result.set(path, `link ${inode.nlink} ${yield* readlink(inode)}`);
      } else {
        const bytes = yield* locking(inode, () => readBytes(inode, 0, inode.size));
        result.set(path, `file ${inode.nlink} ${Buffer.from(bytes).toString("hex")}`);
      }
    } finally {
      yield* putInode(inode);
    }
  };
  yield* visit(UFS.ROOT_INODE, "");
  return result;
}

export function contentsOfModel(model: Model): Map<string, string> {
  const result = new Map<string, string>();
  const visit = (node: ModelNode, path: string): void => {
    if (node.kind === "directory") {
      const below = [...node.entries.values()].filter(({ kind }) => kind === "directory").length;
      if (path !== "") result.set(path, `directory ${2 + below}`);
      for (const [name, child] of node.entries) visit(child, `${path}/${name}`);
    } else if (node.kind === "link") result.set(path, `link ${node.names} ${node.target}`);
    else result.set(path, `file ${node.names} ${Buffer.from(node.bytes).toString("hex")}`);
  };
  visit(model.root, "");
  return result;
}
