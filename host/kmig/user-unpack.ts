/**
 * How a message client stub checks the items of a reply and takes them out.
 *
 * Behind a varying item OutP moves, as InP does when a request is packed. An indefinite array comes
 * inline or out of line, as its descriptor says; inline, and longer than the user's room, it is copied
 * to memory that is allocated for it.
 */
import { copyBytes } from "./copy.ts";
import {
  FLAG_BIT,
  checkDescriptor,
  checkName,
  itemAt,
  loadName,
  polymorphicOut,
} from "./descriptor.ts";
import { CODE } from "./message-names.ts";
import type { RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";
import { type UserContext, followerOf } from "./user-context.ts";
import { advance } from "./user-pack.ts";
import { alignment } from "./ipc-type.ts";
import {
  bodyBytes,
  divide,
  elementBytes,
  limitNumber,
  loadNumber,
  multiplier,
  multiply,
  pointerIfOutOfLine,
} from "./varying.ts";

/** Checks and takes out every item of the reply. */
export function unpackReply(context: UserContext): void {
  const { code, routine, reply } = context;
  const items = routine.arguments.filter(
    (argument) => argument.reply && argument !== routine.returnCode,
  );
  items.forEach((argument, i) => {
    const { name, returnRcv } = argument;
    code.step(name);
    const descriptor = routine.reply!.descriptor.get(name)!;
    const typeError = context.error(CODE.MIG_TYPE_ERROR);
    checkDescriptor(code, reply, descriptor, argument, argument.replyQuick, typeError);
    if (polymorphicOut(argument) && !routine.receiveReply.fixed)
      checkName(code, reply, descriptor, argument, () => context.loadBits("%r21"), typeError);
    if (argument.variable) checkVaryingSize(context, argument);
    if (argument.indefinite) unpackIndefinite(context, argument);
    else if (argument.variable) unpackVarying(context, argument);
    else if (returnRcv) unpackFixed(context, argument);
    unpackName(context, argument);
    if (!argument.variable) return unpackNumber(context, argument);
    if (i === items.length - 1) return;
    loadBytes(context, argument);
    advance(code, reply.base, argument);
  });
}

function unpackFixed(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply, mode } = context;
  const { type, name } = argument;
  const { base, area } = reply;
  const at = routine.reply!.data.get(name)!;
  const { word } = context.passing(argument);
  const access = scalarAccess(type);
  if (access !== undefined) {
    const pointer = context.word(word, "%r31");
    access.parts.forEach((part, i) => {
      const register = i === 0 ? "%r19" : "%r20";
      code.load(access.load, register, base, at + part, area, itemAt(reply, at + part));
      code.store(access.store, register, pointer, part, "user", undefined);
    });
  } else if (type.isString) {
    code.move("%r26", context.word(word, "%r26"));
    code.address("%r25", base, at);
    code.constant("%r24", type.typeSize);
    code.call("mig_strncpy");
  } else {
    const from = { base, offset: at, area, at: itemAt(reply, at) };
    const to = { base: context.word(word, "%r29"), offset: 0, area: "user", at: undefined };
    const copy = type.isStruct ? "word" : mode;
    copyBytes(code, from, to, type.typeSize, alignment(type) >= 4, copy);
  }
}

/** Tells the user the type name of a polymorphic item. */
function unpackName(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply } = context;
  const poly = followerOf(routine, argument, "poly");
  if (poly === undefined || !poly.returnRcv) return;
  loadName(code, reply, routine.reply!.descriptor.get(argument.name)!, argument, "%r19");
  storeThrough(context, poly, "%r19");
}

/** Tells the user the number of elements out of line. */
function unpackNumber(context: UserContext, argument: RoutineArgument): void {
  const count = followerOf(context.routine, argument, "count");
  if (count === undefined || !count.returnRcv) return;
  loadCount(context, argument, "%r19");
  storeThrough(context, count, "%r19");
}

function storeThrough(context: UserContext, argument: RoutineArgument, register: string): void {
  const pointer = context.word(context.passing(argument).word, "%r20");
  context.code.store("stw", register, pointer, 0, "user", undefined, argument.name);
}

/** r19 = bytes of the body that a received varying item takes. */
function loadBytes(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply } = context;
  const descriptor = routine.reply!.descriptor.get(argument.name)!;
  loadNumber(code, reply, descriptor, argument, "%r19");
  bodyBytes(code, argument, "%r19", "%r21");
  if (argument.indefinite) pointerIfOutOfLine(code, reply, descriptor, "%r19");
}

/** The received count in elements of the C type. */
function loadCount(context: UserContext, argument: RoutineArgument, register: string): void {
  const { code, routine, reply } = context;
  const descriptor = routine.reply!.descriptor.get(argument.name)!;
  loadNumber(code, reply, descriptor, argument, register);
  divide(code, register, multiplier(argument), "%r21");
}

/** The message is exactly, or before another varying item at least, as long as the array says. */
function checkVaryingSize(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply, sizeRegister } = context;
  const typeError = context.error(CODE.MIG_TYPE_ERROR);
  const descriptor = routine.reply!.descriptor.get(argument.name)!;
  const last = argument.replyPosition + 1 === routine.replyVaryings;
  loadNumber(code, reply, descriptor, argument, "%r19");
  limitNumber(code, reply, descriptor, argument, "%r19", typeError);
  bodyBytes(code, argument, "%r19", "%r21");
  if (argument.indefinite) pointerIfOutOfLine(code, reply, descriptor, "%r19");
  code.address("%r20", "%r19", routine.reply!.minSize);
  const compare = last ? "comb,<>,n" : "comb,<<,n";
  const size = sizeRegister;
  code.branch(compare, `${size},%r20`, [size, "%r20"], typeError);
  if (!last) code.emit("sub", `${size},%r19,${size}`, [size, "%r19"], [size]);
}

/** Copies what the user has room for; more than that is MIG_ARRAY_TOO_LARGE, with the true count. */
function unpackVarying(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply } = context;
  const { type, name } = argument;
  const at = routine.reply!.data.get(name)!;
  const { word } = context.passing(argument);
  if (type.isString) {
    code.move("%r26", context.word(word, "%r26"));
    code.address("%r25", reply.base, at);
    code.constant("%r24", type.number);
    return code.call("mig_strncpy");
  }
  const count = followerOf(routine, argument, "count")!;
  const large = code.newLabel();
  const copy = (elements: string): void => {
    code.move("%r24", elements);
    multiply(code, "%r24", elementBytes(argument), "%r21");
    code.move("%r25", context.word(word, "%r25"));
    code.address("%r26", reply.base, at);
    code.call("bcopy");
    loadCount(context, argument, "%r19");
    storeThrough(context, count, "%r19");
  };
  loadCount(context, argument, "%r19");
  code.load("ldw", "%r22", context.word(context.passing(count).word, "%r20"), 0, "user", undefined);
  code.branch("comb,<<,n", "%r22,%r19", ["%r22", "%r19"], large);
  copy("%r19");
  const tooLarge = context.error(CODE.MIG_ARRAY_TOO_LARGE);
  code.later(() => {
    code.place(large);
    copy("%r22");
    code.jump(tooLarge);
  });
}

/** Gives the user the address of memory out of line, or copies to his memory or to fresh memory. */
function unpackIndefinite(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply } = context;
  const { name } = argument;
  const at = routine.reply!.data.get(name)!;
  const descriptor = routine.reply!.descriptor.get(name)!;
  const count = followerOf(routine, argument, "count")!;
  const pointer = (scratch: string): string =>
    context.word(context.passing(argument).word, scratch);
  const bytes = (register: string): void => {
    loadCount(context, argument, register);
    multiply(code, register, elementBytes(argument), "%r21");
  };
  const [outOfLine, larger, copy, joined] = [
    code.newLabel(),
    code.newLabel(),
    code.newLabel(),
    code.newLabel(),
  ];
  code.load("ldw", "%r20", reply.base, descriptor, reply.area, itemAt(reply, descriptor));
  code.branch("bb,>=,n", `%r20,${FLAG_BIT.inLine}`, ["%r20"], outOfLine);
  loadCount(context, argument, "%r19");
  code.load("ldw", "%r22", context.word(context.passing(count).word, "%r20"), 0, "user", undefined);
  code.branch("comb,<<,n", "%r22,%r19", ["%r22", "%r19"], larger);
  code.place(copy);
  code.load("ldw", "%r25", pointer("%r25"), 0, "user", undefined);
  bytes("%r24");
  code.address("%r26", reply.base, at);
  code.call("bcopy");
  code.place(joined);
  loadCount(context, argument, "%r19");
  storeThrough(context, count, "%r19");
  code.later(() => {
    code.place(larger);
    bytes("%r25");
    code.move("%r26", pointer("%r26"));
    code.call("mig_allocate");
    code.jump(copy);
    code.place(outOfLine);
    code.load("ldw", "%r22", reply.base, at, reply.area, itemAt(reply, at));
    code.store("stw", "%r22", pointer("%r20"), 0, "user", undefined, name);
    code.jump(joined);
  });
}
