/** All system calls of the personality, and how one is called. */
import { ERRNO } from "../../abi/linux/errno.ts";
import { CallFailed } from "../call-failed.ts";
import { callNameOf } from "../../abi/linux/calls.ts";
import type { Answer, Process } from "../process.ts";
import type { CallTable } from "./call.ts";
import { DESCRIPTOR_CALLS } from "./descriptors.ts";
import { MEMORY_CALLS } from "./memory.ts";
import { PATH_CALLS } from "./paths.ts";
import { PROCESS_CALLS } from "./process.ts";
import { SIGNAL_CALLS } from "./signal.ts";
import { TIME_CALLS } from "./time.ts";
import { WAIT_CALLS } from "./wait.ts";

const CALLS: CallTable = {
  ...DESCRIPTOR_CALLS,
  ...MEMORY_CALLS,
  ...PATH_CALLS,
  ...PROCESS_CALLS,
  ...SIGNAL_CALLS,
  ...TIME_CALLS,
  ...WAIT_CALLS,
};

/** The name of a system call, or `call N`. */
export function callName(number: number): string {
  return callNameOf(number) ?? `call ${number}`;
}

/** Calls a system call with the program's registers; what it lacks answers −ENOSYS. */
export function systemCall(p: Process, number: number): Answer {
  const { machine } = p;
  const name = callNameOf(number);
  const call = name && CALLS[name];
  if (call === undefined) return -ERRNO.ENOSYS;
  try {
    return call(
      p,
      machine.gr(26),
      machine.gr(25),
      machine.gr(24),
      machine.gr(23),
      machine.gr(22),
      machine.gr(21),
    );
  } catch (error) {
    if (error instanceof CallFailed) return -error.errno;
    throw error;
  }
}
