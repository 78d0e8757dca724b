/**
 * Several tasks in memory that is too short for any of them: some with memory of their own, some with
 * a pager's, each walking over all of it again and again. The pagers are the test, between slices
 * of the run. INKWELL_CYCLES is how many cycles are simulated.
 */
import { expect, test } from "vitest";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { loadImage, mapStack } from "../../../host/mach/load.ts";
import { vm_allocate } from "../../../host/mach/vm/vm-user.ts";
import { guest } from "../kern/guest.ts";
import { REQUEST, RETURN, TestPager } from "./test-pager.ts";
import { HEAP, PAGE_SIZE, setWalk, WALK } from "./walk.ts";

const CYCLES = Number(process.env["INKWELL_CYCLES"] ?? 1_000_000_000);
const SLICE = 2_000_000;
const FOREVER = 0x7fffffff;
const PAGES = 200;

/** Keeps what it is given back, and gives it when it is asked. */
class Store {
  readonly pager: TestPager;
  readonly pages = new Map<number, Uint8Array>();
  returned = 0;
  constructor(pager: TestPager) {
    this.pager = pager;
  }
  serve(): void {
    for (const { id, words, data } of this.pager.messages()) {
      const offset = words[3]!;
      if (id === RETURN) {
        this.pages.set(offset, data!);
        this.returned += 1;
      } else if (id === REQUEST) {
        const bytes = this.pages.get(offset);
        if (bytes) this.pager.provideBytes(offset, bytes);
        else this.pager.unavailable(offset);
      }
    }
  }
}

test("tasks and pagers under memory pressure keep their memory", { timeout: 0 }, async () => {
  const memoryBytes = 5 * 2 ** 20; // 256 pages for 4 tasks of 200
  const first = await guest(WALK, { machine: { memoryBytes } });
  const { kernel, image } = first;
  const tasks = [first.task];
  for (let i = 1; i < 4; i++) {
    const task = kernel.createTask("user");
    loadImage(kernel, task, image, "walk.s");
    const stack = mapStack(kernel, task, image);
    const entry = image.symbols.get("_start")!;
    thread_resume(kernel, kernel.createThread(task, { entry, stack, args: [] }));
    tasks.push(task);
  }
  const stores: Store[] = [];
  tasks.forEach((task, i) => {
    if (i % 2 === 0) {
      vm_allocate(kernel.vm, kernel.vmMapOf(task), HEAP, PAGES * PAGE_SIZE, false);
    } else {
      const pager = new TestPager(kernel, task, HEAP, PAGES);
      pager.ready();
      stores.push(new Store(pager));
    }
    setWalk(kernel, task, image, { pages: PAGES, rounds: FOREVER });
  });
  const end = kernel.machine.cycles + CYCLES;
  while (kernel.machine.cycles < end) {
    const before = kernel.machine.cycles;
    const how = kernel.run({ cycles: SLICE });
    // All may be waiting for the pagers, who are not simulated: their time passes.
    if (how === "idle" && kernel.machine.cycles === before) kernel.machine.idle(SLICE / 10);
    for (const store of stores) store.serve();
  }
  const wrongs = tasks.map((task) => {
    const bytes = kernel.copyin(task, image.symbols.get("wrong")!, 4)!;
    return new DataView(bytes.buffer).getUint32(0);
  });
  expect(wrongs).toEqual([0, 0, 0, 0]);
  expect(kernel.vm.counters.pageouts).toBeGreaterThan(100);
  for (const { returned } of stores) expect(returned).toBeGreaterThan(5);
  for (const task of tasks) task_terminate(kernel, task);
  kernel.run({ cycles: 100_000_000 }); // data that a pager has given are still on their way
  for (const { pager } of stores) pager.messages();
  const { vm } = kernel;
  expect([vm.objects.size, vm.copies.size, vm.paging.used]).toEqual([0, 0, 0]);
  expect(vm.pages.freeCount).toBe(vm.pages.count);
  expect(kernel.liveElements("mapping").length).toBe(1); // the gateway's
});
