/**
 * Calls of other shapes and with other copies: figures that follow from the rules of the machine, and
 * what the paper says of them.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { checkClaims, runExperiment, type TidyRow } from "../../../host/bench/experiment.ts";
import { sizes } from "../../../host/bench/experiments/sizes.ts";
import { structCopy } from "../../../host/bench/experiments/struct-copy.ts";
import { table3 } from "../../../host/bench/table3.ts";

const cellOf = (rows: readonly TidyRow[]) => (row: string, column: string) =>
  rows.find((r) => r.row === row && r.column === column)!;
const failures = (claims: ReturnType<typeof checkClaims>) => claims.filter(({ holds }) => !holds);
const MESSAGE = ["UNOPTIMIZED", "INKS_MESSAGE"];

describe("struct-copy", () => {
  let rows: readonly TidyRow[];
  beforeAll(async () => {
    rows = await runExperiment(structCopy, { iterations: 4 });
  });

  test("the paper's sentences hold", () => {
    const claims = checkClaims(structCopy, rows);
    expect(claims).toHaveLength(2);
    expect(failures(claims)).toEqual([]);
  });

  test("copies by bcopy are Table 3", async () => {
    const usual = await runExperiment(table3, { iterations: 4 });
    for (const { row, column, value } of usual)
      expect(cellOf(rows)(`${row}-bcopy`, column).value).toBe(value);
  });

  test("a byte costs five cycles instead of one in each copy that a stub makes, and none by trap", () => {
    const cell = cellOf(rows);
    const copied = { null: 0, in64: 64, in1024: 1024, out1024: 1024, inout128: 3 * 128 };
    for (const [row, bytes] of Object.entries(copied)) {
      for (const column of MESSAGE) {
        const [byte, word] = ["byte", "word"].map((copy) => cell(`${row}-${copy}`, column).value);
        expect(byte! - word!).toBe(4 * bytes);
      }
      const [byte, word, bcopy] = ["byte", "word", "bcopy"].map(
        (copy) => cell(`${row}-${copy}`, "INKS_TRAP").value,
      );
      expect([byte, bcopy]).toEqual([word, word]);
    }
  });
});

describe("sizes", () => {
  let rows: readonly TidyRow[];
  beforeAll(async () => {
    rows = await runExperiment(sizes, { iterations: 4 });
  });

  test("the paper's sentences hold", () => {
    const claims = checkClaims(sizes, rows);
    expect(claims).toHaveLength(3);
    expect(failures(claims)).toEqual([]);
  });

  test("a word of an InOut array takes four cycles in each of seven copies, or of two by trap", () => {
    const cell = cellOf(rows);
    for (const column of MESSAGE) {
      expect(cell("inout192", column).value - cell("inout128", column).value).toBe(16 * 7 * 4);
      expect(cell("inout-word", column).value).toBeCloseTo(28, 0);
    }
    expect(cell("inout192", "INKS_TRAP").value - cell("inout128", "INKS_TRAP").value).toBe(
      16 * 2 * 4,
    );
    expect(cell("inout-word", "INKS_TRAP").value).toBeCloseTo(8, 0);
  });

  test("a few integers are cheaper than 128 bytes InOut", () => {
    for (const { id } of sizes.columns)
      expect(cellOf(rows)("int10", id).value).toBeLessThan(cellOf(rows)("inout128", id).value);
  });

  test("stage 12 is a copy for InOut alone, in the server; a trap copies Out as well", () => {
    const cell = cellOf(rows);
    for (const column of MESSAGE) {
      expect(cell("after-inout_128", column).value).toBeGreaterThan(128);
      expect(cell("after-out_128", column).value).toBeLessThan(20);
      expect(cell("after-in_128", column).value).toBeLessThan(20);
    }
    expect(cell("after-out_128", "INKS_TRAP").value).toBeGreaterThan(128);
  });
});
