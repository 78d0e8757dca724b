/**
 * Arithmetic on the sizes of varying arrays inside stubs: counts, bytes, message sizes.
 *
 * A C count is in elements of the C type. The descriptor's number is in elements of the message
 * type, `multiplier` for each of those. In the body the data takes its bytes rounded up to 4.
 */
import type { Code, Label } from "./code.ts";
import { FLAG_BIT, type Message, itemAt } from "./descriptor.ts";
import type { RoutineArgument } from "./routine.ts";

/** Bytes of one C element of a varying array. */
export function elementBytes({ type }: RoutineArgument): number {
  return type.element!.typeSize;
}

/** Message-type elements in one C element. */
export function multiplier({ type }: RoutineArgument): number {
  return type.element!.number;
}

/** Most C elements. */
export function mostElements({ type }: RoutineArgument): number {
  return Math.floor(type.number / type.element!.number);
}

/** Bytes of the body that the array takes at its largest. */
export function largestBody({ type }: RoutineArgument): number {
  return type.typeSize + type.padSize;
}

/** `register *= factor`, through shifts and adds; `scratch` is destroyed unless the factor is 2ⁿ. */
export function multiply(code: Code, register: string, factor: number, scratch: string): void {
  if (factor === 1) return;
  const bits = factor.toString(2);
  if (/^10*$/.test(bits)) return shiftLeft(code, register, bits.length - 1);
  code.move(scratch, register);
  for (const bit of bits.slice(1))
    if (bit === "1")
      code.emit("sh1add", `${register},${scratch},${register}`, [register, scratch], [register]);
    else shiftLeft(code, register, 1);
}

function shiftLeft(code: Code, register: string, by: number): void {
  const operands = `${register},${31 - by},${32 - by},${register}`;
  code.emit("zdep", operands, [register], [register]);
}

/** `register = (register + 3) & ~3`. */
export function roundToWord(code: Code, register: string): void {
  code.emit("ldo", `3(${register}),${register}`, [register], [register]);
  code.emit("depi", `0,31,2,${register}`, [register], [register]);
}

/** Puts the number of elements into the descriptor at `offset`, which has been stored before. */
export function storeNumber(
  code: Code,
  message: Message,
  offset: number,
  argument: RoutineArgument,
  number: string,
  scratch: string,
): void {
  if (argument.longForm) {
    code.store("stw", number, message.base, offset + 8, message.area, undefined);
    return;
  }
  code.load("ldw", scratch, message.base, offset, message.area, undefined);
  code.emit("dep", `${number},27,12,${scratch}`, [number, scratch], [scratch], "msgt_number");
  code.store("stw", scratch, message.base, offset, message.area, undefined);
}

/** The number of elements that a received descriptor gives. */
export function loadNumber(
  code: Code,
  message: Message,
  offset: number,
  argument: RoutineArgument,
  register: string,
): void {
  const at = argument.longForm ? offset + 8 : offset;
  code.load("ldw", register, message.base, at, message.area, undefined);
  if (!argument.longForm)
    code.emit("extru", `${register},27,12,${register}`, [register], [register], "msgt_number");
}

/** Bytes in the body for a number of message elements in `register`. */
export function bodyBytes(
  code: Code,
  argument: RoutineArgument,
  register: string,
  scratch: string,
): void {
  const { element } = argument.type;
  multiply(code, register, element!.typeSize / element!.number, scratch);
  if (element!.typeSize % 4 !== 0) roundToWord(code, register);
}

/** Goes to `bad` if the number of message elements of an item inline is more than there can be. */
export function limitNumber(
  code: Code,
  message: Message,
  offset: number,
  argument: RoutineArgument,
  register: string,
  bad: Label,
): void {
  const outOfLine = code.newLabel();
  if (argument.indefinite) {
    code.load("ldw", "%r20", message.base, offset, message.area, itemAt(message, offset));
    code.branch("bb,>=,n", `%r20,${FLAG_BIT.inLine}`, ["%r20"], outOfLine);
  }
  code.constant("%r21", argument.type.number);
  code.branch("comb,<<,n", `%r21,${register}`, ["%r21", register], bad);
  code.place(outOfLine);
}

/** `register = 4` if the indefinite array whose descriptor is at `offset` is out of line; uses r20. */
export function pointerIfOutOfLine(
  code: Code,
  message: Message,
  offset: number,
  register: string,
): void {
  code.load("ldw", "%r20", message.base, offset, message.area, itemAt(message, offset));
  code.raw("extru,<>", `%r20,${FLAG_BIT.inLine},1,%r0`, "msgt_inline");
  code.raw("ldi", `4,${register}`);
}

/** `register /= multiplier`: message elements to C elements, in time linear in the result. */
export function divide(code: Code, register: string, by: number, scratch: string): void {
  if (by === 1) return;
  const bits = by.toString(2);
  if (/^10*$/.test(bits)) {
    const shift = bits.length - 1;
    const operands = `${register},${31 - shift},${32 - shift},${register}`;
    code.emit("extru", operands, [register], [register]);
    return;
  }
  const loop = code.newLabel();
  const done = code.newLabel();
  code.move(scratch, register);
  code.constant("%r1", by);
  code.constant(register, 0);
  code.place(loop);
  code.branch("comb,<<,n", `${scratch},%r1`, [scratch, "%r1"], done);
  code.raw("sub", `${scratch},%r1,${scratch}`);
  code.rawJump("b", "", loop);
  code.raw("ldo", `1(${register}),${register}`, "", true);
  code.place(done);
}
