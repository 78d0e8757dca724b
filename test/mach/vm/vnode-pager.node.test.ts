/**
 * A file's pager in a task of its own, as a Unix server has one: all it does and is told goes by
 * message, with the data out of line, while programs load and store words of the mapped file.
 */
import { describe, expect, test } from "vitest";
import { VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import type { VmObject } from "../../../host/mach/vm/vm-object.ts";
import { cameTo, far, leaks, receiveFrom } from "./caller.ts";
import { AT, CALL, DELAY, file, nobody, NONE, touched, VnodePager } from "./vnode-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { VM_PROT_READ, VM_PROT_WRITE, VM_PROT_DEFAULT, VM_PROT_ALL } = VM_PROT;

describe("a file mapped by two tasks", () => {
  test("is one memory, read page by page, written back when it is cleaned", async () => {
    const { k, task, pager, client, other } = await file([10, 11, 12]);
    pager.map(client, 4);
    pager.serve();
    const early = client.beginTouch(AT);
    expect(early.result()).toBeUndefined(); // the pager is not ready
    expect(pager.next()).toBeUndefined();
    pager.ready();
    k.run({ cycles: 50_000_000 });
    pager.serve();
    k.run({ cycles: 50_000_000 });
    expect(early.result()).toBe(10);
    pager.map(other, 4);
    expect(touched(pager, other, AT + PAGE_SIZE, 77)).toBe(77);
    expect(touched(pager, client, AT + PAGE_SIZE)).toBe(77);
    expect(touched(pager, client, AT + 3 * PAGE_SIZE)).toBe(0); // behind the file's end
    expect(pager.log).toEqual(["init", "data_request", "data_request", "data_request"]);
    const region = task.call(task.taskPort(client.task), "vm_region", { address: AT });
    expect(region.values).toMatchObject({ size: 4 * PAGE_SIZE, is_shared: 1 });
    expect(region.values["object_name"]).toBe(pager.name);
    // sync: dirty pages come back, and stay.
    const reply = task.receive();
    pager.say("memory_object_lock_request", {
      ...{ offset: 0, size: 4 * PAGE_SIZE, should_return: 1, should_flush: 0 },
      ...{ lock_value: 8, reply_to: reply },
    });
    pager.serve();
    expect(pager.pages.get(PAGE_SIZE)).toBe(77);
    const completed = receiveFrom(task, reply);
    expect(completed).toMatchObject({
      routine: "memory_object_lock_completed",
      values: { offset: 0, length: 4 * PAGE_SIZE },
    });
    pager.log.length = 0;
    expect(touched(pager, client, AT + PAGE_SIZE)).toBe(77);
    // ftruncate: flush without return; the pages are asked for again.
    pager.pages.set(PAGE_SIZE, 99);
    pager.say("memory_object_lock_request", {
      ...{ offset: 0, size: 4 * PAGE_SIZE, should_return: 0, should_flush: 1, lock_value: 8 },
      reply_to: nobody,
    });
    expect(touched(pager, other, AT + PAGE_SIZE)).toBe(99);
    expect(pager.log).toEqual(["data_request"]);
    expect(touched(pager, other, AT, 5)).toBe(5);
    expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
    task_terminate(k, client.task);
    expect(pager.next()).toBeUndefined(); // the other has it still
    task_terminate(k, other.task);
    pager.serve();
    expect(pager.log.slice(-2)).toEqual(["data_return", "terminate"]);
    expect(pager.pages.get(0)).toBe(5);
    expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
    expect(leaks(k)).toEqual([]);
  });

  test("may go while many of its pages are asked for: its pager answers all, and then hears of it", async () => {
    const pages = Array.from({ length: 40 }, (_, i) => i);
    const { k, pager, client } = await file(pages);
    pager.map(client, 40);
    pager.serve();
    pager.ready();
    for (const page of pages) client.beginTouch(AT + page * PAGE_SIZE);
    task_terminate(k, client.task);
    // With one thread: each answer ends before the next request is received.
    pager.serve();
    const requests = pages.map(() => "data_request");
    expect(pager.log).toEqual(["init", ...requests, "terminate"]);
    expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
    expect(leaks(k)).toEqual([]);
  });

  test("that may be cached keeps its pages for whoever maps it next", async () => {
    const { k, pager, client, other } = await file([1, 2]);
    pager.map(client, 2);
    pager.serve();
    pager.ready(DELAY, 1);
    expect(touched(pager, client, AT + PAGE_SIZE, 42)).toBe(42);
    task_terminate(k, client.task);
    pager.serve();
    expect(pager.log).toEqual(["init", "data_request"]);
    pager.map(other, 2);
    expect(touched(pager, other, AT + PAGE_SIZE)).toBe(42);
    expect(pager.log).toEqual(["init", "data_request"]);
    task_terminate(k, other.task);
    // Not cached any longer: it goes at once, if nobody has it mapped.
    const reply = pager.task.receive();
    pager.say("memory_object_change_attributes", {
      ...{ may_cache: 0, copy_strategy: NONE },
      reply_to: reply,
    });
    expect(receiveFrom(pager.task, reply)).toMatchObject({
      routine: "memory_object_change_completed",
      values: { may_cache: 0, copy_strategy: NONE },
    });
    pager.serve();
    expect(pager.log.slice(2)).toEqual(["data_return", "terminate"]);
    expect(leaks(k)).toEqual([]);
  });

  test("that is unready, or locked, is waited for; an old pager gets data_write", async () => {
    const { k, pager, client } = await file([1, 2]);
    pager.map(client, 2);
    pager.serve();
    pager.say("memory_object_set_attributes", {
      ...{ object_ready: 1, may_cache: 0, copy_strategy: NONE },
    });
    pager.lock = VM_PROT_WRITE;
    expect(touched(pager, client, AT)).toBe(1);
    expect(touched(pager, client, AT, 6)).toBe(6);
    expect(pager.log).toEqual(["init", "data_request", "data_unlock"]);
    expect(pager.task.call(pager.control, "memory_object_get_attributes").values).toEqual({
      ...{ object_ready: 1, may_cache: 0, copy_strategy: NONE },
    });
    task_terminate(k, client.task);
    pager.serve();
    expect(pager.log.slice(3)).toEqual(["data_write", "terminate"]);
    expect(pager.pages.get(0)).toBe(6);
    expect(leaks(k)).toEqual([]);
  });
});

describe("a private mapping", () => {
  test.each([
    ["none", NONE],
    ["delay", DELAY],
  ])("is a copy that the file never sees: strategy %s", async (_name, strategy) => {
    const { k, pager, client, other } = await file([1, 2, 3]);
    pager.map(other, 3);
    pager.serve();
    pager.ready(strategy);
    const mapping = pager.task.beginCall(pager.task.taskPort(client.task), "vm_map", {
      ...{ address: AT, size: 3 * PAGE_SIZE, mask: 0, anywhere: 0, offset: 0, copy: 1 },
      memory_object: pager.port,
      ...{ cur_protection: VM_PROT_DEFAULT, max_protection: VM_PROT_ALL, inheritance: 1 },
    });
    for (let i = 0; i < 10 && !mapping.result(); i++) {
      pager.serve();
      k.run({ cycles: 10_000_000 });
    }
    expect(mapping.result()).toMatchObject({ code: 0 });
    expect(touched(pager, client, AT)).toBe(1);
    expect(touched(pager, client, AT, 50)).toBe(50);
    expect(touched(pager, other, AT)).toBe(1);
    expect(touched(pager, other, AT, 60)).toBe(60);
    expect(touched(pager, client, AT)).toBe(50);
    // What the file's other users write later is not in a copy made before (copies by delay or at once).
    expect(touched(pager, other, AT + PAGE_SIZE, 70)).toBe(70);
    expect(touched(pager, client, AT + PAGE_SIZE)).toBe(2);
    expect(touched(pager, client, AT + 2 * PAGE_SIZE)).toBe(3);
    task_terminate(k, client.task);
    task_terminate(k, other.task);
    pager.serve();
    expect([pager.pages.get(0), pager.pages.get(PAGE_SIZE)]).toEqual([60, 70]);
    expect(leaks(k)).toEqual([]);
  });

  test("is copied again and again, while it is written, without a longer and longer chain", async () => {
    const { k, task, pager, client, other } = await file([1, 2]);
    pager.map(client, 2);
    pager.serve();
    pager.ready();
    pager.map(other, 2, { copy: 1 });
    const vmRead = { address: AT, size: 2 * PAGE_SIZE };
    for (let i = 0; i < 20; i++) {
      const read = task.call(task.taskPort(client.task), "vm_read", vmRead);
      expect(read.code).toBe(0);
      expect(touched(pager, client, AT + (i % 2) * PAGE_SIZE, 100 + i)).toBe(100 + i);
      const { address } = cameTo(read, "data");
      task.call(task.self, "vm_deallocate", { address, size: 2 * PAGE_SIZE });
    }
    const depth = (object: VmObject): number => 1 + (object.shadow ? depth(object.shadow) : 0);
    expect(Math.max(...[...k.vm.objects].map(depth))).toBeLessThan(5);
    expect(touched(pager, other, AT)).toBe(1);
    expect(touched(pager, client, AT)).toBe(118);
    for (const each of [client, other]) task_terminate(k, each.task);
    pager.serve();
    expect(leaks(k)).toEqual([]);
  });

  test("asks the pager for a copy object where it says so (memory_object_copy)", async () => {
    const { k, task, pager, client, other } = await file([1, 2, 3]);
    pager.map(other, 3);
    pager.serve();
    pager.ready(CALL);
    pager.map(client, 2, { copy: 1 });
    const told = pager.next()!;
    expect(told).toMatchObject({
      routine: "memory_object_copy",
      values: { offset: 0, length: 2 * PAGE_SIZE },
    });
    const made = new VnodePager(task, [1, 2], told.values!["new_memory_object"] as number);
    made.serve();
    expect(made.log).toEqual(["init"]);
    made.ready();
    expect(touched(made, client, AT, 8)).toBe(8);
    expect(touched(made, client, AT + PAGE_SIZE)).toBe(2);
    expect(touched(pager, other, AT)).toBe(1);
    task_terminate(k, client.task);
    made.serve();
    expect(made.log.slice(1)).toEqual(["data_request", "data_request", "data_return", "terminate"]);
    task_terminate(k, other.task);
    pager.serve();
    expect(leaks(k)).toEqual([]);
  });
});

test("pages that have to leave memory go back to the pager, precious ones unwritten", async () => {
  const words = Array.from({ length: 300 }, (_, i) => i + 1);
  const { k, pager, client } = await file(words, { machine: { memoryBytes: 5 * 2 ** 20 } });
  pager.map(client, 300);
  pager.serve();
  pager.ready();
  pager.precious = 1;
  client.patience = 300_000; // a pager is not long in answering
  for (let i = 0; i < 300; i++) {
    const isWritten = i % 3 === 0;
    const word = isWritten ? 1000 + i : i + 1;
    expect(touched(pager, client, AT + i * PAGE_SIZE, ...(isWritten ? [word] : []))).toBe(word);
  }
  const returned = pager.log.filter((each) => each === "data_return").length;
  expect(returned).toBeGreaterThan(50);
  for (let i = 0; i < 300; i += 7) {
    const word = i % 3 === 0 ? 1000 + i : i + 1;
    expect(touched(pager, client, AT + i * PAGE_SIZE)).toBe(word);
  }
  // Taken in time, they need not go to the paging space, where the tasks' own pages are.
  expect(returned - k.vm.paging.used).toBeGreaterThan(50);
  task_terminate(k, client.task);
  pager.serve();
  expect(pager.pages.get(3 * PAGE_SIZE)).toBe(1003);
  expect(leaks(k)).toEqual([]);
});

test("a data error is the program's exception, and a hostile pager's replies hurt nobody", async () => {
  const { k, task, pager, client } = await file([1]);
  pager.map(client, 4);
  pager.serve();
  pager.ready();
  client.beginTouch(AT + PAGE_SIZE);
  expect(pager.next()?.routine).toBe("memory_object_data_request");
  const hostile: [string, Record<string, unknown>][] = [
    ["memory_object_lock_request", { offset: 1, size: 0xffffffff, should_return: 9 }],
    ["memory_object_data_error", { offset: 0xfffff000, size: 0x2000, error_value: 1 }],
    ["memory_object_data_unavailable", { offset: 0xfffff000, size: 0xffffffff }],
  ];
  const rest = { should_flush: 1, lock_value: 0, reply_to: task.receive() };
  for (const [routine, values] of hostile)
    task.call(pager.control, routine, { ...values, ...rest } as never);
  const supply = { lock_value: VM_PROT_READ, precious: 1, reply_to: nobody };
  for (const offset of [1, 0xfffff000, PAGE_SIZE - 1])
    task.call(pager.control, "memory_object_data_supply", {
      ...supply,
      ...{ offset, data: far(0x78000000, 0x3000) },
    });
  expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
  pager.say("memory_object_data_error", { offset: PAGE_SIZE, size: 1, error_value: 5 });
  k.run({ cycles: 50_000_000 });
  expect(k.liveElements("task")).not.toContain(client.task);
  expect(leaks(k)).toEqual([]);
});
