/** Programs in PA-RISC text that fault: zeroes, copies, pages that had to leave, what is forbidden. */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, VM_PROT } from "../../../host/abi/mach.ts";
import { GuestStopped } from "../../../host/mach/fault.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { vm_allocate, vm_protect } from "../../../host/mach/vm/vm-user.ts";
import { guest } from "../kern/guest.ts";
import { HEAP, PAGE_SIZE, setWalk, WALK } from "./walk.ts";

async function walk(pages: number, rounds: number, memoryBytes?: number) {
  const run = await guest(WALK, memoryBytes === undefined ? {} : { machine: { memoryBytes } });
  const { kernel, task, image } = run;
  const map = kernel.vmMapOf(task);
  expect(vm_allocate(kernel.vm, map, HEAP, pages * PAGE_SIZE, false)).toEqual({ address: HEAP });
  setWalk(kernel, task, image, { pages, rounds });
  return run;
}

describe("a program's own memory", () => {
  test("is zero-filled at the first touch, page by page, and costs faults", async () => {
    const { kernel, words } = await walk(12, 1);
    const before = kernel.vm.counters.faults;
    kernel.run({ cycles: 2_000_000 });
    expect(words("wrong", 2)).toEqual([0, 1]);
    expect(kernel.vm.counters.faults - before).toBe(12);
    // The zeroes are stored by kernel text, 24 cycles a line of the cache and more.
    const earned = kernel.machine.cycles - kernel.machine.counters().declared;
    expect(earned).toBeGreaterThan(12 * 3072);
    expect(earned).toBeLessThan(12 * 3 * 3072);
  });

  test("that is larger than memory goes to the paging space and comes back", async () => {
    const memoryBytes = 5 * 2 ** 20;
    const { kernel, task, words } = await walk(400, 2, memoryBytes);
    expect(kernel.vm.pages.count).toBe(256);
    kernel.run({ cycles: 3_000_000_000 });
    expect(words("wrong", 2)).toEqual([0, 2]);
    expect(kernel.vm.counters.pageouts).toBeGreaterThan(400);
    expect(kernel.vm.counters.pageins).toBeGreaterThan(300);
    task_terminate(kernel, task);
    expect(kernel.vm.pages.freeCount).toBe(256);
    expect(kernel.vm.paging.used).toBe(0);
  });

  test("that it may not write ends it with the code of the fault", async () => {
    const { kernel, task } = await walk(3, 1);
    const map = kernel.vmMapOf(task);
    const read = VM_PROT.VM_PROT_READ;
    expect(vm_protect(kernel.vm, map, HEAP + PAGE_SIZE, PAGE_SIZE, false, read)).toBe(0);
    const stopped = ((): unknown => {
      try {
        return kernel.run({ cycles: 2_000_000 });
      } catch (error) {
        return error;
      }
    })();
    expect(stopped).toBeInstanceOf(GuestStopped);
    expect(String(stopped)).toMatch(/50001000/);
    expect(kernel.copyout(task, HEAP + PAGE_SIZE, new Uint8Array(4))).toBe(false);
    const code = kernel.runNow(kernel.vm_fault(task, HEAP + PAGE_SIZE, 3));
    expect(code).toBe(KERN_RETURN.KERN_PROTECTION_FAILURE);
  });
});
