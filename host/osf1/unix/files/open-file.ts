/**
 * An open file: what a descriptor leads to, shared by dup and fork. Its kinds (of a vnode, a pipe's
 * end, a terminal, …) override what they can do; what they cannot is refused here with the errno that
 * POSIX has for it.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { OPEN } from "../constants.ts";
import type { Unix } from "../unix.ts";
import type { Tty } from "./tty.ts";
import type { Uio } from "./uio.ts";
import type { Attributes, Vnode } from "./vnode.ts";

/** What `poll` asks for and tells. */
export interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
  /** The other end has gone. */
  readonly hangup: boolean;
  /** A write would fail: nobody reads. */
  readonly error: boolean;
}

export const ALWAYS_READY: Readiness = {
  readable: true,
  writable: true,
  hangup: false,
  error: false,
};

export abstract class OpenFile {
  readonly unix: Unix;
  /** Access mode and status flags, OPEN of constants.ts. */
  flags: number;
  /** Bytes, for what has a position. */
  offset = 0;
  /** Descriptors that lead here. */
  references = 0;
  /** What a path led to, when one did. */
  readonly vnode: Vnode | undefined;
  /** As it was opened. */
  path: string | undefined;
  /** When it is one. */
  readonly tty: Tty | undefined = undefined;
  #offsetHeld = false;

  /** @throws UnixError ENFILE when the system has too many open files */
  constructor(unix: Unix, flags: number, vnode?: Vnode) {
    if (unix.openFiles >= unix.options.openFiles) throw new UnixError("ENFILE");
    unix.openFiles++;
    this.unix = unix;
    this.flags = flags;
    this.vnode = vnode;
  }

  get readable(): boolean {
    const mode = this.flags & OPEN.O_ACCMODE;
    return mode !== OPEN.O_WRONLY && (this.flags & OPEN.O_PATH) === 0;
  }
  get writable(): boolean {
    return (this.flags & OPEN.O_ACCMODE) !== OPEN.O_RDONLY && (this.flags & OPEN.O_PATH) === 0;
  }
  get nonblocking(): boolean {
    return (this.flags & OPEN.O_NONBLOCK) !== 0;
  }
  /** Whether there is a position: lseek, pread, pwrite. */
  get seekable(): boolean {
    return false;
  }

  abstract attributes(): Blocking<Attributes>;
  /** The last descriptor has gone. */
  protected abstract closed(): Blocking<void>;

  /** Fills the caller's pieces; at the file's own position unless one is given. */
  // oxlint-disable-next-line require-yield
  *read(_uio: Uio, _at?: number): Blocking<number> {
    throw new UnixError("EINVAL");
  }
  // oxlint-disable-next-line require-yield
  *write(_uio: Uio, _at?: number): Blocking<number> {
    throw new UnixError("EINVAL");
  }
  ready(): Readiness {
    return ALWAYS_READY;
  }
  /** Bytes that a read would give at once (FIONREAD). */
  // oxlint-disable-next-line require-yield
  *available(): Blocking<number> {
    throw new UnixError("ENOTTY");
  }

  /** One descriptor fewer. */
  *release(): Blocking<void> {
    this.references--;
    if (this.references > 0) return;
    this.unix.openFiles--;
    yield* this.closed();
  }

  /** Gives back a file that never got a descriptor. */
  *abandon(): Blocking<void> {
    this.references = 1;
    yield* this.release();
  }

  /** One at a time moves the position that descriptors share. */
  protected *withOffset<T>(action: () => Blocking<T>): Blocking<T> {
    while (this.#offsetHeld) yield* this.unix.system.sleep(this);
    this.#offsetHeld = true;
    try {
      return yield* action();
    } finally {
      this.#offsetHeld = false;
      this.unix.system.wakeup(this);
    }
  }
}
