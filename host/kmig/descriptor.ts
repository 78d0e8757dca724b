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
}

/** Descriptor words of an item as it is sent (`inName`) or as a receiver sees it. */
export function descriptorWords(
  argument: RoutineArgument,
  names: "inName" | "outName",
  deallocate: boolean,
): number[] {
  const { type, longForm } = argument;
  const flags = (type.inLine ? INLINE : 0) | (deallocate ? DEALLOCATE : 0);
  if (longForm)
    return [flags | LONG_FORM, ((type[names] << 16) | (type.size & 0xffff)) >>> 0, type.number];
  const word = (type[names] & 0xff) * 0x1000000 + ((type.size & 0xff) << 16);
  return [word + ((type.number & 0xfff) << 4) + flags];
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
    if (word !== 0) code.constant(register, word, i === 0 ? `${argument.name}Type` : "");
    code.store("stw", register, message.base, offset + 4 * i, message.area, offset + 4 * i);
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
  words.forEach((word, i) => {
    const at = offset + 4 * i;
    code.load("ldw", "%r20", message.base, at, message.area, at, i === 0 ? `${name}Type` : "");
    if (i === 0 && longForm) {
      // Deallocate and the unused fields are not looked at.
      code.emit("extru", "%r20,29,2,%r20", ["%r20"], ["%r20"]);
      code.constant("%r21", (word >>> 2) & 3);
    } else {
      if (!quick && !longForm) code.emit("depi", "0,31,2,%r20", ["%r20"], ["%r20"]);
      code.constant("%r21", word);
    }
    code.branch("comb,<>,n", "%r20,%r21", ["%r20", "%r21"], bad);
  });
}
