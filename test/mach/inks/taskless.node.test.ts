/**
 * A server in the kernel without a task (X3, paper §3.4.2): what of the migrating model is no longer there,
 * and what is needed all the same. Each check in both models.
 */
import { describe, expect, test } from "vitest";
import { FRAME, pcb, savedState } from "../../../host/abi/hp700.ts";
import { TH } from "../../../host/abi/kernel.ts";
import { INKS_TRAP } from "../../../host/bench/configurations.ts";
import { serverTask } from "../../../host/bench/experiments/server-task.ts";
import { runTable } from "../../../host/bench/request.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { spaceEntries } from "../../../host/mach/ipc/space-entries.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { RECEIVE_5_MS, testClient, testServer } from "./programs.ts";

const LIMIT = 20_000_000;
const CALL = "\tcopy\t%r3,%arg0\n\tbl\trpc_null,%rp\n\tnop\n\tkeep\t%r28\n";

/** A bed whose server's `rpc_null` is `work`; the server has registered. */
async function bedWith(taskless: boolean, work?: string) {
  const replaced: Record<string, string> = work === undefined ? {} : { server_rpc_null: work };
  const programs = { client: await testClient(CALL), server: await testServer(replaced) };
  const bed = await rpcBed(INKS_TRAP, { programs, kernel: { taskless } });
  bed.kernel.run({ cycles: LIMIT });
  return bed;
}

/** Allocates a port in "its own" task, then waits 5 ms for a message to it. */
const WORK = `
	stw	%rp,-20(%sp)
	ldo	192(%sp),%sp
	bl	mach_task_self,%rp
	nop
	copy	%r28,%arg0
	ldi	MACH_PORT_RIGHT_RECEIVE,%arg1
	bl	mach_port_allocate,%rp
	ldo	-100(%sp),%arg2
	ldw	-100(%sp),%r20
	stw	%r20,-52(%sp)
${RECEIVE_5_MS}
	ldw	-212(%sp),%rp
	ldi	0,%r28
	bv	%r0(%rp)
	ldo	-192(%sp),%sp`;

const SPIN = "spin:\n\tb\tspin\n\tnop";

describe.each([
  ["the thread moves into the server's task", false],
  ["the server has no task", true],
])("%s", (_model, taskless) => {
  test("calls work", async () => {
    const bed = await bedWith(taskless);
    bed.kernel.start(bed.client, [bed.names.send]);
    expect(bed.kernel.run({ cycles: LIMIT })).toBe("idle");
    expect([readWords(bed, "results", 1)[0], readWords(bed, "done", 1)[0]]).toEqual([0, 1]);
    expect(checkKernel(bed.kernel)).toEqual([]);
  });

  test(`what the work allocates is the ${taskless ? "client's: it has nothing of its own" : "server's"}`, async () => {
    const bed = await bedWith(taskless, WORK);
    const { kernel, client, server } = bed;
    const entries = () =>
      [client, server].map(
        ({ task }) => spaceEntries(kernel, taskAt(kernel, task).itk_space).length,
      );
    const [clients, servers] = entries();
    kernel.start(client, [bed.names.send]);
    kernel.run({ cycles: LIMIT });
    // The name of the task, and the port's. The client has allocated one, too, where it waits for ever.
    expect(entries()).toEqual([clients! + 1 + (taskless ? 2 : 0), servers! + (taskless ? 0 : 2)]);
  });

  test("a service stack is needed: a call of the work's throws the kernel's away", async () => {
    const bed = await bedWith(taskless, WORK);
    const { kernel, client } = bed;
    kernel.start(client, [bed.names.send]);
    const thread = threadAt(kernel, client.thread);
    const isInCall = () => thread.inks_stack !== 0 && (thread.state & TH.TH_WAIT) !== 0;
    for (let i = 0; i < 1000 && !isInCall(); i++) kernel.run({ cycles: 500 });
    expect(isInCall()).toBe(true);
    expect(thread.task).toBe(taskless ? client.task : bed.server.task);
    const second = savedState.at(kernel.memory, thread.pcb + pcb.offset.kss);
    expect(second.r30 - (second.r30 % 16384)).toBe(thread.inks_stack);
    // It waits with a continuation and without a kernel stack; whatever lies there is not its own.
    expect(thread.kernel_stack).toBe(0);
    const junk = new Uint8Array(FRAME.KERNEL_STACK_SIZE).fill(0xa5);
    kernel.memory.copyIn(kernel.cpu.active_stack, junk);
    expect(kernel.run({ cycles: LIMIT })).toBe("idle");
    expect([readWords(bed, "results", 1)[0], readWords(bed, "done", 1)[0]]).toEqual([0, 1]);
  });

  test(`work that loops ${taskless ? "keeps the processor from everybody" : "leaves others their turns"}`, async () => {
    const bed = await bedWith(taskless, SPIN);
    const { kernel, client } = bed;
    kernel.start(client, [bed.names.send]);
    const other = kernel.load(
      await testClient("\tldi\t1,%r20\n\tkeep\t%r20\n"),
      "bystander",
      "user",
    );
    kernel.start(other, [0]);
    expect(kernel.run({ cycles: LIMIT })).toBe("limit");
    const { symbols } = bed.programs.client;
    const ran = kernel.copyin(other.task, symbols.get("done")!, 4)!.at(-1);
    expect(ran).toBe(Number(!taskless));
  });
});

test("a call gains next to nothing: two stores each way", async () => {
  const { rows } = await runTable({ table: serverTask.id, rows: ["null"] });
  const [moving, without] = rows.map(({ value }) => value);
  expect(without).toBeLessThan(moving!);
  expect((moving! - without!) / moving!).toBeLessThan(0.03);
});
