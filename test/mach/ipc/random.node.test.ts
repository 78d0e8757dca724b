/**
 * Random programs, run by the slow paths alone and on the machine with its hot path: nobody may be
 * able to tell the two apart, by results or by what the kernel holds afterwards.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { runOnMachine } from "./machine-driver.ts";
import { randomScenario } from "./random-scenario.ts";
import { runSlow, type Outcome } from "./slow-driver.ts";
import { seeded } from "../../support/seed.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 40);

/** What a run showed, as far as the other run got: a thread that waits shows nothing of its last call. */
function shown({ results }: Pick<Outcome, "results">, lengths: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(results).map(([who, list]) => [who, list.slice(0, lengths[who])]),
  );
}

test(`${RUNS} random programs run hot as they run slow`, async () => {
  let [calls, slowCalls] = [0, 0];
  await fc.assert(
    fc.asyncProperty(randomScenario, async (scenario) => {
      const slow = runSlow(scenario);
      expect(slow.problems).toEqual([]);
      expect(slow.leaks).toEqual({});
      const hot = await runOnMachine(scenario, { hotPath: true });
      const lengths = Object.fromEntries(
        Object.entries(slow.results).map(([who, list]) => [who, list.length]),
      );
      expect(shown(hot, lengths)).toEqual(slow.results);
      expect(hot.waiting).toEqual(slow.waiting);
      expect(hot.state).toEqual(slow.state);
      expect(hot.problems).toEqual([]);
      expect(hot.leaks).toEqual({});
      calls += Object.values(lengths).reduce((sum, length) => sum + length, 0);
      slowCalls += hot.slowCalls;
    }),
    { numRuns: RUNS, ...seeded() },
  );
  // The hot path did its part of the work.
  expect(slowCalls).toBeLessThan(calls);
});
