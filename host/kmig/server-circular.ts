/**
 * Receive rights in a kernel server's reply: the message must not come to hold the right to the port
 * that it is sent to, or nobody could ever receive it. The kernel's message copying looks for that; a
 * reply from the kernel itself does not go through it, so the stub asks.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import { receivedPorts } from "./demux.ts";
import { HEADER } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import { type ServerContext, setBit, skipIfInvalid } from "./server-context.ts";

const { MACH_MSG_TYPE_PORT_RECEIVE: RECEIVE } = MACH_MSG_TYPE;
/** Position of MACH_MSGH_BITS_CIRCULAR, from the left. */
const CIRCULAR = 1;

/** Whether the stub looks at the request's reply port when it packs the reply. */
export function asksForCircularity(
  { arguments: list }: Routine,
  { kernelServer }: Interface,
): boolean {
  return kernelServer && list.some((argument) => mayReceive(argument, list[argument.poly]));
}

function mayReceive(argument: RoutineArgument, poly: RoutineArgument | undefined): boolean {
  const { type, replyInit } = argument;
  if (!replyInit || !type.inLine || type.varying || type.number !== 1) return false;
  return type.outName === RECEIVE || poly?.returnSnd === true;
}

/** Sets MACH_MSGH_BITS_CIRCULAR if the receive right in an item leads back to the reply port. */
export function checkCircularity(
  context: ServerContext,
  argument: RoutineArgument,
  poly: RoutineArgument | undefined,
): void {
  if (!mayReceive(argument, poly)) return;
  const { code, routine, interface_, body } = context;
  const fine = code.newLabel();
  if (poly !== undefined) {
    code.load("ldw", "%r22", "%r30", context.localOffset(poly)!, "locals", undefined);
    code.constant("%r21", RECEIVE);
    code.branch("comb,<>,n", "%r22,%r21", ["%r22", "%r21"], fine);
  }
  const { base, area } = context.input(0);
  const field = HEADER[receivedPorts(interface_).reply];
  code.load("ldw", "%r25", base, field, area, undefined);
  skipIfInvalid(context, "%r25", fine);
  const at = routine.reply!.data.get(argument.name)!;
  code.load("ldw", "%r26", body.base, at, body.area, undefined);
  skipIfInvalid(context, "%r26", fine);
  code.call("ipc_port_check_circularity");
  code.branch("comib,=,n", "0,%r28", ["%r28"], fine);
  setBit(context, CIRCULAR, "MACH_MSGH_BITS_CIRCULAR");
  code.place(fine);
}
