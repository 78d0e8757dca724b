/**
 * The hand-rolled generic call of the Unix server and its emulator (paper §3.3): one message for
 * all the calls that have no routine of their own, and the trap that stands beside it. Not made from a
 * definition: this is what a "non-conformant" server (§2.2) has besides KMIG's stubs, and why it
 * needs a trap of its own to profit from being in the kernel.
 *
 *     int generic_call(server, code, int args[10], int rval[2])          client: trap, else message
 *     int generic_server(in, out)                                        server: TRUE if it was ours
 *     int _Tgeneric(…)          in generic_inks_table                    server: the trap
 *     int generic_work(server, code, int args[10], int rval[2], out)     the server's own
 *     void generic_data(out, from, to, size)                             appends data to a reply
 *
 * Memory that a call returns in a message travels behind the reply, each piece with the address in the
 * client where it goes: (descriptor, address, long descriptor, data). By trap the work function
 * copies out itself, and `out` is 0.
 */
import { MACH_MSG_OPTION, MACH_MSG_TYPE, TYPE_DESCRIPTOR } from "../abi/mach.ts";
import { struct } from "../abi/struct.ts";
import { argumentHome } from "./calling.ts";
import { Code } from "./code.ts";
import { copyBytes } from "./copy.ts";
import { demuxHeader } from "./demux.ts";
import { Frame, savedRegister } from "./frame.ts";
import { trapTo } from "./inks-user.ts";
import { CODE, HEADER } from "./message-names.ts";

/** The message's id and the trap's number. */
export const GENERIC_CALL_ID = 100_000;
/** Room that the client's stub has for a reply. */
export const GENERIC_REPLY_ROOM = 8192;

const ARGUMENTS = 10;

/** `msgh_id` 100000: 76 bytes. */
export const genericRequest = struct("generic_request", "GRQ", {
  head: ["u32", 6],
  type: "u32",
  rval2: "u32",
  syscode: "u32",
  arg: ["u32", ARGUMENTS],
});

/** Its reply: 44 bytes, and records of returned memory behind them. */
export const genericReply = struct("generic_reply", "GRP", {
  head: ["u32", 6],
  type: "u32",
  rval: ["u32", 2],
  retcode: "u32",
  interrupt: "u32",
});

/** One piece of returned memory; its bytes follow, up to a whole word. */
export const genericRecord = struct("generic_record", "GRC", {
  address_type: "u32",
  address: "u32",
  data_type: ["u32", 2],
  data_count: "u32",
});

const { MACH_MSG_TYPE_INTEGER_32: INTEGER, MACH_MSG_TYPE_BYTE: BYTE } = MACH_MSG_TYPE;
const { INLINE, LONG_FORM } = TYPE_DESCRIPTOR;

/** The descriptor of so many integers in line. */
function integers(count: number): number {
  return ((INTEGER << 24) | (32 << 16) | (count << 4) | INLINE) >>> 0;
}

const REQUEST_TYPE = integers(ARGUMENTS + 2);
const REPLY_TYPE = integers(4);
const WORD_TYPE = integers(1);
const [REQUEST, REPLY, RECORD] = [genericRequest, genericReply, genericRecord];

/** The client's and the server's halves as assembly text. */
export function genericCallStubs(): { readonly user: string; readonly server: string } {
  return {
    user:
      heading("client stub") +
      procedure("generic_call", trapTo(GENERIC_CALL_ID, "generic_call_message")) +
      procedure("generic_call_message", userMessage()),
    server:
      heading("server stubs") +
      procedure("generic_server", serverMessage()) +
      procedure("generic_data", appendData()) +
      procedure("_Tgeneric", serverTrap()) +
      "\n\t.data\n\t.align\t4\n\t.globl\tgeneric_inks_table\ngeneric_inks_table:\n" +
      `\t.word\t${GENERIC_CALL_ID}\t; base\n\t.word\t1\t; count\n\t.word\tgeneric_inks_vector\n` +
      "generic_inks_vector:\n\t.word\t_Tgeneric\n",
  };
}

function heading(what: string): string {
  return `; The generic call, ${GENERIC_CALL_ID}: ${what}.\n\n\t.text\n`;
}

function procedure(name: string, body: string): string {
  return `\n\t.align\t4\n\t.globl\t${name}\n\t.type\t${name},@function\n${name}:\n${body}`;
}

/** Packs, sends, unpacks, and puts returned memory where it belongs. */
function userMessage(): string {
  const code = new Code();
  const frame = new Frame({ saved: 4, locals: GENERIC_REPLY_ROOM, outgoing: 7 });
  const [message, rval, end, at] = [0, 1, 2, 3].map(savedRegister) as [
    string,
    string,
    string,
    string,
  ];
  const leave = code.newLabel();
  const typeError = code.newLabel();
  const put = (register: string, offset: number, comment: string): void =>
    code.store("stw", register, message, offset, "message", offset, comment);
  const get = (register: string, offset: number, comment: string): void =>
    code.load("ldw", register, message, offset, "message", offset, comment);

  frame.enter(code);
  code.address(message, "%r30", frame.locals);
  code.move(rval, "%r23");
  code.step("request");
  code.constant("%r19", REQUEST_TYPE);
  put("%r19", REQUEST.offset.type, "type");
  code.load("ldw", "%r20", rval, 4, "user", undefined);
  put("%r20", REQUEST.offset.rval2, "rval2");
  put("%r25", REQUEST.offset.syscode, "syscode");
  const arguments_ = { base: "%r24", offset: 0, area: "user", at: undefined };
  const body = {
    base: message,
    offset: REQUEST.offset.arg,
    area: "message",
    at: REQUEST.offset.arg,
  };
  copyBytes(code, arguments_, body, 4 * ARGUMENTS, true, "word");
  const { MACH_MSG_TYPE_COPY_SEND: copy, MACH_MSG_TYPE_MAKE_SEND_ONCE: once } = MACH_MSG_TYPE;
  code.constant("%r19", copy | (once << 8));
  put("%r19", HEADER.msgh_bits, "msgh_bits");
  put("%r26", HEADER.msgh_remote_port, "msgh_remote_port");
  code.call("mig_get_reply_port");
  put("%r28", HEADER.msgh_local_port, "msgh_local_port");
  put("%r0", HEADER.msgh_seqno, "msgh_seqno");
  code.constant("%r19", GENERIC_CALL_ID);
  put("%r19", HEADER.msgh_id, "msgh_id");
  const outgoing = (word: number, register: string): void => {
    const home = argumentHome(word);
    code.store("stw", register, "%r30", home, "frame", frame.size + home);
  };
  outgoing(4, "%r28");
  outgoing(5, "%r0");
  outgoing(6, "%r0");
  code.move("%r26", message);
  code.constant("%r25", MACH_MSG_OPTION.MACH_SEND_MSG | MACH_MSG_OPTION.MACH_RCV_MSG);
  code.constant("%r24", REQUEST.size);
  code.constant("%r23", GENERIC_REPLY_ROOM);
  code.call("mach_msg");
  code.branch("comib,<>,n", "0,%r28", ["%r28"], leave);

  code.step("reply");
  get("%r20", HEADER.msgh_id, "msgh_id");
  code.constant("%r19", GENERIC_CALL_ID + 100);
  code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], typeError);
  get(end, HEADER.msgh_size, "msgh_size");
  code.constant("%r19", REPLY.size);
  code.branch("comb,<<,n", `${end},%r19`, [end, "%r19"], typeError);
  get("%r20", REPLY.offset.type, "type");
  code.constant("%r19", REPLY_TYPE);
  code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], typeError);
  for (const part of [0, 4]) {
    get("%r20", REPLY.offset.rval + part, "rval");
    code.store("stw", "%r20", rval, part, "user", undefined);
  }
  code.emit("add", `${end},${message},${end}`, [end, message], [end]);
  code.address(at, message, REPLY.size);
  const next = code.newLabel();
  const done = code.newLabel();
  code.place(next);
  code.address("%r19", at, RECORD.size);
  code.branch("comb,<<,n", `${end},%r19`, [end, "%r19"], done);
  code.step("returned memory");
  code.load("ldw", "%r24", at, RECORD.offset.data_count, "record", undefined);
  code.emit("sub", `${end},%r19,%r20`, [end, "%r19"], ["%r20"]);
  code.branch("comb,<<,n", "%r20,%r24", ["%r20", "%r24"], typeError);
  code.load("ldw", "%r25", at, RECORD.offset.address, "record", undefined);
  code.address("%r26", at, RECORD.size);
  code.emit("ldo", "3(%r24),%r20", ["%r24"], ["%r20"]);
  code.emit("depi", "0,31,2,%r20", ["%r20"], ["%r20"]);
  code.emit("add", "%r26,%r20," + at, ["%r26", "%r20"], [at]);
  code.call("bcopy");
  code.jump(next);
  code.place(done);
  get("%r28", REPLY.offset.retcode, "retcode");
  code.place(leave);
  frame.leave(code);
  code.later(() => {
    code.place(typeError);
    code.constant("%r28", CODE.MIG_TYPE_ERROR);
    code.jump(leave);
  });
  return code.text();
}

/** Looks whether a request is a generic call, and serves it. */
function serverMessage(): string {
  const code = new Code();
  const frame = new Frame({ saved: 1, locals: 8, outgoing: 5 });
  const out = savedRegister(0);
  const other = code.newLabel();
  const bad = code.newLabel();
  const leave = code.newLabel();
  const done = code.newLabel();
  const get = (register: string, offset: number, comment: string): void =>
    code.load("ldw", register, "%r26", offset, "request", offset, comment);
  const put = (register: string, offset: number, comment: string): void =>
    code.store("stw", register, out, offset, "reply", offset, comment);

  frame.enter(code);
  code.move(out, "%r25");
  get("%r20", HEADER.msgh_id, "msgh_id");
  code.constant("%r19", GENERIC_CALL_ID);
  code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], other);
  code.step("reply header, with no memory yet");
  demuxHeader(code, out, REPLY.size);
  code.constant("%r19", REPLY_TYPE);
  put("%r19", REPLY.offset.type, "type");
  put("%r0", REPLY.offset.interrupt, "interrupt");
  code.step("request: size, type");
  get("%r20", HEADER.msgh_size, "msgh_size");
  code.constant("%r19", REQUEST.size);
  code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], bad);
  get("%r20", REQUEST.offset.type, "type");
  code.constant("%r19", REQUEST_TYPE);
  code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], bad);
  code.step("work function");
  put("%r0", REPLY.offset.rval, "rval");
  get("%r20", REQUEST.offset.rval2, "rval2");
  put("%r20", REPLY.offset.rval + 4, "rval");
  const home = argumentHome(4);
  code.store("stw", out, "%r30", home, "frame", frame.size + home, "out");
  code.address("%r23", out, REPLY.offset.rval);
  code.address("%r24", "%r26", REQUEST.offset.arg);
  get("%r25", REQUEST.offset.syscode, "syscode");
  get("%r26", HEADER.msgh_local_port, "msgh_local_port");
  code.call("generic_work");
  code.place(done);
  put("%r28", REPLY.offset.retcode, "retcode");
  code.constant("%r28", 1, "TRUE");
  code.place(leave);
  frame.leave(code);
  code.later(() => {
    code.place(bad);
    code.constant("%r28", CODE.MIG_BAD_ARGUMENTS);
    code.jump(done);
    code.place(other);
    code.constant("%r28", 0, "FALSE");
    code.jump(leave);
  });
  return code.text();
}

/** Appends memory for the client's address to a reply; the reply's buffer has to have the room. */
function appendData(): string {
  const code = new Code();
  const frame = new Frame({ saved: 0, locals: 0, outgoing: 4 });
  frame.enter(code);
  code.load("ldw", "%r20", "%r26", HEADER.msgh_size, "reply", HEADER.msgh_size, "msgh_size");
  code.emit("add", "%r26,%r20,%r19", ["%r26", "%r20"], ["%r19"]);
  const put = (register: string, offset: number, comment = ""): void =>
    code.store("stw", register, "%r19", offset, "record", offset, comment);
  code.constant("%r22", WORD_TYPE);
  put("%r22", RECORD.offset.address_type);
  put("%r24", RECORD.offset.address, "address");
  code.constant("%r22", INLINE | LONG_FORM);
  put("%r22", RECORD.offset.data_type);
  code.constant("%r22", (BYTE << 16) | 8);
  put("%r22", RECORD.offset.data_type + 4);
  put("%r23", RECORD.offset.data_count, "bytes");
  code.emit("ldo", `${RECORD.size + 3}(%r23),%r22`, ["%r23"], ["%r22"]);
  code.emit("depi", "0,31,2,%r22", ["%r22"], ["%r22"]);
  code.emit("add", "%r20,%r22,%r20", ["%r20", "%r22"], ["%r20"]);
  code.store("stw", "%r20", "%r26", HEADER.msgh_size, "reply", HEADER.msgh_size);
  code.move("%r26", "%r25");
  code.address("%r25", "%r19", RECORD.size);
  code.move("%r24", "%r23");
  code.call("bcopy");
  frame.leave(code);
  return code.text();
}

/** The trap: brings the arguments in and the results out. */
function serverTrap(): string {
  const code = new Code();
  const size = 4 * ARGUMENTS;
  const frame = new Frame({ saved: 3, locals: size + 8, outgoing: 5 });
  const [port, number, rval] = [0, 1, 2].map(savedRegister) as [string, string, string];
  const results = frame.locals + size;
  const leave = code.newLabel();
  const fault = code.newLabel();
  const copy = (routine: "inks_copyin" | "inks_copyout", bytes: number): void => {
    code.constant("%r24", bytes);
    code.emit("ldil", `L%${routine},%r22`, [], ["%r22"]);
    code.emit("ldw", `R%${routine}(%r22),%r22`, ["%r22"], ["%r22"]);
    code.callThrough("%r22", routine);
    code.branch("comib,<>,n", "0,%r28", ["%r28"], fault);
  };
  frame.enter(code);
  code.move(port, "%r26");
  code.move(number, "%r25");
  code.move(rval, "%r23");
  code.step("copyin args");
  code.move("%r26", "%r24");
  code.address("%r25", "%r30", frame.locals);
  copy("inks_copyin", size);
  code.step("copyin rval");
  code.move("%r26", rval);
  code.address("%r25", "%r30", results);
  copy("inks_copyin", 8);
  code.step("work function");
  const home = argumentHome(4);
  code.store("stw", "%r0", "%r30", results, "locals", undefined, "rval[0]");
  code.store("stw", "%r0", "%r30", home, "frame", frame.size + home, "out");
  code.move("%r26", port);
  code.move("%r25", number);
  code.address("%r24", "%r30", frame.locals);
  code.address("%r23", "%r30", results);
  code.call("generic_work");
  code.move(port, "%r28", "retcode");
  code.step("copyout rval");
  code.address("%r26", "%r30", results);
  code.move("%r25", rval);
  copy("inks_copyout", 8);
  code.move("%r28", port);
  code.place(leave);
  frame.leave(code);
  code.later(() => {
    code.place(fault);
    code.constant("%r28", CODE.KERN_INVALID_ADDRESS);
    code.jump(leave);
  });
  return code.text();
}
