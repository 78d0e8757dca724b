/**
 * Message client stubs: the procedure that a client calls, which sends a request and waits for
 * the reply.
 *
 * In the order of MIG's C: request items, header, reply port, `mach_msg`, then the checks of the
 * reply and its items. As MIG's variables ask, r3 is InP and r4 OutP; then come msgh_size where a
 * message varies and msgh_simple where its bits do; user arguments that are needed after a call move
 * to the registers behind. Calls `mach_msg` (7 arguments), `mig_get_reply_port`,
 * `mig_dealloc_reply_port`, and `bcopy`, `mig_strncpy` and `mig_allocate` where data asks for them.
 */
import { MACH_MSG_OPTION, MACH_MSGH_BITS } from "../abi/mach.ts";
import { type Passing, argumentHome, argumentRegister, passArguments } from "./calling.ts";
import { Code, type Label } from "./code.ts";
import type { StructCopy } from "./copy.ts";
import type { Message } from "./descriptor.ts";
import { Frame, round, savedRegister } from "./frame.ts";
import { CODE, HEADER } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import { isReal, loadReal, realArgument, realResult, scalarAccess, storeReal } from "./scalar.ts";
import {
  type UserContext,
  callsToPack,
  callsToUnpack,
  followerOf,
  userValue,
} from "./user-context.ts";
import { packRequest } from "./user-pack.ts";
import { checkReply } from "./user-reply.ts";
import { unpackReply } from "./user-unpack.ts";

export interface StubOptions {
  readonly structCopy: StructCopy;
  /** Whether `.probe` marks where a stub's own work begins and ends. */
  readonly probes: boolean;
}

const MESSAGE_ARGUMENTS = 7;

/** The stub's instructions, without its label. */
export function userStub(routine: Routine, interface_: Interface, options: StubOptions): string {
  return new UserStub(routine, interface_, options).write();
}

class UserStub implements UserContext {
  readonly code = new Code();
  readonly routine: Routine;
  readonly mode: StructCopy;
  readonly request: Message;
  readonly reply: Message;
  readonly sizeRegister: string;
  readonly simpleRegister: string | undefined;
  private readonly interface_: Interface;
  private readonly passings: readonly Passing[];
  private readonly frame: Frame;
  /** Argument words that live in callee-saved registers from the start. */
  private readonly kept: readonly number[];
  private readonly firstKept: number;
  /** Argument words that lie in memory since the start. */
  private readonly homed: ReadonlySet<number>;
  private readonly leave: Label;
  private readonly probes: boolean;
  private readonly errors = new Map<number, Label>();

  constructor(routine: Routine, interface_: Interface, options: StubOptions) {
    this.routine = routine;
    this.interface_ = interface_;
    this.mode = options.structCopy;
    this.probes = options.probes;
    const varies = routine.requestVaryings + routine.replyVaryings > 0;
    const pointers = routine.oneWay ? 1 : 2;
    this.request = { base: savedRegister(0), area: "message", moving: varies };
    this.reply = { base: savedRegister(1), area: "message", moving: varies };
    this.sizeRegister = savedRegister(pointers);
    const sized = pointers + (varies ? 1 : 0);
    const decides = !routine.sendRequest.fixed;
    this.simpleRegister = decides ? savedRegister(sized) : undefined;
    this.firstKept = sized + (decides ? 1 : 0);
    const list = routine.arguments.filter((argument) => argument.userArg);
    this.passings = passArguments(list, (argument) => argument.byReferenceUser);
    this.homed = new Set(
      this.passings
        .filter((passing) => this.isHomed(passing))
        .flatMap(({ kind, word }) => (kind === "pair" ? [word, word + 1] : [word])),
    );
    this.kept = this.keptWords();
    this.frame = new Frame({
      saved: this.firstKept + this.kept.length,
      locals: round(Math.max(routine.request.maxSize, routine.reply?.maxSize ?? 0), 8),
      outgoing: MESSAGE_ARGUMENTS,
    });
    this.leave = this.code.newLabel();
  }

  write(): string {
    const { code, routine, frame } = this;
    frame.enter(code);
    this.pointToRequest();
    if (!routine.oneWay) code.move(this.reply.base, this.request.base, "OutP");
    this.kept.forEach((word, i) => {
      code.move(savedRegister(this.firstKept + i), argumentRegister(word)!);
    });
    this.homeReals();
    code.probe(this.probes ? "kmig.user.pack" : undefined);
    const moved = packRequest(this);
    if (moved) this.pointToRequest();
    this.header();
    this.send();
    if (routine.oneWay) this.finishOneWay();
    else this.receive();
    code.place(this.leave);
    code.probe(this.probes ? "kmig.user.leave" : undefined);
    frame.leave(code);
    return code.text();
  }

  /** Floating-point arguments go where they would lie if they were not in registers. */
  private homeReals(): void {
    for (const passing of this.passings) {
      if (!this.isHomed(passing)) continue;
      const { word, argument } = passing;
      const { typeSize } = argument.type;
      const at = argumentHome(word + typeSize / 4 - 1) - this.frame.size;
      storeReal(this.code, "%r30", at, realArgument(word, typeSize), typeSize);
    }
  }

  private isHomed({ argument, kind, word }: Passing): boolean {
    const value = kind === "word" || kind === "pair";
    return value && isReal(argument.type) && argumentRegister(word) !== undefined;
  }

  private pointToRequest(): void {
    this.code.address(this.request.base, "%r30", this.frame.locals, "InP");
  }

  /** Register arguments that a call would destroy before their last use. */
  private keptWords(): number[] {
    const { routine, passings, mode } = this;
    const early = routine.arguments.some((argument) => callsToPack(argument, mode));
    const kept = new Set<number>();
    for (const passing of passings) {
      const { argument, kind, word } = passing;
      if (this.isHomed(passing)) continue;
      const late = argument.identity === "msg option" || argument.identity === "wait time";
      const last = argument.returnRcv && kind === "address";
      if (!early && !last && !(late && this.asksForPort())) continue;
      for (const w of kind === "pair" ? [word, word + 1] : [word])
        if (argumentRegister(w) !== undefined) kept.add(w);
    }
    return [...kept].sort((a, b) => a - b);
  }

  asksForPort(): boolean {
    const { routine, interface_ } = this;
    return !routine.oneWay && !routine.replyPort.userArg && !interface_.kernelUser;
  }

  word(word: number, scratch: string): string {
    const index = this.kept.indexOf(word);
    if (index >= 0) return savedRegister(this.firstKept + index);
    const register = argumentRegister(word);
    if (register !== undefined && !this.homed.has(word)) return register;
    this.frame.access(this.code, "ldw", scratch, argumentHome(word));
    return scratch;
  }

  passing(argument: RoutineArgument): Passing {
    return this.passings.find((passing) => passing.argument === argument)!;
  }

  /** Where to go to fail with a code; the code that does it stands at the end of the stub. */
  error(value: number): Label {
    const known = this.errors.get(value);
    if (known !== undefined) return known;
    const { code } = this;
    const label = code.newLabel();
    this.errors.set(value, label);
    code.later(() => {
      code.place(label);
      code.constant("%r28", value);
      this.fail();
    });
    return label;
  }

  private header(): void {
    const { code, routine } = this;
    const { requestPort, replyPort, sendRequest } = routine;
    code.step("message header");
    const complex = sendRequest.simple ? 0 : MACH_MSGH_BITS.MACH_MSGH_BITS_COMPLEX;
    // The type name of a polymorphic port's right comes as an argument.
    const known = ({ type }: RoutineArgument): number => Math.max(type.inName, 0);
    const bits = (known(requestPort) | (known(replyPort) << 8) | complex) >>> 0;
    code.constant("%r19", bits, "msgh_bits");
    for (const [port, last] of [
      [requestPort, 31],
      [replyPort, 23],
    ] as const) {
      const poly = followerOf(routine, port, "poly");
      if (poly === undefined || !poly.userArg) continue;
      const name = userValue(this, poly, "%r20");
      code.emit("dep", `${name},${last},8,%r19`, [name, "%r19"], ["%r19"], poly.name);
    }
    if (this.simpleRegister !== undefined) {
      code.raw("comiclr,<>", `0,${this.simpleRegister},%r0`, "msgh_simple");
      code.raw("depi", "1,0,1,%r19", "MACH_MSGH_BITS_COMPLEX");
    }
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
    const { code, request } = this;
    code.store("stw", register, request.base, HEADER[field], "message", HEADER[field], field);
  }

  private send(): void {
    const { code, routine, interface_ } = this;
    const { oneWay, waitTime, msgOption, reply } = routine;
    if (interface_.kernelUser) {
      code.move("%r26", this.request.base);
      this.sendSize("%r25");
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
    if (options === undefined && /^\d+$/.test(msgOption.value))
      code.constant("%r25", option | Number(msgOption.value), "option");
    else {
      code.constant("%r20", option, "option");
      const other = options ?? this.symbolic("%r21", msgOption.value);
      code.emit("or", `${other},%r20,%r25`, [other, "%r20"], ["%r25"]);
    }
    code.move("%r26", this.request.base, "msg");
    this.sendSize("%r24");
    if (reply === undefined) code.move("%r23", "%r0");
    else code.constant("%r23", reply.maxSize, "rcv_size");
    code.call("mach_msg");
  }

  private sendSize(register: string): void {
    const { code, routine } = this;
    if (routine.requestVaryings > 0) code.move(register, this.sizeRegister, "send_size");
    else code.constant(register, routine.request.minSize, "send_size");
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
    if (!routine.procedure) return;
    const failed = code.newLabel();
    code.branch("comib,<>,n", "0,%r28", ["%r28"], failed);
    code.later(() => {
      code.place(failed);
      this.fail();
    });
  }

  private receive(): void {
    const { code, routine } = this;
    checkReply(this);
    const { result, returnCode } = routine;
    if (routine.noReplyArguments && result === returnCode) return;
    let failed = this.leave;
    if (result !== returnCode) {
      failed = code.newLabel();
      code.later(() => {
        code.place(failed);
        this.fail();
      });
    }
    code.branch("comib,<>,n", "0,%r28", ["%r28"], failed);
    unpackReply(this);
    if (result !== returnCode) {
      if (routine.replyVaryings > 0) this.pointToReply();
      this.loadResult();
    } else if (routine.arguments.some((argument) => callsToUnpack(argument, this.mode)))
      code.constant("%r28", CODE.KERN_SUCCESS);
  }

  private pointToReply(): void {
    this.code.address(this.reply.base, "%r30", this.frame.locals, "OutP");
  }

  loadBits(register: string): void {
    const { code, frame } = this;
    const at = frame.locals + HEADER.msgh_bits;
    code.load("ldw", register, "%r30", at, "message", undefined, "msgh_bits");
  }

  /** Leaves with the error in r28: returned, or handed to the error procedure. */
  fail(): void {
    const { code, routine } = this;
    if (routine.result !== routine.returnCode) {
      code.move("%r26", "%r28");
      code.call(routine.errorName);
      if (routine.replyVaryings > 0) this.pointToReply();
      this.loadResult();
    }
    code.jump(this.leave);
  }

  private loadResult(): void {
    const { code, routine } = this;
    const { result, reply } = routine;
    if (result === undefined || reply === undefined) return;
    const at = reply.data.get(result.name)!;
    const { type } = result;
    if (isReal(type)) {
      const { typeSize } = type;
      return loadReal(this.code, this.reply.base, at, realResult(typeSize), typeSize);
    }
    const access = scalarAccess(type)!;
    access.parts.forEach((part, i) => {
      const register = i === 0 ? "%r28" : "%r29";
      code.load(access.load, register, this.reply.base, at + part, "message", at + part);
    });
  }
}
