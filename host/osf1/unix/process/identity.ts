/** Who a process is: its numbers, its group and session, its user and groups, its priority. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { NGROUPS_MAX } from "../constants.ts";
import type { Process, ProcessCredentials } from "../process.ts";
import { resetControl } from "./control.ts";
import type { Unix } from "../unix.ts";

/** The caller's process, for what only looks: getpid, getppid, getuid, geteuid, getgid, getegid, getgroups, getpgrp. */
export function* self(_unix: Unix, call: Call): Blocking<Process> {
  yield* call.charge("identity");
  return call.process;
}

/** @param pid 0 is the caller. @throws UnixError ESRCH */
function processOf(unix: Unix, call: Call, pid: number): Process {
  const process = pid === 0 ? call.process : unix.processes.get(pid);
  if (process === undefined) throw new UnixError("ESRCH");
  return process;
}

/** @throws UnixError ESRCH */
export function* getpgid(unix: Unix, call: Call, pid: number): Blocking<number> {
  yield* call.charge("identity");
  return processOf(unix, call, pid).group.id;
}

/** @throws UnixError ESRCH */
export function* getsid(unix: Unix, call: Call, pid: number): Blocking<number> {
  yield* call.charge("identity");
  return processOf(unix, call, pid).session.id;
}

/** Puts a process, the caller or its child, into a group of its session, or a new one. @throws UnixError EACCES, EINVAL, EPERM, ESRCH */
export function* setpgid(unix: Unix, call: Call, pid: number, id: number): Blocking<void> {
  yield* call.charge("identity");
  const { process } = call;
  if (id < 0) throw new UnixError("EINVAL");
  const target = processOf(unix, call, pid);
  if (target !== process) {
    if (target.parent !== process) throw new UnixError("ESRCH");
    if (target.session !== process.session) throw new UnixError("EPERM");
    if (target.hasExecuted) throw new UnixError("EACCES");
  }
  if (target.session.leader === target) throw new UnixError("EPERM");
  const wanted = id === 0 ? target.pid : id;
  if (target.group.id === wanted) return;
  const existing = unix.group(wanted);
  if (existing === undefined && wanted !== target.pid) throw new UnixError("EPERM");
  if (existing !== undefined && existing.session !== target.session) throw new UnixError("EPERM");
  const group = existing ?? unix.newGroup(wanted, target.session);
  moveTo(unix, target, group);
}

function moveTo(unix: Unix, process: Process, group: Process["group"]): void {
  const before = process.group;
  process.join(group);
  if (before.members.size === 0) unix.groups.delete(before.id);
}

/** A session of the caller's own, without a terminal. @throws UnixError EPERM when it leads a group */
export function* setsid(unix: Unix, call: Call): Blocking<number> {
  yield* call.charge("identity");
  const { process } = call;
  if (unix.group(process.pid) !== undefined) throw new UnixError("EPERM");
  const group = unix.newGroup(process.pid);
  group.session.leader = process;
  moveTo(unix, process, group);
  return process.pid;
}

const NO_ID = 0xffffffff;

/**
 * setresuid, and with `NO_ID` for what stays, its older kin.
 * @param ids real, effective, saved; −1 as 32 bits leaves one as it is.
 * @throws UnixError EPERM, EINVAL
 */
export function* setresuid(
  _unix: Unix,
  call: Call,
  ...ids: readonly [real: number, effective: number, saved: number]
): Blocking<void> {
  const { credentials } = call.process;
  const { realUid, uid, savedUid } = credentials;
  yield* call.charge("identity");
  const [real, effective, saved] = chooseIds(credentials, ids, [realUid, uid, savedUid]);
  call.process.credentials = { ...credentials, realUid: real, uid: effective, savedUid: saved };
  if (effective !== credentials.uid) resetControl(call.process, true);
}

/** As setresuid, for groups. @throws UnixError EPERM, EINVAL */
export function* setresgid(
  _unix: Unix,
  call: Call,
  ...ids: readonly [real: number, effective: number, saved: number]
): Blocking<void> {
  const { credentials } = call.process;
  const { realGid, gid, savedGid } = credentials;
  yield* call.charge("identity");
  const [real, effective, saved] = chooseIds(credentials, ids, [realGid, gid, savedGid]);
  call.process.credentials = { ...credentials, realGid: real, gid: effective, savedGid: saved };
  if (effective !== credentials.gid) resetControl(call.process, true);
}

type Three = readonly [number, number, number];

/** Ids given, where they are and may be set. */
function chooseIds(who: ProcessCredentials, given: Three, now: Three): Three {
  const chosen = given.map((id, i) => (id >>> 0 === NO_ID ? now[i]! : id >>> 0));
  if (chosen.some((id) => id > 0xffff)) throw new UnixError("EINVAL");
  if (!isSuperuser(who) && chosen.some((id) => !now.includes(id))) throw new UnixError("EPERM");
  return chosen as unknown as Three;
}

/** setuid: the superuser sets all three. @throws UnixError EPERM, EINVAL */
export function* setuid(unix: Unix, call: Call, uid: number): Blocking<void> {
  const { credentials } = call.process;
  if (isSuperuser(credentials)) return yield* setresuid(unix, call, uid, uid, uid);
  if (![credentials.realUid, credentials.savedUid].includes(uid >>> 0))
    throw new UnixError("EPERM");
  yield* setresuid(unix, call, NO_ID, uid, NO_ID);
}

/** As setuid, for the group; it is the user that makes the superuser. @throws UnixError EPERM, EINVAL */
export function* setgid(unix: Unix, call: Call, gid: number): Blocking<void> {
  const { credentials } = call.process;
  if (isSuperuser(credentials)) return yield* setresgid(unix, call, gid, gid, gid);
  if (![credentials.realGid, credentials.savedGid].includes(gid >>> 0))
    throw new UnixError("EPERM");
  yield* setresgid(unix, call, NO_ID, gid, NO_ID);
}

/** setreuid: the saved id follows the effective one when the real one is set, or another effective one. @throws UnixError EPERM, EINVAL */
export function* setreuid(unix: Unix, call: Call, real: number, effective: number): Blocking<void> {
  const { realUid } = call.process.credentials;
  const given = effective >>> 0 !== NO_ID;
  const follows = real >>> 0 !== NO_ID || (given && effective >>> 0 !== realUid);
  yield* setresuid(unix, call, real, effective, NO_ID);
  const { credentials } = call.process;
  if (follows) call.process.credentials = { ...credentials, savedUid: credentials.uid };
}

/** As setreuid, for groups. @throws UnixError EPERM, EINVAL */
export function* setregid(unix: Unix, call: Call, real: number, effective: number): Blocking<void> {
  const { realGid } = call.process.credentials;
  const given = effective >>> 0 !== NO_ID;
  const follows = real >>> 0 !== NO_ID || (given && effective >>> 0 !== realGid);
  yield* setresgid(unix, call, real, effective, NO_ID);
  const { credentials } = call.process;
  if (follows) call.process.credentials = { ...credentials, savedGid: credentials.gid };
}

/** @throws UnixError EPERM, EINVAL */
export function* setgroups(_unix: Unix, call: Call, groups: readonly number[]): Blocking<void> {
  yield* call.charge("identity");
  const { credentials } = call.process;
  if (!isSuperuser(credentials)) throw new UnixError("EPERM");
  if (groups.length > NGROUPS_MAX) throw new UnixError("EINVAL");
  call.process.credentials = { ...credentials, groups: [...groups] };
}

/** Whom getpriority and setpriority mean; `id` 0 is the caller's own. */
export type Whom = "process" | "group" | "user";

function chosen(unix: Unix, call: Call, whom: Whom, id: number): Process[] {
  const { process } = call;
  const wanted = {
    process: (other: Process) => other.pid === (id === 0 ? process.pid : id),
    group: (other: Process) => other.group.id === (id === 0 ? process.group.id : id),
    user: (other: Process) =>
      other.credentials.realUid === (id === 0 ? process.credentials.realUid : id),
  }[whom];
  const found = [...unix.processes.values()].filter((other) => wanted(other) && !other.exiting);
  if (found.length === 0) throw new UnixError("ESRCH");
  return found;
}

/** The lowest nice value, −20 … 19. @throws UnixError ESRCH */
export function* getpriority(unix: Unix, call: Call, whom: Whom, id: number): Blocking<number> {
  yield* call.charge("identity");
  return Math.min(...chosen(unix, call, whom, id).map(({ nice }) => nice));
}

/** @throws UnixError ESRCH, EPERM for others' processes, EACCES for less than there was */
export function* setpriority(
  unix: Unix,
  call: Call,
  whom: Whom,
  id: number,
  value: number,
): Blocking<void> {
  yield* call.charge("identity");
  const nice = Math.max(-20, Math.min(19, value));
  const { credentials } = call.process;
  for (const process of chosen(unix, call, whom, id)) {
    if (!isSuperuser(credentials)) {
      const { uid, realUid } = process.credentials;
      if (credentials.uid !== uid && credentials.uid !== realUid) throw new UnixError("EPERM");
      if (nice < process.nice) throw new UnixError("EACCES");
    }
    process.nice = nice;
  }
}
