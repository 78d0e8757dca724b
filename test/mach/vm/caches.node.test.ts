/**
 * The virtually indexed caches: a page leaves them, by flush instructions that are executed, before it
 * leaves an address; and it is written at one place of them at a time.
 */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_TRAP, VM_INHERIT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { callText } from "../../../host/mach/kernel-text.ts";
import { vm_inherit } from "../../../host/mach/vm/vm-user.ts";
import { Caller, leaks } from "./caller.ts";
import { AT, file, touched } from "./vnode-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;

/** The data cache's lines of a frame: all, and the dirty ones. */
function linesOf({ k }: Caller, frame: number) {
  const lines = k.machine.cache("data").filter(({ page }) => page === frame);
  return { all: lines.length, dirty: lines.filter(({ dirty }) => dirty).length };
}
const frameAt = ({ k, task }: Caller, address: number): number =>
  k.physical(k.spaceOf(task), address)!;

describe("a page that leaves an address", () => {
  test("leaves the data cache first, dirty lines and clean ones, and that takes its time", async () => {
    const server = await Caller.boot();
    const client = server.another();
    const { k } = server;
    const port = server.taskPort(client.task);
    server.call(port, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    for (const offset of [0, 64, 4092]) client.beginTouch(AT + offset, 1).result();
    const frame = frameAt(client, AT);
    expect(linesOf(client, frame).dirty).toBeGreaterThan(1);
    const before = k.machine.counters();
    server.call(port, "vm_deallocate", { address: AT, size: PAGE_SIZE });
    expect(linesOf(client, frame)).toEqual({ all: 0, dirty: 0 });
    const after = k.machine.counters();
    // 128 flushes and a loop around them: instructions of the kernel's own.
    expect(after.instructions - before.instructions).toBeGreaterThan(128);
    expect(leaks(k)).toEqual([]);
  });

  test("zeroes and copies of pages are not in the cache at their real addresses", async () => {
    const server = await Caller.boot();
    const client = server.another();
    const { k } = server;
    const port = server.taskPort(client.task);
    server.call(server.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    server.beginTouch(AT, 0x1234).result();
    const data = { address: AT, count: PAGE_SIZE };
    server.call(port, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    server.call(port, "vm_write", { address: AT, data });
    // What was written is in memory before the copy is made, and only what is touched is cached.
    expect(linesOf(server, frameAt(server, AT)).dirty).toBe(0);
    expect(client.beginTouch(AT + 8, 5).result()).toBe(5);
    expect(client.word(AT)).toBe(0x1234);
    expect(linesOf(client, frameAt(client, AT))).toEqual({ all: 1, dirty: 1 });
    expect(linesOf(server, frameAt(server, AT)).dirty).toBe(0);
    expect(leaks(k)).toEqual([]);
  });
});

describe("vm_machine_attribute", () => {
  const flush = (caller: Caller, address: number, size: number, value: number, attribute = 1) =>
    caller.call(caller.self, "vm_machine_attribute", { address, size, attribute, value }).code;

  test("flushes a range's lines, and no others, of the caches that it names", async () => {
    const task = await Caller.boot();
    const { k } = task;
    task.call(task.self, "vm_allocate", { address: AT, size: 3 * PAGE_SIZE, anywhere: 0 });
    const pages = [0, 1, 2].map((page) => AT + page * PAGE_SIZE);
    // Far into the page: the callers' own lines are at its beginning.
    for (const address of pages) task.beginTouch(address + 0xc00, 1).result();
    const dirty = () => pages.map((address) => linesOf(task, frameAt(task, address)).dirty);
    expect(dirty()).toEqual([1, 1, 1]);
    expect(flush(task, pages[1]! + 8, 4, 8)).toBe(0); // instructions: none there
    expect(dirty()).toEqual([1, 1, 1]);
    expect(flush(task, pages[1]! + 8, 4, 7)).toBe(0);
    expect(dirty()).toEqual([1, 0, 1]);
    expect(flush(task, pages[1]!, PAGE_SIZE + 4, 6)).toBe(0);
    expect(dirty()).toEqual([1, 0, 0]);
    expect(flush(task, 0xb0000000, 0x1000, 6)).toBe(0); // nothing is mapped there
    expect(task.beginTouch(pages[1]! + 0xc00).result()).toBe(1);
    expect(leaks(k)).toEqual([]);
  });

  test("flushes text from the instruction cache", async () => {
    const task = await Caller.boot();
    const { k } = task;
    const text = MEMORY_MAP.USER_TEXT;
    const lines = () => {
      const frame = frameAt(task, text);
      return k.machine.cache("instruction").filter(({ page }) => page === frame).length;
    };
    task.trap(MACH_TRAP.TRAP_MACH_TASK_SELF); // it runs
    expect(lines()).toBeGreaterThan(0);
    const other = task.another();
    expect(flush(other, AT, PAGE_SIZE, 8)).toBe(0);
    const port = other.taskPort(task.task);
    const range = { address: text, size: PAGE_SIZE, attribute: 1, value: 8 };
    expect(other.call(port, "vm_machine_attribute", range).code).toBe(0);
    expect(lines()).toBe(0);
    expect(leaks(k)).toEqual([]);
  });

  test("refuses what is no address, attribute or value", async () => {
    const task = await Caller.boot();
    const { KERN_INVALID_ARGUMENT } = KERN_RETURN;
    const wrong = [
      flush(task, AT, PAGE_SIZE, 9),
      flush(task, AT, PAGE_SIZE, 2),
      flush(task, AT, PAGE_SIZE, 6, 2),
      flush(task, 0xfffff000, 0x2000, 6),
      flush(task, AT, 0xffffffff, 6),
    ];
    expect(wrong).toEqual(wrong.map(() => KERN_INVALID_ARGUMENT));
    expect(leaks(task.k)).toEqual([]);
  });
});

test("a page at two colours of the cache is written at one of them at a time", async () => {
  const { k, pager, client, other } = await file([1]);
  pager.map(client, 1);
  pager.map(other, 1, { address: AT + PAGE_SIZE });
  pager.serve();
  pager.ready();
  const [one, two]: [[Caller, number], [Caller, number]] = [
    [client, AT],
    [other, AT + PAGE_SIZE],
  ];
  expect(touched(pager, ...one)).toBe(1);
  expect(touched(pager, ...two)).toBe(1);
  const frame = frameAt(...one);
  expect(frameAt(...two)).toBe(frame);
  expect(linesOf(client, frame)).toEqual({ all: 2, dirty: 0 }); // both may read
  for (let i = 2; i < 6; i++) {
    const [writer, reader] = i % 2 === 0 ? [one, two] : [two, one];
    expect(touched(pager, ...writer, i)).toBe(i);
    expect(linesOf(client, frame)).toEqual({ all: 1, dirty: 1 });
    expect(k.physical(k.spaceOf(reader[0].task), reader[1])).toBeUndefined();
    expect(touched(pager, ...reader)).toBe(i);
    expect(linesOf(client, frame).dirty).toBe(0); // flushed before another reads
  }
  pager.log.length = 0;
  expect(leaks(k)).toEqual([]);
});

test("memory shared at one colour is written by both without faults", async () => {
  const server = await Caller.boot({
    machine: { dataSpaceHash: false, instructionSpaceHash: false },
  });
  const { k } = server;
  server.call(server.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
  vm_inherit(k.vm, server.map, AT, PAGE_SIZE, VM_INHERIT.VM_INHERIT_SHARE);
  const before = k.liveElements("task");
  server.call(server.self, "task_create", { inherit_memory: 1 });
  const [child] = k.liveElements("task").filter((task) => !before.includes(task));
  const word = (): number => new DataView(k.copyin(child!, AT, 4)!.buffer).getUint32(0);
  server.beginTouch(AT, 7).result();
  expect(word()).toBe(7);
  k.copyout(child!, AT, Uint8Array.of(0, 0, 0, 9));
  const { faults } = k.vm.counters;
  expect(server.beginTouch(AT).result()).toBe(9);
  expect(server.beginTouch(AT, 10).result()).toBe(10);
  expect(word()).toBe(10);
  expect(k.vm.counters.faults - faults).toBeLessThan(4); // of the threads' own stacks
  expect(leaks(k)).toEqual([]);
});

test("text that the host calls leaves the machine as it was, but for time", async () => {
  const { k } = await Caller.boot();
  const { machine } = k;
  for (let n = 1; n < 32; n++) machine.setGr(n, 0x1000 + n);
  machine.jump(0, 0x2000);
  const state = () => ({
    registers: Array.from({ length: 32 }, (_, n) => machine.gr(n)),
    spaces: Array.from({ length: 8 }, (_, n) => machine.sr(n)),
    controls: Array.from({ length: 32 }, (_, n) => (n === 16 ? 0 : machine.cr(n))),
    queue: machine.interruptionQueue,
    psw: machine.psw,
    pcoq: machine.pcoq,
  });
  const before = state();
  const { cycles } = machine;
  const frame = k.vm.pages.all()[0]!.frame;
  machine.memory.fill(frame, 2 * PAGE_SIZE, 0xab);
  callText(k, "pmap_zero_page", frame);
  expect(machine.memory.bytes(frame, PAGE_SIZE).every((byte) => byte === 0)).toBe(true);
  expect(machine.memory.read8(frame + PAGE_SIZE)).toBe(0xab);
  const zero = machine.cycles - cycles;
  callText(k, "pmap_copy_page", frame + PAGE_SIZE, frame);
  expect(machine.memory.bytes(frame, PAGE_SIZE).every((byte) => byte === 0xab)).toBe(true);
  const copy = machine.cycles - cycles - zero;
  expect(state()).toEqual(before);
  // 24 cycles a line for zeroes, 34 for a copy (facts of the HP 700 port), and the misses and flushes.
  expect(zero).toBeGreaterThan(128 * 24);
  expect(copy).toBeGreaterThan(128 * 34);
  expect(copy).toBeLessThan(128 * 100);
});
