/** fork and vfork: a child that is its parent but for its number, its times and what waits for it. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { closeAll, copyDescriptors } from "../files/descriptors.ts";
import { Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { inheritedControl } from "./control.ts";
import { leaveExecutable } from "./exit.ts";
import { armProcessorLimit } from "../time/interval.ts";

export interface ForkOptions {
  /** The parent waits until the child begins a program or ends. Memory is copied all the same. */
  readonly vfork?: boolean;
  /** What the binary interface has to set before the child runs. */
  readonly prepare?: (child: Process) => void;
}

/** Processes that only the superuser may still have. */
const RESERVED = 2;

/** @throws UnixError EAGAIN */
function checkRoom(unix: Unix, process: Process): void {
  const { realUid } = process.credentials;
  const free = unix.options.processes - unix.processes.size;
  const superuser = isSuperuser(process.credentials);
  if (free <= (superuser ? 0 : RESERVED)) throw new UnixError("EAGAIN");
  const own = [...unix.processes.values()].filter((each) => each.credentials.realUid === realUid);
  if (!superuser && own.length >= process.limits.RLIMIT_NPROC.soft) throw new UnixError("EAGAIN");
}

function makeChild(unix: Unix, parent: Process): Process {
  const { signals } = parent;
  const child = new Process({
    pid: unix.newPid(),
    parent,
    group: parent.group,
    credentials: parent.credentials,
    cwd: parent.cwd.hold(),
    root: parent.root.hold(),
    signals: {
      actions: new Map(signals.actions),
      mask: signals.mask,
      pending: new Map(),
      pendingSet: 0n,
      alternateStack: signals.alternateStack,
      restoreMask: undefined,
    },
    limits: parent.limits,
    memory: parent.memory.copy(),
    started: unix.system.uptime(),
  });
  const { umask, nice, schedulingPolicy, executable, personality } = parent;
  const { command, commandLine } = parent;
  Object.assign(child, { umask, nice, schedulingPolicy, executable, personality });
  Object.assign(child, { command, commandLine });
  if (executable !== undefined) {
    executable.vnode.hold();
    executable.vnode.executions++;
  }
  child.control = inheritedControl(parent.control);
  copyDescriptors(parent, child);
  return child;
}

/** Takes back a child that got no task. */
function* unmake(unix: Unix, child: Process): Blocking<void> {
  yield* closeAll(unix, child);
  yield* child.memory.clear();
  yield* leaveExecutable(child);
  yield* child.cwd.put();
  yield* child.root.put();
  child.parent?.children.delete(child);
  unix.processes.delete(child.pid);
  unix.leaveGroup(child);
}

/**
 * @returns the child's number, to the parent.
 * @throws UnixError EAGAIN, ENOMEM
 */
export function* fork(unix: Unix, call: Call, options: ForkOptions = {}): Blocking<number> {
  const parent = call.process;
  yield* call.charge("process-create");
  checkRoom(unix, parent);
  const child = makeChild(unix, parent);
  const { pid } = child;
  unix.processes.set(pid, child);
  if (options.vfork === true) child.vforkParent = parent;
  try {
    options.prepare?.(child);
    yield* unix.system.tasks.fork(call, child);
  } catch (error) {
    yield* unmake(unix, child);
    throw error;
  }
  if (child.limits.RLIMIT_CPU.soft !== Infinity) yield* armProcessorLimit(unix, child);
  while (child.vforkParent === parent) yield* unix.system.sleep(child);
  return pid;
}
