/**
 * Translations in message server stubs: what a message carries is turned into what the work function
 * takes (`intran`) and back (`outtran`), and given up when the call is over (`destructor`).
 *
 * Translated values live in local variables, since the procedures that make them are calls.
 */
import type { Label } from "./code.ts";
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import { itemAt } from "./descriptor.ts";
import type { Routine, RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";
import type { ServerContext } from "./server-context.ts";

/** Whether the work function gets the translation of what the request carries. */
export function translatesIn({ serverArg, sendRcv, type }: RoutineArgument): boolean {
  return serverArg && sendRcv && type.inTrans !== "";
}

/** Whether a stub keeps a local variable for an argument. */
export function needsLocal(argument: RoutineArgument): boolean {
  return argument.serverArg && (argument.varNeeded || translatesIn(argument));
}

/** Whether the request is looked at again after the first call that the stub makes. */
export function usesRequestLate({ arguments: list }: Routine): boolean {
  return list.some((a) => a.replyCopy || a.destroy || translatesIn(a));
}

/** Stores the translation of an argument of the request in its local variable. */
export function translateIn(context: ServerContext, argument: RoutineArgument): void {
  const { code } = context;
  const { type } = argument;
  code.step(`${argument.name}: ${type.inTrans}`);
  const { message, at } = context.source(argument);
  const { load } = scalarAccess(type)!;
  code.load(load, "%r26", message.base, at, message.area, itemAt(message, at));
  code.call(type.inTrans);
  code.store("stw", "%r28", "%r30", context.localOffset(argument)!, "locals", undefined);
}

/** Stores what the work function left in a local variable in the reply, translated. */
export function translateOut(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const { type, name } = argument;
  const at = routine.reply!.data.get(name)!;
  code.load("ldw", "%r26", "%r30", context.localOffset(argument)!, "locals", undefined);
  code.call(type.outTrans);
  code.store(scalarAccess(type)!.store, "%r28", body.base, at, body.area, itemAt(body, at));
}

/** Gives up In arguments, the last first; tells whether there was any. */
export function destroyArguments(context: ServerContext): boolean {
  const { code, routine } = context;
  const list = routine.arguments.filter((argument) => argument.destroy).toReversed();
  for (const argument of list) {
    code.step(`${argument.name}: ${argument.type.destructor}`);
    const local = context.localOffset(argument);
    if (local !== undefined) code.load("ldw", "%r26", "%r30", local, "locals", undefined);
    else {
      const { message, at } = context.source(argument);
      const access = scalarAccess(argument.type);
      if (access === undefined) code.address("%r26", message.base, at);
      else code.load(access.load, "%r26", message.base, at, message.area, itemAt(message, at));
    }
    code.call(argument.type.destructor);
  }
  return list.length > 0;
}

/** Port rights of a kernel server's request that it only saw translated. */
export function releasedPorts({ routine, interface_ }: ServerContext): RoutineArgument[] {
  if (!interface_.kernelServer) return [];
  const { MACH_MSG_TYPE_PORT_SEND: send } = MACH_MSG_TYPE;
  return routine.arguments.filter(
    ({ sendBody, sendRcv, type }) =>
      sendBody && sendRcv && type.inTrans !== "" && type.outName === send,
  );
}

/** Releases those rights, unless they are null or dead. */
export function releasePorts(context: ServerContext): void {
  const { code } = context;
  for (const argument of releasedPorts(context)) {
    code.step(`${argument.name}: ipc_port_release_send`);
    const skip: Label = code.newLabel();
    const { message, at } = context.source(argument);
    code.load("ldw", "%r26", message.base, at, message.area, itemAt(message, at));
    code.address("%r19", "%r26", 1);
    code.constant("%r20", 1);
    code.branch("comb,<<=,n", "%r19,%r20", ["%r19", "%r20"], skip);
    code.call("ipc_port_release_send");
    code.place(skip);
  }
}
