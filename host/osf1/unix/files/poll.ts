/** Waiting for one of many descriptors: poll and select. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import type { SignalSet } from "../constants.ts";
import { interruptibleSleep } from "../signals/interrupt.ts";
import { withMask } from "../signals/suspend.ts";
import type { Unix } from "../unix.ts";
import type { Readiness } from "./open-file.ts";

/** Events, in the bits that all binary interfaces here share. */
export const POLL = {
  POLLIN: 0x1,
  POLLPRI: 0x2,
  POLLOUT: 0x4,
  POLLERR: 0x8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  POLLRDNORM: 0x40,
  POLLWRNORM: 0x100,
} as const;

export interface PollEntry {
  /** A negative one is passed over. */
  readonly descriptor: number;
  readonly events: number;
}

const READ = POLL.POLLIN | POLL.POLLRDNORM;
const WRITE = POLL.POLLOUT | POLL.POLLWRNORM;

function eventsOf({ readable, writable, hangup, error }: Readiness, wanted: number): number {
  let events = 0;
  if (readable) events |= READ & wanted;
  // Who has hung up reads nothing any more.
  if (writable && !hangup) events |= WRITE & wanted;
  if (hangup) events |= POLL.POLLHUP;
  if (error) events |= POLL.POLLERR;
  return events;
}

/** Looks, and sleeps until there is something to see or the time is over. */
function* watch<T>(
  unix: Unix,
  call: Call,
  until: number | undefined,
  mask: SignalSet | undefined,
  look: () => { readonly found: boolean; readonly result: T },
): Blocking<T> {
  return yield* withMask(call, mask, function* () {
    unix.polling(1);
    try {
      for (;;) {
        const { found, result } = look();
        if (found || (until !== undefined && until <= unix.system.uptime())) return result;
        yield* interruptibleSleep(unix, call.process, unix.pollChannel, {
          restartable: false,
          ...(until !== undefined && { until }),
        });
      }
    } finally {
      unix.polling(-1);
    }
  });
}

/**
 * @param until nanoseconds since boot; without, for ever.
 * @param mask blocked meanwhile (ppoll).
 * @returns for each entry what has happened; how many are not 0 is the call's result.
 * @throws UnixError EINTR, EINVAL for more entries than there may be descriptors
 */
export function* poll(
  unix: Unix,
  call: Call,
  entries: readonly PollEntry[],
  until?: number,
  mask?: SignalSet,
): Blocking<number[]> {
  const { process } = call;
  if (entries.length > process.limits.RLIMIT_NOFILE.soft) throw new UnixError("EINVAL");
  yield* call.charge("poll-descriptor", Math.max(1, entries.length));
  return yield* watch(unix, call, until, mask, () => {
    const result = entries.map(({ descriptor, events }) => {
      if (descriptor < 0) return 0;
      const open = process.descriptors[descriptor];
      return open === undefined ? POLL.POLLNVAL : eventsOf(open.file.ready(), events);
    });
    return { found: result.some((events) => events !== 0), result };
  });
}

/** Descriptors by what is asked of them, or found. */
export interface SelectSets {
  readonly read: readonly number[];
  readonly write: readonly number[];
  readonly except: readonly number[];
}

/**
 * @param until nanoseconds since boot; without, for ever.
 * @param mask blocked meanwhile (pselect).
 * @throws UnixError EBADF, EINTR
 */
export function* select(
  unix: Unix,
  call: Call,
  sets: SelectSets,
  until?: number,
  mask?: SignalSet,
): Blocking<SelectSets> {
  const { descriptors } = call.process;
  const all = [...sets.read, ...sets.write, ...sets.except];
  if (all.some((number) => descriptors[number] === undefined)) throw new UnixError("EBADF");
  yield* call.charge("poll-descriptor", Math.max(1, all.length));
  return yield* watch(unix, call, until, mask, () => {
    const state = (number: number): Readiness => descriptors[number]!.file.ready();
    const read = sets.read.filter((number) => {
      const { readable, hangup, error } = state(number);
      return readable || hangup || error;
    });
    const write = sets.write.filter((number) => {
      const { writable, error } = state(number);
      return writable || error;
    });
    return { found: read.length + write.length > 0, result: { read, write, except: [] } };
  });
}
