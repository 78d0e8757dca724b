/**
 * Into a signal handler and back: Linux/hppa's `rt_sigframe` on the program's stack, which grows up.
 *
 *     frame + 0    four instructions that call rt_sigreturn: the handler's return address, when the page
 *                  may be executed
 *     frame + 16   siginfo, 128 bytes
 *     frame + 144  ucontext: registers, mask
 *     frame + size the handler's stack pointer, above room for its caller's frame marker
 *
 * Only bytes and registers: who has the program's memory and thread writes and reads them.
 */
import { pack, unpack } from "./bytes.ts";
import { SIGNAL_STACK } from "./signals.ts";
import { siginfo, ucontext } from "./structures.ts";

/** The program's registers at a point where it can be left and gone on with. */
export interface SignalContext {
  /** By number; 0 has the PSW. */
  readonly registers: readonly number[];
  /** Floating-point registers, 64 bits each. */
  readonly floats: readonly bigint[];
  /** Instruction address queue, level in the low bits. */
  readonly queue: {
    readonly frontSpace: number;
    readonly frontOffset: number;
    readonly backSpace: number;
    readonly backOffset: number;
  };
  /** The shift amount register. */
  readonly shift: number;
}

/** What a handler is told: fields of `siginfo` by their names. */
export type SignalValues = { readonly [K in keyof typeof siginfo.fields]?: number };

/** sigaltstack's; size 0 is none. */
export interface SignalStack {
  readonly base: number;
  readonly size: number;
}

export const TRAMPOLINE_BYTES = 16;
export const SIGNAL_CONTEXT_AT = TRAMPOLINE_BYTES + siginfo.size;
/** Room for the frame marker and arguments of the handler's caller, and whole 64 bytes. */
export const SIGNAL_FRAME_BYTES = Math.ceil((SIGNAL_CONTEXT_AT + ucontext.size + 48) / 64) * 64;

/** `ldi IN_SYSCALL,%r25 ! ldi 173,%r20 ! ble 0x100(%sr2,%r0) ! nop` */
const TRAMPOLINE = [0x34190000, 0x3414015a, 0xe4008200, 0x08000240];

/** What a handler returns to: rt_sigreturn. */
export function signalTrampoline(): Uint8Array {
  const bytes = new Uint8Array(TRAMPOLINE_BYTES);
  for (const [i, word] of TRAMPOLINE.entries()) new DataView(bytes.buffer).setUint32(4 * i, word);
  return bytes;
}

/**
 * A function pointer with this bit is the address of a descriptor, its other bits cleared: two words, the
 * entry, and the value of r19.
 */
export const FUNCTION_DESCRIPTOR = 2;

/** Whether a stack pointer is on the alternate stack. */
export function onSignalStack({ base, size }: SignalStack, pointer: number): boolean {
  return size > 0 && pointer >= base && pointer < base + size;
}

/** `ss_flags` of it. */
export function signalStackFlags(stack: SignalStack, pointer: number): number {
  if (stack.size === 0) return SIGNAL_STACK.SS_DISABLE;
  return onSignalStack(stack, pointer) ? SIGNAL_STACK.SS_ONSTACK : 0;
}

/** Where the frame goes; `alternate` when the action asks for that stack (SA_ONSTACK). */
export function signalFrameAddress(pointer: number, alternate: SignalStack | undefined): number {
  const switches =
    alternate !== undefined && alternate.size > 0 && !onSignalStack(alternate, pointer);
  return Math.ceil((switches ? alternate.base : pointer) / 64) * 64;
}

/** The bytes of a frame. `mask`: what is put back at the return. */
export function signalFrame(given: {
  readonly information: SignalValues;
  readonly mask: bigint;
  readonly stack: SignalStack;
  readonly context: SignalContext;
}): Uint8Array {
  const { information, mask, stack, context } = given;
  const { registers, floats, queue, shift } = context;
  const bytes = new Uint8Array(SIGNAL_CONTEXT_AT + ucontext.size);
  const view = new DataView(bytes.buffer);
  bytes.set(signalTrampoline());
  bytes.set(pack(siginfo, information), TRAMPOLINE_BYTES);
  bytes.set(
    pack(ucontext, {
      ss_sp: stack.base,
      ss_flags: signalStackFlags(stack, registers[30]!),
      ss_size: stack.size,
      sc_iasq: queue.frontSpace,
      sc_iasq_back: queue.backSpace,
      sc_iaoq: queue.frontOffset,
      sc_iaoq_back: queue.backOffset,
      sc_sar: shift,
      uc_sigmask: Number(mask & 0xffffffffn),
      uc_sigmask_high: Number(mask >> 32n),
    }),
    SIGNAL_CONTEXT_AT,
  );
  const { sc_gr, sc_fr } = ucontext.offset;
  for (let n = 0; n < 32; n++) view.setUint32(SIGNAL_CONTEXT_AT + sc_gr + 4 * n, registers[n]!);
  for (let n = 0; n < 32; n++) view.setBigUint64(SIGNAL_CONTEXT_AT + sc_fr + 8 * n, floats[n]!);
  return bytes;
}

/** The general registers with which a handler begins; r2 is where it returns to. */
export function handlerRegisters(
  registers: readonly number[],
  given: {
    readonly signal: number;
    readonly frame: number;
    readonly returns: number;
    /** r19 of a handler with a descriptor. */
    readonly linkage?: number;
  },
): number[] {
  const changed = [...registers];
  changed[0] = 0;
  changed[2] = given.returns;
  if (given.linkage !== undefined) changed[19] = given.linkage;
  changed[26] = given.signal;
  changed[25] = given.frame + TRAMPOLINE_BYTES;
  changed[24] = given.frame + SIGNAL_CONTEXT_AT;
  changed[30] = given.frame + SIGNAL_FRAME_BYTES;
  return changed;
}

/** rt_sigreturn: where the `ucontext` of the frame is, from the stack pointer at the call. */
export function signalContextAddress(pointer: number): number {
  return pointer - SIGNAL_FRAME_BYTES + SIGNAL_CONTEXT_AT;
}

/** What a program goes on with: its `ucontext`, as it left it. Spaces are whatever stands there. */
export function readSignalContext(bytes: Uint8Array): {
  readonly context: SignalContext;
  readonly mask: bigint;
} {
  const saved = unpack(ucontext, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { sc_gr, sc_fr } = ucontext.offset;
  return {
    context: {
      registers: Array.from({ length: 32 }, (_, n) => view.getUint32(sc_gr + 4 * n)),
      floats: Array.from({ length: 32 }, (_, n) => view.getBigUint64(sc_fr + 8 * n)),
      queue: {
        frontSpace: saved.sc_iasq,
        frontOffset: saved.sc_iaoq,
        backSpace: saved.sc_iasq_back,
        backOffset: saved.sc_iaoq_back,
      },
      shift: saved.sc_sar,
    },
    mask: BigInt(saved.uc_sigmask) | (BigInt(saved.uc_sigmask_high) << 32n),
  };
}
