/** The simulator in its worker, in Node and in Chromium: answers, progress, cancel, errors, death. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Progress, Simulator, type TableResult } from "../../host/worker/client.ts";
import { runTable } from "../../host/bench/request.ts";
import { VERSION } from "../../host/version.ts";

let simulator: Simulator;
beforeEach(() => {
  simulator = new Simulator();
});
afterEach(() => simulator.close());

const request = { table: "3", configurations: ["INKS_TRAP"], iterations: 2 };

test("a worker answers", async () => {
  expect(await simulator.version()).toBe(VERSION);
});

test("a table in a worker equals the same table here", async () => {
  const progress: Progress[] = [];
  const result = await simulator.runTable(request, { progress: (at) => progress.push(at) });
  expect(result).toEqual(await runTable(request));
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(0)).toBe(0);
  expect(fractions.at(-1)).toBe(1);
});

test("a run can be cancelled, and the simulator lives on", async () => {
  const long = { table: "3", iterations: 4_000 };
  let cancelled: Promise<void> | undefined;
  const progress = () => {
    cancelled ??= simulator.cancel();
  };
  const run = simulator.runTable(long, { progress });
  await expect(run).rejects.toMatchObject({ name: "Cancelled" });
  await cancelled;
  expect(await simulator.version()).toBe(VERSION);
});

test("one of two runs can be cancelled", async () => {
  const stop = new AbortController();
  const long = simulator.runTable(
    { table: "3", iterations: 4_000 },
    { progress: () => stop.abort(), signal: stop.signal },
  );
  const short = simulator.runTable(request);
  await expect(long).rejects.toMatchObject({ name: "Cancelled" });
  expect((await short).rows).toHaveLength(5);
});

test("a bad request keeps its name and its words across the worker", async () => {
  const bad = simulator.runTable({ table: "3", configurations: ["FAST"] });
  await expect(bad).rejects.toMatchObject({
    name: "DiagnosticError",
    message: "--config: expected UNOPTIMIZED, INKS_MESSAGE or INKS_TRAP: FAST",
  });
});

test("what a closed worker owes is refused, and the next call starts another", async () => {
  const owed: Promise<TableResult> = simulator.runTable({ table: "3", iterations: 4_000 });
  simulator.close();
  await expect(owed).rejects.toThrow("the simulator was closed");
  expect(await simulator.version()).toBe(VERSION);
});
