/**
 * Connected stream sockets without names (socketpair of AF_UNIX): two pipes, one each way. No other
 * sockets are here.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Call } from "../call.ts";
import { OPEN } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { anonymousAttributes } from "./anonymous.ts";
import { closeDescriptor, getFile, installFile } from "./descriptors.ts";
import { OpenFile, type Readiness } from "./open-file.ts";
import { Pipe } from "./pipe.ts";
import { type Segment, Uio } from "./uio.ts";
import type { Attributes } from "./vnode.ts";

class Socket extends OpenFile {
  readonly #in: Pipe;
  readonly #out: Pipe;
  /** Not shut down yet. */
  #receives = true;
  #sends = true;

  constructor(unix: Unix, flags: number, incoming: Pipe, outgoing: Pipe) {
    super(unix, OPEN.O_RDWR | flags);
    this.#in = incoming;
    this.#out = outgoing;
    incoming.readers++;
    outgoing.writers++;
  }

  // oxlint-disable-next-line require-yield
  *attributes(): Blocking<Attributes> {
    const { number, created } = this.#in;
    return anonymousAttributes(MODE.IFSOCK | 0o777, number, created);
  }

  // oxlint-disable-next-line require-yield
  protected *closed(): Blocking<void> {
    this.shutdown(true, true);
    for (const pipe of [this.#in, this.#out]) pipe.discardUnused();
  }

  shutdown(receiving: boolean, sending: boolean): void {
    if (receiving && this.#receives) {
      this.#receives = false;
      this.#in.readers--;
      this.#in.changed();
    }
    if (sending && this.#sends) {
      this.#sends = false;
      this.#out.writers--;
      this.#out.changed();
    }
  }

  override read(uio: Uio): Blocking<number> {
    return this.receive(uio, this.nonblocking);
  }

  *receive(uio: Uio, nonblocking: boolean): Blocking<number> {
    return this.#receives ? yield* this.#in.read(uio, nonblocking) : 0;
  }

  override write(uio: Uio): Blocking<number> {
    return this.send(uio, this.nonblocking, true);
  }

  *send(uio: Uio, nonblocking: boolean, signal: boolean): Blocking<number> {
    return yield* this.#out.write(uio, nonblocking, { signal, open: this.#sends });
  }

  override ready(): Readiness {
    const ended = this.#in.writers === 0 || !this.#receives;
    return {
      readable: this.#in.count > 0 || ended,
      writable: this.#out.space > 0 || this.#out.readers === 0,
      hangup: ended && !this.#sends,
      error: false,
    };
  }

  // oxlint-disable-next-line require-yield
  override *available(): Blocking<number> {
    return this.#in.count;
  }
}

/** Two connected sockets' descriptors. @throws UnixError EMFILE, ENFILE */
export function* socketpair(
  unix: Unix,
  call: Call,
  { nonblocking = false, closeOnExec = false } = {},
): Blocking<[number, number]> {
  const { process } = call;
  yield* call.charge("descriptor-allocate", 2);
  const [a, b] = [new Pipe(unix), new Pipe(unix)];
  const flags = nonblocking ? OPEN.O_NONBLOCK : 0;
  let one: Socket | undefined;
  let other: Socket;
  try {
    one = new Socket(unix, flags, a, b);
    other = new Socket(unix, flags, b, a);
  } catch (error) {
    if (one === undefined) for (const pipe of [a, b]) pipe.discardUnused();
    else yield* one.abandon();
    throw error;
  }
  let first: number;
  try {
    first = yield* installFile(process, one, closeOnExec);
  } catch (error) {
    yield* other.abandon();
    throw error;
  }
  try {
    return [first, yield* installFile(process, other, closeOnExec)];
  } catch (error) {
    yield* closeDescriptor(unix, process, first);
    throw error;
  }
}

/** @throws UnixError EBADF, ENOTSOCK */
function* getSocket(call: Call, number: number): Blocking<Socket> {
  const file = yield* getFile(call, number);
  if (!(file instanceof Socket)) throw new UnixError("ENOTSOCK");
  return file;
}

export interface MessageOptions {
  readonly dontWait?: boolean;
  /** No SIGPIPE when nobody reads (MSG_NOSIGNAL). */
  readonly noSignal?: boolean;
}

/** send, sendto and sendmsg without an address. @throws UnixError EBADF, ENOTSOCK, EAGAIN, EINTR, EPIPE */
export function* send(
  _unix: Unix,
  call: Call,
  number: number,
  segments: readonly Segment[],
  { dontWait = false, noSignal = false }: MessageOptions = {},
): Blocking<number> {
  const socket = yield* getSocket(call, number);
  const uio = new Uio(call, "in", segments);
  return yield* socket.send(uio, dontWait || socket.nonblocking, !noSignal);
}

/** recv, recvfrom and recvmsg. @throws UnixError EBADF, ENOTSOCK, EAGAIN, EINTR */
export function* receive(
  _unix: Unix,
  call: Call,
  number: number,
  segments: readonly Segment[],
  { dontWait = false }: MessageOptions = {},
): Blocking<number> {
  const socket = yield* getSocket(call, number);
  return yield* socket.receive(new Uio(call, "out", segments), dontWait || socket.nonblocking);
}

/** @throws UnixError EBADF, ENOTSOCK */
export function* shutdown(
  _unix: Unix,
  call: Call,
  number: number,
  how: "receive" | "send" | "both",
): Blocking<void> {
  const socket = yield* getSocket(call, number);
  socket.shutdown(how !== "send", how !== "receive");
}
