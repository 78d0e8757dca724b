/** Every scenario on the slow paths: return codes, received words, who waits, invariants, leaks. */
import { describe, expect, test } from "vitest";
import { runSlow } from "./slow-driver.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const words = (values: readonly (number | undefined)[]): string =>
  values.map((value) => (value === undefined ? "*" : (value >>> 0).toString(16))).join(" ");

describe("scenarios on the slow path", () => {
  test("have names of their own", () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    "%s",
    (_name, scenario) => {
      const outcome = runSlow(scenario);
      for (const { name, threads } of scenario.tasks)
        threads.forEach(({ steps }, i) => {
          const who = `${name}.${i}`;
          const results = outcome.results[who]!;
          const waits = steps.at(-1)?.waits ? 1 : 0;
          steps.slice(0, steps.length - waits).forEach((step, n) => {
            const got = results[n];
            expect(got && `${who} step ${n}: ${words([got.code])}`).toBe(
              `${who} step ${n}: ${words([step.code])}`,
            );
            const masked = (step.expect?.words ?? []).map((w, at) =>
              w === undefined ? undefined : got!.words[at],
            );
            expect(`${who} step ${n}: ${words(masked)}`).toBe(
              `${who} step ${n}: ${words(step.expect?.words ?? [])}`,
            );
          });
          expect(results.length).toBe(steps.length - waits);
        });
      expect(outcome.problems).toEqual([]);
      expect(outcome.leaks).toEqual({});
    },
  );
});
