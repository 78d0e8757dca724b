/**
 * Processes of compiled C programs by the hundred, in the paper's three configurations: what they leave
 * behind in the kernel, in the server and in the host (nothing), and more of them waiting inside the
 * server than it has stacks for. INKWELL_RUNS=1000 makes a thousand.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveCross, Programs } from "../../bare/cross.ts";
import { holdings } from "./holdings.ts";
import { CONFIGURATIONS, runProgram } from "./run.ts";

const COUNT = Number(process.env["INKWELL_RUNS"]) || 24;
const own = (name: string): string => join(import.meta.dirname, "programs", `${name}.c`);

describe.runIf(haveCross())("processes", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = new Programs();
    for (const name of ["children", "faults", "readers"])
      await programs.compileFile(own(name), programs.path(name));
  });
  afterAll(() => programs?.remove());

  test.each(CONFIGURATIONS)("that fork, execute and wait leave nothing: $name", async (way) => {
    const found: Record<string, unknown>[] = [];
    const file = programs.path("children");
    const run = await runProgram(file, way, [String(COUNT)], (text, machine) => {
      if (text === "7\n" || text === `${COUNT - 1}\n`) found.push(holdings(machine));
    });
    expect(run.transcript).toContain(`good ${COUNT}\n`);
    expect(found).toHaveLength(2);
    expect(found[1]).toEqual(found[0]);
  });

  test.each(CONFIGURATIONS)("wait in greater numbers than there are stacks: $name", async (way) => {
    const run = await runProgram(programs.path("readers"), way);
    expect(run.transcript).toBe("killed 20, sum 400\nstatus 0\n");
  });

  test.each(CONFIGURATIONS)("are told of faults, and interrupted anywhere: $name", async (way) => {
    const run = await runProgram(programs.path("faults"), way);
    const fault = "signal 11, code 2, at 0x8\n"; // SEGV_ACCERR: the page at 0 is there
    expect(run.transcript).toBe(`${fault}${fault}wrong 0\n1\nstatus 0\n`);
    expect(run.calls.exceptions).toBe(2);
  });
});
