/**
 * Servers that share the kernel's map (paper §3.2, §3.4.5): what they can do to it, what their children
 * get of it, and what its entries cost. The hazards' switches are host/mach/inks/hazards.ts.
 */
import { describe, expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { INKS_TRAP } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { Kernel } from "../../../host/mach/kernel.ts";
import type { HazardId } from "../../../host/mach/inks/hazards.ts";
import { taskAt } from "../../../host/mach/kern/views.ts";
import { KernelPanic } from "../../../host/mach/panic.ts";
import { findPhysical } from "../../../host/mach/vm/pmap.ts";
import { vm_map_enter } from "../../../host/mach/vm/vm-map.ts";
import { vm_allocate, vm_deallocate, vm_protect } from "../../../host/mach/vm/vm-user.ts";
import { testClient, testServer } from "./programs.ts";

const { EQUIVALENT_END, GATEWAY, KERNEL_SPACE, PAGE_SIZE, SERVER_BASE } = MEMORY_MAP;
const LIMIT = 20_000_000;
const CALL = "\tcopy\t%r3,%arg0\n\tbl\trpc_null,%rp\n\tnop\n\tkeep\t%r28\n";

/** A work function that makes one Mach call with its own task, and returns what that says. */
const calling = (args: string): string => `
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
	bl	mach_task_self,%rp
	nop
	copy	%r28,%arg0
${args}
	ldw	-148(%sp),%rp
	bv	%r0(%rp)
	ldo	-128(%sp),%sp`;

const DEALLOCATE_ZERO = calling(`
	ldi	0,%arg1
	ldi	${PAGE_SIZE},%arg2
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	TRAP_VM_DEALLOCATE,%r22`);
const FORK = calling(`
	ldi	1,%arg1
	ldil	L%rpc_notified,%arg2
	ldo	R%rpc_notified(%arg2),%arg2
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	TRAP_TASK_CREATE,%r22`);

/** Two calls of a server whose work function is `work`. */
async function bedWith(work: string, hazards: readonly HazardId[], stamps = false) {
  const programs = {
    client: await testClient(CALL + CALL),
    server: await testServer({ server_rpc_null: work }),
  };
  const bed = await rpcBed(INKS_TRAP, { programs, kernel: { hazards, stamps } });
  bed.kernel.run({ cycles: LIMIT });
  bed.kernel.start(bed.client, [bed.names.send]);
  return bed;
}

function panicOf(kernel: Kernel): KernelPanic {
  try {
    kernel.run({ cycles: LIMIT });
  } catch (error) {
    return error as KernelPanic;
  }
  throw new Error("the kernel did not panic");
}

describe("a server that deallocates page zero (K3)", () => {
  test("takes the kernel's first page: the next who touches it panics", async () => {
    // The instrumented kernel keeps its time stamps there.
    const { kernel } = await bedWith(DEALLOCATE_ZERO, ["page-zero"], true);
    const error = panicOf(kernel);
    expect(error).toBeInstanceOf(KernelPanic);
    expect(error.message).toMatch(/kernel panic: data page fault \(15\) at 00000000\.00000/);
    expect(error.state.pc.offset).toBeLessThan(EQUIVALENT_END);
  });

  test("and nothing else: a kernel that has nothing there goes on, its pages mapped one by one", async () => {
    const bed = await bedWith(DEALLOCATE_ZERO, ["page-zero"]);
    expect(bed.kernel.run({ cycles: LIMIT })).toBe("idle");
    expect(Array.from(readWords(bed, "results", 2))).toEqual([0, 0]);
    const { memory } = bed.kernel;
    const [zero, first] = [0, PAGE_SIZE].map((page) => findPhysical(memory, KERNEL_SPACE, page));
    expect([zero, first]).toEqual([undefined, PAGE_SIZE]);
  });

  test("without the hazard has nothing to take", async () => {
    const bed = await bedWith(DEALLOCATE_ZERO, [], true);
    expect(bed.kernel.run({ cycles: LIMIT })).toBe("idle");
    expect(Array.from(readWords(bed, "results", 2))).toEqual([0, 0]);
    const map = bed.kernel.kernelVmMap;
    expect(map.min).toBe(EQUIVALENT_END);
    expect(vm_deallocate(bed.kernel.vm, map, 0x1000, EQUIVALENT_END - 0x1000)).toBe(0);
    expect(bed.kernel.physical(0, 0x1000)).toBe(0x1000);
  });
});

describe("a server that makes a task with its memory (K4, X9, X10)", () => {
  test("panics in vm_map_fork, where a submap is met", async () => {
    const error = panicOf((await bedWith(FORK, ["map-fork"])).kernel);
    expect(error).toBeInstanceOf(KernelPanic);
    expect(error.message).toMatch(/^kernel panic: vm_map_fork: encountered a submap$/m);
    // Where the server called the kernel, and from where it was called.
    expect(error.state.symbol).toMatch(/^server_rpc_null\+/);
    expect(error.state.callers?.join(" ")).toMatch(/^_Trpc_null.*rpc_null.*_start/);
  });

  test("gets a user's task without the kernel's own, and may let it never touch memory", async () => {
    const bed = await bedWith(FORK, []);
    const { kernel } = bed;
    const before = kernel.liveElements("task");
    expect(kernel.run({ cycles: LIMIT })).toBe("idle");
    expect(Array.from(readWords(bed, "results", 2))).toEqual([0, 0]);
    const children = kernel.liveElements("task").filter((task) => !before.includes(task));
    expect(children).toHaveLength(2);
    for (const child of children) {
      expect(taskAt(kernel, child).kernel_loaded).toBe(0);
      expect(kernel.spaceOf(child)).not.toBe(KERNEL_SPACE);
      const { entries } = kernel.vmMapOf(child);
      expect(entries.some(({ submap }) => submap !== undefined)).toBe(false);
      expect(entries.every(({ start, end }) => start >= EQUIVALENT_END && end <= GATEWAY)).toBe(
        true,
      );
      expect(kernel.map_sizes(taskAt(kernel, child).map).resident).toBe(0); // it touched nothing
      // What is still unsolved: it has a copy of all that servers in the kernel have.
      expect(kernel.copyin(child, SERVER_BASE, 8)).toEqual(
        kernel.copyin(bed.server.task, SERVER_BASE, 8),
      );
    }
  });
});

describe("the kernel's map", () => {
  test("has submaps, at whose addresses nothing else is, and which refuse what they cannot do", async () => {
    const kernel = await Kernel.boot();
    const { vm, kernelVmMap: map } = kernel;
    const submaps = map.entries.filter(({ submap }) => submap);
    expect(submaps.map(({ start, end }) => [start, end])).toEqual([
      [0xe0000000, 0xe0100000],
      [0xe0100000, 0xe0300000],
    ]);
    const { start } = submaps[0]!;
    expect(vm_allocate(vm, map, start, PAGE_SIZE, false)).toHaveProperty("kr");
    expect(vm_protect(vm, map, start, PAGE_SIZE, false, 1)).toBe(4);
    // What is entered in a submap is seen through the map.
    expect(vm_map_enter(submaps[0]!.submap!, start, start + PAGE_SIZE, {})).toBe(0);
    const task = kernel.createTask("kernel");
    expect(kernel.copyout(task, start, Uint8Array.of(1, 2, 3, 4))).toBe(true);
    expect(kernel.copyin(task, start, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(vm_deallocate(vm, map, start, 0x100000)).toBe(0);
    expect(kernel.copyin(task, start, 4)).toBeUndefined();
    expect(vm.pages.freeCount).toBe(vm.pages.count);
  });

  test("is looked through for each fault: more entries, slower faults (X15, footnote 10)", async () => {
    const cost = async (entries: number): Promise<number> => {
      const bed = await bedWith(CALL.replaceAll("keep", ";"), []);
      const { kernel } = bed;
      const map = kernel.kernelVmMap;
      for (let i = 0; i < entries; i++)
        expect(
          vm_map_enter(map, 0x10000000 + 2 * i * PAGE_SIZE, 0x10001000 + 2 * i * PAGE_SIZE, {}),
        ).toBe(0);
      const [low, high] = [EQUIVALENT_END, 0x30000000];
      for (const at of [low, high]) expect(vm_map_enter(map, at, at + 10 * PAGE_SIZE, {})).toBe(0);
      const task = bed.server.task;
      kernel.cpu.active_thread = bed.server.thread;
      const before = kernel.machine.counters().declared;
      for (let page = 0; page < 10; page++)
        for (const at of [low, high])
          kernel.copyout(task, at + page * PAGE_SIZE, new Uint8Array(4));
      return kernel.machine.counters().declared - before;
    };
    const [none, some, many] = [await cost(0), await cost(100), await cost(1000)];
    // Half of the twenty lookups go up through the list, half begin anew.
    expect(some - none).toBe(10 * 7 * 100);
    expect(many - none).toBe(10 * 7 * 1000);
    expect((many - none) / none).toBeGreaterThan(0.5);
  });
});
