/**
 * What a message client stub looks at before it takes anything out of a reply: whether `mach_msg`
 * worked, whose reply it is, its bits and size, the return code.
 */
import { MACH_NOTIFY } from "../abi/mach.ts";
import type { Label } from "./code.ts";
import { type Message, checkDescriptor } from "./descriptor.ts";
import { CODE, HEADER, REPLY } from "./message-names.ts";
import type { UserContext } from "./user-context.ts";

/** Checks the reply, up to its return code, which is left in r28. */
export function checkReply(context: UserContext): void {
  const { code, routine, sizeRegister, reply } = context;
  const failed = code.newLabel();
  const otherId = code.newLabel();
  const typeError = context.error(CODE.MIG_TYPE_ERROR);
  code.branch("comib,<>,n", "0,%r28", ["%r28"], failed);
  code.step("reply: id, size, return code");
  get(context, "%r20", "msgh_id");
  code.constant("%r19", routine.replyId);
  code.branch("comb,<>,n", "%r20,%r19", ["%r20", "%r19"], otherId);
  get(context, "%r20", "msgh_bits");
  const size = routine.replyVaryings > 0 ? sizeRegister : "%r21";
  get(context, size, "msgh_size");
  checkSize(context, size, typeError);
  const { base, area } = reply;
  const head: Message = { base, area, moving: false };
  checkDescriptor(code, head, REPLY.RetCodeType, routine.returnCode, true, typeError);
  code.load("ldw", "%r28", base, REPLY.RetCode, area, REPLY.RetCode, "RetCode");
  whenSendFails(context, failed);
  code.later(() => {
    code.place(otherId);
    code.constant("%r28", CODE.MIG_REPLY_MISMATCH);
    code.constant("%r19", MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE);
    code.raw("comclr,<>", "%r20,%r19,%r0");
    code.raw("ldi", `${CODE.MIG_SERVER_DIED},%r28`);
    context.fail();
  });
}

/** The complex bit (in r20) and the size; an error reply has no more than its return code. */
function checkSize({ code, routine, reply }: UserContext, size: string, typeError: Label): void {
  const { simple, fixed } = routine.receiveReply;
  if (simple && fixed) code.branch("bb,<,n", "%r20,0", ["%r20"], typeError);
  code.constant("%r19", routine.reply!.minSize);
  if (routine.noReplyArguments && simple) {
    code.branch("comb,<>,n", `${size},%r19`, [size, "%r19"], typeError);
    return;
  }
  const shorter = code.newLabel();
  const good = code.newLabel();
  const wrong = routine.replyVaryings > 0 ? "comb,<<,n" : "comb,<>,n";
  code.branch(wrong, `${size},%r19`, [size, "%r19"], shorter);
  if (!simple) code.branch("bb,>=,n", "%r20,0", ["%r20"], shorter);
  code.place(good);
  code.later(() => {
    code.place(shorter);
    code.constant("%r19", REPLY.size);
    code.branch("comb,<>,n", `${size},%r19`, [size, "%r19"], typeError);
    if (!simple || !fixed) code.branch("bb,<,n", "%r20,0", ["%r20"], typeError);
    code.load("ldw", "%r19", reply.base, REPLY.RetCode, "message", REPLY.RetCode);
    code.branch("comib,=,n", "0,%r19", ["%r19"], typeError);
    code.rawJump("b,n", "", good);
  });
}

function get({ code, reply }: UserContext, register: string, field: keyof typeof HEADER): void {
  code.load("ldw", register, reply.base, HEADER[field], "message", HEADER[field], field);
}

/** `mach_msg` failed: a reply port that is no good any more is dropped. */
function whenSendFails(context: UserContext, failed: Label): void {
  const { code, routine, request } = context;
  code.later(() => {
    code.place(failed);
    if (!context.asksForPort()) return context.fail();
    const drop = code.newLabel();
    const codes: number[] = [CODE.MACH_SEND_INVALID_REPLY, CODE.MACH_RCV_INVALID_NAME];
    if (routine.waitTime !== undefined) codes.push(CODE.MACH_RCV_TIMED_OUT);
    for (const value of codes) {
      code.constant("%r19", value);
      code.branch("comb,=,n", "%r28,%r19", ["%r28", "%r19"], drop);
    }
    context.fail();
    code.place(drop);
    code.move(request.base, "%r28", "InP is no longer needed");
    code.call("mig_dealloc_reply_port");
    code.move("%r28", request.base);
    context.fail();
  });
}
