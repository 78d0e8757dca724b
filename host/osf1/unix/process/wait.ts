/** wait, waitpid, wait4, waitid: what has become of children. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { noUsage, type Process, type Usage, type WaitStatus } from "../process.ts";
import { interruptibleSleep } from "../signals/interrupt.ts";
import type { Unix } from "../unix.ts";
import { addUsage, reap } from "./exit.ts";

export interface WaitOptions {
  /** Do not wait (WNOHANG). */
  readonly noHang?: boolean;
  /** Children that ended (WEXITED); true unless it says otherwise. */
  readonly exited?: boolean;
  /** Those that stopped (WUNTRACED, WSTOPPED), and went on (WCONTINUED). */
  readonly stopped?: boolean;
  readonly continued?: boolean;
  /** Leave what is told to be told again (WNOWAIT). */
  readonly keep?: boolean;
}

export interface Waited {
  readonly pid: number;
  /** The real user. */
  readonly uid: number;
  readonly status: WaitStatus;
  /** Of the child and its own waited-for children. */
  readonly usage: Usage;
}

/**
 * @param which above 0 a child; 0 any of the caller's group; −1 any; below, any of group −which.
 * @returns undefined when none has anything to tell and `noHang` is set.
 * @throws UnixError ECHILD, EINTR
 */
export function* wait4(
  unix: Unix,
  call: Call,
  which: number,
  options: WaitOptions = {},
): Blocking<Waited | undefined> {
  const { process } = call;
  yield* call.charge("process-wait");
  const group = which === 0 ? process.group.id : -which;
  const isMeant = (child: Process): boolean => {
    if (which === -1) return true;
    return which > 0 ? child.pid === which : child.group.id === group;
  };
  for (;;) {
    const children = [...process.children].filter(isMeant);
    if (children.length === 0) throw new UnixError("ECHILD");
    for (const child of children) {
      const told = tell(unix, child, options);
      if (told !== undefined) return told;
    }
    if (options.noHang === true) return undefined;
    yield* interruptibleSleep(unix, process, process.children);
  }
}

/** What a child has to tell, if it is wanted. */
function tell(unix: Unix, child: Process, options: WaitOptions): Waited | undefined {
  const { exited = true, stopped = false, continued = false, keep = false } = options;
  const { pid, credentials, exitStatus, change } = child;
  const answer = (status: WaitStatus): Waited => {
    const usage = noUsage();
    addUsage(usage, child.usage);
    addUsage(usage, child.childrenUsage);
    return { pid, uid: credentials.realUid, status, usage };
  };
  if (exitStatus !== undefined && child.state === "zombie") {
    if (!exited) return undefined;
    const told = answer(exitStatus);
    if (!keep) reap(unix, child);
    return told;
  }
  const wanted =
    (change?.kind === "stopped" && stopped) || (change?.kind === "continued" && continued);
  if (change === undefined || !wanted) return undefined;
  if (!keep) child.change = undefined;
  return answer(change);
}
