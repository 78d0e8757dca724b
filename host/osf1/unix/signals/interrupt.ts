/**
 * Sleeping so that signals wake: as in 4.3BSD's sleep, signals that stop the process or mean nothing
 * to it are dealt with inside the sleep, so that a call ends early only for a handler to run, or for
 * good.
 */
import { UnixError } from "../../errno.ts";
import { type Blocking, charge } from "../../ufs/device.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { passQuietSignals, signalWaits } from "./pending.ts";

/** A call that a signal ended; EINTR to a program, unless the call is to be begun again. */
export class Interrupted extends UnixError {
  /** Whether the call is begun again when the handler asks for that (SA_RESTART). */
  readonly restartable: boolean;
  constructor(restartable: boolean) {
    super("EINTR");
    this.restartable = restartable;
  }
}

export interface InterruptibleSleep {
  /** Nanoseconds since boot. */
  readonly until?: number;
  /** Of the call, when a handler asks for it; true unless it says otherwise. */
  readonly restartable?: boolean;
}

/**
 * Sleeps until the channel is woken, for whatever reason: the caller looks again.
 * @returns whether there is time left.
 * @throws Interrupted when a signal is to be taken
 */
export function* interruptibleSleep(
  unix: Unix,
  process: Process,
  channel: object,
  { until, restartable = true }: InterruptibleSleep = {},
): Blocking<boolean> {
  if (signalWaits(process)) {
    if (!(yield* passQuietSignals(unix, process))) throw new Interrupted(restartable);
    // Time went by while it was stopped: what the caller waits for may have come.
    return true;
  }
  if (until !== undefined && unix.system.uptime() >= until) return false;
  yield* charge(unix.system, "sleep");
  const how = yield* unix.system.sleep(channel, {
    interruptible: process,
    ...(until !== undefined && { until }),
  });
  if (how === "interrupted" && !(yield* passQuietSignals(unix, process)))
    throw new Interrupted(restartable);
  return how !== "timed-out";
}
