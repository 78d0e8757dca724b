/**
 * Which routines the assembly emitters can write stubs for: every argument inline, varying or
 * not, port rights included. What else the language knows is analysed, and refused here with its place.
 */
import type { Log } from "./log.ts";
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import { MACH_MSG_TYPE_POLYMORPHIC } from "./message-names.ts";
import type { Interface, RoutineArgument } from "./routine.ts";

const MOST_VARYINGS = 10;

/** Reports every argument that no stub can be written for. */
export function checkSupported(interface_: Interface, log: Log): void {
  for (const { name, requestVaryings, arguments: list } of interface_.routines) {
    // A server stub keeps one register for each.
    if (requestVaryings > MOST_VARYINGS)
      log.error(name.place, `no assembly stub for so many varying arguments: ${requestVaryings}`);
    for (const argument of list) {
      const problem = whyUnsupported(argument, interface_);
      if (problem !== undefined)
        log.error(argument.place, `no assembly stub for ${problem}: ${argument.name}`);
    }
  }
}

function whyUnsupported(
  { type, dealloc, replyInit }: RoutineArgument,
  { kernelServer }: Interface,
): string | undefined {
  if (type.inName === MACH_MSG_TYPE_POLYMORPHIC || type.outName === MACH_MSG_TYPE_POLYMORPHIC)
    return "a polymorphic argument";
  if (type.indefinite) return "an array of any length";
  if (!type.inLine) return "out-of-line memory";
  if (dealloc === "maybe") return "a deallocate flag chosen at run time";
  const translated = type.inTrans !== "" || type.outTrans !== "";
  if (translated && (type.typeSize !== 4 || !type.isStruct))
    return `a translated value of ${type.typeSize} bytes`;
  if (type.destructor !== "" && type.isStruct && type.typeSize === 8)
    return "a destroyed value of 8 bytes";
  if (kernelServer && replyInit && type.outName === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_RECEIVE)
    return "a receive right from the kernel";
  if (type.isStruct && ![1, 2, 4].includes(type.typeSize) && type.typeSize < 8)
    return `a structure of ${type.typeSize} bytes by value`;
  if (type.inName === MACH_MSG_TYPE.MACH_MSG_TYPE_REAL && type.isStruct && type.typeSize <= 8)
    return "a floating-point value";
  return undefined;
}
