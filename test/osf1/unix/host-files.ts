/** The same operations on files by Unix's calls and by the host's own, in a directory for the purpose. */
import * as fs from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Blocking } from "../../../host/osf1/ufs/device.ts";
import { MODE } from "../../../host/osf1/ufs/layout.ts";
import type { Call } from "../../../host/osf1/unix/call.ts";
import { OPEN } from "../../../host/osf1/unix/constants.ts";
import { access, fstat, stat } from "../../../host/osf1/unix/files/status.ts";
import { chmod, ftruncate, truncate, utimes } from "../../../host/osf1/unix/files/change.ts";
import { close, dup } from "../../../host/osf1/unix/files/descriptors.ts";
import { readDirectory } from "../../../host/osf1/unix/files/directory.ts";
import * as names from "../../../host/osf1/unix/files/names.ts";
import { open } from "../../../host/osf1/unix/files/open.ts";
import { lseek, pread, pwrite, read, write } from "../../../host/osf1/unix/files/transfer.ts";
import type { Attributes } from "../../../host/osf1/unix/files/vnode.ts";
import type { Unix } from "../../../host/osf1/unix/unix.ts";
import type { Running } from "../support/running.ts";

/** Flags by name, to be told to both sides. */
const FLAGS = {
  O_APPEND: fs.constants.O_APPEND,
  O_CREAT: fs.constants.O_CREAT,
  O_EXCL: fs.constants.O_EXCL,
  O_TRUNC: fs.constants.O_TRUNC,
  O_DIRECTORY: fs.constants.O_DIRECTORY,
  O_NOFOLLOW: fs.constants.O_NOFOLLOW,
} as const;
type Flag = keyof typeof FLAGS;

export type FileOperation =
  | {
      readonly kind: "open";
      readonly path: string;
      readonly mode: 0 | 1 | 2;
      readonly flags: Flag[];
    }
  | { readonly kind: "close" | "fstat" | "list"; readonly file: number }
  | { readonly kind: "read" | "ftruncate"; readonly file: number; readonly length: number }
  | { readonly kind: "write"; readonly file: number; readonly text: string }
  | { readonly kind: "pread"; readonly file: number; readonly at: number; readonly length: number }
  | { readonly kind: "pwrite"; readonly file: number; readonly at: number; readonly text: string }
  | {
      readonly kind: "stat" | "lstat" | "unlink" | "rmdir" | "mkdir" | "readlink" | "access";
      readonly path: string;
    }
  | { readonly kind: "truncate"; readonly path: string; readonly length: number }
  | { readonly kind: "chmod"; readonly path: string; readonly permissions: number }
  | { readonly kind: "utimes"; readonly path: string; readonly seconds: number }
  | { readonly kind: "link" | "rename" | "symlink"; readonly path: string; readonly to: string };

const component = fc.constantFrom("a", "b", "c", "d", ".", "..", "");
const path = fc
  .array(component, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"))
  // Outside its directory the host has more than we.
  .filter((each) => !each.startsWith("/") && !each.includes(".."));
const target = fc.constantFrom("a", "b", "./c", "a/b", "d", "d/", ".");
const file = fc.nat(5);
const length = fc.oneof(fc.nat(40), fc.nat(20_000));
const text = fc.oneof(
  fc.string({ maxLength: 20, unit: "binary-ascii" }),
  length.map((n) => "x".repeat(n)),
);
const pair = { path, to: path };

export const fileOperation: fc.Arbitrary<FileOperation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("open" as const),
      path,
      mode: fc.constantFrom(0 as const, 1 as const, 2 as const),
      flags: fc.uniqueArray(fc.constantFrom(...(Object.keys(FLAGS) as Flag[])), { maxLength: 3 }),
    }),
  },
  fc.record({ kind: fc.constantFrom("close" as const, "fstat" as const, "list" as const), file }),
  fc.record({ kind: fc.constantFrom("read" as const, "ftruncate" as const), file, length }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("write" as const), file, text }) },
  fc.record({ kind: fc.constant("pread" as const), file, at: length, length }),
  fc.record({ kind: fc.constant("pwrite" as const), file, at: length, text }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "stat" as const,
        "lstat" as const,
        "unlink" as const,
        "rmdir" as const,
        "mkdir" as const,
        "readlink" as const,
        "access" as const,
      ),
      path,
    }),
  },
  fc.record({ kind: fc.constant("truncate" as const), path, length }),
  fc.record({
    kind: fc.constant("chmod" as const),
    path,
    permissions: fc.constantFrom(0o644, 0o755, 0o600),
  }),
  fc.record({ kind: fc.constant("utimes" as const), path, seconds: fc.nat(1e9) }),
  fc.record({ kind: fc.constantFrom("link" as const, "rename" as const), ...pair }),
  fc.record({ kind: fc.constant("symlink" as const), path: target, to: path }),
);

/** What both sides must agree on of a file: not numbers of inodes, nor sizes of directories. */
const told = (mode: number, nlink: number, size: number): string => {
  const type = mode & MODE.IFMT;
  const links = type === MODE.IFDIR ? "" : ` ${nlink} links`;
  const bytes = type === MODE.IFDIR ? "" : ` ${size} bytes`;
  return `${(type === MODE.IFLNK ? type : mode).toString(8)}${links}${bytes}`;
};

/** Answers by the host. */
export class HostSide {
  readonly #root: string;
  /** Descriptors by the order in which they were opened. */
  readonly #files: (number | undefined)[] = [];
  /** fs has no positions of its own: the same descriptor is read and written. */
  constructor(root: string) {
    this.#root = root;
  }

  perform(operation: FileOperation): string {
    try {
      return this.#perform(operation);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code!;
    }
  }

  closeAll(): void {
    for (const number of this.#files) if (number !== undefined) fs.closeSync(number);
  }

  #file(index: number): number {
    const number = this.#files[index];
    if (number === undefined) throw Object.assign(new Error(), { code: "EBADF" });
    return number;
  }

  /** A name as it is: `join` would take dots and slashes away, which are what is tested. */
  #path(name: string): string {
    return name === "" ? "" : `${this.#root}/${name}`;
  }

  #perform(operation: FileOperation): string {
    switch (operation.kind) {
      case "open": {
        const flags = operation.flags.reduce(
          (sum, flag) => sum | FLAGS[flag],
          operation.mode as number,
        );
        const number = fs.openSync(this.#path(operation.path), flags, 0o666);
        this.#files.push(number);
        return "opened";
      }
      case "close":
        fs.closeSync(this.#file(operation.file));
        this.#files[operation.file] = undefined;
        return "";
      case "fstat": {
        const { mode, nlink, size } = fs.fstatSync(this.#file(operation.file));
        return told(mode, nlink, size);
      }
      case "list": {
        // The host's calls read directories by path only: by way of its own descriptors.
        const number = this.#file(operation.file);
        if (!fs.fstatSync(number).isDirectory()) return "ENOTDIR";
        if (fs.fstatSync(number).nlink === 0) return "ENOENT";
        return fs.readdirSync(`/proc/self/fd/${number}`).toSorted().join(" ");
      }
      case "read": {
        const bytes = Buffer.alloc(operation.length);
        const count = fs.readSync(this.#file(operation.file), bytes, 0, operation.length, null);
        return bytes.toString("latin1", 0, count);
      }
      case "pread": {
        const bytes = Buffer.alloc(operation.length);
        const { file: index, at } = operation;
        const count = fs.readSync(this.#file(index), bytes, 0, operation.length, at);
        return bytes.toString("latin1", 0, count);
      }
      case "write":
        return String(
          fs.writeSync(this.#file(operation.file), Buffer.from(operation.text, "latin1")),
        );
      case "pwrite": {
        const bytes = Buffer.from(operation.text, "latin1");
        return String(
          fs.writeSync(this.#file(operation.file), bytes, 0, bytes.length, operation.at),
        );
      }
      case "ftruncate":
        fs.ftruncateSync(this.#file(operation.file), operation.length);
        return "";
      default:
        return this.#onPath(operation);
    }
  }

  #onPath(operation: Extract<FileOperation, { readonly path: string }>): string {
    const name = this.#path(operation.path);
    switch (operation.kind) {
      case "stat":
      case "lstat": {
        const { mode, nlink, size } =
          operation.kind === "stat" ? fs.statSync(name) : fs.lstatSync(name);
        return told(mode, nlink, size);
      }
      case "access":
        fs.accessSync(name);
        return "";
      case "unlink":
        fs.unlinkSync(name);
        return "";
      case "rmdir":
        fs.rmdirSync(name);
        return "";
      case "mkdir":
        fs.mkdirSync(name, 0o777);
        return "";
      case "readlink":
        return fs.readlinkSync(name);
      case "truncate":
        fs.truncateSync(name, operation.length);
        return "";
      case "chmod":
        fs.chmodSync(name, operation.permissions);
        return "";
      case "utimes":
        fs.utimesSync(name, operation.seconds, operation.seconds);
        return String(Math.floor(fs.statSync(name).mtimeMs / 1000));
      case "link":
        fs.linkSync(name, this.#path(operation.to));
        return "";
      case "rename":
        fs.renameSync(name, this.#path(operation.to));
        return "";
      case "symlink":
        fs.symlinkSync(operation.path, this.#path(operation.to));
        return "";
      case "open":
        return "";
    }
  }
}

/** Answers by Unix, of a program that works in an empty directory. */
export class UnixSide {
  readonly #p: Running;
  readonly #files: (number | undefined)[] = [];

  constructor(p: Running) {
    this.#p = p;
  }

  *perform(operation: FileOperation): Blocking<string> {
    const answer = yield* this.#p.try((unix, call) => this.#perform(operation, unix, call));
    return typeof answer === "string" ? answer : "";
  }

  #file(index: number): number {
    return this.#files[index] ?? 99;
  }

  *#perform(operation: FileOperation, unix: Unix, call: Call): Blocking<string | void> {
    const p = this.#p;
    const tell = ({ mode, nlink, size }: Attributes) => told(mode, nlink, size);
    switch (operation.kind) {
      case "open": {
        const flags = operation.flags.reduce(
          (sum, flag) => sum | OPEN[flag],
          operation.mode as number,
        );
        const number = yield* open(unix, call, operation.path, flags, 0o666);
        this.#files.push(yield* dup(unix, call, number, { from: 10 }));
        yield* close(unix, call, number);
        return "opened";
      }
      case "close":
        yield* close(unix, call, this.#file(operation.file));
        this.#files[operation.file] = undefined;
        return;
      case "fstat":
        return tell(yield* fstat(unix, call, this.#file(operation.file)));
      case "list": {
        const found: string[] = [];
        const number = this.#file(operation.file);
        yield* fstat(unix, call, number);
        yield* readDirectory(unix, call, number, ({ name }) => {
          if (name !== "." && name !== "..") found.push(name);
          return true;
        });
        yield* lseek(unix, call, number, 0, "set");
        return found.toSorted().join(" ");
      }
      case "read":
      case "pread": {
        const at = p.room(operation.length);
        const number = this.#file(operation.file);
        const count =
          "at" in operation
            ? yield* pread(unix, call, number, at, operation.length, operation.at)
            : yield* read(unix, call, number, at, operation.length);
        return String.fromCharCode(...p.peek(at, count));
      }
      case "write":
      case "pwrite": {
        const bytes = Uint8Array.from(operation.text, (c) => c.charCodeAt(0));
        const at = p.place(bytes);
        const number = this.#file(operation.file);
        const count =
          operation.kind === "write"
            ? yield* write(unix, call, number, at, bytes.length)
            : yield* pwrite(unix, call, number, at, bytes.length, operation.at);
        return String(count);
      }
      case "ftruncate":
        return yield* ftruncate(unix, call, this.#file(operation.file), operation.length);
      case "stat":
        return tell(yield* stat(unix, call, operation.path));
      case "lstat":
        return tell(yield* stat(unix, call, operation.path, { follow: false }));
      case "access":
        return yield* access(unix, call, operation.path, 0);
      case "unlink":
        return yield* names.unlink(unix, call, operation.path);
      case "rmdir":
        return yield* names.rmdir(unix, call, operation.path);
      case "mkdir":
        return yield* names.mkdir(unix, call, operation.path, 0o777);
      case "readlink":
        return yield* names.readlink(unix, call, operation.path);
      case "truncate":
        return yield* truncate(unix, call, operation.path, operation.length);
      case "chmod":
        return yield* chmod(unix, call, { path: operation.path }, operation.permissions);
      case "utimes": {
        const time = { seconds: operation.seconds, nanoseconds: 0 };
        yield* utimes(unix, call, { path: operation.path }, time, time);
        return String((yield* stat(unix, call, operation.path)).mtime.seconds);
      }
      case "link":
        return yield* names.link(unix, call, operation.path, operation.to);
      case "rename":
        return yield* names.rename(unix, call, operation.path, operation.to);
      case "symlink":
        return yield* names.symlink(unix, call, operation.path, operation.to);
    }
  }
}

export function emptyDirectory(parent: string): string {
  const made = fs.mkdtempSync(join(parent, "files-"));
  fs.chmodSync(made, 0o755);
  return made;
}
