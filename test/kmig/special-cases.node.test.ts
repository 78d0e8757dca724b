/**
 * Stubs off the beaten path: bad messages, failing sends and copies, arguments with a special part.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type KmigOptions, kmig } from "../../host/kmig/kmig.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include } from "./support/definitions.ts";

/** The words that a server fills after registration, here with C's copies. */
const WORDS = `\t.data\n\t.align\t4\n\t.globl\tinks_copyin\ninks_copyin:\n\t.word\tc_copyin
\t.globl\tinks_copyout\ninks_copyout:\n\t.word\tc_copyout
\t.globl\tMACH_SEND_TIMEOUT\n\t.set\tMACH_SEND_TIMEOUT,0x10
\t.weak\tc_copyin\n\t.weak\tc_copyout\n`;

/** Stubs and a C program around them, run; what it prints is wrong. */
function run(file: string, program: string, options: KmigOptions): string {
  const output = kmig(definition(file), { include, ...options });
  const bench = new Workbench();
  try {
    bench.write("program.c", readFileSync(join(import.meta.dirname, "support", program), "utf8"));
    bench.write("words.s", WORDS);
    const sources = ["program.c", "words.s"];
    for (const part of ["user", "server", "trapServer"] as const) {
      // What the program does not call needs no libmach.
      if (part === "user" && program === "kernel-rights.c") continue;
      bench.write(`${part}.s`, output[part]);
      sources.push(`${part}.s`);
    }
    bench.run("hppa-linux-gnu-gcc", ["-O1", "-w", "-static", "-o", "program", ...sources]);
    return bench.run("qemu-hppa", ["./program"]);
  } finally {
    bench.remove();
  }
}

describe.skipIf(!crossTools)("stubs under qemu-hppa", () => {
  test.for(["word", "bcopy"] as const)("answer faults as MIG does, copies by %s", (structCopy) => {
    expect(run("test/kmig/good/faults.defs", "faults.c", { structCopy })).toBe("");
  });

  test("do the special arguments: options, times, reply ports, results", () => {
    expect(run("test/kmig/good/statements.defs", "special.c", {})).toBe("");
  });

  test("send the rights of the header that the caller chooses", () => {
    expect(run("test/kmig/good/ports.defs", "ports.c", {})).toBe("");
  });

  test("work inside the kernel, translations and rights included", () => {
    expect(run("test/kmig/good/kernel.defs", "kernel.c", {})).toBe("");
  });

  test("look for rights that lead back, translate and destroy what is no word", () => {
    expect(run("test/kmig/good/kernel-rights.defs", "kernel-rights.c", {})).toBe("");
  });
});
