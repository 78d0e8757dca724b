/**
 * Real programs of Debian source packages on the simulated Unix (C5): busybox's shell and tools, bzip2, Lua,
 * sqlite, with the server out of the kernel, in it, and trapped to, against `qemu-hppa`. Only with
 * INKWELL_SOURCES (sources.ts): building them takes minutes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveCross } from "../../bare/cross.ts";
import { atConsole, SESSION } from "./console.ts";
import { BZIP2, LUA, SHELL, SQLITE } from "./jobs.ts";
import { type Names, onUnix, underOracle } from "./run.ts";
import { buildPrograms, haveRealSources } from "./sources.ts";

const CONFIGURATIONS = [
  { inKernel: false, calls: "message" },
  { inKernel: true, calls: "message" },
  { inKernel: true, calls: "trap" },
] as const;

describe.runIf(haveRealSources() && haveCross())("real programs", () => {
  let folder: string;
  let names: Names;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "inkwell-real-programs-"));
    names = buildPrograms(folder);
  }, 1_800_000);
  afterAll(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  test.each([...SHELL, ...LUA, ...BZIP2, ...SQLITE])("$name", async ({ script }) => {
    const expected = underOracle(names, script);
    expect(expected).toMatch(/status 0\n$/);
    for (const configuration of CONFIGURATIONS)
      expect(await onUnix(names, script, configuration)).toBe(expected);
  });

  test.each([CONFIGURATIONS[0], CONFIGURATIONS[2]])(
    "busybox's shell on the console: $calls",
    async (configuration) => {
      const shown = await atConsole(names, [...SESSION, { line: "exit 3\n" }], configuration);
      const session = SESSION.map(({ shows }) => `/ # ${shows}`).join("");
      expect(shown).toBe(`${session}/ # exit 3\n`);
    },
  );
});
