/** Linux/hppa calls that make, change, end and await processes; their limits and what they have used. */
import { CLONE, RLIM_NLIMITS, RLIMIT, RUSAGE, WAIT } from "../../../abi/linux/constants.ts";
import { pack } from "../../../abi/linux/bytes.ts";
import { SIGNAL } from "../../../abi/linux/signals.ts";
import { rlimit, rlimit64, rusage, siginfo } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { copyinPath } from "../../unix/files/path.ts";
import { copyinStrings, execve } from "../../unix/process/execve.ts";
import { exit } from "../../unix/process/exit.ts";
import { fork } from "../../unix/process/fork.ts";
import { type Limit, prlimit, type Resource } from "../../unix/process/limits.ts";
import type { Usage, WaitStatus } from "../../unix/process.ts";
import { getrusage } from "../../unix/process/usage.ts";
import { wait4, type Waited, type WaitOptions } from "../../unix/process/wait.ts";
import type { Unix } from "../../unix/unix.ts";
import { linuxSignal, signalValues } from "../signals.ts";
import { putWords } from "../../caller-words.ts";
import { getStruct, type LinuxTable, putStruct, zero } from "../work.ts";

/**
 * A child that is a process of its own: what it shares with its parent while it has no program, by vfork
 * or posix_spawn, it has a copy of. Where its stack is, and the word of its memory that gets its number
 * (CLONE_CHILD_SETTID), is the emulator's.
 */
function* clone(
  unix: Unix,
  call: Call,
  flags: number,
  _stack: number,
  parentWord: number,
  _threadPointer: number,
  childWord: number,
): Blocking<number> {
  // Threads need more than one thread in a process.
  if ((flags & (CLONE.CLONE_THREAD | CLONE.CLONE_SIGHAND)) !== 0) throw new UnixError("EAGAIN");
  const pid = yield* fork(unix, call, {
    vfork: (flags & CLONE.CLONE_VFORK) !== 0,
    prepare(child) {
      child.clearOnExit = (flags & CLONE.CLONE_CHILD_CLEARTID) === 0 ? 0 : childWord;
    },
  });
  if ((flags & CLONE.CLONE_PARENT_SETTID) !== 0) yield* putWords(call, parentWord, pid);
  return pid;
}

function* execute(
  unix: Unix,
  call: Call,
  path: number,
  argv: number,
  environment: number,
): Blocking<number> {
  const name = yield* copyinPath(call, path);
  const strings = yield* copyinStrings(call, argv);
  return yield* zero(execve(unix, call, name, strings, yield* copyinStrings(call, environment)));
}

// Waiting.

const STOPPED = 0x7f;
const CORE = 0x80;
const CONTINUED = 0xffff;

/** As `<sys/wait.h>` takes it apart. */
function statusWord(status: WaitStatus): number {
  switch (status.kind) {
    case "exited":
      return (status.code & 0xff) << 8;
    case "killed":
      return linuxSignal(status.signal) | (status.core ? CORE : 0);
    case "stopped":
      return (linuxSignal(status.signal) << 8) | STOPPED;
    case "continued":
      return CONTINUED;
  }
}

const seconds = (nanoseconds: number): number => Math.floor(nanoseconds / 1e9);
const microseconds = (nanoseconds: number): number => Math.floor((nanoseconds % 1e9) / 1000);

function putUsage(call: Call, address: number, usage: Usage): Blocking<void> {
  return putStruct(call, address, rusage, {
    ru_utime: seconds(usage.user),
    ru_utime_usec: microseconds(usage.user),
    ru_stime: seconds(usage.system),
    ru_stime_usec: microseconds(usage.system),
    ru_maxrss: usage.maxResident,
    ru_minflt: usage.minorFaults,
    ru_majflt: usage.majorFaults,
    ru_inblock: usage.blocksIn,
    ru_oublock: usage.blocksOut,
    ru_nsignals: usage.signals,
    ru_nvcsw: usage.voluntarySwitches,
    ru_nivcsw: usage.involuntarySwitches,
  });
}

/** Flags that say which children of threads are meant: here all are the process's. */
const WAIT_INDIFFERENT = 0xe0000000;

function* waitFor(
  unix: Unix,
  call: Call,
  which: number,
  status: number,
  flags: number,
  usage: number,
): Blocking<number> {
  const known = WAIT.WNOHANG | WAIT.WUNTRACED | WAIT.WCONTINUED | WAIT_INDIFFERENT;
  if ((flags & ~known) !== 0) throw new UnixError("EINVAL");
  const waited = yield* wait4(unix, call, which | 0, {
    noHang: (flags & WAIT.WNOHANG) !== 0,
    stopped: (flags & WAIT.WUNTRACED) !== 0,
    continued: (flags & WAIT.WCONTINUED) !== 0,
  });
  if (waited === undefined) return 0;
  if (status !== 0) yield* putWords(call, status, statusWord(waited.status));
  if (usage !== 0) yield* putUsage(call, usage, waited.usage);
  return waited.pid;
}

const WAIT_CODES = {
  exited: "CLD_EXITED",
  killed: "CLD_KILLED",
  stopped: "CLD_STOPPED",
  continued: "CLD_CONTINUED",
} as const;

function waitInformation({ pid, uid, status }: Waited): Uint8Array {
  const code =
    status.kind === "killed" && status.core ? ("CLD_DUMPED" as const) : WAIT_CODES[status.kind];
  const told = status.kind === "exited" ? status.code : "signal" in status ? status.signal : 0;
  const values = signalValues({ signal: 0, code, pid, uid, status: told });
  const continued = status.kind === "continued" && { si_value: SIGNAL.SIGCONT };
  return pack(siginfo, { ...values, ...continued, si_signo: SIGNAL.SIGCHLD });
}

/** Whom waitid means, as wait4 says it. @throws UnixError EINVAL */
function whichOf(type: number, id: number): number {
  if (type === WAIT.P_ALL) return -1;
  if (type === WAIT.P_PID && (id | 0) > 0) return id;
  if (type === WAIT.P_PGID && (id | 0) >= 0) return -id;
  throw new UnixError("EINVAL");
}

function* waitById(
  unix: Unix,
  call: Call,
  type: number,
  id: number,
  information: number,
  flags: number,
  usage: number,
): Blocking<number> {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const kinds = WAIT.WEXITED | WAIT.WUNTRACED | WAIT.WCONTINUED;
  if ((flags & ~(kinds | WAIT.WNOHANG | WAIT.WNOWAIT | WAIT_INDIFFERENT)) !== 0 || !has(kinds))
    throw new UnixError("EINVAL");
  const options: WaitOptions = {
    noHang: has(WAIT.WNOHANG),
    exited: has(WAIT.WEXITED),
    stopped: has(WAIT.WUNTRACED),
    continued: has(WAIT.WCONTINUED),
    keep: has(WAIT.WNOWAIT),
  };
  const waited = yield* wait4(unix, call, whichOf(type, id), options);
  const bytes = waited === undefined ? new Uint8Array(siginfo.size) : waitInformation(waited);
  if (information !== 0) yield* call.copyout(bytes, information);
  if (usage !== 0 && waited !== undefined) yield* putUsage(call, usage, waited.usage);
  return 0;
}

// Limits.

const RESOURCES = new Map<number, Resource | undefined>(
  Object.entries(RLIMIT).map(([name, number]) => [number, name as Resource]),
);

const UNCOUNTED: Limit = { soft: Infinity, hard: Infinity };

/** Reads a limit and sets it, if it is of what is counted here. @throws UnixError as prlimit */
function* limitOf(
  unix: Unix,
  call: Call,
  pid: number,
  number: number,
  wanted?: Limit,
): Blocking<Limit> {
  if (number >= RLIM_NLIMITS) throw new UnixError("EINVAL");
  const resource = RESOURCES.get(number);
  if (resource !== undefined) return yield* prlimit(unix, call, pid, resource, wanted);
  if (wanted !== undefined && wanted.soft > wanted.hard) throw new UnixError("EINVAL");
  return UNCOUNTED;
}

const NARROW_INFINITY = 0xffffffff;
const narrow = (value: number): number => Math.min(value, NARROW_INFINITY);
const widened = (value: number): number => (value === NARROW_INFINITY ? Infinity : value);
const wide = (value: number): number => (value === Infinity ? -1 : value);
const fromWide = (value: number): number => (value < 0 ? Infinity : value);

function* getLimit(unix: Unix, call: Call, number: number, address: number): Blocking<number> {
  const { soft, hard } = yield* limitOf(unix, call, 0, number);
  const values = { rlim_cur: narrow(soft), rlim_max: narrow(hard) };
  return yield* zero(putStruct(call, address, rlimit, values));
}

function* setLimit(unix: Unix, call: Call, number: number, address: number): Blocking<number> {
  const { rlim_cur, rlim_max } = yield* getStruct(call, address, rlimit);
  const limit = { soft: widened(rlim_cur), hard: widened(rlim_max) };
  return yield* zero(limitOf(unix, call, 0, number, limit));
}

function* limit64(
  unix: Unix,
  call: Call,
  pid: number,
  number: number,
  set: number,
  old: number,
): Blocking<number> {
  let wanted: Limit | undefined;
  if (set !== 0) {
    const { rlim_cur, rlim_max } = yield* getStruct(call, set, rlimit64);
    wanted = { soft: fromWide(rlim_cur), hard: fromWide(rlim_max) };
  }
  const { soft, hard } = yield* limitOf(unix, call, pid, number, wanted);
  if (old !== 0)
    yield* putStruct(call, old, rlimit64, { rlim_cur: wide(soft), rlim_max: wide(hard) });
  return 0;
}

function* usageOf(unix: Unix, call: Call, who: number, address: number): Blocking<number> {
  const { RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD } = RUSAGE;
  const isChildren = (who | 0) === RUSAGE_CHILDREN;
  if (!isChildren && who !== RUSAGE_SELF && who !== RUSAGE_THREAD) throw new UnixError("EINVAL");
  const usage = yield* getrusage(unix, call, isChildren ? "children" : "self");
  return yield* zero(putUsage(call, address, usage));
}

export const PROCESS_CALLS: LinuxTable = {
  exit: (unix, call, code) => zero(exit(unix, call, code)),
  exit_group: (unix, call, code) => zero(exit(unix, call, code)),
  fork: (unix, call) => fork(unix, call),
  vfork: (unix, call) => fork(unix, call, { vfork: true }),
  clone,
  execve: execute,
  waitpid: (unix, call, which, status, flags) => waitFor(unix, call, which, status, flags, 0),
  wait4: waitFor,
  waitid: waitById,
  getrlimit: getLimit,
  setrlimit: setLimit,
  prlimit64: limit64,
  getrusage: usageOf,
};
