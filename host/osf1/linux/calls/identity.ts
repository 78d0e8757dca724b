/** Linux/hppa calls on who a process is: numbers, groups, sessions, users, priority. */
import { PRIORITY } from "../../../abi/linux/constants.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { NGROUPS_MAX } from "../../unix/constants.ts";
import {
  getpgid,
  getpriority,
  getsid,
  self,
  setgid,
  setgroups,
  setpgid,
  setpriority,
  setregid,
  setresgid,
  setresuid,
  setreuid,
  setsid,
  setuid,
  type Whom,
} from "../../unix/process/identity.ts";
import type { Process } from "../../unix/process.ts";
import type { Unix } from "../../unix/unix.ts";
import { getWords, putWords } from "../../caller-words.ts";
import { type LinuxTable, type LinuxWork, zero } from "../work.ts";

/** A call that tells something of its process. */
const tells = (what: (process: Process) => number): LinuxWork =>
  function* (unix, call) {
    return what(yield* self(unix, call));
  };

const WHOM = new Map<number, Whom>([
  [PRIORITY.PRIO_PROCESS, "process"],
  [PRIORITY.PRIO_PGRP, "group"],
  [PRIORITY.PRIO_USER, "user"],
]);

/** @throws UnixError EINVAL */
function whomOf(which: number): Whom {
  const whom = WHOM.get(which);
  if (whom === undefined) throw new UnixError("EINVAL");
  return whom;
}

/** Results of getpriority must not look like errors: 40 … 1 for −20 … 19. */
const PRIORITY_BASE = 20;

function* getGroups(unix: Unix, call: Call, most: number, address: number): Blocking<number> {
  const { groups } = (yield* self(unix, call)).credentials;
  if ((most | 0) < 0) throw new UnixError("EINVAL");
  if (most === 0) return groups.length;
  if (groups.length > most) throw new UnixError("EINVAL");
  yield* putWords(call, address, ...groups);
  return groups.length;
}

function* changeGroups(unix: Unix, call: Call, count: number, address: number): Blocking<number> {
  if (call.process.credentials.uid !== 0) throw new UnixError("EPERM");
  if (count > NGROUPS_MAX) throw new UnixError("EINVAL");
  return yield* zero(setgroups(unix, call, yield* getWords(call, address, count)));
}

/** Three ids, each where its pointer says. */
const tellsThree = (
  what: (process: Process) => readonly [real: number, effective: number, saved: number],
): LinuxWork =>
  function* (unix, call, ...addresses) {
    const ids = what(yield* self(unix, call));
    for (const [i, id] of ids.entries()) yield* putWords(call, addresses[i]!, id);
    return 0;
  };

export const IDENTITY_CALLS: LinuxTable = {
  getpid: tells(({ pid }) => pid),
  gettid: tells(({ pid }) => pid),
  getppid: tells(({ ppid }) => ppid),
  getpgrp: tells(({ group }) => group.id),
  getuid: tells(({ credentials }) => credentials.realUid),
  geteuid: tells(({ credentials }) => credentials.uid),
  getgid: tells(({ credentials }) => credentials.realGid),
  getegid: tells(({ credentials }) => credentials.gid),
  getresuid: tellsThree(({ credentials: { realUid, uid, savedUid } }) => [realUid, uid, savedUid]),
  getresgid: tellsThree(({ credentials: { realGid, gid, savedGid } }) => [realGid, gid, savedGid]),
  getpgid: (unix, call, pid) => getpgid(unix, call, pid | 0),
  getsid: (unix, call, pid) => getsid(unix, call, pid | 0),
  setpgid: (unix, call, pid, id) => zero(setpgid(unix, call, pid | 0, id | 0)),
  setsid: (unix, call) => setsid(unix, call),
  setuid: (unix, call, uid) => zero(setuid(unix, call, uid)),
  setgid: (unix, call, gid) => zero(setgid(unix, call, gid)),
  setreuid: (unix, call, real, effective) => zero(setreuid(unix, call, real, effective)),
  setregid: (unix, call, real, effective) => zero(setregid(unix, call, real, effective)),
  setresuid: (unix, call, real, effective, saved) =>
    zero(setresuid(unix, call, real, effective, saved)),
  setresgid: (unix, call, real, effective, saved) =>
    zero(setresgid(unix, call, real, effective, saved)),
  getgroups: getGroups,
  setgroups: changeGroups,
  *getpriority(unix, call, which, id) {
    return PRIORITY_BASE - (yield* getpriority(unix, call, whomOf(which), id));
  },
  *setpriority(unix, call, which, id, value) {
    return yield* zero(setpriority(unix, call, whomOf(which), id, value | 0));
  },
  *nice(unix, call, more) {
    const now = yield* getpriority(unix, call, "process", 0);
    return yield* zero(setpriority(unix, call, "process", 0, now + (more | 0)));
  },
};
