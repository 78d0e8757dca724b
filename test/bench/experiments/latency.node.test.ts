/** How long another thread waits while a server works, with and without preemption (K5). */
import { expect, test } from "vitest";
import { checkClaims, runExperiment } from "../../../host/bench/experiment.ts";
import { latency } from "../../../host/bench/experiments/latency.ts";

/** A thread's turn, milliseconds. */
const QUANTUM = 100;

test("a turn, or the work if that is shorter; without preemption always the work", async () => {
  const rows = await runExperiment(latency);
  for (const { row, column, value } of rows) {
    const work = Number(row);
    const wait = column === "NO_PREEMPTION" ? work : Math.min(work, QUANTUM);
    expect(Math.abs(value - wait)).toBeLessThan(1);
  }
  expect(checkClaims(latency, rows).map(({ id, holds }) => [id, holds])).toEqual([
    ["server-preempted", true],
    ["latency-problems", true],
  ]);
});
