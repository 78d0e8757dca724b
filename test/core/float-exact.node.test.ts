/**
 * Random floating-point instructions against exact arithmetic: what the differential run leaves out,
 * which is FMPYADD and FMPYSUB, underflow, NaNs and enabled traps. `INKWELL_FUZZ_FLOAT` is how many,
 * `INKWELL_SEED` repeats a run.
 */
import { expect, test } from "vitest";
import { seeded } from "../asm/random.ts";
import { compareSingles } from "./float-single.ts";

const WANTED = Number(process.env["INKWELL_FUZZ_FLOAT"] ?? 40_000);

test("results, flags and traps are the exact ones", { timeout: 600_000 }, async () => {
  expect(await compareSingles(seeded("exact floating point"), WANTED)).toEqual([]);
});
