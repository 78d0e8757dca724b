/**
 * Signals on the program's stack: the emulator asks which is to be taken and gets the registers with
 * which the handler begins; the handler returns by rt_sigreturn, for the emulator to go on with what
 * the frame says. A program that was interrupted between two instructions is gone on with by its
 * thread's state, which only another thread may set: the emulator sends a message then (RESUME).
 */
import { savedState } from "../../abi/hp700.ts";
import {
  FUNCTION_DESCRIPTOR,
  handlerRegisters,
  readSignalContext,
  signalContextAddress,
  type SignalContext,
  signalFrame,
  signalFrameAddress,
} from "../../abi/linux/signal-frame.ts";
import { ucontext } from "../../abi/linux/structures.ts";
import { EMULATOR_STATE, emulatorState } from "../../abi/osf1.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import { linuxMask, signalValues, unixMask } from "../linux/signals.ts";
import type { Blocking } from "../ufs/device.ts";
import { SIGNAL } from "../unix/constants.ts";
import { UNMASKABLE } from "../unix/signals/post.ts";
import type { Process } from "../unix/process.ts";
import { endProcess } from "../unix/process/exit.ts";
import { signalWaits } from "../unix/signals/pending.ts";
import { type Delivery, takeSignal } from "../unix/signals/take.ts";
import type { ServerCall } from "./call.ts";
import * as mach from "./mach.ts";
import { machProcess, type ThreadState } from "./mach-process.ts";
import type { Osf1 } from "./osf1.ts";
import type { MachTasks } from "./tasks.ts";
import type { Uthread } from "./uthread.ts";

const { STATE_UNCHANGED, STATE_LOAD, STATE_RESUME, STATE_ASYNCHRONOUS, STATE_FLOAT } =
  EMULATOR_STATE;
const { gr: GENERAL, fr: FLOAT } = emulatorState.offset;
/** PSW bit that every program's has: a context with it was interrupted between two instructions. */
const INTERRUPTED = 0x00040000;

/** A Linux call is a branch and its delay slot: so far back it is begun again. */
const LINUX_CALL_BYTES = 8;
/** Before those of a native call stands the address of the gateway, which a call does not keep. */
const NATIVE_CALL_BYTES = 12;

/** Answers TAKE_SIGNAL: what the emulator goes on with. */
export function* deliver(osf1: Osf1, call: ServerCall): Blocking<number> {
  const { unix } = osf1;
  const { process } = call;
  const own = machProcess(process);
  const bytes = new Uint8Array(emulatorState.size);
  yield* call.copyin(call.state, bytes);
  const state = emulatorState.at(new ArrayBytes(bytes), 0);
  const interrupted = (state.flags & STATE_ASYNCHRONOUS) === 0 ? undefined : own.interrupted;
  const callBytes = own.native ? NATIVE_CALL_BYTES : LINUX_CALL_BYTES;
  const delivery = yield* takeSignal(unix, process);
  if (delivery === "ended") return STATE_UNCHANGED;
  own.interrupted = undefined;
  if (delivery === undefined) {
    own.resumed = interrupted;
    if (interrupted !== undefined) return STATE_RESUME;
    // Nothing came of the signal: a call that it ended is begun again.
    return own.restart
      ? yield* load(call, contextOf(bytes, undefined, callBytes))
      : STATE_UNCHANGED;
  }
  const begun = own.restart && delivery.action.restart;
  // A signal that comes from now on finds a handler that begins, and no call.
  own.restart = false;
  const context = contextOf(bytes, interrupted, begun ? callBytes : 0);
  return yield* handle(osf1, call, delivery, context);
}

/** The program's handler is next; with no room for it the process ends, as by its own fault. */
function* handle(
  { unix, tasks }: Osf1,
  call: ServerCall,
  delivery: Delivery,
  context: SignalContext,
): Blocking<number> {
  try {
    yield* begin(tasks, call, delivery, context);
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
    const status = { kind: "killed", signal: SIGNAL.SIGSEGV, core: false } as const;
    yield* endProcess(unix, call.process, status);
  }
  return STATE_LOAD;
}

/** The registers at which the handler's return will go on, `back` bytes before where it is. */
function contextOf(
  bytes: Uint8Array,
  interrupted: ThreadState | undefined,
  back: number,
): SignalContext {
  const words = new DataView(bytes.buffer);
  const state = emulatorState.at(new ArrayBytes(bytes), 0);
  const registers = Array.from({ length: 32 }, (_, n) => words.getUint32(GENERAL + 4 * n));
  const hasFloats = (state.flags & STATE_FLOAT) !== 0;
  const floats = Array.from({ length: 32 }, (_, n) =>
    hasFloats ? words.getBigUint64(FLOAT + 8 * n) : 0n,
  );
  const general = (name: keyof typeof savedState.offset): number =>
    interrupted?.general[mach.field(name)] ?? 0;
  registers[0] = interrupted ? general("ipsw") | INTERRUPTED : 0;
  return {
    registers,
    floats,
    queue: {
      frontSpace: 0,
      frontOffset: interrupted ? general("iioq_head") : state.pc - back,
      backSpace: 0,
      backOffset: interrupted ? general("iioq_tail") : state.pc_back - back,
    },
    shift: state.sar,
  };
}

/** Puts the frame on the program's stack and gives the emulator the handler's registers. */
function* begin(
  tasks: MachTasks,
  call: ServerCall,
  { info, action, mask }: Delivery,
  context: SignalContext,
): Blocking<number> {
  const { alternateStack } = call.process.signals;
  const stack = {
    base: alternateStack.address,
    size: alternateStack.enabled ? alternateStack.size : 0,
  };
  const frame = signalFrameAddress(context.registers[30]!, action.onStack ? stack : undefined);
  const information = signalValues(info);
  yield* call.copyout(signalFrame({ information, mask: linuxMask(mask), stack, context }), frame);
  let entry = action.handler;
  let linkage: number | undefined;
  if ((entry & FUNCTION_DESCRIPTOR) !== 0) {
    const descriptor = new Uint8Array(8);
    yield* call.copyin((entry & ~3) >>> 0, descriptor);
    const words = new DataView(descriptor.buffer);
    [entry, linkage] = [words.getUint32(0), words.getUint32(4)];
  }
  const registers = handlerRegisters(context.registers, {
    signal: machProcess(call.process).native ? info.signal : information.si_signo!,
    frame,
    returns: tasks.emulator("linux_sigreturn"),
    ...(linkage !== undefined && { linkage }),
  });
  const queue = { ...context.queue, frontOffset: entry, backOffset: entry + 4 };
  return yield* load(call, { ...context, registers, queue });
}

/** Gives the emulator registers to go on with. */
function* load(call: ServerCall, context: SignalContext): Blocking<number> {
  const { registers, floats, queue, shift } = context;
  const bytes = new Uint8Array(emulatorState.size);
  const words = new DataView(bytes.buffer);
  registers.forEach((word, n) => words.setUint32(GENERAL + 4 * n, word));
  floats.forEach((value, n) => words.setBigUint64(FLOAT + 8 * n, value));
  const state = emulatorState.at(new ArrayBytes(bytes), 0);
  state.sar = shift;
  state.pc = queue.frontOffset;
  state.pc_back = queue.backOffset;
  state.flags = STATE_FLOAT;
  yield* call.copyout(bytes, call.state);
  return STATE_LOAD;
}

/** rt_sigreturn: `pointer` is the program's stack pointer at the call. */
export const sigreturnFrom = (osf1: Osf1, call: ServerCall, pointer: number): Blocking<number> =>
  sigreturn(osf1, call, signalContextAddress(pointer));

/**
 * sigreturn: goes on with the context at an address, as a handler's third argument is. What the handler's
 * mask kept back is taken before the program goes on.
 */
export function* sigreturn(osf1: Osf1, call: ServerCall, address: number): Blocking<number> {
  const { process } = call;
  const bytes = new Uint8Array(ucontext.size);
  yield* call.copyin(address, bytes);
  const { context, mask } = readSignalContext(bytes);
  process.signals.mask = unixMask(mask) & ~UNMASKABLE;
  const next = yield* takeSignal(osf1.unix, process);
  if (next === "ended") return STATE_UNCHANGED;
  if (next !== undefined) return yield* handle(osf1, call, next, context);
  if ((context.registers[0]! & INTERRUPTED) === 0) return yield* load(call, context);
  machProcess(process).resumed = threadStateOf(context);
  return STATE_RESUME;
}

/** The thread's state that a context is. Its task's spaces and rights the kernel knows. */
function threadStateOf({ registers, floats, queue, shift }: SignalContext): ThreadState {
  const values: Record<string, number> = {
    sar: shift,
    iioq_head: queue.frontOffset,
    iioq_tail: queue.backOffset,
    ipsw: registers[0]!,
  };
  for (let n = 1; n < 32; n++) values[`r${n}`] = registers[n]!;
  return {
    general: mach.stateWords(values),
    float: floats.flatMap((value) => [Number(value >> 32n), Number(value & 0xffffffffn)]),
  };
}

/** A signal that comes while a program is on its way back may wait so long, nanoseconds. */
const TICK = 10_000_000;

/**
 * RESUME: sets the calling thread, which waits for its reply, to where its program was. Whatever comes
 * meanwhile, the program goes on for a while, or who is signalled again and again would get nowhere.
 */
export function* resume({ unix, tasks }: Osf1, thread: Uthread, process: Process): Work<void> {
  const own = machProcess(process);
  const { thread: target, resumed } = own;
  if (resumed === undefined) return;
  own.resumed = undefined;
  if (signalWaits(process))
    unix.timers.add(unix.system.uptime() + TICK, function* () {
      if (!process.exiting && signalWaits(process)) yield* tasks.notify(process);
    });
  yield* mach.thread_suspend(thread, target);
  yield* mach.thread_abort(thread, target);
  yield* mach.thread_set_state(thread, target, mach.HP700_FLOAT_STATE, resumed.float);
  yield* mach.thread_set_state(thread, target, mach.HP700_THREAD_STATE, resumed.general);
  yield* mach.thread_resume(thread, target);
}
