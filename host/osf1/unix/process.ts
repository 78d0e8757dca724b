/**
 * A process: what Unix knows of it. Its memory and threads are Mach's (`task`); how its program calls
 * is its binary interface's (`personality`). Only data and what belongs to no family stands here:
 * process/ makes, ends and groups processes, signals/ posts and takes, files/ has descriptors.
 */
import { panic } from "../../diagnostic.ts";
import type { Credentials } from "../ufs/permission.ts";
import type { SignalSet } from "./constants.ts";
import type { OpenFile } from "./files/open-file.ts";
import type { Tty } from "./files/tty.ts";
import type { Vnode } from "./files/vnode.ts";
import type { AddressSpace } from "./memory/regions.ts";
import { freshControl, type ProcessControl } from "./process/control.ts";
import type { Limits } from "./process/limits.ts";
import type { IntervalTimer, TimerKind } from "./time/interval.ts";
import type { PosixTimer } from "./time/posix-timers.ts";

/** Effective ids are `uid` and `gid`. Never changed in place: replaced, and shared after fork. */
export interface ProcessCredentials extends Credentials {
  readonly realUid: number;
  readonly realGid: number;
  readonly savedUid: number;
  readonly savedGid: number;
}

export interface Session {
  readonly id: number;
  leader: Process | undefined;
  /** The controlling terminal. */
  tty: Tty | undefined;
}

export interface ProcessGroup {
  readonly id: number;
  readonly session: Session;
  readonly members: Set<Process>;
}

export interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** What is known of a signal besides its number, as siginfo tells; names as POSIX has them. */
export interface SignalInfo {
  readonly signal: number;
  readonly code: SignalCode;
  /** Who sent it, or which child it is about. */
  readonly pid?: number;
  readonly uid?: number;
  /** Of SIGCHLD: exit code, or the signal that ended or stopped the child. */
  readonly status?: number;
  /** Of SIGCHLD: the child's processor times, nanoseconds. */
  readonly times?: { readonly user: number; readonly system: number };
  /** Of a fault. */
  readonly address?: number;
  /** Of sigqueue: as the sender gave it; of a timer: as its maker did. */
  readonly value?: number;
  /** Of a timer: its number, and how often it has run out besides. */
  readonly timer?: { readonly id: number; readonly overrun: () => number };
}
export type SignalCode =
  | "SI_USER"
  | "SI_KERNEL"
  | "SI_QUEUE"
  | "SI_TIMER"
  | "SI_TKILL"
  | "CLD_EXITED"
  | "CLD_KILLED"
  | "CLD_DUMPED"
  | "CLD_STOPPED"
  | "CLD_CONTINUED"
  | "ILL_ILLOPC"
  | "ILL_PRVOPC"
  | "FPE_INTDIV"
  | "FPE_INTOVF"
  | "FPE_FLTINV"
  | "SEGV_MAPERR"
  | "SEGV_ACCERR"
  | "BUS_ADRALN"
  | "BUS_ADRERR"
  | "TRAP_BRKPT"
  | "TRAP_TRACE";

/** What a process wants done with a signal. */
export interface SignalAction {
  readonly handler: "default" | "ignore" | number;
  /** Held while the handler runs, besides the signal itself. */
  readonly mask: SignalSet;
  readonly restart: boolean;
  readonly resetHand: boolean;
  readonly noDefer: boolean;
  readonly onStack: boolean;
  readonly sigInfo: boolean;
  readonly noChildStop: boolean;
  readonly noChildWait: boolean;
  /** Where a handler returns to, when the binary interface has that; kept for sigaction. */
  readonly restorer?: number;
  /** Flags as the program gave them, kept for sigaction. */
  readonly flags?: number;
}

export interface AlternateStack {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly enabled: boolean;
}

export interface SignalState {
  readonly actions: Map<number, SignalAction>;
  mask: SignalSet;
  /** By signal, oldest first. */
  readonly pending: Map<number, SignalInfo[]>;
  /** The keys of `pending`, as a set. */
  pendingSet: SignalSet;
  alternateStack: AlternateStack;
  /** The mask to come back after a handler that interrupts sigsuspend, ppoll or pselect. */
  restoreMask: SignalSet | undefined;
}

/** No core image is ever written: `core` is false. */
export type WaitStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: number; readonly core: boolean }
  | { readonly kind: "stopped"; readonly signal: number }
  | { readonly kind: "continued" };

/** Times in nanoseconds, the rest counted. */
export interface Usage {
  user: number;
  system: number;
  /** Largest resident set, KB. */
  maxResident: number;
  minorFaults: number;
  majorFaults: number;
  blocksIn: number;
  blocksOut: number;
  signals: number;
  voluntarySwitches: number;
  involuntarySwitches: number;
}

export const noUsage = (): Usage => ({
  user: 0,
  system: 0,
  maxResident: 0,
  minorFaults: 0,
  majorFaults: 0,
  blocksIn: 0,
  blocksOut: 0,
  signals: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
});

export class Process {
  readonly pid: number;
  /** Undefined for process 1 alone. */
  parent: Process | undefined;
  readonly children = new Set<Process>();
  group: ProcessGroup;
  state: "running" | "stopped" | "zombie" = "running";
  /** Has begun to end: takes no more signals, and its calls do not return. */
  exiting = false;
  /** False for process 1 when it stands only for who has no other parent: it has no task then. */
  hasProgram = true;
  /** Has begun a program of its own since fork (setpgid asks). */
  hasExecuted = false;
  credentials: ProcessCredentials;
  umask = 0o022;
  /** −20 … 20. */
  nice = 0;
  /** Its binary interface's number of an ordinary policy. */
  schedulingPolicy = 0;
  cwd: Vnode;
  root: Vnode;
  descriptors: (Descriptor | undefined)[] = [];
  signals: SignalState;
  limits: Limits;
  memory: AddressSpace;
  readonly usage = noUsage();
  readonly childrenUsage = noUsage();
  readonly timers = new Map<TimerKind, IntervalTimer>();
  /** Replaced at fork, changed in place. */
  control: ProcessControl = freshControl();
  readonly posixTimers = new Map<number, PosixTimer>();
  /** Nanoseconds since boot. */
  readonly started: number;
  exitStatus: WaitStatus | undefined;
  /** A stop or continue that the parent has not been told by wait. */
  change: WaitStatus | undefined;
  /** Awaited by a parent in vfork. */
  vforkParent: Process | undefined;
  /** The last name of the program; its arguments, each with a NUL behind it; its path and file. */
  command = "";
  commandLine = "";
  executable: { readonly path: string; readonly vnode: Vnode } | undefined;
  /** Cleared, and a futex there woken, when the process ends (set_tid_address). */
  clearOnExit = 0;
  /** Where its list of locks is that others may wait for (set_robust_list); kept for who asks. */
  robustList = 0;
  /** The Mach side: the server's own. */
  task?: unknown;
  /** The binary interface of its program: the dispatcher's own. */
  personality?: unknown;

  constructor(given: {
    readonly pid: number;
    readonly parent: Process | undefined;
    readonly group: ProcessGroup;
    readonly credentials: ProcessCredentials;
    readonly cwd: Vnode;
    readonly root: Vnode;
    readonly signals: SignalState;
    readonly limits: Limits;
    readonly memory: AddressSpace;
    readonly started: number;
  }) {
    this.pid = given.pid;
    this.parent = given.parent;
    this.group = given.group;
    this.credentials = given.credentials;
    this.cwd = given.cwd;
    this.root = given.root;
    this.signals = given.signals;
    this.limits = given.limits;
    this.memory = given.memory;
    this.started = given.started;
    given.group.members.add(this);
    given.parent?.children.add(this);
  }

  get session(): Session {
    return this.group.session;
  }

  /** Process 1, which has no parent, is nobody's child: its number is 0 then. */
  get ppid(): number {
    return this.parent?.pid ?? 0;
  }

  /** Leaves its group for another. */
  join(group: ProcessGroup): void {
    if (!this.group.members.delete(this)) panic(`join: process ${this.pid} is not in its group`);
    this.group = group;
    group.members.add(this);
  }
}

export const freshSignals = (): SignalState => ({
  actions: new Map(),
  mask: 0n,
  pending: new Map(),
  pendingSet: 0n,
  alternateStack: { address: 0, size: 0, enabled: false },
  restoreMask: undefined,
});
