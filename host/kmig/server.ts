/**
 * Message server stubs: `_X<name>(in, out)`, which the demultiplexer calls.
 *
 * A stub checks the request, calls the work function with values and addresses inside the two
 * messages, and completes the reply, whose header and empty return code the demultiplexer has
 * made. InOut data is worked on in the request and then copied to the reply (paper §4.3, stage 12).
 *
 * Behind a varying item of the request begins a new pointer (MIG's In1P, In2P …), so that the
 * structure's offsets stay good; in the reply one pointer moves.
 */
import {
  type Passing,
  argumentHome,
  argumentRegister,
  countWords,
  passArguments,
} from "./calling.ts";
import { Code, type Label } from "./code.ts";
import { receivedPorts } from "./demux.ts";
import {
  FLAG_BIT,
  type Message,
  checkDescriptor,
  checkName,
  itemAt,
  polymorphicOut,
} from "./descriptor.ts";
import { Frame, round, savedRegister } from "./frame.ts";
import { CODE, HEADER, REPLY } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import {
  isReal,
  isSmallStructure,
  loadReal,
  loadSmallStructure,
  realArgument,
  realResult,
  scalarAccess,
  storeReal,
} from "./scalar.ts";
import type { ServerContext } from "./server-context.ts";
import { loadFollower } from "./server-followers.ts";
import { completeReply } from "./server-reply.ts";
import {
  destroyArguments,
  needsLocal,
  releasePorts,
  releasedPorts,
  translateIn,
  translatesIn,
  usesRequestLate,
} from "./server-translate.ts";
import type { StubOptions } from "./user.ts";
import {
  bodyBytes,
  largestBody,
  limitNumber,
  loadNumber,
  mostElements,
  pointerIfOutOfLine,
} from "./varying.ts";

/** Arguments of the work function, with their words. */
export function workArguments(routine: Routine): Passing[] {
  const list = routine.arguments.filter((argument) => argument.serverArg);
  return passArguments(list, (argument) => argument.byReferenceServer, translatesIn);
}

/** The stub's instructions, without its label. */
export function serverStub(routine: Routine, interface_: Interface, options: StubOptions): string {
  return new ServerStub(routine, interface_, options).write();
}

class ServerStub implements ServerContext {
  readonly code = new Code();
  readonly routine: Routine;
  readonly interface_: Interface;
  readonly options: StubOptions;
  readonly reply: Message;
  readonly body: Message;
  readonly sizeRegister: string;
  private readonly frame: Frame;
  private readonly passings: readonly Passing[];
  private readonly locals = new Map<RoutineArgument, number>();
  private readonly pointers = new Map<RoutineArgument, number>();
  private readonly leave: Label;

  constructor(routine: Routine, interface_: Interface, options: StubOptions) {
    this.routine = routine;
    this.interface_ = interface_;
    this.options = options;
    this.passings = workArguments(routine);
    let size = 0;
    for (const argument of routine.arguments)
      if (needsLocal(argument)) {
        this.locals.set(argument, size);
        size += round(argument.type.typeSize, 8);
      }
    for (const argument of routine.arguments)
      if (argument.indefinite && argument.returnSnd) {
        this.pointers.set(argument, size);
        size += 8;
      }
    const varies = routine.replyVaryings > 0;
    const inputs = this.savesInputs() ? 1 + this.lastPosition() : 0;
    this.reply = { base: savedRegister(0), area: "reply", moving: varies };
    this.body = varies ? { ...this.reply, base: savedRegister(1 + inputs) } : this.reply;
    this.sizeRegister = savedRegister(2 + inputs);
    this.frame = new Frame({
      saved: 1 + inputs + (varies ? 2 : 0),
      locals: size,
      outgoing: countWords(this.passings),
    });
    this.leave = this.code.newLabel();
  }

  write(): string {
    const { code, routine, frame } = this;
    frame.enter(code);
    code.move(this.reply.base, "%r25", "OutP");
    code.move(this.input(0).base, "%r26", "In0P");
    code.probe(this.options.probes ? "kmig.server.check" : undefined);
    code.step("request: size, bits, types");
    this.checkRequest();
    this.callWork();
    this.takeResult();
    const destroyed = destroyArguments(this);
    const replies = !routine.noReplyArguments && !routine.oneWay;
    if (replies || releasedPorts(this).length > 0) {
      if (routine.result === routine.returnCode) {
        if (destroyed) this.loadReturnCode();
        code.branch("comib,<>,n", "0,%r28", ["%r28"], this.leave);
      }
      releasePorts(this);
      if (replies) completeReply(this);
    }
    code.place(this.leave);
    code.probe(this.options.probes ? "kmig.server.leave" : undefined);
    frame.leave(code);
    return code.text();
  }

  /** Whether the pointers into the request live in callee-saved registers. */
  private savesInputs(): boolean {
    return this.routine.requestVaryings > 0 || usesRequestLate(this.routine, this.interface_);
  }

  /** The last position of any item of the request. */
  private lastPosition(): number {
    const items = this.routine.arguments.filter((argument) => argument.request);
    return Math.max(0, ...items.map((argument) => argument.requestPosition));
  }

  input(position: number): Message {
    const base = this.savesInputs() ? savedRegister(1 + position) : "%r26";
    return { base, area: "request", moving: this.routine.requestVaryings > 0 };
  }

  localOffset(argument: RoutineArgument): number | undefined {
    const offset = this.locals.get(argument);
    return offset === undefined ? undefined : this.frame.locals + offset;
  }

  pointerOffset(argument: RoutineArgument): number {
    return this.frame.locals + this.pointers.get(argument)!;
  }

  private checkRequest(): void {
    const { code, routine } = this;
    const { request, receiveRequest, requestVaryings } = routine;
    const head = this.input(0);
    const bad = code.newLabel();
    const get = (register: string, field: keyof typeof HEADER): void =>
      code.load("ldw", register, head.base, HEADER[field], head.area, HEADER[field], field);
    get("%r22", "msgh_size");
    get("%r21", "msgh_bits");
    code.constant("%r20", request.minSize);
    const wrong = requestVaryings > 0 ? "comb,<<,n" : "comb,<>,n";
    code.branch(wrong, "%r22,%r20", ["%r22", "%r20"], bad);
    const { simple, fixed } = receiveRequest;
    if (fixed) code.branch(simple ? "bb,<,n" : "bb,>=,n", "%r21,0", ["%r21"], bad);
    const bits = (): void => get("%r21", "msgh_bits");
    for (const argument of routine.arguments)
      if (argument.request) {
        const at = request.descriptor.get(argument.name)!;
        const message = this.input(argument.requestPosition);
        checkDescriptor(code, message, at, argument, argument.requestQuick, bad);
        if (polymorphicOut(argument) && !fixed) checkName(code, message, at, argument, bits, bad);
        if (argument.variable) this.checkVarying(argument, message, bad);
      }
    code.later(() => {
      code.place(bad);
      code.constant("%r19", CODE.MIG_BAD_ARGUMENTS);
      this.storeReturnCode("%r19");
      code.jump(this.leave);
    });
  }

  /** Checks the message's size, kept in r22, against the array's, and finds where the rest begins. */
  private checkVarying(argument: RoutineArgument, message: Message, bad: Label): void {
    const { code, routine } = this;
    const { request, requestVaryings } = routine;
    const last = argument.requestPosition + 1 === requestVaryings;
    const descriptor = request.descriptor.get(argument.name)!;
    loadNumber(code, message, descriptor, argument, "%r19");
    limitNumber(code, message, descriptor, argument, "%r19", bad);
    bodyBytes(code, argument, "%r19", "%r21");
    if (argument.indefinite) pointerIfOutOfLine(code, message, descriptor, "%r19");
    code.address("%r20", "%r19", request.minSize);
    code.branch(last ? "comb,<>,n" : "comb,<<,n", "%r22,%r20", ["%r22", "%r20"], bad);
    if (!last) code.emit("sub", "%r22,%r19,%r22", ["%r22", "%r19"], ["%r22"]);
    if (argument.requestPosition >= this.lastPosition()) return;
    const { base } = message;
    const next = this.input(argument.requestPosition + 1).base;
    code.emit("add", `${base},%r19,${next}`, [base, "%r19"], [next]);
    code.address(next, next, -largestBody(argument));
  }

  private callWork(): void {
    const { code, passings, frame } = this;
    code.step("work function");
    for (const { argument } of passings) this.initialise(argument);
    code.probe(this.options.probes ? "kmig.server.work" : undefined);
    // From the last word to the first: r26 may hold In0P until the end.
    for (const { argument, kind, word } of passings.toReversed())
      for (const part of kind === "pair" ? [1, 0] : [0]) {
        const target = argumentRegister(word + part);
        const value = kind === "word" || kind === "pair";
        if (value && target !== undefined && isReal(argument.type)) {
          if (part === 0) this.loadRealArgument(argument, word);
          continue;
        }
        const register = target ?? "%r19";
        this.loadWord(register, argument, kind, part);
        if (target !== undefined) continue;
        const home = argumentHome(word + part);
        code.store("stw", register, "%r30", home, "frame", frame.size + home);
      }
    code.call(this.routine.serverName);
  }

  private loadWord(
    register: string,
    argument: RoutineArgument,
    kind: Passing["kind"],
    part: number,
  ): void {
    const { code, routine } = this;
    const { name, type } = argument;
    const local = this.localOffset(argument);
    if (local !== undefined && kind === "word")
      return code.load("ldw", register, "%r30", local, "locals", undefined, name);
    if (argument.indefinite && argument.returnSnd)
      return code.address(register, "%r30", this.pointerOffset(argument), name);
    if (local !== undefined) return code.address(register, "%r30", local, name);
    if (argument.parent >= 0) return loadFollower(this, register, argument);
    const { message, at } = this.source(argument);
    const { base, area } = message;
    if (argument.indefinite) {
      const inLine = code.newLabel();
      const descriptor = routine.request.descriptor.get(name)!;
      code.load("ldw", "%r20", base, descriptor, area, itemAt(message, descriptor));
      code.address(register, base, at, name);
      code.branch("bb,<,n", `%r20,${FLAG_BIT.inLine}`, ["%r20"], inLine);
      code.load("ldw", register, base, at, area, itemAt(message, at));
      return code.place(inLine);
    }
    if (kind !== "word" && kind !== "pair") return code.address(register, base, at, name);
    if (isSmallStructure(type)) {
      const which = kind === "pair" && part === 1 ? "high" : "low";
      return loadSmallStructure(code, register, message, at, type.typeSize, which);
    }
    // The low word of a pair is its first.
    const offset = kind === "pair" ? at + 4 - 4 * part : at;
    const load = kind === "pair" ? "ldw" : scalarAccess(type)!.load;
    code.load(load, register, base, offset, area, itemAt(message, offset), name);
  }

  private loadRealArgument(argument: RoutineArgument, word: number): void {
    const { message, at } = this.source(argument);
    const { typeSize } = argument.type;
    loadReal(this.code, message.base, at, realArgument(word, typeSize), typeSize);
  }

  source(argument: RoutineArgument): { message: Message; at: number } {
    const { routine, interface_ } = this;
    const fields = receivedPorts(interface_);
    const message = this.input(0);
    switch (argument.identity) {
      case "request port":
        return { message, at: HEADER[fields.request] };
      case "reply port":
        return { message, at: HEADER[fields.reply] };
      case "msg seqno":
        return { message, at: HEADER.msgh_seqno };
      default: {
        const { name, sendRcv, requestPosition } = argument;
        return sendRcv
          ? { message: this.input(requestPosition), at: routine.request.data.get(name)! }
          : { message: this.reply, at: routine.reply!.data.get(name)! };
      }
    }
  }

  /** A returned count starts as the most that the array holds, or less if the user has less room. */
  private initialise(argument: RoutineArgument): void {
    const { code, routine } = this;
    if (translatesIn(argument)) return translateIn(this, argument);
    if (argument.indefinite && argument.returnSnd) this.pointToBuffer(argument);
    const local = this.localOffset(argument);
    const follows = argument.identity === "count" || argument.identity === "poly";
    if (!follows || !argument.returnSnd || local === undefined) return;
    const store = (register: string): void =>
      code.store("stw", register, "%r30", local, "locals", undefined, argument.name);
    const parent = routine.arguments[argument.parent]!;
    if (argument.sendRcv) {
      loadFollower(this, "%r21", argument);
      return store("%r21");
    }
    if (argument.identity === "poly" || !parent.variable) return;
    code.constant("%r21", mostElements(parent));
    const room = routine.arguments[argument.countInOutArgument];
    if (room !== undefined) {
      const { base, area } = this.input(room.requestPosition);
      const at = routine.request.data.get(room.name)!;
      code.load("ldw", "%r22", base, at, area, undefined);
      code.raw("comclr,>>=", "%r22,%r21,%r0", "the smaller of both");
      code.raw("copy", "%r22,%r21");
    }
    store("%r21");
  }

  /** A returned indefinite array's pointer starts at the room that there is in the reply. */
  private pointToBuffer(argument: RoutineArgument): void {
    const { code, routine } = this;
    const local = this.localOffset(argument);
    if (local === undefined)
      code.address("%r21", this.reply.base, routine.reply!.data.get(argument.name)!);
    else code.address("%r21", "%r30", local);
    code.store("stw", "%r21", "%r30", this.pointerOffset(argument), "locals", undefined);
  }

  private takeResult(): void {
    const { code, routine } = this;
    const { result, returnCode, reply } = routine;
    if (result === returnCode) return this.storeReturnCode("%r28");
    if (result !== undefined && reply !== undefined) {
      const { outTrans } = result.type;
      if (outTrans !== "") {
        code.move("%r26", "%r28");
        code.call(outTrans);
      }
      const at = reply.data.get(result.name)!;
      const { typeSize } = result.type;
      if (isReal(result.type) && outTrans === "") {
        storeReal(code, this.reply.base, at, realResult(typeSize), typeSize);
        return this.storeReturnCode("%r0");
      }
      const { store, parts } = scalarAccess(result.type)!;
      parts.forEach((part, i) => {
        const register = i === 0 ? "%r28" : "%r29";
        code.store(store, register, this.reply.base, at + part, "reply", undefined);
      });
    }
    this.storeReturnCode("%r0");
  }

  private loadReturnCode(): void {
    const { base, area } = this.reply;
    this.code.load("ldw", "%r28", base, REPLY.RetCode, area, REPLY.RetCode, "RetCode");
  }

  private storeReturnCode(register: string): void {
    const { base, area } = this.reply;
    this.code.store("stw", register, base, REPLY.RetCode, area, REPLY.RetCode, "RetCode");
  }
}
