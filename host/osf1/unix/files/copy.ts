/** From one open file to another without the program's memory: sendfile, copy_file_range. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE, UFS } from "../../ufs/layout.ts";
import type { Call } from "../call.ts";
import { OPEN } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { getFile } from "./descriptors.ts";
import type { OpenFile } from "./open-file.ts";
import { MOST, serverUio } from "./uio.ts";

/** An end of a copy: a descriptor, and where in its file if not at the file's own position. */
export interface CopyEnd {
  readonly number: number;
  readonly offset?: number;
}

function checkOffset({ offset }: CopyEnd): void {
  if (offset !== undefined && (offset < 0 || offset > Number.MAX_SAFE_INTEGER))
    throw new UnixError("EINVAL");
}

/** Copies a block at a time; what came across before a failure counts. */
function* copyBytes(
  call: Call,
  [from, start]: readonly [OpenFile, number],
  [to, offset]: readonly [OpenFile, number | undefined],
  length: number,
): Blocking<number> {
  let done = 0;
  try {
    while (done < length) {
      const bytes = new Uint8Array(Math.min(length - done, UFS.BLOCK_SIZE));
      const count = yield* from.read(serverUio(call, "out", bytes), start + done);
      if (count === 0) break;
      const piece = serverUio(call, "in", bytes.subarray(0, count));
      const at = offset === undefined ? undefined : offset + done;
      const written = yield* to.write(piece, at);
      done += written;
      if (written < bytes.length) break;
    }
  } catch (error) {
    if (done === 0 || !(error instanceof UnixError)) throw error;
  }
  return done;
}

/**
 * Sends bytes of a file to whatever can be written. Without an offset the file's position moves.
 * @returns bytes sent; 0 at the file's end
 * @throws UnixError EBADF, EINVAL, ESPIPE, and as reading and writing do
 */
export function* sendfile(
  _unix: Unix,
  call: Call,
  to: number,
  from: CopyEnd,
  length: number,
): Blocking<number> {
  const source = yield* getFile(call, from.number);
  if (!source.readable) throw new UnixError("EBADF");
  if (from.offset !== undefined && !source.seekable) throw new UnixError("ESPIPE");
  checkOffset(from);
  const target = yield* getFile(call, to);
  if (!target.writable) throw new UnixError("EBADF");
  const isFile = source.seekable && source.vnode?.type === MODE.IFREG;
  if (!isFile || (target.flags & OPEN.O_APPEND) !== 0) throw new UnixError("EINVAL");
  const start = from.offset ?? source.offset;
  const count = Math.min(length >>> 0, MOST);
  const done = yield* copyBytes(call, [source, start], [target, undefined], count);
  if (from.offset === undefined) source.offset = start + done;
  return done;
}

/**
 * Copies bytes between regular files. Without an offset a file's position moves.
 * @throws UnixError EBADF, EINVAL for others and for ranges of one file that overlap, EISDIR
 */
export function* copyFileRange(
  _unix: Unix,
  call: Call,
  from: CopyEnd,
  to: CopyEnd,
  length: number,
): Blocking<number> {
  const source = yield* getFile(call, from.number);
  const target = yield* getFile(call, to.number);
  for (const { vnode } of [source, target]) {
    if (vnode?.isDirectory === true) throw new UnixError("EISDIR");
    if (vnode?.type !== MODE.IFREG) throw new UnixError("EINVAL");
  }
  checkOffset(from);
  checkOffset(to);
  const appends = (target.flags & OPEN.O_APPEND) !== 0;
  if (!source.readable || !target.writable || appends) throw new UnixError("EBADF");
  const [start, end] = [from.offset ?? source.offset, to.offset ?? target.offset];
  const { size } = yield* source.attributes();
  const count = Math.min(length >>> 0, MOST, Math.max(0, size - start));
  const overlaps = start < end + count && end < start + count;
  if (source.vnode === target.vnode && overlaps) throw new UnixError("EINVAL");
  const done = yield* copyBytes(call, [source, start], [target, end], count);
  if (from.offset === undefined) source.offset = start + done;
  if (to.offset === undefined) target.offset = end + done;
  return done;
}
