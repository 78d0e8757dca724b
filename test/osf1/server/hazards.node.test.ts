/**
 * The Unix server does what OSF/1's did (paper §3.2): as it boots it deallocates page zero of its address
 * space, and it forks the first process's task off its own, which never touches what it inherits; and
 * exit ends the task whose thread runs it (§3.4.5). Inside a kernel without the remedies each of them is
 * the paper's failure; out of the kernel, and with the remedies, none is one.
 */
import { describe, expect, test } from "vitest";
import { bootSystem } from "../../../host/mach/boot/system.ts";
import type { HazardId } from "../../../host/mach/inks/hazards.ts";
import { KernelPanic } from "../../../host/mach/panic.ts";
import { sessionServer } from "../../../host/osf1/session.ts";
import { inkwell } from "../../support/inkwell.ts";

const LINES = ["echo one", "exit"];

/** Types two lines to a shell: whether the system went down as it should, stayed, or panicked. */
async function session(inKernel: boolean, hazards: readonly HazardId[]) {
  const calls = inKernel ? "trap" : "message";
  const unix = await sessionServer({ files: [], shell: "/bin/sh", calls, seed: 0 });
  const { kernel, console } = await bootSystem({
    servers: new Map([["osf1", unix.file]]),
    defaultServer: "osf1",
    disk: unix.disk,
    answers: { server: "osf1", inKernel },
    kernel: { hazards, stamps: hazards.includes("page-zero") },
  });
  let output = "";
  console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
  const left = [...LINES];
  try {
    for (let turns = 0; turns < 40 && unix.osf1()?.unix.isDown !== true; turns++) {
      kernel.run({ cycles: 20_000_000 });
      const next = console.isRead ? left.shift() : undefined;
      if (next !== undefined) console.type(new TextEncoder().encode(`${next}\n`));
    }
  } catch (error) {
    if (!(error instanceof KernelPanic)) throw error;
    return { output, panic: error.message.split("\n")[0]! };
  }
  return { output, isDown: unix.osf1()?.unix.isDown === true };
}

describe("the Unix server", () => {
  test.each([
    [false, []],
    [true, []],
    [false, ["page-zero", "map-fork", "exit-self"]],
  ] as const)(
    "in the kernel: %j, hazards %j: comes up, serves, and goes",
    async (where, hazards) => {
      const { output, isDown } = await session(where, hazards);
      expect(output).toContain("one\r\n");
      expect(isDown).toBe(true);
    },
  );

  test("takes the kernel's page zero, which an instrumented kernel misses (K3)", async () => {
    const { panic } = await session(true, ["page-zero"]);
    expect(panic).toMatch(/^kernel panic: data page fault \(15\) at 00000000\.00000[0-9a-f]{3}$/);
  });

  test("cannot fork the first process while submaps are in the way (K4)", async () => {
    const { output, panic } = await session(true, ["map-fork"]);
    expect([output, panic]).toEqual(["", "kernel panic: vm_map_fork: encountered a submap"]);
  });

  test("is cut off in exit by the thread's end, and never comes down (X11)", async () => {
    const { output, isDown } = await session(true, ["exit-self"]);
    expect(output).toContain("one\r\n");
    expect(isDown).toBe(false);
  });
});

test("the command brings a hazard back, and says which there are", async () => {
  const args = ["boot", "--server", "osf1", "--in-kernel", "--hazard", "map-fork", "--json"];
  const { status, stdout } = await inkwell(args);
  const { ending, report, command } = JSON.parse(stdout) as Record<string, string>;
  expect([status, ending]).toEqual([1, "panic"]);
  expect(report).toMatch(/^kernel panic: vm_map_fork: encountered a submap\npc /);
  expect(command).toBe("inkwell boot --server osf1 --in-kernel --hazard map-fork");
  const wrong = await inkwell(["boot", "--hazard", "page-one"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toMatch(/^inkwell: .*'page-one' is invalid\. expected exit-self, migrated-/);
  const limit = ["--max-cycles", "300000000"];
  const cut = await inkwell(["exec", "--own", ...limit, "--hazard", "exit-self", "echo", "one"]);
  expect([cut.status, cut.stdout]).toEqual([124, "one\n"]);
});
