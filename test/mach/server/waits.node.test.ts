/**
 * Every wait of a thread in the kernel, and what others can do to the thread there: suspend and resume,
 * abort, look at its state, terminate it or its task.
 */
import { describe, expect, test } from "vitest";
import { MACH_MSG_RETURN, MACH_MSG_TYPE } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { leaks, receiveFrom } from "../vm/caller.ts";
import { Parent } from "./child.ts";

/** mach_msg with what is in r16 (option), r17 (size), r18 (receive name) and r19 (milliseconds). */
const CALL = `
	ldo	64(%sp),%arg0
	copy	%r16,%arg1
	copy	%r17,%arg2
	ldi	1024,%arg3
	stw	%r18,-52(%sp)
	stw	%r19,-56(%sp)
	stw	%r0,-60(%sp)
	trap	TRAP_MACH_MSG`;
const REPLY_PORT = `
	trap	TRAP_MACH_REPLY_PORT
	copy	%r28,%r18`;
const CHILD = `
	.text
	.globl	receives
receives:${REPLY_PORT}
	ldi	MACH_RCV_MSG,%r16
	ldi	0,%r17
	ldi	0,%r19
	b,n	call
	.globl	receives_timed
receives_timed:${REPLY_PORT}
	ldi	MACH_RCV_MSG+MACH_RCV_TIMEOUT,%r16
	ldi	0,%r17
	ldi	8000,%r19
	b,n	call
	.globl	calls_itself
calls_itself:${REPLY_PORT}
	ldil	L%MACH_MSG_TYPE_MAKE_SEND_ONCE*256,%r20
	ldo	R%MACH_MSG_TYPE_MAKE_SEND_ONCE*256(%r20),%r20
	ldo	MACH_MSG_TYPE_MAKE_SEND(%r20),%r20
	stw	%r20,64(%sp)
	stw	%r18,72(%sp)
	copy	%r18,%r14
	trap	TRAP_MACH_REPLY_PORT
	copy	%r28,%r18
	stw	%r18,76(%sp)
	ldi	MACH_SEND_MSG+MACH_RCV_MSG,%r16
	ldi	24,%r17
	ldi	0,%r19
	b,n	call
	.globl	sends
sends:	ldi	MACH_SEND_MSG,%r16
	ldi	0,%r19
	b,n	fill
	.globl	sends_timed
sends_timed:
	ldi	MACH_SEND_MSG+MACH_SEND_TIMEOUT,%r16
	ldi	8000,%r19
fill:
	copy	%r19,%r15
	${REPLY_PORT}
	ldi	MACH_MSG_TYPE_MAKE_SEND,%r20
	stw	%r20,64(%sp)
	stw	%r18,72(%sp)
	stw	%r0,76(%sp)
	ldi	24,%r17
again:
	copy	%r15,%r19
	${CALL}
	comib,=	0,%r28,again
	nop
	break	3,1
call:
	${CALL}
	break	3,1
	.globl	switches
switches:
	ldi	0,%arg0
	ldi	2,%arg1				; SWITCH_OPTION_WAIT
	ldi	8000,%arg2
	trap	TRAP_THREAD_SWITCH
	break	3,1
	.globl	faults
faults:
	ldil	L%0x30000000,%r11
	ldw	0(%r11),%r28
	break	3,1
	.globl	raises
raises:	break	3,7
`;
const breakpoint = (n: number): number => n * 2 ** 13 + 3;

const { MACH_RCV_INTERRUPTED, MACH_SEND_INTERRUPTED } = MACH_MSG_RETURN;

/** Where a thread waits, and what its call returns when it is broken off; `stays` when it is not. */
const WAITS: readonly (readonly [symbol: string, code: number | "stays"])[] = [
  ["receives", MACH_RCV_INTERRUPTED],
  ["receives_timed", MACH_RCV_INTERRUPTED],
  ["calls_itself", MACH_RCV_INTERRUPTED],
  ["sends", MACH_SEND_INTERRUPTED],
  ["sends_timed", MACH_SEND_INTERRUPTED],
  ["switches", 0],
  ["faults", "stays"], // the instruction faults again
  ["raises", "stays"], // the answer is still to come
];

/** A child that waits there. */
async function waiting(symbol: string) {
  const parent = await Parent.boot(CHILD);
  const { server } = parent;
  const { task, thread } = parent.fork();
  const pager = server.receive();
  if (symbol === "faults") {
    parent.code("mach_port_insert_right", server.self, {
      name: pager,
      poly: { name: MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND, value: pager },
    });
    // A pager that never answers.
    parent.code("vm_map", task, {
      ...{ address: 0x30000000, size: 4096, mask: 0, anywhere: 0, memory_object: pager },
      ...{ offset: 0, copy: 0, cur_protection: 3, max_protection: 7, inheritance: 1 },
    });
  }
  parent.begin(thread, symbol);
  const raised = parent.raised();
  expect(raised?.subcode).toBe(symbol === "raises" ? breakpoint(7) : undefined);
  if (symbol === "faults") expect(receiveFrom(server, pager)!.routine).toBe("memory_object_init");
  const check = () => expect(checkKernel(server.k, { sends: server.k.pagers.sends() })).toEqual([]);
  check();
  const end = (): void => {
    check();
    for (const name of [pager, parent.exceptions])
      server.call(server.self, "mach_port_destroy", { name });
    expect(leaks(server.k)).toEqual([]);
  };
  return { parent, server, task, thread, check, end };
}

describe.each(WAITS)("a thread that %s", (symbol, code) => {
  test("is broken off, or not", async () => {
    const t = await waiting(symbol);
    t.parent.code("thread_abort", t.thread);
    t.server.k.run({ cycles: 1_000_000 });
    t.check();
    const raised = t.parent.raised();
    expect(raised?.subcode).toBe(code === "stays" ? undefined : breakpoint(1));
    if (raised) expect(t.parent.state(t.thread).r28).toBe(code);
    t.end();
  });

  test("suspended and broken off, shows what its call came to, and goes on with it", async () => {
    const t = await waiting(symbol);
    t.parent.code("thread_suspend", t.thread);
    t.parent.code("thread_abort", t.thread);
    t.check();
    const state = t.parent.state(t.thread);
    if (code !== "stays") expect(state.r28).toBe(code);
    // Nothing more happens to it until it is resumed, however often it is broken off.
    t.parent.code("thread_abort", t.thread);
    t.server.k.run({ cycles: 1_000_000 });
    expect(t.parent.raised()).toBeUndefined();
    expect(t.parent.state(t.thread)).toEqual(state);
    t.parent.resume(t.thread);
    expect(t.parent.raised()?.subcode).toBe(code === "stays" ? undefined : breakpoint(1));
    t.end();
  });

  test("suspended and resumed, waits on", async () => {
    const t = await waiting(symbol);
    for (let i = 0; i < 2; i++) t.parent.code("thread_suspend", t.thread);
    for (let i = 0; i < 2; i++) {
      t.check();
      t.parent.resume(t.thread);
    }
    t.parent.code("task_suspend", t.task);
    t.parent.code("task_resume", t.task);
    t.server.k.run({ cycles: 1_000_000 });
    expect(t.parent.raised()).toBeUndefined();
    t.parent.code("thread_abort", t.thread);
    t.server.k.run({ cycles: 1_000_000 });
    expect(t.parent.raised()?.subcode).toBe(code === "stays" ? undefined : breakpoint(1));
    t.end();
  });

  test.each(["thread_terminate", "task_terminate"])("ends there by %s", async (routine) => {
    for (const suspended of [false, true]) {
      const t = await waiting(symbol);
      if (suspended) t.parent.code("thread_suspend", t.thread);
      t.parent.code(routine, routine === "task_terminate" ? t.task : t.thread);
      t.check();
      expect(t.server.call(t.thread, "thread_abort").code).not.toBe(0);
      t.server.k.run({ cycles: 1_000_000 });
      expect(t.parent.raised()).toBeUndefined();
      t.end();
    }
  });
});
