/**
 * The demultiplexer of a subsystem: makes the reply's header and finds the routine's stub.
 */
import { Code } from "./code.ts";
import { descriptorWords } from "./descriptor.ts";
import { Frame } from "./frame.ts";
import { CODE, HEADER, REPLY } from "./message-names.ts";
import type { Interface } from "./routine.ts";

type PortField = "msgh_local_port" | "msgh_remote_port";

/** Where a receiver finds the ports: in user space a message arrives at its local port. */
export function receivedPorts(interface_: Interface): { request: PortField; reply: PortField } {
  return interface_.kernelServer
    ? { request: "msgh_remote_port", reply: "msgh_local_port" }
    : { request: "msgh_local_port", reply: "msgh_remote_port" };
}

/** The body of `<subsystem>_server(in, out)`: TRUE if the id was one of ours. */
export function demux(interface_: Interface): string {
  const code = new Code();
  const { serverDemux, routines } = interface_;
  const fields = receivedPorts(interface_);
  const bad = code.newLabel();
  const frame = new Frame({ saved: 0, locals: 0, outgoing: 4 });
  frame.enter(code);
  demuxHeader(code, "%r25", REPLY.size, fields.reply);
  const returnCode = routines[0]?.returnCode;
  if (returnCode !== undefined) {
    code.constant("%r31", descriptorWords(returnCode, "inName", false)[0]!, "RetCodeType");
    code.store("stw", "%r31", "%r25", REPLY.RetCodeType, "reply", REPLY.RetCodeType);
  }
  routineNumber(code, interface_);
  code.branch("comb,<<=,n", "%r19,%r22", ["%r19", "%r22"], bad);
  code.symbol("%r20", `${serverDemux}_routines`);
  code.emit("ldwx,s", "%r22(%r20),%r22", ["%r22", "%r20"], ["%r22"], "", {
    kind: "load",
    area: "table",
    at: undefined,
    size: 4,
  });
  code.branch("comib,=,n", "0,%r22", ["%r22"], bad);
  code.callThrough("%r22", "the routine's stub");
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

/**
 * Makes the header of the reply at `reply` from the request at r26; leaves its msgh_id in r22.
 * @param from - the field of the request that has the reply port.
 */
export function demuxHeader(
  code: Code,
  reply: string,
  size: number,
  from: PortField = "msgh_remote_port",
): void {
  const store = (register: string, field: keyof typeof HEADER): void =>
    code.store("stw", register, reply, HEADER[field], "reply", HEADER[field], field);
  const load = (register: string, field: keyof typeof HEADER): void =>
    code.load("ldw", register, "%r26", HEADER[field], "request", HEADER[field], field);
  load("%r19", "msgh_bits");
  const low = from === "msgh_remote_port" ? 31 : 23;
  code.emit("extru", `%r19,${low},8,%r19`, ["%r19"], ["%r19"], "reply right's type");
  store("%r19", "msgh_bits");
  code.constant("%r20", size);
  store("%r20", "msgh_size");
  load("%r21", from);
  store("%r21", "msgh_remote_port");
  store("%r0", "msgh_local_port");
  store("%r0", "msgh_seqno");
  load("%r22", "msgh_id");
  code.emit("ldo", "100(%r22),%r29", ["%r22"], ["%r29"]);
  store("%r29", "msgh_id");
}

/** The body of `<subsystem>_server_routine(in)`: the stub's address, or 0. */
export function demuxRoutine(interface_: Interface): string {
  const code = new Code();
  const { serverDemux } = interface_;
  const none = code.newLabel();
  code.load("ldw", "%r22", "%r26", HEADER.msgh_id, "request", HEADER.msgh_id, "msgh_id");
  routineNumber(code, interface_);
  code.branch("comb,<<=,n", "%r19,%r22", ["%r19", "%r22"], none);
  code.symbol("%r20", `${serverDemux}_routines`);
  code.raw("bv", "%r0(%r2)");
  code.raw("ldwx,s", "%r22(%r20),%r28", "", true);
  code.place(none);
  code.raw("bv", "%r0(%r2)");
  code.raw("ldi", "0,%r28", "", true);
  return code.text();
}

/** From the id in r22 to the routine's number in r22; r19 = how many there are. */
function routineNumber(code: Code, { base, count }: Interface): void {
  code.address("%r22", "%r22", -base, "routine number");
  code.constant("%r19", count);
}
