/**
 * Bytes between the server and whoever calls, by text that copies. Three ways, one for each way a call
 * comes: a client's thread that has trapped uses the kernel's copyin and copyout (paper §3.4.4); what a
 * KMIG message carried lies in the server's memory already, and `bcopy` moves it; for the generic
 * message the client's pages are read and written by Mach calls, and what goes out travels in the
 * reply as far as there is room (facts of the generic call).
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import { pageUp } from "../unix/constants.ts";
import type { Process } from "../unix/process.ts";
import { machProcess } from "./mach-process.ts";
import { mach_task_self, vm_deallocate, vm_read, vm_write } from "./mach.ts";
import type { ServerMemory } from "./memory.ts";
import type { Uthread } from "./uthread.ts";

const { PAGE_SIZE } = MEMORY_MAP;
/** Bytes that go by way of the uthread at a time, when they are not in the server's memory. */
const CHUNK = 1024;
/** Pages that are read or written at a time. */
const WINDOW = 16 * PAGE_SIZE;

/** One way: between an address of the caller's and one of the server's. Returns 0 or a code. */
export interface Way {
  in(thread: Uthread, from: number, to: number, length: number): Work<number>;
  out(thread: Uthread, from: number, to: number, length: number): Work<number>;
}

/** A client's thread that has trapped. */
export const TRAP: Way = {
  in: (thread, from, to, length) => thread.call("client_copyin", from, to, length),
  out: (thread, from, to, length) => thread.call("client_copyout", from, to, length),
};

/** Arguments that a message has brought: both ends are the server's. */
export const LOCAL: Way = {
  *in(thread, from, to, length) {
    yield* thread.call("bcopy", from, to, length);
    return 0;
  },
  *out(thread, from, to, length) {
    yield* thread.call("bcopy", from, to, length);
    return 0;
  },
};

/**
 * The memory of a process's task, by vm_read and vm_write. Pages of files the kernel copies: it takes a page
 * that its pager does not bring for an error of the call, where the server's own text would fault.
 */
export function taskMemory(process: Process): Way {
  const { task } = machProcess(process);
  return {
    in: (thread, from, to, length) =>
      byWindows(thread, task, from, length, function* (window, offset, count, done) {
        if (process.memory.isPaged(from + done, count))
          return yield* vm_write(
            thread,
            yield* mach_task_self(thread),
            to + done,
            window + offset,
            count,
          );
        yield* thread.call("bcopy", window + offset, to + done, count);
        return 0;
      }),
    *out(thread, from, to, length) {
      if (process.memory.isPaged(to, length))
        return yield* vm_write(thread, task, to, from, length);
      return yield* byWindows(thread, task, to, length, function* (window, offset, count, done) {
        yield* thread.call("bcopy", from + done, window + offset, count);
        const start = to + done - offset;
        return yield* vm_write(thread, task, start, window, pageUp(offset + count));
      });
    },
  };
}

/** Reads a range of a task, some pages at a time, and lets `visit` use them. */
function* byWindows(
  thread: Uthread,
  task: number,
  address: number,
  length: number,
  visit: (window: number, offset: number, count: number, done: number) => Work<number>,
): Work<number> {
  if (address + length > 2 ** 32) return KERN_RETURN.KERN_INVALID_ADDRESS;
  for (let done = 0; done < length;) {
    const offset = (address + done) % PAGE_SIZE;
    const count = Math.min(length - done, WINDOW - offset);
    const read = yield* vm_read(thread, task, address + done - offset, pageUp(offset + count));
    if (!("value" in read)) return read.kr;
    const { data, size } = read.value;
    const kr = yield* visit(data, offset, count, done);
    yield* vm_deallocate(thread, yield* mach_task_self(thread), data, size);
    if (kr !== 0) return kr;
    done += count;
  }
  return 0;
}

function check(code: number): void {
  if (code !== 0) throw new UnixError("EFAULT");
}

/** `into` from the caller's `address`. @throws UnixError EFAULT. */
export function* copyin(
  thread: Uthread,
  memory: ServerMemory,
  way: Way,
  address: number,
  into: Uint8Array,
): Work<void> {
  const place = memory.addressOf(into);
  if (place !== undefined) return check(yield* way.in(thread, address, place, into.length));
  for (let done = 0; done < into.length; done += CHUNK) {
    const part = into.subarray(done, done + CHUNK);
    yield* thread.scratch(part.length, function* (room): Work<void> {
      check(yield* way.in(thread, address + done, room, part.length));
      part.set(thread.server.memory.read(room, part.length));
    });
  }
}

/** `bytes` to the caller's `address`. @throws UnixError EFAULT. */
export function* copyout(
  thread: Uthread,
  memory: ServerMemory,
  way: Way,
  bytes: Uint8Array,
  address: number,
): Work<void> {
  const place = memory.addressOf(bytes);
  if (place !== undefined) return check(yield* way.out(thread, place, address, bytes.length));
  for (let done = 0; done < bytes.length; done += CHUNK) {
    const part = bytes.subarray(done, done + CHUNK);
    yield* thread.scratch(part.length, function* (room): Work<void> {
      thread.server.memory.write(room, part);
      check(yield* way.out(thread, room, address + done, part.length));
    });
  }
}

/** Bytes of a string that are fetched at a time. */
const STRING_PIECE = 64;

/** A string up to its NUL; pieces do not cross pages, as the next one may not be there. */
export function* copyinstr(
  thread: Uthread,
  memory: ServerMemory,
  way: Way,
  address: number,
  most: number,
): Work<Uint8Array> {
  const string: number[] = [];
  while (string.length < most) {
    const at = address + string.length;
    const length = Math.min(STRING_PIECE, most - string.length, PAGE_SIZE - (at % PAGE_SIZE));
    const piece = new Uint8Array(length);
    yield* copyin(thread, memory, way, at, piece);
    const end = piece.indexOf(0);
    string.push(...(end < 0 ? piece : piece.subarray(0, end)));
    if (end >= 0) return Uint8Array.from(string);
  }
  throw new UnixError("ENAMETOOLONG");
}
