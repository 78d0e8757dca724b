/**
 * Device calls that nobody waits in: a request goes out with a port of its own for the answer, which
 * comes as a message of device_reply.defs to a thread that serves these ports alone, and wakes whoever
 * sleeps for it. That thread never waits for a disk itself. After LITES's device_reply_hdlr.c, block_io.c.
 */
import { MACH_PORT, MIG_RETURN } from "../../abi/mach.ts";
import { D, type Work, type WorkEntry } from "../../mach/interface.ts";
import * as mach from "./mach.ts";
import type { Sleepers } from "./sleep.ts";
import type { Uthread } from "./uthread.ts";

/** How a request ended. */
export interface DeviceReply {
  readonly code: number;
  /** Of a read: where the data are in the server's memory, and how many bytes. Of a write: how many. */
  readonly data: number;
  readonly size: number;
}

interface Request {
  reply: DeviceReply | undefined;
  /** Where data in line go, which are the message's own otherwise. */
  readonly room: number;
  /** Done by the thread that serves answers, when nobody sleeps for this one. */
  readonly answered?: Answered;
}

/** What comes of an answer. It must not wait for a device. */
export type Answered = (thread: Uthread, reply: DeviceReply) => Work<void>;

export class DeviceRequests {
  /** Requests that went out, and answers that came. */
  readonly counts = { sent: 0, answered: 0 };
  readonly #self: number;
  /** The port set of the thread that serves answers. */
  readonly #set: number;
  readonly #sleepers: Sleepers;
  /** Ports at which no answer is awaited. */
  readonly #free: number[] = [];
  readonly #pending = new Map<number, Request>();

  constructor(self: number, set: number, sleepers: Sleepers) {
    this.#self = self;
    this.#set = set;
    this.#sleepers = sleepers;
  }

  /**
   * Sends a request and sleeps until it is answered.
   * @param send sends it with a port for the answer, and returns mach_msg's code
   * @param room of data that come in line
   */
  *call(thread: Uthread, send: (replyTo: number) => Work<number>, room = 0): Work<DeviceReply> {
    const request: Request = { reply: undefined, room };
    const code = yield* this.#send(thread, send, request);
    if (code !== 0) return { code, data: 0, size: 0 };
    while (request.reply === undefined) yield* this.#sleepers.sleep(thread, request);
    return request.reply;
  }

  /** Sends a request that nobody waits for. */
  *begin(thread: Uthread, send: (replyTo: number) => Work<number>, answered: Answered): Work<void> {
    const code = yield* this.#send(thread, send, { reply: undefined, room: 0, answered });
    if (code !== 0) yield* answered(thread, { code, data: 0, size: 0 });
  }

  /** @returns mach_msg's code */
  *#send(thread: Uthread, send: (replyTo: number) => Work<number>, request: Request): Work<number> {
    const port = this.#free.pop() ?? (yield* this.#allocate(thread));
    this.#pending.set(port, request);
    const code = yield* send(port);
    if (code === 0) this.counts.sent += 1;
    else {
      this.#pending.delete(port);
      this.#free.push(port);
    }
    return code;
  }

  *#allocate(thread: Uthread): Work<number> {
    const self = this.#self;
    const { MACH_PORT_RIGHT_RECEIVE } = MACH_PORT;
    const made = mach.mach_port_allocate(thread, self, MACH_PORT_RIGHT_RECEIVE);
    const port = yield* mach.must("mach_port_allocate", made);
    const moved = mach.mach_port_move_member(thread, self, port, this.#set);
    yield* mach.succeed("move_member", moved);
    return port;
  }

  /** device_read_reply(reply_port, return_code, data, dataCnt). */
  readReply(thread: Uthread, entry: WorkEntry): Work<number> {
    const [code, data, size] = [entry.argument(1), entry.argument(2), entry.argument(3)];
    return this.#answer(thread, entry.argument(0), { code, data, size });
  }

  /** device_read_reply_inband(reply_port, return_code, data, dataCnt). */
  *readReplyInband(thread: Uthread, entry: WorkEntry): Work<number> {
    const [port, code, size] = [entry.argument(0), entry.argument(1), entry.argument(3)];
    const data = this.#pending.get(port)?.room ?? 0;
    if (data !== 0 && size > 0) yield* thread.call("bcopy", entry.argument(2), data, size);
    return yield* this.#answer(thread, port, { code, data, size });
  }

  /** device_write_reply(reply_port, return_code, bytes_written), and the same in line. */
  writeReply(thread: Uthread, entry: WorkEntry): Work<number> {
    const [code, size] = [entry.argument(1), entry.argument(2)];
    return this.#answer(thread, entry.argument(0), { code, data: 0, size });
  }

  /** Whether an answer is awaited at a port. */
  awaits(port: number): boolean {
    return this.#pending.has(port);
  }

  /** mach_notify_send_once(notify): the kernel has dropped a request, and nobody will answer it. */
  lost(thread: Uthread, entry: WorkEntry): Work<number> {
    return this.#answer(thread, entry.argument(0), { code: D.D_IO_ERROR, data: 0, size: 0 });
  }

  *#answer(thread: Uthread, port: number, reply: DeviceReply): Work<number> {
    const request = this.#pending.get(port);
    if (request === undefined) return MIG_RETURN.MIG_NO_REPLY;
    this.counts.answered += 1;
    this.#pending.delete(port);
    this.#free.push(port);
    request.reply = reply;
    if (request.answered) yield* request.answered(thread, reply);
    else this.#sleepers.wakeup(request);
    yield* this.#sleepers.settle(thread);
    return MIG_RETURN.MIG_NO_REPLY;
  }
}
