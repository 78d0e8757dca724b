/**
 * Table 6, of which there is one row: Andrew's file-system phases (paper §4.5), by a workload of our own in
 * the benchmark's manner (andrew/). Nearly all of its time the disk works, here as there. The kernel's
 * build needs the authors' compiler and sources.
 */
import { MOST_RUNS, RUNS } from "./andrew/tree.ts";
import { CONFIGURATIONS } from "./configurations.ts";
import type { Experiment } from "./experiment.ts";

export const table6: Experiment = {
  id: "6",
  title: "Macro benchmarks",
  unit: "s",
  rows: [{ id: "andrew", title: "Andrew (filesystem phases)" }],
  columns: CONFIGURATIONS.map((configuration) => ({
    id: configuration.name,
    title: configuration.title,
    configuration,
  })),
  baseline: "INKS_TRAP",
  details: ["first", "variation", "makedir", "copy", "scandir", "readall", "waiting"],
  mostIterations: MOST_RUNS,
  role: () => "predicted",
  async run({ configuration }, { iterations = RUNS, ...options }) {
    const { andrewIn, PHASES } = await import("./andrew/measure.ts");
    const { first, others, clockMHz } = await andrewIn(configuration, {
      ...options,
      runs: iterations,
    });
    const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
    const seconds = others.map((run) => run.seconds);
    const phases = PHASES.map((name, i) => [name, mean(others.map((run) => run.phases[i]!))]);
    return [
      {
        row: "andrew",
        value: mean(seconds),
        earned: mean(others.map(({ earned }) => earned)),
        declared: mean(others.map(({ declared }) => declared)),
        detail: {
          first: first.seconds,
          variation: Math.max(...seconds) - Math.min(...seconds),
          ...Object.fromEntries(phases),
          waiting: mean(others.map(({ idle }) => idle)) / (clockMHz * 1e6),
        },
      },
    ];
  },
};
