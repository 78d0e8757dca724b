/** Resource limits: what they are, what a process begins with, getrlimit and setrlimit. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { OPEN_MAX } from "../constants.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { armProcessorLimit } from "../time/interval.ts";

/** `Infinity` is RLIM_INFINITY. */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** Bytes, seconds (RLIMIT_CPU), or a count; names as `<sys/resource.h>` has them. */
export interface Limits {
  readonly RLIMIT_CPU: Limit;
  readonly RLIMIT_FSIZE: Limit;
  readonly RLIMIT_DATA: Limit;
  readonly RLIMIT_STACK: Limit;
  readonly RLIMIT_CORE: Limit;
  readonly RLIMIT_RSS: Limit;
  readonly RLIMIT_NPROC: Limit;
  readonly RLIMIT_NOFILE: Limit;
  readonly RLIMIT_MEMLOCK: Limit;
  readonly RLIMIT_AS: Limit;
}
export type Resource = keyof Limits;

const FREE: Limit = { soft: Infinity, hard: Infinity };

export const FIRST_LIMITS: Limits = {
  RLIMIT_CPU: FREE,
  RLIMIT_FSIZE: FREE,
  RLIMIT_DATA: FREE,
  RLIMIT_STACK: { soft: 8 * 2 ** 20, hard: Infinity },
  RLIMIT_CORE: { soft: 0, hard: Infinity },
  RLIMIT_RSS: FREE,
  RLIMIT_NPROC: FREE,
  RLIMIT_NOFILE: { soft: 64, hard: OPEN_MAX },
  RLIMIT_MEMLOCK: { soft: 64 * 1024, hard: 64 * 1024 },
  RLIMIT_AS: FREE,
};

/** Whether one process may see and change another's limits, as Linux asks for prlimit. */
function mayLimit(process: Process, { credentials: other }: Process): boolean {
  const { credentials } = process;
  if (isSuperuser(credentials)) return true;
  const uids = [other.uid, other.realUid, other.savedUid];
  const gids = [other.gid, other.realGid, other.savedGid];
  return (
    uids.every((uid) => uid === credentials.realUid) &&
    gids.every((gid) => gid === credentials.realGid)
  );
}

/**
 * Reads a limit, and sets it when a new one is given: getrlimit, setrlimit, prlimit.
 * @param pid whose; 0 is the caller.
 * @throws UnixError ESRCH, EINVAL when soft is above hard, EPERM
 */
export function* prlimit(
  unix: Unix,
  call: Call,
  pid: number,
  resource: Resource,
  limit?: Limit,
): Blocking<Limit> {
  yield* call.charge("limits");
  const { process } = call;
  const target = pid === 0 ? process : unix.processes.get(pid);
  if (target === undefined || target.exiting || !target.hasProgram) throw new UnixError("ESRCH");
  if (target !== process && !mayLimit(process, target)) throw new UnixError("EPERM");
  const before = target.limits[resource];
  if (limit === undefined) return before;
  const superuser = isSuperuser(process.credentials);
  if (limit.soft > limit.hard) throw new UnixError("EINVAL");
  if (limit.hard > before.hard && !superuser) throw new UnixError("EPERM");
  if (resource === "RLIMIT_NOFILE" && limit.hard > OPEN_MAX) throw new UnixError("EPERM");
  target.limits = { ...target.limits, [resource]: limit };
  if (resource === "RLIMIT_CPU") yield* armProcessorLimit(unix, target);
  return before;
}

export const getrlimit = (unix: Unix, call: Call, resource: Resource): Blocking<Limit> =>
  prlimit(unix, call, 0, resource);
