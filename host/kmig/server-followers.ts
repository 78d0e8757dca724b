/**
 * Arguments of a work function that are no items of their own but say something of another: a count, a
 * type name, whether data came in line.
 */
import { receivedPorts } from "./demux.ts";
import { FLAG_BIT, itemAt, loadName } from "./descriptor.ts";
import { HEADER } from "./message-names.ts";
import type { RoutineArgument } from "./routine.ts";
import type { ServerContext } from "./server-context.ts";
import { divide, loadNumber, multiplier } from "./varying.ts";

/** Loads what the request says; uses r20. */
export function loadFollower(
  context: ServerContext,
  register: string,
  argument: RoutineArgument,
): void {
  const { code, routine } = context;
  const parent = routine.arguments[argument.parent]!;
  if (!parent.request) return loadRight(context, register, parent);
  const message = context.input(parent.requestPosition);
  const { base, area } = message;
  const at = routine.request.descriptor.get(parent.name)!;
  if (argument.identity === "poly") return loadName(code, message, at, parent, register);
  if (argument.identity === "server copy") {
    code.load("ldw", register, base, at, area, itemAt(message, at));
    const operands = `${register},${FLAG_BIT.inLine},1,${register}`;
    return code.emit("extru", operands, [register], [register], argument.name);
  }
  loadNumber(code, message, at, parent, register);
  divide(code, register, multiplier(parent), "%r20");
}

/** What right a port of the header is. */
function loadRight(context: ServerContext, register: string, port: RoutineArgument): void {
  const { code, interface_ } = context;
  const { base, area } = context.input(0);
  const fields = receivedPorts(interface_);
  const field = port.identity === "request port" ? fields.request : fields.reply;
  const last = field === "msgh_remote_port" ? 31 : 23;
  code.load("ldw", register, base, HEADER.msgh_bits, area, HEADER.msgh_bits, "msgh_bits");
  const operands = `${register},${last},8,${register}`;
  code.emit("extru", operands, [register], [register], `${port.name}Poly`);
}
