/**
 * How a message server stub completes the reply after the work function has succeeded.
 *
 * Out values that could not be written in place, because a varying item stands before them, come
 * from local variables; InOut values come from the request.
 */
import type { Code } from "./code.ts";
import { copyBytes } from "./copy.ts";
import { type Message, itemAt, storeDescriptor } from "./descriptor.ts";
import { alignment } from "./layout.ts";
import { HEADER } from "./message-names.ts";
import type { RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";
import type { ServerContext } from "./server-context.ts";
import { translateOut } from "./server-translate.ts";
import {
  bodyBytes,
  elementBytes,
  largestBody,
  multiplier,
  multiply,
  roundToWord,
  storeNumber,
} from "./varying.ts";

/** Writes size, complex bit, descriptors and values. */
export function completeReply(context: ServerContext): void {
  const { code, routine, interface_, reply, body, sizeRegister } = context;
  const layout = routine.reply!;
  const varies = routine.replyVaryings > 0;
  code.step("reply");
  if (!routine.sendReply.simple) {
    code.load("ldw", "%r19", reply.base, HEADER.msgh_bits, reply.area, HEADER.msgh_bits);
    code.emit("depi", "1,0,1,%r19", ["%r19"], ["%r19"], "MACH_MSGH_BITS_COMPLEX");
    code.store("stw", "%r19", reply.base, HEADER.msgh_bits, reply.area, HEADER.msgh_bits);
  }
  if (varies) {
    code.move(body.base, reply.base);
    code.constant(sizeRegister, layout.minSize, "msgh_size");
  } else {
    code.constant("%r22", layout.minSize);
    storeSize(context, "%r22");
  }
  const names = interface_.kernelServer ? "outName" : "inName";
  const items = routine.arguments.filter((argument) => argument.replyInit);
  items.forEach((argument, i) => {
    storeDescriptor(code, body, layout.descriptor.get(argument.name)!, argument, names);
    if (argument.variable) {
      packVarying(context, argument);
      const registers = [sizeRegister, "%r19"];
      code.emit("add", `${sizeRegister},%r19,${sizeRegister}`, registers, [sizeRegister]);
      if (i === items.length - 1) return;
      code.emit("add", `${body.base},%r19,${body.base}`, [body.base, "%r19"], [body.base]);
      code.address(body.base, body.base, -largestBody(argument));
    } else if (argument.replyCopy) copyFromRequest(context, argument);
    else if (argument.varNeeded && argument.type.outTrans !== "") translateOut(context, argument);
    else if (argument.varNeeded) copyFromLocal(context, argument);
  });
  if (varies) storeSize(context, sizeRegister);
}

function storeSize({ code, reply }: ServerContext, register: string): void {
  const at = HEADER.msgh_size;
  code.store("stw", register, reply.base, at, reply.area, at, "msgh_size");
}

function copyFromRequest(context: ServerContext, argument: RoutineArgument): void {
  const { routine } = context;
  const from = routine.request.data.get(argument.name)!;
  copyValue(context, argument, context.input(argument.requestPosition), from);
}

function copyFromLocal(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const local = context.localOffset(argument)!;
  if (!argument.type.isString)
    return copyValue(context, argument, { base: "%r30", area: "locals", moving: true }, local);
  code.address("%r26", body.base, routine.reply!.data.get(argument.name)!);
  code.address("%r25", "%r30", local);
  code.constant("%r24", argument.type.typeSize);
  code.call("mig_strncpy");
}

function copyValue(
  context: ServerContext,
  { name, type }: RoutineArgument,
  message: Message,
  from: number,
): void {
  const { code, routine, body, options } = context;
  const { base, area } = message;
  const to = routine.reply!.data.get(name)!;
  const access = scalarAccess(type);
  if (access !== undefined) {
    access.parts.forEach((part, i) => {
      const register = i === 0 ? "%r19" : "%r22";
      code.load(access.load, register, base, from + part, area, itemAt(message, from + part), name);
      code.store(access.store, register, body.base, to + part, body.area, itemAt(body, to + part));
    });
    return;
  }
  const mode = type.isStruct ? "word" : options.structCopy;
  const aligned = alignment(type) >= 4 || (from % 4 === 0 && to % 4 === 0);
  const source = { base, offset: from, area, at: itemAt(message, from) };
  const destination = { base: body.base, offset: to, area: body.area, at: itemAt(body, to) };
  copyBytes(code, source, destination, type.typeSize, aligned, mode);
}

/** Brings the array into the body if it is not there, and leaves its bytes there in r19. */
function packVarying(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const { type, name } = argument;
  const layout = routine.reply!;
  const descriptor = layout.descriptor.get(name)!;
  const at = layout.data.get(name)!;
  const local = context.localOffset(argument);
  if (type.isString) {
    if (local === undefined) stringLength(code, body, at);
    else {
      code.address("%r26", body.base, at);
      code.address("%r25", "%r30", local);
      code.constant("%r24", type.number);
      code.call("mig_strncpy");
      code.move("%r19", "%r28");
    }
    storeNumber(code, body, descriptor, argument, "%r19", "%r20");
    return roundToWord(code, "%r19");
  }
  const count = context.localOffset(routine.arguments[argument.count]!)!;
  if (local !== undefined) {
    code.load("ldw", "%r24", "%r30", count, "locals", undefined);
    multiply(code, "%r24", elementBytes(argument), "%r21");
    code.address("%r26", "%r30", local);
    code.address("%r25", body.base, at);
    code.call("bcopy");
  }
  code.load("ldw", "%r19", "%r30", count, "locals", undefined);
  multiply(code, "%r19", multiplier(argument), "%r21");
  storeNumber(code, body, descriptor, argument, "%r19", "%r20");
  bodyBytes(code, argument, "%r19", "%r21");
}

/** r19 = bytes of the string at `at` of the body, its end included. */
function stringLength(code: Code, body: Message, at: number): void {
  const loop = code.newLabel();
  code.address("%r22", body.base, at);
  code.move("%r19", "%r22");
  code.place(loop);
  code.raw("ldbs,ma", "1(%r19),%r20");
  code.rawJump("comib,<>", "0,%r20", loop);
  code.raw("nop", "", "", true);
  code.emit("sub", "%r19,%r22,%r19", ["%r19", "%r22"], ["%r19"]);
}
