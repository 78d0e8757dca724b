/** The end of a process, and what its parent, children, group and session see of it. */
import { UnixError } from "../../errno.ts";
import { type Blocking, charge } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { SIGNAL } from "../constants.ts";
import { closeAll } from "../files/descriptors.ts";
import { wakeFutex } from "../futex.ts";
import type { Process, ProcessGroup, Usage, WaitStatus } from "../process.ts";
import { actionOf, dropPending, postSignal, postToGroup, tellParent } from "../signals/post.ts";
import { isOrphaned } from "../signals/stop.ts";
import { cancelTimers } from "../time/interval.ts";
import { deletePosixTimers } from "../time/posix-timers.ts";
import type { Unix } from "../unix.ts";
import { heirOf } from "./control.ts";

/** exit, _exit and exit_group: does not come back to the program. */
export function* exit(unix: Unix, call: Call, code: number): Blocking<void> {
  const { process } = call;
  if (process.clearOnExit !== 0) {
    try {
      yield* call.copyout(new Uint8Array(4), process.clearOnExit);
      wakeFutex(unix, process, process.clearOnExit, 1);
    } catch (error) {
      // A thread that has taken its word's memory away wants no news there.
      if (!(error instanceof UnixError)) throw error;
    }
  }
  yield* endProcess(unix, process, { kind: "exited", code: code & 0xff });
}

/** Ends a process: everything of it goes but what wait tells. */
export function* endProcess(unix: Unix, process: Process, status: WaitStatus): Blocking<void> {
  if (process.exiting) return;
  process.exiting = true;
  yield* charge(unix.system, "process-exit");
  cancelTimers(unix, process);
  deletePosixTimers(unix, process);
  dropPending(process, process.signals.pendingSet);
  yield* closeAll(unix, process);
  releaseVforkParent(unix, process);
  Object.assign(process.usage, yield* unix.system.tasks.times(process));
  yield* unix.system.tasks.terminate(process);
  yield* process.memory.clear();
  yield* leaveFiles(process);
  yield* leaveSession(unix, process);
  const groups = yield* giveAwayChildren(unix, process);
  process.exitStatus = status;
  process.state = "zombie";
  for (const group of groups.add(process.group)) yield* hangUpOrphans(unix, group);
  yield* bury(unix, process, status);
  if (process === unix.first) yield* unix.shutDown();
}

function* leaveFiles(process: Process): Blocking<void> {
  yield* process.cwd.put();
  yield* process.root.put();
  yield* leaveExecutable(process);
}

/** The program is executed by one process fewer. */
export function* leaveExecutable(process: Process): Blocking<void> {
  const { executable } = process;
  if (executable === undefined) return;
  process.executable = undefined;
  executable.vnode.executions--;
  yield* executable.vnode.put();
}

/** A parent that waits in vfork goes on. */
export function releaseVforkParent(unix: Unix, process: Process): void {
  if (process.vforkParent === undefined) return;
  process.vforkParent = undefined;
  unix.system.wakeup(process);
}

/** With its leader a session loses its terminal. */
function* leaveSession(unix: Unix, process: Process): Blocking<void> {
  const { session } = process;
  if (session.leader !== process) return;
  session.leader = undefined;
  const { tty } = session;
  if (tty === undefined) return;
  const { foreground } = tty;
  tty.leave(session);
  if (foreground !== undefined)
    yield* postToGroup(unix, foreground, { signal: SIGNAL.SIGHUP, code: "SI_KERNEL" });
}

/** Children go to whoever inherits them, mostly process 1. Returns the groups that this may orphan. */
function* giveAwayChildren(unix: Unix, process: Process): Blocking<Set<ProcessGroup>> {
  const { pid, credentials } = process;
  const { realUid: uid } = credentials;
  const groups = new Set<ProcessGroup>();
  const heir = heirOf(unix, process);
  for (const child of [...process.children]) {
    process.children.delete(child);
    child.parent = heir;
    heir?.children.add(child);
    if (child.group !== process.group && child.session === process.session) groups.add(child.group);
    if (child.state !== "zombie") {
      const { parentDeathSignal: signal } = child.control;
      if (signal !== 0) yield* postSignal(unix, child, { signal, code: "SI_USER", pid, uid });
      continue;
    }
    if (heir === undefined) reap(unix, child);
    else yield* bury(unix, child, child.exitStatus!);
  }
  return groups;
}

/** A group that nobody can set going any more is told, if a member is stopped. */
function* hangUpOrphans(unix: Unix, group: ProcessGroup): Blocking<void> {
  const members = [...group.members];
  const living = members.find(({ state }) => state !== "zombie");
  if (living === undefined || !isOrphaned(living)) return;
  if (!members.some(({ state }) => state === "stopped")) return;
  yield* postToGroup(unix, group, { signal: SIGNAL.SIGHUP, code: "SI_KERNEL" });
  yield* postToGroup(unix, group, { signal: SIGNAL.SIGCONT, code: "SI_KERNEL" });
}

/** Tells the parent, or, when nobody wants to know, forgets the process at once. */
function* bury(unix: Unix, process: Process, status: WaitStatus): Blocking<void> {
  const { parent } = process;
  unix.system.wakeup(process);
  if (parent === undefined) return reap(unix, process);
  const { handler, noChildWait } = actionOf(parent, SIGNAL.SIGCHLD);
  if (handler === "ignore" || noChildWait) reap(unix, process);
  if (status.kind === "exited")
    yield* tellParent(unix, process, { code: "CLD_EXITED", status: status.code });
  else if (status.kind === "killed")
    yield* tellParent(unix, process, {
      code: status.core ? "CLD_DUMPED" : "CLD_KILLED",
      status: status.signal,
    });
}

/** What is left of a process goes: its parent has been told, or does not want to know. */
export function reap(unix: Unix, process: Process): void {
  const { parent } = process;
  if (parent !== undefined) {
    addUsage(parent.childrenUsage, process.usage);
    addUsage(parent.childrenUsage, process.childrenUsage);
    parent.children.delete(process);
  }
  unix.processes.delete(process.pid);
  unix.leaveGroup(process);
}

export function addUsage(sum: Usage, usage: Usage): void {
  for (const key of Object.keys(sum) as (keyof Usage)[])
    if (key === "maxResident") sum[key] = Math.max(sum[key], usage[key]);
    else sum[key] += usage[key];
}
