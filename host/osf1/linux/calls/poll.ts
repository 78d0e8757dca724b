/** Linux/hppa calls that wait for one of many descriptors. */
import { pollfd } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { OPEN_MAX, type SignalSet } from "../../unix/constants.ts";
import { poll, select } from "../../unix/files/poll.ts";
import type { Unix } from "../../unix/unix.ts";
import { durationAt, putTime, timeOf, timevalAt, type Width } from "../times.ts";
import { getBytes, getWords, putWords } from "../../caller-words.ts";
import type { LinuxTable, LinuxWork } from "../work.ts";
import { getSet } from "./signals.ts";

/** How long a call waits at most, and where the program wants to know what was left of it. */
interface Patience {
  /** Nanoseconds since boot; undefined: for ever. */
  readonly until: number | undefined;
  tell(left: number): Blocking<void>;
}

// oxlint-disable-next-line require-yield
function* tellsNobody(): Blocking<void> {}

/** Of the form with a `struct timespec`; null is for ever. @throws UnixError EINVAL, EFAULT */
function* patienceAt(unix: Unix, call: Call, address: number, width: Width): Blocking<Patience> {
  if (address === 0) return { until: undefined, tell: tellsNobody };
  const duration = yield* durationAt(call, address, width);
  return {
    until: unix.system.uptime() + duration,
    tell: (left) => putTime(call, address, timeOf(left), width),
  };
}

/** The same with a `struct timeval`. @throws UnixError EINVAL, EFAULT */
function* oldPatience(unix: Unix, call: Call, address: number): Blocking<Patience> {
  if (address === 0) return { until: undefined, tell: tellsNobody };
  const duration = yield* timevalAt(call, address);
  return {
    until: unix.system.uptime() + duration,
    tell(left) {
      const { seconds, nanoseconds } = timeOf(left);
      return putWords(call, address, seconds, Math.floor(nanoseconds / 1000));
    },
  };
}

/** Does the waiting, and tells what is left of the time however it ends. */
function* patiently<T>(unix: Unix, patience: Patience, work: () => Blocking<T>): Blocking<T> {
  const { until, tell } = patience;
  try {
    return yield* work();
  } finally {
    if (until !== undefined) yield* tell(Math.max(0, until - unix.system.uptime()));
  }
}

function* pollAll(
  unix: Unix,
  call: Call,
  address: number,
  count: number,
  patience: Patience,
  mask?: SignalSet,
): Blocking<number> {
  if (count > OPEN_MAX) throw new UnixError("EINVAL");
  const bytes = yield* getBytes(call, address, count * pollfd.size);
  const view = new DataView(bytes.buffer);
  const entries = Array.from({ length: count }, (_, i) => ({
    descriptor: view.getInt32(i * pollfd.size),
    events: view.getUint16(i * pollfd.size + pollfd.offset.events),
  }));
  const found = yield* patiently(unix, patience, () =>
    poll(unix, call, entries, patience.until, mask),
  );
  for (const [i, events] of found.entries())
    view.setUint16(i * pollfd.size + pollfd.offset.revents, events);
  yield* call.copyout(bytes, address);
  return found.filter((events) => events !== 0).length;
}

/** Descriptors of a set: bit n of word w is descriptor 32w + n. */
function* getDescriptorSet(call: Call, address: number, count: number): Blocking<number[]> {
  if (address === 0) return [];
  const words = yield* getWords(call, address, Math.ceil(count / 32));
  return Array.from({ length: count }, (_, number) => number).filter(
    (number) => ((words[number >> 5]! >>> (number & 31)) & 1) !== 0,
  );
}

function* putDescriptorSet(
  call: Call,
  address: number,
  count: number,
  set: readonly number[],
): Blocking<void> {
  if (address === 0) return;
  const words = Array.from({ length: Math.ceil(count / 32) }, () => 0);
  for (const number of set) words[number >> 5]! |= 1 << (number & 31);
  yield* putWords(call, address, ...words);
}

function* selectOf(
  unix: Unix,
  call: Call,
  count: number,
  addresses: readonly [read: number, write: number, except: number],
  patience: Patience,
  mask?: SignalSet,
): Blocking<number> {
  if ((count | 0) < 0) throw new UnixError("EINVAL");
  // No descriptor is above these; bits for them are nobody's.
  const most = Math.min(count, OPEN_MAX);
  const [read, write, except] = addresses;
  const sets = {
    read: yield* getDescriptorSet(call, read, most),
    write: yield* getDescriptorSet(call, write, most),
    except: yield* getDescriptorSet(call, except, most),
  };
  const found = yield* patiently(unix, patience, () =>
    select(unix, call, sets, patience.until, mask),
  );
  yield* putDescriptorSet(call, read, most, found.read);
  yield* putDescriptorSet(call, write, most, found.write);
  yield* putDescriptorSet(call, except, most, found.except);
  return found.read.length + found.write.length + found.except.length;
}

function* maskAt(call: Call, address: number, size: number): Blocking<SignalSet | undefined> {
  return address === 0 ? undefined : yield* getSet(call, address, size);
}

/** pselect6's last argument: a pointer to a mask, and the mask's size. */
function* maskOf(call: Call, address: number): Blocking<SignalSet | undefined> {
  if (address === 0) return undefined;
  const [mask, size] = yield* getWords(call, address, 2);
  return yield* maskAt(call, mask!, size!);
}

const pollWith = (width: Width): LinuxWork =>
  function* (unix, call, address, count, time, mask, size) {
    const patience = yield* patienceAt(unix, call, time, width);
    return yield* pollAll(unix, call, address, count, patience, yield* maskAt(call, mask, size));
  };

const selectWith = (width: Width): LinuxWork =>
  function* (unix, call, count, read, write, except, time, mask) {
    const patience = yield* patienceAt(unix, call, time, width);
    const set = yield* maskOf(call, mask);
    return yield* selectOf(unix, call, count, [read, write, except], patience, set);
  };

export const POLL_CALLS: LinuxTable = {
  *poll(unix, call, address, count, milliseconds) {
    const forever = (milliseconds | 0) < 0;
    const until = forever ? undefined : unix.system.uptime() + milliseconds * 1e6;
    return yield* pollAll(unix, call, address, count, { until, tell: tellsNobody });
  },
  ppoll: pollWith(32),
  ppoll_time64: pollWith(64),
  *_newselect(unix, call, count, read, write, except, time) {
    const patience = yield* oldPatience(unix, call, time);
    return yield* selectOf(unix, call, count, [read, write, except], patience);
  },
  pselect6: selectWith(32),
  pselect6_time64: selectWith(64),
};
