/**
 * One call of a process, from its arrival in the server to its results: whose it is, the uthread made
 * out for it, its work, the signals that have come meanwhile. The same for traps and messages.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Process } from "../unix/process.ts";
import { signalWaits } from "../unix/signals/pending.ts";
import { ServerCall } from "./call.ts";
import { machProcess } from "./mach-process.ts";
import type { AskedCall } from "./observer.ts";
import type { Osf1 } from "./osf1.ts";
import { drive } from "./perform.ts";
import type { Way } from "./transfer.ts";
import type { Uthread } from "./uthread.ts";

/** What a call comes to: its code, 0 for success, and its one or two values. */
export interface Outcome {
  readonly code: number;
  readonly values: readonly number[];
}

export interface Service {
  /** What is asked for, for whoever observes. */
  asked(): AskedCall;
  /** Which way the caller's bytes go. */
  way(process: Process): Way;
  /** Address of the program's registers, or 0. */
  readonly state: number;
  work(call: ServerCall): Blocking<Outcome>;
  /** Whether its results can tell the emulator that a signal is to be taken. */
  readonly saysInterrupts?: boolean;
  /** What an error comes to in the caller's binary interface. */
  failure(call: ServerCall, error: UnixError): Outcome;
}

/**
 * Serves a call that came by the request port `port`.
 * @param results takes its values; not called when the process has ended
 * @returns the call's code
 */
export function* serve(
  osf1: Osf1,
  thread: Uthread,
  port: number,
  service: Service,
  results: (values: readonly number[], interrupt: boolean) => void,
): Work<number> {
  const { memory, tasks, threads, system } = osf1;
  const { state } = service;
  const process = tasks.byPort(port);
  if (process === undefined) return KERN_RETURN.KERN_INVALID_ARGUMENT;
  const own = machProcess(process);
  const trapping = thread.isTrapping;
  if (!trapping) yield* threads.busy(thread);
  if (osf1.beforeCall) yield* osf1.beforeCall(thread);
  own.calls += 1;
  // What a uthread says of a process is valid during its call only (paper, footnote 8).
  if (thread.words.uu_pid !== 0) panic(`serve: the uthread is in a call of ${thread.words.uu_pid}`);
  osf1.observer?.enters(process.pid, service.asked(), trapping);
  thread.words.uu_pid = process.pid;
  try {
    const way = service.way(process);
    const call = new ServerCall({ process, memory, state, way }, (address, string) =>
      osf1.observer?.reads(process.pid, address, string),
    );
    const outcome = yield* drive(thread, attempt(osf1, call, service), system.sleepers);
    osf1.observer?.leaves(process.pid, outcome.values);
    if (process.exiting) return outcome.code;
    // That a signal waits the results can say; that none does any more, the page alone.
    const canSay = service.saysInterrupts ?? false;
    while (signalWaits(process) !== own.told && !(canSay && !own.told)) {
      own.told = signalWaits(process);
      yield* tasks.information.tell(thread, process);
    }
    results(outcome.values, signalWaits(process));
    return outcome.code;
  } finally {
    own.calls -= 1;
    thread.words.uu_pid = 0;
    if (!trapping) threads.idle();
  }
}

/** What a call fails with is its outcome. */
function* attempt(osf1: Osf1, call: ServerCall, service: Service): Blocking<Outcome> {
  try {
    yield* call.charge("call");
    return yield* service.work(call);
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
    osf1.observer?.fails(call.process.pid, error.errno);
    return service.failure(call, error);
  }
}
