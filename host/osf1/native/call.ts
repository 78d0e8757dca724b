/**
 * OSF/1's own calls that come by the generic call: number and argument words to this Unix's work
 * functions. Numbers and structures are 4.3BSD's (calls.ts, structures.ts).
 */
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import {
  chmod,
  chown,
  fsync,
  ftruncate,
  sync,
  truncate,
  umask,
  utimes,
} from "../unix/files/change.ts";
import { flock } from "../unix/files/control.ts";
import { close, dup, dup2 } from "../unix/files/descriptors.ts";
import { fchdir } from "../unix/files/directory.ts";
import { copyinPath } from "../unix/files/path.ts";
import { pipe } from "../unix/files/pipe.ts";
import { fstat, stat } from "../unix/files/status.ts";
import { lseek, read, readv, write, writev } from "../unix/files/transfer.ts";
import { brk } from "../unix/memory/break.ts";
import { mmap, mprotect, munmap } from "../unix/memory/mapping.ts";
import { sethostname } from "../unix/machine.ts";
import { exit } from "../unix/process/exit.ts";
import * as identity from "../unix/process/identity.ts";
import { getrlimit } from "../unix/process/limits.ts";
import { wait4 } from "../unix/process/wait.ts";
import type { WaitStatus } from "../unix/process.ts";
import { sigaction, sigprocmask } from "../unix/signals/actions.ts";
import { kill } from "../unix/signals/kill.ts";
import { sigsuspend } from "../unix/signals/suspend.ts";
import { clock } from "../unix/time/clocks.ts";
import { setTime } from "../unix/time/set-time.ts";
import { getitimer, setitimer } from "../unix/time/interval.ts";
import type { Unix } from "../unix/unix.ts";
import { NATIVE_NUMBER } from "./calls.ts";
import { getdirentries } from "./directory-entries.ts";
import { fcntl } from "./fcntl.ts";
import { ioctl } from "./ioctl.ts";
import { actionWords, readAction } from "./signals.ts";
import { getWords, putWords } from "../caller-words.ts";
import { putStat, resourceOf, rusageWords, timeOf } from "./structures.ts";

/** The one or two results of a call. */
type Results = number | readonly [number, number] | undefined;
type NativeWork = (
  unix: Unix,
  call: Call,
  ...args: readonly [number, number, number, number, number, number]
) => Blocking<Results>;

/** For calls that answer nothing. */
function* nothing(work: Blocking<unknown>): Blocking<undefined> {
  yield* work;
  return undefined;
}

/** One of a few things by number. @throws UnixError EINVAL */
function one<T>(of: readonly T[], number: number): T {
  const found = of[number];
  if (found === undefined) throw new UnixError("EINVAL");
  return found;
}

/** A status as wait4 tells it: 4.3BSD's `union wait`. */
function statusWord(status: WaitStatus): number {
  switch (status.kind) {
    case "exited":
      return status.code << 8;
    case "killed":
      return status.signal | (status.core ? 0x80 : 0);
    case "stopped":
      return (status.signal << 8) | 0x7f;
    case "continued":
      return 0xffff;
  }
}

const WHENCE = ["set", "current", "end"] as const;
const TIMERS = ["real", "virtual", "profile"] as const;
const WHOM = ["process", "group", "user"] as const;
const WNOHANG = 1;
const WUNTRACED = 2;
const MAP_SHARED = 1;
const MAP_ANONYMOUS = 0x10;
const MAP_FIXED = 0x100;
const LOCK_NB = 4;
const LOCKS: ReadonlyMap<number, "shared" | "exclusive" | "unlock"> = new Map([
  [1, "shared"],
  [2, "exclusive"],
  [8, "unlock"],
] as const);

/** Fields of an identity, told one by one. */
const own = (what: "pid" | "uid" | "gid" | "realUid" | "realGid"): NativeWork =>
  function* (unix, call) {
    const process = yield* identity.self(unix, call);
    return what === "pid" ? process.ppid : process.credentials[what];
  };

const timeval = (nanoseconds: number): [number, number] => [
  Math.floor(nanoseconds / 1e9),
  Math.floor((nanoseconds % 1e9) / 1000),
];

const CALLS: Readonly<Record<string, NativeWork>> = {
  // oxlint-disable-next-line require-yield -- Table 4's call that does nothing in the server
  *nop_server() {
    return 0;
  },
  read: (unix, call, number, address, count) => read(unix, call, number, address, count),
  write: (unix, call, number, address, count) => write(unix, call, number, address, count),
  exit: (unix, call, status) => nothing(exit(unix, call, status)),
  close: (unix, call, number) => nothing(close(unix, call, number)),
  *wait4(unix, call, pid, status, options, rusage) {
    const told = yield* wait4(unix, call, pid | 0, {
      noHang: (options & WNOHANG) !== 0,
      stopped: (options & WUNTRACED) !== 0,
    });
    if (told === undefined) return 0;
    if (status !== 0) yield* putWords(call, status, statusWord(told.status));
    if (rusage !== 0) yield* putWords(call, rusage, ...rusageWords(told.usage));
    return told.pid;
  },
  fchdir: (unix, call, number) => nothing(fchdir(unix, call, number)),
  *chmod(unix, call, path, mode) {
    return yield* nothing(chmod(unix, call, { path: yield* copyinPath(call, path) }, mode));
  },
  // Without times: now. With them it has a routine of its own.
  *utimes(unix, call, path) {
    const file = { path: yield* copyinPath(call, path) };
    return yield* nothing(utimes(unix, call, file, "now", "now"));
  },
  fchmod: (unix, call, number, mode) => nothing(chmod(unix, call, number, mode)),
  *chown(unix, call, path, uid, gid) {
    const options = { follow: false };
    const target = { path: yield* copyinPath(call, path), options };
    return yield* nothing(chown(unix, call, target, uid, gid));
  },
  fchown: (unix, call, number, uid, gid) => nothing(chown(unix, call, number, uid, gid)),
  *brk(unix, call, address) {
    if ((yield* brk(unix, call, address)) !== address) throw new UnixError("ENOMEM");
    return 0;
  },
  lseek: (unix, call, number, offset, whence) =>
    lseek(unix, call, number, offset | 0, one(WHENCE, whence)),
  setuid: (unix, call, uid) => nothing(identity.setuid(unix, call, uid)),
  setgid: (unix, call, gid) => nothing(identity.setgid(unix, call, gid)),
  getuid: own("realUid"),
  geteuid: own("uid"),
  getgid: own("realGid"),
  getegid: own("gid"),
  getppid: own("pid"),
  sync: (unix, call) => nothing(sync(unix, call)),
  kill: (unix, call, pid, signal) => nothing(kill(unix, call, pid | 0, signal)),
  dup: (unix, call, number) => dup(unix, call, number),
  dup2: (unix, call, number, to) => dup2(unix, call, number, to),
  pipe: (unix, call) => pipe(unix, call),
  *sigprocmask(unix, call, how, set) {
    const before = yield* sigprocmask(
      unix,
      call,
      one(["block", "unblock", "set"] as const, how - 1),
      BigInt(set),
    );
    return Number(before & 0xffffffffn);
  },
  sigsuspend: (unix, call, mask) => sigsuspend(unix, call, BigInt(mask)),
  *sigaction(unix, call, signal, action, before) {
    const wanted = action === 0 ? undefined : readAction(yield* getWords(call, action, 3));
    call.process.personality = "native";
    const old = yield* sigaction(unix, call, signal, wanted);
    if (before !== 0) yield* putWords(call, before, ...actionWords(old));
    return undefined;
  },
  umask: (unix, call, mask) => umask(unix, call, mask),
  getpgrp: (unix, call) => identity.getpgid(unix, call, 0),
  *stat(unix, call, path, address) {
    return yield* nothing(
      putStat(call, address, yield* stat(unix, call, yield* copyinPath(call, path))),
    );
  },
  *lstat(unix, call, path, address) {
    const file = yield* stat(unix, call, yield* copyinPath(call, path), { follow: false });
    return yield* nothing(putStat(call, address, file));
  },
  *fstat(unix, call, number, address) {
    return yield* nothing(putStat(call, address, yield* fstat(unix, call, number)));
  },
  mmap: (unix, call, address, length, protection, flags, number, offset) =>
    mmap(unix, call, {
      ...{ address, length, protection },
      shared: (flags & MAP_SHARED) !== 0,
      fixed: (flags & MAP_FIXED) !== 0,
      ...((flags & MAP_ANONYMOUS) === 0 && { file: { number, offset } }),
    }),
  munmap: (unix, call, address, length) => nothing(munmap(unix, call, address, length)),
  mprotect: (unix, call, address, length, protection) =>
    nothing(mprotect(unix, call, address, length, protection)),
  *getgroups(unix, call, room, address) {
    const { groups } = (yield* identity.self(unix, call)).credentials;
    if (room === 0) return groups.length;
    if (room < groups.length) throw new UnixError("EINVAL");
    yield* putWords(call, address, ...groups);
    return groups.length;
  },
  *setgroups(unix, call, count, address) {
    if (count > 32) throw new UnixError("EINVAL");
    return yield* nothing(identity.setgroups(unix, call, yield* getWords(call, address, count)));
  },
  setpgid: (unix, call, pid, id) => nothing(identity.setpgid(unix, call, pid, id)),
  setsid: (unix, call) => identity.setsid(unix, call),
  *setitimer(unix, call, which, value, before) {
    const [a = 0, b = 0, c = 0, d = 0] = yield* getWords(call, value, 4);
    const wanted = { interval: a * 1e9 + b * 1000, left: c * 1e9 + d * 1000 };
    const old = yield* setitimer(unix, call, one(TIMERS, which), wanted);
    if (before !== 0) yield* putWords(call, before, ...timeval(old.interval), ...timeval(old.left));
    return undefined;
  },
  *getitimer(unix, call, which, address) {
    const { interval, left } = yield* getitimer(unix, call, one(TIMERS, which));
    return yield* nothing(putWords(call, address, ...timeval(interval), ...timeval(left)));
  },
  *gethostname(unix, call, address, room) {
    const name = Uint8Array.from(`${unix.hostname}\0`, (c) => c.charCodeAt(0));
    return yield* nothing(call.copyout(name.subarray(0, room), address));
  },
  *sethostname(unix, call, address, length) {
    if (length > 255) throw new UnixError("EINVAL");
    const bytes = new Uint8Array(length);
    yield* call.copyin(address, bytes);
    return yield* nothing(sethostname(unix, call, String.fromCharCode(...bytes)));
  },
  *getdtablesize(unix, call) {
    return (yield* getrlimit(unix, call, "RLIMIT_NOFILE")).soft;
  },
  fcntl: (unix, call, number, command, argument) => fcntl(unix, call, number, command, argument),
  ioctl: (unix, call, number, request, argument) => ioctl(unix, call, number, request, argument),
  fsync: (unix, call, number) => nothing(fsync(unix, call, number)),
  setpriority: (unix, call, which, who, value) =>
    nothing(identity.setpriority(unix, call, one(WHOM, which), who, value | 0)),
  getpriority: (unix, call, which, who) => identity.getpriority(unix, call, one(WHOM, which), who),
  *gettimeofday(unix, call, address) {
    const { seconds, nanoseconds } = yield* clock(unix, call, "realtime");
    yield* putWords(call, address, seconds, Math.floor(nanoseconds / 1000));
    return undefined;
  },
  // The time zone behind it is nobody's business here.
  *settimeofday(unix, call, address) {
    if (address === 0) return undefined;
    const [seconds = 0, microseconds = 0] = yield* getWords(call, address, 2);
    return yield* nothing(setTime(unix, call, timeOf(seconds, microseconds)));
  },
  *readv(unix, call, number, vector, count) {
    return yield* readv(unix, call, number, yield* segments(call, vector, count));
  },
  *writev(unix, call, number, vector, count) {
    return yield* writev(unix, call, number, yield* segments(call, vector, count));
  },
  *truncate(unix, call, path, size) {
    return yield* nothing(truncate(unix, call, yield* copyinPath(call, path), size | 0));
  },
  ftruncate: (unix, call, number, size) => nothing(ftruncate(unix, call, number, size | 0)),
  flock(unix, call, number, operation) {
    const type = LOCKS.get(operation & ~LOCK_NB);
    if (type === undefined) throw new UnixError("EINVAL");
    return nothing(flock(unix, call, number, type, (operation & LOCK_NB) === 0));
  },
  getdirentries: (unix, call, number, address, room, base) =>
    getdirentries(unix, call, number, address, room, base),
  *getrlimit(unix, call, which, address) {
    const { soft, hard } = yield* getrlimit(unix, call, resourceOf(which));
    return yield* nothing(putWords(call, address, finite(soft), finite(hard)));
  },
};

/** RLIM_INFINITY of 4.3BSD. */
const finite = (value: number): number => Math.min(value, 0x7fffffff);

function* segments(call: Call, vector: number, count: number) {
  if (count > 1024) throw new UnixError("EINVAL");
  const words = yield* getWords(call, vector, 2 * count);
  return Array.from({ length: count }, (_, i) => ({
    address: words[2 * i]!,
    length: words[2 * i + 1]! | 0,
  }));
}

const BY_NUMBER: ReadonlyMap<number, NativeWork> = new Map(
  Object.entries(CALLS).flatMap(([name, work]) => {
    const number = NATIVE_NUMBER.get(name);
    return number === undefined ? [] : [[number, work] as const];
  }),
);

/**
 * Does a call. @returns its results, r28 and r29.
 * @throws UnixError what it fails with; ENOSYS for a number that is none's
 */
export function* nativeCall(
  unix: Unix,
  call: Call,
  number: number,
  args: readonly number[],
): Blocking<readonly [number, number]> {
  const work = BY_NUMBER.get(number);
  if (work === undefined) throw new UnixError("ENOSYS");
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  const results = yield* work(unix, call, a, b, c, d, e, f);
  if (results === undefined) return [0, 0];
  return typeof results === "number" ? [results, 0] : results;
}
