/**
 * The bootstrap thread, once it has loaded the server, is the default pager (paper §3.1, L3): what has to
 * leave memory goes to the disk, and comes back from it, in the disk's time.
 */
import { expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { defaultServer } from "../../../host/mach/boot/programs.ts";
import { bootSystem } from "../../../host/mach/boot/system.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { loadImage, mapStack } from "../../../host/mach/load.ts";
import { vm_allocate } from "../../../host/mach/vm/vm-user.ts";
import { guest } from "../kern/guest.ts";
import { HEAP, setWalk, WALK } from "../vm/walk.ts";

const { PAGE_SIZE } = MEMORY_MAP;

async function booted(memoryBytes: number, inKernel: boolean) {
  const servers = new Map([["hello", await defaultServer()]]);
  const answers = { server: "hello", inKernel };
  const kernel = { machine: { memoryBytes } };
  const system = await bootSystem({ servers, defaultServer: "hello", answers, kernel });
  let output = "";
  system.console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
  system.kernel.run({ cycles: 10_000_000 });
  return { ...system, said: () => output };
}
/** Threads of kernel tasks, besides the server's: of the kernel itself, and of the bootstrap task. */
const kernelThreads = ({ kernel, server }: Awaited<ReturnType<typeof booted>>): number =>
  kernel
    .liveElements("thread")
    .map((thread) => threadAt(kernel, thread).task)
    .filter((task) => task !== server() && taskAt(kernel, task).kernel_loaded !== 0).length;

test.each([
  ["out of", false],
  ["in", true],
])("the server %s the kernel is served; the thread stays", async (_where, inKernel) => {
  const system = await booted(32 * 2 ** 20, inKernel);
  expect(system.said()).toMatch(/^Mach 3\.0: this server runs/);
  expect(kernelThreads(system)).toBe(2); // the other waits for what is typed, for the server
  expect(system.kernel.vm.paging.store).toBeDefined();
  expect(checkKernel(system.kernel)).toEqual([]);
});

test("pages of two programs go to the disk and come back, unharmed", async () => {
  const system = await booted(5 * 2 ** 20, false);
  const { kernel, disk } = system;
  const { image } = await guest(WALK);
  const pages = 300;
  const before = disk.statistics;
  const tasks = [0, 1].map(() => {
    const task = kernel.createTask("user");
    loadImage(kernel, task, image, "walk.s");
    vm_allocate(kernel.vm, kernel.vmMapOf(task), HEAP, pages * PAGE_SIZE, false);
    setWalk(kernel, task, image, { pages, rounds: 2 });
    const stack = mapStack(kernel, task, image);
    const entry = image.symbols.get("_start")!;
    thread_resume(kernel, kernel.createThread(task, { entry, stack, args: [] }));
    return task;
  });
  const words = (task: number): number[] => {
    const bytes = kernel.copyin(task, image.symbols.get("wrong")!, 8)!;
    return [0, 4].map((at) => new DataView(bytes.buffer).getUint32(at));
  };
  const { pageins, pageouts } = kernel.vm.counters;
  for (let i = 0; i < 100 && tasks.some((task) => words(task)[1]! < 2); i++)
    kernel.run({ cycles: 100_000_000 });
  expect(tasks.map(words)).toEqual([
    [0, 2],
    [0, 2],
  ]);
  const { reads, writes, busy } = disk.statistics;
  expect(kernel.vm.counters.pageouts - pageouts).toBeGreaterThan(100);
  expect(writes - before.writes).toBeGreaterThan(20); // several pages to a transfer
  expect(writes - before.writes).toBeLessThan(kernel.vm.counters.pageouts - pageouts);
  expect(reads - before.reads).toBeGreaterThan(100);
  expect(reads - before.reads).toBeLessThanOrEqual(kernel.vm.counters.pageins - pageins);
  expect(busy - before.busy).toBeGreaterThan(100 * 3 * kernel.cycles_per_millisecond);
  for (const task of tasks) task_terminate(kernel, task);
  kernel.run({ cycles: 100_000_000 });
  expect(checkKernel(kernel)).toEqual([]);
  expect(kernelThreads(system)).toBe(2);
});
