/**
 * U15: what a uthread says of a process is valid only during its call (paper, footnote 8): a
 * program that is being served is named on exactly one of the server's stacks, and nobody is when its
 * calls are over.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERVICE_STACK, uthread } from "../../../host/abi/uthread.ts";
import type { UnixMachine } from "../../../host/osf1/boot.ts";
import { haveCross, Programs } from "../../bare/cross.ts";
import { CONFIGURATIONS, runProgram } from "./run.ts";

const { SERVICE_STACK_SIZE, THREAD_STACKS, TRAP_STACKS, UTHREAD_OFFSET } = SERVICE_STACK;

/** Processes that the server's stacks name, by kind of stack. */
function named({ osf1 }: UnixMachine): { readonly traps: number[]; readonly threads: number[] } {
  const { memory, symbol } = osf1()!.server;
  const on = (stacks: string, count: number): number[] =>
    Array.from(
      { length: count },
      (_, i) => uthread.at(memory, symbol(stacks) + i * SERVICE_STACK_SIZE + UTHREAD_OFFSET).uu_pid,
    ).filter((pid) => pid !== 0);
  return {
    traps: on("service_stacks", TRAP_STACKS),
    threads: on("thread_stacks", THREAD_STACKS),
  };
}

describe.runIf(haveCross())("a uthread", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = new Programs();
    const source = join(import.meta.dirname, "programs", "children.c");
    await programs.compileFile(source, programs.path("children"));
  });
  afterAll(() => programs?.remove());

  test.each(CONFIGURATIONS)("names a process during its calls only: $name", async (way) => {
    const seen: ReturnType<typeof named>[] = [];
    const file = programs.path("children");
    const { machine } = await runProgram(file, way, ["2"], (_text, running) => {
      seen.push(named(running));
    });
    expect(seen.length).toBeGreaterThan(0);
    for (const { traps, threads } of seen)
      // Whoever writes; who started it waits in the server meanwhile.
      expect(way.calls === "trap" ? threads : traps).toEqual([]);
    const pids = seen.map(({ traps, threads }) => [...traps, ...threads]);
    expect(pids.every((all) => all.length > 0 && new Set(all).size === all.length)).toBe(true);
    expect(named(machine)).toEqual({ traps: [], threads: [] });
  });
});
