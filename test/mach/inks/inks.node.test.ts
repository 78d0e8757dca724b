/**
 * In-kernel servers as the paper describes them (§2.2, §2.3, §3.3): lookup by port, service stack, task
 * identity, restoration, fallback. The row ids are those of the project's list of the paper's claims.
 */
import { describe, expect, test } from "vitest";
import { pcb, savedState } from "../../../host/abi/hp700.ts";
import { KERN_RETURN, MACH_MSG_RETURN, MACH_TRAP, MIG_RETURN } from "../../../host/abi/mach.ts";
import { CONFIGURATIONS, INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed, type RpcBed } from "../../../host/bench/rpc/bed.ts";
import { ipc_entry_lookup } from "../../../host/mach/ipc/entry.ts";
import { LIST_LINKS, queueElements } from "../../../host/mach/kern/queue.ts";
import { taskThreads } from "../../../host/mach/kern/task-reference.ts";
import { entryAt, taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { testClient, testServer } from "./programs.ts";

const { MACH_SEND_INTERRUPTED, MACH_SEND_INVALID_DEST } = MACH_MSG_RETURN;
const LIMIT = 5_000_000;

interface Setup {
  readonly client: string;
  readonly server?: Readonly<Record<string, string>>;
  readonly configuration?: (typeof CONFIGURATIONS)[number];
  readonly queueCheck?: boolean;
  readonly inks?: boolean;
}

async function runClient({
  client,
  server,
  configuration = INKS_TRAP,
  ...kernel
}: Setup): Promise<RpcBed> {
  const programs = { client: await testClient(client), server: await testServer(server) };
  const bed = await rpcBed(configuration, { programs, kernel });
  bed.kernel.start(bed.client, [bed.names.send]);
  expect(bed.kernel.run({ cycles: LIMIT })).toBe("idle");
  expect(readWords(bed, "done", 1)[0]).toBe(1);
  return bed;
}

/** The first results, as signed words. */
const results = (bed: RpcBed, count: number): number[] =>
  Array.from(readWords(bed, "results", count), (word) => word | 0);
const signed = (code: number): number => code | 0;

/** Every routine of rpc.defs with distinguishable arguments; the same client text in every run. */
const EVERY_ROUTINE = `
	copy	%r3,%arg0
	bl	rpc_null,%rp
	nop
	keep	%r28
	copy	%r3,%arg0
	ldi	40,%arg1
	ldi	2,%arg2
	ldo	-8(%r7),%arg3
	ldil	L%buffer,%arg3
	bl	rpc_add,%rp
	ldo	R%buffer(%arg3),%arg3
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
	copy	%r3,%arg0
	ldi	1,%arg1
	ldi	10,%arg2
	ldi	100,%arg3
	ldi	1000,%r19
	stw	%r19,-52(%sp)
	ldi	2000,%r19
	stw	%r19,-56(%sp)
	ldi	3000,%r19
	stw	%r19,-60(%sp)
	ldil	L%buffer,%r19
	ldo	R%buffer(%r19),%r19
	bl	rpc_ints,%rp
	stw	%r19,-64(%sp)
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
	ldi	77,%r20
	stw	%r20,R%buffer(%r19)
	copy	%r3,%arg0
	bl	rpc_echo,%rp
	ldo	R%buffer(%r19),%arg1
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
	copy	%r3,%arg0
	ldi	23,%arg1
	ldil	L%buffer,%arg2
	bl	rpc_fail,%rp
	ldo	R%buffer(%arg2),%arg2
	keep	%r28
	copy	%r3,%arg0
	ldi	99,%arg1
	bl	rpc_notify,%rp
	nop
	keep	%r28
`;
const EVERY_RESULT = [0, 0, 42, 0, 6111, 0, 77, 23, 0];

describe("transparency (C6, G6)", () => {
  test("one client image gives the same results wherever the server is (C3, U8)", async () => {
    for (const configuration of [UNOPTIMIZED, INKS_TRAP]) {
      const bed = await runClient({ client: EVERY_ROUTINE, configuration, inks: true });
      expect(results(bed, EVERY_RESULT.length)).toEqual(EVERY_RESULT);
      expect(readWords(bed, "rpc_notified", 1, "server")[0]).toBe(99);
    }
  });

  test("message stubs work with old and new kernels and with both placements", async () => {
    const client = EVERY_ROUTINE.replace(/\bbl\trpc_(?!notify)(\w+)/g, "bl\trpc_$1_message");
    for (const configuration of CONFIGURATIONS) {
      const bed = await runClient({ client, configuration, inks: configuration.kernel.inks });
      expect(results(bed, EVERY_RESULT.length)).toEqual(EVERY_RESULT);
    }
  });

  test("the loaded server is the same bytes in and out (C1)", async () => {
    const [out, inside] = await Promise.all(
      [UNOPTIMIZED, INKS_TRAP].map((configuration) => rpcBed(configuration)),
    );
    for (const { address, bytes } of out!.programs.server.segments)
      expect(out!.kernel.copyin(out!.server.task, address, bytes.length)).toEqual(
        inside!.kernel.copyin(inside!.server.task, address, bytes.length),
      );
  });
});

describe("registration (D3, U11)", () => {
  test("is the server's first call, and tells it where copyin and copyout are", async () => {
    const bed = await rpcBed(INKS_TRAP);
    const { kernel, server } = bed;
    const ss = savedState.at(kernel.memory, threadAt(kernel, server.thread).pcb + pcb.offset.kss);
    while (ss.r22 === 0) kernel.run({ cycles: 1 });
    expect(ss.r22 | 0).toBe(signed(MACH_TRAP.TRAP_INKS_REGISTER));
    kernel.run({ cycles: LIMIT });
    expect(readWords(bed, "rpc_server_registered", 1, "server")[0]).toBe(0);
    expect(Array.from(readWords(bed, "inks_copyin", 2, "server"))).toEqual([
      kernel.symbol("inks_copyin"),
      kernel.symbol("inks_copyout"),
    ]);
  });

  test("fails out of the kernel, and the server serves all the same", async () => {
    const bed = await runClient({ client: EVERY_ROUTINE, configuration: UNOPTIMIZED, inks: true });
    expect(readWords(bed, "rpc_server_registered", 1, "server")[0]).toBe(KERN_RETURN.KERN_FAILURE);
  });
});

describe("lookup (D4, D5, D8, U5)", () => {
  const call = (number: string, name: string) => `
	${name}
	raw	${number}
	keep	%r28
`;
  test("finds the stub by send right, task and number; anything else asks for a message", async () => {
    const bed = await runClient({
      client: [
        call("9000", "copy %r3,%arg0"), // the routine
        call("9000", "ldi 0x1700,%arg0"), // no such name
        call("9000", "ldi 0,%arg0"), // MACH_PORT_NULL
        call("9012", "copy %r3,%arg0"), // beyond the range
        call("8999", "copy %r3,%arg0"), // before it
        call("9008", "copy %r3,%arg0"), // one way: not trappable
        call("9010", "copy %r3,%arg0"), // skipped
        "\tbl\tmach_reply_port,%rp\n\tnop\n",
        call("9000", "copy %r28,%arg0"), // a receive right, and of another task
      ].join(""),
    });
    expect(results(bed, 8)).toEqual([0, ...Array(7).fill(signed(MACH_SEND_INTERRUPTED))]);
  });

  test("a client without a send right gets what a message would get", async () => {
    const bed = await runClient({
      client: `
	ldi	0x1700,%arg0
	bl	rpc_null,%rp
	nop
	keep	%r28
`,
    });
    expect(results(bed, 1)).toEqual([signed(MACH_SEND_INVALID_DEST)]);
  });

  test("an unknown number in a message is MIG's to refuse", () => {
    expect(signed(MIG_RETURN.MIG_BAD_ID)).toBe(-303);
  });
});

test("two servers may register the same numbers; the port decides (D9)", async () => {
  const image = await testServer(
    {
      server_rpc_add:
        "\tsub\t%arg1,%arg2,%r19\n\tstw\t%r19,0(%arg3)\n\tbv\t%r0(%rp)\n\tldi\t0,%r28",
    },
    0x20008000,
  );
  const client = await testClient(
    ["%r3", "%r4", "%r3"]
      .map(
        (port) => `
	copy	${port},%arg0
	ldi	40,%arg1
	ldi	2,%arg2
	ldil	L%buffer,%arg3
	bl	rpc_add,%rp
	ldo	R%buffer(%arg3),%arg3
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
`,
      )
      .join(""),
  );
  const bed = await rpcBed(INKS_TRAP, { programs: { client, server: await testServer() } });
  const { kernel } = bed;
  const other = kernel.load(image, "second server", "kernel");
  const { connect } = await import("../../../host/bench/rpc/bed.ts");
  const names = connect(kernel, other.task, bed.client.task);
  kernel.start(other, [names.receive]);
  kernel.start(bed.client, [bed.names.send, names.send]);
  expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  expect(results(bed, 3)).toEqual([42, 38, 42]);
});

/** Returns mach_task_self() and, through the Out argument, mach_thread_self(), as the server sees them. */
const WHO_AM_I = {
  server_rpc_add: `
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	stw	%r4,-60(%sp)
	copy	%arg3,%r3
	bl	mach_task_self,%rp
	nop
	copy	%r28,%r4
	bl	mach_thread_self,%rp
	nop
	stw	%r28,0(%r3)
	ldil	L%rpc_notified,%r19
	stw	%r4,R%rpc_notified(%r19)
	ldi	0,%r28
	ldw	-84(%sp),%rp
	ldw	-60(%sp),%r4
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3`,
};
const ASK = `
	copy	%r3,%arg0
	ldil	L%buffer,%arg3
	bl	rpc_add,%rp
	ldo	R%buffer(%arg3),%arg3
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
`;

describe("identity (D1, D6, D10, U9)", () => {
  test("in the server the task is the server's and the thread the client's own", async () => {
    const bed = await runClient({ client: ASK, server: WHO_AM_I });
    const { kernel, server, client } = bed;
    const space = taskAt(kernel, server.task).itk_space;
    const objectOf = (name: number) =>
      entryAt(kernel, ipc_entry_lookup(kernel, space, name)).ie_object;
    const [code, threadName] = results(bed, 2);
    const [taskName] = readWords(bed, "rpc_notified", 1, "server");
    expect(code).toBe(0);
    expect(objectOf(taskName!)).toBe(taskAt(kernel, server.task).itk_self);
    expect(objectOf(threadName!)).toBe(threadAt(kernel, client.thread).ith_self);
  });

  test("the server is a distinct task on the kernel's map; nobody's list of threads changes", async () => {
    const { kernel, server, client } = await runClient({ client: ASK, server: WHO_AM_I });
    expect(taskAt(kernel, server.task).map).toBe(kernel.kernelMap);
    expect(taskAt(kernel, client.task).map).not.toBe(kernel.kernelMap);
    const threads = (task: number) =>
      queueElements(kernel.memory, taskThreads(kernel, task), LIST_LINKS);
    expect(threads(client.task)).toEqual([client.thread]);
    expect(threads(server.task)).toEqual([server.thread]);
  });
});

describe("return (U7, U10, U12)", () => {
  test("task, stacks and saved states are as before the call", async () => {
    const { kernel, server, client } = await runClient({ client: EVERY_ROUTINE });
    const thread = threadAt(kernel, client.thread);
    expect([thread.task, thread.inks_task, thread.inks_stack]).toEqual([client.task, 0, 0]);
    expect(savedState.at(kernel.memory, thread.pcb + pcb.offset.kss).flags).toBe(0);
    const record = kernel.inksServer(server.task);
    const free: number[] = [];
    for (
      let stack = record!.stack_free;
      stack !== 0;
      stack = word(kernel.copyin(server.task, stack + 4, 4)!)
    )
      free.push(stack);
    expect(free).toHaveLength(record!.stack_count);
    for (const stack of free) expect(stack % 16384).toBe(0);
  });

  test("the client's callee-saved registers survive trap and fallback", async () => {
    const registers = Array.from({ length: 10 }, (_, i) => i + 9);
    const bed = await runClient({
      client: `
${registers.map((r) => `\tldi\t${r * 7},%r${r}`).join("\n")}
	copy	%r3,%arg0
	bl	rpc_null,%rp
	nop
	ldi	0x1700,%arg0
	bl	rpc_null,%rp
	nop
${registers.map((r) => `\tkeep\t%r${r}`).join("\n")}
`,
    });
    expect(results(bed, registers.length)).toEqual(registers.map((r) => r * 7));
  });

  test("bad pointers are KERN_INVALID_ADDRESS, and the next call works", async () => {
    const bed = await runClient({
      client: `
	copy	%r3,%arg0
	ldil	L%0x30000000,%arg1
	bl	rpc_in64,%rp
	nop
	keep	%r28
	copy	%r3,%arg0
	ldil	L%_start,%arg1
	bl	rpc_out1024,%rp
	ldo	R%_start(%arg1),%arg1
	keep	%r28
	copy	%r3,%arg0
	bl	rpc_null,%rp
	nop
	keep	%r28
`,
    });
    const { KERN_INVALID_ADDRESS } = KERN_RETURN;
    expect(results(bed, 3)).toEqual([KERN_INVALID_ADDRESS, KERN_INVALID_ADDRESS, 0]);
  });
});

describe("a server with messages waiting (§3.4.5, X13)", () => {
  // The first message goes to the waiting server thread, the second stays in the port's queue.
  const notify = (n: number): string =>
    `\tcopy\t%r3,%arg0\n\tldi\t${n},%arg1\n\tbl\trpc_notify,%rp\n\tnop\n`;
  const client = `${notify(1)}${notify(2)}
	copy	%r3,%arg0
	raw	9000
	keep	%r28
	copy	%r3,%arg0
	bl	rpc_null,%rp
	nop
	keep	%r28
`;
  test.each([
    [true, signed(MACH_SEND_INTERRUPTED)],
    [false, 0],
  ])("queue check %s", async (queueCheck, expected) => {
    const bed = await runClient({ client, queueCheck });
    expect(results(bed, 2)).toEqual([expected, 0]);
  });

  /** Two one-way messages, then a call that returns which message was the last to be served. */
  const overtaking = `${notify(1)}${notify(2)}
	copy	%r3,%arg0
	ldil	L%buffer,%arg3
	bl	rpc_add,%rp
	ldo	R%buffer(%arg3),%arg3
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
`;
  const server = {
    server_rpc_add: `
	ldil	L%rpc_notified,%r19
	ldw	R%rpc_notified(%r19),%r20
	stw	%r20,0(%arg3)
	bv	%r0(%rp)
	ldi	0,%r28`,
  };
  test.each([
    ["overtakes them", false, 0],
    ["is served behind them, by a message", true, 2],
  ])("a client that traps %s", async (_what, queueCheck, served) => {
    const bed = await runClient({ client: overtaking, server, queueCheck });
    expect(results(bed, 2)).toEqual([0, served]);
    expect(bed.kernel.inksServer(bed.server.task)!.calls).toBe(queueCheck ? 0 : 1);
  });
});

const word = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
