/**
 * `mach_msg_type_t` descriptors: the words that stand before every item of a message, and the code
 * that writes and checks them.
 *
 * Short form, most significant bit first: name 8, size 8, number 12, inline 1, longform 1,
 * deallocate 1, unused 1. The long form is a header word with only the flags, then name 16,
 * size 16, and a word with the number.
 */
import type { Code, Label } from "./code.ts";
import { MACH_MSG_TYPE, TYPE_DESCRIPTOR } from "../abi/mach.ts";
import { MACH_MSG_TYPE_POLYMORPHIC } from "./message-names.ts";
import type { RoutineArgument } from "./routine.ts";

const { INLINE, LONG_FORM, DEALLOCATE } = TYPE_DESCRIPTOR;

/** Where a message lies: a register that points to it, and the scheduler's name for it. */
export interface Message {
  readonly base: string;
  readonly area: string;
  /** The register moves, so offsets do not tell apart what overlaps. */
  readonly moving: boolean;
}

/** The scheduler's offset of an item, if it is known. */
export function itemAt({ moving }: Message, offset: number): number | undefined {
  return moving ? undefined : offset;
}

/** Descriptor words of an item as it is sent (`inName`) or as a receiver sees it. */
export function descriptorWords(
  argument: RoutineArgument,
  names: "inName" | "outName",
  deallocate: boolean,
): number[] {
  const { type, longForm } = argument;
  const flags = (type.inLine ? INLINE : 0) | (deallocate ? DEALLOCATE : 0);
  // A varying array's number is stored when it is known.
  const number = type.varying ? 0 : type.number;
  if (longForm)
    return [flags | LONG_FORM, ((type[names] << 16) | (type.size & 0xffff)) >>> 0, number];
  const word = (type[names] & 0xff) * 0x1000000 + ((type.size & 0xff) << 16);
  return [word + ((number & 0xfff) << 4) + flags];
}

/** Stores an item's descriptor at `offset` of a message. */
export function storeDescriptor(
  code: Code,
  message: Message,
  offset: number,
  argument: RoutineArgument,
  names: "inName" | "outName",
): void {
  const deallocate = argument.dealloc === "yes" && !argument.type.indefinite;
  descriptorWords(argument, names, deallocate).forEach((word, i) => {
    const register = word === 0 ? "%r0" : i % 2 === 0 ? "%r20" : "%r21";
    const at = offset + 4 * i;
    if (word !== 0) code.constant(register, word, i === 0 ? `${argument.name}Type` : "");
    code.store("stw", register, message.base, at, message.area, itemAt(message, at));
  });
}

/** Whether the name in a received descriptor is known at run time only. */
export function polymorphicOut({ type }: RoutineArgument): boolean {
  return type.outName === MACH_MSG_TYPE_POLYMORPHIC;
}

/** Compares a received descriptor with what it has to be; goes to `bad` if it is another. */
export function checkDescriptor(
  code: Code,
  message: Message,
  offset: number,
  argument: RoutineArgument,
  quick: boolean,
  bad: Label,
): void {
  const { type, longForm, name } = argument;
  const words = descriptorWords(argument, "outName", quick && !type.inLine);
  const polymorphic = polymorphicOut(argument);
  if (longForm && type.varying) words.pop();
  words.forEach((word, i) => {
    const at = offset + 4 * i;
    const comment = i === 0 ? `${name}Type` : "";
    code.load("ldw", "%r20", message.base, at, message.area, itemAt(message, at), comment);
    let wanted = word;
    const clear = (position: number, length: number): void => {
      code.emit("depi", `0,${position},${length},%r20`, ["%r20"], ["%r20"]);
      wanted = (wanted & ~((2 ** length - 1) << (31 - position))) >>> 0;
    };
    if (i === 0 && longForm) {
      // Deallocate and the unused fields are not looked at, nor what an indefinite array chose.
      const fields = argument.indefinite ? 1 : 2;
      code.emit("extru", `%r20,29,${fields},%r20`, ["%r20"], ["%r20"]);
      wanted = (word >>> 2) & (2 ** fields - 1);
    } else if (i === 0) {
      // Nor are they in the short form, and a varying array may have any number.
      if (!quick) clear(31, 2);
      if (argument.indefinite) clear(28, 1);
      if (type.varying) clear(27, 12);
      if (polymorphic) clear(7, 8);
    } else if (i === 1 && polymorphic) clear(15, 16);
    code.constant("%r21", wanted);
    code.branch("comb,<>,n", "%r20,%r21", ["%r20", "%r21"], bad);
  });
}

/** A right may come in a complex message only: goes to `bad` if a simple one has it. */
export function checkName(
  code: Code,
  message: Message,
  offset: number,
  argument: RoutineArgument,
  bits: () => void,
  bad: Label,
): void {
  const good = code.newLabel();
  bits();
  code.branch("bb,<,n", "%r21,0", ["%r21"], good);
  loadName(code, message, offset, argument, "%r20");
  branchIfPortRight(code, "%r20", bad);
  code.place(good);
}

/** Goes to `target` if the type name in a register, which is lost, is a port right's. */
export function branchIfPortRight(code: Code, register: string, target: Label): void {
  const { MACH_MSG_TYPE_MOVE_RECEIVE: first, MACH_MSG_TYPE_MAKE_SEND_ONCE: last } = MACH_MSG_TYPE;
  code.address(register, register, -first);
  code.branch("comib,>>=,n", `${last - first},${register}`, [register], target);
}

/** The type name of a received item. */
export function loadName(
  code: Code,
  message: Message,
  offset: number,
  { longForm }: RoutineArgument,
  register: string,
): void {
  const { base, area } = message;
  if (longForm) code.load("ldh", register, base, offset + 4, area, undefined, "msgtl_name");
  else code.load("ldb", register, base, offset, area, undefined, "msgt_name");
}

/** Puts a type name into a descriptor that has been stored before. */
export function storeName(
  code: Code,
  message: Message,
  offset: number,
  { longForm }: RoutineArgument,
  register: string,
): void {
  const { base, area } = message;
  if (longForm) code.store("sth", register, base, offset + 4, area, undefined, "msgtl_name");
  else code.store("stb", register, base, offset, area, undefined, "msgt_name");
}

/** Bit positions of flags in a descriptor's first word, as EXTRU and DEP count. */
export const FLAG_BIT = { inLine: 28, deallocate: 30 } as const;

/** Changes the first word of a descriptor that has been stored before; uses r20. */
export function changeFlags(
  code: Code,
  message: Message,
  offset: number,
  change: (register: string) => void,
): void {
  code.load("ldw", "%r20", message.base, offset, message.area, itemAt(message, offset));
  change("%r20");
  code.store("stw", "%r20", message.base, offset, message.area, itemAt(message, offset));
}

/** `msgt_deallocate = register`. */
export function storeDeallocate(
  code: Code,
  message: Message,
  offset: number,
  register: string,
): void {
  changeFlags(code, message, offset, (flags) =>
    code.emit(
      "dep",
      `${register},${FLAG_BIT.deallocate},1,${flags}`,
      [register, flags],
      [flags],
      "msgt_deallocate",
    ),
  );
}

/**
 * Turns an indefinite array's descriptor to out of line.
 * @param deallocate - a register with a flag for the sender's memory, or whether it goes.
 */
export function storeOutOfLine(
  code: Code,
  message: Message,
  offset: number,
  deallocate: string | boolean,
): void {
  changeFlags(code, message, offset, (flags) => {
    code.emit("depi", `0,${FLAG_BIT.inLine},1,${flags}`, [flags], [flags], "msgt_inline");
    if (deallocate === true)
      code.emit("depi", `1,${FLAG_BIT.deallocate},1,${flags}`, [flags], [flags]);
    else if (deallocate !== false) {
      const operands = `${deallocate},${FLAG_BIT.deallocate},1,${flags}`;
      code.emit("dep", operands, [deallocate, flags], [flags]);
    }
  });
}
