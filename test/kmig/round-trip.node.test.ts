/**
 * Stubs that run: what a caller gets through any stub is what the work function would give directly.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crossTools } from "./support/cross.ts";
import { definition, include, rpcDefs } from "./support/definitions.ts";
import { randomDefinition } from "./support/random-interface.ts";
import { runRoundTrip } from "./support/round-trip.ts";

const SEED = 19930628;

describe.skipIf(!crossTools)("round trips under qemu-hppa", () => {
  describe.for(["word", "byte", "bcopy"] as const)("struct copies by %s", (structCopy) => {
    test.for([rpcDefs.file, "test/kmig/good/fixed.defs", "test/kmig/good/varying.defs"])(
      "%s",
      (file) => {
        const options = { include, structCopy };
        expect(runRoundTrip(definition(file), options, { seed: SEED, calls: 40 })).toBe("");
      },
    );
  });

  test.for(["test/kmig/good/complex.defs", "test/kmig/good/odd.defs"])("%s", (file) => {
    const options = { include };
    expect(runRoundTrip(definition(file), options, { seed: SEED, calls: 60 })).toBe("");
  });

  test.for([rpcDefs.file, "test/kmig/good/fixed.defs", "test/kmig/good/varying.defs"])(
    "copies suppressed in trap stubs: %s",
    (file) => {
      const options = { include, suppressCopies: true };
      expect(runRoundTrip(definition(file), options, { seed: SEED, calls: 40 })).toBe("");
    },
  );

  test("random interfaces", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        randomDefinition(12),
        fc.constantFrom("word", "byte", "bcopy"),
        fc.boolean(),
        (text, structCopy, suppressCopies) => {
          const options = { include, structCopy, suppressCopies };
          const source = { file: "random.defs", text };
          expect(runRoundTrip(source, options, { seed: SEED, calls: 12 })).toBe("");
        },
      ),
      { seed: SEED, numRuns: Number(process.env["KMIG_RUNS"] ?? 5), endOnFailure: true },
    );
  });
});
