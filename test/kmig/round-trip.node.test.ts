/**
 * Stubs that run: what a caller gets through any stub is what the work function would give directly.
 */
import { describe, expect, test } from "vitest";
import { crossTools } from "./support/cross.ts";
import { include, rpcDefs } from "./support/definitions.ts";
import { runRoundTrip } from "./support/round-trip.ts";

const SEED = 19930628;

describe.skipIf(!crossTools)("round trips under qemu-hppa", () => {
  test.for(["word", "byte", "bcopy"] as const)("rpc.defs, struct copies by %s", (structCopy) => {
    expect(runRoundTrip(rpcDefs, { include, structCopy }, { seed: SEED, calls: 40 })).toBe("");
  });
});
