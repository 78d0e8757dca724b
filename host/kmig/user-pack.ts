/**
 * How a message client stub puts arguments into a request.
 *
 * Behind a varying item the message pointer moves by what the item is shorter than its largest, so
 * that the offsets of the structure stay good for what follows. An indefinite array that is too long
 * for the message goes out of line: a pointer in place of the data, and the message is complex.
 */
import type { Code } from "./code.ts";
import { copyBytes } from "./copy.ts";
import {
  branchIfPortRight,
  itemAt,
  storeDeallocate,
  storeDescriptor,
  storeName,
  storeOutOfLine,
} from "./descriptor.ts";
import { CODE } from "./message-names.ts";
import type { RoutineArgument } from "./routine.ts";
import { isSmallStructure, scalarAccess, storeSmallStructure } from "./scalar.ts";
import { type UserContext, followerOf, userValue } from "./user-context.ts";
import { alignment } from "./ipc-type.ts";
import {
  bodyBytes,
  elementBytes,
  largestBody,
  mostElements,
  multiplier,
  multiply,
  pointerIfOutOfLine,
  roundToWord,
  storeNumber,
} from "./varying.ts";

/** Puts every item into the request; tells whether InP has moved. */
export function packRequest(context: UserContext): boolean {
  const { code, routine, sizeRegister, simpleRegister } = context;
  const items = routine.arguments.filter((argument) => argument.request);
  if (routine.requestVaryings > 0)
    code.constant(sizeRegister, routine.request.minSize, "msgh_size");
  if (simpleRegister !== undefined) code.constant(simpleRegister, 1, "msgh_simple");
  let moved = false;
  items.forEach((argument, i) => {
    code.step(argument.name);
    const at = routine.request.descriptor.get(argument.name)!;
    storeDescriptor(code, context.request, at, argument, "inName");
    if (argument.identity === "count in out") return packRoom(context, argument);
    if (argument.indefinite) packIndefinite(context, argument);
    else if (argument.variable) packVarying(context, argument);
    else packFixed(context, argument);
    packName(context, argument);
    packNumber(context, argument);
    packDeallocate(context, argument);
    if (!argument.variable) return;
    const registers = [sizeRegister, "%r19"];
    code.emit("add", `${sizeRegister},%r19,${sizeRegister}`, registers, [sizeRegister]);
    if (i === items.length - 1) return;
    advance(code, context.request.base, argument);
    moved = true;
  });
  return moved;
}

/** Moves a message pointer past a varying item whose bytes are in r19. */
export function advance(code: Code, base: string, argument: RoutineArgument): void {
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
  if ((kind === "word" || kind === "pair") && isSmallStructure(type)) {
    const low = context.word(word, "%r19");
    const high = kind === "pair" ? context.word(word + 1, "%r22") : low;
    storeSmallStructure(code, { high, low }, request, at, type.typeSize);
  } else if (kind === "word") put(access!.store, context.word(word, "%r19"), 0);
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

/** Copies an array of as many elements as r22 says; `word` has the user's address. */
function copyElements(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request } = context;
  const { word } = context.passing(argument);
  code.move("%r24", "%r22");
  multiply(code, "%r24", elementBytes(argument), "%r21");
  code.move("%r26", context.word(word, "%r26"));
  code.address("%r25", request.base, routine.request.data.get(argument.name)!);
  code.call("bcopy");
}

/** Copies the array; a string leaves its length in r28. */
function packVarying(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request } = context;
  const { type, name } = argument;
  if (type.isString) {
    const { word } = context.passing(argument);
    code.move("%r25", context.word(word, "%r25"));
    code.address("%r26", request.base, routine.request.data.get(name)!);
    code.constant("%r24", type.number);
    return code.call("mig_strncpy");
  }
  loadCount(context, argument, "%r22");
  code.constant("%r21", mostElements(argument));
  const large = context.error(CODE.MIG_ARRAY_TOO_LARGE);
  code.branch("comb,<<,n", "%r21,%r22", ["%r21", "%r22"], large);
  copyElements(context, argument);
}

/** Copies the array, or leaves it where it is and sends its address. */
function packIndefinite(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request, simpleRegister } = context;
  const { name, dealloc } = argument;
  const descriptor = routine.request.descriptor.get(name)!;
  const at = routine.request.data.get(name)!;
  const outOfLine = code.newLabel();
  const joined = code.newLabel();
  loadCount(context, argument, "%r22");
  code.constant("%r21", mostElements(argument));
  code.branch("comb,<<,n", "%r21,%r22", ["%r21", "%r22"], outOfLine);
  copyElements(context, argument);
  code.place(joined);
  code.later(() => {
    code.place(outOfLine);
    const chosen = followerOf(routine, argument, "deallocArgument");
    const flag = chosen === undefined ? undefined : userValue(context, chosen, "%r22");
    storeOutOfLine(code, request, descriptor, flag ?? dealloc === "yes");
    const pointer = context.word(context.passing(argument).word, "%r19");
    code.store("stw", pointer, request.base, at, request.area, undefined, name);
    if (simpleRegister !== undefined) code.constant(simpleRegister, 0, "msgh_simple");
    code.jump(joined);
  });
}

/** The user's count, in `register` itself so that it may be changed. */
function loadCount(context: UserContext, argument: RoutineArgument, register: string): void {
  const count = followerOf(context.routine, argument, "count")!;
  context.code.move(register, userValue(context, count, register));
}

/** The type name of a polymorphic item; a right makes the message complex. */
function packName(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request, simpleRegister } = context;
  const poly = followerOf(routine, argument, "poly");
  if (poly === undefined || !poly.sendSnd) return;
  const descriptor = routine.request.descriptor.get(argument.name)!;
  const name = userValue(context, poly, "%r22");
  storeName(code, request, descriptor, argument, name);
  if (simpleRegister === undefined) return;
  const isRight = code.newLabel();
  const joined = code.newLabel();
  code.move("%r21", name);
  branchIfPortRight(code, "%r21", isRight);
  code.place(joined);
  code.later(() => {
    code.place(isRight);
    code.constant(simpleRegister, 0, "msgh_simple");
    code.jump(joined);
  });
}

/** The number of elements, if it is not fixed; of an item inline r19 then has its bytes. */
function packNumber(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request } = context;
  const { type } = argument;
  const descriptor = routine.request.descriptor.get(argument.name)!;
  if (argument.variable && type.isString) {
    storeNumber(code, request, descriptor, argument, "%r28", "%r20");
    code.move("%r19", "%r28");
    return roundToWord(code, "%r19");
  }
  const count = followerOf(routine, argument, "count");
  if (count === undefined || !count.sendSnd) return;
  loadCount(context, argument, "%r19");
  multiply(code, "%r19", multiplier(argument), "%r21");
  storeNumber(code, request, descriptor, argument, "%r19", "%r20");
  if (!argument.variable) return;
  bodyBytes(code, argument, "%r19", "%r21");
  if (argument.indefinite) pointerIfOutOfLine(code, request, descriptor, "%r19");
}

/** The flag of out-of-line memory that the user chooses. */
function packDeallocate(context: UserContext, argument: RoutineArgument): void {
  const { code, routine, request } = context;
  const chosen = followerOf(routine, argument, "deallocArgument");
  if (chosen === undefined || !chosen.sendSnd) return;
  const descriptor = routine.request.descriptor.get(argument.name)!;
  storeDeallocate(code, request, descriptor, userValue(context, chosen, "%r22"));
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
