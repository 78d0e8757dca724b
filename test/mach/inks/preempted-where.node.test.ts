/**
 * Where threads of a server in the kernel lose the processor (paper §3.2): in the server's code, which is
 * told from the kernel's by its address; and, when the interrupt finds the kernel's own text at work for
 * them, on their way out of it, where a return to lower privilege is forged so that the trap for
 * rescheduling is taken. Never in the kernel's text.
 */
import { expect, test } from "vitest";
import { pcb, savedState } from "../../../host/abi/hp700.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { threadAt } from "../../../host/mach/kern/views.ts";
import { guest } from "../kern/guest.ts";

/** Two threads that call the kernel and count, in turn; `back` is where a call returns to. */
const LOOPS = `
	.text
	.globl	_start
_start:	ldi	0,%r5
	copy	%arg0,%r8
	ldil	L%counts,%r6
	ldo	R%counts(%r6),%r6
	sh2add	%r8,%r6,%r6
again:
	ldi	90,%r7
count:	addib,>	-1,%r7,count
	nop
	ldi	0,%arg0
	trap	TRAP_THREAD_DEPRESS_ABORT
	.globl	back
back:	addi	1,%r5,%r5
	b	again
	stw	%r5,0(%r6)
	.data
	.align	8
	.globl	counts
counts:	.block	16
`;
const QUANTUM = 6_700_000;

test("in the server's code, or behind its call; never in the kernel's text (K6)", async () => {
  const { kernel, threads, image, words } = await guest(LOOPS, {
    place: "kernel",
    threads: ["_start", "_start"],
  });
  const back = image.symbols.get("back")!;
  const places: number[] = [];
  let last = 0;
  for (let i = 0; places.length < 8; i++) {
    expect(i).toBeLessThan(64);
    kernel.run({ cycles: QUANTUM / 2 });
    const off = threads.find((thread) => thread !== kernel.cpu.active_thread)!;
    if (off === last) continue;
    last = off;
    const { flags, iioq_head } = savedState.at(
      kernel.memory,
      threadAt(kernel, off).pcb + pcb.offset.kss,
    );
    // Not begun yet: nothing was taken from it.
    if (flags !== 0) places.push(iioq_head);
  }
  expect(places.every((at) => at >= MEMORY_MAP.SERVER_BASE && at < MEMORY_MAP.GATEWAY)).toBe(true);
  // Privilege 0 again: the forged return is taken back.
  expect(places.every((at) => (at & 3) === 0)).toBe(true);
  const behind = places.filter((at) => at === back);
  expect(behind.length).toBeGreaterThan(0);
  expect(behind.length).toBeLessThan(places.length);
  const [one = 0, two = 0] = words("counts", 2);
  expect(Math.min(one, two)).toBeGreaterThan(Math.max(one, two) / 2);
});
