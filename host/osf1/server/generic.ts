/**
 * The generic call: all calls that have no routine of their own in the interface (paper §3.3), Linux's
 * among them. One work function for the trap and the message; they differ in the way bytes go.
 */
import { CALL as LINUX, callNameOf } from "../../abi/linux/calls.ts";
import { ERRNO } from "../../abi/linux/errno.ts";
import { MIG_RETURN } from "../../abi/mach.ts";
import { EMULATOR_STATE, GENERIC, genericResults } from "../../abi/osf1.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import type { UnixError } from "../errno.ts";
import { linuxArguments, linuxCall } from "../linux/call.ts";
import { nativeCall } from "../native/call.ts";
import { NATIVE_CALLS, NATIVE_NUMBER } from "../native/calls.ts";
import { nativeFailure } from "../native/routines.ts";
import type { Blocking } from "../ufs/device.ts";
import { Interrupted } from "../unix/signals/interrupt.ts";
import type { ServerCall } from "./call.ts";
import { deliver, resume, sigreturn, sigreturnFrom } from "./deliver.ts";
import { machProcess } from "./mach-process.ts";
import type { AskedCall } from "./observer.ts";
import type { Osf1 } from "./osf1.ts";
import { ReplyRecords } from "./records.ts";
import { type Outcome, serve } from "./serve.ts";
import { taskMemory, TRAP } from "./transfer.ts";
import type { Uthread } from "./uthread.ts";

const { GENERIC_LINUX, GENERIC_STATE, TAKE_SIGNAL, RESUME } = GENERIC;
const NATIVE_SIGRETURN = NATIVE_NUMBER.get("sigreturn")!;
/** Arguments behind (port, rval, syscode). */
const ARGUMENTS = 9;

/** server_generic(port, rval, syscode, a0 … a8, record): the results go to the two words at `rval`. */
export function* generic(osf1: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
  const [port, rval, syscode] = [entry.argument(0), entry.argument(1), entry.argument(2)];
  const args = Array.from({ length: ARGUMENTS }, (_, i) => entry.argument(3 + i));
  const brought = entry.argument(3 + ARGUMENTS);
  const trapping = thread.isTrapping;
  osf1.counts[trapping ? "genericTraps" : "genericMessages"] += 1;
  if (syscode === RESUME) return yield* resumeProgram(osf1, thread, port);
  const kind = syscode >= GENERIC_LINUX && syscode < TAKE_SIGNAL ? LINUX_KIND : NATIVE_KIND;
  return yield* serve(
    osf1,
    thread,
    port,
    {
      way: (process) => (trapping ? TRAP : new ReplyRecords(rval, brought, taskMemory(process))),
      state: args[GENERIC_STATE]!,
      // A call with new registers goes on with those, whatever its results are.
      saysInterrupts: !givesState(syscode),
      asked: () => ({ ...kind.named(syscode, args), stub: "generic" }),
      work: (call) => kind.work(osf1, call, syscode, args),
      failure: (call, error) => kind.failure(call, error),
    },
    ([first = 0, second = 0], interrupt) => {
      const results = genericResults.at(thread.server.memory, rval);
      results.rval = first;
      results.rval2 = second;
      results.interrupt = Number(interrupt);
    },
  );
}

const GIVING_STATE: readonly number[] = [
  TAKE_SIGNAL,
  NATIVE_SIGRETURN,
  GENERIC_LINUX + LINUX.execve,
  GENERIC_LINUX + LINUX.rt_sigreturn,
];
/** Whether the emulator goes on with registers that a call gives. */
const givesState = (syscode: number): boolean => GIVING_STATE.includes(syscode);

/** Calls by who makes them. */
interface Kind {
  named(syscode: number, args: readonly number[]): Pick<AskedCall, "name" | "arguments">;
  work(osf1: Osf1, call: ServerCall, syscode: number, args: readonly number[]): Blocking<Outcome>;
  failure(call: ServerCall, error: UnixError): Outcome;
}

const value = (result: number): Outcome => ({ code: 0, values: [result] });

/** Calls of Linux/hppa programs: a result, or −errno. */
const LINUX_KIND: Kind = {
  named(syscode, args) {
    const number = syscode - GENERIC_LINUX;
    const name = callNameOf(number) ?? `call ${number}`;
    return { name, arguments: args.slice(0, linuxArguments(number)) };
  },
  *work(osf1, call, syscode, args) {
    const number = syscode - GENERIC_LINUX;
    Object.assign(machProcess(call.process), { restart: false, native: false });
    if (number === LINUX.rt_sigreturn) return value(yield* sigreturnFrom(osf1, call, args[0]!));
    const result = yield* linuxCall(osf1.unix, call, number, args.slice(0, 6));
    const begins = number === LINUX.execve && result === 0;
    return value(begins ? EMULATOR_STATE.STATE_LOAD : result);
  },
  failure(call, error) {
    machProcess(call.process).restart = error instanceof Interrupted && error.restartable;
    return value(-ERRNO[error.errno]);
  },
};

/** OSF/1's own calls, and the emulator's. */
const NATIVE_KIND: Kind = {
  named(syscode, args) {
    if (syscode === TAKE_SIGNAL) return { name: "take_signal", arguments: [] };
    const call = NATIVE_CALLS.find(({ number }) => number === syscode);
    return {
      name: call?.name ?? `call ${syscode}`,
      arguments: args.slice(0, call?.arguments ?? 0),
    };
  },
  *work(osf1, call, syscode, args) {
    if (syscode === TAKE_SIGNAL) return value(yield* deliver(osf1, call));
    Object.assign(machProcess(call.process), { restart: false, native: true });
    if (syscode === NATIVE_SIGRETURN) return value(yield* sigreturn(osf1, call, args[0]!));
    return { code: 0, values: yield* nativeCall(osf1.unix, call, syscode, args) };
  },
  failure(call, error) {
    machProcess(call.process).restart = error instanceof Interrupted && error.restartable;
    return nativeFailure(error);
  },
};

/** RESUME has no answer: the thread that waits for it goes on elsewhere. */
function* resumeProgram(osf1: Osf1, thread: Uthread, port: number): Work<number> {
  const process = osf1.tasks.byPort(port);
  if (process) yield* resume(osf1, thread, process);
  return MIG_RETURN.MIG_NO_REPLY;
}
