/**
 * The whole of Unix: the tables that all processes share. Work functions get it first, then the call:
 * `open(unix, call, path, flags, mode)`. Nothing of the state of a running Unix is anywhere else.
 */
import { UnixError } from "../errno.ts";
import type { Blocking, TimeOfDay } from "../ufs/device.ts";
import type { FileSystem } from "../ufs/file-system.ts";
import { getInode, type Inode } from "../ufs/inode.ts";
import { UFS } from "../ufs/layout.ts";
import type { System } from "./call.ts";
import type { RecordLock } from "./files/lock-list.ts";
import { makeProc } from "./files/proc.ts";
import { Tty } from "./files/tty.ts";
import { UfsVnode } from "./files/ufs-vnode.ts";
import type { Vnode } from "./files/vnode.ts";
import { Process, type ProcessCredentials, type ProcessGroup, freshSignals } from "./process.ts";
import { FIRST_LIMITS } from "./process/limits.ts";
import { synchroniseFiles } from "./memory/coherence.ts";
import { AddressSpace } from "./memory/regions.ts";
import { SeededBytes } from "../../platform/seeded-bytes.ts";
import { Timers } from "./time/timers.ts";
import { NANOSECONDS, SIGNAL } from "./constants.ts";
import { DEFAULT_ACTION } from "./signals/post.ts";

export interface UnixOptions {
  /** Processes at once. */
  readonly processes: number;
  /** Open files at once. */
  readonly openFiles: number;
  readonly hostname: string;
  /** Whether the first program is a child of process 1, which has none then, or is process 1 itself. */
  readonly alone: boolean;
  /** Of /dev/random. */
  readonly seed: number;
  /** Bytes of memory, as sysinfo tells. */
  readonly memory: number;
}

export const OPTIONS: UnixOptions = {
  processes: 128,
  openFiles: 512,
  hostname: "inkwell",
  alone: false,
  seed: 1993,
  memory: 64 * 2 ** 20,
};

/** Something mounted: the directory and name that lead there. */
export interface Mount {
  readonly directory: Vnode;
  readonly name: string;
  readonly root: Vnode;
}

const SUPERUSER: ProcessCredentials = {
  uid: 0,
  gid: 0,
  groups: [],
  realUid: 0,
  realGid: 0,
  savedUid: 0,
  savedGid: 0,
};

/** How often what is only in memory is written (`update`), nanoseconds. */
const SYNC_INTERVAL = 30 * NANOSECONDS;

export class Unix {
  readonly system: System;
  readonly fs: FileSystem;
  readonly options: UnixOptions;
  readonly processes = new Map<number, Process>();
  readonly groups = new Map<number, ProcessGroup>();
  readonly timers: Timers;
  readonly random: SeededBytes;
  readonly console: Tty;
  /** Vnodes in use, of the disk. */
  readonly vnodes = new Map<Inode, UfsVnode>();
  readonly mounts: Mount[] = [];
  /** Whose rights count when Unix looks for itself. */
  readonly superuser = SUPERUSER;
  readonly lockWaits = new Map<Process, { readonly vnode: Vnode; readonly request: RecordLock }>();
  /** Futexes that somebody waits at. */
  readonly futexes = new Map<string, { woken: boolean }[]>();
  openFiles = 0;
  /** Numbers for what has no name. */
  nextAnonymous = 1;
  hostname: string;
  domain = "";
  root!: UfsVnode;
  init!: Process;
  /** Who gets the first program: with its end all ends. */
  first!: Process;
  /** It has ended, and all that was written is on the disk. */
  isDown = false;
  #lastPid = 0;
  #pollers = 0;
  readonly #polling = {};
  /** What waits for a time of day sleeps on this: the time may be set. */
  readonly timeSet = {};

  private constructor(system: System, fs: FileSystem, options: UnixOptions) {
    this.system = system;
    this.fs = fs;
    this.options = options;
    this.hostname = options.hostname;
    this.timers = new Timers(system);
    this.random = new SeededBytes(options.seed);
    this.console = new Tty(this, system.console);
  }

  /**
   * Unix over a mounted file system, with the first process, which has neither descriptors nor a program
   * yet: `Tasks.exec` by way of `execve` gives it one. Then the server starts `threads`.
   */
  static *boot(system: System, fs: FileSystem, options: Partial<UnixOptions> = {}): Blocking<Unix> {
    const unix = new Unix(system, fs, { ...OPTIONS, ...options });
    unix.root = yield* unix.vnodeOf(yield* getInode(fs, UFS.ROOT_INODE));
    yield* makeProc(unix);
    unix.init = unix.#firstProcess(undefined);
    unix.init.session.leader = unix.init;
    unix.first = unix.init;
    if (unix.options.alone) {
      unix.init.hasProgram = false;
      unix.init.signals.actions.set(SIGNAL.SIGCHLD, { ...DEFAULT_ACTION, handler: "ignore" });
      unix.first = unix.#firstProcess(unix.init);
    }
    unix.#syncLater();
    return unix;
  }

  #firstProcess(parent: Process | undefined): Process {
    const pid = this.newPid();
    const process = new Process({
      pid,
      parent,
      group: parent?.group ?? this.newGroup(pid),
      credentials: SUPERUSER,
      cwd: this.root.hold(),
      root: this.root.hold(),
      signals: freshSignals(),
      limits: FIRST_LIMITS,
      memory: new AddressSpace(),
      started: this.system.uptime(),
    });
    this.processes.set(pid, process);
    return process;
  }

  /** Work that threads of the server's own do, each for ever. */
  threads(): { readonly name: string; readonly work: Blocking<never> }[] {
    return [
      { name: "timers", work: this.timers.run() },
      { name: "console", work: this.console.run() },
    ];
  }

  #syncLater(): void {
    this.timers.add(this.system.uptime() + SYNC_INTERVAL, () => this.#syncNow());
  }

  *#syncNow(): Blocking<void> {
    yield* this.#trySync();
    this.#syncLater();
  }

  *shutDown(): Blocking<void> {
    yield* this.#trySync();
    this.isDown = true;
  }

  /** Puts all that is only in memory on the disk. @throws UnixError EIO */
  *sync(): Blocking<void> {
    yield* synchroniseFiles(this);
    yield* this.fs.sync();
  }

  /** Writes what the disk takes; the rest stays to be written. */
  *#trySync(): Blocking<void> {
    try {
      yield* this.sync();
    } catch (error) {
      if (!(error instanceof UnixError)) throw error;
    }
  }

  /** The vnode of an inode; the caller's reference to the inode becomes one to the vnode. */
  vnodeOf(inode: Inode): Blocking<UfsVnode> {
    return UfsVnode.of(inode, this.vnodes);
  }

  /** Time since 1970. */
  now(): TimeOfDay {
    return this.system.now();
  }

  /** A number that is no process's, group's or session's. */
  newPid(): number {
    for (;;) {
      this.#lastPid = this.#lastPid >= 30_000 ? 2 : this.#lastPid + 1;
      const pid = this.#lastPid;
      const isSession = [...this.groups.values()].some(({ session }) => session.id === pid);
      if (!this.processes.has(pid) && !this.groups.has(pid) && !isSession) return pid;
    }
  }

  group(id: number): ProcessGroup | undefined {
    return this.groups.get(id);
  }

  /** A new group, in a session or as a session of its own. */
  newGroup(
    id: number,
    session: ProcessGroup["session"] = { id, leader: undefined, tty: undefined },
  ): ProcessGroup {
    const group = { id, session, members: new Set<Process>() };
    this.groups.set(id, group);
    return group;
  }

  /** Takes a process out of its group; a group that nobody is in has gone. */
  leaveGroup(process: Process): void {
    const { group } = process;
    group.members.delete(process);
    if (group.members.size === 0) this.groups.delete(group.id);
  }

  /** What `poll` sleeps on: woken when any descriptor may have become ready. */
  get pollChannel(): object {
    return this.#polling;
  }
  /** Notes that somebody begins or ends to wait for descriptors. */
  polling(change: 1 | -1): void {
    this.#pollers += change;
  }
  readinessChanged(): void {
    if (this.#pollers > 0) this.system.wakeup(this.#polling);
  }
}
