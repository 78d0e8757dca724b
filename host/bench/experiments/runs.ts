/**
 * How the authors ran their benchmarks of whole programs (§4.5): single-user, the first run left out, the
 * others hardly different. One program, six times, in each configuration; most of its time is the disk's,
 * whose turns hide what calls cost more or less.
 */
import { CONFIGURATIONS } from "../configurations.ts";
import type { Experiment } from "../experiment.ts";

/** Rows: the run that is left out, the mean of the others, and how far they are apart. */
export const runs: Experiment = {
  id: "runs",
  title: "A program run six times, single-user",
  unit: "ms",
  rows: [
    { id: "first", title: "first run (left out)" },
    { id: "mean", title: "mean of the others" },
    { id: "variation", title: "between shortest and longest" },
  ],
  columns: CONFIGURATIONS.map((configuration) => ({
    id: configuration.name,
    title: configuration.title,
    configuration,
  })),
  baseline: null,
  details: ["run2", "run3", "run4", "run5", "run6"],
  mostIterations: 1,
  role: () => "predicted",
  async run({ configuration }, options) {
    const { measureRuns } = await import("../unix-calls/runs.ts");
    const [first = NaN, ...others] = await measureRuns(configuration, options);
    const mean = others.reduce((sum, each) => sum + each, 0) / others.length;
    const variation = Math.max(...others) - Math.min(...others);
    const values = { first, mean, variation };
    // What of it was executed is not told apart: the clock is the program's own.
    return Object.entries(values).map(([row, value]) => ({
      ...{ row, value, earned: 0, declared: 0 },
      detail: Object.fromEntries(others.map((each, i) => [`run${i + 2}`, each])),
    }));
  },
};
