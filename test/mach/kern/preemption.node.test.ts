/** Threads that share the processor on the machine: quanta, interrupts, registers, the FPU, AST. */
import { describe, expect, test } from "vitest";
import { ESCAPE, SCHED } from "../../../host/abi/kernel.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { thread_policy } from "../../../host/mach/kern/priority.ts";
import { guest } from "./guest.ts";

/** A quantum is 100 ms of a clock of 66.67 MHz. */
const QUANTUM = 6_670_000;

const COUNT = `
	.text
	.globl	count
count:
	ldil	L%counters,%r3
	ldo	R%counters(%r3),%r3
	sh2add	%arg0,%r3,%r3
	ldi	0,%r4
again:
	ldo	1(%r4),%r4
	b	again
	stw	%r4,0(%r3)
	.data
	.globl	counters
counters:	.block	32
`;

describe.each(["user", "kernel"] as const)("in a task of the %s", (place) => {
  test("threads that never give way take turns", async () => {
    const { kernel, words } = await guest(COUNT, { place, threads: ["count", "count", "count"] });
    kernel.run({ cycles: 1.5 * QUANTUM });
    const [first, second, third] = words("counters", 3);
    expect(first).toBeGreaterThan(1_000_000);
    expect(second).toBeGreaterThan(500_000);
    expect(third).toBe(0);
    kernel.run({ cycles: 30 * QUANTUM });
    const turns = words("counters", 3);
    for (const each of turns)
      expect(each / (turns[0]! + turns[1]! + turns[2]!)).toBeCloseTo(1 / 3, 1);
    expect(checkKernel(kernel)).toEqual([]);
  });

  test("turns of fixed priority are as long as was asked for, in whole ticks", async () => {
    const { kernel, threads } = await guest(COUNT, { place, threads: ["count", "count"] });
    const { POLICY_FIXEDPRI } = SCHED;
    const lengths = [25, 200];
    for (const [i, data] of lengths.entries())
      expect(thread_policy(kernel, threads[i]!, POLICY_FIXEDPRI, data, POLICY_FIXEDPRI)).toBe(0);
    const tick = kernel.clock.cyclesPerTick;
    const turns: { thread: number; ticks: number }[] = [];
    for (let i = 0; i < 120; i++) {
      kernel.run({ cycles: tick });
      const thread = kernel.cpu.active_thread;
      if (turns.at(-1)?.thread !== thread) turns.push({ thread, ticks: 0 });
      turns.at(-1)!.ticks += 1;
    }
    // The first began before anybody looked, the last has not ended.
    for (const { thread, ticks } of turns.slice(1, -1))
      expect(Math.abs(ticks - (thread === threads[0] ? 3 : 20))).toBeLessThanOrEqual(1);
    expect(turns.length).toBeGreaterThan(8);
    expect(checkKernel(kernel)).toEqual([]);
  });

  test("one thread alone is never interrupted", async () => {
    const { kernel } = await guest(COUNT, { place, threads: ["count"] });
    kernel.run({ cycles: 10 * QUANTUM });
    expect(kernel.escapes.size).toBe(0);
  });

  test("every register of an interrupted thread survives", async () => {
    const general = Array.from({ length: 31 }, (_, i) => i + 1).filter((n) => n !== 29 && n !== 28);
    const set = general.map((n) => `\tldi\t${n},%r${n}`).join("\n");
    const check = general.map((n) => `\tcomib,<>,n\t${n % 16},%r${n},wrong\n`).join("");
    const text = `
	.text
	.globl	keeper
keeper:
${general.map((n) => `\tldi\t${n % 16},%r${n}`).join("\n")}
	ldi	21,%r28
	mtsar	%r28
loop:
${check}
	mfctl	%cr11,%r28
	ldi	21,%r29
	comb,=	%r28,%r29,loop
	nop
wrong:
	break	1,1
	.globl	other
other:
${set}
	mtsar	%r5
	b	.
	ldo	1(%r7),%r7
`;
    const { kernel, threads } = await guest(text, { place, threads: ["keeper", "other"] });
    expect(kernel.run({ cycles: 8 * QUANTUM })).toBe("limit");
    expect(kernel.liveElements("thread")).toEqual(expect.arrayContaining([...threads]));
    expect(kernel.escapes.get(ESCAPE.ESCAPE_TRAP)).toBeGreaterThan(4);
  });

  test("each thread has its own floating-point registers, switched at first use", async () => {
    const text = `
	.text
	.macro	owner name
	.globl	\\name
\\name:
	ldil	L%values,%r3
	ldo	R%values(%r3),%r3
	sh3add	%arg0,%r3,%r3
	fldds	0(%r3),%fr4
	fcpy,dbl	%fr4,%fr31
	ldil	L%seen,%r4
	ldo	R%seen(%r4),%r4
	sh3add	%arg0,%r4,%r4
again\\@:
	fcpy,dbl	%fr31,%fr10
	fstds	%fr10,0(%r4)
	fcmp,dbl,=	%fr31,%fr4
	ftest
	break	1,1
	b,n	again\\@
	.endm
	owner	first
	owner	second
	.globl	nobody
nobody:
	b,n	.
	.data
	.align	8
	.globl	values
values:	.word	0x3ff80000,1,0xc0080000,2
	.globl	seen
seen:	.block	16
`;
    const threads = ["first", "second", "nobody"];
    const { kernel, words } = await guest(text, { place, threads });
    kernel.run({ cycles: 9 * QUANTUM });
    expect(words("seen", 4)).toEqual([0x3ff80000, 1, 0xc0080000, 2]);
    expect(kernel.cpu.fpu_owner).not.toBe(0);
  });

  test("a trap on the way out finds the thread's state, and the call's result", async () => {
    // Each call ends with an AST in between: the other thread is woken at a better priority.
    const text = `
	.text
	.globl	_start
_start:
	ldi	50,%r5
	ldi	0,%r6
next:
	trap	TRAP_SWTCH
	add	%r28,%r6,%r6
	addib,>	-1,%r5,next
	nop
	ldil	L%sum,%r3
	stw	%r6,R%sum(%r3)
	stop
	.data
	.globl	sum
sum:	.word	0
`;
    const { kernel, words } = await guest(text, { place, threads: ["_start", "_start"] });
    expect(kernel.run({ cycles: QUANTUM })).toBe("idle");
    expect(words("sum")[0]).toBeGreaterThan(40);
    expect(checkKernel(kernel)).toEqual([]);
  });
});

test("the same run gives the same cycles, however it is cut", async () => {
  const options = { threads: ["count", "count"] };
  const [whole, cut] = [await guest(COUNT, options), await guest(COUNT, options)];
  whole.kernel.run({ cycles: 5 * QUANTUM });
  for (let i = 0; i < 500; i++) cut.kernel.run({ cycles: QUANTUM / 100 });
  const left = whole.kernel.machine.cycles - cut.kernel.machine.cycles;
  if (left > 0) cut.kernel.run({ cycles: left });
  else whole.kernel.run({ cycles: -left });
  expect(whole.words("counters", 2)).toEqual(cut.words("counters", 2));
});

test.each([1, 7, 100])(
  "a sleeper wakes though the run ends %i cycles around its tick",
  async (cut) => {
    const text = `
	.text
	.globl	_start
_start:
	ldi	0,%arg0
	ldi	2,%arg1
	ldi	100,%arg2
	trap	TRAP_THREAD_SWITCH
	ldil	L%wakes,%r19
	ldw	R%wakes(%r19),%r20
	ldo	1(%r20),%r20
	b	_start
	stw	%r20,R%wakes(%r19)
	.data
	.globl	wakes
wakes:	.word	0
`;
    const whole = await guest(text);
    whole.kernel.run({ cycles: 15.5 * QUANTUM });
    const { kernel, words } = await guest(text);
    const end = whole.kernel.machine.cycles;
    while (kernel.machine.cycles < end) {
      const now = kernel.machine.cycles;
      const toTick = Math.min(kernel.interrupts.next, end) - now;
      kernel.run({ cycles: Math.min(end - now, toTick > cut ? toTick : cut) });
    }
    expect(words("wakes")).toEqual(whole.words("wakes"));
    expect(words("wakes")[0]).toBeGreaterThan(13);
  },
);

test("idle seconds cost simulated time only", async () => {
  const text = `
	.text
	.globl	_start
_start:
	ldi	0,%arg0
	ldi	2,%arg1
	ldil	L%100000,%arg2
	ldo	R%100000(%arg2),%arg2
	trap	TRAP_THREAD_SWITCH
	stop
`;
  const { kernel } = await guest(text);
  expect(kernel.run({ cycles: 101 * 66_700_000 })).toBe("idle");
  expect(kernel.machine.cycles).toBeGreaterThan(100 * 66_600_000);
  expect([...kernel.escapes.values()].reduce((a, b) => a + b)).toBeLessThan(10);
});
