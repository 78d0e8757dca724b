/**
 * The border between Unix semantics (this folder) and what carries them: a work function gets a
 * `Call`, its caller's side of one system call, and the `System`, everything that is not the
 * caller's. The server implements both over Mach; tests over arrays. All that may take time is a
 * generator (`Blocking`); between two yields a work function runs alone.
 *
 * Bytes cross to and from the caller by `copyin` and `copyout` only. Where the bytes given are a view
 * of the machine's memory (a block of the buffer cache, a pipe's buffer), executed text copies them
 * straight from or to there.
 */
import type { CostId } from "../costs.ts";
import type { UnixError } from "../errno.ts";
import type { Blocking, Environment, TimeOfDay } from "../ufs/device.ts";
import type { Process } from "./process.ts";

/** One system call under way. */
export interface Call {
  readonly process: Process;
  /** Fills `into` from the caller's memory. @throws UnixError EFAULT. */
  copyin(address: number, into: Uint8Array): Blocking<void>;
  /** @throws UnixError EFAULT. */
  copyout(bytes: Uint8Array, address: number): Blocking<void>;
  /**
   * A string that ends with NUL, without it.
   * @throws UnixError EFAULT, ENAMETOOLONG when no NUL is among `most` bytes.
   */
  copyinstr(address: number, most: number): Blocking<Uint8Array>;
  /** Says, to whoever observes, that a string of the caller's was read; of `copyinstr`'s it is said there. */
  readonly hasRead?: ((address: number, string: Uint8Array) => void) | undefined;
  /** Declared work of the server: rows of osf1/costs.ts. */
  charge(cost: CostId, times?: number): Blocking<void>;
}

/** How a sleep ended. A signal that is to be taken interrupts. */
export type Awakening = "awakened" | "timed-out" | "interrupted";

export interface Sleep {
  /**
   * The process whose signals end the sleep (`signalWaits` in signals/pending.ts says whether there is
   * one already: then the sleep does not begin); without it nothing but `wakeup` and time do.
   */
  readonly interruptible?: Process;
  /** Ends by itself at this time, in nanoseconds since boot. */
  readonly until?: number;
}

/** What Unix needs besides its callers. */
export interface System extends Environment {
  /** Nanoseconds since boot, from the simulated clock. */
  uptime(): number;
  /** `now()` goes on from this time, since 1970. */
  setTime(time: TimeOfDay): void;
  sleep(channel: object, options?: Sleep): Blocking<Awakening>;
  wakeup(channel: object): void;
  /** Ends the sleep of the process, if it is interruptible, as "interrupted". */
  interrupt(process: Process): void;
  readonly tasks: Tasks;
  /** The machine's console: what /dev/console leads to. */
  readonly console: Terminal;
  /** Where a pipe's bytes lie, a page each: the server's memory. Without it, the host's. */
  allocate?(bytes: number): Uint8Array;
  free?(bytes: Uint8Array): void;
}

/** A line with somebody at its other end. */
export interface Terminal {
  /** Waits for input, at least a byte; 0 when there will be none any more. @throws UnixError EIO. */
  read(into: Uint8Array): Blocking<number>;
  /** Returns when all is taken. @throws UnixError EIO. */
  write(bytes: Uint8Array): Blocking<void>;
}

/** Protection, as PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4 (VM_PROT's bits). */
export type Protection = number;

/**
 * Who has a file in memory for those that map it. What reads the file without it asks for `clean` first;
 * what changes the file does so within `during`.
 */
export interface FileCache {
  /** Whether programs may store into the file by its pages. */
  readonly stores: boolean;
  /**
   * Brings what programs have stored in a range to the file, whose inode the caller does not hold. What
   * the disk does not take is noted (`Mappable.failed`).
   * @param wait without: begins, and returns at once
   */
  clean(offset: number, length: number, wait?: boolean): Blocking<void>;
  /**
   * Does what changes a range of the file, whose inode the caller holds: whoever looks at a page of
   * the range then finds the change, and what programs had stored there is in the file before. Where
   * they may (`stores`), `change` looks at no client's memory.
   */
  during<T>(offset: number, length: number, change: () => Blocking<T>): Blocking<T>;
  /** The file stays in memory no longer than it is mapped; with nobody's mappings it is gone on return. */
  release(): Blocking<void>;
}

/** What may be mapped into a process: a file's pages. One object for all mappings of a file. */
export interface Mappable {
  /** Bytes of the file, now. */
  readonly size: number;
  /** Whether others than who has it in memory hold the file. */
  readonly isUsed: boolean;
  /** Fills `bytes` from the file at `offset`; beyond its end with zeros. @throws UnixError EIO. */
  read(offset: number, bytes: Uint8Array): Blocking<void>;
  /**
   * Hands a range of whole pages to `move`, in order, for whoever has the file in memory: others may
   * hold the file while they wait for these bytes, so nobody is waited for but the disk. Behind the
   * file's end there is nothing to move.
   * @throws UnixError EIO.
   */
  page(offset: number, length: number, move: (bytes: Uint8Array) => Blocking<void>): Blocking<void>;
  /** Who has the file in memory. */
  cache: FileCache | undefined;
  /** Why what programs had stored did not come to the file, until somebody is told (msync, fsync). */
  failed: UnixError | undefined;
  /** A reference to the file, until `put`. */
  hold(): void;
  put(): Blocking<void>;
  /** Does something with the file's inode held. */
  locked<T>(action: () => Blocking<T>): Blocking<T>;
  /**
   * Writes a page that programs have stored into, as far as the file goes: `bring` fills the bytes it
   * is given, piece by piece. The inode is the caller's.
   * @throws UnixError EIO, ENOSPC.
   */
  write(
    offset: number,
    length: number,
    bring: (bytes: Uint8Array) => Blocking<void>,
  ): Blocking<void>;
}

export interface Mapping {
  /** Where; without `fixed` a hint. 0: anywhere. */
  readonly address: number;
  /** Bytes; whole pages. */
  readonly length: number;
  readonly protection: Protection;
  /** What is there already goes. */
  readonly fixed: boolean;
  readonly shared: boolean;
  /** Of a shared file: whether it may ever be written by this mapping. */
  readonly mayWrite?: boolean;
  /** Without a file the memory is zero. */
  readonly file?: { readonly object: Mappable; readonly offset: number };
}

/** A part of a process's memory that an image brought along. */
export interface ImageRegion {
  readonly address: number;
  /** Bytes; whole pages. */
  readonly length: number;
  readonly protection: Protection;
  /** Bytes into the program's file, for what comes from there. */
  readonly offset?: number;
  /** Bytes from its beginning that are the file's pages as they are. */
  readonly paged?: number;
  readonly kind: "text" | "data" | "stack" | "other";
}

/** A process's memory as a new image has made it. */
export interface Image {
  readonly regions: readonly ImageRegion[];
  /** Where `brk` begins: the first page after the image's data. */
  readonly brk: number;
}

/** A program's image, as `execve` has found it. */
export interface Program {
  readonly object: Mappable;
  /** Bytes of the file. */
  readonly size: number;
  /** As the program will see it in its auxiliary vector. */
  readonly path: string;
  readonly arguments: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  /** Whether it runs with more rights than its caller's (AT_SECURE). */
  readonly secure: boolean;
}

/** Processes as Mach tasks. */
export interface Tasks {
  /**
   * A task for `child` with a copy of the caller's memory; its thread returns from the call with 0.
   * @throws UnixError ENOMEM, EAGAIN.
   */
  fork(call: Call, child: Process): Blocking<void>;
  /**
   * Gives the process new memory and lets it begin a program. Until the image is known to be good
   * nothing is lost.
   * @throws UnixError ENOEXEC, ENOMEM, E2BIG.
   */
  exec(call: Call, program: Program): Blocking<Image>;
  /** Ends a process's task; a call that is under way for it does not return to it. */
  terminate(process: Process): Blocking<void>;
  /**
   * Makes a process that is not in the server come and look at its signals, as soon as it runs. One
   * that is to stop does so there: its thread sleeps in the server until it is continued.
   */
  notify(process: Process): Blocking<void>;
  /** A defect (stop-at-once): SIGSTOP stops a process in a call where it is, and these are there. */
  readonly halt?: (process: Process) => Blocking<void>;
  readonly resume?: (process: Process) => Blocking<void>;
  /** @throws UnixError ENOMEM, EINVAL. Returns where. */
  map(process: Process, mapping: Mapping): Blocking<number>;
  unmap(process: Process, address: number, length: number): Blocking<void>;
  protect(
    process: Process,
    address: number,
    length: number,
    protection: Protection,
  ): Blocking<void>;
  /**
   * Keeps pages that no file has in memory, or lets them go again.
   * @throws UnixError ENOMEM for pages that may not be read, EAGAIN when there is too little memory
   */
  wire(process: Process, address: number, length: number, wires: boolean): Blocking<void>;
  /** Copies whole pages within a process, over pages that are there (mremap). @throws UnixError ENOMEM. */
  copy(process: Process, from: number, length: number, to: number): Blocking<void>;
  /** Processor time in nanoseconds. */
  times(process: Process): Blocking<{ readonly user: number; readonly system: number }>;
}
