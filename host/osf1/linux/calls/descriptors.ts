/** Linux/hppa calls on descriptors: dup and its kin, fcntl, locks, ioctl, pipes, directories' entries. */
import { pack } from "../../../abi/linux/bytes.ts";
import {
  FCNTL,
  FCNTL_NARROW,
  FD_CLOEXEC,
  FILE_LOCK,
  OPEN,
  RECORD_LOCK,
} from "../../../abi/linux/files.ts";
import { dirent, dirent64, flock as flockStruct, flock64 } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import {
  flock,
  getCloseOnExec,
  getLock,
  getStatusFlags,
  type LockHolder,
  type LockRequest,
  setCloseOnExec,
  setLock,
  setStatusFlags,
} from "../../unix/files/control.ts";
import {
  close,
  closeDescriptor,
  dup,
  dup2,
  dup3,
  getDescriptor,
} from "../../unix/files/descriptors.ts";
import { packEntries } from "../../unix/files/directory.ts";
import { pipe } from "../../unix/files/pipe.ts";
import { pathBytes } from "../../unix/files/path.ts";
import type { Entry } from "../../unix/files/vnode.ts";
import type { Unix } from "../../unix/unix.ts";
import { linuxOpenFlags, unixOpenFlags } from "../open-flags.ts";
import { ioctl } from "../ioctl.ts";
import { putWords } from "../../caller-words.ts";
import { getStruct, type LinuxTable, type LinuxWork, putStruct, zero } from "../work.ts";
import { whenceOf } from "./files.ts";

const LOCK_TYPES = new Map<number, LockRequest["type"]>([
  [RECORD_LOCK.F_RDLCK, "read"],
  [RECORD_LOCK.F_WRLCK, "write"],
  [RECORD_LOCK.F_UNLCK, "unlock"],
]);
const LOCK_NUMBERS = { read: RECORD_LOCK.F_RDLCK, write: RECORD_LOCK.F_WRLCK } as const;

interface LockForm {
  readonly get: number;
  readonly set: number;
  readonly wait: number;
  readonly wide: boolean;
}

const LOCK_FORMS: readonly LockForm[] = [
  {
    get: FCNTL_NARROW.F_GETLK,
    set: FCNTL_NARROW.F_SETLK,
    wait: FCNTL_NARROW.F_SETLKW,
    wide: false,
  },
  { get: FCNTL.F_GETLK64, set: FCNTL.F_SETLK64, wait: FCNTL.F_SETLKW64, wide: true },
];

const sign = (wide: boolean, value: number): number => (wide ? value : value | 0);

/** fcntl's record locks. @throws UnixError as getLock and setLock do, EFAULT */
function* recordLock(
  unix: Unix,
  call: Call,
  number: number,
  command: number,
  address: number,
  { get, wait, wide }: LockForm,
): Blocking<number> {
  const given = wide
    ? yield* getStruct(call, address, flock64)
    : yield* getStruct(call, address, flockStruct);
  const type = LOCK_TYPES.get(given.l_type);
  if (type === undefined) throw new UnixError("EINVAL");
  const request = {
    type,
    whence: whenceOf(given.l_whence),
    start: sign(wide, given.l_start),
    length: sign(wide, given.l_len),
  };
  if (command !== get) return yield* zero(setLock(unix, call, number, request, command === wait));
  yield* putHolder(call, address, wide, given, yield* getLock(unix, call, number, request));
  return 0;
}

function* putHolder(
  call: Call,
  address: number,
  wide: boolean,
  given: Record<"l_whence" | "l_start" | "l_len" | "l_pid", number>,
  holder: LockHolder | undefined,
): Blocking<void> {
  const values =
    holder === undefined
      ? { ...given, l_type: RECORD_LOCK.F_UNLCK }
      : {
          l_type: LOCK_NUMBERS[holder.type],
          l_whence: 0,
          l_start: holder.start,
          l_len: holder.length,
          l_pid: holder.pid,
        };
  if (!wide && values.l_start + values.l_len > 0x7fffffff) throw new UnixError("EOVERFLOW");
  const { l_type, l_whence, l_start, l_len, l_pid } = values;
  const fields = { l_type, l_whence, l_start, l_len, l_pid };
  yield* wide
    ? putStruct(call, address, flock64, fields)
    : putStruct(call, address, flockStruct, fields);
}

function* control(
  unix: Unix,
  call: Call,
  number: number,
  command: number,
  argument: number,
): Blocking<number> {
  const form = LOCK_FORMS.find(({ get, set, wait }) => [get, set, wait].includes(command));
  if (form !== undefined) {
    yield* getDescriptor(call, number);
    return yield* recordLock(unix, call, number, command, argument, form);
  }
  switch (command) {
    case FCNTL.F_DUPFD:
    case FCNTL.F_DUPFD_CLOEXEC: {
      const closeOnExec = command === FCNTL.F_DUPFD_CLOEXEC;
      return yield* dup(unix, call, number, { from: argument | 0, closeOnExec });
    }
    case FCNTL.F_GETFD:
      return (yield* getCloseOnExec(unix, call, number)) ? FD_CLOEXEC : 0;
    case FCNTL.F_SETFD:
      return yield* zero(setCloseOnExec(unix, call, number, (argument & FD_CLOEXEC) !== 0));
    case FCNTL.F_GETFL:
      return linuxOpenFlags(yield* getStatusFlags(unix, call, number));
    case FCNTL.F_SETFL:
      return yield* zero(setStatusFlags(unix, call, number, unixOpenFlags(argument)));
    default:
      yield* getDescriptor(call, number);
      throw new UnixError("EINVAL");
  }
}

function* lockFile(unix: Unix, call: Call, number: number, operation: number): Blocking<number> {
  const wait = (operation & FILE_LOCK.LOCK_NB) === 0;
  const types = new Map<number, "shared" | "exclusive" | "unlock">([
    [FILE_LOCK.LOCK_SH, "shared"],
    [FILE_LOCK.LOCK_EX, "exclusive"],
    [FILE_LOCK.LOCK_UN, "unlock"],
  ]);
  const type = types.get(operation & ~FILE_LOCK.LOCK_NB);
  if (type === undefined) throw new UnixError("EINVAL");
  return yield* zero(flock(unix, call, number, type, wait));
}

function* makePipe(unix: Unix, call: Call, address: number, flags: number): Blocking<number> {
  if ((flags & ~(OPEN.O_CLOEXEC | OPEN.O_NONBLOCK)) !== 0) throw new UnixError("EINVAL");
  const ends = yield* pipe(unix, call, {
    nonblocking: (flags & OPEN.O_NONBLOCK) !== 0,
    closeOnExec: (flags & OPEN.O_CLOEXEC) !== 0,
  });
  try {
    yield* putWords(call, address, ...ends);
  } catch (error) {
    for (const end of ends) yield* closeDescriptor(unix, call.process, end);
    throw error;
  }
  return 0;
}

/** An entry's bytes, whole doubles. */
function entryBytes({ inode, name, next, type }: Entry): Uint8Array {
  const nameAt = dirent64.offset.d_name;
  const length = Math.ceil((nameAt + name.length + 1) / 8) * 8;
  const bytes = new Uint8Array(length);
  const head = { d_ino: inode, d_off: next, d_reclen: length, d_type: (type ?? 0) >>> 12 };
  bytes.set(pack(dirent64, head).subarray(0, nameAt));
  bytes.set(pathBytes(name), nameAt);
  return bytes;
}

/** The same of getdents: whole words, and the type behind the name's NUL, in the last byte. */
function oldEntryBytes({ inode, name, next, type }: Entry): Uint8Array {
  const nameAt = dirent.offset.d_name;
  const length = Math.ceil((nameAt + name.length + 2) / 4) * 4;
  const bytes = new Uint8Array(length);
  const head = { d_ino: inode, d_off: next, d_reclen: length };
  bytes.set(pack(dirent, head).subarray(0, nameAt));
  bytes.set(pathBytes(name), nameAt);
  bytes[length - 1] = (type ?? 0) >>> 12;
  return bytes;
}

const listWith = (bytesOf: (entry: Entry) => Uint8Array): LinuxWork =>
  function* (unix, call, number, address, size) {
    const bytes = yield* packEntries(unix, call, number, size, bytesOf);
    yield* call.copyout(bytes, address);
    return bytes.length;
  };

const CLOSE_RANGE_CLOEXEC = 4;

function* closeRange(
  unix: Unix,
  call: Call,
  first: number,
  last: number,
  flags: number,
): Blocking<number> {
  if (first > last || (flags & ~CLOSE_RANGE_CLOEXEC) !== 0) throw new UnixError("EINVAL");
  const { descriptors } = call.process;
  for (let number = first; number <= last && number < descriptors.length; number++) {
    if (descriptors[number] === undefined) continue;
    if (flags === 0) yield* close(unix, call, number);
    else yield* setCloseOnExec(unix, call, number, true);
  }
  return 0;
}

export const DESCRIPTOR_CALLS: LinuxTable = {
  close: (unix, call, number) => zero(close(unix, call, number)),
  close_range: closeRange,
  dup: (unix, call, number) => dup(unix, call, number),
  dup2: (unix, call, number, to) => dup2(unix, call, number, to | 0),
  *dup3(unix, call, number, to, flags) {
    if ((flags & ~OPEN.O_CLOEXEC) !== 0) throw new UnixError("EINVAL");
    return yield* dup3(unix, call, number, to | 0, flags !== 0);
  },
  fcntl: control,
  fcntl64: control,
  flock: lockFile,
  ioctl,
  pipe: (unix, call, address) => makePipe(unix, call, address, 0),
  pipe2: makePipe,
  getdents: listWith(oldEntryBytes),
  getdents64: listWith(entryBytes),
};
