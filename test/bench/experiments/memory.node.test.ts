/** What a server's place costs in memory (X14), and what the paper says of it. */
import { expect, test } from "vitest";
import { checkClaims, runExperiment } from "../../../host/bench/experiment.ts";
import { memory } from "../../../host/bench/experiments/memory.ts";

test("of the kernel's addresses in it only; of real memory what calls need, stacks by trap only", async () => {
  const rows = await runExperiment(memory);
  const cells = (row: string) => rows.filter((cell) => cell.row === row).map(({ value }) => value);
  const [out, message, trap] = cells("kernel-space");
  expect([out, trap]).toEqual([0, message]);
  expect(message).toBeGreaterThan(16); // more than the stacks of 16 KB that are there for trapping clients
  expect(cells("idle")).toEqual([0, 0, 0]);
  for (const [i, called] of cells("called").entries()) {
    expect(called).toBeGreaterThan(cells("stacks")[i]!);
    expect(called).toBeLessThan(message!);
  }
  const claims = checkClaims(memory, rows);
  expect(claims.map(({ id, holds }) => [id, holds])).toEqual([
    ["memory-physical", true],
    ["memory-virtual", true],
    ["memory-stacks", true],
  ]);
});
