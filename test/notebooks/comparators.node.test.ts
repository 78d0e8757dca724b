/**
 * The comparators of `since-1993` against literature.txt: no figure that is not noted there, none surer than it is
 * noted, every one with a source; and what is derived, derived right.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CALLS, type Confidence, PLACED, SAID } from "../../notebooks/panels/comparators.ts";

interface Note {
  readonly figures: readonly string[];
  readonly known: Confidence;
}

const KNOWN: Readonly<Record<string, Confidence>> = { F: "read", K: "remembered", "K?": "unchecked" }; // prettier-ignore
const lines = readFileSync("test/notebooks/literature.txt", "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const notes = new Map(
  lines.map((line): [string, Note] => {
    const [system, ...rest] = line.split("|").map((field) => field.trim());
    expect(rest).toHaveLength(5);
    expect(KNOWN).toHaveProperty([rest[3]!]);
    return [system!, { figures: rest.slice(0, 3), known: KNOWN[rest[3]!]! }];
  }),
);

test("every note is shown, and everything shown is noted", () => {
  const shown = [...CALLS, ...PLACED].map(({ system }) => system);
  expect(shown.toSorted()).toEqual([...notes.keys()].toSorted());
  expect(new Set(shown).size).toBe(shown.length);
});

test.each(CALLS)("$system: cycles as noted, as sure as noted", (call) => {
  const { figures, known } = notes.get(call.system)!;
  const [microseconds, megahertz, cycles] = figures;
  if (cycles === "-")
    expect(call.cycles).toBe(Math.round(Number(microseconds) * Number(megahertz)));
  else expect(call.cycles).toBe(Number(cycles));
  expect(call.confidence).toBe(known);
  const said = /^([\d.]+) µs(?: at ([\d.]+) MHz)?$/.exec(call.derived ?? "");
  if (call.derived !== undefined) expect(said).not.toBeNull();
  if (said) {
    expect(said[1]).toBe(microseconds);
    // A clock that is not noted is not shown.
    if (said[2] !== undefined) expect(said[2]).toBe(megahertz);
    if (said[2] !== undefined) {
      const product = Number(said[1]) * Number(said[2]);
      expect(Math.abs(product - call.cycles) / call.cycles).toBeLessThan(0.02);
    }
  }
  const clock = /(\d+) MHz/.exec(call.machine)?.[1];
  if (clock !== undefined) expect(clock).toBe(megahertz);
});

test.each(PLACED)("$system: both placements as noted", (placed) => {
  const { figures, known } = notes.get(placed.system)!;
  expect([placed.outside, placed.inside, placed.unit].map(String)).toEqual(figures);
  expect(placed.confidence).toBe(known);
});

test("each has a source with a year, and what its mark means is said", () => {
  for (const { source, confidence, year } of [...CALLS, ...PLACED]) {
    expect(source.length).toBeGreaterThan(12);
    expect(SAID[confidence].length).toBeGreaterThan(8);
    expect(year).toBeGreaterThanOrEqual(1989);
    expect(year).toBeLessThanOrEqual(2024);
  }
});
