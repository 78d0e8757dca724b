/**
 * Exceptions of processes, which their tasks' exception port brings to the server: a signal, or, when
 * the emulator met a wild pointer of its program's, an error of the call. The kernel waits for the
 * answer: KERN_SUCCESS lets the thread go on with the state that it has then.
 */
import { EXC_HP700 } from "../../abi/hp700.ts";
import { EXC, KERN_RETURN } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import type { Blocking } from "../ufs/device.ts";
import { SIGNAL, signalBit } from "../unix/constants.ts";
import type { Process, SignalCode, SignalInfo } from "../unix/process.ts";
import { endProcess } from "../unix/process/exit.ts";
import { actionOf, postSignal } from "../unix/signals/post.ts";
import * as mach from "./mach.ts";
import { machProcess } from "./mach-process.ts";
import { inEmulator, movedTo, threadState } from "./notify.ts";
import type { Osf1 } from "./osf1.ts";
import type { MachTasks } from "./tasks.ts";
import { drive, perform } from "./perform.ts";
import type { Uthread } from "./uthread.ts";

const { KERN_SUCCESS, KERN_MEMORY_ERROR, KERN_PROTECTION_FAILURE } = KERN_RETURN;

/** exception_raise(exception_port, thread, task, exception, code, subcode). */
export function* exceptionRaise(osf1: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
  const { tasks, threads, system } = osf1;
  const [target, task] = [entry.argument(1), entry.argument(2)];
  const [exception, code, subcode] = [entry.argument(3), entry.argument(4), entry.argument(5)];
  osf1.counts.exceptions += 1;
  yield* threads.busy(thread);
  try {
    const process = tasks.byTask(task);
    const handled = process ? handle(osf1, process, { exception, code, subcode }) : undefined;
    if (handled) yield* drive(thread, handled, system.sleepers);
    // The message brought rights to both.
    yield* mach.mach_port_deallocate(thread, tasks.ports.self, target);
    yield* mach.mach_port_deallocate(thread, tasks.ports.self, task);
    return KERN_SUCCESS;
  } finally {
    threads.idle();
  }
}

interface Raised {
  readonly exception: number;
  readonly code: number;
  readonly subcode: number;
}

function* handle(osf1: Osf1, process: Process, raised: Raised): Blocking<void> {
  const { unix, tasks } = osf1;
  const own = machProcess(process);
  const info = signalOf(raised);
  const state = yield* perform((thread) => threadState(thread, own.thread));
  if (state === undefined) return;
  const pc = (state.general[mach.field("iioq_head")]! & ~3) >>> 0;
  const recovery = recoveryOf(tasks, pc);
  if (recovery !== undefined) {
    const words = movedTo(state, tasks.emulator(recovery));
    yield* perform((thread) =>
      mach.thread_set_state(thread, own.thread, mach.HP700_THREAD_STATE, words),
    );
    return;
  }
  const blocked = (process.signals.mask & signalBit(info.signal)) !== 0n;
  const handled = typeof actionOf(process, info.signal).handler === "number";
  // A fault cannot wait, nor be ignored; and in the emulator there is no program to handle it.
  if (blocked || !handled || inEmulator(pc) || own.interrupted !== undefined)
    yield* endProcess(unix, process, {
      kind: "killed",
      signal: info.signal,
      core: false,
    });
  else yield* postSignal(unix, process, info);
}

/** Where the emulator's text goes on when it used a wild pointer of its program's at an address. */
function recoveryOf(tasks: MachTasks, pc: number): string | undefined {
  if (inEmulator(pc) && tasks.copiesForProgram(pc)) return "emulator_fault";
  // A system call there stores on the program's stack, which it must have; light-weight calls answer.
  const inLightCall = pc >= tasks.emulator("compare_and_swap") && pc < MEMORY_MAP.PAGE_SIZE;
  return inLightCall ? "light_call_fault" : undefined;
}

function signalOf({ exception, code, subcode }: Raised): SignalInfo {
  const [signal, meaning] = meaningOf(exception, code);
  return { signal, code: meaning, address: subcode };
}

function meaningOf(exception: number, code: number): readonly [number, SignalCode] {
  const {
    EXC_HP700_UNALIGNED,
    EXC_HP700_PRIVINST,
    EXC_HP700_PRIVREG,
    EXC_HP700_OVERFLOW,
    EXC_HP700_ZERO_DIVIDE,
  } = EXC_HP700;
  switch (exception) {
    case EXC.EXC_BAD_ACCESS:
      if (code === EXC_HP700_UNALIGNED) return [SIGNAL.SIGBUS, "BUS_ADRALN"];
      // Behind the end of a mapped file, or not to be read from the disk.
      if (code === KERN_MEMORY_ERROR) return [SIGNAL.SIGBUS, "BUS_ADRERR"];
      return [SIGNAL.SIGSEGV, code === KERN_PROTECTION_FAILURE ? "SEGV_ACCERR" : "SEGV_MAPERR"];
    case EXC.EXC_BAD_INSTRUCTION:
      return code === EXC_HP700_PRIVINST || code === EXC_HP700_PRIVREG
        ? [SIGNAL.SIGILL, "ILL_PRVOPC"]
        : [SIGNAL.SIGILL, "ILL_ILLOPC"];
    case EXC.EXC_ARITHMETIC:
      if (code === EXC_HP700_OVERFLOW) return [SIGNAL.SIGFPE, "FPE_INTOVF"];
      return [SIGNAL.SIGFPE, code === EXC_HP700_ZERO_DIVIDE ? "FPE_INTDIV" : "FPE_FLTINV"];
    default:
      return [SIGNAL.SIGTRAP, "TRAP_BRKPT"];
  }
}
