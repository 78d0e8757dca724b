/**
 * Children with their parents' memory, as a Unix server forks: shared, copied on write, left out; over
 * many generations, with parents that are gone; and no longer chains of objects for it.
 */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_TRAP, VM_INHERIT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { ipc_entry_lookup } from "../../../host/mach/ipc/entry.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { entryAt, portAt } from "../../../host/mach/kern/views.ts";
import type { VmObject } from "../../../host/mach/vm/vm-object.ts";
import { vm_allocate, vm_inherit } from "../../../host/mach/vm/vm-user.ts";
import { Caller, leaks } from "./caller.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS } = KERN_RETURN;
const AT = 0x50000000;
const PAGES = 6;

type How = "by message" | "by trap";

/** A server that forks: `fork(parent's name)` is the child's name. */
async function forking(how: How, options = {}) {
  const server = await Caller.boot(options);
  const { k } = server;
  server.call(server.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
  const taskOf = (name: number): number =>
    portAt(k, entryAt(k, ipc_entry_lookup(k, server.space, name)).ie_object).ip_kobject;
  const fork = (name: number, inherit = true): number => {
    if (how === "by trap") {
      const args = [name, Number(inherit), AT];
      expect(server.trap(MACH_TRAP.TRAP_TASK_CREATE, ...args)).toBe(KERN_SUCCESS);
      return server.word(AT)!;
    }
    const values = { inherit_memory: Number(inherit) };
    const { code, values: made } = server.call(name, "task_create", values);
    expect(code).toBe(KERN_SUCCESS);
    return made["child_task"] as number;
  };
  const word = (name: number, page: number): number | undefined => {
    const bytes = k.copyin(taskOf(name), AT + page * PAGE_SIZE, 4);
    return bytes && new DataView(bytes.buffer).getUint32(0);
  };
  const put = (name: number, page: number, value: number): boolean => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    return k.copyout(taskOf(name), AT + page * PAGE_SIZE, bytes);
  };
  /** The first parent: memory for the test. */
  const first = (): number => {
    const name = fork(server.self, false);
    const map = k.vmMapOf(taskOf(name));
    expect(vm_allocate(k.vm, map, AT, PAGES * PAGE_SIZE, false)).toEqual({ address: AT });
    return name;
  };
  const inherit = (name: number, page: number, inheritance: number): void => {
    const map = k.vmMapOf(taskOf(name));
    expect(vm_inherit(k.vm, map, AT + page * PAGE_SIZE, PAGE_SIZE, inheritance)).toBe(KERN_SUCCESS);
  };
  /** A task ends, and the server forgets it. */
  const exit = (name: number): void => {
    expect(server.call(name, "task_terminate").code).toBe(KERN_SUCCESS);
    const { TRAP_MACH_PORT_DEALLOCATE } = MACH_TRAP;
    expect(server.trap(TRAP_MACH_PORT_DEALLOCATE, server.self, name)).toBe(KERN_SUCCESS);
  };
  return { k, server, fork, taskOf, word, put, first, inherit, exit };
}

const depth = (object: VmObject | undefined): number => (object ? 1 + depth(object.shadow) : 0);
/** The longest chain of objects behind a task's memory. */
const deepest = (f: Awaited<ReturnType<typeof forking>>, name: number): number =>
  Math.max(...f.k.vmMapOf(f.taskOf(name)).entries.map(({ object }) => depth(object)));

describe.each(["by message", "by trap"] as const)("task_create %s", (how) => {
  test("copies, shares and leaves out, as entries say", async () => {
    const f = await forking(how);
    const parent = f.first();
    for (let page = 0; page < PAGES; page++) f.put(parent, page, 100 + page);
    f.inherit(parent, 1, VM_INHERIT.VM_INHERIT_SHARE);
    f.inherit(parent, 2, VM_INHERIT.VM_INHERIT_NONE);
    const child = f.fork(parent);
    const see = (name: number) => [0, 1, 2, 3].map((page) => f.word(name, page));
    expect(see(child)).toEqual([100, 101, undefined, 103]);
    for (const page of [0, 1, 3]) f.put(child, page, 200 + page);
    expect([see(parent), see(child)]).toEqual([
      [100, 201, 102, 103],
      [200, 201, undefined, 203],
    ]);
    for (const page of [0, 1, 2, 3]) f.put(parent, page, 300 + page);
    expect([see(parent), see(child)]).toEqual([
      [300, 301, 302, 303],
      [200, 301, undefined, 203],
    ]);
    const bare = f.fork(parent, false);
    expect(see(bare)).toEqual([undefined, undefined, undefined, undefined]);
    // A grandchild after the parent's exit.
    f.exit(parent);
    const grandchild = f.fork(child);
    expect(see(grandchild)).toEqual([200, 301, undefined, 203]);
    f.put(grandchild, 1, 7);
    expect([f.word(child, 1), f.word(child, 5), f.word(grandchild, 5)]).toEqual([7, 105, 105]);
    expect(leaks(f.k)).toEqual([]);
  });

  test("many children of one parent, which writes in between: no chain grows", async () => {
    const f = await forking(how);
    const parent = f.first();
    let zones = 0;
    for (let i = 0; i < 60; i++) {
      f.put(parent, i % PAGES, i);
      const child = f.fork(parent);
      f.put(child, (i + 1) % PAGES, 1000 + i);
      expect(f.word(child, i % PAGES)).toBe(i);
      f.exit(child);
      expect(f.word(parent, i % PAGES)).toBe(i);
      if (i === 20) zones = f.k.vm.objects.size;
    }
    expect(deepest(f, parent)).toBeLessThanOrEqual(3);
    expect(f.k.vm.objects.size).toBeLessThanOrEqual(zones);
    expect(leaks(f.k)).toEqual([]);
  });
});

test("a thousand generations, each the child of the last, which exits: no chain grows", async () => {
  const f = await forking("by message");
  let name = f.first();
  for (let page = 0; page < PAGES; page++) f.put(name, page, page);
  f.inherit(name, 3, VM_INHERIT.VM_INHERIT_SHARE);
  const wanted = [0, 1, 2, 3, 4, 5];
  let most = 0;
  for (let i = 0; i < 1000; i++) {
    const child = f.fork(name);
    // Sometimes the parent goes first, sometimes both write while there are two.
    if (i % 3 === 0) f.put(name, i % PAGES, i);
    if (i % 3 === 0 && i % PAGES === 3) wanted[3] = i;
    if (i % 2 === 0) {
      f.put(child, (i + 2) % PAGES, i);
      wanted[(i + 2) % PAGES] = i;
      f.exit(name);
    } else {
      f.exit(name);
      f.put(child, i % PAGES, i);
      wanted[i % PAGES] = i;
    }
    name = child;
    most = Math.max(most, deepest(f, name));
  }
  expect(wanted.map((_, page) => f.word(name, page))).toEqual(wanted);
  expect(most).toBeLessThanOrEqual(4);
  expect(f.k.vm.objects.size).toBeLessThan(30);
  expect(leaks(f.k)).toEqual([]);
});

test("a fork of a fork of a fork, all alive, under memory pressure", async () => {
  const f = await forking("by message", { machine: { memoryBytes: 5 * 2 ** 20 } });
  const names = [f.first()];
  const map = f.k.vmMapOf(f.taskOf(names[0]!));
  const big = { address: 0x60000000, pages: 100 };
  vm_allocate(f.k.vm, map, big.address, big.pages * PAGE_SIZE, false);
  const expected: number[][] = [Array.from({ length: big.pages }, () => 0)];
  const at = (name: number, page: number): number =>
    new DataView(f.k.copyin(f.taskOf(name), big.address + page * PAGE_SIZE, 4)!.buffer).getUint32(
      0,
    );
  const set = (i: number, page: number, value: number): void => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    expect(f.k.copyout(f.taskOf(names[i]!), big.address + page * PAGE_SIZE, bytes)).toBe(true);
    expected[i]![page] = value;
  };
  for (let page = 0; page < big.pages; page++) set(0, page, page + 1);
  for (let generation = 1; generation < 8; generation++) {
    names.push(f.fork(names.at(-1)!));
    expected.push([...expected.at(-1)!]);
    for (let page = generation; page < big.pages; page += 2) {
      set(generation, page, 1000 * generation + page);
      set(generation - 1, (page * 3) % big.pages, 77 * generation);
    }
  }
  names.forEach((name, i) =>
    expect(expected[i]!.map((_, page) => at(name, page))).toEqual(expected[i]),
  );
  for (const dead of [2, 5, 0, 3]) task_terminate(f.k, f.taskOf(names[dead]!));
  for (const i of [1, 4, 6, 7])
    expect(expected[i]!.map((_, page) => at(names[i]!, page))).toEqual(expected[i]);
  expect(f.k.vm.counters.pageouts).toBeGreaterThan(100);
  expect(leaks(f.k)).toEqual([]);
});
