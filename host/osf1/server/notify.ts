/**
 * Signals for a process that is not in the server: its thread is stopped where it is. In its program it
 * is sent to the emulator, to ask for the signal; in the emulator, it is about to call the server or
 * comes from there, and is told by `emulator_info`, which it looks at last. (LITES does both.)
 */
import { EMULATOR } from "../../abi/osf1.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Work } from "../../mach/interface.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Process } from "../unix/process.ts";
import { signalWaits } from "../unix/signals/pending.ts";
import * as mach from "./mach.ts";
import { livingProcess, machProcess, type ThreadState } from "./mach-process.ts";
import { perform } from "./perform.ts";
import type { MachTasks } from "./tasks.ts";
import type { Uthread } from "./uthread.ts";

const { EMULATOR_BASE, EMULATOR_END } = EMULATOR;
const { GATEWAY, PAGE_SIZE } = MEMORY_MAP;

/** Ways out of the emulator behind the look at `emulator_info`: a thread there looks again. */
const WAYS_OUT = [
  ["native_leave", "native_leave_end"],
  ["linux_leave", "linux_leave_end"],
  ["state_leave", "state_leave_end"],
] as const;

/** Whether a thread at an address is in the emulator, or on its way to the kernel or from there. */
export const inEmulator = (address: number): boolean =>
  (address >= EMULATOR_BASE && address < EMULATOR_END) ||
  address < PAGE_SIZE ||
  (address >= GATEWAY && address < GATEWAY + PAGE_SIZE);

/** Makes a process look at its signals soon. */
export function* notify(tasks: MachTasks, process: Process): Blocking<void> {
  // One that is being made looks before it begins.
  const own = livingProcess(process);
  // In a call: signals are looked at when that is over.
  if (!own || own.calls > 0 || own.interrupted !== undefined) return;
  const { thread: target } = own;
  yield* perform(function* (thread): Work<void> {
    if ((yield* mach.thread_suspend(thread, target)) !== 0) return;
    yield* mach.thread_abort(thread, target);
    const state = yield* threadState(thread, target);
    if (state !== undefined) yield* redirect(thread, tasks, process, state);
    yield* mach.thread_resume(thread, target);
  });
}

/** The defect "stop-at-once": a process in a call is stopped where it is … */
export function* halt(process: Process): Blocking<void> {
  const own = livingProcess(process);
  if (!own || own.calls === 0 || own.isHalted) return;
  own.isHalted = true;
  yield* perform((thread) => mach.thread_suspend(thread, own.thread));
}

/** … until it is continued or killed. */
export function* goOn(process: Process): Blocking<void> {
  const own = livingProcess(process);
  if (!own?.isHalted) return;
  own.isHalted = false;
  yield* perform((thread) => mach.thread_resume(thread, own.thread));
}

function* redirect(
  thread: Uthread,
  tasks: MachTasks,
  process: Process,
  state: ThreadState,
): Work<void> {
  const own = machProcess(process);
  const pc = (state.general[mach.field("iioq_head")]! & ~3) >>> 0;
  const goTo = (address: number): Work<number> =>
    mach.thread_set_state(thread, own.thread, mach.HP700_THREAD_STATE, movedTo(state, address));
  if (!inEmulator(pc)) {
    own.interrupted = state;
    yield* goTo(tasks.emulator("emulator_signal"));
    return;
  }
  own.told = signalWaits(process);
  yield* tasks.information.tell(thread, process);
  for (const [from, to] of WAYS_OUT)
    if (pc > tasks.emulator(from) && pc < tasks.emulator(to)) yield* goTo(tasks.emulator(from));
}

export function movedTo({ general }: ThreadState, address: number): number[] {
  const words = [...general];
  words[mach.field("iioq_head")] = address;
  words[mach.field("iioq_tail")] = address + 4;
  return words;
}

/** A suspended thread's registers; undefined when it is gone. */
export function* threadState(thread: Uthread, target: number): Work<ThreadState | undefined> {
  const general = yield* mach.thread_get_state(thread, target, mach.HP700_THREAD_STATE, 128);
  const float = yield* mach.thread_get_state(thread, target, mach.HP700_FLOAT_STATE, 64);
  if (!("value" in general) || !("value" in float)) return undefined;
  return { general: general.value, float: float.value };
}
