/**
 * The program's registers at a point where it can be left and gone on with: after a system call, or
 * at an interruption. The machine keeps them while the program runs; a copy is made only for signals.
 */
import type { SignalContext } from "../abi/linux/signal-frame.ts";
import { CR, PSW } from "../abi/pa.ts";
import type { Image } from "../asm/image.ts";
import type { Machine, Pcoq } from "../machine/machine.ts";
import { BARE } from "./layout.ts";
import { symbolOf } from "./text.ts";

/** Translation, interruptions and the queues' collection, as the program runs. */
export const USER_PSW = PSW.PSW_C | PSW.PSW_Q | PSW.PSW_P | PSW.PSW_D | PSW.PSW_I;
/** What a program may set of its PSW: nullification, overflow, carries. */
export const PSW_OF_PROGRAM = PSW.PSW_N | PSW.PSW_B | PSW.PSW_V | PSW.PSW_CB;
export const USER_LEVEL = 3;

/** General registers that an interruption keeps in shadows, in their order. */
const SHADOWED = [1, 8, 9, 16, 17, 24, 25];

export type Context = SignalContext;

/** Addresses of the program: its level in the low bits, its space. */
export function queueAt(address: number): Pcoq {
  const front = ((address & ~3) | USER_LEVEL) >>> 0;
  const space = BARE.BARE_SPACE;
  return {
    frontSpace: space,
    frontOffset: front,
    backSpace: space,
    backOffset: (front + 4) >>> 0,
  };
}

function registersOf(machine: Machine, psw: number): number[] {
  return Array.from({ length: 32 }, (_, n) => (n === 0 ? psw : machine.gr(n)));
}

function floatsOf(machine: Machine): bigint[] {
  return Array.from({ length: 32 }, (_, n) => machine.fr(n));
}

/** At a system call: the program goes on where r31 says. */
export function contextAtCall(machine: Machine): Context {
  return {
    registers: registersOf(machine, machine.psw),
    floats: floatsOf(machine),
    queue: queueAt(machine.gr(31)),
    shift: machine.cr(CR.CR_SAR),
  };
}

/** At an interruption, whatever its handler did to the shadowed registers. */
export function contextAtInterruption(machine: Machine): Context {
  const registers = registersOf(machine, machine.cr(CR.CR_IPSW));
  for (const [slot, number] of SHADOWED.entries()) registers[number] = machine.shadow(slot);
  return {
    registers,
    floats: floatsOf(machine),
    queue: machine.interruptionQueue,
    shift: machine.cr(CR.CR_SAR),
  };
}

/** After `resumeWith`: what the program will go on with. */
export function contextToReturnTo(machine: Machine): Context {
  return {
    registers: registersOf(machine, machine.cr(CR.CR_IPSW)),
    floats: floatsOf(machine),
    queue: machine.interruptionQueue,
    shift: machine.cr(CR.CR_SAR),
  };
}

/** Makes the program go on with other registers. Nothing of them can raise its privilege. */
export function resumeWith(
  machine: Machine,
  text: Image,
  { registers, floats, queue, shift }: Context,
): void {
  for (let n = 1; n < 32; n++) machine.setGr(n, registers[n]!);
  for (const [n, bits] of floats.entries()) machine.setFr(n, bits);
  machine.setCr(CR.CR_SAR, shift & 31);
  const { frontOffset, backOffset } = queue;
  const space = BARE.BARE_SPACE;
  machine.setInterruptionQueue({
    frontSpace: space,
    frontOffset: (frontOffset | USER_LEVEL) >>> 0,
    backSpace: space,
    backOffset: (backOffset | USER_LEVEL) >>> 0,
  });
  machine.setCr(CR.CR_IPSW, ((registers[0]! & PSW_OF_PROGRAM) | USER_PSW) >>> 0);
  leave(machine, text, "return_to_context");
}

/** Goes on in the text under the program, in real mode, where an interruption is returned from. */
export function leave(
  machine: Machine,
  text: Image,
  symbol: "return_to_context" | "return_to_interrupted",
): void {
  machine.psw = 0;
  machine.jump(0, symbolOf(text, symbol));
}
