/**
 * The server's devices, by Mach's device interface: the disk with its file system, and lines to a
 * terminal or to whoever runs a program. What they are asked is answered by messages (device-requests.ts).
 */
import { D, DEV_GET_SIZE } from "../../mach/interface.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { BlockDevice, Blocking, Done } from "../ufs/device.ts";
import type { Terminal } from "../unix/call.ts";
import type { DeviceReply, DeviceRequests } from "./device-requests.ts";
import { type Answer, mach_task_self, vm_deallocate } from "./mach.ts";
import type { ServerMemory } from "./memory.ts";
import { perform } from "./perform.ts";
import type { Uthread } from "./uthread.ts";

const SECTOR = 512;
/** Bytes that a line takes in line. */
const INBAND = 128;
/** Bytes of a `dev_name_t`. */
const NAME = 128;

/** Opens a device. */
export function* device_open(
  thread: Uthread,
  master: number,
  mode: number,
  name: string,
): Work<Answer<number>> {
  return yield* thread.scratch(NAME + 4, function* (room): Work<Answer<number>> {
    const { memory } = thread.server;
    const text = new Uint8Array(NAME);
    new TextEncoder().encodeInto(name, text);
    memory.write(room, text);
    const kr = yield* thread.call("device_open", master, mode, room, room + NAME);
    return kr === D.D_SUCCESS ? { kr: 0, value: thread.word(room + NAME) } : { kr };
  });
}

/** Size of a device in bytes. */
export function* device_get_size(thread: Uthread, device: number): Work<Answer<number>> {
  return yield* thread.scratch(12, function* (room): Work<Answer<number>> {
    thread.server.memory.write32(room, 2);
    const kr = yield* thread.call("device_get_status", device, DEV_GET_SIZE, room + 4, room);
    return kr === D.D_SUCCESS ? { kr: 0, value: thread.word(room + 4) } : { kr };
  });
}

/** Reads from a device, and waits; the data appear somewhere in the server's memory. */
function* device_read(
  thread: Uthread,
  device: number,
  recnum: number,
  bytes: number,
): Work<DeviceReply> {
  return yield* thread.scratch(8, function* (room): Work<DeviceReply> {
    const code = yield* thread.call("device_read", device, 0, recnum, bytes, room, room + 4);
    if (code !== D.D_SUCCESS) return { code, data: 0, size: 0 };
    return { code, data: thread.word(room), size: thread.word(room + 4) };
  });
}

function* device_write(
  thread: Uthread,
  device: number,
  recnum: number,
  data: number,
  bytes: number,
): Work<Pick<DeviceReply, "code">> {
  return yield* thread.scratch(4, function* (room): Work<Pick<DeviceReply, "code">> {
    return { code: yield* thread.call("device_write", device, 0, recnum, data, bytes, room) };
  });
}

/** A transfer that is waited for, told like one that is not. */
function* told(transfer: Blocking<void>, done: Done): Blocking<void> {
  try {
    yield* transfer;
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
    return done(error);
  }
  done();
}

/**
 * A disk that is a Mach device. Requests are answered by messages (device-requests.ts) once there is a
 * thread for those; until then, while the file system is mounted, the only thread waits in its calls.
 */
export class DeviceDisk implements BlockDevice {
  readonly sectors: number;
  readonly #port: number;
  readonly #memory: ServerMemory;
  #requests: DeviceRequests | undefined;

  constructor(port: number, bytes: number, memory: ServerMemory) {
    this.#port = port;
    this.sectors = Math.floor(bytes / SECTOR);
    this.#memory = memory;
  }

  /** From now on answers are served. */
  answeredBy(requests: DeviceRequests): void {
    this.#requests = requests;
  }

  *read(sector: number, bytes: Uint8Array): Blocking<void> {
    const place = this.#memory.addressOf(bytes);
    yield* perform((thread) => this.#read(thread, sector, bytes, place));
  }

  *#read(thread: Uthread, sector: number, bytes: Uint8Array, place?: number): Work<void> {
    const port = this.#port;
    const { length } = bytes;
    const reply = this.#requests
      ? yield* this.#requests.call(thread, (replyTo) =>
          thread.call("device_read_request", port, replyTo, 0, sector, length),
        )
      : yield* device_read(thread, port, sector, length);
    const error = yield* this.#take(thread, reply, bytes, place);
    if (error) throw error;
  }

  /** Brings what was read to its place. */
  *#take(
    thread: Uthread,
    { code, data, size }: DeviceReply,
    bytes: Uint8Array,
    place: number | undefined,
  ): Work<UnixError | undefined> {
    const { length } = bytes;
    if (code !== D.D_SUCCESS || size < length) return new UnixError("EIO");
    if (place === undefined) bytes.set(thread.server.memory.read(data, length));
    else yield* thread.call("bcopy", data, place, length);
    yield* vm_deallocate(thread, yield* mach_task_self(thread), data, size);
    return undefined;
  }

  *beginRead(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    const [port, requests] = [this.#port, this.#requests];
    if (requests === undefined) return yield* told(this.read(sector, bytes), done);
    const take = this.#take.bind(this);
    const place = this.#memory.addressOf(bytes);
    yield* perform((thread) =>
      requests.begin(
        thread,
        (replyTo) => thread.call("device_read_request", port, replyTo, 0, sector, bytes.length),
        function* (answering, reply) {
          done(yield* take(answering, reply, bytes, place));
        },
      ),
    );
  }

  *beginWrite(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    const [port, requests] = [this.#port, this.#requests];
    const place = this.#memory.addressOf(bytes);
    if (requests === undefined || place === undefined)
      return yield* told(this.write(sector, bytes), done);
    yield* perform((thread) =>
      requests.begin(
        thread,
        (replyTo) =>
          thread.call("device_write_request", port, replyTo, 0, sector, place, bytes.length),
        // oxlint-disable-next-line require-yield -- there is nothing to bring
        function* (_answering, { code }) {
          done(code === D.D_SUCCESS ? undefined : new UnixError("EIO"));
        },
      ),
    );
  }

  *write(sector: number, bytes: Uint8Array): Blocking<void> {
    const place = this.#memory.addressOf(bytes);
    yield* perform((thread) => this.#write(thread, sector, bytes, place));
  }

  *#write(thread: Uthread, sector: number, bytes: Uint8Array, place?: number): Work<void> {
    if (place !== undefined) return yield* this.#writeFrom(thread, sector, place, bytes.length);
    for (let done = 0; done < bytes.length; done += SECTOR) {
      const at = sector + done / SECTOR;
      const part = bytes.subarray(done, done + SECTOR);
      yield* thread.scratch(SECTOR, (room) => {
        thread.server.memory.write(room, part);
        return this.#writeFrom(thread, at, room, SECTOR);
      });
    }
  }

  *#writeFrom(thread: Uthread, sector: number, from: number, length: number): Work<void> {
    const port = this.#port;
    const { code } = this.#requests
      ? yield* this.#requests.call(thread, (replyTo) =>
          thread.call("device_write_request", port, replyTo, 0, sector, from, length),
        )
      : yield* device_write(thread, port, sector, from, length);
    if (code !== D.D_SUCCESS) throw new UnixError("EIO");
  }
}

/** A line that is a Mach device with inputs and outputs of characters, a few in each request. */
export class DeviceTerminal implements Terminal {
  readonly #port: number;
  readonly #memory: ServerMemory;
  readonly #requests: DeviceRequests;

  constructor(port: number, memory: ServerMemory, requests: DeviceRequests) {
    this.#port = port;
    this.#memory = memory;
    this.#requests = requests;
  }

  *read(into: Uint8Array): Blocking<number> {
    const [port, requests] = [this.#port, this.#requests];
    const wanted = Math.min(INBAND, into.length);
    return yield* perform((thread) =>
      thread.scratch(INBAND, function* (room): Work<number> {
        const { code, size } = yield* requests.call(
          thread,
          (replyTo) => thread.call("device_read_request_inband", port, replyTo, 0, 0, wanted),
          room,
        );
        if (code !== D.D_SUCCESS) throw new UnixError("EIO");
        into.set(thread.server.memory.read(room, size));
        return size;
      }),
    );
  }

  *write(bytes: Uint8Array): Blocking<void> {
    const place = this.#memory.addressOf(bytes);
    for (let done = 0; done < bytes.length;) {
      const part = bytes.subarray(done, done + INBAND);
      const from = place === undefined ? undefined : place + done;
      done += yield* perform((thread) => this.#write(thread, part, from));
    }
  }

  *#write(thread: Uthread, part: Uint8Array, place: number | undefined): Work<number> {
    const [port, requests] = [this.#port, this.#requests];
    return yield* thread.scratch(INBAND, function* (room): Work<number> {
      if (place === undefined) thread.server.memory.write(room, part);
      const from = place ?? room;
      const { code, size } = yield* requests.call(thread, (replyTo) =>
        thread.call("device_write_request_inband", port, replyTo, 0, 0, from, part.length),
      );
      if (code !== D.D_SUCCESS) throw new UnixError("EIO");
      return size;
    });
  }
}
