/** System calls on open files: reading, writing, positions, and descriptors themselves. */
import { ERRNO } from "../../abi/linux/errno.ts";
import { FCNTL, FD_CLOEXEC, OPEN } from "../../abi/linux/files.ts";
import { CODE, SIGNAL } from "../../abi/linux/signals.ts";
import { CallFailed, fail } from "../call-failed.ts";
import { pack, unpack } from "../../abi/linux/bytes.ts";
import { dirent64, iovec } from "../../abi/linux/structures.ts";
import { entryType, type OpenFile } from "../file-table.ts";
import type { Process } from "../process.ts";
import { type CallTable, long } from "./call.ts";
import { writeStat64 } from "./paths.ts";

/** Bytes that are moved at once: no call needs more of the host than this. */
const PIECE = 1 << 16;
/** The most that one call moves, as Linux has it. */
const MOST = 0x7ffff000;
const MOST_VECTORS = 1024;

/** Moves up to `length` bytes by pieces, until a short one; a failure after the first is the end. */
function byPieces(length: number, move: (done: number, count: number) => number): number {
  const total = Math.min(length, MOST);
  let done = 0;
  while (done < total) {
    const count = Math.min(PIECE, total - done);
    let moved: number;
    try {
      moved = move(done, count);
    } catch (error) {
      if (done > 0 && error instanceof CallFailed) break;
      throw error;
    }
    done += moved;
    if (moved < count) break;
  }
  return done;
}

/** Reads into the program's memory; only as much as it has room for is taken from the file. */
function readInto(
  p: Process,
  buffer: number,
  length: number,
  read: (done: number, count: number) => Uint8Array,
): number {
  return byPieces(length, (done, count) => {
    const room = p.memory.usable(buffer + done, count, "write");
    if (room === 0) fail("EFAULT");
    const bytes = read(done, room);
    p.write(buffer + done, bytes);
    return bytes.length;
  });
}

function read(p: Process, descriptor: number, buffer: number, length: number): number {
  const file = p.files.get(descriptor);
  if (length === 0) return file.read(0).length;
  return readInto(p, buffer, length, (_, count) => file.read(count));
}

function readAt(p: Process, number: number, buffer: number, length: number, at: number): number {
  const file = p.files.get(number);
  if (at < 0) fail("EINVAL");
  if (length === 0) return file.readAt(at, 0).length;
  return readInto(p, buffer, length, (done, count) => file.readAt(at + done, count));
}

function write(p: Process, descriptor: number, buffer: number, length: number): number {
  const file = p.files.get(descriptor);
  if (length === 0) {
    file.write(new Uint8Array());
    return 0;
  }
  return byPieces(length, (done, count) => {
    const readable = p.memory.usable(buffer + done, count, "read");
    if (readable === 0) fail("EFAULT");
    send(p, file, p.read(buffer + done, readable));
    return readable;
  });
}

/** Writes; when nobody reads, the program gets SIGPIPE besides the errno. */
function send(p: Process, file: OpenFile, bytes: Uint8Array): void {
  try {
    file.write(bytes);
  } catch (error) {
    if (error instanceof CallFailed && error.errno === ERRNO.EPIPE)
      p.send(SIGNAL.SIGPIPE, CODE.SI_USER);
    throw error;
  }
}

/** Applies a call to each part of a vector, until one is short. */
function vector(
  p: Process,
  address: number,
  count: number,
  one: (base: number, length: number) => number,
): number {
  if (count > MOST_VECTORS) fail("EINVAL");
  const bytes = p.read(address, count * iovec.size);
  let done = 0;
  for (let i = 0; i < count; i++) {
    const part = bytes.subarray(i * iovec.size, (i + 1) * iovec.size);
    const { iov_base, iov_len } = unpack(iovec, part);
    if (iov_len === 0) continue;
    let moved: number;
    try {
      moved = one(iov_base, iov_len);
    } catch (error) {
      if (done > 0 && error instanceof CallFailed) break;
      throw error;
    }
    done += moved;
    if (moved < iov_len) break;
  }
  return done;
}

function seekLong(
  p: Process,
  descriptor: number,
  high: number,
  low: number,
  result: number,
  whence: number,
): number {
  const position = p.files.get(descriptor).seek(long(high, low), whence);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(position));
  p.write(result, bytes);
  return 0;
}

function seek(p: Process, descriptor: number, offset: number, whence: number): number {
  const file = p.files.get(descriptor);
  const before = file.position;
  const position = file.seek(offset | 0, whence);
  if (position <= 0x7fffffff) return position;
  file.position = before;
  return fail("EOVERFLOW");
}

/** getdents64: a file's position in a directory is the number of its next entry. */
function listEntries(p: Process, descriptor: number, buffer: number, size: number): number {
  const file = p.files.get(descriptor);
  const entries = file.entries();
  let done = 0;
  while (file.position < entries.length) {
    const { name, kind, inode } = entries[file.position]!;
    const nameAt = dirent64.offset.d_name;
    const length = Math.ceil((nameAt + name.length + 1) / 8) * 8;
    if (done + length > size) return done > 0 ? done : fail("EINVAL");
    const bytes = new Uint8Array(length);
    const head = pack(dirent64, {
      d_ino: inode,
      d_off: file.position + 1,
      d_reclen: length,
      d_type: entryType(kind),
    });
    bytes.set(head.subarray(0, nameAt));
    for (let i = 0; i < name.length; i++) bytes[nameAt + i] = name.charCodeAt(i);
    p.write(buffer + done, bytes);
    done += length;
    file.position++;
  }
  return done;
}

// Descriptors.

const { F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC } = FCNTL;

function control(p: Process, descriptor: number, command: number, argument: number): number {
  const file = p.files.get(descriptor);
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if (argument > 0x7fffffff) fail("EINVAL");
      return p.files.add(file, argument, command === F_DUPFD_CLOEXEC);
    case F_GETFD:
      return p.files.closesOnExec(descriptor) ? FD_CLOEXEC : 0;
    case F_SETFD:
      p.files.setCloseOnExec(descriptor, (argument & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.flags | OPEN.O_LARGEFILE;
    case F_SETFL: {
      const settable = OPEN.O_APPEND | OPEN.O_NONBLOCK;
      file.flags = (file.flags & ~settable) | (argument & settable);
      return 0;
    }
    default:
      return fail("EINVAL");
  }
}

function duplicate(p: Process, from: number, to: number, flags: number, same: boolean): number {
  const file = p.files.get(from);
  if (from === to) return same ? to : fail("EINVAL");
  p.files.replace(to, file, (flags & OPEN.O_CLOEXEC) !== 0);
  return to;
}

export const DESCRIPTOR_CALLS: CallTable = {
  read: read,
  write: write,
  close: (p, number) => (p.files.close(number), 0),
  lseek: seek,
  _llseek: seekLong,
  pread64: (p, number, buffer, length, high, low) =>
    readAt(p, number, buffer, length, long(high, low)),
  pwrite64: (p, number) => (p.files.get(number), fail("EBADF")),
  readv: (p, number, address, count) =>
    vector(p, address, count, (base, length) => read(p, number, base, length)),
  writev: (p, number, address, count) =>
    vector(p, address, count, (base, length) => write(p, number, base, length)),
  fstat64: (p, number, buffer) => writeStat64(p, buffer, p.files.get(number).attributes()),
  getdents64: listEntries,
  ioctl: (p, number) => (p.files.get(number), fail("ENOTTY")),
  fcntl: control,
  fcntl64: control,
  dup: (p, number) => p.files.add(p.files.get(number)),
  dup2: (p, from, to) => duplicate(p, from, to, 0, true),
  dup3: (p, from, to, flags) => duplicate(p, from, to, flags, false),
  ftruncate: (p, number) => (p.files.get(number), fail("EINVAL")),
  ftruncate64: (p, number) => (p.files.get(number), fail("EINVAL")),
  fchmod: (p, number) => (p.files.get(number), fail("EROFS")),
  fchown: (p, number) => (p.files.get(number), fail("EROFS")),
  fsync: (p, number) => (p.files.get(number), fail("EINVAL")),
  flock: (p, number) => (p.files.get(number), 0),
};
