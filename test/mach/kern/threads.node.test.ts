/** Waiting, waking, handing off; threads and tasks from creation to their last reference. */
import { describe, expect, test } from "vitest";
import { CONTINUATION, TH } from "../../../host/abi/kernel.ts";
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_port_alloc_special, ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import {
  clear_wait,
  current_thread,
  THREAD_AWAKENED,
  THREAD_TIMED_OUT,
  thread_block,
  thread_go,
  thread_handoff,
  thread_will_wait,
  thread_will_wait_with_timeout,
} from "../../../host/mach/kern/sched.ts";
import { task_deallocate, task_reference } from "../../../host/mach/kern/task-reference.ts";
import { task_create, task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import {
  thread_create,
  thread_deallocate,
  thread_reference,
  thread_terminate,
  thread_wire,
} from "../../../host/mach/kern/thread.ts";
import { portAt, taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { TestKernel } from "../ipc/test-kernel.ts";

const { TH_HALTED, TH_RUN, TH_SUSP, TH_SWAPPED, TH_UNINT, TH_WAIT } = TH;
const BOOTSTRAP = CONTINUATION.CONTINUATION_BOOTSTRAP;
const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;

/** A kernel with one task and some started threads; the first is current. */
function running(count: number) {
  const k = new TestKernel();
  const task = k.createTask();
  const threads = Array.from({ length: count }, () => thread_create(k, task));
  for (const thread of threads) thread_resume(k, thread);
  expect(runNext(k)).toEqual({ kind: "bootstrap", thread: threads[0] });
  return { k, task, threads: threads as [number, number, number, number] };
}
/** Blocks the current thread for nothing but a wake-up. */
function wait(k: TestKernel): void {
  thread_will_wait(k, current_thread(k));
  thread_block(k, BOOTSTRAP);
}

describe("scheduling", () => {
  test("threads run in the order in which they became runnable", () => {
    const { k, threads } = running(3);
    const [a, b, c] = threads;
    wait(k);
    expect(runNext(k)).toMatchObject({ thread: b });
    thread_go(k, a);
    thread_block(k, BOOTSTRAP);
    expect(runNext(k)).toMatchObject({ thread: c });
    wait(k);
    expect(runNext(k)).toMatchObject({ thread: a });
    wait(k);
    expect(runNext(k)).toMatchObject({ thread: b });
    wait(k);
    expect(runNext(k)).toBe("idle");
    expect([k.cpu.active_thread, k.cpu.active_pcb]).toEqual([0, 0]);
    expect(checkKernel(k)).toEqual([]);
  });

  test("the kernel stack goes from thread to thread", () => {
    const { k, threads } = running(2);
    const [a, b] = threads.map((thread) => threadAt(k, thread!));
    expect([a!.kernel_stack, b!.kernel_stack]).toEqual([0x2000, 0]);
    wait(k);
    expect(a!.kernel_stack).toBe(0);
    runNext(k);
    expect([a!.kernel_stack, b!.kernel_stack]).toEqual([0, 0x2000]);
    expect([k.cpu.active_thread, k.cpu.active_pcb]).toEqual([b!.address, b!.pcb]);
    expect([a!.state, b!.state]).toEqual([TH_WAIT | TH_SWAPPED, TH_RUN]);
  });

  test("a thread woken before it blocks does not wait", () => {
    const { k, threads } = running(1);
    thread_will_wait(k, threads[0]);
    thread_go(k, threads[0]);
    thread_block(k, BOOTSTRAP);
    expect(runNext(k)).toMatchObject({ thread: threads[0] });
    expect(threadAt(k, threads[0]).wait_result).toBe(THREAD_AWAKENED);
  });

  test.each([
    ["waiting", TH_WAIT | TH_SWAPPED, true, TH_RUN | TH_SWAPPED],
    ["waiting and suspended", TH_WAIT | TH_SUSP | TH_SWAPPED, false, TH_SUSP | TH_SWAPPED],
    [
      "waiting uninterruptibly, suspended",
      TH_WAIT | TH_SUSP | TH_UNINT | TH_SWAPPED,
      true,
      TH_RUN | TH_SUSP | TH_UNINT | TH_SWAPPED,
    ],
    ["running and about to wait", TH_RUN | TH_WAIT, false, TH_RUN],
    ["not waiting", TH_SUSP | TH_SWAPPED, false, TH_SUSP | TH_SWAPPED],
  ])("waking a thread that is %s", (_what, before, queued, after) => {
    const { k, threads } = running(2);
    const view = threadAt(k, threads[1]);
    runNextAway(k);
    view.state = before;
    clear_wait(k, threads[1], THREAD_TIMED_OUT);
    expect(view.state).toBe(after);
    expect(k.cpu.run_queue === threads[1]).toBe(queued);
    if (before & TH_WAIT) expect(view.wait_result).toBe(THREAD_TIMED_OUT);
  });

  test("a suspended thread that blocks stays off the run queue, if it may be stopped", () => {
    for (const [extra, queued] of [
      [TH_SUSP, false],
      [TH_SUSP | TH_UNINT, true],
      [TH_UNINT, true],
    ] as const) {
      const { k, threads } = running(1);
      const view = threadAt(k, threads[0]);
      view.state |= extra;
      thread_block(k, BOOTSTRAP);
      expect(k.cpu.run_queue === threads[0]).toBe(queued);
      expect(view.state).toBe((queued ? TH_RUN : 0) | extra | TH_SWAPPED);
    }
  });

  test("a timer is cancelled by a wake-up and gone when it runs out", () => {
    const { k, threads } = running(1);
    for (const wake of [thread_go, (kernel: TestKernel, thread: number) => kernel.expire(thread)]) {
      thread_will_wait_with_timeout(k, threads[0], 250);
      thread_block(k, BOOTSTRAP);
      expect([k.timers.get(threads[0]), threadAt(k, threads[0]).timer_set]).toEqual([250, 1]);
      wake(k, threads[0]);
      expect([k.timers.size, threadAt(k, threads[0]).timer_set]).toEqual([0, 0]);
      runNext(k);
    }
    expect(threadAt(k, threads[0]).wait_result).toBe(THREAD_TIMED_OUT);
  });

  test("runNext refuses to take the processor from a thread", () => {
    const { k } = running(2);
    expect(() => runNext(k)).toThrow("panic: thread_select: a thread is running");
    wait(k);
    expect(() => current_thread(k)).toThrow("panic: current_thread: no thread is running");
  });

  /** Lets the second thread be the one that is free to be changed. */
  function runNextAway(k: TestKernel): void {
    const first = current_thread(k);
    thread_block(k, BOOTSTRAP);
    runNext(k);
    wait(k);
    runNext(k);
    expect(current_thread(k)).toBe(first);
  }
});

describe("handoff", () => {
  test("the receiver runs before threads that waited longer for the processor", () => {
    const { k, threads } = running(3);
    const [a, b, c] = threads;
    wait(k);
    runNext(k);
    expect(current_thread(k)).toBe(b);
    expect(thread_handoff(k, BOOTSTRAP, a)).toBe(true);
    expect([threadAt(k, b).state, threadAt(k, b).swap_func]).toEqual([
      TH_WAIT | TH_SWAPPED,
      BOOTSTRAP,
    ]);
    expect(runNext(k)).toMatchObject({ thread: a });
    expect(k.cpu.stack_handoffs).toBe(1);
    wait(k);
    expect(runNext(k)).toMatchObject({ thread: c });
  });

  test("is refused when the receiver is not purely waiting or the stack is privileged", () => {
    const { k, threads } = running(2);
    const [a, b] = threads;
    expect(thread_handoff(k, BOOTSTRAP, b)).toBe(false);
    wait(k);
    runNext(k);
    threadAt(k, a).state |= TH_SUSP;
    expect(thread_handoff(k, BOOTSTRAP, a)).toBe(false);
    threadAt(k, a).state &= ~TH_SUSP;
    expect(thread_wire(k, b, true)).toBe(KERN_SUCCESS);
    expect(thread_wire(k, a, true)).toBe(KERN_INVALID_ARGUMENT);
    expect(thread_handoff(k, BOOTSTRAP, a)).toBe(false);
    expect([current_thread(k), k.cpu.run_queue, k.cpu.stack_handoffs]).toEqual([b, 0, 0]);
    expect(thread_wire(k, b, false)).toBe(KERN_SUCCESS);
    expect(thread_handoff(k, BOOTSTRAP, a)).toBe(true);
  });
});

describe("threads", () => {
  test("start suspended, with ports and a reference to their task", () => {
    const k = new TestKernel();
    const task = k.createTask();
    const thread = thread_create(k, task);
    expect(threadAt(k, thread).state).toBe(TH_SUSP | TH_SWAPPED);
    expect(runNext(k)).toBe("idle");
    expect(taskAt(k, task).ref_count).toBe(2);
    expect(checkKernel(k)).toEqual([]);
    expect(thread_resume(k, thread)).toBe(KERN_SUCCESS);
    expect(thread_resume(k, thread)).toBe(KERN_FAILURE);
    expect(runNext(k)).toEqual({ kind: "bootstrap", thread });
  });

  test("end wherever they are", () => {
    const ends: ((k: TestKernel, threads: number[]) => number)[] = [
      (k) => current_thread(k),
      (_k, threads) => threads[1]!,
      (k, threads) => {
        wait(k);
        return threads[0]!;
      },
      (k, threads) => {
        thread_will_wait_with_timeout(k, threads[0]!, 10);
        thread_block(k, BOOTSTRAP);
        return threads[0]!;
      },
    ];
    for (const end of ends) {
      const { k, task, threads } = running(2);
      const thread = end(k, threads);
      thread_terminate(k, thread);
      expect([k.liveElements("thread").length, k.liveElements("pcb").length]).toEqual([1, 1]);
      expect(taskAt(k, task).ref_count).toBe(2);
      expect(k.timers.size).toBe(0);
      expect(checkKernel(k)).toEqual([]);
    }
  });

  test("live on as structures while someone refers to them", () => {
    const { k, threads } = running(2);
    thread_reference(k, threads[1]);
    thread_terminate(k, threads[1]);
    expect([threadAt(k, threads[1]).state, threadAt(k, threads[1]).pcb]).toEqual([TH_HALTED, 0]);
    expect(thread_resume(k, threads[1])).toBe(KERN_FAILURE);
    expect(() => thread_terminate(k, threads[1])).toThrow(
      "panic: thread_terminate: terminated twice",
    );
    thread_deallocate(k, threads[1]);
    expect(k.liveElements("thread")).toEqual([threads[0]]);
    expect(() => thread_deallocate(k, threads[0])).toThrow(/last reference to a live thread/);
  });
});

describe("tasks", () => {
  test("inherit exception and bootstrap ports, and give everything back", () => {
    const k = new TestKernel();
    const before = census(k);
    const parent = k.createTask();
    const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    taskAt(k, parent).itk_bootstrap = ipc_port_make_send(k, port);
    const child = task_create(k, 0x999, parent);
    expect(taskAt(k, child)).toMatchObject({ itk_bootstrap: port, itk_exception: 0, map: 0x999 });
    thread_create(k, child);
    expect(task_terminate(k, child)).toBe(KERN_SUCCESS);
    expect(k.mapsGone).toEqual([0x999]);
    expect(task_terminate(k, parent)).toBe(KERN_SUCCESS);
    expect(k.liveElements("ipc_port")).toEqual([port]);
    expect(portAt(k, port)).toMatchObject({ ip_references: 1, ip_srights: 0, ip_mscount: 1 });
    expect({ ...census(k), ipc_port: 0 }).toEqual(before);
  });

  test("terminate once; the structure waits for its last reference", () => {
    const k = new TestKernel();
    const task = k.createTask();
    task_reference(k, task);
    expect(task_terminate(k, 0)).toBe(KERN_INVALID_ARGUMENT);
    expect(task_terminate(k, task)).toBe(KERN_SUCCESS);
    expect(task_terminate(k, task)).toBe(KERN_FAILURE);
    expect(thread_create(k, task)).toBe(0);
    expect(checkKernel(k, { tasks: [task] })).toEqual([]);
    task_deallocate(k, task);
    expect(k.liveElements("task")).toEqual([]);
    expect(checkKernel(k)).toEqual([]);
  });

  test("creation without memory leaves nothing behind, at whatever point memory ends", () => {
    const outcomes = new Set<string>();
    for (let pages = 1; pages < 12; pages++) {
      const k = new TestKernel(0x120000 + 4096 * (1 + pages));
      const before = census(k);
      const task = k.createTask();
      if (task === 0) {
        expect(census(k)).toEqual(before);
        outcomes.add("no task");
        continue;
      }
      const made = census(k);
      const thread = thread_create(k, task);
      outcomes.add(thread === 0 ? "no thread" : "all");
      if (thread === 0) expect(census(k)).toEqual(made);
      expect(checkKernel(k)).toEqual([]);
      expect(task_terminate(k, task)).toBe(KERN_SUCCESS);
      expect(census(k)).toEqual(before);
    }
    expect([...outcomes]).toEqual(["no task", "no thread", "all"]);
  });
});
