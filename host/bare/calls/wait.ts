/**
 * System calls that wait for open files. Every open file is ready: what is not there yet is waited for
 * when it is read. So these only wait when nothing is asked, or nothing that is open.
 */
import { fail } from "../call-failed.ts";
import { pack, unpack } from "../../abi/linux/bytes.ts";
import { POLL } from "../../abi/linux/files.ts";
import { pollfd } from "../../abi/linux/structures.ts";
import { MOST_DESCRIPTORS } from "../file-table.ts";
import type { Answer, Process } from "../process.ts";
import type { CallTable } from "./call.ts";
import { getNanoseconds, type Width } from "./time.ts";

const { POLLIN, POLLOUT, POLLNVAL } = POLL;
const FOREVER = Number.POSITIVE_INFINITY;

function isOpen(p: Process, descriptor: number): boolean {
  try {
    return p.files.get(descriptor) !== undefined;
  } catch {
    return false;
  }
}

function wait(p: Process, nanoseconds: number, what: string): Answer {
  if (nanoseconds === 0) return 0;
  const slept = p.sleep(p.clock.now + nanoseconds, what);
  return slept === "slept" ? 0 : slept === "interrupted" ? fail("EINTR") : slept;
}

function timeout(p: Process, address: number, width: Width): number {
  return address === 0 ? FOREVER : getNanoseconds(p, address, width);
}

function poll(p: Process, address: number, count: number, nanoseconds: number): Answer {
  if (count > MOST_DESCRIPTORS) fail("EINVAL");
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const at = address + i * pollfd.size;
    const { fd, events } = unpack(pollfd, p.read(at, pollfd.size));
    const known = isOpen(p, fd) ? events & (POLLIN | POLLOUT) : POLLNVAL;
    const revents = (fd | 0) < 0 ? 0 : known;
    p.write(at, pack(pollfd, { fd, events, revents }));
    if (revents !== 0) ready++;
  }
  return ready > 0 ? ready : wait(p, nanoseconds, "poll");
}

/** Sets for reading and writing: all that is asked for is ready; nothing is exceptional. */
function select(p: Process, count: number, sets: readonly number[], nanoseconds: number): Answer {
  if (count > MOST_DESCRIPTORS) fail("EINVAL");
  const bytes = Math.ceil(count / 32) * 4;
  let ready = 0;
  for (const [which, address] of sets.entries()) {
    if (address === 0) continue;
    const view = new DataView(p.read(address, bytes).buffer);
    for (let number = 0; number < count; number++) {
      const asked = view.getUint32((number >> 5) * 4) & (1 << (number & 31));
      if (asked !== 0) p.files.get(number);
      if (asked !== 0 && which < 2) ready++;
    }
    if (which === 2) p.write(address, new Uint8Array(bytes));
  }
  if (ready > 0) return ready;
  return wait(p, nanoseconds, "select");
}

export const WAIT_CALLS: CallTable = {
  _newselect: (p, count, read, write, except, time) =>
    select(p, count, [read, write, except], timevalTimeout(p, time)),
  poll: (p, address, count, milliseconds) =>
    poll(p, address, count, (milliseconds | 0) < 0 ? FOREVER : milliseconds * 1e6),
  pselect6: (p, count, read, write, except, time) =>
    select(p, count, [read, write, except], timeout(p, time, 32)),
  ppoll: (p, address, count, time) => poll(p, address, count, timeout(p, time, 32)),
  pselect6_time64: (p, count, read, write, except, time) =>
    select(p, count, [read, write, except], timeout(p, time, 64)),
  ppoll_time64: (p, address, count, time) => poll(p, address, count, timeout(p, time, 64)),
};

function timevalTimeout(p: Process, address: number): number {
  if (address === 0) return FOREVER;
  const [seconds, microseconds] = [p.readWord(address) | 0, p.readWord(address + 4) | 0];
  return seconds < 0 || microseconds < 0 ? fail("EINVAL") : seconds * 1e9 + microseconds * 1000;
}
