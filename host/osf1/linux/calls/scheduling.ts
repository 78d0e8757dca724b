/**
 * Linux/hppa calls on how a thread is scheduled: what may be asked. There is one processor, and every
 * thread is of the ordinary kind; the others have priorities, as on Linux, but nobody can be given one.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { self } from "../../unix/process/identity.ts";
import type { Unix } from "../../unix/unix.ts";
import { putWords } from "../../caller-words.ts";
import { type LinuxTable } from "../work.ts";

const SCHED_OTHER = 0;
/** Least and greatest priority, by policy (sched.h). */
const PRIORITIES: ReadonlyMap<number, readonly [least: number, greatest: number]> = new Map([
  [SCHED_OTHER, [0, 0]],
  [1, [1, 99]], // SCHED_FIFO
  [2, [1, 99]], // SCHED_RR
  [3, [0, 0]], // SCHED_BATCH
  [5, [0, 0]], // SCHED_IDLE
  [6, [0, 0]], // SCHED_DEADLINE
]);

/** @throws UnixError EINVAL, ESRCH */
function* checkProcess(unix: Unix, call: Call, pid: number): Blocking<void> {
  yield* self(unix, call);
  if ((pid | 0) < 0) throw new UnixError("EINVAL");
  if (pid !== 0 && !unix.processes.has(pid)) throw new UnixError("ESRCH");
}

const priority = (which: 0 | 1): NonNullable<LinuxTable["sched_getscheduler"]> =>
  function* (unix, call, policy) {
    yield* self(unix, call);
    const found = PRIORITIES.get(policy);
    if (found === undefined) throw new UnixError("EINVAL");
    return found[which];
  };

export const SCHEDULING_CALLS: LinuxTable = {
  sched_get_priority_min: priority(0),
  sched_get_priority_max: priority(1),
  *sched_getscheduler(unix, call, pid) {
    yield* checkProcess(unix, call, pid);
    return SCHED_OTHER;
  },
  *sched_getparam(unix, call, pid, address) {
    if (address === 0) throw new UnixError("EINVAL");
    yield* checkProcess(unix, call, pid);
    yield* putWords(call, address, 0);
    return 0;
  },
  *getcpu(unix, call, processor, node) {
    yield* self(unix, call);
    for (const address of [processor, node]) if (address !== 0) yield* putWords(call, address, 0);
    return 0;
  },
};
