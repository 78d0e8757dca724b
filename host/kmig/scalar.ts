/**
 * Values that C passes in registers: how they are loaded and stored.
 *
 * A structure of 3, 5, 6 or 7 bytes is passed like an integer of as many bytes: right-justified in a
 * word, or in a pair of words of which the second is the high one. Floating-point values travel
 * in floating-point registers as long as their words are among the first four.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import type { Code } from "./code.ts";
import { type Message, itemAt } from "./descriptor.ts";
import type { IpcType } from "./ipc-type.ts";

export interface ScalarAccess {
  readonly load: "ldb" | "ldh" | "ldw";
  readonly store: "stb" | "sth" | "stw";
  /** Offsets of the pieces; an eight-byte value has two. */
  readonly parts: readonly number[];
}

/** Undefined for arrays and for structures of other sizes, which are copied as blocks. */
export function scalarAccess(type: IpcType): ScalarAccess | undefined {
  if (!type.isStruct) return undefined;
  switch (type.typeSize) {
    case 1:
      return { load: "ldb", store: "stb", parts: [0] };
    case 2:
      return { load: "ldh", store: "sth", parts: [0] };
    case 4:
      return { load: "ldw", store: "stw", parts: [0] };
    case 8:
      return { load: "ldw", store: "stw", parts: [0, 4] };
    default:
      return undefined;
  }
}

/** Whether C passes a value as a structure whose bytes do not fill its words. */
export function isSmallStructure({ isStruct, typeSize }: IpcType): boolean {
  return isStruct && typeSize < 8 && ![1, 2, 4].includes(typeSize);
}

/** The words of a small structure; both are the same register if it has only one. */
export interface SmallStructure {
  readonly high: string;
  readonly low: string;
}

/** Stores a small structure byte by byte; uses r20. */
export function storeSmallStructure(
  code: Code,
  { high, low }: SmallStructure,
  message: Message,
  at: number,
  size: number,
): void {
  for (let i = 0; i < size; i++) {
    const behind = size - 1 - i;
    const from = behind >= 4 ? high : low;
    const operands = `${from},${31 - 8 * (behind % 4)},8,%r20`;
    code.emit("extru", operands, [from], ["%r20"]);
    const offset = at + i;
    code.store("stb", "%r20", message.base, offset, message.area, itemAt(message, offset));
  }
}

/** Loads one word of a small structure, byte by byte; uses r20 and r21. */
export function loadSmallStructure(
  code: Code,
  register: string,
  message: Message,
  at: number,
  size: number,
  part: "high" | "low",
): void {
  const [first, end] = part === "high" ? [0, size - 4] : [Math.max(0, size - 4), size];
  code.move("%r21", "%r0");
  for (let i = first; i < end; i++) {
    const offset = at + i;
    code.load("ldb", "%r20", message.base, offset, message.area, itemAt(message, offset));
    const operands = `%r20,${31 - 8 * (end - 1 - i)},8,%r21`;
    code.emit("dep", operands, ["%r20", "%r21"], ["%r21"]);
  }
  code.move(register, "%r21");
}

/** Whether C passes a value as `float` or `double`. */
export function isReal({ inName, isStruct, number, typeSize }: IpcType): boolean {
  const real = inName === MACH_MSG_TYPE.MACH_MSG_TYPE_REAL;
  return real && isStruct && number === 1 && (typeSize === 4 || typeSize === 8);
}

/** The floating-point register of a first argument word; a pair's value is in its second word's. */
export function realArgument(word: number, size: number): string {
  return size === 8 ? `%fr${5 + word}` : `%fr${4 + word}L`;
}

/** Loads a floating-point value into its register; uses r22. */
export function loadReal(
  code: Code,
  base: string,
  at: number,
  register: string,
  size: number,
): void {
  code.address("%r22", base, at);
  code.raw(size === 8 ? "fldds" : "fldws", `0(%r22),${register}`);
}

/** Stores a floating-point value from its register; uses r22. */
export function storeReal(
  code: Code,
  base: string,
  at: number,
  register: string,
  size: number,
): void {
  code.address("%r22", base, at);
  code.raw(size === 8 ? "fstds" : "fstws", `${register},0(%r22)`);
}

/** The floating-point register of a function's result. */
export function realResult(size: number): string {
  return size === 8 ? "%fr4" : "%fr4L";
}
