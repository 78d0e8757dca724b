/**
 * Exceptions on the machine: a thread faults, another receives exception_raise, looks at the thread's
 * state by message, moves it past the instruction, and answers.
 */
import { describe, expect, test } from "vitest";
import { EXC_HP700 } from "../../../host/abi/hp700.ts";
import { EXC, KERN_RETURN } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { linkServer } from "../../../host/mach/boot/programs.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_port_alloc, ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { Kernel } from "../../../host/mach/kernel.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { loadImage, mapStack } from "../../../host/mach/load.ts";

const HANDLER = `
; arg0 = exception port, arg1 = code to answer with
	.text
	.globl	handler
handler:
	copy	%arg0,%r3
	copy	%arg1,%r4
	ldo	256(%sp),%sp
	ldil	L%log,%r7
	ldo	R%log(%r7),%r7
next:
	ldil	L%message,%arg0
	ldo	R%message(%arg0),%arg0
	ldi	MACH_RCV_MSG,%arg1
	ldi	0,%arg2
	ldi	64,%arg3
	stw	%r3,-52(%sp)
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	comib,<>	0,%r28,.
	nop
	ldil	L%message,%r5
	ldo	R%message(%r5),%r5
	ldw	44(%r5),%r19
	stws,ma	%r19,4(%r7)			; exception, code, subcode
	ldw	52(%r5),%r19
	stws,ma	%r19,4(%r7)
	ldw	60(%r5),%r19
	stws,ma	%r19,4(%r7)
	ldw	28(%r5),%r6			; the thread
	ldil	L%count,%r19
	ldi	60,%r20
	stw	%r20,R%count(%r19)
	ldo	R%count(%r19),%r19
	stw	%r19,-52(%sp)
	copy	%r6,%arg0
	ldi	1,%arg1				; HP700_THREAD_STATE
	ldil	L%state,%arg2
	ldo	R%state(%arg2),%arg2
	bl	r_thread_get_state,%rp
	copy	%r19,%arg3
	stws,ma	%r28,4(%r7)
	ldil	L%state,%arg2
	ldo	R%state(%arg2),%arg2
	ldw	0x8c(%arg2),%r19		; behind the instruction
	stw	%r19,0x84(%arg2)
	ldo	4(%r19),%r19
	stw	%r19,0x8c(%arg2)
	copy	%r6,%arg0
	ldi	1,%arg1
	ldi	60,%arg3
	bl	r_thread_set_state,%rp
	nop
	stws,ma	%r28,4(%r7)
	ldw	0(%r5),%r19			; the reply goes by the send-once right
	extru	%r19,31,8,%r19
	stw	%r19,0(%r5)
	stw	%r0,12(%r5)
	ldi	2500,%r19
	stw	%r19,20(%r5)
	ldil	L%0x02200018,%r19
	ldo	R%0x02200018(%r19),%r19
	stw	%r19,24(%r5)
	stw	%r4,28(%r5)
	copy	%r5,%arg0
	ldi	MACH_SEND_MSG,%arg1
	ldi	32,%arg2
	ldi	0,%arg3
	stw	%r0,-52(%sp)
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	b,n	next

	.globl	faulter
faulter:
	ldi	0,%r9
FAULT
	ldi	7,%r9
	ldil	L%survived,%r10
	stw	%r9,R%survived(%r10)
	ldi	0,%arg0
	ldi	2,%arg1
	ldil	L%0x70000000,%arg2
	ldil	L%TRAP_THREAD_SWITCH,%r22
	ldo	R%TRAP_THREAD_SWITCH(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	b,n	.

	.data
	.align	8
message:	.block	128
state:	.block	240
count:	.word	0
	.globl	log
log:	.block	128
	.globl	survived
survived:	.word	0
`;

/** Runs a faulting instruction whose exceptions the task's own second thread handles. */
async function run(
  fault: string,
  {
    answer = 0,
    port = "task" as "task" | "thread" | "none",
    place = "user" as "user" | "kernel",
  } = {},
) {
  const k = await Kernel.boot({ stopAtExceptions: false });
  const image = await linkServer("exceptions.s", HANDLER.replace("FAULT", fault), [
    "mach/mach.defs",
  ]);
  const task = k.createTask(place);
  loadImage(k, task, image, "exceptions.s");
  const made = ipc_port_alloc(k, taskAt(k, task).itk_space);
  if (typeof made === "number") throw new Error(`port: ${made}`);
  const begin = (entry: string, index: number, args: number[]): number => {
    const stack = mapStack(k, task, image, MEMORY_MAP.USER_STACK + index * 0x20000);
    return k.createThread(task, { entry: image.symbols.get(entry)!, stack, args });
  };
  const handler = begin("handler", 0, [made.name, answer]);
  const faulter = begin("faulter", 1, []);
  const right = (): number => ipc_port_make_send(k, made.port);
  if (port === "task") taskAt(k, task).itk_exception = right();
  if (port === "thread") threadAt(k, faulter).ith_exception = right();
  thread_resume(k, handler);
  thread_resume(k, faulter);
  k.run({ cycles: 10_000_000 });
  const alive = k.liveElements("task").includes(task);
  const words = (symbol: string, count: number): number[] => {
    const bytes = k.copyin(task, image.symbols.get(symbol)!, 4 * count)!;
    const view = new DataView(bytes.buffer);
    return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
  };
  return {
    k,
    alive,
    log: alive ? words("log", 5) : [],
    survived: alive && words("survived", 1)[0] === 7,
  };
}

const wild = "\tldil\tL%0x30000000,%r11\n\tldw\t4(%r11),%r12";

describe("an exception reaches its port, and the thread goes on where it is put", () => {
  test.each([
    ["a wild read", wild, EXC.EXC_BAD_ACCESS, KERN_RETURN.KERN_INVALID_ADDRESS, 0x30000004],
    [
      "an unaligned read",
      "\tldw\t-30(%sp),%r12\n\t.word\t0x08000240",
      EXC.EXC_BAD_ACCESS,
      EXC_HP700.EXC_HP700_UNALIGNED,
      undefined,
    ],
    [
      "an unimplemented instruction",
      "\tescape\t3",
      EXC.EXC_BAD_INSTRUCTION,
      EXC_HP700.EXC_HP700_UNIPL_INST,
      undefined,
    ],
    [
      "a privileged operation",
      "\trfi",
      EXC.EXC_BAD_INSTRUCTION,
      EXC_HP700.EXC_HP700_PRIVINST,
      undefined,
    ],
    [
      "a privileged register",
      "\tmtctl\t%r0,%cr14",
      EXC.EXC_BAD_INSTRUCTION,
      EXC_HP700.EXC_HP700_PRIVREG,
      undefined,
    ],
    [
      "a break",
      "\tbreak\t3,77",
      EXC.EXC_BREAKPOINT,
      EXC_HP700.EXC_HP700_BREAKPOINT,
      77 * 2 ** 13 + 3,
    ],
    [
      "an overflow",
      "\tldil\tL%0x7fffffff,%r12\n\tldo\tR%0x7fffffff(%r12),%r12\n\taddo\t%r12,%r12,%r12",
      EXC.EXC_ARITHMETIC,
      EXC_HP700.EXC_HP700_OVERFLOW,
      undefined,
    ],
    [
      "a Unix call without an emulator",
      "\tldi\t20,%r22\n\tldil\tL%GATEWAY,%r1\n\tble\t4(%sr7,%r1)\n\tnop\n\tnop\n\tnop",
      EXC.EXC_BAD_INSTRUCTION,
      EXC_HP700.EXC_HP700_INVALID_SYSCALL,
      20,
    ],
  ])("%s", async (_name, fault, exception, code, subcode) => {
    for (const [port, place] of [
      ["task", "user"],
      ["thread", "user"],
      ["task", "kernel"],
    ] as const) {
      // What only privilege protects is no exception inside the kernel.
      if (place === "kernel" && /privileged|Unix/.test(_name)) continue;
      const { k, log, survived } = await run(fault, { port, place });
      expect(log[0]).toBe(exception);
      if (code !== undefined) expect(log[1]).toBe(code);
      if (subcode !== undefined) expect(log[2]).toBe(subcode);
      expect(log.slice(3)).toEqual([0, 0]);
      expect(survived).toBe(true);
      expect(checkKernel(k)).toEqual([]);
    }
  });
});

test("nobody handles it: the task ends, and nothing is left of it", async () => {
  for (const options of [{ port: "none" as const }, { answer: 5 }]) {
    const { k, alive } = await run(wild, options);
    expect(alive).toBe(false);
    expect(k.liveElements("thread")).toEqual([]);
    expect(k.liveElements("pcb")).toEqual([]);
    expect(k.procedures.suspended.size).toBe(0);
    expect(checkKernel(k)).toEqual([]);
  }
});
