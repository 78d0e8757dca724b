/**
 * Which routines the assembly emitters cannot write stubs for: what C itself would return in ways of
 * its own. Everything else that the language knows is analysed and emitted; this is refused, with
 * its place.
 */
import type { Log } from "./log.ts";
import { scalarAccess } from "./scalar.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";

const MOST_VARYINGS = 10;

/** Reports every argument that no stub can be written for. */
export function checkSupported(interface_: Interface, log: Log): void {
  for (const routine of interface_.routines) {
    const { name, requestVaryings } = routine;
    // A server stub keeps one register for each.
    if (requestVaryings > MOST_VARYINGS)
      log.error(name.place, `no assembly stub for so many varying arguments: ${requestVaryings}`);
    for (const argument of routine.arguments) {
      const problem = whyUnsupported(argument, routine);
      if (problem !== undefined)
        log.error(argument.place, `no assembly stub for ${problem}: ${argument.name}`);
    }
  }
}

function whyUnsupported(argument: RoutineArgument, routine: Routine): string | undefined {
  const { type, identity } = argument;
  const scalar = scalarAccess(type) !== undefined;
  if (identity === "return" && !scalar) return `a result of ${type.typeSize} bytes`;
  const returned = type.outTrans !== "" && argument.returnSnd;
  // The translation's result comes as the value of a C function.
  if (returned && type.isStruct && type.typeSize < 8 && !scalar)
    return `a translated value of ${type.typeSize} bytes`;
  const special = argument === routine.requestPort || argument === routine.replyPort;
  return special && !scalar ? `a port of ${type.typeSize} bytes` : undefined;
}
