/**
 * Stubs when things go wrong: bad messages, failing sends, failing copies, on both sides.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kmig } from "../../host/kmig/kmig.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include } from "./support/definitions.ts";

/** The words that a server fills after registration, here with C's copies. */
const WORDS = `\t.data\n\t.align\t4\n\t.globl\tinks_copyin\ninks_copyin:\n\t.word\tc_copyin
\t.globl\tinks_copyout\ninks_copyout:\n\t.word\tc_copyout\n`;

describe.skipIf(!crossTools)("faults", () => {
  test.for(["word", "bcopy"] as const)("are answered as MIG does, copies by %s", (structCopy) => {
    const output = kmig(definition("test/kmig/good/faults.defs"), { include, structCopy });
    const bench = new Workbench();
    try {
      const program = join(import.meta.dirname, "support/faults.c");
      bench.write("faults.c", readFileSync(program, "utf8"));
      bench.write("words.s", WORDS);
      for (const part of ["user", "server", "trapServer"] as const)
        bench.write(`${part}.s`, output[part]);
      const sources = ["faults.c", "words.s", "user.s", "server.s", "trapServer.s"];
      bench.run("hppa-linux-gnu-gcc", ["-O1", "-w", "-static", "-o", "faults", ...sources]);
      expect(bench.run("qemu-hppa", ["./faults"])).toBe("");
    } finally {
      bench.remove();
    }
  });
});
