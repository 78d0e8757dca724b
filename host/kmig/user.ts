/**
 * Message client stubs: the procedure that a client calls, which sends a request and waits for
 * the reply.
 *
 * In the order of MIG's C: request items, header, reply port, `mach_msg`, then the checks of the
 * reply and its items. As MIG's variables ask, r3 is InP and r4 OutP; user arguments that are
 * needed after a call move to r5 and up. Calls `mach_msg` (7 arguments), `mig_get_reply_port`,
 * `mig_dealloc_reply_port`, and `bcopy` if structure copies are calls.
 */
import { MACH_MSG_OPTION, MACH_MSGH_BITS, MACH_NOTIFY } from "../abi/mach.ts";
import { type Passing, argumentHome, argumentRegister, passArguments } from "./calling.ts";
import { Code, type Label } from "./code.ts";
import { type StructCopy, copyBytes, copyCalls } from "./copy.ts";
import { type Message, checkDescriptor, storeDescriptor } from "./descriptor.ts";
import { Frame, round, savedRegister } from "./frame.ts";
import { alignment } from "./layout.ts";
import { CODE, HEADER, REPLY } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";

export interface StubOptions {
  readonly structCopy: StructCopy;
}

const MESSAGE_ARGUMENTS = 7;
const IN: Message = { base: "%r3", area: "message" };
const OUT: Message = { base: "%r4", area: "message" };
/** InP and OutP; what follows holds user arguments. */
const POINTERS = 2;

/** The stub's instructions, without its label. */
export function userStub(routine: Routine, interface_: Interface, options: StubOptions): string {
  return new UserStub(routine, interface_, options).write();
}

class UserStub {
  private readonly code = new Code();
  private readonly routine: Routine;
  private readonly interface_: Interface;
  private readonly mode: StructCopy;
  private readonly passings: readonly Passing[];
  private readonly frame: Frame;
  /** Argument words that live in callee-saved registers from the start. */
  private readonly kept: readonly number[];
  private readonly leave: Label;
  private leaveUsed = false;

  constructor(routine: Routine, interface_: Interface, options: StubOptions) {
    this.routine = routine;
    this.interface_ = interface_;
    this.mode = options.structCopy;
    const list = routine.arguments.filter((argument) => argument.userArg);
    this.passings = passArguments(list, (argument) => argument.byReferenceUser);
    this.kept = this.keptWords();
    const largest = Math.max(routine.request.maxSize, routine.reply?.maxSize ?? 0);
    const pointers = routine.oneWay ? 1 : POINTERS;
    this.frame = new Frame({
      saved: pointers + this.kept.length,
      locals: round(largest, 8),
      outgoing: MESSAGE_ARGUMENTS,
    });
    this.leave = this.code.newLabel();
  }

  write(): string {
    const { code, routine } = this;
    this.enter();
    for (const argument of routine.arguments) if (argument.request) this.pack(argument);
    this.header();
    this.send();
    if (routine.oneWay) this.finishOneWay();
    else {
      this.checkReply();
      this.unpackReply();
    }
    return code.text();
  }

  /** Register arguments that a call would destroy before their last use. */
  private keptWords(): number[] {
    const { routine, passings } = this;
    const early = routine.arguments.some((a) => a.request && this.callsToCopy(a));
    const kept = new Set<number>();
    for (const { argument, kind, word } of passings) {
      const late = argument.identity === "msg option" || argument.identity === "wait time";
      const last = argument.returnRcv && kind === "address";
      if (!early && !last && !(late && this.asksForPort())) continue;
      for (const w of kind === "pair" ? [word, word + 1] : [word])
        if (argumentRegister(w) !== undefined) kept.add(w);
    }
    return [...kept].sort((a, b) => a - b);
  }

  private asksForPort(): boolean {
    const { routine, interface_ } = this;
    return !routine.oneWay && !routine.replyPort.userArg && !interface_.kernelUser;
  }

  private callsToCopy(argument: RoutineArgument): boolean {
    return copyCalls(this.mode) && !argument.type.isStruct;
  }

  private enter(): void {
    const { code, frame } = this;
    frame.enter(code);
    code.address(IN.base, "%r30", frame.locals, "InP");
    if (!this.routine.oneWay) code.move(OUT.base, IN.base, "OutP");
    const first = this.routine.oneWay ? 1 : POINTERS;
    this.kept.forEach((word, i) => {
      code.move(savedRegister(first + i), argumentRegister(word)!);
    });
  }

  /** The register that holds an argument word; words in memory are loaded to `scratch`. */
  private word(word: number, scratch: string): string {
    const index = this.kept.indexOf(word);
    if (index >= 0) return savedRegister((this.routine.oneWay ? 1 : POINTERS) + index);
    const register = argumentRegister(word);
    if (register !== undefined) return register;
    this.frame.access(this.code, "ldw", scratch, argumentHome(word));
    return scratch;
  }

  private passing(argument: RoutineArgument): Passing {
    return this.passings.find((passing) => passing.argument === argument)!;
  }

  private pack(argument: RoutineArgument): void {
    const { code, routine } = this;
    const { type, name } = argument;
    const { descriptor, data } = routine.request;
    code.step(`${name}`);
    storeDescriptor(code, IN, descriptor.get(name)!, argument, "inName");
    const at = data.get(name)!;
    const { kind, word } = this.passing(argument);
    const access = scalarAccess(type);
    if (kind === "word") {
      code.store(access!.store, this.word(word, "%r19"), IN.base, at, IN.area, at);
    } else if (kind === "pair") {
      const low = this.word(word, "%r19");
      code.store("stw", low, IN.base, at + 4, IN.area, at + 4);
      code.store("stw", this.word(word + 1, "%r22"), IN.base, at, IN.area, at);
    } else if (access !== undefined && argument.byReferenceUser) {
      const pointer = this.word(word, "%r19");
      access.parts.forEach((part, i) => {
        const register = i === 0 ? "%r22" : "%r21";
        code.load(access.load, register, pointer, part, "user", undefined);
        code.store(access.store, register, IN.base, at + part, IN.area, at + part);
      });
    } else {
      const from = { base: this.word(word, "%r31"), offset: 0, area: "user", at: undefined };
      const to = { base: IN.base, offset: at, area: IN.area, at };
      const aligned = alignment(type) >= 4;
      copyBytes(code, from, to, type.typeSize, aligned, type.isStruct ? "word" : this.mode);
    }
  }

  private header(): void {
    const { code, routine } = this;
    const { requestPort, replyPort, sendRequest } = routine;
    code.step("message header");
    const complex = sendRequest.simple ? 0 : MACH_MSGH_BITS.MACH_MSGH_BITS_COMPLEX;
    const bits = (requestPort.type.inName | (replyPort.type.inName << 8) | complex) >>> 0;
    code.constant("%r19", bits, "msgh_bits");
    this.put("%r19", "msgh_bits");
    this.put(this.word(this.passing(requestPort).word, "%r20"), "msgh_remote_port");
    let local = "%r0";
    if (replyPort.userArg) {
      code.move("%r28", this.word(this.passing(replyPort).word, "%r28"));
      local = "%r28";
    } else if (this.asksForPort()) {
      code.call("mig_get_reply_port");
      local = "%r28";
    }
    this.put(local, "msgh_local_port");
    this.put("%r0", "msgh_seqno");
    code.constant("%r19", routine.requestId, "msgh_id");
    this.put("%r19", "msgh_id");
  }

  private put(register: string, field: keyof typeof HEADER): void {
    this.code.store("stw", register, IN.base, HEADER[field], IN.area, HEADER[field], field);
  }

  private send(): void {
    const { code, routine, interface_ } = this;
    const { oneWay, waitTime, msgOption, request, reply } = routine;
    if (interface_.kernelUser) {
      code.move("%r26", IN.base);
      code.constant("%r25", request.minSize);
      if (reply !== undefined) code.constant("%r24", reply.maxSize);
      code.call(oneWay ? "mach_msg_send_from_kernel" : "mach_msg_rpc_from_kernel");
      return;
    }
    const { MACH_SEND_MSG, MACH_RCV_MSG, MACH_RCV_TIMEOUT } = MACH_MSG_OPTION;
    const waits = waitTime !== undefined && !oneWay;
    const option = MACH_SEND_MSG | (oneWay ? 0 : MACH_RCV_MSG | (waits ? MACH_RCV_TIMEOUT : 0));
    // User arguments are read before the registers they may stand in are written.
    const options = msgOption.userArg ? this.word(this.passing(msgOption).word, "%r21") : undefined;
    const timeout = !waits
      ? "%r0"
      : waitTime.userArg
        ? this.word(this.passing(waitTime).word, "%r22")
        : this.symbolic("%r22", waitTime.value);
    this.outgoing(4, oneWay ? "%r0" : "%r28", "rcv_name");
    this.outgoing(5, timeout, "timeout");
    this.outgoing(6, "%r0", "notify");
    if (options !== undefined) {
      code.constant("%r20", option, "option");
      code.emit("or", `${options},%r20,%r25`, [options, "%r20"], ["%r25"]);
    } else if (/^\d+$/.test(msgOption.value))
      code.constant("%r25", option | Number(msgOption.value), "option");
    else {
      code.constant("%r20", option, "option");
      const named = this.symbolic("%r21", msgOption.value);
      code.emit("or", `${named},%r20,%r25`, [named, "%r20"], ["%r25"]);
    }
    code.move("%r26", IN.base, "msg");
    code.constant("%r24", request.minSize, "send_size");
    if (reply === undefined) code.move("%r23", "%r0");
    else code.constant("%r23", reply.maxSize, "rcv_size");
    code.call("mach_msg");
  }

  /** A value that the interface gives by name: a constant for the assembler or the linker. */
  private symbolic(register: string, name: string): string {
    if (/^\d+$/.test(name)) this.code.constant(register, Number(name));
    else this.code.symbol(register, name);
    return register;
  }

  private outgoing(word: number, register: string, comment: string): void {
    const at = argumentHome(word);
    this.code.store("stw", register, "%r30", at, "frame", this.frame.size + at, comment);
  }

  private finishOneWay(): void {
    const { code, routine } = this;
    if (routine.procedure) {
      const failed = code.newLabel();
      code.branch("comib,<>,n", "0,%r28", ["%r28"], failed);
      code.later(() => {
        code.place(failed);
        this.fail();
      });
    }
    this.returnHere();
  }

  private checkReply(): void {
    const { code, routine } = this;
    const reply = routine.reply!;
    const failed = code.newLabel();
    const otherId = code.newLabel();
    const typeError = code.newLabel();
    code.branch("comib,<>,n", "0,%r28", ["%r28"], failed);
    code.step("reply: id, size, return code");
    this.get("%r20", "msgh_id");
    code.constant("%r19", routine.replyId);
    code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], otherId);
    this.get("%r20", "msgh_bits");
    this.get("%r21", "msgh_size");
    const simple = routine.receiveReply.simple;
    const sizeOk = code.newLabel();
    const bitBranch = simple ? "bb,<,n" : "bb,>=,n";
    if (simple) code.branch(bitBranch, "%r20,0", ["%r20"], typeError);
    code.constant("%r19", reply.minSize);
    if (routine.noReplyArguments && simple) {
      code.branch("comb,<>,n", "%r21,%r19", ["%r21", "%r19"], typeError);
    } else {
      // An error reply is shorter: header and a return code that is not 0, and always simple.
      const shorter = code.newLabel();
      code.branch("comb,<>,n", "%r21,%r19", ["%r21", "%r19"], shorter);
      if (!simple) code.branch(bitBranch, "%r20,0", ["%r20"], shorter);
      code.place(sizeOk);
      code.later(() => {
        code.place(shorter);
        code.constant("%r19", REPLY.size);
        code.branch("comb,<>,n", "%r21,%r19", ["%r21", "%r19"], typeError);
        if (!simple) code.branch("bb,<,n", "%r20,0", ["%r20"], typeError);
        code.load("ldw", "%r19", OUT.base, REPLY.RetCode, OUT.area, REPLY.RetCode);
        code.branch("comib,=,n", "0,%r19", ["%r19"], typeError);
        code.rawJump("b,n", "", sizeOk);
      });
    }
    checkDescriptor(code, OUT, REPLY.RetCodeType, routine.returnCode, true, typeError);
    code.load("ldw", "%r28", OUT.base, REPLY.RetCode, OUT.area, REPLY.RetCode, "RetCode");
    this.lateErrors(failed, otherId, typeError);
    this.typeError = typeError;
  }

  private typeError: Label | undefined;

  private get(register: string, field: keyof typeof HEADER): void {
    this.code.load("ldw", register, OUT.base, HEADER[field], OUT.area, HEADER[field], field);
  }

  private lateErrors(failed: Label, otherId: Label, typeError: Label): void {
    const { code, routine } = this;
    code.later(() => {
      code.place(failed);
      if (this.asksForPort()) {
        const drop = code.newLabel();
        const codes: number[] = [CODE.MACH_SEND_INVALID_REPLY, CODE.MACH_RCV_INVALID_NAME];
        if (routine.waitTime !== undefined) codes.push(CODE.MACH_RCV_TIMED_OUT);
        for (const value of codes) {
          code.constant("%r19", value);
          code.branch("comb,=,n", "%r28,%r19", ["%r28", "%r19"], drop);
        }
        this.fail();
        code.later(() => {
          code.place(drop);
          code.move("%r3", "%r28", "InP is no longer needed");
          code.call("mig_dealloc_reply_port");
          code.move("%r28", "%r3");
          this.fail();
        });
      } else this.fail();
      code.place(otherId);
      code.constant("%r28", CODE.MIG_REPLY_MISMATCH);
      code.constant("%r19", MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE);
      code.raw("comclr,<>", "%r20,%r19,%r0");
      code.raw("ldi", `${CODE.MIG_SERVER_DIED},%r28`);
      this.fail();
      code.place(typeError);
      code.constant("%r28", CODE.MIG_TYPE_ERROR);
      this.fail();
    });
  }

  /** Leaves with the error in r28: returned, or handed to the error procedure. */
  private fail(): void {
    const { code, routine } = this;
    if (routine.result !== routine.returnCode) {
      code.move("%r26", "%r28");
      code.call(routine.errorName);
      this.loadResult();
    }
    this.leaveUsed = true;
    code.jump(this.leave);
  }

  private loadResult(): void {
    const { code, routine } = this;
    const { result, reply } = routine;
    if (result === undefined || reply === undefined) return;
    const at = reply.data.get(result.name)!;
    const access = scalarAccess(result.type)!;
    access.parts.forEach((part, i) => {
      code.load(access.load, i === 0 ? "%r28" : "%r29", OUT.base, at + part, OUT.area, at + part);
    });
  }

  private unpackReply(): void {
    const { code, routine } = this;
    const { result, returnCode } = routine;
    if (routine.noReplyArguments && result === returnCode) return this.returnHere();
    const failed = result === returnCode ? this.leave : code.newLabel();
    if (result === returnCode) this.leaveUsed = true;
    else
      code.later(() => {
        code.place(failed);
        this.fail();
      });
    code.branch("comib,<>,n", "0,%r28", ["%r28"], failed);
    let called = false;
    for (const argument of routine.arguments)
      if (argument.reply && argument !== returnCode) {
        this.unpack(argument);
        called ||= this.callsToCopy(argument);
      }
    if (result !== returnCode) this.loadResult();
    else if (called) code.constant("%r28", CODE.KERN_SUCCESS);
    this.returnHere();
  }

  private unpack(argument: RoutineArgument): void {
    const { code, routine } = this;
    const { type, name } = argument;
    const reply = routine.reply!;
    code.step(name);
    const descriptor = reply.descriptor.get(name)!;
    checkDescriptor(code, OUT, descriptor, argument, argument.replyQuick, this.typeError!);
    if (!argument.returnRcv) return;
    const at = reply.data.get(name)!;
    const access = scalarAccess(type);
    const { word } = this.passing(argument);
    if (access !== undefined && argument.byReferenceUser) {
      const pointer = this.word(word, "%r31");
      access.parts.forEach((part, i) => {
        const register = i === 0 ? "%r19" : "%r20";
        code.load(access.load, register, OUT.base, at + part, OUT.area, at + part);
        code.store(access.store, register, pointer, part, "user", undefined);
      });
      return;
    }
    const from = { base: OUT.base, offset: at, area: OUT.area, at };
    const to = { base: this.word(word, "%r29"), offset: 0, area: "user", at: undefined };
    const aligned = alignment(type) >= 4;
    copyBytes(code, from, to, type.typeSize, aligned, type.isStruct ? "word" : this.mode);
  }

  private returnHere(): void {
    if (this.leaveUsed || !this.routine.oneWay) this.code.place(this.leave);
    this.frame.leave(this.code);
  }
}
