/**
 * How a message server stub completes the reply after the work function has succeeded.
 *
 * Out values that could not be written in place, because a varying item stands before them, come
 * from local variables; InOut values come from the request.
 */
import type { Code } from "./code.ts";
import { copyBytes } from "./copy.ts";
import {
  type Message,
  branchIfPortRight,
  itemAt,
  storeDeallocate,
  storeDescriptor,
  storeName,
  storeOutOfLine,
} from "./descriptor.ts";
import { HEADER } from "./message-names.ts";
import { checkCircularity } from "./server-circular.ts";
import type { RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";
import { type ServerContext, setBit } from "./server-context.ts";
import { translateOut } from "./server-translate.ts";
import { alignment } from "./ipc-type.ts";
import {
  bodyBytes,
  elementBytes,
  largestBody,
  multiplier,
  multiply,
  pointerIfOutOfLine,
  roundToWord,
  storeNumber,
} from "./varying.ts";

/** Writes size, complex bit, descriptors and values. */
export function completeReply(context: ServerContext): void {
  const { code, routine, interface_, reply, body, sizeRegister } = context;
  const layout = routine.reply!;
  const varies = routine.replyVaryings > 0;
  code.step("reply");
  if (!routine.sendReply.simple) setBit(context, 0, "MACH_MSGH_BITS_COMPLEX");
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
    if (argument.indefinite) packIndefinite(context, argument);
    else if (argument.variable) packVarying(context, argument);
    else if (argument.replyCopy) copyFromRequest(context, argument);
    else if (argument.varNeeded && argument.type.outTrans !== "") translateOut(context, argument);
    else if (argument.varNeeded) copyFromLocal(context, argument);
    packName(context, argument);
    packNumber(context, argument);
    packDeallocate(context, argument);
    if (argument.variable) {
      const registers = [sizeRegister, "%r19"];
      code.emit("add", `${sizeRegister},%r19,${sizeRegister}`, registers, [sizeRegister]);
      if (i === items.length - 1) return;
      code.emit("add", `${body.base},%r19,${body.base}`, [body.base, "%r19"], [body.base]);
      code.address(body.base, body.base, -largestBody(argument));
    }
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

/** Brings the array into the body if it is not there; a string leaves its length in r19. */
function packVarying(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const { type, name } = argument;
  const at = routine.reply!.data.get(name)!;
  const local = context.localOffset(argument);
  if (!type.isString) {
    if (local !== undefined) copyElements(context, argument, local);
    return;
  }
  if (local === undefined) return stringLength(code, body, at);
  code.address("%r26", body.base, at);
  code.address("%r25", "%r30", local);
  code.constant("%r24", type.number);
  code.call("mig_strncpy");
  code.move("%r19", "%r28");
}

/** Copies as many elements as the work function has counted from a local array to the body. */
function copyElements(context: ServerContext, argument: RoutineArgument, local: number): void {
  const { code, routine, body } = context;
  loadLocal(context, followerOf(context, argument, "count")!, "%r24");
  multiply(code, "%r24", elementBytes(argument), "%r21");
  code.address("%r26", "%r30", local);
  code.address("%r25", body.base, routine.reply!.data.get(argument.name)!);
  code.call("bcopy");
}

/**
 * An array of any length: where the work function left the pointer alone, it filled what there
 * is in the reply; else its memory goes out of line.
 */
function packIndefinite(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const { name, dealloc } = argument;
  const descriptor = routine.reply!.descriptor.get(name)!;
  const at = routine.reply!.data.get(name)!;
  const local = context.localOffset(argument);
  const outOfLine = code.newLabel();
  const joined = code.newLabel();
  code.load("ldw", "%r22", "%r30", context.pointerOffset(argument), "locals", undefined);
  if (local === undefined) code.address("%r21", body.base, at);
  else code.address("%r21", "%r30", local);
  code.branch("comb,<>,n", "%r22,%r21", ["%r22", "%r21"], outOfLine);
  if (local !== undefined) copyElements(context, argument, local);
  code.place(joined);
  code.later(() => {
    code.place(outOfLine);
    const chosen = followerOf(context, argument, "deallocArgument");
    if (chosen !== undefined) loadLocal(context, chosen, "%r21");
    storeOutOfLine(code, body, descriptor, chosen === undefined ? dealloc === "yes" : "%r21");
    code.store("stw", "%r22", body.base, at, body.area, undefined, name);
    if (!routine.sendReply.fixed) setBit(context, 0, "MACH_MSGH_BITS_COMPLEX");
    code.jump(joined);
  });
}

/** The type name of a polymorphic item; a right makes the message complex. */
function packName(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body, interface_ } = context;
  const poly = followerOf(context, argument, "poly");
  if (interface_.kernelServer) checkCircularity(context, argument, poly);
  if (poly === undefined || !poly.returnSnd) return;
  loadLocal(context, poly, "%r22");
  storeName(code, body, routine.reply!.descriptor.get(argument.name)!, argument, "%r22");
  if (routine.sendReply.fixed) return;
  const isRight = code.newLabel();
  const joined = code.newLabel();
  branchIfPortRight(code, "%r22", isRight);
  code.place(joined);
  code.later(() => {
    code.place(isRight);
    setBit(context, 0, "MACH_MSGH_BITS_COMPLEX");
    code.jump(joined);
  });
}

/** The number of elements, if it is not fixed; of an item inline r19 then has its bytes. */
function packNumber(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const descriptor = routine.reply!.descriptor.get(argument.name)!;
  if (argument.variable && argument.type.isString) {
    storeNumber(code, body, descriptor, argument, "%r19", "%r20");
    return roundToWord(code, "%r19");
  }
  const count = followerOf(context, argument, "count");
  if (count === undefined || !count.returnSnd) return;
  loadLocal(context, count, "%r19");
  multiply(code, "%r19", multiplier(argument), "%r21");
  storeNumber(code, body, descriptor, argument, "%r19", "%r20");
  if (!argument.variable) return;
  bodyBytes(code, argument, "%r19", "%r21");
  if (argument.indefinite) pointerIfOutOfLine(code, body, descriptor, "%r19");
}

/** The flag of out-of-line memory that the work function chooses. */
function packDeallocate(context: ServerContext, argument: RoutineArgument): void {
  const { code, routine, body } = context;
  const chosen = followerOf(context, argument, "deallocArgument");
  if (chosen === undefined || !chosen.returnSnd) return;
  loadLocal(context, chosen, "%r22");
  storeDeallocate(code, body, routine.reply!.descriptor.get(argument.name)!, "%r22");
}

function followerOf(
  { routine }: ServerContext,
  argument: RoutineArgument,
  which: "count" | "poly" | "deallocArgument",
): RoutineArgument | undefined {
  return routine.arguments[argument[which]];
}

function loadLocal(context: ServerContext, argument: RoutineArgument, register: string): void {
  const local = context.localOffset(argument)!;
  context.code.load("ldw", register, "%r30", local, "locals", undefined, argument.name);
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
