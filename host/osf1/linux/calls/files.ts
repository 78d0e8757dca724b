/** Linux/hppa calls that move bytes and positions, and that set a file's size. */
import { iovec } from "../../../abi/linux/structures.ts";
import { SEEK, TRANSFER } from "../../../abi/linux/files.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { IOV_MAX } from "../../unix/constants.ts";
import { fsync, ftruncate, sync, truncate } from "../../unix/files/change.ts";
import { copyFileRange, type CopyEnd, sendfile } from "../../unix/files/copy.ts";
import { getDescriptor, getFile } from "../../unix/files/descriptors.ts";
import { copyinPath } from "../../unix/files/path.ts";
import { lseek, pread, pwrite, read, readv, write, writev } from "../../unix/files/transfer.ts";
import type { Segment } from "../../unix/files/uio.ts";
import type { Unix } from "../../unix/unix.ts";
import { getBytes, getWords, putWords } from "../../caller-words.ts";
import { type LinuxTable, type LinuxWork, long, NARROW_MOST, zero } from "../work.ts";

/** A vector of pieces. @throws UnixError EINVAL, EFAULT */
export function* getSegments(call: Call, address: number, count: number): Blocking<Segment[]> {
  if (count > IOV_MAX) throw new UnixError("EINVAL");
  const view = new DataView((yield* getBytes(call, address, count * iovec.size)).buffer);
  return Array.from({ length: count }, (_, i) => ({
    address: view.getUint32(i * iovec.size),
    // Above 2 GB a length is a mistake, which transfers refuse as a negative one.
    length: view.getInt32(i * iovec.size + iovec.offset.iov_len),
  }));
}

const WHENCE = new Map<number, "set" | "current" | "end">([
  [SEEK.SEEK_SET, "set"],
  [SEEK.SEEK_CUR, "current"],
  [SEEK.SEEK_END, "end"],
]);
/** @throws UnixError EINVAL */
export const whenceOf = (whence: number): "set" | "current" | "end" => {
  const found = WHENCE.get(whence);
  if (found === undefined) throw new UnixError("EINVAL");
  return found;
};

function* seek(
  unix: Unix,
  call: Call,
  number: number,
  offset: number,
  whence: number,
): Blocking<number> {
  yield* getDescriptor(call, number);
  return yield* lseek(unix, call, number, offset, whenceOf(whence));
}

/** Of sync_file_range: before, write, after. */
const SYNC_FLAGS = 7;

/** preadv2 and pwritev2: position −1 is the file's own; of the flags, those that ask for what is so. */
const vectored = (direction: "read" | "write"): LinuxWork =>
  function* (unix, call, number, vector, count, low, high, flags) {
    const { RWF_HIPRI, RWF_DSYNC, RWF_SYNC } = TRANSFER;
    yield* getDescriptor(call, number);
    const segments = yield* getSegments(call, vector, count);
    if ((flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC)) !== 0) throw new UnixError("EOPNOTSUPP");
    const position = long(high, low);
    const at = position === -1 ? undefined : position;
    if (direction === "read") return yield* readv(unix, call, number, segments, at);
    const written = yield* writev(unix, call, number, segments, at);
    if ((flags & (RWF_DSYNC | RWF_SYNC)) !== 0) yield* fsync(unix, call, number);
    return written;
  };

/** An offset that a program keeps. @throws UnixError EFAULT */
function* offsetAt(call: Call, address: number, width: 32 | 64): Blocking<number> {
  if (width === 32) return (yield* getWords(call, address, 1))[0]! | 0;
  const [high, low] = yield* getWords(call, address, 2);
  return long(high!, low!);
}

function* putOffset(call: Call, address: number, offset: number, width: 32 | 64): Blocking<void> {
  const words = width === 32 ? [offset] : [Math.floor(offset / 2 ** 32), offset >>> 0];
  yield* putWords(call, address, ...words);
}

/** An end of a copy; without an address its file's own position counts. */
function* endAt(call: Call, number: number, address: number, width: 32 | 64): Blocking<CopyEnd> {
  return { number, ...(address !== 0 && { offset: yield* offsetAt(call, address, width) }) };
}

const sendWith = (width: 32 | 64): LinuxWork =>
  function* (unix, call, to, from, address, length) {
    const end = yield* endAt(call, from, address, width);
    const sent = yield* sendfile(unix, call, to, end, length);
    if (end.offset !== undefined) yield* putOffset(call, address, end.offset + sent, width);
    return sent;
  };

function* copyRange(
  unix: Unix,
  call: Call,
  from: number,
  fromAddress: number,
  to: number,
  toAddress: number,
  length: number,
  flags: number,
): Blocking<number> {
  if (flags !== 0) throw new UnixError("EINVAL");
  const source = yield* endAt(call, from, fromAddress, 64);
  const target = yield* endAt(call, to, toAddress, 64);
  const copied = yield* copyFileRange(unix, call, source, target, length);
  if (source.offset !== undefined) yield* putOffset(call, fromAddress, source.offset + copied, 64);
  if (target.offset !== undefined) yield* putOffset(call, toAddress, target.offset + copied, 64);
  return copied;
}

export const FILE_CALLS: LinuxTable = {
  read,
  write,
  pread64: (unix, call, number, address, length, high, low) =>
    pread(unix, call, number, address, length, long(high, low)),
  pwrite64: (unix, call, number, address, length, high, low) =>
    pwrite(unix, call, number, address, length, long(high, low)),
  *readv(unix, call, number, vector, count) {
    yield* getDescriptor(call, number);
    return yield* readv(unix, call, number, yield* getSegments(call, vector, count));
  },
  *writev(unix, call, number, vector, count) {
    yield* getDescriptor(call, number);
    return yield* writev(unix, call, number, yield* getSegments(call, vector, count));
  },
  *preadv(unix, call, number, vector, count, low, high) {
    const segments = yield* getSegments(call, vector, count);
    return yield* readv(unix, call, number, segments, long(high, low));
  },
  *pwritev(unix, call, number, vector, count, low, high) {
    const segments = yield* getSegments(call, vector, count);
    return yield* writev(unix, call, number, segments, long(high, low));
  },
  preadv2: vectored("read"),
  pwritev2: vectored("write"),
  sendfile: sendWith(32),
  sendfile64: sendWith(64),
  copy_file_range: copyRange,
  *lseek(unix, call, number, offset, whence) {
    const position = yield* seek(unix, call, number, offset | 0, whence);
    if (position > NARROW_MOST) throw new UnixError("EOVERFLOW");
    return position;
  },
  *_llseek(unix, call, number, high, low, result, whence) {
    const position = yield* seek(unix, call, number, long(high, low), whence);
    yield* putWords(call, result, Math.floor(position / 2 ** 32), position >>> 0);
    return 0;
  },
  *truncate(unix, call, path, size) {
    return yield* zero(truncate(unix, call, yield* copyinPath(call, path), size | 0));
  },
  *truncate64(unix, call, path, high, low) {
    return yield* zero(truncate(unix, call, yield* copyinPath(call, path), long(high, low)));
  },
  ftruncate: (unix, call, number, size) => zero(ftruncate(unix, call, number, size | 0)),
  ftruncate64: (unix, call, number, high, low) =>
    zero(ftruncate(unix, call, number, long(high, low))),
  // A file has no blocks before it is written: the library writes them when this cannot be done.
  *fallocate(_unix, call, number, _mode, high, low, countHigh, countLow) {
    const file = yield* getFile(call, number);
    if (long(high, low) < 0 || long(countHigh, countLow) <= 0) throw new UnixError("EINVAL");
    if (!file.writable) throw new UnixError("EBADF");
    if (!file.seekable) throw new UnixError("ESPIPE");
    throw new UnixError("EOPNOTSUPP");
  },
  fsync: (unix, call, number) => zero(fsync(unix, call, number)),
  fdatasync: (unix, call, number) => zero(fsync(unix, call, number)),
  sync: (unix, call) => zero(sync(unix, call)),
  *syncfs(unix, call, number) {
    yield* getDescriptor(call, number);
    return yield* zero(sync(unix, call));
  },
  // A file's pages are written or they are not: those of a range, with all the others.
  *sync_file_range(unix, call, number, high, low, countHigh, countLow, flags) {
    const wrong =
      (flags & ~SYNC_FLAGS) !== 0 || long(high, low) < 0 || long(countHigh, countLow) < 0;
    if (wrong) throw new UnixError("EINVAL");
    const file = yield* getFile(call, number);
    if (!file.seekable) throw new UnixError("ESPIPE");
    return yield* zero(fsync(unix, call, number));
  },
  // Advice only.
  fadvise64_64: (_unix, call, number) => zero(getDescriptor(call, number)),
  readahead: (_unix, call, number) => zero(getDescriptor(call, number)),
};
