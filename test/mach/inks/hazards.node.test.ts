/**
 * The hazards that the paper reports, each with its switch: the damage with it on, none with it off.
 * Calling through the wrong port is in tables.node.test.ts.
 */
import { describe, expect, test } from "vitest";
import { TH } from "../../../host/abi/kernel.ts";
import { MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { INKS_TRAP } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed, type RpcBed } from "../../../host/bench/rpc/bed.ts";
import { HAZARDS, type HazardId } from "../../../host/mach/inks/hazards.ts";
import { freeStacks } from "../../../host/mach/inks/register.ts";
import { ipc_entry_lookup } from "../../../host/mach/ipc/entry.ts";
import { ipc_port_copyout_send } from "../../../host/mach/ipc/object-copy.ts";
import { ipc_port_copy_send, ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { thread_resume, thread_suspend } from "../../../host/mach/kern/suspend.ts";
import { thread_abort, thread_terminate } from "../../../host/mach/kern/thread.ts";
import { entryAt, taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { RECEIVE_5_MS, testClient, testServer } from "./programs.ts";

const LIMIT = 20_000_000;
const CALL = "\tcopy\t%r3,%arg0\n\tbl\trpc_null,%rp\n\tnop\n\tkeep\t%r28\n";

async function bedWith(work: string, hazards: readonly HazardId[]): Promise<RpcBed> {
  const programs = {
    client: await testClient(CALL),
    server: await testServer({ server_rpc_null: work }),
  };
  const bed = await rpcBed(INKS_TRAP, { programs, kernel: { hazards } });
  bed.kernel.run({ cycles: LIMIT });
  return bed;
}

/** The server's lock: 1 while somebody has it. */
const lockOf = (bed: RpcBed) => readWords(bed, "rpc_notified", 1, "server")[0];
const done = (bed: RpcBed) => readWords(bed, "done", 1)[0];
const lives = ({ kernel, client }: RpcBed) => kernel.liveElements("thread").includes(client.thread);
const allStacks = ({ kernel, server }: RpcBed) => {
  const { stack_free, stack_count } = kernel.inksServer(server.task)!;
  return freeStacks(kernel, server.task, stack_free) === stack_count;
};

test("every hazard is in one table, with what it breaks and what is done instead", () => {
  expect(HAZARDS.map(({ id }) => id)).toEqual([
    "exit-self",
    "migrated-thread",
    "wrong-port",
    "no-preemption",
    "page-zero",
    "map-fork",
  ]);
  for (const { where, damage, fixed } of HAZARDS)
    expect([where, damage, fixed].every((text) => text.length > 3)).toBe(true);
});

/** Takes the lock, ends the task whose port the test puts into rpc_server_registered, lets it go. */
const EXIT = `
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	ldi	1,%r20
	ldil	L%rpc_notified,%r19
	stw	%r20,R%rpc_notified(%r19)
	ldil	L%rpc_server_registered,%r19
	bl	task_terminate,%rp
	ldw	R%rpc_server_registered(%r19),%arg0
	ldil	L%rpc_notified,%r19
	stw	%r0,R%rpc_notified(%r19)
	ldw	-84(%sp),%rp
	ldi	0,%r28
	bv	%r0(%rp)
	ldo	-64(%sp),%sp`;

describe("exit ends the thread that runs it (X11)", () => {
  const exit = async (hazards: readonly HazardId[]) => {
    const bed = await bedWith(EXIT, hazards);
    const { kernel, server, client } = bed;
    const right = ipc_port_copy_send(kernel, taskAt(kernel, client.task).itk_sself);
    const name = new Uint8Array(4);
    new DataView(name.buffer).setUint32(
      0,
      ipc_port_copyout_send(kernel, taskAt(kernel, server.task).itk_space, right),
    );
    const at = bed.programs.server.symbols.get("rpc_server_registered")!;
    kernel.writeTask(server.task, at, name);
    kernel.start(client, [bed.names.send]);
    expect(kernel.run({ cycles: LIMIT })).toBe("idle");
    expect(lives(bed)).toBe(false);
    expect(allStacks(bed)).toBe(true);
    return lockOf(bed);
  };
  test("with the hazard the server's code is cut off, its lock held for ever", async () => {
    expect(await exit(["exit-self"])).toBe(1);
  });
  test("without it the server finishes first", async () => {
    expect(await exit([])).toBe(0);
  });
});

/** Takes the lock, waits 5 ms for a message that never comes, keeps the code, lets the lock go. */
const WAIT = `
	stw	%rp,-20(%sp)
	ldo	192(%sp),%sp
	ldi	1,%r20
	ldil	L%rpc_notified,%r19
	stw	%r20,R%rpc_notified(%r19)
	bl	mach_reply_port,%rp
	nop
	stw	%r28,-52(%sp)
${RECEIVE_5_MS}
	ldil	L%rpc_server_registered,%r19
	stw	%r28,R%rpc_server_registered(%r19)
	ldil	L%rpc_notified,%r19
	stw	%r0,R%rpc_notified(%r19)
	ldw	-212(%sp),%rp
	ldi	0,%r28
	bv	%r0(%rp)
	ldo	-192(%sp),%sp`;

describe("a migrated thread can be meddled with (X2)", () => {
  /** The client's thread waits in the server, with the lock. */
  const waiting = async (hazards: readonly HazardId[]) => {
    const bed = await bedWith(WAIT, hazards);
    const { kernel, client } = bed;
    kernel.start(client, [bed.names.send]);
    const thread = threadAt(kernel, client.thread);
    for (let i = 0; thread.inks_stack === 0 || (thread.state & TH.TH_WAIT) === 0; i++) {
      expect(i).toBeLessThan(1000);
      kernel.run({ cycles: 500 });
    }
    expect(lockOf(bed)).toBe(1);
    return bed;
  };
  const code = (bed: RpcBed) => readWords(bed, "rpc_server_registered", 1, "server")[0];
  const { MACH_RCV_INTERRUPTED, MACH_RCV_TIMED_OUT } = MACH_MSG_RETURN;

  test.each([
    [["migrated-thread"], 1],
    [[], 0],
  ] as const)("terminated there, hazards %j: lock %i", async (hazards, lock) => {
    const bed = await waiting(hazards);
    thread_terminate(bed.kernel, bed.client.thread);
    bed.kernel.run({ cycles: LIMIT });
    expect([lockOf(bed), lives(bed), allStacks(bed)]).toEqual([lock, false, true]);
  });

  test.each([
    [["migrated-thread"], MACH_RCV_INTERRUPTED],
    [[], MACH_RCV_TIMED_OUT],
  ] as const)("aborted there, hazards %j", async (hazards, expected) => {
    const bed = await waiting(hazards);
    thread_abort(bed.kernel, bed.client.thread);
    bed.kernel.run({ cycles: LIMIT });
    expect([code(bed), done(bed)]).toEqual([expected, 1]);
  });

  test.each([
    [["migrated-thread"], 1],
    [[], 0],
  ] as const)("suspended there, hazards %j: lock %i", async (hazards, lock) => {
    const bed = await waiting(hazards);
    thread_suspend(bed.kernel, bed.client.thread);
    bed.kernel.run({ cycles: LIMIT });
    expect([lockOf(bed), done(bed)]).toEqual([lock, 0]);
    thread_resume(bed.kernel, bed.client.thread);
    bed.kernel.run({ cycles: LIMIT });
    expect([lockOf(bed), done(bed)]).toEqual([0, 1]);
  });
});

describe("a server that spins (K5)", () => {
  const SPIN = `
	ldil	L%rpc_notified,%r19
spin:
	ldw	R%rpc_notified(%r19),%r20
	comib,=	0,%r20,spin
	nop
	bv	%r0(%rp)
	ldi	0,%r28`;
  /** Another client's message makes the server's own thread set the word. */
  const spin = async (hazards: readonly HazardId[]) => {
    const bed = await bedWith(SPIN, hazards);
    const { kernel, server } = bed;
    const notifier = await testClient(
      "\tcopy\t%r3,%arg0\n\tldi\t99,%arg1\n\tbl\trpc_notify,%rp\n\tnop\n\tkeep\t%r28\n",
    );
    const other = kernel.load(notifier, "second client", "user");
    const space = taskAt(kernel, server.task).itk_space;
    const port = entryAt(kernel, ipc_entry_lookup(kernel, space, bed.names.receive)).ie_object;
    const right = ipc_port_make_send(kernel, port);
    const send = ipc_port_copyout_send(kernel, taskAt(kernel, other.task).itk_space, right);
    kernel.start(bed.client, [bed.names.send]);
    kernel.start(other, [send]);
    return { outcome: kernel.run({ cycles: LIMIT }), bed };
  };
  test("without preemption it keeps the processor for ever", async () => {
    const { outcome, bed } = await spin(["no-preemption"]);
    expect([outcome, done(bed)]).toEqual(["limit", 0]);
  });
  test("with it the others run, and the loop ends", async () => {
    const { outcome, bed } = await spin([]);
    expect([outcome, done(bed)]).toEqual(["idle", 1]);
  });
});
