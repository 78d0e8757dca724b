/** What `host_info`, `processor_set_info`, `task_info` and `thread_info` tell, by flavor and room. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { LoadAverages } from "../../../host/mach/kern/load.ts";
import { guest } from "../kern/guest.ts";
import { Caller, leaks } from "../vm/caller.ts";
import { seeded } from "../../support/seed.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const AT = 0x50000000;

/** A call's words, if it answers. */
const asking =
  (caller: Caller, routine: string, count: string, out: string) =>
  (port: number, flavor: number, room: number): readonly number[] | number => {
    const { code, values } = caller.call(port, routine, { flavor, [count]: room });
    return code === KERN_SUCCESS ? (values[out] as readonly number[]) : code;
  };

async function begin() {
  const caller = await Caller.boot();
  const { k } = caller;
  return {
    k,
    caller,
    host: caller.send(k.host.port("host")),
    hostInfo: asking(caller, "host_info", "host_info_outCnt", "host_info_out"),
    taskInfo: asking(caller, "task_info", "task_info_outCnt", "task_info_out"),
    threadInfo: asking(caller, "thread_info", "thread_info_outCnt", "thread_info_out"),
  };
}

test("host_info: the machine, its processor, its clock, its load", async () => {
  const { k, host, hostInfo } = await begin();
  expect(hostInfo(host, 1, 5)).toEqual([1, 1, k.machine.config.memoryBytes, 11, 0]);
  expect(hostInfo(host, 2, 1)).toEqual([0]);
  expect(hostInfo(host, 3, 2)).toEqual([10, 100]); // milliseconds of a tick and a quantum
  expect(hostInfo(host, 4, 6)).toEqual([0, 0, 0, 0, 0, 0]); // not a second has passed
  // Too little room is one failure, for the slots another, as in Mach.
  expect([1, 3, 4].map((flavor) => hostInfo(host, flavor, 1))).toEqual(Array(3).fill(KERN_FAILURE));
  expect([hostInfo(host, 2, 0), hostInfo(host, 5, 1024)]).toEqual(
    Array(2).fill(KERN_INVALID_ARGUMENT),
  );
  expect(leaks(k)).toEqual([]);
});

test("task_info and thread_info: sizes, counts, times", async () => {
  const { k, caller, taskInfo, threadInfo } = await begin();
  const { self } = caller;
  const basic = () => taskInfo(self, 1, 8) as readonly number[];
  const before = basic();
  caller.call(self, "vm_allocate", { address: AT, size: 5 * PAGE_SIZE, anywhere: 0 });
  caller.put(AT, 1);
  const [suspended, priority, virtual, resident] = basic();
  expect([suspended, priority]).toEqual([0, 12]);
  expect(virtual! - before[2]!).toBe(5 * PAGE_SIZE);
  expect(resident! - before[3]!).toBeGreaterThanOrEqual(PAGE_SIZE);
  const { child_task: child } = caller.call(self, "task_create", { inherit_memory: 0 }).values;
  caller.call(child as number, "task_suspend");
  caller.call(child as number, "task_suspend");
  expect((taskInfo(child as number, 1, 8) as readonly number[])[0]).toBe(2);
  const { child_thread: made } = caller.call(child as number, "thread_create").values;
  const thread = made as number;
  expect(taskInfo(child as number, 3, 4)).toEqual([0, 0, 0, 0]);
  // Mach 3.0 counts no events of a task's.
  expect(taskInfo(self, 2, 7)).toBe(KERN_INVALID_ARGUMENT);
  expect([taskInfo(self, 1, 7), taskInfo(self, 3, 3)]).toEqual(
    Array(2).fill(KERN_INVALID_ARGUMENT),
  );

  const [, , , , , base, current, state, , stops] = threadInfo(thread, 1, 11) as readonly number[];
  expect([base, current, state, stops]).toEqual([12, 12, 2, 1]); // stopped, as it was made
  expect(threadInfo(thread, 2, 7)).toEqual([1, 0, 12, 12, 12, 0, 0xffffffff]);
  expect([threadInfo(thread, 1, 10), threadInfo(thread, 3, 64)]).toEqual(
    Array(2).fill(KERN_INVALID_ARGUMENT),
  );
  expect(leaks(k)).toEqual([]);
});

test("a processor set's policies and limit, of the threads there are and of those to come", async () => {
  const { k, caller, host, threadInfo } = await begin();
  const { self } = caller;
  const hostPriv = caller.send(k.host.port("hostPriv"));
  const name = caller.call(host, "processor_set_default").values["default_set"] as number;
  const { set } = caller.call(hostPriv, "host_processor_set_priv", { set_name: name }).values;
  const ask = (routine: string, values: object): number =>
    caller.call(set as number, routine, { ...values }).code;
  const made = () => caller.call(self, "thread_create").values["child_thread"] as number;
  const [POLICY_TIMESHARE, POLICY_FIXEDPRI] = [1, 2];
  const sched = (thread: number) => {
    const [policy, data, base, max] = threadInfo(thread, 2, 7) as readonly number[];
    return { policy, data, base, max };
  };
  const fix = (thread: number): number =>
    caller.call(thread, "thread_policy", { policy: POLICY_FIXEDPRI, data: 30 }).code;

  const [one, other] = [made(), made()];
  expect(fix(one)).toBe(KERN_FAILURE); // not enabled
  expect(ask("processor_set_policy_enable", { policy: POLICY_FIXEDPRI })).toBe(KERN_SUCCESS);
  expect([fix(one), fix(other)]).toEqual([KERN_SUCCESS, KERN_SUCCESS]);
  expect(sched(one)).toEqual({ policy: POLICY_FIXEDPRI, data: 30, base: 12, max: 12 });
  const disable = (policy: number, change_threads: number): number =>
    ask("processor_set_policy_disable", { policy, change_threads });
  expect(disable(POLICY_FIXEDPRI, 0)).toBe(KERN_SUCCESS);
  expect(sched(one).policy).toBe(POLICY_FIXEDPRI); // it keeps what it has
  expect(fix(made())).toBe(KERN_FAILURE);
  ask("processor_set_policy_enable", { policy: POLICY_FIXEDPRI });
  expect(disable(POLICY_FIXEDPRI, 1)).toBe(KERN_SUCCESS);
  for (const thread of [one, other]) expect(sched(thread)).toMatchObject({ policy: 1, data: 0 });
  expect([disable(POLICY_TIMESHARE, 1), disable(4, 0)]).toEqual(
    Array(2).fill(KERN_INVALID_ARGUMENT),
  );

  const limit = (max_priority: number, change_threads: number): number =>
    ask("processor_set_max_priority", { max_priority, change_threads });
  expect(limit(15, 0)).toBe(KERN_SUCCESS);
  expect([sched(one).max, sched(made()).max]).toEqual([12, 15]);
  expect(limit(20, 1)).toBe(KERN_SUCCESS);
  expect(sched(one)).toMatchObject({ base: 20, max: 20 });
  expect(limit(10, 1)).toBe(KERN_SUCCESS);
  expect(sched(one).max).toBe(20); // nobody gets better by it
  expect(limit(32, 0)).toBe(KERN_INVALID_ARGUMENT);
  expect(leaks(k)).toEqual([]);
});

describe("the load", () => {
  const SPIN = "\t.text\n\t.globl\t_start\n_start:\n\tb\t.\n\tnop\n";
  /** A machine so slow that a second is a million cycles. */
  const SLOW = { clockMHz: 1 };

  test("is how many threads can run, in thousandths; it goes when they do not", async () => {
    const threads = ["_start", "_start", "_start"];
    const { kernel } = await guest(SPIN, { threads, machine: SLOW });
    const second = kernel.clock.cyclesPerTick * 100;
    kernel.run({ cycles: 40 * second });
    const { avenrun, machFactor } = kernel.clock.load.host;
    const [short, middle, long] = avenrun as [number, number, number];
    expect(short).toBeGreaterThan(2950);
    expect(short).toBeLessThanOrEqual(3000);
    expect(middle).toBeLessThan(short);
    expect(long).toBeLessThan(middle);
    expect(machFactor[0]).toBeGreaterThan(240);
    expect(machFactor[0]).toBeLessThanOrEqual(250); // a fourth thread would get a quarter
    expect(kernel.clock.load.set).toEqual({ load: short, machFactor: machFactor[0] });
  });

  test("looked at in steps or at once, it is the same", () => {
    const seconds = fc.array(fc.nat(400), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), seconds, (first, then, steps) => {
        const [one, many] = [new LoadAverages(100), new LoadAverages(100)];
        for (const load of [one, many]) load.pass(2500, first);
        let at = 2500;
        for (const step of steps) many.pass((at += step * 10), then);
        one.pass(at, then);
        expect([many.host, many.due]).toEqual([one.host, one.due]);
      }),
      seeded(),
    );
  });
});
