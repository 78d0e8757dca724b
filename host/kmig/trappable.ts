/**
 * KMIG's own question: may a client call this routine by a trap, or must it send a message?
 *
 * Paper §3.3: routines with "normal" arguments and message options, no port rights, no out-of-line
 * memory; footnote 7: with the request port anywhere but first, a message stub is made. The limit
 * on argument words is the hp700 trap path's (4 in registers, 8 from the user's stack).
 */
import { INKS_ARGUMENTS } from "../abi/inks.ts";
import { argumentWords } from "./calling.ts";
import { MACH_MSG_TYPE_POLYMORPHIC, isPortRight } from "./message-names.ts";
import type { Routine } from "./routine.ts";
import { isReal } from "./scalar.ts";

/**
 * The reason why a routine cannot be trapped to, or "" if it can.
 * @param first - name of the first argument as written.
 */
export function whyNotTrappable(
  routine: Omit<Routine, "trappable" | "whyNot">,
  first: string | undefined,
): string {
  const { requestPort, replyPort, waitTime, msgOption, arguments: list } = routine;
  if (routine.oneWay) return "one-way: nobody waits for its end";
  if (routine.result !== routine.returnCode) return "does not return a kern_return_t";
  if (requestPort.name !== first)
    return `request port is not the first argument: ${requestPort.name}`;
  if (requestPort.type.inName === MACH_MSG_TYPE_POLYMORPHIC)
    return `polymorphic request port: ${requestPort.name}`;
  if (replyPort.send) return `reply port argument: ${replyPort.name}`;
  if (waitTime !== undefined) return `wait time: ${waitTime.value}`;
  if (msgOption.userArg || msgOption.value !== "0") return `message option: ${msgOption.value}`;
  for (const argument of list) {
    const { type, name, request, reply } = argument;
    if (!request && !reply) continue;
    if (isPortRight(type.inName) || isPortRight(type.outName)) return `port right: ${name}`;
    if (type.inName === MACH_MSG_TYPE_POLYMORPHIC || type.outName === MACH_MSG_TYPE_POLYMORPHIC)
      return `polymorphic: ${name}`;
    if (!type.inLine || type.indefinite) return `out-of-line memory: ${name}`;
    if (isReal(type) && !argument.byReferenceUser) return `floating-point value: ${name}`;
    if (type.isString) return `string of unknown length: ${name}`;
    if (type.inTrans !== "" || type.outTrans !== "" || type.destructor !== "")
      return `translated: ${name}`;
  }
  const words = argumentWords(list.filter((argument) => argument.userArg));
  if (words > INKS_ARGUMENTS.INKS_ARGUMENTS_MOST) return `too many argument words: ${words}`;
  return "";
}
