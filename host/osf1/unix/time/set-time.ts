/** Setting the time of day: clock_settime, settimeofday, stime. What waits for a time of day moves. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { NANOSECONDS } from "../constants.ts";
import type { Unix } from "../unix.ts";
import type { Time } from "./clocks.ts";
import { moveTimers } from "./posix-timers.ts";

/** The last second that a file's times can tell. */
const SECONDS_MOST = 0x7fffffff;

/** @throws UnixError EINVAL, EPERM */
export function* setTime(unix: Unix, call: Call, time: Time): Blocking<void> {
  yield* call.charge("clock");
  const { seconds, nanoseconds } = time;
  const isSecond = seconds >= 0 && seconds <= SECONDS_MOST;
  if (!isSecond || nanoseconds < 0 || nanoseconds >= NANOSECONDS) throw new UnixError("EINVAL");
  if (!isSuperuser(call.process.credentials)) throw new UnixError("EPERM");
  unix.system.setTime(time);
  moveTimers(unix);
  unix.system.wakeup(unix.timeSet);
}
