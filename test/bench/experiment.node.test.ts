/** The runner: order, the paper's figures beside, progress, cancelling, and what it refuses. */
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../host/bench/configurations.ts";
import {
  Cancelled,
  checkClaims,
  type Experiment,
  type Measurement,
  type MeasureOptions,
  runExperiment,
} from "../../host/bench/experiment.ts";
import { PAPER } from "../../host/bench/paper.ts";
import { markdownReport, textReport } from "../../host/bench/report.ts";
import { table3 } from "../../host/bench/table3.ts";

/** Table 3 with figures that we choose: `factor` times the paper's. */
function pretend(
  factor: (row: string, column: string) => number,
  during: (options: MeasureOptions) => void = () => {},
): Experiment {
  const { values, columns } = PAPER["3"]!;
  return {
    ...table3,
    async run({ id }, options): Promise<Measurement[]> {
      options.progress?.(1, 2);
      during(options);
      return Object.entries(values).map(([row, cells]) => ({
        row,
        value: Math.round(cells[columns.indexOf(id)]! * factor(row, id)),
        earned: 1000,
        declared: row === "null" ? 1 : 0,
        detail: { minimum: 1, maximum: 2 },
      }));
    },
  };
}

const exact = pretend(() => 1);

describe("runExperiment", () => {
  test("makes one row a cell, the paper's figure beside it", async () => {
    const rows = await runExperiment(exact);
    expect(rows).toHaveLength(15);
    expect(rows[0]).toEqual({
      table: "3",
      row: "null",
      column: "UNOPTIMIZED",
      value: 2312,
      unit: "cycles",
      earned: 1000,
      declared: 1,
      paper: 2312,
      role: "predicted",
      detail: { minimum: 1, maximum: 2 },
    });
    expect(rows.every(({ value, paper }) => value === paper)).toBe(true);
  });

  test("runs only the columns asked for", async () => {
    const rows = await runExperiment(exact, { columns: ["INKS_TRAP"] });
    expect(new Set(rows.map(({ column }) => column))).toEqual(new Set(["INKS_TRAP"]));
  });

  test("reports progress over all columns, from 0 to 1", async () => {
    const seen: number[] = [];
    await runExperiment(exact, { progress: ({ fraction }) => seen.push(fraction) });
    const sixths = [0, 1, 2, 2, 3, 4, 4, 5, 6].map((n) => n / 6);
    expect(seen).toHaveLength(sixths.length);
    for (const [i, fraction] of seen.entries()) expect(fraction).toBeCloseTo(sixths[i]!, 12);
  });

  test("stops when its signal is set", async () => {
    const signal = { aborted: false };
    const stopping = pretend(
      () => 1,
      () => {
        signal.aborted = true;
      },
    );
    await expect(runExperiment(stopping, { signal })).rejects.toThrow(Cancelled);
  });

  test.each([
    ["a missing row", (cells: Measurement[]) => cells.slice(1), /0 measurements of row null/],
    ["a row twice", (cells: Measurement[]) => [...cells, cells[0]!], /2 measurements of row null/],
    ["an unknown row", (c: Measurement[]) => [...c, { ...c[0]!, row: "x" }], /has no row x/],
    ["no number", (c: Measurement[]) => c.map((m) => ({ ...m, value: Number.NaN })), /NaN/],
  ])("refuses %s", async (_, spoil, message) => {
    const spoilt: Experiment = {
      ...exact,
      run: async (column, options) => spoil([...(await exact.run(column, options))]),
    };
    await expect(runExperiment(spoilt)).rejects.toThrow(message);
  });
});

describe("claims", () => {
  const failing = async (factor: (row: string, column: string) => number) => {
    const experiment = pretend(factor);
    const claims = checkClaims(experiment, await runExperiment(experiment));
    return claims.filter(({ holds }) => !holds).map(({ id }) => id);
  };

  test("the paper's own figures bear out the paper's sentences", async () => {
    expect(await failing(() => 1)).toEqual([]);
  });

  test("each sentence can fail", async () => {
    const slowTrap = (_: string, column: string) => (column === "INKS_TRAP" ? 2 : 1);
    expect(await failing(slowTrap)).toEqual(["factor-of-three", "messages-three-times-a-trap"]);
    const slowNull = (row: string, column: string) =>
      row === "null" && column === "INKS_MESSAGE" ? 1.1 : 1;
    expect(await failing(slowNull)).toEqual(["placement-alone-gains-little"]);
  });

  test("nothing is claimed of a part of a table", async () => {
    expect(checkClaims(exact, await runExperiment(exact, { columns: ["INKS_TRAP"] }))).toEqual([]);
  });
});

describe("reports", () => {
  test("text, as it stands on a terminal", async () => {
    const experiment = pretend((_, column) => (column === "INKS_TRAP" ? 1.1 : 1));
    const rows = await runExperiment(experiment);
    const text = textReport(experiment, rows, checkClaims(experiment, rows));
    await expect(`${text}\n`).toMatchFileSnapshot("golden/report.txt");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("Markdown has the same cells", async () => {
    const rows = await runExperiment(exact, { columns: ["INKS_TRAP"] });
    const lines = markdownReport(exact, rows).split("\n");
    expect(lines[2]).toBe("| Null RPC | INKS Trap | 656 | – | 656 | – | 0.0 % | 99.9 % |");
    expect(lines).toHaveLength(2 + rows.length);
  });
});

test("the configurations are three, frozen, and differ as the paper says", () => {
  expect(CONFIGURATIONS.map(({ server, calls }) => `${server} ${calls}`)).toEqual([
    "user message",
    "kernel message",
    "kernel trap",
  ]);
  expect(CONFIGURATIONS.every((c) => Object.isFrozen(c) && Object.isFrozen(c.kernel))).toBe(true);
});
