/**
 * A server's own calls to the kernel (paper §3.2): the same in both places, by a lighter entry when it
 * is inside, with a saved state of their own, on a kernel stack.
 */
import { expect, test } from "vitest";
import { FRAME, pcb, savedState } from "../../../host/abi/hp700.ts";
import { TH } from "../../../host/abi/kernel.ts";
import { MACH_TRAP } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { INKS_MESSAGE, INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { kernelCallServer } from "../../../host/bench/kernel-calls/measure.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { decode } from "../../../host/isa/instructions.ts";
import { Kernel } from "../../../host/mach/kernel.ts";
import { threadAt } from "../../../host/mach/kern/views.ts";
import { RECEIVE_5_MS, testClient, testServer } from "./programs.ts";

const CALL = "\tcopy\t%r3,%arg0\n\tbl\trpc_null_message,%rp\n\tnop\n\tkeep\t%r28\n";
const LIMIT = 5_000_000;

test("the server makes the same calls wherever it is (K1)", async () => {
  const calls = async (configuration: typeof INKS_MESSAGE) => {
    const programs = { client: await testClient(CALL), server: await testServer() };
    const { kernel, server, client, names } = await rpcBed(configuration, { programs });
    kernel.start(client, [names.send]);
    const numbers: number[] = [];
    while (kernel.run({ cycles: 1 }) !== "idle") {
      const { frontOffset } = kernel.machine.pcoq;
      const atGate = (frontOffset & ~3) >>> 0 === MEMORY_MAP.GATEWAY + 4;
      if (atGate && kernel.cpu.active_thread === server.thread)
        numbers.push(kernel.machine.gr(22) | 0);
    }
    return numbers;
  };
  const out = await calls(UNOPTIMIZED);
  expect(out[0]).toBe(MACH_TRAP.TRAP_INKS_REGISTER | 0);
  expect(out).toContain(MACH_TRAP.TRAP_MACH_MSG | 0);
  expect(await calls(INKS_MESSAGE)).toEqual(out);
});

test("the lighter entry saves less, and touches no protection (K8)", async () => {
  const path = async (place: "user" | "kernel") => {
    const image = await kernelCallServer();
    const kernel = await Kernel.boot({});
    const server = kernel.load(image, "server", place);
    kernel.start(server, [1, 1]);
    const wanted = MACH_TRAP.TRAP_TASK_TERMINATE | 0;
    const names: string[] = [];
    let counting = false;
    while (kernel.run({ cycles: 1 }) !== "idle") {
      const pc = (kernel.machine.pcoq.frontOffset & ~3) >>> 0;
      if (pc === MEMORY_MAP.GATEWAY + 4) counting = (kernel.machine.gr(22) | 0) === wanted;
      if (pc === kernel.symbol("syscall_task_terminate")) counting = false;
      if (!counting) continue;
      const at = kernel.physical(0, pc)!;
      names.push(decode(kernel.memory.read32(at))!.name);
    }
    const count = (...kinds: string[]) => names.filter((name) => kinds.includes(name)).length;
    return {
      all: names.length,
      stores: count("STW"),
      control: count("MTCTL", "MTSP", "MFCTL", "MFSP"),
    };
  };
  const [user, inside] = [await path("user"), await path("kernel")];
  expect(inside.all).toBeLessThan(user.all - 20);
  expect(inside.stores).toBeLessThan(user.stores - 8);
  // What is left is the gateway's own, and the space register that procedures keep.
  expect(user.control).toBeGreaterThan(inside.control + 12);
  expect(inside.control).toBe(4);
});

/** Allocates a port in its own task, then waits 5 ms; the codes of both are kept. */
const WORK = `
	stw	%rp,-20(%sp)
	ldo	192(%sp),%sp
	bl	mach_task_self,%rp
	nop
	copy	%r28,%arg0
	ldi	MACH_PORT_RIGHT_RECEIVE,%arg1
	bl	mach_port_allocate,%rp
	ldo	-100(%sp),%arg2
	ldil	L%rpc_notified,%r19
	stw	%r28,R%rpc_notified(%r19)
	ldw	-100(%sp),%r20
	stw	%r20,-52(%sp)
${RECEIVE_5_MS}
	ldw	-212(%sp),%rp
	ldi	0,%r28
	bv	%r0(%rp)
	ldo	-192(%sp),%sp`;

test("a call from a client's call: second saved state, kernel stack, nothing kept there (K2, K9, K11, K12)", async () => {
  const programs = {
    client: await testClient(CALL.replace("_message", "")),
    server: await testServer({ server_rpc_null: WORK }),
  };
  const bed = await rpcBed(INKS_TRAP, { programs });
  const { kernel, client } = bed;
  kernel.start(client, [bed.names.send]);
  const thread = threadAt(kernel, client.thread);
  while (thread.inks_stack === 0 || (thread.state & TH.TH_WAIT) === 0) kernel.run({ cycles: 500 });

  // Its task port is a name like any: a port was allocated in the server's task (K2).
  expect(readWords(bed, "rpc_notified", 1, "server")[0]).toBe(0);
  // The client's state is where its trap left it, the server's in the second place (K9).
  const first = savedState.at(kernel.memory, thread.pcb + pcb.offset.ss);
  const second = savedState.at(kernel.memory, thread.pcb + pcb.offset.kss);
  expect([first.r22, second.r22 | 0]).toEqual([9000, MACH_TRAP.TRAP_MACH_MSG | 0]);
  expect([first.sr0, thread.task]).toEqual([kernel.spaceOf(client.task), bed.server.task]);
  // The server's stack is its own; the call went on on a kernel stack (K11), which the thread has
  // given away: it waits with a continuation, and nothing of its call may lie there (K12).
  expect(second.r30 - (second.r30 % 16384)).toBe(thread.inks_stack);
  const kernelStack = kernel.cpu.active_stack;
  expect(Math.abs(second.r30 - kernelStack)).toBeGreaterThan(FRAME.KERNEL_STACK_SIZE);
  expect(thread.kernel_stack).toBe(0);
  const junk = new Uint8Array(FRAME.KERNEL_STACK_SIZE).fill(0xa5);
  kernel.memory.copyIn(kernelStack, junk);
  expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  expect([readWords(bed, "results", 1)[0], readWords(bed, "done", 1)[0]]).toEqual([0, 1]);
});
