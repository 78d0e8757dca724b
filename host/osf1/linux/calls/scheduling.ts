/**
 * Linux/hppa calls on how a thread is scheduled: what may be asked, and what may be set. There is one
 * processor, and every thread is of an ordinary kind; policies with priorities are there, as on Linux,
 * but nobody can be given one.
 */
import { SCHEDULING } from "../../../abi/linux/constants.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../../unix/call.ts";
import { NANOSECONDS } from "../../unix/constants.ts";
import { self } from "../../unix/process/identity.ts";
import type { Process } from "../../unix/process.ts";
import type { Unix } from "../../unix/unix.ts";
import { putTime, timeOf, type Width } from "../times.ts";
import { getBytes, getWords, putWords } from "../../caller-words.ts";
import { type LinuxTable, type LinuxWork, zero } from "../work.ts";

const { SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE } = SCHEDULING;

/** Least and greatest priority, by policy (sched.h). */
const PRIORITIES: ReadonlyMap<number, readonly [least: number, greatest: number]> = new Map([
  [SCHED_OTHER, [0, 0]],
  [SCHED_FIFO, [1, 99]],
  [SCHED_RR, [1, 99]],
  [SCHED_BATCH, [0, 0]],
  [SCHED_IDLE, [0, 0]],
  [SCHED_DEADLINE, [0, 0]],
]);

/** A turn on the processor, nanoseconds: Mach's quantum. */
const QUANTUM = NANOSECONDS / 10;

/** @throws UnixError EINVAL, ESRCH */
function* processOf(unix: Unix, call: Call, pid: number): Blocking<Process> {
  const own = yield* self(unix, call);
  if ((pid | 0) < 0) throw new UnixError("EINVAL");
  const process = pid === 0 ? own : unix.processes.get(pid);
  if (process === undefined) throw new UnixError("ESRCH");
  return process;
}

const priority = (which: 0 | 1): LinuxWork =>
  function* (unix, call, policy) {
    yield* self(unix, call);
    const found = PRIORITIES.get(policy);
    if (found === undefined) throw new UnixError("EINVAL");
    return found[which];
  };

/** @throws UnixError EPERM when it is another's */
function checkOwner(call: Call, process: Process): void {
  const { uid } = call.process.credentials;
  const { uid: effective, realUid } = process.credentials;
  if (isSuperuser(call.process.credentials)) return;
  if (uid !== effective && uid !== realUid) throw new UnixError("EPERM");
}

/**
 * Sets policy and priority; without a policy the process keeps its own.
 * @throws UnixError EINVAL, EFAULT, ESRCH, EPERM
 */
function* setPolicy(
  unix: Unix,
  call: Call,
  pid: number,
  policy: number | undefined,
  address: number,
): Blocking<number> {
  if (address === 0 || (pid | 0) < 0) throw new UnixError("EINVAL");
  const [wanted] = yield* getWords(call, address, 1);
  const process = yield* processOf(unix, call, pid);
  const known = (policy ?? process.schedulingPolicy) & ~SCHEDULING.SCHED_RESET_ON_FORK;
  const range = PRIORITIES.get(known);
  if (range === undefined || known === SCHED_DEADLINE) throw new UnixError("EINVAL");
  if (wanted! < range[0] || wanted! > range[1]) throw new UnixError("EINVAL");
  checkOwner(call, process);
  if (range[1] > 0) throw new UnixError("EPERM");
  process.schedulingPolicy = known;
  return 0;
}

/** The set of processors that a process may run on: it must have the one that there is. */
function* setProcessors(
  unix: Unix,
  call: Call,
  pid: number,
  size: number,
  address: number,
): Blocking<number> {
  const words = Math.ceil(Math.min(size, 4) / 4);
  const [first = 0] = size < 4 ? [] : yield* getWords(call, address, words);
  // A set of less than a word begins with its upper bytes: no processor of ours is in them.
  if (size > 0 && size < 4) yield* getBytes(call, address, size);
  const process = yield* processOf(unix, call, pid);
  checkOwner(call, process);
  if ((first & 1) === 0) throw new UnixError("EINVAL");
  return 0;
}

const interval = (width: Width): LinuxWork =>
  function* (unix, call, pid, address) {
    yield* processOf(unix, call, pid);
    return yield* zero(putTime(call, address, timeOf(QUANTUM), width));
  };

export const SCHEDULING_CALLS: LinuxTable = {
  sched_get_priority_min: priority(0),
  sched_get_priority_max: priority(1),
  *sched_getscheduler(unix, call, pid) {
    return (yield* processOf(unix, call, pid)).schedulingPolicy;
  },
  *sched_getparam(unix, call, pid, address) {
    if (address === 0) throw new UnixError("EINVAL");
    yield* processOf(unix, call, pid);
    yield* putWords(call, address, 0);
    return 0;
  },
  sched_setscheduler(unix, call, pid, policy, address) {
    return setPolicy(unix, call, pid, policy, address);
  },
  sched_setparam: (unix, call, pid, address) => setPolicy(unix, call, pid, undefined, address),
  sched_rr_get_interval: interval(32),
  sched_rr_get_interval_time64: interval(64),
  sched_setaffinity: setProcessors,
  *getcpu(unix, call, processor, node) {
    yield* self(unix, call);
    for (const address of [processor, node]) if (address !== 0) yield* putWords(call, address, 0);
    return 0;
  },
};
