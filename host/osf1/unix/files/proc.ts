/**
 * A small /proc: `self`, `mounts`, `uptime`, and for each process `cmdline`, `comm`, `cwd`, `exe`, `fd/`, `maps`,
 * `root`, `stat`, `status`. Texts are made when they are read, in the form that Linux programs parse (proc(5)).
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import { type Credentials, EXECUTE, isSuperuser } from "../../ufs/permission.ts";
import { NANOSECONDS } from "../constants.ts";
import type { Process } from "../process.ts";
import { checkInspection } from "../process/control.ts";
import type { Unix } from "../unix.ts";
import { DescriptorVnode, nameless } from "./descriptor-vnode.ts";
import { pathOf } from "./getcwd.ts";
import type { OpenFile } from "./open-file.ts";
import { type Attributes, type Entry, Vnode } from "./vnode.ts";
import type { Uio } from "./uio.ts";

/** The number of the file system, as `st_dev` tells it. */
const DEVICE = 0x0004;

/** A file of /proc before anybody looks: what it is, and how to make what is in it. */
type Node = { readonly number: number; readonly owner?: Process } & (
  | { readonly kind: "directory"; readonly names: () => ReadonlyMap<string, Node> }
  | { readonly kind: "text"; readonly text: () => Blocking<string> }
  | {
      readonly kind: "link";
      readonly target: (caller: Process) => Blocking<string>;
      readonly jump?: () => Blocking<Vnode>;
    }
);

const TYPES = { directory: MODE.IFDIR, text: MODE.IFREG, link: MODE.IFLNK };

class ProcVnode extends Vnode {
  readonly #unix: Unix;
  readonly #node: Node;
  readonly #parent: ProcVnode | undefined;

  constructor(unix: Unix, node: Node, parent: ProcVnode | undefined) {
    super();
    this.#unix = unix;
    this.#node = node;
    this.#parent = parent;
  }

  get mode(): number {
    const { kind, number } = this.#node;
    const permissions = kind === "link" ? 0o777 : kind === "text" ? 0o444 : 0o555;
    // A process's descriptors are its owner's business.
    return TYPES[kind] | (number % 16 === FD ? 0o500 : permissions);
  }

  // oxlint-disable-next-line require-yield
  *attributes(): Blocking<Attributes> {
    const { number, owner } = this.#node;
    const time = this.#unix.now();
    return {
      device: DEVICE,
      inode: number,
      mode: this.mode,
      nlink: this.isDirectory ? 2 : 1,
      uid: owner?.credentials.uid ?? 0,
      gid: owner?.credentials.gid ?? 0,
      rdev: 0,
      size: 0,
      blockSize: 1024,
      blocks: 0,
      atime: time,
      mtime: time,
      ctime: time,
    };
  }

  protected *inactive(): Blocking<void> {}

  checkAccess(wanted: number, who: Credentials): void {
    if (isSuperuser(who)) return;
    const shift = this.#node.owner?.credentials.uid === who.uid ? 6 : 0;
    if (((this.mode >> shift) & wanted) !== wanted) throw new UnixError("EACCES");
  }

  #names(who: Credentials, wanted: number): ReadonlyMap<string, Node> {
    if (this.#node.kind !== "directory") throw new UnixError("ENOTDIR");
    this.checkAccess(wanted, who);
    return this.#node.names();
  }

  // oxlint-disable-next-line require-yield
  *lookup(name: string, who: Credentials): Blocking<Vnode> {
    const names = this.#names(who, EXECUTE);
    if (name === ".") return this.hold();
    if (name === "..") return (this.#parent ?? this).hold();
    const node = names.get(name);
    if (node === undefined) throw new UnixError("ENOENT");
    return new ProcVnode(this.#unix, node, this);
  }

  // oxlint-disable-next-line require-yield
  *readEntries(offset: number, most: number): Blocking<Entry[]> {
    if (this.#node.kind !== "directory") throw new UnixError("ENOTDIR");
    const above = this.#parent === undefined ? this.#node : this.#parent.#node;
    const all = [[".", this.#node] as const, ["..", above] as const, ...this.#node.names()];
    return all.slice(offset, offset + most).map(([name, node], i) => ({
      inode: node.number,
      name,
      next: offset + i + 1,
      type: TYPES[node.kind],
    }));
  }

  *readlink(caller: Process): Blocking<string> {
    if (this.#node.kind !== "link") throw new UnixError("EINVAL");
    return yield* this.#node.target(caller);
  }

  override *jump(caller: Process): Blocking<Vnode | undefined> {
    const node = this.#node;
    if (node.kind !== "link" || node.jump === undefined) return undefined;
    if (node.owner !== undefined) checkInspection(caller, node.owner);
    return yield* node.jump();
  }

  *read(uio: Uio, offset: number): Blocking<void> {
    if (this.#node.kind !== "text") throw new UnixError("EISDIR");
    const text = yield* this.#node.text();
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const piece = bytes.subarray(Math.min(offset, bytes.length));
    yield* uio.move(piece.subarray(0, Math.min(piece.length, uio.remaining)));
  }
}

/** Kinds of files of one process: the lowest four bits of a number. */
const [SELF, CMDLINE, CWD, EXE, FD, MAPS, ROOT, STAT] = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const [COMM, STATUS, MOUNTS, UPTIME] = [9, 10, 11, 12] as const;
/** Where the numbers of what is no process's begin. */
const SYSTEM = 16 * 0x10000;

/** Mounts /proc over the directory of that name, if the disk has one. */
export function* makeProc(unix: Unix): Blocking<void> {
  let covered: Vnode;
  try {
    covered = yield* unix.root.lookup("proc", unix.superuser);
  } catch (error) {
    if (error instanceof UnixError) return;
    throw error;
  }
  if (!covered.isDirectory) return yield* covered.put();
  const root = new ProcVnode(
    unix,
    { kind: "directory", number: 1, names: () => top(unix) },
    undefined,
  );
  covered.mounted = root;
  root.covers = covered;
  unix.mounts.push({ directory: unix.root, name: "proc", root });
}

function top(unix: Unix): ReadonlyMap<string, Node> {
  const self: Node = {
    kind: "link",
    number: SYSTEM + SELF,
    // oxlint-disable-next-line require-yield
    *target(caller) {
      return String(caller.pid);
    },
  };
  const processes = [...unix.processes.values()].toSorted((a, b) => a.pid - b.pid);
  const text = (kind: number, make: () => string): Node => ({
    kind: "text",
    number: SYSTEM + kind,
    text: () => give(make()),
  });
  return new Map([
    ["self", self],
    ["mounts", text(MOUNTS, () => mounts(unix))],
    ["uptime", text(UPTIME, () => `${(unix.system.uptime() / NANOSECONDS).toFixed(2)} 0.00\n`)],
    ...processes.map((process): [string, Node] => [
      String(process.pid),
      {
        kind: "directory",
        number: 16 * process.pid,
        owner: process,
        names: () => ofProcess(unix, process),
      },
    ]),
  ]);
}

function ofProcess(unix: Unix, process: Process): ReadonlyMap<string, Node> {
  const base = { owner: process };
  const number = (kind: number): number => 16 * process.pid + kind;
  const link = (kind: number, vnode: () => Vnode | undefined, path?: () => string): Node => ({
    ...base,
    kind: "link",
    number: number(kind),
    *target() {
      const there = vnode();
      if (there === undefined) throw new UnixError("ENOENT");
      return path?.() ?? (yield* pathOf(unix, process.root, there));
    },
    // oxlint-disable-next-line require-yield
    *jump() {
      const there = vnode();
      if (there === undefined) throw new UnixError("ENOENT");
      return there.hold();
    },
  });
  const text = (kind: number, make: () => Blocking<string>): Node => ({
    ...base,
    kind: "text",
    number: number(kind),
    text: make,
  });
  if (process.state === "zombie") return new Map([["stat", text(STAT, () => stat(unix, process))]]);
  return new Map([
    ["cmdline", text(CMDLINE, () => give(process.commandLine))],
    ["comm", text(COMM, () => give(`${process.command}\n`))],
    ["cwd", link(CWD, () => process.cwd)],
    [
      "exe",
      link(
        EXE,
        () => process.executable?.vnode,
        () => process.executable!.path,
      ),
    ],
    [
      "fd",
      { ...base, kind: "directory", number: number(FD), names: () => descriptors(unix, process) },
    ],
    ["maps", text(MAPS, () => give(maps(process)))],
    ["root", link(ROOT, () => process.root)],
    ["stat", text(STAT, () => stat(unix, process))],
    ["status", text(STATUS, () => give(status(process)))],
  ]);
}

function mounts(unix: Unix): string {
  const others = unix.mounts.map(({ name }) => `${name} /${name} ${name} rw 0 0\n`);
  return ["/dev/sd0 / ufs rw 0 0\n", ...others].join("");
}

// oxlint-disable-next-line require-yield
function* give(text: string): Blocking<string> {
  return text;
}

function descriptors(unix: Unix, process: Process): ReadonlyMap<string, Node> {
  const names = new Map<string, Node>();
  for (const [number, descriptor] of process.descriptors.entries()) {
    if (descriptor === undefined) continue;
    const { file } = descriptor;
    names.set(String(number), {
      kind: "link",
      owner: process,
      number: 16 * (process.pid + 0x10000 * (number + 1)),
      target: () => nameOf(unix, process, file),
      *jump() {
        return file.vnode?.hold() ?? new DescriptorVnode(file, yield* file.attributes());
      },
    });
  }
  return names;
}

function* nameOf(unix: Unix, process: Process, file: OpenFile): Blocking<string> {
  if (file.vnode === undefined) return nameless(yield* file.attributes());
  if (file.vnode.isDirectory) return yield* pathOf(unix, process.root, file.vnode);
  const { path = "" } = file;
  if (path.startsWith("/")) return path;
  return `${yield* pathOf(unix, process.root, process.cwd)}/${path}`;
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");

function maps({ memory }: Process): string {
  return memory.regions
    .map(({ start, end, protection, shared, file, kind }) => {
      const rights = [
        (protection & 1) !== 0 ? "r" : "-",
        (protection & 2) !== 0 ? "w" : "-",
        (protection & 4) !== 0 ? "x" : "-",
        shared ? "s" : "p",
      ].join("");
      const name = kind === "heap" || kind === "stack" ? `[${kind}]` : "";
      const offset = hex(file?.offset ?? 0);
      return `${hex(start)}-${hex(end)} ${rights} ${offset} 00:00 0 ${name}`.trimEnd() + "\n";
    })
    .join("");
}

const LETTERS = { running: "R", stopped: "T", zombie: "Z" } as const;

function status(process: Process): string {
  const { credentials: who, memory, state } = process;
  const kilobytes = (bytes: number): string => `${bytes / 1024} kB`;
  // Real, effective, saved, and for files.
  const lines = {
    Name: process.command,
    Umask: process.umask.toString(8).padStart(4, "0"),
    State: `${LETTERS[state]} (${state})`,
    Tgid: process.pid,
    Pid: process.pid,
    PPid: process.ppid,
    Uid: [who.realUid, who.uid, who.savedUid, who.uid].join("\t"),
    Gid: [who.realGid, who.gid, who.savedGid, who.gid].join("\t"),
    Groups: who.groups.join(" "),
    VmSize: kilobytes(memory.size),
    VmLck: kilobytes(memory.locked),
    Threads: 1,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join("");
}

/** Fields 1 to 24 of proc(5)'s stat, the rest 0. */
function* stat(unix: Unix, process: Process): Blocking<string> {
  const { memory, session, group, nice, started, childrenUsage, state } = process;
  const times =
    state === "zombie" || !process.hasProgram
      ? process.usage
      : yield* unix.system.tasks.times(process);
  const ticks = (nanoseconds: number): number => Math.floor((nanoseconds * 100) / NANOSECONDS);
  const letter = LETTERS[state];
  const fields = [
    process.pid,
    `(${process.command})`,
    letter,
    process.ppid,
    group.id,
    session.id,
    session.tty === undefined ? 0 : 0x501,
    session.tty?.foreground?.id ?? -1,
    0,
    ...[0, 0, 0, 0],
    ticks(times.user),
    ticks(times.system),
    ticks(childrenUsage.user),
    ticks(childrenUsage.system),
    20 + nice,
    nice,
    1,
    0,
    ticks(started),
    memory.size,
    0,
    ...Array.from({ length: 28 }, () => 0),
  ];
  return `${fields.join(" ")}\n`;
}
