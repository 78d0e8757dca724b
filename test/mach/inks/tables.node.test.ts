/**
 * Trap tables by task and by port (paper §3.4.3), and the pool of service stacks (§3.3): what a server
 * registers after its first call, what runs out, and what is given back.
 */
import { describe, expect, test } from "vitest";
import { serviceStack, TH } from "../../../host/abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { connect, readWords, rpcBed, type RpcBed } from "../../../host/bench/rpc/bed.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import type { HazardId } from "../../../host/mach/inks/hazards.ts";
import {
  freeStacks,
  inks_register,
  inks_stacks,
  inks_tables,
} from "../../../host/mach/inks/register.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { threadAt } from "../../../host/mach/kern/views.ts";
import { RECEIVE_5_MS, testClient, testServer } from "./programs.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const INTERRUPTED = MACH_MSG_RETURN.MACH_SEND_INTERRUPTED;
const LIMIT = 5_000_000;

/** Traps number 9000 through two ports of the server: r3 that its clients know, r4 another. */
const BOTH_PORTS = ["%r3", "%r4"]
  .map((port) => `\tcopy\t${port},%arg0\n\traw\t9000\n\tkeep\t%r28\n`)
  .join("");

/** A work function that waits for a message that never comes. */
const WAIT_INSIDE = `
	stw	%rp,-20(%sp)
	ldo	192(%sp),%sp
	bl	mach_reply_port,%rp
	nop
	stw	%r28,-52(%sp)
${RECEIVE_5_MS}
	ldw	-212(%sp),%rp
	ldi	0,%r28
	bv	%r0(%rp)
	ldo	-192(%sp),%sp`;

interface Setup {
  readonly hazards: readonly HazardId[];
  /** Registers the server's table again, for this port only, instead of for the task. */
  readonly byPort: boolean;
  readonly server?: Readonly<Record<string, string>>;
}

async function callThroughBoth({ hazards, byPort, server = {} }: Setup): Promise<number[]> {
  const programs = { client: await testClient(BOTH_PORTS), server: await testServer(server) };
  const bed = await rpcBed(INKS_TRAP, { programs, kernel: { hazards } });
  const { kernel } = bed;
  kernel.run({ cycles: LIMIT });
  if (byPort) {
    kernel.inksServer(bed.server.task)!.table_count = 0;
    const table = programs.server.symbols.get("rpc_inks_table")!;
    expect(inks_tables(kernel, bed.server.task, [bed.names.receive, table, 1])).toBe(KERN_SUCCESS);
  }
  const other = connect(kernel, bed.server.task, bed.client.task);
  kernel.start(bed.client, [bed.names.send, other.send]);
  expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  return Array.from(readWords(bed, "results", 2));
}

describe("calling through the wrong port (X7, X8)", () => {
  test("tables by task take a trap through any port of the task", async () => {
    const results = await callThroughBoth({ hazards: ["wrong-port"], byPort: true });
    expect(results).toEqual([0, 0]);
  });

  test("tables by port take it through theirs only; the other port gets a message", async () => {
    expect(await callThroughBoth({ hazards: [], byPort: true })).toEqual([0, INTERRUPTED]);
  });

  test("a server that registers for its task means all its ports, in both", async () => {
    for (const hazards of [[], ["wrong-port"]] as const)
      expect(await callThroughBoth({ hazards, byPort: false })).toEqual([0, 0]);
  });

  test("or the work function looks at the port, which it is told by the server's name for it", async () => {
    const bed = await rpcBed(INKS_TRAP);
    const own = bed.names.receive;
    const server = {
      server_rpc_null: `
	ldil	L%${own},%r19
	ldo	R%${own}(%r19),%r19
	comb,<>,n	%r19,%arg0,wrong_port
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28
wrong_port:
	bv	%r0(%rp)
	ldi	KERN_INVALID_ARGUMENT,%r28`,
    };
    const results = await callThroughBoth({ hazards: ["wrong-port"], byPort: false, server });
    expect(results).toEqual([KERN_SUCCESS, KERN_INVALID_ARGUMENT]);
  });
});

/** Takes all but `left` stacks out of a server's pool. */
function drain({ kernel, server }: RpcBed, left: number): void {
  const record = kernel.inksServer(server.task)!;
  for (let i = record.stack_count; i > left; i--) {
    const head = kernel.copyin(server.task, record.stack_free, serviceStack.size)!;
    record.stack_free = new DataView(head.buffer).getUint32(serviceStack.offset.next);
  }
}

describe("service stacks (U7, X14)", () => {
  const NULL_CALLS = "\tcopy\t%r3,%arg0\n\tbl\trpc_null,%rp\n\tnop\n\tkeep\t%r28\n".repeat(3);
  const booted = async () => {
    const programs = { client: await testClient(NULL_CALLS), server: await testServer() };
    const bed = await rpcBed(INKS_TRAP, { programs, kernel: { hazards: [] } });
    bed.kernel.run({ cycles: LIMIT });
    return bed;
  };
  const callThrice = ({ kernel, client, names }: RpcBed) => {
    kernel.start(client, [names.send]);
    expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  };

  test("one is enough for any number of calls, one after another", async () => {
    const bed = await booted();
    drain(bed, 1);
    callThrice(bed);
    expect(bed.kernel.inksServer(bed.server.task)).toMatchObject({ calls: 3, exhausted: 0 });
  });

  test("without any, calls are counted and become messages", async () => {
    const bed = await booted();
    drain(bed, 0);
    callThrice(bed);
    expect(Array.from(readWords(bed, "results", 3))).toEqual([0, 0, 0]);
    expect(bed.kernel.inksServer(bed.server.task)).toMatchObject({ calls: 0, exhausted: 3 });
  });

  test("a server may add some; they lie in memory that need not be wired (K13)", async () => {
    const bed = await booted();
    const { kernel, server } = bed;
    drain(bed, 0);
    const stacks = bed.programs.server.symbols.get("service_stacks")!;
    expect(inks_stacks(kernel, server.task, [stacks, 16384, 2])).toBe(KERN_SUCCESS);
    callThrice(bed);
    const record = kernel.inksServer(server.task)!;
    expect(record).toMatchObject({ calls: 3, exhausted: 0, stack_count: 6 });
    expect(freeStacks(kernel, server.task, record.stack_free)).toBe(2);
    // Outside what block TLB entries map and the kernel keeps.
    expect(stacks).toBeGreaterThan(kernel.symbol("kernel_stack"));
    expect(kernel.physical(0, stacks)).not.toBe(stacks);
  });

  test("what a server asks wrongly is refused", async () => {
    const bed = await booted();
    const { kernel, server, client, names } = bed;
    const stacks = bed.programs.server.symbols.get("service_stacks")!;
    const add = (...args: number[]) => inks_stacks(kernel, server.task, args);
    expect(add(stacks, 16384, 0)).toBe(KERN_INVALID_ARGUMENT);
    expect(add(stacks, 16384, 65)).toBe(KERN_INVALID_ARGUMENT);
    expect(add(stacks, 12288, 1)).toBe(KERN_INVALID_ARGUMENT);
    expect(add(stacks + 4096, 16384, 1)).toBe(KERN_INVALID_ARGUMENT);
    expect(add(0x30000000, 16384, 1)).toBe(KERN_INVALID_ADDRESS);
    expect(inks_stacks(kernel, client.task, [stacks, 16384, 1])).toBe(KERN_FAILURE);
    expect(inks_tables(kernel, client.task, [names.send, 0, 1])).toBe(KERN_FAILURE);
    const table = (...args: number[]) => inks_tables(kernel, server.task, args);
    expect(table(0x1700, stacks, 1)).toBe(KERN_RETURN.KERN_INVALID_NAME);
    expect(table(names.receive, 0x30000000, 1)).toBe(KERN_INVALID_ADDRESS);
    expect(table(names.receive, stacks, 64)).toBe(KERN_RETURN.KERN_RESOURCE_SHORTAGE);
    const again = [0, 0, 0, stacks, 16384, 1, stacks];
    expect(inks_register(kernel, server.task, again, { copyin: 0, copyout: 0 })).toBe(
      KERN_INVALID_ARGUMENT,
    );
  });

  test("a server that ends leaves nothing behind", async () => {
    const left = async (configuration: typeof INKS_TRAP) => {
      const calls =
        configuration === INKS_TRAP ? NULL_CALLS : NULL_CALLS.replaceAll("null", "null_message");
      const programs = { client: await testClient(calls), server: await testServer() };
      const bed = await rpcBed(configuration, { programs });
      const { kernel, server } = bed;
      callThrice(bed);
      if (configuration === INKS_TRAP) {
        const table = programs.server.symbols.get("rpc_inks_table")!;
        expect(inks_tables(kernel, server.task, [bed.names.receive, table, 1])).toBe(KERN_SUCCESS);
        expect(kernel.inksServer(server.task)).toMatchObject({ table_count: 2, calls: 3 });
      }
      for (const { task } of [bed.client, server]) task_terminate(kernel, task);
      const { vm, kernelVmMap } = kernel;
      expect(kernelVmMap.entries.filter(({ owner }) => owner !== 0)).toEqual([]);
      expect([vm.pages.freeCount, vm.objects.size]).toEqual([vm.pages.count, 0]);
      // A kmsg may be at hand.
      const { 256: _cached, ...zones } = census(kernel);
      return zones;
    };
    expect(await left(INKS_TRAP)).toEqual(await left(UNOPTIMIZED));
  });

  test.each(["comes back", "is ended there"] as const)(
    "nor does one that ends while a client is inside, which %s",
    async (how) => {
      const programs = {
        client: await testClient(NULL_CALLS),
        server: await testServer({ server_rpc_null: WAIT_INSIDE }),
      };
      const bed = await rpcBed(INKS_TRAP, { programs });
      const { kernel, server, client } = bed;
      kernel.start(client, [bed.names.send]);
      const thread = threadAt(kernel, client.thread);
      for (let i = 0; thread.inks_stack === 0 || (thread.state & TH.TH_WAIT) === 0; i++) {
        expect(i).toBeLessThan(1000);
        kernel.run({ cycles: 500 });
      }
      expect(checkKernel(kernel)).toEqual([]);
      task_terminate(kernel, server.task);
      expect(kernel.inks_orphans.size).toBe(1);
      expect(checkKernel(kernel)).toEqual([]);
      // The client's thread still runs its text.
      expect(kernel.kernelVmMap.entries.some(({ owner }) => owner === server.task)).toBe(true);
      if (how === "comes back") {
        kernel.run({ cycles: LIMIT });
        expect(thread.inks_stack).toBe(0);
        expect(checkKernel(kernel)).toEqual([]);
      }
      task_terminate(kernel, client.task);
      kernel.run({ cycles: LIMIT });
      expect(kernel.inks_orphans.size).toBe(0);
      expect(checkKernel(kernel)).toEqual([]);
      expect(kernel.liveElements("task")).toEqual([]);
      expect(kernel.vm.pages.freeCount).toBe(kernel.vm.pages.count);
    },
  );
});
