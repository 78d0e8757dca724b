/** A server that breaks its own rules inside the kernel panics it (paper §5); the host lives (F1). */
import { expect, test } from "vitest";
import { INTERRUPTION } from "../../../host/abi/pa.ts";
import { INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { rpcBed } from "../../../host/bench/rpc/bed.ts";
import { GuestStopped } from "../../../host/mach/fault.ts";
import { KernelPanic } from "../../../host/mach/panic.ts";
import { testClient, testServer } from "./programs.ts";

const CALL = "\tcopy\t%r3,%arg0\n\tbl\trpc_null,%rp\n\tnop\n\tkeep\t%r28\n";
const LIMIT = 5_000_000;

async function panicOf(body: string, client = CALL, configuration = INKS_TRAP) {
  const programs = {
    client: await testClient(client),
    server: await testServer({ server_rpc_null: body }),
  };
  const bed = await rpcBed(configuration, { programs });
  bed.kernel.start(bed.client, [bed.names.send]);
  try {
    bed.kernel.run({ cycles: LIMIT });
  } catch (error) {
    return { bed, error: error as KernelPanic };
  }
  throw new Error("the guest did not stop");
}

const names = ({ state }: KernelPanic) => state.callers!.map((line) => line.replace(/\+0x.*/, ""));

test("a wild write is a panic, with the calls from the client to it", async () => {
  const { bed, error } = await panicOf(
    "\tldil\tL%0x30000000,%r19\n\tstw\t%r0,0(%r19)\n\tbv\t%r0(%rp)\n\tnop",
  );
  expect(error).toBeInstanceOf(KernelPanic);
  expect(error.message).toMatch(/^kernel panic: data page fault \(15\) at 00000000\.30000000$/m);
  expect(names(error)).toEqual(["_Trpc_null", "-- trap 9000 to a server --", "rpc_null", "_start"]);
  // The machine is as it was left, and a new one boots.
  expect(bed.kernel.machine.cycles).toBe(error.state.cycles);
  expect((await rpcBed(INKS_TRAP)).kernel.run({ cycles: LIMIT })).toBe("idle");
});

test.each([
  [
    "a jump to nowhere",
    "\tldil\tL%0x30000000,%r19\n\tbv\t%r0(%r19)\n\tnop",
    INTERRUPTION.I_ITLB_MISS,
  ],
  ["no instruction", "\tescape\t3\n", INTERRUPTION.I_ILLEGAL],
  ["a breakpoint", "\tbreak\t0,0\n", INTERRUPTION.I_BREAK],
  ["an odd address", "\tldi\t3,%r19\n\tldw\t0(%r19),%r20\n", INTERRUPTION.I_DATA_PROTECTION],
])("%s", async (_name, body, interruption) => {
  const { error } = await panicOf(body);
  expect(error).toBeInstanceOf(KernelPanic);
  expect(error.state.interruption).toBe(interruption);
});

test("through the kernel's own routine: a bad pointer in a system call's frame is seen from both", async () => {
  const { error } = await panicOf(`
	ldil	L%inks_copyin,%r21
	ldw	R%inks_copyin(%r21),%r21
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	ldil	L%0x40000000,%arg0
	ldil	L%0x30000000,%arg1
	ldi	64,%arg2
	ble	0(%sr4,%r21)
	copy	%r31,%rp
	break	0,0
`);
  // The fault has a recovery address; copyin returns, and only the breakpoint stops the server.
  expect(error.state.interruption).toBe(INTERRUPTION.I_BREAK);
});

test("the same write out of the kernel stops a user's program, and nothing is the kernel's (F1)", async () => {
  const { bed, error } = await panicOf(
    "\tldil\tL%0x30000000,%r19\n\tstw\t%r0,0(%r19)\n\tbv\t%r0(%rp)\n\tnop",
    CALL.replace("rpc_null", "rpc_null_message"),
    UNOPTIMIZED,
  );
  expect(error).toBeInstanceOf(GuestStopped);
  expect(error).not.toBeInstanceOf(KernelPanic);
  expect(error.state.pc.space).toBe(bed.kernel.spaceOf(bed.server.task));
});

test("a server in the kernel can write over the kernel; one outside cannot (F1)", async () => {
  const body =
    "\tldi\t0x700,%r19\n\tldi\t77,%r20\n\tstw\t%r20,0(%r19)\n\tbv\t%r0(%rp)\n\tldi\t0,%r28";
  const programs = {
    client: await testClient(CALL),
    server: await testServer({ server_rpc_null: body }),
  };
  const inside = await rpcBed(INKS_TRAP, { programs });
  inside.kernel.start(inside.client, [inside.names.send]);
  expect(inside.kernel.run({ cycles: LIMIT })).toBe("idle");
  expect(inside.kernel.memory.read32(0x700)).toBe(77);
  const outside = await panicOf(body, CALL.replace("rpc_null", "rpc_null_message"), UNOPTIMIZED);
  expect(outside.bed.kernel.memory.read32(0x700)).toBe(0);
});
