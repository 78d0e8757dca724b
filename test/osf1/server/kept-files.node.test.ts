/**
 * What the kernel keeps of files that nobody maps: a program's pages are there for the next who executes
 * it, and gone when the file is changed or has no name any more, in the paper's three configurations.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveCross, Programs } from "../../bare/cross.ts";
import { CONFIGURATIONS, runProgram } from "./run.ts";

describe.runIf(haveCross())("files in memory that nobody maps", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = new Programs();
    await programs.compileFile(
      join(import.meta.dirname, "programs", "again.c"),
      programs.path("again"),
    );
  });
  afterAll(() => programs?.remove());

  test.each(CONFIGURATIONS)("serve the next execution: $name", async (way) => {
    let last = { requests: 0, cycles: 0 };
    /** What came between a line and the one before. */
    const costs = new Map<string, typeof last>();
    const run = await runProgram(programs.path("again"), way, [], (text, { kernel, osf1 }) => {
      const { requests } = osf1()!.tasks.pager.counts;
      const now = { requests, cycles: kernel.machine.cycles };
      costs.set(text.split(":")[0]!, {
        requests: now.requests - last.requests,
        cycles: now.cycles - last.cycles,
      });
      last = now;
    });
    expect(run.transcript).toBe(
      ["first: 7", "second: 7", "third: 7", "changed: 7", "again: 7", "renamed: 1", "another: 7"]
        .concat(["another again: 7", "unlinked: 1", "status 0", ""])
        .join("\n"),
    );
    const of = (name: string) => costs.get(name)!;
    for (const name of ["changed", "another"]) expect(of(name).requests).toBeGreaterThan(0);
    for (const name of ["second", "third", "again", "another again"])
      expect(of(name).requests, name).toBe(0);
    expect(of("second").cycles).toBeLessThan(of("changed").cycles);
  });
});
