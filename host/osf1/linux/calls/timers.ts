/** Linux/hppa calls on POSIX timers, whose settings are of two widths. */
import { SIGNAL_EVENT, TIMER_ABSTIME } from "../../../abi/linux/constants.ts";
import { SIGNAL } from "../../../abi/linux/signals.ts";
import { itimerspec, itimerspec64, sigevent } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { LAST_SIGNAL } from "../../unix/constants.ts";
import type { ClockName } from "../../unix/time/clocks.ts";
import type { TimerValue } from "../../unix/time/interval.ts";
import {
  timer_create,
  timer_delete,
  timer_getoverrun,
  timer_gettime,
  timer_settime,
  type TimerSignal,
} from "../../unix/time/posix-timers.ts";
import type { Unix } from "../../unix/unix.ts";
import { clockIdOf } from "../clock-ids.ts";
import { unixSignal } from "../signals.ts";
import { nanosecondsOf, timeAt, timeOf, type Width } from "../times.ts";
import { putWords } from "../../caller-words.ts";
import { getStruct, type LinuxTable, type LinuxWork, putStruct, zero } from "../work.ts";

/** What a `struct sigevent` asks for; without one SIGALRM. @throws UnixError EFAULT, EINVAL */
function* eventAt(
  call: Call,
  address: number,
): Blocking<((id: number) => TimerSignal) | undefined> {
  if (address === 0) return (id) => ({ signal: unixSignal(SIGNAL.SIGALRM), value: id });
  const { sigev_value, sigev_signo, sigev_notify, sigev_tid } = yield* getStruct(
    call,
    address,
    sigevent,
  );
  const { SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID } = SIGNAL_EVENT;
  if (sigev_notify === SIGEV_NONE) return undefined;
  if (![SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID].some((each) => each === sigev_notify))
    throw new UnixError("EINVAL");
  // A process has one thread, with its own number.
  if (sigev_notify === SIGEV_THREAD_ID && sigev_tid !== call.process.pid)
    throw new UnixError("EINVAL");
  if (sigev_signo < 1 || sigev_signo > LAST_SIGNAL) throw new UnixError("EINVAL");
  return () => ({ signal: unixSignal(sigev_signo), value: sigev_value });
}

/** @throws UnixError EINVAL, EOPNOTSUPP for a clock that no timer goes by */
function timerClock(call: Call, which: number): ClockName {
  const { name, isCoarse, pid } = clockIdOf(which);
  if (isCoarse) throw new UnixError("EOPNOTSUPP");
  // Another's processor time nobody may have a timer of here.
  if (pid !== 0 && pid !== call.process.pid) throw new UnixError("EINVAL");
  return name;
}

function* create(
  unix: Unix,
  call: Call,
  which: number,
  event: number,
  result: number,
): Blocking<number> {
  const clock = timerClock(call, which);
  const id = yield* timer_create(unix, call, clock, yield* eventAt(call, event));
  try {
    yield* putWords(call, result, id);
  } catch (error) {
    yield* timer_delete(unix, call, id);
    throw error;
  }
  return 0;
}

function* putSetting(
  call: Call,
  address: number,
  { left, interval }: TimerValue,
  width: Width,
): Blocking<void> {
  const [value, again] = [timeOf(left), timeOf(interval)];
  const values = {
    it_interval_sec: again.seconds,
    it_interval_nsec: again.nanoseconds,
    it_value_sec: value.seconds,
    it_value_nsec: value.nanoseconds,
  };
  yield* width === 64
    ? putStruct(call, address, itimerspec64, values)
    : putStruct(call, address, itimerspec, values);
}

function* set(
  unix: Unix,
  call: Call,
  id: number,
  flags: number,
  setting: number,
  old: number,
  width: Width,
): Blocking<number> {
  if (setting === 0) throw new UnixError("EINVAL");
  const layout = width === 64 ? itimerspec64 : itimerspec;
  const interval = nanosecondsOf(yield* timeAt(call, setting, width));
  const time = yield* timeAt(call, setting + layout.offset.it_value_sec, width);
  const first = (flags & TIMER_ABSTIME) === 0 ? nanosecondsOf(time) : time;
  const before = yield* timer_settime(unix, call, id, { first, interval });
  if (old !== 0) yield* putSetting(call, old, before, width);
  return 0;
}

const setWith = (width: Width): LinuxWork =>
  function* (unix, call, id, flags, setting, old) {
    return yield* set(unix, call, id, flags, setting, old, width);
  };

const getWith = (width: Width): LinuxWork =>
  function* (unix, call, id, address) {
    const value = yield* timer_gettime(unix, call, id);
    return yield* zero(putSetting(call, address, value, width));
  };

export const TIMER_CALLS: LinuxTable = {
  timer_create: create,
  timer_settime: setWith(32),
  timer_settime64: setWith(64),
  timer_gettime: getWith(32),
  timer_gettime64: getWith(64),
  timer_getoverrun: (unix, call, id) => timer_getoverrun(unix, call, id),
  timer_delete: (unix, call, id) => zero(timer_delete(unix, call, id)),
};
