/**
 * `mach_msg_type_t` descriptors: the words that stand before every item of a message, and the code
 * that writes and checks them.
 *
 * Short form, most significant bit first: name 8, size 8, number 12, inline 1, longform 1,
 * deallocate 1, unused 1. The long form is a header word with only the flags, then name 16,
 * size 16, and a word with the number.
 */
import type { Code, Label } from "./code.ts";
import type { RoutineArgument } from "./routine.ts";

const INLINE = 8;
const LONG_FORM = 4;
const DEALLOCATE = 2;

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
  if (longForm && type.varying) words.pop();
  words.forEach((word, i) => {
    const at = offset + 4 * i;
    const comment = i === 0 ? `${name}Type` : "";
    code.load("ldw", "%r20", message.base, at, message.area, itemAt(message, at), comment);
    if (i === 0 && longForm) {
      // Deallocate and the unused fields are not looked at.
      code.emit("extru", "%r20,29,2,%r20", ["%r20"], ["%r20"]);
      code.constant("%r21", (word >>> 2) & 3);
    } else {
      // Nor are they in the short form, and a varying array may have any number.
      if (!quick && !longForm) code.emit("depi", "0,31,2,%r20", ["%r20"], ["%r20"]);
      if (type.varying && !longForm) code.emit("depi", "0,27,12,%r20", ["%r20"], ["%r20"]);
      code.constant("%r21", word);
    }
    code.branch("comb,<>,n", "%r20,%r21", ["%r20", "%r21"], bad);
  });
}
