/**
 * Into a signal handler of a bare program and back: the frame (host/abi/linux/signal-frame.ts) in its
 * memory, its registers in the machine. Where the stack may not be executed, handlers return to
 * BARE_SIGRETURN, where the frame's trampoline stands too.
 */
import {
  FUNCTION_DESCRIPTOR,
  handlerRegisters,
  readSignalContext,
  SIGNAL_FRAME_BYTES,
  signalContextAddress,
  signalFrame,
  signalFrameAddress,
  TRAMPOLINE_BYTES,
} from "../abi/linux/signal-frame.ts";
import { SIGNAL_ACTION } from "../abi/linux/signals.ts";
import { ucontext } from "../abi/linux/structures.ts";
import type { Image } from "../asm/image.ts";
import type { Machine } from "../machine/machine.ts";
import type { AddressSpace } from "./address-space.ts";
import { type Context, queueAt, resumeWith } from "./context.ts";
import { BARE } from "./layout.ts";
import { bitOf, type Action, type SignalInformation, type Signals } from "./signals.ts";

/** What a frame is built with. */
export interface SignalTarget {
  readonly machine: Machine;
  readonly text: Image;
  readonly memory: AddressSpace;
  readonly signals: Signals;
}

/**
 * Makes the program run the handler of a signal, to return to `context`.
 * Returns false, and changes nothing but memory, when the stack has no room for the frame.
 */
export function enterHandler(
  target: SignalTarget,
  information: SignalInformation,
  action: Action,
  context: Context,
): boolean {
  const { machine, text, memory, signals } = target;
  const { signal } = information;
  const alternate = action.flags & SIGNAL_ACTION.SA_ONSTACK ? signals.alternate : undefined;
  const frame = signalFrameAddress(context.registers[30]!, alternate);
  let entry = action.handler;
  let linkage: number | undefined;
  if (entry & FUNCTION_DESCRIPTOR) {
    const descriptor = memory.copyin((entry & ~3) >>> 0, 8);
    if (descriptor === undefined) return false;
    const view = new DataView(descriptor.buffer);
    entry = view.getUint32(0);
    linkage = view.getUint32(4);
  }
  const bytes = signalFrame({
    information: {
      si_signo: signal,
      si_code: information.code,
      si_pid: information.first,
      si_uid: information.second,
      si_value: information.value,
    },
    mask: signals.maskToRestore ?? signals.blocked,
    stack: signals.alternate,
    context,
  });
  if (frame + SIGNAL_FRAME_BYTES > 2 ** 32 || !memory.copyout(frame, bytes)) return false;
  const executable = memory.usable(frame, TRAMPOLINE_BYTES, "execute") === TRAMPOLINE_BYTES;
  const registers = handlerRegisters(context.registers, {
    signal,
    frame,
    returns: executable ? frame : BARE.BARE_SIGRETURN,
    ...(linkage !== undefined && { linkage }),
  });
  resumeWith(machine, text, { ...context, registers, queue: queueAt(entry) });
  if (action.flags & SIGNAL_ACTION.SA_RESETHAND) signals.reset(signal);
  signals.maskToRestore = undefined;
  const own = action.flags & SIGNAL_ACTION.SA_NODEFER ? 0n : bitOf(signal);
  signals.blocked |= action.mask | own;
  return true;
}

/**
 * rt_sigreturn: goes on with what the frame below the stack pointer has.
 * Returns false when it cannot be read.
 */
export function leaveHandler({ machine, text, memory, signals }: SignalTarget): boolean {
  const address = signalContextAddress(machine.gr(30));
  const bytes = address < 0 ? undefined : memory.copyin(address, ucontext.size);
  if (bytes === undefined) return false;
  const { context, mask } = readSignalContext(bytes);
  signals.blocked = mask;
  resumeWith(machine, text, context);
  return true;
}
