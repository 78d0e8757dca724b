/**
 * Programs of the kinds that benchmarks are made of (test/bare/suite), compiled at every level: the compiler's
 * whole output assembled here, run on this machine, against GNU's assembler and `qemu-hppa`, output for
 * output. `INKWELL_SOURCES=FOLDER` adds what apt-get source unpacked there (sources.ts says which).
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { writeObject } from "../../host/asm/elf/write-object.ts";
import { haveCross, Programs, runOurs, runQemu } from "./cross.ts";
import { haveSources, PACKAGES, packageSources } from "./sources.ts";

const GCC = "hppa-linux-gnu-gcc";
const SUITE = join(import.meta.dirname, "suite");
const FILES = readdirSync(SUITE).filter((name) => name.endsWith(".c"));

/** Compiles a file to text, assembles that here, and leaves an object; returns its path. */
function object(
  programs: Programs,
  file: string,
  name: string,
  options: readonly string[],
): string {
  const text = programs.path(`${name}.s`);
  execFileSync(GCC, ["-S", "-w", "-std=gnu11", ...options, "-o", text, file]);
  const bytes = writeObject(assemble({ file: `${name}.s`, text: readFileSync(text, "utf8") }));
  const output = programs.path(`${name}.o`);
  writeFileSync(output, bytes);
  return output;
}

function linked(programs: Programs, objects: readonly string[], name: string): string {
  const output = programs.path(name);
  execFileSync(GCC, ["-static", "-o", output, ...objects, "-lm"]);
  return output;
}

describe.runIf(haveCross())("a suite of programs", () => {
  let programs: Programs;
  let expected: ReturnType<typeof runQemu>;
  beforeAll(() => {
    programs = new Programs();
    const files = FILES.map((name) => join(SUITE, name));
    execFileSync(GCC, ["-O1", "-w", "-std=gnu11", "-static", "-o", programs.path("gnu"), ...files, "-lm"]); // prettier-ignore
    expected = runQemu(programs.path("gnu"));
    expect(expected).toMatchObject({ status: 9, stderr: "" });
    expect(expected.stdout).toMatch(/digest: ba7816bff20015ad right\n.*done\n$/s);
  });
  afterAll(() => programs?.remove());

  test.each(["-O0", "-O1", "-O2", "-O3"])("%s, assembled here", async (level) => {
    const objects = FILES.map((name) => object(programs, join(SUITE, name), `${name}${level}`, [level])); // prettier-ignore
    const { stdout, status } = await runOurs(linked(programs, objects, `ours${level}`));
    expect({ stdout, status }).toEqual({ stdout: expected.stdout, status: expected.status });
  });
});

describe.runIf(haveCross() && haveSources())("sources of Debian packages", () => {
  let programs: Programs;
  beforeAll(() => {
    programs = new Programs();
  });
  afterAll(() => programs?.remove());

  test.each(PACKAGES)("$name $level", { timeout: 300_000 }, async (wanted) => {
    const { name, level, given } = wanted;
    const { files, options } = packageSources(wanted);
    for (const [header, text] of Object.entries(wanted.headers ?? {}))
      writeFileSync(programs.path(header), text);
    const flags = [level, `-I${programs.directory}`, ...options];
    const gnu = programs.path(`${name}-gnu`);
    execFileSync(GCC, ["-static", "-w", "-std=gnu11", ...flags, "-o", gnu, ...files, "-lm"]);
    const objects = files.map((file, i) => object(programs, file, `${name}-${i}`, flags));
    const ours = linked(programs, objects, name);
    for (const run of given) {
      const theirs = runQemu(gnu, run);
      const { stdout, status } = await runOurs(ours, run);
      expect({ stdout, status }).toEqual({ stdout: theirs.stdout, status: theirs.status });
      expect(theirs.status).toBe(0);
    }
  });
});
