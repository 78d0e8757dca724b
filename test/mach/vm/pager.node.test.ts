/**
 * External pagers. The test is the pager: it reads the messages at its port between two runs, and
 * answers at the control port, well or badly, while a program waits for a page of its object.
 */
import { describe, expect, test } from "vitest";
import { MACH_MSG_RETURN, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { portAt } from "../../../host/mach/kern/views.ts";
import { guest } from "../kern/guest.ts";
import { REQUEST, RETURN, TERMINATE, TestPager, type Told, UNLOCK } from "./test-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const OBJECT = 0x50000000;

/** Adds the first words of two pages; then writes the sum into the first, and to `sum`. */
const PROGRAM = `
	.text
	.globl	_start
_start:
	ldil	L%${OBJECT},%r6
	ldw	0(%r6),%r7
	ldo	4096(%r6),%r5
	ldw	0(%r5),%r8
	add	%r7,%r8,%r9
	ldil	L%sum,%r10
	stw	%r9,R%sum(%r10)
	stw	%r9,0(%r6)
	ldi	1,%r11
	stw	%r11,R%sum+4(%r10)
	stop
	.data
	.globl	sum
sum:	.word	0, 0
`;

/** Sends the message at the object's start, whatever it is; keeps what that came to. */
const SENDER = `
	.text
	.globl	_start
_start:
	ldil	L%${OBJECT},%arg0
	ldi	1,%arg1
	ldi	24,%arg2
	ldi	0,%arg3
	trap	TRAP_MACH_MSG
	ldil	L%sum,%r10
	stw	%r28,R%sum(%r10)
	stop
	.data
	.globl	sum
sum:	.word	0
`;

async function mapped(program = PROGRAM) {
  const run = await guest(program, { stopAtExceptions: false });
  const { kernel, task } = run;
  const pager = new TestPager(kernel, task, OBJECT, 2);
  return {
    ...run,
    ready: () => pager.ready(),
    provide: (offset: number, word: number, lock = 0) => pager.provide(offset, word, lock),
    say: (...said: Parameters<TestPager["say"]>) => pager.say(...said),
    die: () => pager.die(),
    /** Runs until nobody can; what the pager was told then. */
    told: (): Told[] => {
      kernel.run({ cycles: 20_000_000 });
      return pager.messages();
    },
    /** Ends the task, and looks for what is left. */
    end: (): Told[] => {
      task_terminate(kernel, task);
      const last = portAt(kernel, pager.port).ip_bits >>> 31 ? pager.messages() : [];
      const { vm } = kernel;
      expect([...vm.objects]).toEqual([]);
      expect(vm.copies.size).toBe(0);
      expect(vm.paging.used).toBe(0);
      expect(vm.pages.freeCount).toBe(vm.pages.count);
      return last;
    },
  };
}

const access = ({ words }: Told) => ({ offset: words[3], length: words[5], access: words[7] });

describe("a pager", () => {
  test("is asked for each page, once it is ready, and gets back what was written", async () => {
    const { words, ready, provide, told, end } = await mapped();
    expect(told()).toEqual([]); // not ready: nothing is asked
    ready();
    const [first, ...none] = told();
    expect(none).toEqual([]);
    expect(first!.id).toBe(REQUEST);
    expect(access(first!)).toEqual({ offset: 0, length: PAGE_SIZE, access: VM_PROT.VM_PROT_READ });
    provide(0, 40);
    const [second] = told();
    expect(access(second!)).toMatchObject({ offset: PAGE_SIZE });
    provide(PAGE_SIZE, 2);
    expect(told()).toEqual([]);
    expect(words("sum", 2)).toEqual([42, 1]);
    expect(end().map(({ id }) => id)).toEqual([RETURN, TERMINATE]);
  });

  test("that has no data gives zeroes", async () => {
    const { words, ready, say, told, provide, end } = await mapped();
    ready();
    told();
    say("memory_object_data_unavailable", { offset: 0, size: PAGE_SIZE });
    told();
    provide(PAGE_SIZE, 5);
    told();
    expect(words("sum", 2)).toEqual([5, 1]);
    end();
  });

  test("brings in a message that is sent", async () => {
    const { words, ready, provide, told, end } = await mapped(SENDER);
    ready();
    const [request] = told();
    expect(access(request!)).toMatchObject({ offset: 0, access: VM_PROT.VM_PROT_READ });
    provide(0, 0x13); // to nobody, but it could be read
    told();
    expect(words("sum")).toEqual([MACH_MSG_RETURN.MACH_SEND_INVALID_DEST]);
    end();
  });

  test("that answers twice, or unasked, changes nothing", async () => {
    const { words, ready, told, provide, say, end } = await mapped();
    ready();
    told();
    provide(0, 40);
    provide(0, 41);
    told();
    say("memory_object_data_error", { offset: 0, size: PAGE_SIZE, error_value: 1 });
    provide(PAGE_SIZE, 2);
    told();
    provide(PAGE_SIZE, 3);
    provide(8 * PAGE_SIZE, 9);
    told();
    expect(words("sum", 2)).toEqual([42, 1]);
    end();
  });

  test("whose lock forbids writing is asked before the write", async () => {
    const { words, ready, told, provide, say, end } = await mapped();
    ready();
    told();
    provide(0, 40, VM_PROT.VM_PROT_WRITE);
    told();
    provide(PAGE_SIZE, 2);
    const [unlock] = told();
    expect(unlock!.id).toBe(UNLOCK);
    expect(access(unlock!)).toMatchObject({ offset: 0, access: 3 });
    expect(words("sum", 2)).toEqual([42, 0]);
    const lock = { offset: 0, size: PAGE_SIZE, should_return: 0, should_flush: 0, lock_value: 0 };
    say("memory_object_lock_request", { ...lock, reply_to: 0 });
    told();
    expect(words("sum", 2)).toEqual([42, 1]);
    end();
  });

  test.each([
    [
      "fails",
      (pager: Pager) =>
        pager.say("memory_object_data_error", { offset: 0, size: 4096, error_value: 5 }),
    ],
    ["dies", (pager: Pager) => pager.die()],
    ["destroys its object", (pager: Pager) => pager.say("memory_object_destroy", { reason: 5 })],
  ])("that %s ends who waits for its page, and nobody else", async (_what, act) => {
    const pager = await mapped();
    const { kernel, task } = pager;
    pager.ready();
    expect(pager.told().map(({ id }) => id)).toEqual([REQUEST]);
    act(pager);
    kernel.run({ cycles: 20_000_000 });
    expect(kernel.liveElements("task")).not.toContain(task); // EXC_BAD_ACCESS, and nobody handles it
    expect([...kernel.vm.objects]).toEqual([]);
    expect(kernel.vm.pages.freeCount).toBe(kernel.vm.pages.count);
  });

  test("that never answers keeps nobody but its client, who can be ended", async () => {
    const { ready, told, end, kernel } = await mapped();
    ready();
    expect(told().map(({ id }) => id)).toEqual([REQUEST]);
    expect(kernel.run({ cycles: 1_000_000_000 })).toBe("idle");
    end();
  });
});

type Pager = Awaited<ReturnType<typeof mapped>>;
