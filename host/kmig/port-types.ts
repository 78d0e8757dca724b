/**
 * Checks on the types of arguments with a special part: ports, times, options, function results.
 */
import type { Draft } from "./arguments.ts";
import type { Log } from "./log.ts";
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import { MACH_MSG_TYPE_POLYMORPHIC } from "./message-names.ts";
import type { IpcType } from "./ipc-type.ts";

/** Reports special arguments (by identity) whose type does not suit them. */
export function checkTypes(special: ReadonlyMap<string, Draft>, log: Log): void {
  const rules: [string, string, (type: IpcType) => boolean][] = [
    ["request port", "not a proper request port", isSendPort],
    ["reply port", "not a proper reply port", (type) => isSendPort(type) || type.outName === 0],
    ["wait time", "not a proper integer", isInteger],
    ["msg option", "not a proper integer", isInteger],
    ["msg seqno", "not a proper integer", isInteger],
  ];
  for (const [identity, problem, fits] of rules) {
    const argument = special.get(identity);
    if (argument === undefined || argument.identity !== identity) continue;
    const { type } = argument;
    const word =
      type.number === 1 &&
      type.size === 32 &&
      type.inLine &&
      type.dealloc === "no" &&
      type.isStruct &&
      !type.varying;
    if (!word || !fits(type)) log.error(argument.place, `${problem}: ${argument.name}`);
  }
}

/** A function's result must be assignable in C, and its type known. */
export function checkResultType({ type, place, name }: Draft, log: Log): void {
  if (!type.isStruct) log.error(place, `result type too complicated: ${name}`);
  if (type.inName === MACH_MSG_TYPE_POLYMORPHIC || type.outName === MACH_MSG_TYPE_POLYMORPHIC)
    log.error(place, `result type cannot be polymorphic: ${name}`);
}

function isSendPort({ outName }: IpcType): boolean {
  const { MACH_MSG_TYPE_PORT_SEND: send, MACH_MSG_TYPE_PORT_SEND_ONCE: once } = MACH_MSG_TYPE;
  return outName === send || outName === once || outName === MACH_MSG_TYPE_POLYMORPHIC;
}

function isInteger({ inName, outName }: IpcType): boolean {
  const { MACH_MSG_TYPE_INTEGER_32: integer } = MACH_MSG_TYPE;
  return inName === integer && outName === integer;
}
