/**
 * The paper's figures as we copied them, held against the paper's own arithmetic: sums that it
 * prints, ratios that it prints, and the overheads that its text states.
 */
import { expect, test } from "vitest";
import { PAPER, paperValue } from "../../host/bench/paper.ts";

const column = (table: string, index: number) =>
  Object.entries(PAPER[table]!.values)
    .filter(([row]) => row !== "total")
    .map(([, values]) => values[index] ?? 0);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test.each([
  ["1", 0, 3478],
  ["1", 1, 3386],
  ["2", 0, 1174],
  ["7", 0, 149_388],
  ["7", 1, 87_134],
  ["8", 0, 16_024],
  ["8", 1, 45_654],
] as const)("table %s, column %i adds up to the printed total", (table, index, total) => {
  expect(sum(column(table, index))).toBe(total);
  expect(PAPER[table]!.values["total"]![index]).toBe(total);
});

test("tables 1 and 2 have 21 and 12 stages", () => {
  expect(column("1", 0)).toHaveLength(21);
  expect(column("2", 0)).toHaveLength(12);
});

test.each(["3", "4", "5", "6"])("table %s: the printed ratios follow from the values", (table) => {
  const { values, printed = {}, digits } = PAPER[table]!;
  const offences = Object.entries(printed).flatMap(([row, ratios]) => {
    const base = values[row]!.at(-1)!;
    return ratios.flatMap((ratio, i) => {
      if (ratio === null) return [];
      const exact = values[row]![i]! / base;
      // The paper rounds some ratios and cuts others off: one unit of the last place, and a bit.
      return Math.abs(exact - ratio) < 1.1 * 10 ** -digits! ? [] : [`${row}: ${exact} ${ratio}`];
    });
  });
  expect(offences).toEqual([]);
});

test.each(["7", "8"])("table %s: the printed percentages follow from the counts", (table) => {
  const { values, printed = {} } = PAPER[table]!;
  const whole = sum(values["total"]!.map((v) => v ?? 0));
  for (const [row, shares] of Object.entries(printed))
    for (const [i, share] of shares.entries())
      if (share !== null) expect((100 * values[row]![i]!) / whole).toBeCloseTo(share, 0.5);
});

test("§4.4: instrumenting cost 93 and 95 cycles on the message paths, 52 on the trap path", () => {
  expect(
    paperValue("1", "total", "UNOPTIMIZED")! - paperValue("3", "inout128", "UNOPTIMIZED")!,
  ).toBe(93);
  expect(
    paperValue("1", "total", "INKS_MESSAGE")! - paperValue("3", "inout128", "INKS_MESSAGE")!,
  ).toBe(95);
  expect(paperValue("2", "total", "INKS_TRAP")! - paperValue("3", "inout128", "INKS_TRAP")!).toBe(
    52,
  );
});
