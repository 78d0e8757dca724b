/**
 * Pipes, with and without names. Bytes wait in a ring of pages; a write of up to PIPE_BUF bytes goes
 * in whole or not at all; who reads or writes sleeps on the pipe until the other end has done
 * something. A reader at an empty pipe that nobody can write sees its end; a writer without readers
 * gets SIGPIPE and EPIPE.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Call } from "../call.ts";
import { OPEN, PIPE_BUF, SIGNAL } from "../constants.ts";
import { interruptibleSleep } from "../signals/interrupt.ts";
import { postSignal } from "../signals/post.ts";
import type { Unix } from "../unix.ts";
import { closeDescriptor, installFile } from "./descriptors.ts";
import { OpenFile, type Readiness } from "./open-file.ts";
import { moved, type Uio } from "./uio.ts";
import { anonymousAttributes } from "./anonymous.ts";
import type { Attributes, Vnode } from "./vnode.ts";

/** Bytes that wait in a pipe at most. */
export const PIPE_SIZE = 4 * PIPE_BUF;

export class Pipe {
  readonly #unix: Unix;
  readonly #bytes: Uint8Array;
  #first = 0;
  #count = 0;
  #busy = false;
  #isDiscarded = false;
  readers = 0;
  writers = 0;
  /** How often it was opened for reading, and for writing: open of a named pipe waits for a change. */
  readonly opened = { readers: 0, writers: 0 };
  readonly created;
  readonly number: number;

  constructor(unix: Unix) {
    this.#unix = unix;
    this.#bytes = unix.system.allocate?.(PIPE_SIZE) ?? new Uint8Array(PIPE_SIZE);
    this.created = unix.system.now();
    this.number = unix.nextAnonymous++;
  }

  get count(): number {
    return this.#count;
  }
  get space(): number {
    return PIPE_SIZE - this.#count;
  }

  /** Who waits for this pipe, by sleep or poll, looks again. */
  changed(): void {
    this.#unix.system.wakeup(this);
    this.#unix.readinessChanged();
  }

  /** Gives its pages back, once, when nobody has an end any more. */
  discardUnused(): void {
    if (this.readers > 0 || this.writers > 0 || this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#unix.system.free?.(this.#bytes);
  }

  /** One transfer at a time: a copy may wait for the caller's page. The caller knows that none is under way. */
  *#alone(uio: Uio, transfer: () => Blocking<void>): Blocking<number> {
    this.#busy = true;
    try {
      return yield* moved(uio, transfer);
    } finally {
      this.#busy = false;
      this.changed();
    }
  }

  *#take(uio: Uio): Blocking<void> {
    while (uio.remaining > 0 && this.#count > 0) {
      const count = Math.min(uio.remaining, this.#count, PIPE_SIZE - this.#first);
      const before = uio.done;
      try {
        yield* uio.move(this.#bytes.subarray(this.#first, this.#first + count));
      } finally {
        // A fault in the middle leaves what was moved before it moved.
        const moved = uio.done - before;
        this.#count -= moved;
        this.#first = this.#count === 0 ? 0 : (this.#first + moved) % PIPE_SIZE;
      }
    }
  }

  *#fill(uio: Uio, most: number): Blocking<void> {
    for (let left = most; left > 0;) {
      const end = (this.#first + this.#count) % PIPE_SIZE;
      const count = Math.min(left, PIPE_SIZE - end);
      const before = uio.done;
      try {
        yield* uio.move(this.#bytes.subarray(end, end + count));
      } finally {
        this.#count += uio.done - before;
      }
      left -= count;
    }
  }

  *read(uio: Uio, nonblocking: boolean): Blocking<number> {
    yield* uio.call.charge("pipe-transfer");
    while (uio.remaining > 0) {
      if (this.#count > 0 && !this.#busy) return yield* this.#alone(uio, () => this.#take(uio));
      if (this.#count === 0 && this.writers === 0 && !this.#busy) return 0;
      if (nonblocking) throw new UnixError("EAGAIN");
      yield* interruptibleSleep(this.#unix, uio.call.process, this);
    }
    return 0;
  }

  /**
   * @param how `signal`: whether a writer without readers gets SIGPIPE; `open`: whether it may write at
   * all, or has shut its end down.
   */
  *write(
    uio: Uio,
    nonblocking: boolean,
    how: { readonly signal: boolean; readonly open: boolean } = { signal: true, open: true },
  ): Blocking<number> {
    yield* uio.call.charge("pipe-transfer");
    const before = uio.done;
    const whole = uio.remaining <= PIPE_BUF ? uio.remaining : 1;
    try {
      while (uio.remaining > 0) {
        if (this.readers === 0 || !how.open) throw new UnixError("EPIPE");
        if (!this.#busy && this.space >= whole) {
          const most = Math.min(uio.remaining, this.space);
          yield* this.#alone(uio, () => this.#fill(uio, most));
        } else if (nonblocking) throw new UnixError("EAGAIN");
        else yield* interruptibleSleep(this.#unix, uio.call.process, this);
      }
    } catch (error) {
      if (!(error instanceof UnixError)) throw error;
      if (error.errno === "EPIPE" && how.signal)
        yield* postSignal(this.#unix, uio.call.process, {
          signal: SIGNAL.SIGPIPE,
          code: "SI_KERNEL",
        });
      if (uio.done === before) throw error;
    }
    return uio.done - before;
  }
}

/** pipe, pipe2: the descriptor to read, and the one to write. @throws UnixError EMFILE, ENFILE */
export function* pipe(
  unix: Unix,
  call: Call,
  { nonblocking = false, closeOnExec = false } = {},
): Blocking<[number, number]> {
  const { process } = call;
  yield* call.charge("descriptor-allocate", 2);
  const [reader, writer] = yield* makePipe(unix, nonblocking ? OPEN.O_NONBLOCK : 0);
  let first: number;
  try {
    first = yield* installFile(process, reader, closeOnExec);
  } catch (error) {
    yield* writer.abandon();
    throw error;
  }
  try {
    return [first, yield* installFile(process, writer, closeOnExec)];
  } catch (error) {
    yield* closeDescriptor(unix, process, first);
    throw error;
  }
}

/** An end of a pipe; both, of a named one that is open for reading and writing. */
export class PipeEnd extends OpenFile {
  readonly pipe: Pipe;

  /** Takes over the caller's reference to the vnode, if there is one. */
  constructor(unix: Unix, flags: number, pipe: Pipe, vnode?: Vnode) {
    super(unix, flags, vnode);
    this.pipe = pipe;
    if (this.readable) {
      pipe.readers++;
      pipe.opened.readers++;
    }
    if (this.writable) {
      pipe.writers++;
      pipe.opened.writers++;
    }
    pipe.changed();
  }

  *attributes(): Blocking<Attributes> {
    if (this.vnode !== undefined) return yield* this.vnode.attributes();
    return anonymousAttributes(MODE.IFIFO | 0o600, this.pipe.number, this.pipe.created);
  }

  protected *closed(): Blocking<void> {
    const { pipe, vnode } = this;
    if (this.readable) pipe.readers--;
    if (this.writable) pipe.writers--;
    pipe.changed();
    pipe.discardUnused();
    if (vnode?.pipe === pipe && pipe.readers === 0 && pipe.writers === 0) vnode.pipe = undefined;
    if (vnode !== undefined) yield* vnode.put();
  }

  override read(uio: Uio): Blocking<number> {
    return this.pipe.read(uio, this.nonblocking);
  }

  override write(uio: Uio): Blocking<number> {
    return this.pipe.write(uio, this.nonblocking);
  }

  override ready(): Readiness {
    const { pipe } = this;
    const ended = this.readable && pipe.writers === 0;
    return {
      readable: this.readable && pipe.count > 0,
      writable: this.writable && pipe.space >= PIPE_BUF,
      hangup: ended,
      error: this.writable && pipe.readers === 0,
    };
  }

  // oxlint-disable-next-line require-yield
  override *available(): Blocking<number> {
    return this.pipe.count;
  }
}

/** Both ends of a new pipe: the one to read, the one to write. @throws UnixError ENFILE */
export function* makePipe(unix: Unix, flags: number): Blocking<[PipeEnd, PipeEnd]> {
  const pipe = new Pipe(unix);
  const status = flags & OPEN.O_NONBLOCK;
  let reader: PipeEnd | undefined;
  try {
    reader = new PipeEnd(unix, OPEN.O_RDONLY | status, pipe);
    return [reader, new PipeEnd(unix, OPEN.O_WRONLY | status, pipe)];
  } catch (error) {
    if (reader === undefined) pipe.discardUnused();
    else yield* reader.abandon();
    throw error;
  }
}

/**
 * Opens a named pipe: for reading, when somebody writes, and the other way round; without O_NONBLOCK
 * waits until that is so. Takes over the reference to the vnode.
 * @throws UnixError ENXIO, EINTR
 */
export function* openNamedPipe(
  unix: Unix,
  process: Parameters<typeof interruptibleSleep>[1],
  vnode: Vnode,
  flags: number,
): Blocking<PipeEnd> {
  const pipe = vnode.pipe ?? new Pipe(unix);
  const seen = { ...pipe.opened };
  let end: PipeEnd;
  try {
    end = new PipeEnd(unix, flags, pipe, vnode);
  } catch (error) {
    if (vnode.pipe === undefined) pipe.discardUnused();
    throw error;
  }
  vnode.pipe = pipe;
  try {
    if (end.nonblocking) {
      if (end.writable && pipe.readers === 0) throw new UnixError("ENXIO");
      return end;
    }
    const waits = (): boolean =>
      end.readable
        ? pipe.writers === 0 && pipe.opened.writers === seen.writers
        : pipe.readers === 0 && pipe.opened.readers === seen.readers;
    while (waits()) yield* interruptibleSleep(unix, process, pipe);
    return end;
  } catch (error) {
    vnode.hold();
    yield* end.abandon();
    throw error;
  }
}
