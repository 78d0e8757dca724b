/** Programs in PA-RISC text that fault: zeroes, copies, pages that had to leave, what is forbidden. */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { GuestStopped } from "../../../host/mach/fault.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { vm_allocate, vm_protect } from "../../../host/mach/vm/vm-user.ts";
import { guest } from "../kern/guest.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const HEAP = 0x50000000;

/** Writes its own address to each of r26 pages from HEAP on, then adds all up, r25 times over. */
const WALK = `
	.text
	.globl	_start
_start:
	ldil	L%pages,%r4
	ldw	R%pages(%r4),%r4
	ldil	L%rounds,%r5
	ldw	R%rounds(%r5),%r5
again:
	ldil	L%${HEAP},%r6
	copy	%r4,%r7
write:
	stw	%r6,0(%r6)
	addib,>	-1,%r7,write
	ldo	4096(%r6),%r6
	ldil	L%${HEAP},%r6
	copy	%r4,%r7
	ldi	0,%r8
read:
	ldw	0(%r6),%r9
	sub	%r9,%r6,%r9
	or	%r9,%r8,%r8
	addib,>	-1,%r7,read
	ldo	4096(%r6),%r6
	ldil	L%wrong,%r9
	ldw	R%wrong(%r9),%r10
	or	%r10,%r8,%r8
	stw	%r8,R%wrong(%r9)
	ldil	L%done,%r9
	ldw	R%done(%r9),%r10
	ldo	1(%r10),%r10
	stw	%r10,R%done(%r9)
	addib,>	-1,%r5,again
	nop
	stop
	.data
	.globl	pages
pages:	.word	0
	.globl	rounds
rounds:	.word	0
	.globl	wrong
wrong:	.word	0
	.globl	done
done:	.word	0
`;

async function walk(pages: number, rounds: number, memoryBytes?: number) {
  const run = await guest(WALK, memoryBytes === undefined ? {} : { machine: { memoryBytes } });
  const { kernel, task, image } = run;
  const map = kernel.vmMapOf(task);
  expect(vm_allocate(kernel.vm, map, HEAP, pages * PAGE_SIZE, false)).toEqual({ address: HEAP });
  const words = new Uint8Array(8);
  new DataView(words.buffer).setUint32(0, pages);
  new DataView(words.buffer).setUint32(4, rounds);
  kernel.copyout(task, image.symbols.get("pages")!, words);
  return run;
}

describe("a program's own memory", () => {
  test("is zero-filled at the first touch, page by page, and costs faults", async () => {
    const { kernel, words } = await walk(12, 1);
    const before = kernel.vm.counters.faults;
    kernel.run({ cycles: 2_000_000 });
    expect(words("wrong", 2)).toEqual([0, 1]);
    expect(kernel.vm.counters.faults - before).toBe(12);
    expect(kernel.machine.counters().declared).toBeGreaterThan(12 * 3072);
  });

  test("that is larger than memory goes to the paging space and comes back", async () => {
    const memoryBytes = 5 * 2 ** 20;
    const { kernel, task, words } = await walk(400, 2, memoryBytes);
    expect(kernel.vm.pages.count).toBe(256);
    kernel.run({ cycles: 3_000_000_000 });
    expect(words("wrong", 2)).toEqual([0, 2]);
    expect(kernel.vm.counters.pageouts).toBeGreaterThan(400);
    expect(kernel.vm.counters.pageins).toBeGreaterThan(300);
    task_terminate(kernel, task);
    expect(kernel.vm.pages.freeCount).toBe(256);
    expect(kernel.vm.paging.used).toBe(0);
  });

  test("that it may not write ends it with the code of the fault", async () => {
    const { kernel, task } = await walk(3, 1);
    const map = kernel.vmMapOf(task);
    const read = VM_PROT.VM_PROT_READ;
    expect(vm_protect(kernel.vm, map, HEAP + PAGE_SIZE, PAGE_SIZE, false, read)).toBe(0);
    const stopped = ((): unknown => {
      try {
        return kernel.run({ cycles: 2_000_000 });
      } catch (error) {
        return error;
      }
    })();
    expect(stopped).toBeInstanceOf(GuestStopped);
    expect(String(stopped)).toMatch(/50001000/);
    expect(kernel.copyout(task, HEAP + PAGE_SIZE, new Uint8Array(4))).toBe(false);
    const code = kernel.runNow(kernel.vm_fault(task, HEAP + PAGE_SIZE, 3));
    expect(code).toBe(KERN_RETURN.KERN_PROTECTION_FAILURE);
  });
});
