/** `inkwell table 3` and `inkwell start`: what they print, and that runs repeat to the cycle. */
import { expect, test } from "vitest";
import type { TableResult } from "../../host/bench/request.ts";
import { inkwell } from "../support/inkwell.ts";

test("--json is the stable object, and two runs are identical", async () => {
  const args = ["table", "3", "--config", "INKS_TRAP", "--json"];
  const [first, second] = await Promise.all([inkwell(args), inkwell(args)]);
  expect(first.status).toBe(0);
  expect(second.stdout).toBe(first.stdout);
  const result = JSON.parse(first.stdout) as TableResult;
  expect(Object.keys(result)).toEqual([
    ...["version", "command", "seed", "config", "table", "rows", "claims"],
  ]);
  expect(result.command).toBe("inkwell table 3 --config INKS_TRAP");
  expect(result.config.configurations.map(({ name }) => name)).toEqual(["INKS_TRAP"]);
  expect(result.rows).toHaveLength(5);
  // The whole path is executed: not one declared cycle is allowed here.
  expect(result.rows.filter(({ declared }) => declared > 0)).toEqual([]);
});

test("start measures all three configurations and says what to try next", async () => {
  const { status, stdout } = await inkwell(["start"]);
  expect(status).toBe(0);
  for (const text of ["Null RPC", "128 InOut", "Unoptimized", "INKS Trap", "Try next:"])
    expect(stdout).toContain(text);
});
