/**
 * The stack frame of a stub: callee-saved registers, locals, and room for outgoing arguments.
 *
 *     old sp + 0        r3, r4, … as many as are used
 *              …        locals (messages, copies of arguments), 8-byte aligned
 *     new sp − 48 − 4n  argument words beyond the fourth, then homes of the first four
 *     new sp − 32       frame marker; the caller's return address is at its own sp − 20
 */
import type { Code } from "./code.ts";

const MARKER = 32;
const FIRST_SAVED = 3;
const RETURN_POINTER = -20;

export interface FrameShape {
  /** Callee-saved registers used, from r3 on. */
  readonly saved: number;
  /** Bytes of locals. */
  readonly locals: number;
  /** Most argument words of any call that is made; at least 4. */
  readonly outgoing: number;
}

export class Frame {
  readonly size: number;
  /** Offset of the locals from sp while the frame is open. */
  readonly locals: number;
  private readonly saved: number;

  constructor({ saved, locals, outgoing }: FrameShape) {
    const below = round(saved * 4, 8);
    const above = MARKER + 4 * Math.max(outgoing, 4);
    this.saved = saved;
    this.size = round(below + round(locals, 8) + above, 64);
    this.locals = below - this.size;
  }

  /** Opens the frame: saves the return pointer and the registers. */
  enter(code: Code): void {
    this.access(code, "stw", "%r2", RETURN_POINTER, true);
    if (this.saved > 0 && this.size <= 8191)
      code.emit("stwm", `%r3,${this.size}(%r30)`, ["%r3", "%r30"], ["%r30"], "", {
        kind: "store",
        area: "frame",
        at: 0,
        size: 4,
      });
    else {
      code.address("%r30", "%r30", this.size);
      if (this.saved > 0) this.access(code, "stw", "%r3", 0);
    }
    for (let i = 1; i < this.saved; i++) this.access(code, "stw", savedRegister(i), 4 * i);
  }

  /** Closes the frame and returns; the result is in r28. */
  leave(code: Code): void {
    const near = this.size <= 8191;
    this.access(code, "ldw", "%r2", RETURN_POINTER);
    for (let i = 1; i < this.saved; i++) this.access(code, "ldw", savedRegister(i), 4 * i);
    if (!near && this.saved > 0) this.access(code, "ldw", "%r3", 0);
    if (!near) code.emit("addil", `L%${-this.size},%r30`, ["%r30"], ["%r1"]);
    code.raw("bv", "%r0(%r2)");
    if (!near) code.raw("ldo", `R%${-this.size}(%r1),%r30`, "", true);
    else if (this.saved > 0) code.raw("ldwm", `${-this.size}(%r30),%r3`, "", true);
    else code.raw("ldo", `${-this.size}(%r30),%r30`, "", true);
  }

  /** Loads or stores at an offset from the sp that the caller had. */
  access(code: Code, opcode: "ldw" | "stw", register: string, at: number, early = false): void {
    const offset = early ? at : at - this.size;
    if (opcode === "ldw") code.load(opcode, register, "%r30", offset, "frame", at);
    else code.store(opcode, register, "%r30", offset, "frame", at);
  }
}

/** The i-th callee-saved register, from 0. */
export function savedRegister(i: number): string {
  return `%r${FIRST_SAVED + i}`;
}

export function round(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
