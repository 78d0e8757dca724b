/**
 * Every scenario on the machine, hot and slow: both must leave what the slow path alone leaves, in
 * the calls' results and in everything that tasks can see of the kernel.
 */
import { describe, expect, test } from "vitest";
import { canRunInKernel, runOnMachine } from "./machine-driver.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { runSlow } from "./slow-driver.ts";

describe.each([
  ["hot", { hotPath: true, inks: true }],
  ["hot, without INKS", { hotPath: true, inks: false }],
  ["slow", { hotPath: false, inks: true }],
] as const)("scenarios on the machine, %s", (_name, options) => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    "%s",
    async (_scenario, scenario) => {
      const expected = runSlow(scenario);
      const { results, waiting, state, problems, leaks } = await runOnMachine(scenario, options);
      expect(problems).toEqual([]);
      for (const [who, list] of Object.entries(results))
        if (list.length > 0) expect({ who, list }).toEqual({ who, list: expected.results[who] });
      expect(waiting).toEqual(expected.waiting);
      expect(state).toEqual(expected.state);
      expect(leaks).toEqual({});
    },
  );
});

/** A server in the kernel calls from privilege 0: its own entry, exit and saved state (paper §3.2). */
const withServer = SCENARIOS.flatMap((scenario) => {
  const server = scenario.tasks.find(({ name }) => name === "server");
  return server && canRunInKernel(server) ? [[scenario.name, scenario] as const] : [];
});

describe.each([
  ["hot", { hotPath: true }],
  ["hot, on its own stack", { hotPath: true, ownStack: true }],
  ["slow", { hotPath: false }],
] as const)("scenarios with the server in the kernel, %s", (_name, options) => {
  test.each(withServer)("%s", async (_scenario, scenario) => {
    const expected = runSlow(scenario);
    const outcome = await runOnMachine(scenario, { ...options, inks: true, inKernel: "server" });
    expect(outcome.problems).toEqual([]);
    for (const [who, list] of Object.entries(outcome.results))
      if (list.length > 0) expect({ who, list }).toEqual({ who, list: expected.results[who] });
    expect(outcome.waiting).toEqual(expected.waiting);
    expect(outcome.state).toEqual(expected.state);
    expect(outcome.leaks).toEqual({});
  });
});

test.each(["rpc, the server waits first", "a server waits at a set for two clients"])(
  "the hot path is taken: %s",
  async (name) => {
    const scenario = SCENARIOS.find((each) => each.name === name)!;
    const hot = await runOnMachine(scenario, { hotPath: true });
    const slow = await runOnMachine(scenario, { hotPath: false });
    expect(hot.slowCalls).toBeLessThan(slow.slowCalls);
  },
);
