/** Procedures that wait: who wakes them, with what result, and what is left of those that end early. */
import { describe, expect, test } from "vitest";
import { TH } from "../../../host/abi/kernel.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import {
  procedure_call,
  thread_wakeup,
  thread_wakeup_one,
  type Ending,
  type Procedure,
  type Wait,
} from "../../../host/mach/kern/procedure.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { thread_abort, thread_create, thread_terminate } from "../../../host/mach/kern/thread.ts";
import { threadAt } from "../../../host/mach/kern/views.ts";
import { TestKernel } from "../ipc/test-kernel.ts";

/** A kernel with so many threads, of which the first runs; the others are ready. */
function running(count = 1) {
  const k = new TestKernel();
  const task = k.createTask();
  const threads = Array.from({ length: count }, () => thread_create(k, task));
  for (const thread of threads) thread_resume(k, thread);
  runNext(k);
  return { k, task, threads };
}

/** Waits once, notes what happens, and returns 7. */
function* once(log: string[], wait: Partial<Wait> = {}): Procedure<number> {
  try {
    log.push(yield { event: "event", interruptible: true, ...wait });
    return 7;
  } finally {
    log.push("finally");
  }
}

describe("a wait", () => {
  test("ends with a wake-up of its event", () => {
    const { k, threads } = running();
    const log: string[] = [];
    expect(procedure_call(k, once(log))).toBe("blocked");
    expect(k.cpu.active_thread).toBe(0);
    thread_wakeup(k, "another");
    expect(runNext(k)).toBe("idle");
    thread_wakeup(k, "event");
    expect(runNext(k)).toEqual({ kind: "return", thread: threads[0], returnCode: 7 });
    expect(log).toEqual(["awakened", "finally"]);
  });

  test("ends with its time", () => {
    const { k, threads } = running();
    const log: string[] = [];
    procedure_call(k, once(log, { milliseconds: 20 }));
    expect(k.timers.get(threads[0]!)).toBe(20);
    k.expire(threads[0]!);
    expect(runNext(k)).toMatchObject({ returnCode: 7 });
    expect(log).toEqual(["timed-out", "finally"]);
    expect(k.procedures.waiters.size).toBe(0);
  });

  test("ends with thread_abort, if it may", () => {
    const { k, threads } = running();
    const log: string[] = [];
    procedure_call(k, once(log, { interruptible: false }));
    thread_abort(k, threads[0]!);
    expect(runNext(k)).toBe("idle");
    thread_wakeup(k, "event");
    runNext(k);
    procedure_call(k, once(log));
    thread_abort(k, threads[0]!);
    runNext(k);
    expect(log).toEqual(["awakened", "finally", "interrupted", "finally"]);
    expect(threadAt(k, threads[0]!).state).toBe(TH.TH_RUN);
  });

  test("of several threads: all are woken, or the one that waits longest", () => {
    const { k, threads } = running(3);
    for (const _ of threads) {
      procedure_call(k, once([]));
      runNext(k);
    }
    expect(thread_wakeup_one(k, "event")).toBe(true);
    expect(runNext(k)).toMatchObject({ thread: threads[0] });
    thread_terminate(k, threads[0]!);
    thread_wakeup(k, "event");
    expect(runNext(k)).toMatchObject({ thread: threads[1] });
    expect(thread_wakeup_one(k, "event")).toBe(false);
  });
});

describe("a procedure", () => {
  test("of a terminated thread is closed: its finally runs, nothing after its wait", () => {
    const { k, task } = running();
    const log: string[] = [];
    procedure_call(k, once(log));
    task_terminate(k, task);
    expect(log).toEqual(["finally"]);
    expect(k.procedures).toMatchObject({ suspended: { size: 0 }, waiters: { size: 0 } });
  });

  test("that ends its own thread returns nothing to it", () => {
    const { k, threads } = running();
    function* suicide(): Procedure<Ending> {
      yield { event: 1, interruptible: false };
      thread_terminate(k, threads[0]!);
      return 5;
    }
    procedure_call(k, suicide());
    thread_wakeup(k, 1);
    expect(runNext(k)).toBe("idle");
  });

  test("may resume its thread with its whole state", () => {
    const { k, threads } = running();
    function* fault(): Procedure<Ending> {
      yield { event: 1, interruptible: false };
      return "resume";
    }
    procedure_call(k, fault());
    thread_wakeup(k, 1);
    expect(runNext(k)).toEqual({ kind: "bootstrap", thread: threads[0] });
  });
});
