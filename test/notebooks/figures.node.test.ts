/** Numbers for people, against the browser's own rules for English. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { separated } from "../../notebooks/lab/data.ts";
import { seeded } from "../support/seed.ts";

describe("numbers for people", () => {
  it("are written as Intl writes them", () => {
    fc.assert(
      fc.property(
        // Whole hundred-thousandths that no rounding to two digits finds in the middle.
        fc.integer({ min: -(10 ** 14), max: 10 ** 14 }),
        fc.integer({ min: 0, max: 2 }),
        (parts, digits) => {
          const value = (10 * parts + 1) / 10 ** 6;
          const theirs = new Intl.NumberFormat("en", { maximumFractionDigits: digits });
          expect(separated(value, digits)).toBe(theirs.format(value));
        },
      ),
      { numRuns: 2000, ...seeded() },
    );
  });
});
