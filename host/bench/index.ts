/** The experiments, in the paper's order. An explicit list: bundlers and readers see the same. */
import type { Experiment } from "./experiment.ts";
import { table3 } from "./table3.ts";

export const EXPERIMENTS: readonly Experiment[] = [table3];
