/**
 * The binary interface of Linux/hppa programs: a system call by its number and six words. Numbers and
 * structures are Linux's (host/abi/linux), what is done is this Unix's (../unix). What a call fails
 * with, the server makes −errno of; a call that a signal interrupted it may begin again.
 */
import { callNameOf } from "../../abi/linux/calls.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import type { Unix } from "../unix/unix.ts";
import { CONTROL_CALLS } from "./calls/control.ts";
import { DESCRIPTOR_CALLS } from "./calls/descriptors.ts";
import { FILE_CALLS } from "./calls/files.ts";
import { IDENTITY_CALLS } from "./calls/identity.ts";
import { MACHINE_CALLS } from "./calls/machine.ts";
import { MEMORY_CALLS } from "./calls/memory.ts";
import { NAME_CALLS } from "./calls/names.ts";
import { POLL_CALLS } from "./calls/poll.ts";
import { PROCESS_CALLS } from "./calls/process.ts";
import { SCHEDULING_CALLS } from "./calls/scheduling.ts";
import { SIGNAL_CALLS } from "./calls/signals.ts";
import { SOCKET_CALLS } from "./calls/sockets.ts";
import { STATUS_CALLS } from "./calls/status.ts";
import { TIME_CALLS } from "./calls/time.ts";
import { TIMER_CALLS } from "./calls/timers.ts";
import type { LinuxTable, Words } from "./work.ts";

const CALLS: LinuxTable = {
  ...CONTROL_CALLS,
  ...DESCRIPTOR_CALLS,
  ...FILE_CALLS,
  ...IDENTITY_CALLS,
  ...MACHINE_CALLS,
  ...MEMORY_CALLS,
  ...NAME_CALLS,
  ...POLL_CALLS,
  ...PROCESS_CALLS,
  ...SCHEDULING_CALLS,
  ...SIGNAL_CALLS,
  ...SOCKET_CALLS,
  ...STATUS_CALLS,
  ...TIME_CALLS,
  ...TIMER_CALLS,
};

/** How many of the six words a call looks at. */
export function linuxArguments(number: number): number {
  const name = callNameOf(number);
  // Behind the Unix and the call.
  return Math.max(0, ((name && CALLS[name]?.length) || 0) - 2);
}

/**
 * Does a call. Of execve a result of 0 means that the process is another program now; of the calls that
 * fork, the child's number is the parent's result. Returning from a handler is the server's.
 * @param args the six argument words, r26 first, unsigned.
 * @returns what r28 will have.
 * @throws UnixError what the call fails with; ENOSYS for a number that is none's
 */
export function* linuxCall(
  unix: Unix,
  call: Call,
  number: number,
  args: readonly number[],
): Blocking<number> {
  const name = callNameOf(number);
  const work = name && CALLS[name];
  if (work === undefined) throw new UnixError("ENOSYS");
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  return yield* work(unix, call, ...([a, b, c, d, e, f] satisfies Words));
}
