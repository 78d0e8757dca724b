/** Guest programs that loop or fault: the run ends with the reason, the place and the registers. */
import { expect, test } from "vitest";
import { INTERRUPTION } from "../../host/abi/pa.ts";
import { INKS_TRAP, UNOPTIMIZED } from "../../host/bench/configurations.ts";
import { rpcBed } from "../../host/bench/rpc/bed.ts";
import { formatGuestState, GuestStopped } from "../../host/mach/fault.ts";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { testClient, testServer } from "./inks/programs.ts";

async function run(body: string, server: Readonly<Record<string, string>> = {}) {
  const programs = { client: await testClient(body), server: await testServer(server) };
  const { kernel, client, names } = await rpcBed(INKS_TRAP, { programs });
  kernel.start(client, [names.send]);
  return { kernel, end: () => kernel.run({ cycles: 200_000 }) };
}

async function stopped(
  body: string,
  server?: Readonly<Record<string, string>>,
): Promise<GuestStopped> {
  const { end } = await run(body, server);
  try {
    end();
  } catch (error) {
    if (error instanceof GuestStopped) return error;
    throw error;
  }
  throw new Error("the guest was not stopped");
}

test("a loop is stopped at the limit, and the report says where", async () => {
  const { kernel, end } = await run(
    "\tldi\t77,%r9\n\t.globl\tforever\nforever:\n\tb\tforever\n\tnop\n",
  );
  expect(end()).toBe("limit");
  const state = kernel.guestState();
  expect(state.symbol).toMatch(/^forever(\+0x4)?$/);
  expect(state.registers[9]).toBe(77);
  expect(formatGuestState(state)).toMatch(
    /^guest stopped: cycle limit reached after \d+ cycles\npc 0000000\d\.000100\w\w forever/,
  );
});

test("a wild read in user mode", async () => {
  const error = await stopped(
    "\tldil\tL%0x30000000,%r9\n\t.globl\twild\nwild:\n\tldw\t4(%r9),%r10\n",
  );
  expect(error.state).toMatchObject({
    interruption: INTERRUPTION.I_DTLB_MISS,
    symbol: "wild",
    data: { offset: 0x30000004 },
  });
  expect(error.message).toContain("data page fault (15)");
});

test.each([
  ["a write to text", "ldil L%_start,%r9\n\tstw %r0,0(%r9)", INTERRUPTION.I_DATA_PROTECTION],
  ["an unaligned word", "ldil L%results,%r9\n\tldw 1(%r9),%r10", INTERRUPTION.I_DATA_PROTECTION],
  ["a privileged operation", "rfi", INTERRUPTION.I_PRIVILEGED_OPERATION],
  ["a privileged register", "mtctl %r0,%cr14", INTERRUPTION.I_PRIVILEGED_REGISTER],
  ["an escape that nobody registered", "escape 3", INTERRUPTION.I_ILLEGAL],
  ["a jump to nowhere", "ldil L%0x30000000,%r9\n\tbv %r0(%r9)\n\tnop", INTERRUPTION.I_ITLB_MISS],
  ["a kernel address", "ldil L%0xc0000000,%r9\n\tldw 0(%r9),%r10", INTERRUPTION.I_DATA_PROTECTION],
])("%s", async (_name, body, interruption) => {
  expect((await stopped(`\t${body}\n`)).state.interruption).toBe(interruption);
});

test("a server in the kernel that faults is reported where it did", async () => {
  const error = await stopped("\tcopy\t%r3,%arg0\n\tbl\trpc_null,%rp\n\tnop\n", {
    server_rpc_null: "\tldil\tL%0x30000000,%r19\n\tstw\t%r0,0(%r19)\n\tbv\t%r0(%rp)\n\tnop",
  });
  expect(error.state).toMatchObject({
    interruption: INTERRUPTION.I_DTLB_MISS,
    symbol: "server_rpc_null+0x4",
    pc: { space: 0 },
  });
});

test("an image over memory in use is refused, and nothing is loaded (L1)", async () => {
  const { kernel, programs } = await rpcBed(UNOPTIMIZED);
  const zones = kernel.liveElements("mapping").length;
  const load = () => kernel.load(programs.client, "client", "kernel");
  expect(load).toThrow(DiagnosticError);
  expect(load).toThrow("client: load address is in use: text at 0x10000");
  expect(kernel.liveElements("mapping")).toHaveLength(zones);
});
