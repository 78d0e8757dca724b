/** Kernel calls whose values are lists out of line: rights and words, in both directions. */
import { expect, test } from "vitest";
import { KERN_RETURN, MACH_MSG_TYPE, MACH_TRAP } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { Caller, far, leaks } from "../vm/caller.ts";
import { wordsAt } from "./words.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const AT = 0x50000000;

async function begin() {
  const caller = await Caller.boot();
  const { k, self } = caller;
  caller.call(self, "vm_allocate", { address: AT, size: 0x4000, anywhere: 0 });
  const hostPriv = caller.send(k.host.port("hostPriv"));
  const call = (port: number, routine: string, values = {}) => caller.call(port, routine, values);
  return {
    k,
    caller,
    self,
    hostPriv,
    call,
    list: (port: number, routine: string, name: string): number[] =>
      wordsAt(caller, call(port, routine), name),
    port: (routine: string, on: number, name: string): number =>
      call(on, routine).values[name] as number,
    end: (): void => {
      expect(checkKernel(k)).toEqual([]);
      expect(leaks(k)).toEqual([]);
    },
  };
}

test("task_threads names all threads of a task, and none of one without", async () => {
  const t = await begin();
  const { child_task: task } = t.call(t.self, "task_create", { inherit_memory: 0 }).values;
  expect(t.list(task as number, "task_threads", "thread_list")).toEqual([]);
  const threads = [0, 1, 2].map(
    () => t.call(task as number, "thread_create").values["child_thread"] as number,
  );
  expect(t.list(task as number, "task_threads", "thread_list").toSorted()).toEqual(
    threads.toSorted(),
  );
  t.call(threads[1]!, "thread_terminate");
  expect(t.list(task as number, "task_threads", "thread_list")).toHaveLength(2);
  t.call(task as number, "task_terminate");
  expect(t.call(task as number, "task_threads").code).not.toBe(KERN_SUCCESS);
  t.end();
});

test("registered ports: four, looked up, inherited, replaced", async () => {
  const t = await begin();
  const { caller, self } = t;
  const lookup = (task: number) => t.list(task, "mach_ports_lookup", "init_port_set");
  expect(lookup(self)).toEqual([0, 0, 0, 0]);
  const ports = [caller.receive(), caller.receive()];
  for (const name of ports)
    t.call(self, "mach_port_insert_right", {
      name,
      poly: { name: MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND, value: name },
    });
  caller.put(AT, ...ports);
  const register = (count: number, task = self): number =>
    t.call(task, "mach_ports_register", { init_port_set: far(AT, count) }).code;
  expect(register(2)).toBe(KERN_SUCCESS);
  expect(lookup(self)).toEqual([...ports, 0, 0]);
  const { child_task: child } = t.call(self, "task_create", { inherit_memory: 0 }).values;
  expect(lookup(child as number)).toEqual([...ports, 0, 0]);
  caller.put(AT, 0, ports[1]!, 0, 0, ports[0]!);
  expect(register(5)).toBe(KERN_INVALID_ARGUMENT);
  expect(register(2, child as number)).toBe(KERN_SUCCESS);
  expect(lookup(child as number)).toEqual([0, ports[1], 0, 0]);
  expect(register(0)).toBe(KERN_SUCCESS);
  expect(lookup(self)).toEqual([0, 0, 0, 0]);
  t.end();
});

test("emulation vectors, whole", async () => {
  const t = await begin();
  const get = (): { start: number; vector: number[] } => {
    const reply = t.call(t.self, "task_get_emulation_vector");
    const start = (reply.values["vector_start"] as number) | 0;
    return { start, vector: wordsAt(t.caller, reply, "emulation_vector") };
  };
  const set = (vector_start: number, ...vector: number[]): number => {
    t.caller.put(AT, ...vector);
    const emulation_vector = far(AT, vector.length);
    return t.call(t.self, "task_set_emulation_vector", { vector_start, emulation_vector }).code;
  };
  expect(get()).toEqual({ start: 0, vector: [] });
  expect(set(-9, 0x1000, 0x2000)).toBe(KERN_SUCCESS);
  expect(get()).toEqual({ start: -9, vector: [0x1000, 0x2000] });
  expect(set(-5, 0x3000)).toBe(KERN_SUCCESS);
  expect(get()).toEqual({ start: -9, vector: [0x1000, 0x2000, 0, 0, 0x3000] });
  expect(
    t.call(t.self, "task_set_emulation", { routine_entry_pt: 0x4000, routine_number: -7 }).code,
  ).toBe(KERN_SUCCESS);
  expect(get().vector).toEqual([0x1000, 0x2000, 0x4000, 0, 0x3000]);
  const large = Array.from({ length: 1025 }, (_, i) => i + 1);
  expect(set(0, ...large)).toBe(KERN_INVALID_ARGUMENT);
  expect(set(-9, ...large.slice(0, 1024))).toBe(KERN_SUCCESS);
  expect(get().vector).toEqual(large.slice(0, 1024));
  expect(set(2000, 1)).toBe(KERN_INVALID_ARGUMENT);
  t.end();
});

test("the host's processors, sets, and what is in the set", async () => {
  const t = await begin();
  const host = t.caller.trap(MACH_TRAP.TRAP_MACH_HOST_SELF | 0);
  const [processor, ...others] = t.list(t.hostPriv, "host_processors", "processor_list");
  expect(others).toEqual([]);
  expect(t.call(processor!, "processor_info", { flavor: 1, processor_info_outCnt: 5 }).code).toBe(
    KERN_SUCCESS,
  );
  // An unprivileged host has no processors to give.
  expect(t.call(host, "host_processors").code).toBe(KERN_INVALID_ARGUMENT);
  const [setName] = t.list(host, "host_processor_sets", "processor_sets");
  expect(t.port("processor_get_assignment", processor!, "assigned_set")).toBe(setName);
  expect(t.port("task_get_assignment", t.self, "assigned_set")).toBe(setName);
  const { set } = t.call(t.hostPriv, "host_processor_set_priv", { set_name: setName }).values;
  for (const set_name of [0, t.self])
    expect(t.call(t.hostPriv, "host_processor_set_priv", { set_name }).code).toBe(
      KERN_INVALID_ARGUMENT,
    );
  const { child_task: task } = t.call(t.self, "task_create", { inherit_memory: 0 }).values;
  const { child_thread: thread } = t.call(task as number, "thread_create").values;
  expect(t.port("thread_get_assignment", thread as number, "assigned_set")).toBe(setName);
  const tasks = t.list(set as number, "processor_set_tasks", "task_list");
  expect(tasks).toEqual(expect.arrayContaining([t.self, task]));
  const threads = t.list(set as number, "processor_set_threads", "thread_list");
  expect(threads).toContain(thread);
  expect(t.call(setName!, "processor_set_tasks").code).toBe(KERN_INVALID_ARGUMENT);

  // One set: who is in it can be put into it again, and nowhere else.
  const assign = (port: number, routine: string, values: object): number =>
    t.call(port, routine, values).code;
  expect(assign(t.self, "task_assign", { new_set: set, assign_threads: 1 })).toBe(KERN_SUCCESS);
  expect(assign(t.self, "task_assign", { new_set: setName, assign_threads: 1 })).toBe(
    KERN_INVALID_ARGUMENT,
  );
  expect(assign(t.self, "task_assign_default", { assign_threads: 0 })).toBe(KERN_SUCCESS);
  expect(assign(thread as number, "thread_assign", { new_set: set })).toBe(KERN_SUCCESS);
  expect(assign(thread as number, "thread_assign", { new_set: host })).toBe(KERN_INVALID_ARGUMENT);
  expect(assign(thread as number, "thread_assign_default", {})).toBe(KERN_SUCCESS);
  expect(assign(thread as number, "thread_terminate", {})).toBe(KERN_SUCCESS);
  expect(assign(processor!, "processor_assign", { new_set: set, wait: 0 })).toBe(KERN_FAILURE);
  t.end();
});

test("thread_wire: for oneself, with the privileged host's port", async () => {
  const t = await begin();
  const me = t.caller.trap(MACH_TRAP.TRAP_MACH_THREAD_SELF | 0);
  // The trap's thread is gone; the one that calls is another each time.
  expect(t.call(t.hostPriv, "thread_wire", { thread: me, wired: 1 }).code).toBe(
    KERN_INVALID_ARGUMENT,
  );
  expect(t.call(t.hostPriv, "thread_wire", { thread: t.self, wired: 1 }).code).toBe(
    KERN_INVALID_ARGUMENT,
  );
  t.end();
});

test("task_create as a trap", async () => {
  const t = await begin();
  const { TRAP_TASK_CREATE } = MACH_TRAP;
  t.caller.put(AT, 4711, 0);
  expect(t.caller.trap(TRAP_TASK_CREATE | 0, t.self, 1, AT + 4)).toBe(KERN_SUCCESS);
  const child = t.caller.word(AT + 4)!;
  const { data } = t.call(child, "vm_read", { address: AT, size: 4096 }).values;
  expect(t.caller.word((data as { address: number }).address)).toBe(4711);
  expect(t.caller.trap(TRAP_TASK_CREATE | 0, t.self, 0, AT + 4)).toBe(KERN_SUCCESS);
  const empty = t.caller.word(AT + 4)!;
  expect(t.call(empty, "vm_read", { address: AT, size: 4096 }).code).not.toBe(KERN_SUCCESS);
  expect(t.caller.trap(TRAP_TASK_CREATE | 0, 0x9900, 0, AT + 4)).toBe(0x10000007);
  expect(t.caller.trap(TRAP_TASK_CREATE | 0, t.caller.receive(), 0, AT + 4)).toBe(0x10000007);
  t.call(child, "task_terminate");
  expect(t.call(child, "task_create", { inherit_memory: 0 }).code).not.toBe(KERN_SUCCESS);
  t.end();
});
