/**
 * Message server side: one stub per routine, and the demultiplexer that chooses among them.
 *
 * A stub checks the request, calls the work function with values and addresses inside the two
 * messages, and completes the reply, whose header and empty return code the demultiplexer has
 * made. InOut data is worked on in the request and then copied to the reply (paper §4.3, stage 12).
 */
import {
  type Passing,
  argumentHome,
  argumentRegister,
  countWords,
  passArguments,
} from "./calling.ts";
import { Code } from "./code.ts";
import { copyBytes } from "./copy.ts";
import { type Message, checkDescriptor, descriptorWords, storeDescriptor } from "./descriptor.ts";
import { Frame } from "./frame.ts";
import { alignment } from "./layout.ts";
import { CODE, HEADER, REPLY } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import { scalarAccess } from "./scalar.ts";
import type { StubOptions } from "./user.ts";

/** Field names seen from the receiver: in user space a message arrives at its local port. */
function headerFields(interface_: Interface): {
  readonly request: "msgh_local_port" | "msgh_remote_port";
  readonly reply: "msgh_local_port" | "msgh_remote_port";
} {
  return interface_.kernelServer
    ? { request: "msgh_remote_port", reply: "msgh_local_port" }
    : { request: "msgh_local_port", reply: "msgh_remote_port" };
}

/** Arguments of the work function, with their words. */
export function workArguments(routine: Routine): Passing[] {
  const list = routine.arguments.filter((argument) => argument.serverArg);
  return passArguments(list, (argument) => argument.byReferenceServer);
}

/** The body of `_X<name>(in, out)`. */
export function serverStub(routine: Routine, interface_: Interface, options: StubOptions): string {
  const code = new Code();
  const passings = workArguments(routine);
  const copied = routine.arguments.filter((argument) => argument.replyCopy);
  const frame = new Frame({
    saved: copied.length > 0 ? 2 : 1,
    locals: 0,
    outgoing: countWords(passings),
  });
  const out: Message = { base: "%r3", area: "reply" };
  // InP stays where it came unless it is needed after the call.
  const early: Message = { base: copied.length > 0 ? "%r4" : "%r26", area: "request" };
  const leave = code.newLabel();

  frame.enter(code);
  code.move(out.base, "%r25", "OutP");
  code.move(early.base, "%r26", "InP");
  checkRequest();
  call();
  if (routine.noReplyArguments || routine.oneWay) {
    code.place(leave);
    frame.leave(code);
    return code.text();
  }
  completeReply();
  code.place(leave);
  frame.leave(code);
  return code.text();

  function checkRequest(): void {
    const bad = code.newLabel();
    const { request, receiveRequest } = routine;
    code.load(
      "ldw",
      "%r19",
      early.base,
      HEADER.msgh_size,
      early.area,
      HEADER.msgh_size,
      "msgh_size",
    );
    code.load(
      "ldw",
      "%r21",
      early.base,
      HEADER.msgh_bits,
      early.area,
      HEADER.msgh_bits,
      "msgh_bits",
    );
    code.constant("%r20", request.minSize);
    code.branch("comb,<>,n", "%r19,%r20", ["%r19", "%r20"], bad);
    const complex = receiveRequest.simple ? "bb,<,n" : "bb,>=,n";
    code.branch(complex, "%r21,0", ["%r21"], bad);
    for (const argument of routine.arguments)
      if (argument.request) {
        const at = request.descriptor.get(argument.name)!;
        checkDescriptor(code, early, at, argument, argument.requestQuick, bad);
      }
    code.later(() => {
      code.place(bad);
      code.constant("%r19", CODE.MIG_BAD_ARGUMENTS);
      code.store("stw", "%r19", out.base, REPLY.RetCode, out.area, REPLY.RetCode);
      code.jump(leave);
    });
  }

  function call(): void {
    code.step("work function");
    // From the last word to the first: r26 may hold InP until the end.
    for (const { argument, kind, word } of passings.toReversed()) {
      const { base, area, at } = source(argument);
      const place = (w: number, load: (register: string) => void): void => {
        const register = argumentRegister(w) ?? "%r19";
        load(register);
        if (argumentRegister(w) !== undefined) return;
        const home = argumentHome(w);
        code.store("stw", register, "%r30", home, "frame", frame.size + home);
      };
      if (kind === "word") {
        const { load } = scalarAccess(argument.type)!;
        place(word, (register) => code.load(load, register, base, at, area, at, argument.name));
      } else if (kind === "pair") {
        place(word + 1, (register) =>
          code.load("ldw", register, base, at, area, at, argument.name),
        );
        place(word, (register) => code.load("ldw", register, base, at + 4, area, at + 4));
      } else place(word, (register) => code.address(register, base, at, argument.name));
    }
    code.call(routine.serverName);
    const { result, returnCode, reply } = routine;
    if (result !== returnCode) {
      if (result !== undefined && reply !== undefined) {
        const at = reply.data.get(result.name)!;
        const { store, parts } = scalarAccess(result.type)!;
        parts.forEach((part, i) => {
          code.store(store, i === 0 ? "%r28" : "%r29", out.base, at + part, out.area, at + part);
        });
      }
      code.store("stw", "%r0", out.base, REPLY.RetCode, out.area, REPLY.RetCode, "RetCode");
    } else code.store("stw", "%r28", out.base, REPLY.RetCode, out.area, REPLY.RetCode, "RetCode");
  }

  /** Where the value or the variable that the work function gets is: in a header or a body. */
  function source(argument: RoutineArgument): { base: string; area: string; at: number } {
    const fields = headerFields(interface_);
    switch (argument.identity) {
      case "request port":
        return { ...early, at: HEADER[fields.request] };
      case "reply port":
        return { ...early, at: HEADER[fields.reply] };
      case "msg seqno":
        return { ...early, at: HEADER.msgh_seqno };
      default:
        return argument.sendRcv
          ? { ...early, at: routine.request.data.get(argument.name)! }
          : { ...out, at: routine.reply!.data.get(argument.name)! };
    }
  }

  function completeReply(): void {
    const reply = routine.reply!;
    if (routine.result === routine.returnCode) code.branch("comib,<>,n", "0,%r28", ["%r28"], leave);
    code.step("reply");
    if (!routine.sendReply.simple) {
      code.load("ldw", "%r19", out.base, HEADER.msgh_bits, out.area, HEADER.msgh_bits);
      code.emit("depi", "1,0,1,%r19", ["%r19"], ["%r19"], "MACH_MSGH_BITS_COMPLEX");
      code.store("stw", "%r19", out.base, HEADER.msgh_bits, out.area, HEADER.msgh_bits);
    }
    code.constant("%r22", reply.minSize);
    code.store("stw", "%r22", out.base, HEADER.msgh_size, out.area, HEADER.msgh_size, "msgh_size");
    const names = interface_.kernelServer ? "outName" : "inName";
    for (const argument of routine.arguments) {
      if (!argument.replyInit) continue;
      storeDescriptor(code, out, reply.descriptor.get(argument.name)!, argument, names);
      if (argument.replyCopy) copyToReply(argument);
    }
  }

  function copyToReply({ name, type }: RoutineArgument): void {
    const from = routine.request.data.get(name)!;
    const to = routine.reply!.data.get(name)!;
    const access = scalarAccess(type);
    if (access !== undefined) {
      access.parts.forEach((part, i) => {
        const register = i === 0 ? "%r19" : "%r22";
        code.load(access.load, register, early.base, from + part, early.area, from + part, name);
        code.store(access.store, register, out.base, to + part, out.area, to + part);
      });
      return;
    }
    const mode = type.isStruct ? "word" : options.structCopy;
    const aligned = alignment(type) >= 4 || (from % 4 === 0 && to % 4 === 0);
    const source = { base: early.base, offset: from, area: early.area, at: from };
    const destination = { base: out.base, offset: to, area: out.area, at: to };
    copyBytes(code, source, destination, type.typeSize, aligned, mode);
  }
}

/** The body of `<subsystem>_server(in, out)`: TRUE if the id was one of ours. */
export function demux(interface_: Interface): string {
  const code = new Code();
  const { base, count, serverDemux, routines } = interface_;
  const fields = headerFields(interface_);
  const bad = code.newLabel();
  const store = (register: string, field: keyof typeof HEADER): void =>
    code.store("stw", register, "%r25", HEADER[field], "reply", HEADER[field], field);
  const load = (register: string, field: keyof typeof HEADER): void =>
    code.load("ldw", register, "%r26", HEADER[field], "request", HEADER[field], field);

  const frame = new Frame({ saved: 0, locals: 0, outgoing: 4 });
  frame.enter(code);
  load("%r19", "msgh_bits");
  const low = fields.reply === "msgh_remote_port" ? 31 : 23;
  code.emit("extru", `%r19,${low},8,%r19`, ["%r19"], ["%r19"], "reply right's type");
  store("%r19", "msgh_bits");
  code.constant("%r20", REPLY.size);
  store("%r20", "msgh_size");
  load("%r21", fields.reply);
  store("%r21", "msgh_remote_port");
  store("%r0", "msgh_local_port");
  store("%r0", "msgh_seqno");
  load("%r22", "msgh_id");
  code.emit("ldo", "100(%r22),%r29", ["%r22"], ["%r29"]);
  store("%r29", "msgh_id");
  const returnCode = routines[0]?.returnCode;
  if (returnCode !== undefined) {
    code.constant("%r31", descriptorWords(returnCode, "inName", false)[0]!, "RetCodeType");
    code.store("stw", "%r31", "%r25", REPLY.RetCodeType, "reply", REPLY.RetCodeType);
  }
  code.address("%r22", "%r22", -base, "routine number");
  code.constant("%r19", count);
  code.branch("comb,<<=,n", "%r19,%r22", ["%r19", "%r22"], bad);
  code.symbol("%r20", `${serverDemux}_routines`);
  code.emit("ldwx,s", "%r22(%r20),%r21", ["%r22", "%r20"], ["%r21"], "", {
    kind: "load",
    area: "table",
    at: undefined,
    size: 4,
  });
  code.branch("comib,=,n", "0,%r21", ["%r21"], bad);
  code.callThrough("%r21", "the routine's stub");
  code.constant("%r28", 1, "TRUE");
  const leave = code.newLabel();
  code.place(leave);
  frame.leave(code);
  code.later(() => {
    code.place(bad);
    code.constant("%r19", CODE.MIG_BAD_ID);
    code.store("stw", "%r19", "%r25", REPLY.RetCode, "reply", REPLY.RetCode, "RetCode");
    code.constant("%r28", 0, "FALSE");
    code.jump(leave);
  });
  return code.text();
}

/** The body of `<subsystem>_server_routine(in)`: the stub's address, or 0. */
export function demuxRoutine(interface_: Interface): string {
  const code = new Code();
  const { base, count, serverDemux } = interface_;
  const none = code.newLabel();
  code.load("ldw", "%r22", "%r26", HEADER.msgh_id, "request", HEADER.msgh_id, "msgh_id");
  code.address("%r22", "%r22", -base, "routine number");
  code.constant("%r19", count);
  code.branch("comb,<<=,n", "%r19,%r22", ["%r19", "%r22"], none);
  code.symbol("%r20", `${serverDemux}_routines`);
  code.raw("bv", "%r0(%r2)");
  code.raw("ldwx,s", "%r22(%r20),%r28", "", true);
  code.place(none);
  code.raw("bv", "%r0(%r2)");
  code.raw("ldi", "0,%r28", "", true);
  return code.text();
}
