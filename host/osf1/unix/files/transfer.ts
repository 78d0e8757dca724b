/** read, write and their kin, and lseek. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import type { Unix } from "../unix.ts";
import { getFile } from "./descriptors.ts";
import type { OpenFile } from "./open-file.ts";
import { type Segment, Uio } from "./uio.ts";

/** The largest position of a file, bytes: what a result of 63 bits, or exact arithmetic, can tell. */
const OFFSET_MOST = Number.MAX_SAFE_INTEGER;

function checkOffset(file: OpenFile, offset: number | undefined): void {
  if (offset === undefined) return;
  if (!file.seekable) throw new UnixError("ESPIPE");
  if (offset < 0 || offset > OFFSET_MOST) throw new UnixError("EINVAL");
}

/**
 * Reads into pieces of the caller's memory, in order; at the file's position, or, with `offset`, there
 * (pread), and the position stays.
 * @returns bytes read; 0 at the end.
 * @throws UnixError EBADF, EFAULT, EINVAL, EISDIR, EAGAIN, EINTR, EIO, ESPIPE
 */
export function* readv(
  _unix: Unix,
  call: Call,
  number: number,
  segments: readonly Segment[],
  offset?: number,
): Blocking<number> {
  const file = yield* getFile(call, number);
  if (!file.readable) throw new UnixError("EBADF");
  checkOffset(file, offset);
  return yield* file.read(new Uio(call, "out", segments), offset);
}

/**
 * Writes from pieces of the caller's memory, as readv reads.
 * @throws UnixError EBADF, EFAULT, EINVAL, EAGAIN, EINTR, EIO, ENOSPC, EFBIG, EPIPE, ESPIPE
 */
export function* writev(
  _unix: Unix,
  call: Call,
  number: number,
  segments: readonly Segment[],
  offset?: number,
): Blocking<number> {
  const file = yield* getFile(call, number);
  if (!file.writable) throw new UnixError("EBADF");
  checkOffset(file, offset);
  return yield* file.write(new Uio(call, "in", segments), offset);
}

/** A length is a size_t: what has its upper bit set is too much, not an error, for one piece. */
const piece = (address: number, length: number): Segment[] => [
  { address, length: Math.min(length >>> 0, 0x7fffffff) },
];

/** @throws as readv */
export const read = (
  unix: Unix,
  call: Call,
  number: number,
  address: number,
  length: number,
): Blocking<number> => readv(unix, call, number, piece(address, length));

/** @throws as writev */
export const write = (
  unix: Unix,
  call: Call,
  number: number,
  address: number,
  length: number,
): Blocking<number> => writev(unix, call, number, piece(address, length));

/** @throws as readv */
export const pread = (
  unix: Unix,
  call: Call,
  number: number,
  address: number,
  length: number,
  offset: number,
): Blocking<number> => readv(unix, call, number, piece(address, length), offset);

/** @throws as writev */
export const pwrite = (
  unix: Unix,
  call: Call,
  number: number,
  address: number,
  length: number,
  offset: number,
): Blocking<number> => writev(unix, call, number, piece(address, length), offset);

/** Sets a file's position; returns it. @throws UnixError EBADF, EINVAL, ESPIPE */
export function* lseek(
  _unix: Unix,
  call: Call,
  number: number,
  offset: number,
  whence: "set" | "current" | "end",
): Blocking<number> {
  const file = yield* getFile(call, number);
  if (!file.seekable) throw new UnixError("ESPIPE");
  const bases = { set: 0, current: file.offset, end: 0 };
  const base = whence === "end" ? (yield* file.attributes()).size : bases[whence];
  const position = base + offset;
  if (position < 0 || position > OFFSET_MOST) throw new UnixError("EINVAL");
  file.offset = position;
  return position;
}
