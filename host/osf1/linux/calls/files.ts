/** Linux/hppa calls that move bytes and positions, and that set a file's size. */
import { iovec } from "../../../abi/linux/structures.ts";
import { SEEK } from "../../../abi/linux/files.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { IOV_MAX } from "../../unix/constants.ts";
import { fsync, ftruncate, sync, truncate } from "../../unix/files/change.ts";
import { getDescriptor } from "../../unix/files/descriptors.ts";
import { copyinPath } from "../../unix/files/path.ts";
import { lseek, pread, pwrite, read, readv, write, writev } from "../../unix/files/transfer.ts";
import type { Segment } from "../../unix/files/uio.ts";
import type { Unix } from "../../unix/unix.ts";
import { getBytes, putWords } from "../../caller-words.ts";
import { type LinuxTable, long, zero } from "../work.ts";

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

/** The largest position that 32 bits tell. */
const NARROW_MOST = 0x7fffffff;

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
  *fallocate(_unix, call, number) {
    yield* getDescriptor(call, number);
    throw new UnixError("EOPNOTSUPP");
  },
  fsync: (unix, call, number) => zero(fsync(unix, call, number)),
  fdatasync: (unix, call, number) => zero(fsync(unix, call, number)),
  sync: (unix, call) => zero(sync(unix, call)),
  *syncfs(unix, call, number) {
    yield* getDescriptor(call, number);
    return yield* zero(sync(unix, call));
  },
  // Advice only.
  fadvise64_64: (_unix, call, number) => zero(getDescriptor(call, number)),
  readahead: (_unix, call, number) => zero(getDescriptor(call, number)),
};
