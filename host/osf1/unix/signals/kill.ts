/** Sending signals: kill, tkill, tgkill, killpg, sigqueue; and those that a fault makes. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { SIGNAL, signalBit } from "../constants.ts";
import type { Process, SignalCode, SignalInfo } from "../process.ts";
import type { Unix } from "../unix.ts";
import { checkSignal } from "./actions.ts";
import { actionOf, postSignal } from "./post.ts";

/** Whether a process may send a signal to another. */
function maySignal(sender: Process, target: Process, signal: number): boolean {
  const { uid, realUid } = sender.credentials;
  const { realUid: targetReal, savedUid } = target.credentials;
  if (isSuperuser(sender.credentials) || sender === target) return true;
  if (signal === SIGNAL.SIGCONT && sender.session === target.session) return true;
  return [uid, realUid].some((id) => id === targetReal || id === savedUid);
}

function* send(
  unix: Unix,
  { process }: Call,
  target: Process,
  signal: number,
  more: { readonly code: SignalCode; readonly value?: number },
): Blocking<boolean> {
  if (!maySignal(process, target, signal)) throw new UnixError("EPERM");
  if (signal === 0) return true;
  const info = { signal, pid: process.pid, uid: process.credentials.realUid, ...more };
  return yield* postSignal(unix, target, info);
}

/**
 * @param pid above 0 a process; 0 the caller's group; −1 all that may be; below, the group −pid.
 * @param signal 0 only asks.
 * @throws UnixError EINVAL, EPERM, ESRCH
 */
export function* kill(unix: Unix, call: Call, pid: number, signal: number): Blocking<void> {
  if (signal !== 0) checkSignal(signal);
  yield* call.charge("identity");
  const code = "SI_USER";
  if (pid > 0) {
    const target = unix.processes.get(pid);
    if (target === undefined) throw new UnixError("ESRCH");
    yield* send(unix, call, target, signal, { code });
    return;
  }
  const group = pid === 0 ? call.process.group : unix.group(-pid);
  const targets =
    pid === -1
      ? [...unix.processes.values()].filter((each) => each !== unix.init && each !== call.process)
      : [...(group?.members ?? [])];
  if (targets.length === 0) throw new UnixError("ESRCH");
  let isSent = false;
  for (const target of targets) {
    if (!maySignal(call.process, target, signal)) continue;
    isSent = true;
    yield* send(unix, call, target, signal, { code });
  }
  if (!isSent) throw new UnixError("EPERM");
}

/** @throws UnixError EINVAL, EPERM, ESRCH */
export const killpg = (unix: Unix, call: Call, id: number, signal: number): Blocking<void> =>
  kill(unix, call, -id, signal);

/** A process's one thread has its number. @throws UnixError EINVAL, EPERM, ESRCH */
export function* tgkill(
  unix: Unix,
  call: Call,
  pid: number,
  thread: number,
  signal: number,
): Blocking<void> {
  if (pid <= 0 || thread <= 0) throw new UnixError("EINVAL");
  if (signal !== 0) checkSignal(signal);
  const target = unix.processes.get(pid);
  yield* call.charge("identity");
  if (target === undefined || pid !== thread) throw new UnixError("ESRCH");
  yield* send(unix, call, target, signal, { code: "SI_TKILL" });
}

/** rt_sigqueueinfo: with a value, as often as it is sent. @throws UnixError EAGAIN, EINVAL, EPERM, ESRCH */
export function* sigqueue(
  unix: Unix,
  call: Call,
  pid: number,
  signal: number,
  value: number,
): Blocking<void> {
  if (signal !== 0) checkSignal(signal);
  yield* call.charge("identity");
  const target = unix.processes.get(pid);
  if (target === undefined) throw new UnixError("ESRCH");
  const isQueued = yield* send(unix, call, target, signal, { code: "SI_QUEUE", value });
  if (!isQueued) throw new UnixError("EAGAIN");
}

/** A fault of the process's own: it cannot be put off, nor ignored. */
export function* faultSignal(unix: Unix, process: Process, info: SignalInfo): Blocking<void> {
  const { signals } = process;
  const bit = signalBit(info.signal);
  const isBlocked = (signals.mask & bit) !== 0n;
  if (isBlocked || actionOf(process, info.signal).handler === "ignore") {
    signals.actions.delete(info.signal);
    signals.mask &= ~bit;
  }
  yield* postSignal(unix, process, info);
}
