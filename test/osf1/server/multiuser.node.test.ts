/**
 * Several users at once, for long (R0): the same server in and out of the kernel, no program that sees
 * anything wrong, and afterwards nothing left and nothing out of order, in the kernel or on the disk.
 * INKWELL_SECONDS=3600 works for an hour of the simulated clock. And the defect of the server's by
 * which a signal brings the system down ("certain signals"), with the kernel's hazard that it takes.
 */
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkDisk, type UnixMachine } from "../../../host/osf1/boot.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import type { HazardId } from "../../../host/mach/inks/hazards.ts";
import { runUnix, type UnixResult } from "../../../host/osf1/run.ts";
import { haveCross, Programs } from "../../bare/cross.ts";
import { CONFIGURATIONS, type Configuration } from "./run.ts";

const SECONDS = Number(process.env["INKWELL_SECONDS"]) || 6;
const USERS = 6;
const CLOCK = 67e6;
const own = (name: string): string => join(import.meta.dirname, "programs", `${name}.c`);
const files = (bytes: Uint8Array) => [
  { path: "program", content: { kind: "file", bytes }, permissions: 0o755 } as const,
  { path: "work", content: { kind: "directory" }, permissions: 0o755 } as const,
];

interface Ran extends Pick<UnixResult, "ending"> {
  readonly output: string;
  readonly errors: string;
  readonly machine: UnixMachine;
  readonly result: UnixResult;
}

async function run(
  file: string,
  way: Configuration,
  argv: readonly string[],
  more: { seconds: number; hazards?: readonly HazardId[]; isDefective?: boolean },
): Promise<Ran> {
  const printed = { 1: "", 2: "" };
  let machine: UnixMachine | undefined;
  const result = await runUnix({
    ...{ inKernel: way.inKernel, calls: way.calls, seed: 0 },
    files: files(readFileSync(file)),
    ...(more.hazards && { kernel: { hazards: more.hazards } }),
    ...(more.isDefective && { defects: ["stop-at-once"] }),
    ...{ program: "/program", arguments: ["/program", ...argv], environment: [] },
    ...{ directory: "/work", maxCycles: more.seconds * CLOCK },
    streams: {
      readInput: () => new Uint8Array(0),
      write: (stream, text) => (printed[stream] += Buffer.from(text).toString("latin1")),
    },
    observe: (booted) => {
      machine = booted;
    },
  });
  return {
    ...{ ending: result.ending, output: printed[1], errors: printed[2] },
    ...{ machine: machine!, result },
  };
}

const tasksOf = ({ machine }: Ran): number => machine.kernel.liveElements("task").length;
const EXITED = { kind: "ended", status: { kind: "exited", code: 0 } };

describe.runIf(haveCross())("the system", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = new Programs();
    for (const name of ["users", "stopped"])
      await programs.compileFile(own(name), programs.path(name));
  });
  afterAll(() => programs?.remove());

  test.each(CONFIGURATIONS)("serves many users at once: $name", async (way) => {
    const argv = [String(USERS), String(SECONDS)];
    const ran = await run(programs.path("users"), way, argv, { seconds: 2 * SECONDS + 60 });
    console.info(`${way.name}: ${ran.errors.trim()}`);
    expect(ran.output).toBe(`good ${USERS} of ${USERS}\nall worked\n`);
    expect(ran.ending).toEqual(EXITED);
    // What is under way when the machine stops nobody counts: as much as when nothing was done.
    const idle = await run(programs.path("users"), way, [String(USERS), "0"], { seconds: 60 });
    expect(idle.output).toBe(`good ${USERS} of ${USERS}\none did not\n`);
    const [problems, tasks] = [checkKernel(ran.machine.kernel), tasksOf(ran)];
    expect(problems.length).toBeLessThanOrEqual(checkKernel(idle.machine.kernel).length);
    expect(tasks).toBeLessThanOrEqual(tasksOf(idle));
    expect(ran.machine.osf1()!.unix.processes.size).toBeLessThanOrEqual(1);
    expect(checkDisk(ran.result.disk)?.mended).toEqual([]);
  });

  describe("with a signal that stops a process in its call", () => {
    const more = (hazards: readonly HazardId[]) => ({ seconds: 20, hazards, isDefective: true });
    const stopped = (way: Configuration, hazards: readonly HazardId[]) =>
      run(programs.path("stopped"), way, [], more(hazards));
    const GOOD = "made 8\n1\n";
    const [OUT, MESSAGE, TRAP] = CONFIGURATIONS;

    test("goes on where calls come by message: the thread that was stopped is not the server's", async () => {
      for (const way of [OUT, MESSAGE]) {
        const { output, ending } = await stopped(way, ["migrated-thread"]);
        expect([output, ending]).toEqual([GOOD, EXITED]);
      }
    });

    test("hangs where it has trapped, with what it has locked", async () => {
      const { output, ending } = await stopped(TRAP, ["migrated-thread"]);
      expect(output).toBe("");
      expect(["limit", "deadlock"]).toContain(ending.kind);
    });

    test("goes on there, too, in a kernel that stops threads when they are back", async () => {
      const { output, ending } = await stopped(TRAP, []);
      expect([output, ending]).toEqual([GOOD, EXITED]);
    });
  });
});
