/**
 * What processes that have come and gone leave in the host's memory: no object. Compiled code is not
 * counted, which is what a process seems to cost (some 8 KB of it) until all of it is compiled.
 * INKWELL_RUNS=1000 makes a thousand.
 */
import { join } from "node:path";
import { queryObjects } from "node:v8";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveCross, Programs } from "../../bare/cross.ts";
import { CONFIGURATIONS, runProgram } from "./run.ts";

const COUNT = Number(process.env["INKWELL_RUNS"]) || 60;
/** What is made for the first time only, and the test's own. */
const FIRST = Math.floor(COUNT / 3);

describe.runIf(haveCross())("the host's memory", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = new Programs();
    const source = join(import.meta.dirname, "programs", "children.c");
    await programs.compileFile(source, programs.path("children"));
  });
  afterAll(() => programs?.remove());

  test("has nothing of processes that are gone", async () => {
    const found: number[] = [];
    const [, , traps] = CONFIGURATIONS;
    await runProgram(programs.path("children"), traps, [String(COUNT)], (text) => {
      if (text === `${FIRST}\n` || text === `${COUNT - 1}\n`)
        found.push(queryObjects(Object, { format: "count" }));
    });
    const [before = 0, after = Infinity] = found;
    // Less than one for each process.
    expect(after - before).toBeLessThan(COUNT - FIRST - 1);
  });
});
