/**
 * Files larger than memory, mapped shared and private on a machine with little of it: what programs see and
 * what is in the files is what the oracle says, and in the end nothing is left of them in memory.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UnixMachine } from "../../../host/osf1/boot.ts";
import { haveCross, Programs } from "../../bare/cross.ts";
import { underQemu } from "../transcripts.ts";
import { holdings } from "./holdings.ts";
import { CONFIGURATIONS, runProgram } from "./run.ts";

/** 4 MB of it are the kernel's own, and 2 MB the server's, more than half of them its buffers. */
const small = { kernel: { machine: { memoryBytes: 9 * 2 ** 20 } } };

/** What no round must change; how many pages are free, mapped and in one entry, chance has decided. */
function held(machine: UnixMachine): Record<string, unknown> {
  const { freePages: _0, mapping: _1, entries: _2, problems: _3, ...rest } = holdings(machine);
  return rest;
}

describe.runIf(haveCross())("files larger than memory", () => {
  let programs: Programs;
  let expected: string;
  beforeAll(async () => {
    programs = new Programs();
    const source = join(import.meta.dirname, "programs", "pressing.c");
    await programs.compileFile(source, programs.path("pressing"));
    expected = await underQemu(programs.path("pressing"));
  });
  afterAll(() => programs?.remove());

  // In the kernel messages do what they do out of it.
  test.each([CONFIGURATIONS[0], CONFIGURATIONS[2]])("are what they are: $name", async (way) => {
    const found: Record<string, unknown>[] = [];
    const note = (text: string, machine: UnixMachine): void => {
      if (text === "done\n") found.push(held(machine));
    };
    const run = await runProgram(programs.path("pressing"), way, [], note, small);
    expect(run.transcript).toBe(expected);
    // A write of the file system's may be under way at one of them; what leaks grows at each.
    const texts = found.map((each) => JSON.stringify(each));
    expect(new Set(texts).size, texts.join("\n")).toBeLessThan(texts.length);
    const { kernel, osf1 } = run.machine;
    const { returned, errors } = osf1()!.tasks.pager.counts;
    expect(errors).toBe(0);
    expect(returned).toBeGreaterThan(100);
    expect(kernel.vm.counters.pageouts).toBeGreaterThan(1000);
  });
});
