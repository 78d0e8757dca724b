/** Table 5 and footnote 6: a server's calls to the kernel, run whole. */
import { expect, test } from "vitest";
import { checkTables, runExperiment } from "../../host/bench/experiment.ts";
import { ownStack } from "../../host/bench/experiments/own-stack.ts";
import { measureKernelCalls } from "../../host/bench/kernel-calls/measure.ts";
import { table5 } from "../../host/bench/table5.ts";

test("every call takes the same cycles, all executed, and no slow path", async () => {
  const rows = await runExperiment(table5, { iterations: 30 });
  for (const { value, earned, declared, detail } of rows) {
    expect(declared).toBe(0);
    expect(detail["maximum"]! - detail["minimum"]!).toBeLessThanOrEqual(3);
    expect(earned).toBe(detail["cycles"]);
    expect(value).toBeCloseTo(earned / 67, 10);
  }
  expect(await runExperiment(table5, { iterations: 60 })).toMatchObject(
    rows.map(({ row, column, value }) => ({ row, column, value })),
  );
});

test("the paper's sentences hold (K7, K10, R14)", async () => {
  const measured = await Promise.all(
    [table5, ownStack].map(async (experiment) => ({
      experiment,
      rows: await runExperiment(experiment, { iterations: 5 }),
    })),
  );
  const claims = checkTables(measured);
  expect(claims.map(({ id, holds }) => [id, holds])).toEqual([
    ["lighter-call", true],
    ["kernel-calls-gain-little", true],
    ["own-stack", true],
    ["kernel-call-ratios", true],
  ]);
});

test("a call on the server's own stack is the light one's subset out of the kernel", async () => {
  const user = { server: "user", kernel: { inks: true } } as const;
  const own = { server: "user", kernel: { inks: true, ownStack: true } } as const;
  const cycles = async (place: typeof user | typeof own) =>
    (await measureKernelCalls(place, { iterations: 4 })).map(({ detail }) => detail["cycles"]!);
  const [plain, prototype] = [await cycles(user), await cycles(own)];
  // A user's call is the same but for a few tests on its way.
  prototype.forEach((value, i) => expect(Math.abs(value - plain[i]!)).toBeLessThan(20));
});
