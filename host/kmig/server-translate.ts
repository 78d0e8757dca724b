/**
 * Translations in message server stubs: what a message carries is turned into what the work function
 * takes (`intran`) and back (`outtran`), and given up when the call is over (`destructor`).
 *
 * Translated values live in local variables, since the procedures that make them are calls. The
 * language does not say how large the translation of a value is: it is taken to be a word, as all
 * of Mach's are.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import type { Label } from "./code.ts";
import { copyBytes } from "./copy.ts";
import { receivedPorts } from "./demux.ts";
import { FLAG_BIT, type Message, itemAt } from "./descriptor.ts";
import { HEADER, MACH_MSG_TYPE_PROTECTED_PAYLOAD, REPLY } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import {
  isReal,
  isSmallStructure,
  loadReal,
  loadSmallStructure,
  realArgument,
  scalarAccess,
} from "./scalar.ts";
import { asksForCircularity } from "./server-circular.ts";
import { type ServerContext, skipIfInvalid } from "./server-context.ts";
import { loadNumber, multiply } from "./varying.ts";

/** Whether the work function gets the translation of what the request carries. */
export function translatesIn(argument: RoutineArgument): boolean {
  const { serverArg, sendRcv, type } = argument;
  return serverArg && sendRcv && (type.inTrans !== "" || hasPayload(argument));
}

/** Whether the request port may come as a protected payload, as GNU Mach has them. */
function hasPayload({ identity, type }: RoutineArgument): boolean {
  return identity === "request port" && type.payloadTrans !== "";
}

/** Whether a stub keeps a local variable for an argument. */
export function needsLocal(argument: RoutineArgument): boolean {
  return argument.serverArg && (argument.varNeeded || translatesIn(argument));
}

/** Whether the request is looked at again after the first call that the stub makes. */
export function usesRequestLate(routine: Routine, interface_: Interface): boolean {
  if (asksForCircularity(routine, interface_)) return true;
  return routine.arguments.some((a) => a.replyCopy || a.destroy || translatesIn(a));
}

/** Stores the translation of an argument of the request in its local variable. */
export function translateIn(context: ServerContext, argument: RoutineArgument): void {
  const { code } = context;
  const { type } = argument;
  code.step(`${argument.name}: ${type.inTrans}`);
  const { message, at } = context.source(argument);
  passValue(context, argument, message, at);
  const local = context.localOffset(argument)!;
  if (hasPayload(argument)) {
    translatePort(context, argument, message);
    return code.store("stw", "%r28", "%r30", local, "locals", undefined);
  }
  code.call(type.inTrans);
  if (type.isStruct) return code.store("stw", "%r28", "%r30", local, "locals", undefined);
  // An array's translation comes by address, and is as large as what it is the translation of.
  const from = { base: "%r28", offset: 0, area: "user", at: undefined };
  const to = { base: "%r30", offset: local, area: "locals", at: undefined };
  copyBytes(code, from, to, type.typeSize, false, context.options.structCopy);
}

/** r28 = the translation of the port or of the payload in r26, as the header's bits say. */
function translatePort(
  { code, interface_ }: ServerContext,
  { type }: RoutineArgument,
  { base, area }: Message,
): void {
  const payload = code.newLabel();
  const joined = code.newLabel();
  const last = receivedPorts(interface_).request === "msgh_local_port" ? 23 : 31;
  code.load("ldw", "%r19", base, HEADER.msgh_bits, area, HEADER.msgh_bits, "msgh_bits");
  code.emit("extru", `%r19,${last},8,%r19`, ["%r19"], ["%r19"]);
  code.constant("%r20", MACH_MSG_TYPE_PROTECTED_PAYLOAD);
  code.branch("comb,=,n", "%r19,%r20", ["%r19", "%r20"], payload);
  if (type.inTrans === "") code.move("%r28", "%r26");
  else code.call(type.inTrans);
  code.place(joined);
  code.later(() => {
    code.place(payload);
    code.call(type.payloadTrans);
    code.jump(joined);
  });
}

/** Stores what the work function left in a local variable in the reply, translated. */
export function translateOut(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body, options } = context;
  const { type, name } = argument;
  const at = routine.reply!.data.get(name)!;
  const local = context.localOffset(argument)!;
  if (type.isStruct) code.load("ldw", "%r26", "%r30", local, "locals", undefined);
  else code.address("%r26", "%r30", local);
  // A structure of more than two words is returned where r28 points.
  const byAddress = type.isStruct && type.typeSize > 8;
  if (byAddress) code.address("%r28", body.base, at);
  code.call(type.outTrans);
  if (byAddress) return;
  if (!type.isStruct) {
    const from = { base: "%r28", offset: 0, area: "user", at: undefined };
    const to = { base: body.base, offset: at, area: body.area, at: itemAt(body, at) };
    return copyBytes(code, from, to, type.typeSize, false, options.structCopy);
  }
  const { store, parts } = scalarAccess(type)!;
  parts.forEach((part, i) => {
    const register = i === 0 ? "%r28" : "%r29";
    code.store(store, register, body.base, at + part, body.area, itemAt(body, at + part));
  });
}

/** Puts a value of a message where a procedure takes its only argument. */
function passValue(
  { code }: ServerContext,
  { type }: RoutineArgument,
  message: Message,
  at: number,
): void {
  const { base, area } = message;
  const access = scalarAccess(type);
  if (isSmallStructure(type)) {
    loadSmallStructure(code, "%r26", message, at, type.typeSize, "low");
    if (type.typeSize > 4) loadSmallStructure(code, "%r25", message, at, type.typeSize, "high");
  } else if (isReal(type)) loadReal(code, base, at, realArgument(0, type.typeSize), type.typeSize);
  else if (access === undefined) code.address("%r26", base, at);
  else
    access.parts.toReversed().forEach((part, i) => {
      const register = i === 0 ? "%r26" : "%r25";
      code.load(access.load, register, base, at + part, area, itemAt(message, at + part));
    });
}

/** Gives up In arguments, the last first; tells whether there was any. */
export function destroyArguments(context: ServerContext): boolean {
  const { code, routine } = context;
  const list = routine.arguments.filter((argument) => argument.destroy).toReversed();
  for (const argument of list) {
    if (argument.indefinite) {
      deallocate(context, argument);
      continue;
    }
    const { type } = argument;
    code.step(`${argument.name}: ${type.destructor}`);
    const local = context.localOffset(argument);
    if (local !== undefined && type.isStruct)
      code.load("ldw", "%r26", "%r30", local, "locals", undefined);
    else if (local !== undefined) code.address("%r26", "%r30", local);
    else {
      const { message, at } = context.source(argument);
      passValue(context, argument, message, at);
    }
    code.call(type.destructor);
  }
  return list.length > 0;
}

/** Memory that came out of line goes when the call has succeeded. */
function deallocate(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, reply } = context;
  const { name, type } = argument;
  code.step(`${name}: mig_deallocate`);
  const skip = code.newLabel();
  const { message, at } = context.source(argument);
  const { base, area } = message;
  const descriptor = routine.request.descriptor.get(name)!;
  code.load("ldw", "%r19", reply.base, REPLY.RetCode, reply.area, REPLY.RetCode, "RetCode");
  code.branch("comib,<>,n", "0,%r19", ["%r19"], skip);
  code.load("ldw", "%r20", base, descriptor, area, itemAt(message, descriptor));
  code.branch("bb,<,n", `%r20,${FLAG_BIT.inLine}`, ["%r20"], skip);
  code.load("ldw", "%r26", base, at, area, itemAt(message, at));
  loadNumber(code, message, descriptor, argument, "%r25");
  multiply(code, "%r25", type.element!.typeSize / type.element!.number, "%r21");
  code.call("mig_deallocate");
  code.place(skip);
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
    skipIfInvalid(context, "%r26", skip);
    code.call("ipc_port_release_send");
    code.place(skip);
  }
}
