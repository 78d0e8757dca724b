/**
 * The hand-rolled generic call: its layouts are the published ones, and its stubs run.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  GENERIC_CALL_ID,
  genericCallStubs,
  genericRecord,
  genericReply,
  genericRequest,
} from "../../host/kmig/generic-call.ts";
import { Workbench, crossTools } from "./support/cross.ts";

describe("the generic call", () => {
  test("has the published layout", () => {
    expect([GENERIC_CALL_ID, genericRequest.size, genericReply.size]).toEqual([100_000, 76, 44]);
    expect(Object.values(genericRequest.offset)).toEqual([0, 24, 28, 32, 36]);
    expect(Object.values(genericReply.offset)).toEqual([0, 24, 28, 36, 40]);
    expect(Object.values(genericRecord.offset)).toEqual([0, 4, 8, 16]);
  });

  test.skipIf(!crossTools)("does the same by message and by trap (U14)", () => {
    const bench = new Workbench();
    try {
      const { user, server } = genericCallStubs();
      const support = join(import.meta.dirname, "support");
      for (const name of ["generic.c", "round-trip.s"])
        bench.write(name, readFileSync(join(support, name), "utf8"));
      bench.write("user.s", user);
      bench.write("server.s", server);
      const words = ["generic_call", "generic_call_message"].map(
        (name) => `\t.globl\taddress_of_${name}\naddress_of_${name}:\n\t.word\t${name}\n`,
      );
      const record = "\t.globl\tinks_record\ninks_record:\n\t.word\tgeneric_inks_table\n";
      bench.write("words.s", `\t.data\n\t.align\t4\n${words.join("")}${record}`);
      const sources = ["generic.c", "user.s", "server.s", "words.s", "round-trip.s"];
      bench.run("hppa-linux-gnu-gcc", ["-O1", "-w", "-static", "-o", "program", ...sources]);
      expect(bench.run("qemu-hppa", ["./program"])).toBe("");
    } finally {
      bench.remove();
    }
  });
});
