/**
 * Servers that call servers (paper §3.4.5, §7): an in-kernel server's trap to another needs no saved
 * state of its own, for what the first needs lies on the second's stack (X12, F7).
 */
import { expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { connect, readWords, rpcBed, type RpcBed } from "../../../host/bench/rpc/bed.ts";
import { freeStacks } from "../../../host/mach/inks/register.ts";
import type { KernelOptions } from "../../../host/mach/kernel.ts";
import { threadAt } from "../../../host/mach/kern/views.ts";
import { testClient, testServer } from "./programs.ts";

const LIMIT = 20_000_000;
const APART = 0x80000;

/** Asks the next server, whose port the test puts into rpc_notified, and adds 1000. */
const askNext = (stub: string) => ({
  server_rpc_add: `
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg3,%r3
	ldil	L%rpc_notified,%r19
	ldw	R%rpc_notified(%r19),%arg0
	bl	${stub},%rp
	copy	%r3,%arg3
	ldw	0(%r3),%r19
	ldo	1000(%r19),%r19
	stw	%r19,0(%r3)
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3`,
});

/** Three calls; results: code, sum, cycles of each. */
const client = (stub: string) =>
  Array.from(
    { length: 3 },
    () => `
	copy	%r3,%arg0
	ldi	40,%arg1
	ldi	2,%arg2
	ldil	L%buffer,%arg3
	ldo	R%buffer(%arg3),%arg3
	mfctl	%cr16,%r9
	bl	${stub},%rp
	nop
	mfctl	%cr16,%r10
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
	sub	%r10,%r9,%r9
	keep	%r9
`,
  ).join("");

interface Chain {
  readonly depth: number;
  readonly configuration?: typeof INKS_TRAP;
  readonly stub?: string;
  readonly kernel?: KernelOptions;
}

/** A client of the first of `depth` servers, each of which asks the next; the last one adds. */
async function runChain({
  depth,
  configuration = INKS_TRAP,
  stub = "rpc_add",
  kernel: options = {},
}: Chain) {
  const image = (i: number) =>
    testServer(i + 1 < depth ? askNext(stub) : {}, MEMORY_MAP.SERVER_BASE + i * APART);
  const programs = { client: await testClient(client(stub)), server: await image(0) };
  const bed = await rpcBed(configuration, { programs, kernel: options });
  const { kernel } = bed;
  const servers = [bed.server];
  let before = { program: bed.server, image: programs.server };
  for (let i = 1; i < depth; i++) {
    const next = await image(i);
    const program = kernel.load(next, `server ${i}`, configuration.server);
    const { receive, send } = connect(kernel, program.task, before.program.task);
    const name = new Uint8Array(4);
    new DataView(name.buffer).setUint32(0, send);
    kernel.writeTask(before.program.task, before.image.symbols.get("rpc_notified")!, name);
    kernel.start(program, [receive]);
    servers.push(program);
    before = { program, image: next };
  }
  kernel.run({ cycles: LIMIT });
  kernel.start(bed.client, [bed.names.send]);
  expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  const words = readWords(bed, "results", 9);
  const calls = [0, 3, 6].map((i) => ({
    code: words[i]!,
    sum: words[i + 1]!,
    cycles: words[i + 2]!,
  }));
  return { bed, servers, calls };
}

const free = ({ kernel }: RpcBed, task: number) => {
  const record = kernel.inksServer(task)!;
  return { free: freeStacks(kernel, task, record.stack_free), all: record.stack_count };
};

test.each([
  ["as the paper has it", {}],
  ["on the server's own stack", { ownStack: true }],
])("five servers deep, %s (X12)", async (_name, kernel) => {
  const { bed, servers, calls } = await runChain({ depth: 5, kernel });
  for (const { code, sum } of calls) expect([code, sum]).toEqual([0, 4042]);
  for (const { task } of servers) {
    const { free: left, all } = free(bed, task);
    expect(left).toBe(all);
    expect(bed.kernel.inksServer(task)!.calls).toBe(3);
  }
  const thread = threadAt(bed.kernel, bed.client.thread);
  expect([thread.task, thread.inks_task, thread.inks_stack]).toEqual([bed.client.task, 0, 0]);
});

test("the same by message, out of the kernel", async () => {
  const { calls } = await runChain({
    depth: 3,
    configuration: UNOPTIMIZED,
    stub: "rpc_add_message",
  });
  for (const { code, sum } of calls) expect([code, sum]).toEqual([0, 2042]);
});

test("more servers gain more (F7)", async () => {
  const last = async (depth: number, configuration: typeof INKS_TRAP, stub: string) =>
    (await runChain({ depth, configuration, stub })).calls[2]!.cycles;
  const gain = async (depth: number) =>
    (await last(depth, UNOPTIMIZED, "rpc_add_message")) - (await last(depth, INKS_TRAP, "rpc_add"));
  const [one, three] = [await gain(1), await gain(3)];
  expect(three).toBeGreaterThan(2.5 * one);
});
