/** Single floating-point instructions against exact arithmetic, the same ones in every host. */
import { expect, test } from "vitest";
import { Random } from "../asm/random.ts";
import { compareSingles } from "./float-single.ts";

test("results, flags and traps are the exact ones", { timeout: 120_000 }, async () => {
  expect(await compareSingles(new Random(11), 10_000)).toEqual([]);
});
