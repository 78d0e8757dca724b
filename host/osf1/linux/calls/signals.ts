/** Linux/hppa calls on signals: actions, masks, sending, waiting. Handlers are entered by the server. */
import { signalStackFlags } from "../../../abi/linux/signal-frame.ts";
import { CODE, SIGNAL_ACTION, SIGNAL_MASK, SIGNAL_STACK } from "../../../abi/linux/signals.ts";
import { pack } from "../../../abi/linux/bytes.ts";
import { sigaction as sigactionStruct, siginfo, stackT } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import type { SignalSet } from "../../unix/constants.ts";
import {
  type MaskChange,
  sigaction,
  sigaltstack,
  sigpending,
  sigprocmask,
} from "../../unix/signals/actions.ts";
import { kill, sigqueue, tgkill } from "../../unix/signals/kill.ts";
import { sigsuspend, sigtimedwait } from "../../unix/signals/suspend.ts";
import type { Unix } from "../../unix/unix.ts";
import {
  actionOf,
  actionValues,
  setOfWords,
  signalValues,
  unixSignal,
  wordsOfSet,
} from "../signals.ts";
import { durationAt, type Width } from "../times.ts";
import { getWords, putWords } from "../../caller-words.ts";
import { getStruct, type LinuxTable, putStruct, zero } from "../work.ts";

/** A set has two words; a program says so. @throws UnixError EINVAL */
function checkSize(size: number): void {
  if (size !== 8) throw new UnixError("EINVAL");
}

/** @throws UnixError EINVAL, EFAULT */
export function* getSet(call: Call, address: number, size: number): Blocking<SignalSet> {
  checkSize(size);
  const [low, high] = yield* getWords(call, address, 2);
  return setOfWords(low!, high!);
}

function* setAction(
  unix: Unix,
  call: Call,
  signal: number,
  wanted: number,
  old: number,
  size: number,
): Blocking<number> {
  checkSize(size);
  const action =
    wanted === 0 ? undefined : actionOf(yield* getStruct(call, wanted, sigactionStruct));
  const before = yield* sigaction(unix, call, unixSignal(signal), action);
  if (old !== 0) yield* putStruct(call, old, sigactionStruct, actionValues(before));
  return 0;
}

const HOW = new Map<number, MaskChange>([
  [SIGNAL_MASK.SIG_BLOCK, "block"],
  [SIGNAL_MASK.SIG_UNBLOCK, "unblock"],
  [SIGNAL_MASK.SIG_SETMASK, "set"],
]);

function* setMask(
  unix: Unix,
  call: Call,
  how: number,
  wanted: number,
  old: number,
  size: number,
): Blocking<number> {
  checkSize(size);
  const set = wanted === 0 ? undefined : yield* getSet(call, wanted, size);
  const change = HOW.get(how);
  if (set !== undefined && change === undefined) throw new UnixError("EINVAL");
  const before = yield* sigprocmask(unix, call, change ?? "block", set);
  if (old !== 0) yield* putWords(call, old, ...wordsOfSet(before));
  return 0;
}

function* queue(
  unix: Unix,
  call: Call,
  pid: number,
  signal: number,
  address: number,
): Blocking<number> {
  const { si_code, si_value } = yield* getStruct(call, address, siginfo);
  // Nobody says of another process that the kernel sent a signal.
  const isOwn = (pid | 0) === call.process.pid;
  if (!isOwn && ((si_code | 0) >= 0 || (si_code | 0) === CODE.SI_TKILL))
    throw new UnixError("EPERM");
  return yield* zero(sigqueue(unix, call, pid | 0, unixSignal(signal), si_value));
}

/** The emulator gives the caller's stack pointer as the third argument. */
function* alternateStack(
  unix: Unix,
  call: Call,
  wanted: number,
  old: number,
  pointer: number,
): Blocking<number> {
  const given = wanted === 0 ? undefined : yield* getStruct(call, wanted, stackT);
  const { SS_DISABLE, SS_ONSTACK } = SIGNAL_STACK;
  if (given !== undefined && (given.ss_flags & ~(SS_DISABLE | SS_ONSTACK)) !== 0)
    throw new UnixError("EINVAL");
  const before = yield* sigaltstack(
    unix,
    call,
    pointer,
    given && {
      address: given.ss_sp,
      size: given.ss_size,
      enabled: (given.ss_flags & SS_DISABLE) === 0,
    },
  );
  if (old === 0) return 0;
  const size = before.enabled ? before.size : 0;
  const base = before.enabled ? before.address : 0;
  const ss_flags = signalStackFlags({ base, size }, pointer);
  return yield* zero(putStruct(call, old, stackT, { ss_sp: base, ss_flags, ss_size: size }));
}

function* waitFor(
  unix: Unix,
  call: Call,
  address: number,
  information: number,
  timeout: number,
  size: number,
  width: Width,
): Blocking<number> {
  const set = yield* getSet(call, address, size);
  const duration = timeout === 0 ? undefined : yield* durationAt(call, timeout, width);
  const until = duration === undefined ? undefined : unix.system.uptime() + duration;
  const values = signalValues(yield* sigtimedwait(unix, call, set, until));
  if (information !== 0) yield* call.copyout(pack(siginfo, values), information);
  return values.si_signo!;
}

/** A set of the calls before `rt_`: signals 1 to 32. */
const WORD = 0xffffffffn;

function* setOldMask(
  unix: Unix,
  call: Call,
  how: number,
  wanted: number,
  old: number,
): Blocking<number> {
  const change = HOW.get(how);
  let set: SignalSet | undefined;
  if (wanted !== 0) {
    if (change === undefined) throw new UnixError("EINVAL");
    set = setOfWords((yield* getWords(call, wanted, 1))[0]!, 0);
  }
  // Signals above 32 stay as they are.
  const kept = change === "set" ? call.process.signals.mask & ~WORD : 0n;
  const before = yield* sigprocmask(unix, call, change ?? "block", set && set | kept);
  if (old !== 0) yield* putWords(call, old, wordsOfSet(before)[0]);
  return 0;
}

/** signal(2), as System V had it: a handler is called once. Returns the one before. */
function* setHandler(unix: Unix, call: Call, signal: number, handler: number): Blocking<number> {
  const { SA_RESETHAND, SA_NODEFER } = SIGNAL_ACTION;
  const sa_flags = SA_RESETHAND | SA_NODEFER;
  const action = actionOf({ sa_handler: handler, sa_flags, sa_mask: 0, sa_mask_high: 0 });
  return actionValues(yield* sigaction(unix, call, unixSignal(signal), action)).sa_handler;
}

function* queueToThread(
  unix: Unix,
  call: Call,
  pid: number,
  thread: number,
  signal: number,
  address: number,
): Blocking<number> {
  if ((pid | 0) <= 0 || (thread | 0) <= 0) throw new UnixError("EINVAL");
  if (pid !== thread) throw new UnixError("ESRCH");
  return yield* queue(unix, call, pid, signal, address);
}

export const SIGNAL_CALLS: LinuxTable = {
  signal: setHandler,
  sigprocmask: setOldMask,
  *sigpending(unix, call, address) {
    return yield* zero(putWords(call, address, wordsOfSet(yield* sigpending(unix, call))[0]));
  },
  rt_tgsigqueueinfo: queueToThread,
  rt_sigaction: setAction,
  rt_sigprocmask: setMask,
  *rt_sigpending(unix, call, address, size) {
    checkSize(size);
    return yield* zero(putWords(call, address, ...wordsOfSet(yield* sigpending(unix, call))));
  },
  *rt_sigsuspend(unix, call, address, size) {
    return yield* sigsuspend(unix, call, yield* getSet(call, address, size));
  },
  rt_sigtimedwait: (unix, call, set, information, timeout, size) =>
    waitFor(unix, call, set, information, timeout, size, 32),
  rt_sigtimedwait_time64: (unix, call, set, information, timeout, size) =>
    waitFor(unix, call, set, information, timeout, size, 64),
  rt_sigqueueinfo: queue,
  pause: (unix, call) => sigsuspend(unix, call),
  sigaltstack: alternateStack,
  kill: (unix, call, pid, signal) => zero(kill(unix, call, pid | 0, unixSignal(signal))),
  tkill: (unix, call, thread, signal) =>
    zero(tgkill(unix, call, thread | 0, thread | 0, unixSignal(signal))),
  tgkill: (unix, call, pid, thread, signal) =>
    zero(tgkill(unix, call, pid | 0, thread | 0, unixSignal(signal))),
};
