/**
 * Two ways to have a server's work done by a thread (X1): the client's own moves into the server, as the
 * paper chose; or the server's thread takes over and hands back, which is what a message does, in the same
 * kernel with the same server inside.
 */
import { describe, expect, test } from "vitest";
import { INKS_MESSAGE, INKS_TRAP } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { testClient, testServer } from "./programs.ts";

const CALLS = 4;
const LIMIT = 5_000_000;

/** Calls with everything warm: switches of threads and cycles of one call. */
async function calls(stub: string) {
  const call = `\tcopy\t%r3,%arg0\n\tbl\t${stub},%rp\n\tnop\n\tkeep\t%r28\n\tmfctl\t%cr16,%r20\n\tkeep\t%r20\n`;
  const programs = { client: await testClient(call.repeat(CALLS)), server: await testServer() };
  const bed = await rpcBed(stub === "rpc_null" ? INKS_TRAP : INKS_MESSAGE, { programs });
  const { kernel } = bed;
  kernel.run({ cycles: LIMIT });
  const before = kernel.cpu.stack_handoffs;
  kernel.start(bed.client, [bed.names.send]);
  kernel.run({ cycles: LIMIT });
  const words = Array.from(readWords(bed, "results", 2 * CALLS));
  expect(words.filter((_, i) => i % 2 === 0)).toEqual(Array.from({ length: CALLS }, () => 0));
  const times = words.filter((_, i) => i % 2 === 1);
  return {
    handoffs: kernel.cpu.stack_handoffs - before,
    cycles: times.at(-1)! - times.at(-2)!,
  };
}

describe("a server in the kernel", () => {
  test("a thread that moves needs no other; one that sends hands over twice, and costs more", async () => {
    const moving = await calls("rpc_null");
    const switching = await calls("rpc_null_message");
    expect(moving.handoffs).toBe(0);
    expect(switching.handoffs).toBe(2 * CALLS);
    expect(switching.cycles).toBeGreaterThan(2 * moving.cycles);
  });
});
