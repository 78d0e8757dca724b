/**
 * `inkwell sweep`: every combination in order, the numbers of `inkwell table`, the same bytes with any number of
 * workers and after any interruption, and what it refuses.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { TableResult } from "../../host/bench/request.ts";
import { readAxis, sweepPoints } from "../../host/bench/sweep.ts";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { inkwell } from "../support/inkwell.ts";
import { seeded } from "../support/seed.ts";

const folder = mkdtempSync(join(tmpdir(), "inkwell-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SWEEP = ["sweep", "dataMiss=0,40", "storeBusy=0..4:2", "--row", "null", "--config", "INKS_TRAP", "--iterations", "2"]; // prettier-ignore
interface Line extends TableResult {
  readonly parameters: Record<string, string>;
}
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

describe("a sweep", () => {
  test("has every combination in order, with the numbers of its command", async () => {
    const { status, stdout, stderr } = await inkwell(SWEEP);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = linesOf(stdout);
    const at = lines.map(({ parameters }) => [parameters["dataMiss"], parameters["storeBusy"]]);
    expect(at).toEqual(["0", "40"].flatMap((miss) => ["0", "2", "4"].map((busy) => [miss, busy])));
    const { parameters: _, ...last } = lines.at(-1)!;
    const table = await inkwell([...last.command.split(" ").slice(1), "--json"]);
    expect(JSON.parse(table.stdout)).toEqual(last);
    const cycles = lines.map(({ rows }) => rows[0]!.value);
    expect(cycles[2]).toBeGreaterThan(cycles[0]!);
  });

  test("goes on where it was stopped, to the same bytes", async () => {
    const whole = join(folder, "whole.jsonl");
    expect((await inkwell([...SWEEP, "-o", whole, "--workers", "1"])).status).toBe(0);
    const bytes = readFileSync(whole, "utf8");
    const cut = join(folder, "cut.jsonl");
    // In the middle of the third line, as a killed process leaves it.
    writeFileSync(cut, bytes.slice(0, bytes.split("\n").slice(0, 2).join("\n").length + 90));
    expect((await inkwell([...SWEEP, "-o", cut, "--workers", "2"])).status).toBe(0);
    expect(readFileSync(cut, "utf8")).toBe(bytes);
    expect((await inkwell([...SWEEP, "-o", cut])).status).toBe(0);
    expect(readFileSync(cut, "utf8")).toBe(bytes);
  });

  test("leaves a file alone that is not its own", async () => {
    const file = join(folder, "other.jsonl");
    const other = '{"command":"inkwell table 3"}\n';
    writeFileSync(file, other);
    const { status, stdout, stderr } = await inkwell([...SWEEP, "-o", file]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(`inkwell: ${file}:1: no line of this sweep; write to another file\n`);
    expect(readFileSync(file, "utf8")).toBe(other);
  });
});

describe("what a sweep is", () => {
  test.each([
    ["dataMiss", "expected KEY=VALUE,… or KEY=LOW..HIGH:STEP: dataMiss"],
    ["dataMiss=1,,2", "expected a value between commas: dataMiss=1,,2"],
    ["dataMiss=5..1", "an empty or endless range: 5..1"],
    ["dataMiss=0..1:0", "an empty or endless range: 0..1:0"],
  ])("%s is refused", (text, message) => {
    expect(() => readAxis(text)).toThrow(`sweep: ${message}`);
  });

  test("wrong names and values are said once, before anything runs", () => {
    const axes = ["nosuch=1..50", "dataMiss=1,-1"].map(readAxis);
    try {
      sweepPoints({ table: "3" }, axes);
      expect.unreachable();
    } catch (error) {
      expect((error as DiagnosticError).diagnostics).toHaveLength(2);
    }
    expect(() => sweepPoints({ table: "3" }, ["dataMiss=1", "dataMiss=2"].map(readAxis))).toThrow("a parameter twice: dataMiss"); // prettier-ignore
    expect(() => sweepPoints({ table: "3" }, ["dataMiss=0..999", "loadUse=0..999"].map(readAxis))).toThrow("more than 100000 combinations: 1000000"); // prettier-ignore
  });

  test("models are swept like parameters", () => {
    const points = sweepPoints({ table: "3", set: ["loadUse=2"] }, ["preset=HP9000_720,HP9000_735", "dataMiss=9"].map(readAxis)); // prettier-ignore
    expect(points.map(({ command }) => command)).toEqual([
      "inkwell table 3 --preset HP9000_720 --set loadUse=2 --set dataMiss=9",
      "inkwell table 3 --preset HP9000_735 --set loadUse=2 --set dataMiss=9",
    ]);
  });

  test("a range is what adding says it is", () => {
    const part = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(part, fc.integer({ min: 1, max: 60 }), part, (low, step, span) => {
        const { values } = readAxis(`dataMiss=${low}..${low + span}:${step}`);
        const expected: string[] = [];
        for (let value = low; value <= low + span; value += step) expected.push(String(value));
        expect(values).toEqual(expected);
      }),
      seeded(),
    );
  });
});
