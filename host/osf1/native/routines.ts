/**
 * The server's routines of bsd_1.defs: Unix calls with a message of their own, and a trap of their own. In
 * data are the caller's for a trap, as copies are suppressed (paper §3.4.4), else the message's; so are
 * Out arrays. Out integers and counts are the stub's, either way.
 */
import { GENERIC } from "../../abi/osf1.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import type { DefectId } from "../defects.ts";
import { UnixError } from "../errno.ts";
import { ServerCall } from "../server/call.ts";
import { machProcess } from "../server/mach-process.ts";
import type { Osf1 } from "../server/osf1.ts";
import { type Outcome, serve } from "../server/serve.ts";
import { LOCAL, TRAP } from "../server/transfer.ts";
import type { Uthread } from "../server/uthread.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { utimes } from "../unix/files/change.ts";
import { chdir, chroot } from "../unix/files/directory.ts";
import {
  link,
  mkdir,
  mknod,
  readlink,
  rename,
  rmdir,
  symlink,
  unlink,
} from "../unix/files/names.ts";
import { OPEN_MAX } from "../unix/constants.ts";
import { open } from "../unix/files/open.ts";
import { select } from "../unix/files/poll.ts";
import { access } from "../unix/files/status.ts";
import { read } from "../unix/files/transfer.ts";
import { copyinStrings, execve } from "../unix/process/execve.ts";
import { fork } from "../unix/process/fork.ts";
import { prlimit } from "../unix/process/limits.ts";
import { Interrupted } from "../unix/signals/interrupt.ts";
import type { Unix } from "../unix/unix.ts";
import { NATIVE_ERRNO } from "./errno.ts";
import { getDescriptors, putDescriptors } from "./descriptor-set.ts";
import { readLong } from "./long-transfer.ts";
import { getDuration, getRusage, getTimes, putBytes, resourceOf } from "./structures.ts";

/** A routine: its arguments behind the request port, and what it answers. */
interface NativeRoutine {
  /** Argument words behind the request port. */
  readonly words: number;
  /** Which of them is the address of an Out integer. */
  readonly out?: number;
  /** Which of them is the address of an `emulator_state`. */
  readonly state?: number;
  /** With this defect of the server's it stores there, instead of copying out. */
  readonly stores?: DefectId;
  /** The Out integer, or nothing. */
  work(unix: Unix, call: ServerCall, ...args: readonly number[]): Blocking<number | void>;
}

/** The path of `length` bytes, NUL included, at an address. @throws UnixError EFAULT, ENAMETOOLONG */
function* path(call: Call, address = 0, length = 0): Blocking<string> {
  if (length < 1) throw new UnixError("ENOENT");
  const bytes = new Uint8Array(length);
  yield* call.copyin(address, bytes);
  const end = bytes.indexOf(0);
  if (end < 0) throw new UnixError("ENAMETOOLONG");
  const name = bytes.subarray(0, end);
  call.hasRead?.(address, name);
  return String.fromCharCode(...name);
}

const ROUTINES: Readonly<Record<string, NativeRoutine>> = {
  server_bsd_execve: {
    words: 5,
    state: 4,
    stores: "execve-out",
    *work(unix, call, argp = 0, envp = 0, name, length) {
      const file = yield* path(call, name, length);
      const own = call.withTask();
      const strings = yield* copyinStrings(own, argp);
      yield* execve(unix, own, file, strings, yield* copyinStrings(own, envp));
    },
  },
  server_bsd_fork: { words: 2, out: 1, state: 0, work: (unix, call) => fork(unix, call) },
  server_bsd_getrusage: {
    words: 2,
    work: (unix, call, which = 0, address = 0) => getRusage(unix, call, which, address),
  },
  server_bsd_chdir: {
    words: 2,
    *work(unix, call, name, length) {
      yield* chdir(unix, call, yield* path(call, name, length));
    },
  },
  server_bsd_chroot: {
    words: 2,
    *work(unix, call, name, length) {
      yield* chroot(unix, call, yield* path(call, name, length));
    },
  },
  server_bsd_open: {
    words: 5,
    out: 4,
    *work(unix, call, flags = 0, mode = 0, name, length) {
      return yield* open(unix, call, yield* path(call, name, length), flags, mode);
    },
  },
  server_bsd_mknod: {
    words: 4,
    *work(unix, call, mode = 0, device = 0, name, length) {
      yield* mknod(unix, call, yield* path(call, name, length), mode, device);
    },
  },
  server_bsd_link: {
    words: 4,
    *work(unix, call, target, targetLength, name, length) {
      const from = yield* path(call, target, targetLength);
      yield* link(unix, call, from, yield* path(call, name, length));
    },
  },
  server_bsd_symlink: {
    words: 4,
    *work(unix, call, target, targetLength, name, length) {
      const content = yield* path(call, target, targetLength);
      yield* symlink(unix, call, content, yield* path(call, name, length));
    },
  },
  server_bsd_unlink: {
    words: 2,
    *work(unix, call, name, length) {
      yield* unlink(unix, call, yield* path(call, name, length));
    },
  },
  server_bsd_access: {
    words: 3,
    *work(unix, call, mode = 0, name, length) {
      yield* access(unix, call, yield* path(call, name, length), mode);
    },
  },
  server_bsd_readlink: {
    words: 5,
    out: 4,
    *work(unix, call, room = 0, name, length, buffer = 0) {
      const target = yield* readlink(unix, call, yield* path(call, name, length));
      return yield* putBytes(call, buffer, target, room);
    },
  },
  server_bsd_utimes: {
    words: 3,
    *work(unix, call, times = 0, name, length) {
      const [atime, mtime] = yield* getTimes(call, times);
      yield* utimes(unix, call, { path: yield* path(call, name, length) }, atime, mtime);
    },
  },
  server_bsd_rename: {
    words: 4,
    *work(unix, call, from, fromLength, to, toLength) {
      const before = yield* path(call, from, fromLength);
      yield* rename(unix, call, before, yield* path(call, to, toLength));
    },
  },
  server_bsd_mkdir: {
    words: 3,
    *work(unix, call, mode = 0, name, length) {
      yield* mkdir(unix, call, yield* path(call, name, length), mode);
    },
  },
  server_bsd_rmdir: {
    words: 2,
    *work(unix, call, name, length) {
      yield* rmdir(unix, call, yield* path(call, name, length));
    },
  },
  server_bsd_select: {
    words: 7,
    out: 6,
    *work(unix, call, count = 0, given = 0, read = 0, write = 0, except = 0, limit = 0) {
      if ((count | 0) < 0) throw new UnixError("EINVAL");
      const isGiven = (bit: number): boolean => (given & bit) !== 0;
      const until = isGiven(8)
        ? unix.system.uptime() + (yield* getDuration(call, limit))
        : undefined;
      const most = Math.min(count, OPEN_MAX);
      const at = (address: number, bit: number) =>
        getDescriptors(call, address, isGiven(bit) ? most : 0);
      const sets = {
        read: yield* at(read, 1),
        write: yield* at(write, 2),
        except: yield* at(except, 4),
      };
      const found = yield* select(unix, call, sets, until);
      if (isGiven(1)) yield* putDescriptors(call, read, found.read);
      if (isGiven(2)) yield* putDescriptors(call, write, found.write);
      if (isGiven(4)) yield* putDescriptors(call, except, found.except);
      return found.read.length + found.write.length + found.except.length;
    },
  },
  server_bsd_read_long: { words: 4, work: readLong },
  server_bsd_read_short: {
    words: 4,
    out: 3,
    work: (unix, call, number = 0, room = 0, data = 0) => read(unix, call, number, data, room),
  },
  server_bsd_setrlimit: {
    words: 2,
    *work(unix, call, which = 0, address = 0) {
      const words = new Uint8Array(8);
      yield* call.copyin(address, words);
      const view = new DataView(words.buffer);
      const limit = { soft: infinite(view.getInt32(0)), hard: infinite(view.getInt32(4)) };
      yield* prlimit(unix, call, 0, resourceOf(which), limit);
    },
  },
};

/** RLIM_INFINITY of 4.3BSD is the largest integer. */
const infinite = (value: number): number =>
  value < 0 || value === 0x7fffffff ? Number.POSITIVE_INFINITY : value;

type Served = (osf1: Osf1, thread: Uthread, entry: WorkEntry) => Work<number>;

/** The routines as work functions of the server. */
export function nativeRoutines(): [string, Served][] {
  return Object.entries(ROUTINES).map(([name, routine]) => [name, serving(name, routine)]);
}

/** What an error comes to for an OSF/1 program. */
export const nativeFailure = ({ errno }: UnixError): Outcome => ({
  code: GENERIC.UNIX_ERROR + NATIVE_ERRNO[errno],
  values: [],
});

const serving = (name: string, { words, out, state, stores, work }: NativeRoutine): Served =>
  function* (osf1, thread, entry) {
    const trapping = thread.isTrapping;
    osf1.counts[trapping ? "routineTraps" : "routineMessages"] += 1;
    const args = Array.from({ length: words }, (_, i) => entry.argument(1 + i));
    const service = {
      asked: () => ({
        name: name.replace("server_bsd_", ""),
        arguments: args,
        stub: "routine" as const,
      }),
      way: () => (trapping ? TRAP : LOCAL),
      state: state === undefined ? 0 : args[state]!,
      *work(call: ServerCall): Blocking<Outcome> {
        Object.assign(machProcess(call.process), { restart: false, native: true });
        const isDefect = stores !== undefined && osf1.defects.has(stores);
        const its = isDefect ? new ServerCall({ ...call, stateWay: LOCAL }) : call;
        const result = yield* work(osf1.unix, its, ...args);
        return { code: 0, values: typeof result === "number" ? [result] : [] };
      },
      failure(call: Call, error: UnixError): Outcome {
        machProcess(call.process).restart = error instanceof Interrupted && error.restartable;
        return nativeFailure(error);
      },
    };
    return yield* serve(osf1, thread, entry.argument(0), service, ([value]) => {
      if (out !== undefined && value !== undefined) thread.server.memory.write32(args[out]!, value);
    });
  };
