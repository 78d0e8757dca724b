/**
 * From the arguments as written to the arguments as analysed: directions become travel attributes,
 * and every argument gets the implicit ones that follow from its type.
 *
 * Implicit arguments stand behind their parent in MIG's order: poly, count-in-out, count, dealloc,
 * server copy. Drafts are mutable here only; `freeze` turns references into indices.
 */
import type { Argument, Direction, Flag } from "./ast.ts";
import type { Log, Place } from "./log.ts";
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import { MACH_MSG_TYPE_POLYMORPHIC, isPortRight } from "./message-names.ts";
import type { ArgumentIdentity, RoutineArgument, Travel } from "./routine.ts";
import { type IpcType, type Sides, integerType, makeType } from "./ipc-type.ts";
import { type TypeTable } from "./types.ts";

type Links = "parent" | "count" | "countInOutArgument" | "poly" | "deallocArgument";

/** An argument under construction. */
export type Draft = {
  -readonly [K in Exclude<keyof RoutineArgument, Links>]: RoutineArgument[K];
} & {
  [K in Links]: Draft | undefined;
};

const SEND = { send: true, sendBody: true, sendSnd: true, sendRcv: true };
const RETURN = { return: true, returnBody: true, returnSnd: true, returnRcv: true };
const BOTH_SIDES = { userArg: true, serverArg: true };
const PORT = { send: true, sendSnd: true, sendRcv: true };
const IN = { ...BOTH_SIDES, ...SEND, request: true };
const OUT = { ...BOTH_SIDES, ...RETURN, reply: true, replyInit: true };

const TRAVEL: Record<Direction, [ArgumentIdentity, Partial<Travel>]> = {
  in: ["normal", IN],
  out: ["normal", OUT],
  inout: ["normal", { ...IN, ...OUT, replyCopy: true }],
  requestport: ["request port", { ...BOTH_SIDES, ...PORT }],
  replyport: ["reply port", { ...BOTH_SIDES, ...PORT }],
  sreplyport: ["reply port", { ...PORT, serverArg: true }],
  ureplyport: ["reply port", { ...PORT, userArg: true }],
  waittime: ["wait time", { userArg: true }],
  msgoption: ["msg option", { userArg: true }],
  msgseqno: ["msg seqno", { serverArg: true, send: true, sendRcv: true }],
};

/** A bare argument: a return code, a dummy port, or the start of any other. */
export function draft(
  name: string,
  place: Place,
  identity: ArgumentIdentity,
  type: IpcType,
  travel: Partial<Travel>,
): Draft {
  // Written out: spreading makes objects of many hidden shapes, which was most of the time.
  return {
    request: travel.request === true,
    reply: travel.reply === true,
    userArg: travel.userArg === true,
    serverArg: travel.serverArg === true,
    send: travel.send === true,
    sendBody: travel.sendBody === true,
    sendSnd: travel.sendSnd === true,
    sendRcv: travel.sendRcv === true,
    return: travel.return === true,
    returnBody: travel.returnBody === true,
    returnSnd: travel.returnSnd === true,
    returnRcv: travel.returnRcv === true,
    replyInit: travel.replyInit === true,
    replyCopy: travel.replyCopy === true,
    name,
    place,
    identity,
    type,
    value: name,
    dealloc: type.dealloc,
    longForm: type.longForm,
    serverCopy: false,
    countInOut: false,
    requestQuick: false,
    replyQuick: false,
    varNeeded: false,
    destroy: false,
    variable: false,
    indefinite: false,
    byReferenceUser: false,
    byReferenceServer: false,
    parent: undefined,
    count: undefined,
    countInOutArgument: undefined,
    poly: undefined,
    deallocArgument: undefined,
    multiplier: 1,
    requestPosition: -1,
    replyPosition: -1,
  };
}

/** What the analysis of one argument needs to know. */
export interface ArgumentContext extends Sides {
  readonly types: TypeTable;
  readonly log: Log;
}

/**
 * The argument as written, followed by its implicit arguments.
 * @param direction - what `written.direction` stands for, defaults applied.
 */
export function makeArguments(
  written: Argument,
  direction: Direction,
  type: IpcType,
  context: ArgumentContext,
): Draft[] {
  const [identity, travel] = TRAVEL[direction];
  const argument = draft(written.name.text, written.name.place, identity, type, travel);
  applyFlags(argument, written.flags, context);
  augment(argument, context);
  const implicit: Draft[] = [];
  if (type.inName === MACH_MSG_TYPE_POLYMORPHIC || type.outName === MACH_MSG_TYPE_POLYMORPHIC)
    implicit.push(polyArgument(argument, context));
  if (type.varying) {
    const count = countArgument(argument);
    if (argument.countInOut) implicit.push(countInOutArgument(argument, count));
    implicit.push(count);
  }
  if (argument.dealloc === "maybe") implicit.push(deallocArgument(argument));
  if (argument.serverCopy) implicit.push(serverCopyArgument(argument));
  for (const follower of implicit) augment(follower, context);
  return [argument, ...implicit];
}

function applyFlags(argument: Draft, written: ReadonlySet<Flag>, context: ArgumentContext): void {
  const { types, log } = context;
  const { type, name, place } = argument;
  const flags = types.checkedFlags(written, name, place);
  // Mach 2.5 programs want the bit on inline data at the kernel's side; not worth a warning.
  const kernelSide =
    (context.kernelServer && argument.return) || (context.kernelUser && argument.send);
  if (kernelSide && flags.has("Dealloc") && type.dealloc === "no") argument.dealloc = "yes";
  else argument.dealloc = types.dealloc(type, flags, type.dealloc, name, place);
  argument.longForm = types.longForm(type, flags, type.longForm, name, place);
  if (flags.has("ServerCopy")) {
    if (type.indefinite && argument.send) argument.serverCopy = true;
    else log.warn(place, `meaningless flag ServerCopy: ${name}`);
  }
  if (flags.has("CountInOut")) {
    if (type.varying && type.inLine && argument.reply) argument.countInOut = true;
    else log.warn(place, `meaningless flag CountInOut: ${name}`);
  }
}

function augment(argument: Draft, { kernelServer, log }: ArgumentContext): void {
  const { type } = argument;
  if (type.varying && type.inLine) {
    if (argument.request && argument.reply)
      log.error(argument.place, `varying inline argument cannot be InOut: ${argument.name}`);
    argument.variable = true;
    argument.indefinite = type.indefinite;
  }
  const quick = !argument.longForm && type.outName !== MACH_MSG_TYPE_POLYMORPHIC && !type.varying;
  // The kernel sees the deallocate bit as the sender set it, so it cannot compare whole words.
  const unpredictable = kernelServer && (!type.inLine || isPortRight(type.outName));
  argument.requestQuick = argument.request && quick && !unpredictable;
  argument.replyQuick = argument.reply && quick;
  const { sendRcv, returnSnd, identity } = argument;
  const late = identity === "count" || identity === "poly" || identity === "dealloc";
  if (
    (type.outTrans !== "" && returnSnd) ||
    (type.inTrans !== "" && sendRcv && returnSnd) ||
    (type.destructor !== "" && sendRcv && !returnSnd && type.inTrans !== "") ||
    (late && returnSnd)
  ) {
    argument.replyCopy = false;
    argument.varNeeded = true;
  }
}

function follower(
  parent: Draft,
  suffix: string,
  identity: ArgumentIdentity,
  type: IpcType,
  travel: Partial<Travel>,
): Draft {
  const argument = draft(`${parent.name}${suffix}`, parent.place, identity, type, travel);
  argument.parent = parent;
  return argument;
}

function countArgument(parent: Draft): Draft {
  const travel = {
    ...BOTH_SIDES,
    send: parent.send,
    sendBody: parent.sendBody,
    sendSnd: parent.sendSnd,
    sendRcv: parent.sendRcv,
    return: parent.return,
    returnBody: parent.returnBody,
    returnSnd: parent.returnSnd,
    returnRcv: parent.returnRcv,
  };
  // A C string carries its length in the descriptor only: no argument on either side.
  const count = follower(
    parent,
    "Cnt",
    "count",
    integerType("mach_msg_type_number_t"),
    parent.type.isString ? {} : travel,
  );
  count.multiplier = parent.type.element?.number ?? 1;
  parent.count = count;
  return count;
}

function countInOutArgument(parent: Draft, count: Draft): Draft {
  // No parent: it is an item of the request in its own right.
  const type = integerType("mach_msg_type_number_t");
  const travel = { ...SEND, request: true };
  const argument = draft(`${parent.name}Cnt`, parent.place, "count in out", type, travel);
  count.countInOutArgument = argument;
  argument.countInOutArgument = count;
  return argument;
}

function polyArgument(parent: Draft, { kernelServer }: ArgumentContext): Draft {
  const { type } = parent;
  const travel: { -readonly [K in keyof Travel]?: boolean } = {};
  const polyIn = type.inName === MACH_MSG_TYPE_POLYMORPHIC;
  const polyOut = type.outName === MACH_MSG_TYPE_POLYMORPHIC;
  if (parent.send) {
    Object.assign(travel, { send: true, sendBody: parent.sendBody });
    if (polyIn) Object.assign(travel, { userArg: parent.userArg, sendSnd: parent.sendSnd });
    if (polyOut) {
      travel.serverArg = parent.serverArg;
      travel.sendRcv = parent.sendRcv;
    }
  }
  if (parent.return) {
    Object.assign(travel, { return: true, returnBody: parent.returnBody });
    // A kernel server packs replies with the receiver's names.
    if (kernelServer ? polyOut : polyIn) {
      travel.serverArg = parent.serverArg;
      travel.returnSnd = parent.returnSnd;
    }
    if (polyOut) Object.assign(travel, { userArg: parent.userArg, returnRcv: parent.returnRcv });
  }
  const poly = follower(parent, "Poly", "poly", integerType("mach_msg_type_name_t"), travel);
  parent.poly = poly;
  return poly;
}

function deallocArgument(parent: Draft): Draft {
  const { send, sendBody, userArg, serverArg } = parent;
  const { return: back, returnBody } = parent;
  const { indefinite } = parent.type;
  const travel = {
    ...(send ? { userArg, send, sendBody, sendSnd: parent.sendSnd && !indefinite } : {}),
    ...(back
      ? { serverArg, return: back, returnBody, returnSnd: parent.returnSnd && !indefinite }
      : {}),
  };
  const argument = follower(parent, "Dealloc", "dealloc", booleanType(), travel);
  if (back && indefinite) {
    argument.varNeeded = true;
    argument.byReferenceServer = true;
  }
  parent.deallocArgument = argument;
  return argument;
}

function serverCopyArgument(parent: Draft): Draft {
  const travel = { serverArg: true, sendRcv: true };
  return follower(parent, "SCopy", "server copy", booleanType(), travel);
}

function booleanType(): IpcType {
  const { MACH_MSG_TYPE_BOOLEAN: code } = MACH_MSG_TYPE;
  return makeType("boolean_t", code, code, 32);
}

/** Drafts as readers see them: no longer mutable, references as indices into the same list. */
export function freeze(drafts: readonly Draft[]): RoutineArgument[] {
  const index = (other: Draft | undefined): number =>
    other === undefined ? -1 : drafts.indexOf(other);
  return drafts.map((one) => ({
    ...one,
    parent: index(one.parent),
    count: index(one.count),
    countInOutArgument: index(one.countInOutArgument),
    poly: index(one.poly),
    deallocArgument: index(one.deallocArgument),
  }));
}
