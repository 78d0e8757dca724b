/** What threads and tasks are told to do by others: stop, go on, be better or worse, be emulated. */
import { describe, expect, test } from "vitest";
import { SCHED, TH } from "../../../host/abi/kernel.ts";
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import {
  task_get_emulation_vector,
  task_set_emulation,
  task_set_emulation_vector,
} from "../../../host/mach/kern/emulation.ts";
import { thread_info } from "../../../host/mach/kern/info.ts";
import {
  task_priority,
  thread_max_priority,
  thread_policy,
  thread_priority,
} from "../../../host/mach/kern/priority.ts";
import { procedure_call, YIELD } from "../../../host/mach/kern/procedure.ts";
import {
  quantum_expired,
  thread_depress,
  thread_undepress,
} from "../../../host/mach/kern/sched.ts";
import {
  task_resume,
  task_suspend,
  thread_resume,
  thread_suspend,
} from "../../../host/mach/kern/suspend.ts";
import { task_create, task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_create, thread_terminate } from "../../../host/mach/kern/thread.ts";
import { thread_getstatus, thread_setstatus } from "../../../host/mach/kern/thread-state.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { TestKernel } from "../ipc/test-kernel.ts";
import { guest } from "./guest.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;

function world(count = 2) {
  const k = new TestKernel();
  const task = k.createTask();
  const threads = Array.from({ length: count }, () => thread_create(k, task));
  return { k, task, threads: threads as [number, number, number] };
}
/** The current thread gives the processor up; who is next? */
const next = (k: TestKernel): unknown => {
  if (k.cpu.active_thread !== 0)
    procedure_call(
      k,
      (function* give() {
        yield YIELD;
        return 0;
      })(),
    );
  const resumption = runNext(k);
  return resumption === "idle" ? "idle" : resumption.thread;
};

describe("suspend and resume count", () => {
  test("a thread runs when both its own and its task's counts are zero", () => {
    const { k, task, threads } = world(1);
    const [a] = threads;
    expect(task_suspend(k, task)).toBe(KERN_SUCCESS);
    expect(thread_resume(k, a)).toBe(KERN_SUCCESS);
    expect(thread_resume(k, a)).toBe(KERN_FAILURE);
    expect(next(k)).toBe("idle");
    expect(task_suspend(k, task)).toBe(KERN_SUCCESS);
    expect(task_resume(k, task)).toBe(KERN_SUCCESS);
    expect(next(k)).toBe("idle");
    expect(task_resume(k, task)).toBe(KERN_SUCCESS);
    expect(task_resume(k, task)).toBe(KERN_FAILURE);
    expect(next(k)).toBe(a);
    expect(checkKernel(k)).toEqual([]);
  });

  test("a thread made in a suspended task waits for the task, too", () => {
    const { k, task } = world(0);
    task_suspend(k, task);
    const late = thread_create(k, task);
    thread_resume(k, late);
    expect(next(k)).toBe("idle");
    task_resume(k, task);
    expect(next(k)).toBe(late);
  });

  test("a runnable thread is off the queue at once, a running one when it leaves", () => {
    const { k, threads } = world(2);
    const [a, b] = threads;
    thread_resume(k, a);
    thread_resume(k, b);
    expect(next(k)).toBe(a);
    thread_suspend(k, b);
    thread_suspend(k, a);
    expect(next(k)).toBe("idle");
    thread_resume(k, b);
    expect(next(k)).toBe(b);
    expect(checkKernel(k)).toEqual([]);
  });

  test("terminated ones fail", () => {
    const { k, task, threads } = world(1);
    threadAt(k, threads[0]).ref_count += 1;
    taskAt(k, task).ref_count += 1;
    thread_terminate(k, threads[0]);
    expect([thread_suspend(k, threads[0]), thread_resume(k, threads[0])]).toEqual([5, 5]);
    task_terminate(k, task);
    expect([task_suspend(k, task), task_resume(k, task)]).toEqual([5, 5]);
  });
});

describe("priorities", () => {
  test("better threads run first, whenever they came", () => {
    const { k, threads } = world(3);
    const [a, b, c] = threads;
    expect(thread_max_priority(k, c, 4)).toBe(KERN_SUCCESS);
    expect(thread_priority(k, c, 4, false)).toBe(KERN_SUCCESS);
    expect(thread_priority(k, a, 20, false)).toBe(KERN_SUCCESS);
    for (const thread of threads) thread_resume(k, thread);
    expect(next(k)).toBe(c);
    thread_terminate(k, c);
    expect(runNext(k)).toMatchObject({ thread: b });
    thread_terminate(k, b);
    expect(runNext(k)).toMatchObject({ thread: a });
  });

  test.each([
    [32, false, KERN_INVALID_ARGUMENT],
    [0xffffffff, false, KERN_INVALID_ARGUMENT],
    [SCHED.BASEPRI_USER - 1, false, KERN_FAILURE],
    [SCHED.BASEPRI_USER, false, KERN_SUCCESS],
    [31, true, KERN_SUCCESS],
  ])("priority %i, limit too: %j", (priority, setMax, code) => {
    const { k, threads } = world(1);
    expect(thread_priority(k, threads[0], priority, setMax)).toBe(code);
    const view = threadAt(k, threads[0]);
    expect(view.priority).toBe(code === KERN_SUCCESS ? priority : SCHED.BASEPRI_USER);
    expect(view.max_priority).toBe(setMax ? priority : SCHED.BASEPRI_USER);
  });

  test("a task's priority is its new threads', and its others' if asked", () => {
    const { k, task, threads } = world(1);
    expect(task_priority(k, task, 33, true)).toBe(KERN_INVALID_ARGUMENT);
    expect(task_priority(k, task, 20, false)).toBe(KERN_SUCCESS);
    expect(threadAt(k, threads[0]).priority).toBe(SCHED.BASEPRI_USER);
    const { BASEPRI_USER } = SCHED;
    const made = () => threadAt(k, thread_create(k, task));
    expect(made()).toMatchObject({ priority: 20, max_priority: BASEPRI_USER });
    // Nobody is made better than users' threads are.
    task_priority(k, task, 5, false);
    expect(made()).toMatchObject({ priority: BASEPRI_USER, max_priority: BASEPRI_USER });
    expect(task_priority(k, task, 21, true)).toBe(KERN_SUCCESS);
    expect(threadAt(k, threads[0]).priority).toBe(21);
    expect(taskAt(k, task_create(k, 0x500, task)).priority).toBe(21);
  });

  test("policies: only what is enabled", () => {
    const { k, threads } = world(1);
    expect(thread_policy(k, threads[0], 3, 0, 1)).toBe(KERN_INVALID_ARGUMENT);
    expect(thread_policy(k, threads[0], SCHED.POLICY_FIXEDPRI, 50, 1)).toBe(KERN_FAILURE);
    expect(thread_policy(k, threads[0], SCHED.POLICY_FIXEDPRI, 50, 3)).toBe(KERN_SUCCESS);
    expect(thread_info(k, threads[0], 2, 7)).toEqual([2, 50, 12, 12, 12, 0, 0xffffffff]);
    for (const [data, turn] of [
      [41, 50],
      [0, 0],
      [-5 >>> 0, 0],
    ] as const) {
      thread_policy(k, threads[0], SCHED.POLICY_FIXEDPRI, data, 3);
      expect(threadAt(k, threads[0]).sched_data).toBe(turn);
    }
  });

  test("use of the processor costs priority, and is forgotten", () => {
    const { k, threads } = world(2);
    for (const thread of threads.slice(0, 2)) thread_resume(k, thread);
    expect(next(k)).toBe(threads[0]);
    for (let i = 0; i < 60; i++) {
      quantum_expired(k);
      expect(checkKernel(k)).toEqual([]);
    }
    const [busy, idle] = threads.map((thread) => threadAt(k, thread));
    expect(busy!.sched_pri).toBeGreaterThan(24);
    expect(busy!.sched_pri).toBeLessThan(31);
    expect(idle!.sched_pri).toBe(12);
    thread_terminate(k, threads[1]);
    thread_suspend(k, threads[0]);
  });

  test("a depressed thread is last, until it is not", () => {
    const { k, threads } = world(2);
    for (const thread of threads.slice(0, 2)) thread_resume(k, thread);
    expect(next(k)).toBe(threads[0]);
    thread_depress(k, threads[0], 10);
    expect(thread_info(k, threads[0], 2, 7)).toEqual([1, 0, 12, 12, 31, 1, 12]);
    expect(next(k)).toBe(threads[1]);
    expect(next(k)).toBe(threads[1]);
    expect(thread_undepress(k, threads[0])).toBe(true);
    expect(thread_undepress(k, threads[0])).toBe(false);
    expect(next(k)).toBe(threads[0]);
  });
});

describe("state", () => {
  test.each([
    [1, 60],
    [2, 64],
    [6, 14],
  ])("flavor %i has %i words, and takes back what it gave", (flavor, count) => {
    const { k, threads } = world(1);
    const words = Array.from({ length: count }, (_, i) => 1000 + 4 * i);
    expect(thread_setstatus(k, threads[0], flavor, words.slice(1))).toBe(KERN_INVALID_ARGUMENT);
    expect(thread_setstatus(k, threads[0], flavor, words)).toBe(KERN_SUCCESS);
    const read = thread_getstatus(k, threads[0], flavor, count) as number[];
    expect(read).toHaveLength(count);
    expect(thread_setstatus(k, threads[0], flavor, read)).toBe(KERN_SUCCESS);
    expect(thread_getstatus(k, threads[0], flavor, count)).toEqual(read);
    expect(thread_getstatus(k, threads[0], flavor, count - 1)).toBe(KERN_INVALID_ARGUMENT);
    expect(thread_getstatus(k, threads[0], 3, 1024)).toBe(KERN_INVALID_ARGUMENT);
  });

  test("privilege, spaces and protection ids are not a program's to set", () => {
    const { k, task, threads } = world(1);
    expect(
      thread_setstatus(
        k,
        threads[0],
        1,
        Array.from({ length: 60 }, () => 0),
      ),
    ).toBe(0);
    const state = thread_getstatus(k, threads[0], 1, 60) as number[];
    expect([state[0x84 / 4], state[0x8c / 4]]).toEqual([3, 3]);
    expect([0x88, 0x90, 0xa8, 0xbc, 0xc0].map((at) => state[at / 4])).toEqual(
      Array.from({ length: 5 }, () => task),
    );
    expect(state[0xa4 / 4]! & 0x0f).toBe(0x0f); // Q, P, D, I
  });
});

describe("emulation", () => {
  test("a vector grows both ways, is shared by children and copied by who changes it", () => {
    const { k, task } = world(0);
    expect(task_set_emulation(k, task, 0x1000, 5)).toBe(KERN_SUCCESS);
    expect(task_set_emulation(k, task, 0x2000, -9)).toBe(KERN_SUCCESS);
    expect(task_set_emulation_vector(k, task, 6, [0x3000, 0])).toBe(KERN_SUCCESS);
    const { start, vector } = task_get_emulation_vector(k, task);
    expect([start, vector.length]).toEqual([-9, 17]);
    expect([vector[0], vector[14], vector[15], vector[16]]).toEqual([0x2000, 0x1000, 0x3000, 0]);
    const child = task_create(k, 0x500, task);
    expect(taskAt(k, child).eml_dispatch).toBe(taskAt(k, task).eml_dispatch);
    task_set_emulation(k, child, 0, 5);
    expect(task_get_emulation_vector(k, task).vector[14]).toBe(0x1000);
    expect(task_get_emulation_vector(k, child).vector[14]).toBe(0);
    expect(task_set_emulation_vector(k, task, 2000, [1])).toBe(KERN_INVALID_ARGUMENT);
    expect(checkKernel(k)).toEqual([]);
    task_terminate(k, child);
    task_terminate(k, task);
    expect(checkKernel(k)).toEqual([]);
  });

  test("on the machine a call goes to its entry, with the stub's return point in r31", async () => {
    const text = `
	.text
	.macro	unix number
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\\number,%r22
	.endm
	.globl	_start
_start:
	ldil	L%results,%r3
	ldo	R%results(%r3),%r3
	ldi	11,%arg0
	ldi	22,%arg3
	unix	20
	stws,ma	%r28,4(%r3)
	trap	TRAP_MACH_REPLY_PORT		; beside the vector: still Mach's
	stws,ma	%r28,4(%r3)
	stop
	.globl	emulator
emulator:
	add	%arg0,%arg3,%r28
	add	%r22,%r28,%r28
	be	0(%sr0,%r31)
	nop
	.data
	.globl	results
results:	.block	16
`;
    const { kernel, task, image, words } = await guest(text, { threads: [] });
    task_set_emulation(kernel, task, image.symbols.get("emulator")!, 20);
    const thread = kernel.createThread(task, {
      entry: image.symbols.get("_start")!,
      stack: 0x40000800,
      args: [],
    });
    thread_resume(kernel, thread);
    kernel.run({ cycles: 100_000 });
    const [emulated, port] = words("results", 2);
    expect(emulated).toBe(11 + 22 + 20);
    expect(port! & 0xff).toBe(0);
    expect(port).not.toBe(0);
    expect(threadAt(kernel, thread).state & TH.TH_WAIT).not.toBe(0);
  });
});
