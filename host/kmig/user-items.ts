/**
 * How a message client stub puts arguments into a request and takes results out of a reply.
 *
 * Behind a varying item the message pointer moves by what the item is shorter than its largest, so
 * that the offsets of the structure stay good for what follows.
 */
import type { Passing } from "./calling.ts";
import type { Code, Label } from "./code.ts";
import { type StructCopy, copyBytes, copyCalls } from "./copy.ts";
import { type Message, checkDescriptor, itemAt, storeDescriptor } from "./descriptor.ts";
import { alignment } from "./layout.ts";
import { CODE } from "./message-names.ts";
import type { Routine, RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";
import {
  bodyBytes,
  divide,
  elementBytes,
  largestBody,
  loadNumber,
  mostElements,
  multiplier,
  multiply,
  roundToWord,
  storeNumber,
} from "./varying.ts";

/** What items need to know of the stub that they are part of. */
export interface UserContext {
  readonly code: Code;
  readonly routine: Routine;
  readonly mode: StructCopy;
  readonly request: Message;
  readonly reply: Message;
  /** Holds msgh_size while a varying message is packed or unpacked. */
  readonly sizeRegister: string;
  /** The register that holds an argument word; words in memory are loaded to `scratch`. */
  word(word: number, scratch: string): string;
  passing(argument: RoutineArgument): Passing;
  /** The label to go to to fail with a code. */
  error(value: number): Label;
}

/** Whether packing an argument calls a procedure. */
export function callsToPack(argument: RoutineArgument, mode: StructCopy): boolean {
  const { type, request, sendSnd } = argument;
  return request && sendSnd && (type.varying || type.isString || byCall(argument, mode));
}

/** Whether unpacking an argument calls a procedure. */
export function callsToUnpack(argument: RoutineArgument, mode: StructCopy): boolean {
  const { type, reply, returnRcv } = argument;
  return reply && returnRcv && (type.varying || type.isString || byCall(argument, mode));
}

function byCall({ type }: RoutineArgument, mode: StructCopy): boolean {
  return copyCalls(mode) && !type.isStruct;
}

/** The count argument of a varying array, as the user passes it. */
function countOf({ routine }: UserContext, argument: RoutineArgument): RoutineArgument {
  return routine.arguments[argument.count]!;
}

/** Puts every item into the request; tells whether InP has moved. */
export function packRequest(context: UserContext): boolean {
  const { code, routine } = context;
  const items = routine.arguments.filter((argument) => argument.request);
  if (routine.requestVaryings > 0)
    code.constant(context.sizeRegister, routine.request.minSize, "msgh_size");
  let moved = false;
  items.forEach((argument, i) => {
    code.step(argument.name);
    const at = routine.request.descriptor.get(argument.name)!;
    storeDescriptor(code, context.request, at, argument, "inName");
    if (argument.identity === "count in out") packRoom(context, argument);
    else if (argument.variable) {
      packVarying(context, argument);
      const more = i < items.length - 1;
      code.emit(
        "add",
        `${context.sizeRegister},%r19,${context.sizeRegister}`,
        [context.sizeRegister, "%r19"],
        [context.sizeRegister],
      );
      if (more) advance(code, context.request.base, argument);
      moved ||= more;
    } else packFixed(context, argument);
  });
  return moved;
}

/** Moves a message pointer past a varying item whose bytes are in r19. */
function advance(code: Code, base: string, argument: RoutineArgument): void {
  code.emit("add", `${base},%r19,${base}`, [base, "%r19"], [base]);
  code.address(base, base, -largestBody(argument));
}

function packFixed(context: UserContext, argument: RoutineArgument): void {
  const { code, request, mode } = context;
  const { base, area } = request;
  const { type, name } = argument;
  const at = context.routine.request.data.get(name)!;
  const { kind, word } = context.passing(argument);
  const access = scalarAccess(type);
  const put = (store: string, register: string, part: number): void =>
    code.store(store, register, base, at + part, area, itemAt(request, at + part));
  if (kind === "word") put(access!.store, context.word(word, "%r19"), 0);
  else if (kind === "pair") {
    put("stw", context.word(word, "%r19"), 4);
    put("stw", context.word(word + 1, "%r22"), 0);
  } else if (access !== undefined && argument.byReferenceUser) {
    const pointer = context.word(word, "%r19");
    access.parts.forEach((part, i) => {
      const register = i === 0 ? "%r22" : "%r21";
      code.load(access.load, register, pointer, part, "user", undefined);
      put(access.store, register, part);
    });
  } else if (type.isString) {
    code.address("%r29", base, at);
    code.move("%r25", context.word(word, "%r25"));
    code.move("%r26", "%r29");
    code.constant("%r24", type.typeSize);
    code.call("mig_strncpy");
  } else {
    const from = { base: context.word(word, "%r31"), offset: 0, area: "user", at: undefined };
    const to = { base, offset: at, area, at: itemAt(request, at) };
    const copy = type.isStruct ? "word" : mode;
    copyBytes(code, from, to, type.typeSize, alignment(type) >= 4, copy);
  }
}

/** Copies the array and leaves the bytes that it takes in the body in r19. */
function packVarying(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request } = context;
  const { type, name } = argument;
  const { base } = request;
  const descriptor = routine.request.descriptor.get(name)!;
  const at = routine.request.data.get(name)!;
  const { word } = context.passing(argument);
  if (type.isString) {
    code.move("%r25", context.word(word, "%r25"));
    code.address("%r26", base, at);
    code.constant("%r24", type.number);
    code.call("mig_strncpy");
    storeNumber(code, request, descriptor, argument, "%r28", "%r20");
    code.move("%r19", "%r28");
    return roundToWord(code, "%r19");
  }
  const count = context.passing(countOf(context, argument)).word;
  const elements = context.word(count, "%r22");
  code.constant("%r21", mostElements(argument));
  const large = context.error(CODE.MIG_ARRAY_TOO_LARGE);
  code.branch("comb,<<,n", `%r21,${elements}`, ["%r21", elements], large);
  code.move("%r24", elements);
  multiply(code, "%r24", elementBytes(argument), "%r21");
  code.move("%r26", context.word(word, "%r26"));
  code.address("%r25", base, at);
  code.call("bcopy");
  code.move("%r19", context.word(count, "%r19"));
  multiply(code, "%r19", multiplier(argument), "%r21");
  storeNumber(code, request, descriptor, argument, "%r19", "%r20");
  bodyBytes(code, argument, "%r19", "%r21");
}

/** CountInOut: tells the server how much room the user has, at most what it may fill. */
function packRoom(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request } = context;
  const count = routine.arguments[argument.countInOutArgument]!;
  const parent = routine.arguments[count.parent]!;
  const pointer = context.word(context.passing(count).word, "%r19");
  const at = routine.request.data.get(argument.name)!;
  code.load("ldw", "%r22", pointer, 0, "user", undefined);
  code.constant("%r21", mostElements(parent));
  code.raw("comclr,>>=", "%r22,%r21,%r0", "the smaller of both");
  code.raw("copy", "%r22,%r21");
  code.store("stw", "%r21", request.base, at, request.area, itemAt(request, at));
}

/** Checks and takes out every item of the reply. */
export function unpackReply(context: UserContext): void {
  const { code, routine } = context;
  const items = routine.arguments.filter(
    (argument) => argument.reply && argument !== routine.returnCode,
  );
  items.forEach((argument, i) => {
    const { name } = argument;
    code.step(name);
    const descriptor = routine.reply!.descriptor.get(name)!;
    const typeError = context.error(CODE.MIG_TYPE_ERROR);
    checkDescriptor(code, context.reply, descriptor, argument, argument.replyQuick, typeError);
    if (argument.variable) {
      const more = i < items.length - 1;
      checkVaryingSize(context, argument);
      unpackVarying(context, argument);
      if (more) {
        loadNumber(code, context.reply, descriptor, argument, "%r19");
        bodyBytes(code, argument, "%r19", "%r21");
        advance(code, context.reply.base, argument);
      }
    } else if (argument.returnRcv) unpackFixed(context, argument);
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

/** The message is exactly, or before another varying item at least, as long as the array says. */
function checkVaryingSize(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply, sizeRegister } = context;
  const typeError = context.error(CODE.MIG_TYPE_ERROR);
  const descriptor = routine.reply!.descriptor.get(argument.name)!;
  const last = argument.replyPosition + 1 === routine.replyVaryings;
  loadNumber(code, reply, descriptor, argument, "%r19");
  code.constant("%r22", argument.type.number);
  code.branch("comb,<<,n", "%r22,%r19", ["%r22", "%r19"], typeError);
  bodyBytes(code, argument, "%r19", "%r21");
  code.address("%r20", "%r19", routine.reply!.minSize);
  const compare = last ? "comb,<>,n" : "comb,<<,n";
  code.branch(compare, `${sizeRegister},%r20`, [sizeRegister, "%r20"], typeError);
  if (!last)
    code.emit(
      "sub",
      `${sizeRegister},%r19,${sizeRegister}`,
      [sizeRegister, "%r19"],
      [sizeRegister],
    );
}

/** Copies what the user has room for; more than that is MIG_ARRAY_TOO_LARGE, with the true count. */
function unpackVarying(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, reply } = context;
  const { type, name } = argument;
  const at = routine.reply!.data.get(name)!;
  const descriptor = routine.reply!.descriptor.get(name)!;
  const { word } = context.passing(argument);
  if (type.isString) {
    code.move("%r26", context.word(word, "%r26"));
    code.address("%r25", reply.base, at);
    code.constant("%r24", type.number);
    return code.call("mig_strncpy");
  }
  const count = context.passing(countOf(context, argument)).word;
  const fits = code.newLabel();
  const loadCount = (register: string): void => {
    loadNumber(code, reply, descriptor, argument, register);
    divide(code, register, multiplier(argument), "%r21");
  };
  const copy = (elements: string): void => {
    code.move("%r24", elements);
    multiply(code, "%r24", elementBytes(argument), "%r21");
    code.move("%r25", context.word(word, "%r25"));
    code.address("%r26", reply.base, at);
    code.call("bcopy");
    loadCount("%r19");
    const pointer = context.word(count, "%r20");
    code.store("stw", "%r19", pointer, 0, "user", undefined);
  };
  loadCount("%r19");
  code.load("ldw", "%r22", context.word(count, "%r20"), 0, "user", undefined);
  code.branch("comb,<<,n", "%r22,%r19", ["%r22", "%r19"], fits);
  copy("%r19");
  const large = context.error(CODE.MIG_ARRAY_TOO_LARGE);
  code.later(() => {
    code.place(fits);
    copy("%r22");
    code.jump(large);
  });
}
