/**
 * What a Unix server does with its clients, by message alone: children that fault into memory which the
 * server maps then, exceptions as system calls, signals into a thread that waits in the kernel, and
 * back to what it was doing.
 */
import { expect, test } from "vitest";
import {
  EXC,
  KERN_RETURN,
  MACH_MSG_RETURN,
  MACH_NOTIFY,
  MACH_MSG_TYPE,
} from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { leaks, receiveFrom } from "../vm/caller.ts";
import { Parent } from "./child.ts";

const CHILD = `
	.text
	.globl	reads
reads:
	ldil	L%0x30000000,%r11
	ldw	4(%r11),%r12
	ldi	5,%r13
	stw	%r13,8(%r11)
	break	3,1

	.globl	waits
waits:
	trap	TRAP_MACH_REPLY_PORT
	copy	%r28,%r5
	ldi	77,%r6
	copy	%sp,%r7
	ldo	64(%sp),%arg0
	ldi	MACH_RCV_MSG,%arg1
	ldi	0,%arg2
	ldi	1024,%arg3
	stw	%r5,-52(%sp)
	stw	%r0,-56(%sp)
	stw	%r0,-60(%sp)
	trap	TRAP_MACH_MSG
	break	3,2

	.globl	handler
handler:
	ldi	88,%r6
	break	3,3

	.globl	sends
sends:
	trap	TRAP_MACH_REPLY_PORT
	copy	%r28,%r5
	ldo	64(%sp),%r8
	ldi	MACH_MSG_TYPE_MAKE_SEND,%r19
	stw	%r19,0(%r8)
	stw	%r5,8(%r8)
	stw	%r0,12(%r8)
send_again:
	copy	%r8,%arg0
	ldi	MACH_SEND_MSG,%arg1
	ldi	24,%arg2
	ldi	0,%arg3
	stw	%r0,-52(%sp)
	stw	%r0,-56(%sp)
	stw	%r0,-60(%sp)
	trap	TRAP_MACH_MSG
	comib,=	0,%r28,send_again
	nop
	break	3,4
`;
const breakpoint = (n: number): number => n * 2 ** 13 + 3;

const finish = (parent: Parent): void => {
  expect(checkKernel(parent.server.k)).toEqual([]);
  expect(leaks(parent.server.k)).toEqual([]);
};

test("a child faults, the server maps memory, the child goes on", async () => {
  const parent = await Parent.boot(CHILD);
  const { task, thread } = parent.fork();
  parent.begin(thread, "reads");
  const read = parent.raised()!;
  expect(read).toMatchObject({
    task,
    thread,
    exception: EXC.EXC_BAD_ACCESS,
    code: KERN_RETURN.KERN_INVALID_ADDRESS,
    subcode: 0x30000004,
  });
  expect(checkKernel(parent.server.k)).toEqual([]);
  parent.code("vm_allocate", task, { address: 0x30000000, size: 4096, anywhere: 0 });
  const range = { address: 0x30000000, size: 4096, set_maximum: 0 };
  parent.code("vm_protect", task, { ...range, new_protection: 1 });
  parent.answer(read, KERN_RETURN.KERN_SUCCESS);
  // The same page again, now for writing: another fault.
  const write = parent.raised()!;
  expect(write).toMatchObject({
    exception: EXC.EXC_BAD_ACCESS,
    code: KERN_RETURN.KERN_PROTECTION_FAILURE,
    subcode: 0x30000008,
  });
  parent.code("vm_protect", task, { ...range, new_protection: 3 });
  parent.answer(write, KERN_RETURN.KERN_SUCCESS);
  const stop = parent.raised()!;
  expect(stop).toMatchObject({ exception: EXC.EXC_BREAKPOINT, subcode: breakpoint(1) });
  expect(parent.state(thread)).toMatchObject({ r12: 0, r13: 5 });
  parent.code("task_terminate", task);
  finish(parent);
});

test("a server that does not handle it ends the child, and hears of that", async () => {
  const parent = await Parent.boot(CHILD);
  const { server } = parent;
  const { task, thread } = parent.fork();
  const notices = server.receive();
  parent.code("mach_port_request_notification", server.self, {
    name: task,
    id: MACH_NOTIFY.MACH_NOTIFY_DEAD_NAME,
    sync: 0,
    notify: { name: MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND_ONCE, value: notices },
  });
  parent.begin(thread, "reads");
  parent.answer(parent.raised()!, KERN_RETURN.KERN_FAILURE);
  expect(parent.raised()).toBeUndefined();
  const notice = receiveFrom(server, notices)!;
  expect([notice.message.read32(20), notice.message.read32(28)]).toEqual([
    MACH_NOTIFY.MACH_NOTIFY_DEAD_NAME,
    task,
  ]);
  finish(parent);
});

test("a server that dies with a child's exception ends the child", async () => {
  const parent = await Parent.boot(CHILD);
  const { k } = parent.server;
  const { thread } = parent.fork();
  parent.begin(thread, "reads");
  expect(checkKernel(k)).toEqual([]);
  expect(k.procedures.suspended.size).toBe(1);
  finish(parent);
  expect(k.procedures.suspended.size).toBe(0);
});

test.each([
  ["waits", MACH_MSG_RETURN.MACH_RCV_INTERRUPTED, 2],
  ["sends", MACH_MSG_RETURN.MACH_SEND_INTERRUPTED, 4],
])("a signal for a thread that %s, and its return", async (symbol, code, then) => {
  const parent = await Parent.boot(CHILD);
  const { thread } = parent.fork();
  parent.begin(thread, symbol);
  expect(parent.raised()).toBeUndefined();
  parent.code("thread_suspend", thread);
  parent.code("thread_abort", thread);
  // What the call comes to is there, and the thread behind it.
  const saved = parent.state(thread);
  expect(saved.r28).toBe(code);
  const handler = parent.symbol("handler");
  parent.setState(thread, { iioq_head: handler, iioq_tail: handler + 4, r26: 30 });
  parent.resume(thread);
  const handling = parent.raised()!;
  expect(handling.subcode).toBe(breakpoint(3));
  expect(parent.state(thread)).toMatchObject({ r26: 30, r6: 88 });
  // sigreturn: everything as it was.
  parent.setState(thread, saved);
  parent.answer(handling, KERN_RETURN.KERN_SUCCESS);
  const after = parent.raised()!;
  expect(after.subcode).toBe(breakpoint(then));
  expect(parent.state(thread)).toMatchObject({ r28: code, r5: saved.r5, r30: saved.r30 });
  parent.code("thread_terminate", thread);
  finish(parent);
});

test("abort of a thread that is not suspended, or does not wait, or is gone", async () => {
  const parent = await Parent.boot(CHILD);
  const { server } = parent;
  const { task, thread } = parent.fork();
  // Not begun yet: nothing to break off.
  parent.code("thread_abort", thread);
  parent.begin(thread, "waits");
  parent.code("thread_abort", thread);
  server.k.run({ cycles: 1_000_000 });
  const stop = parent.raised()!;
  expect(parent.state(thread).r28).toBe(MACH_MSG_RETURN.MACH_RCV_INTERRUPTED);
  // It waits for an answer now, and goes on waiting.
  parent.code("thread_abort", thread);
  parent.code("thread_suspend", thread);
  parent.code("thread_abort", thread);
  expect(parent.raised()).toBeUndefined();
  parent.answer(stop, KERN_RETURN.KERN_SUCCESS);
  expect(parent.raised()).toBeUndefined();
  parent.resume(thread);
  expect(parent.raised()).toMatchObject({ subcode: breakpoint(2) });
  const other = parent.code("thread_create", task)["child_thread"] as number;
  parent.code("thread_terminate", other);
  expect(server.call(other, "thread_abort").code).not.toBe(0);
  finish(parent);
});
