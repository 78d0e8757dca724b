/**
 * Into a signal handler and back: Linux/hppa's `rt_sigframe` on the program's stack, which grows up.
 *
 *     frame + 0    four instructions that call rt_sigreturn: the handler's return address, unless the
 *                  page may not be executed; then it is BARE_SIGRETURN, where the same stand
 *     frame + 16   siginfo, 128 bytes
 *     frame + 144  ucontext: registers, mask
 *     frame + size the handler's stack pointer, above room for its caller's frame marker
 */
import type { Image } from "../asm/image.ts";
import type { Machine } from "../machine/machine.ts";
import type { AddressSpace } from "./address-space.ts";
import { type Context, queueAt, resumeWith } from "./context.ts";
import { BARE } from "./layout.ts";
import { SIGNAL_ACTION } from "./linux/constants.ts";
import { pack, siginfo, ucontext, unpack } from "./linux/structures.ts";
import { bitOf, type Action, type SignalInformation, type Signals } from "./signals.ts";

/** What a frame is built with. */
export interface SignalTarget {
  readonly machine: Machine;
  readonly text: Image;
  readonly memory: AddressSpace;
  readonly signals: Signals;
}

const TRAMPOLINE_BYTES = 16;
const CONTEXT_AT = TRAMPOLINE_BYTES + siginfo.size;
/** Room for the frame marker and arguments of the handler's caller, and whole 64 bytes. */
const FRAME_BYTES = Math.ceil((CONTEXT_AT + ucontext.size + 48) / 64) * 64;

/** `ldi IN_SYSCALL,%r25 ! ldi 173,%r20 ! ble 0x100(%sr2,%r0) ! nop` */
const TRAMPOLINE = [0x34190000, 0x3414015a, 0xe4008200, 0x08000240];

/** The trampoline as a page of its own, for stacks that are only data. */
export function sigreturnPage(): Uint8Array {
  const bytes = new Uint8Array(TRAMPOLINE_BYTES);
  for (const [i, word] of TRAMPOLINE.entries()) new DataView(bytes.buffer).setUint32(4 * i, word);
  return bytes;
}

/** A function pointer with this bit is the address of a descriptor: entry, and the value of r19. */
const DESCRIPTOR = 2;

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
  const frame = frameAddress(signals, action, context.registers[30]!);
  const registers = [...context.registers];
  let entry = action.handler;
  if (entry & DESCRIPTOR) {
    const descriptor = memory.copyin((entry & ~3) >>> 0, 8);
    if (descriptor === undefined) return false;
    const view = new DataView(descriptor.buffer);
    entry = view.getUint32(0);
    registers[19] = view.getUint32(4);
  }
  const bytes = frameBytes(signals, information, context);
  if (frame + FRAME_BYTES > 2 ** 32 || !memory.copyout(frame, bytes)) return false;
  registers[0] = 0;
  const executable = memory.usable(frame, TRAMPOLINE_BYTES, "execute") === TRAMPOLINE_BYTES;
  registers[2] = executable ? frame : BARE.BARE_SIGRETURN;
  registers[26] = information.signal;
  registers[25] = frame + TRAMPOLINE_BYTES;
  registers[24] = frame + CONTEXT_AT;
  registers[30] = frame + FRAME_BYTES;
  resumeWith(machine, text, { ...context, registers, queue: queueAt(entry) });
  if (action.flags & SIGNAL_ACTION.SA_RESETHAND) signals.reset(information.signal);
  signals.maskToRestore = undefined;
  const own = action.flags & SIGNAL_ACTION.SA_NODEFER ? 0n : bitOf(information.signal);
  signals.blocked |= action.mask | own;
  return true;
}

/** Whether a stack pointer is on the alternate stack. */
export function onAlternate({ alternate: { base, size } }: Signals, pointer: number): boolean {
  return size > 0 && pointer >= base && pointer < base + size;
}

function frameAddress(signals: Signals, action: Action, pointer: number): number {
  const { base, size } = signals.alternate;
  const switches =
    action.flags & SIGNAL_ACTION.SA_ONSTACK && size > 0 && !onAlternate(signals, pointer);
  const from = switches ? base : pointer;
  return Math.ceil(from / 64) * 64;
}

function frameBytes(
  signals: Signals,
  { signal, code, first, second, value }: SignalInformation,
  { registers, floats, queue, shift }: Context,
): Uint8Array {
  const bytes = new Uint8Array(CONTEXT_AT + ucontext.size);
  const view = new DataView(bytes.buffer);
  bytes.set(sigreturnPage());
  bytes.set(
    pack(siginfo, {
      si_signo: signal,
      si_code: code,
      si_pid: first,
      si_uid: second,
      si_value: value,
    }),
    TRAMPOLINE_BYTES,
  );
  const mask = signals.maskToRestore ?? signals.blocked;
  const { base, size } = signals.alternate;
  bytes.set(
    pack(ucontext, {
      ss_sp: base,
      ss_flags: size === 0 ? SS_DISABLE : Number(onAlternate(signals, registers[30]!)),
      ss_size: size,
      sc_iasq: queue.frontSpace,
      sc_iasq_back: queue.backSpace,
      sc_iaoq: queue.frontOffset,
      sc_iaoq_back: queue.backOffset,
      sc_sar: shift,
      ...maskWords(mask),
    }),
    CONTEXT_AT,
  );
  for (let n = 0; n < 32; n++)
    view.setUint32(CONTEXT_AT + ucontext.offset.sc_gr + 4 * n, registers[n]!);
  for (let n = 0; n < 32; n++)
    view.setBigUint64(CONTEXT_AT + ucontext.offset.sc_fr + 8 * n, floats[n]!);
  return bytes;
}

/** `ss_flags` of no alternate stack. */
export const SS_DISABLE = 2;

function maskWords(mask: bigint): { uc_sigmask: number; uc_sigmask_high: number } {
  return {
    uc_sigmask: Number(mask & 0xffffffffn),
    uc_sigmask_high: Number(mask >> 32n),
  };
}

/**
 * rt_sigreturn: goes on with what the frame below the stack pointer has.
 * Returns false when it cannot be read.
 */
export function leaveHandler({ machine, text, memory, signals }: SignalTarget): boolean {
  const frame = machine.gr(30) - FRAME_BYTES;
  const bytes = memory.copyin(frame + CONTEXT_AT, ucontext.size);
  if (frame < 0 || bytes === undefined) return false;
  const saved = unpack(ucontext, bytes);
  const view = new DataView(bytes.buffer);
  const registers = Array.from({ length: 32 }, (_, n) =>
    view.getUint32(ucontext.offset.sc_gr + 4 * n),
  );
  const floats = Array.from({ length: 32 }, (_, n) =>
    view.getBigUint64(ucontext.offset.sc_fr + 8 * n),
  );
  const { frontSpace, backSpace } = queueAt(0);
  signals.blocked = BigInt(saved.uc_sigmask) | (BigInt(saved.uc_sigmask_high) << 32n);
  resumeWith(machine, text, {
    registers,
    floats,
    queue: {
      frontSpace,
      frontOffset: saved.sc_iaoq,
      backSpace,
      backOffset: saved.sc_iaoq_back,
    },
    shift: saved.sc_sar,
  });
  return true;
}
