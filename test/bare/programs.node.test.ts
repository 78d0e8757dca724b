/**
 * Whole C programs against `qemu-hppa`: what they write and how they end must be the same. Each
 * exercises one side of a C library or of the personality; see the head of each source.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveCross, haveFloatingPoint, Programs, runOurs, runQemu } from "./cross.ts";

const NAMES = [
  "allocation",
  "arguments",
  "atomics",
  "files",
  "floats",
  "hello",
  "input",
  "integers",
  "jumps",
  "memory",
  "printing",
  "signals",
  "sorting",
  "strings",
  "system",
  "time",
  "traps",
  "varargs",
];

const ready = haveCross() && (await haveFloatingPoint());

/** Files for the programs that read some. */
function makeTree(root: string): void {
  const numbers = Array.from({ length: 500 }, (_, i) => `${i + 1}\n`).join("");
  mkdirSync(`${root}/folder`, { recursive: true });
  writeFileSync(`${root}/text`, "first line\nsecond line\nlast without end");
  writeFileSync(`${root}/numbers`, numbers);
  writeFileSync(`${root}/folder/inner`, "inner\n");
  symlinkSync("text", `${root}/link`);
  symlinkSync("loop", `${root}/loop`);
  symlinkSync("nowhere", `${root}/dangling`);
}

describe.runIf(ready)("C programs", () => {
  let programs: Programs;
  let root: string;
  beforeAll(async () => {
    programs = new Programs();
    root = programs.path("tree");
    makeTree(root);
    await programs.compile(NAMES);
  });
  afterAll(() => programs?.remove());

  const given = () => ({
    arguments: ["one", "two three", "", "é"].map((text) => Buffer.from(text).toString("latin1")),
    environment: { HOME: "/nowhere", LANG: "C", EMPTY: "" },
    input: Uint8Array.from({ length: 100_003 }, (_, i) => (i * i + (i >> 7)) & 0xff),
    root,
  });

  test.each(NAMES)("%s", async (name) => {
    const file = programs.path(name);
    const ours = await runOurs(file, given());
    const theirs = runQemu(file, { ...given(), arguments: ["one", "two three", "", "é"] });
    const { stdout, status } = ours;
    // When a program traps, the oracle writes its registers to standard error.
    const stderr = theirs.stderr.includes("Failing executable") ? theirs.stderr : ours.stderr;
    expect({ stdout, stderr, status }).toEqual(theirs);
  });

  test.each(["-O0", "-O3"])("the same at %s", async (level) => {
    for (const name of ["integers", "varargs", "floats"]) {
      const file = programs.path(`${name}${level}`);
      await programs.compileOne(name, file, [level]);
      const { stdout, status } = await runOurs(file);
      const theirs = runQemu(file);
      expect({ name, stdout, status }).toEqual({
        name,
        stdout: theirs.stdout,
        status: theirs.status,
      });
    }
  });

  test("the same cycles twice, and other random bytes with another seed", async () => {
    const file = programs.path("signals");
    const first = await runOurs(file);
    const again = await runOurs(file);
    expect(again.result).toEqual(first.result);
    expect(again.stdout).toBe(first.stdout);
    const { result } = await runOurs(programs.path("hello"), {}, { seed: 2 });
    expect(result.ending).toEqual({ kind: "exit", status: 0 });
  });
});
