/**
 * A table of stages as an experiment: Tables 1 and 2 differ in their boundaries and configurations.
 * The call carries the authors' time stamps, as theirs did (paper §4.3): each stage of the paper's
 * tables contains one, and their totals are 93, 95 and 52 cycles above Table 3's (§4.4).
 */
import { isCalibrated } from "../../machine/calibration.ts";
import type { Configuration } from "../configurations.ts";
import type { Experiment, Measurement } from "../experiment.ts";
import { RPC_ROWS } from "./measure.ts";
import { type Boundary, profileCall, type StageCounts } from "./stages.ts";

export interface StageTable {
  readonly id: string;
  readonly title: string;
  /** Title of each stage and where it begins; the first begins with the call. */
  readonly stages: readonly (readonly [title: string, begins: Boundary | undefined])[];
  readonly configurations: readonly Configuration[];
  /** The client's loop. */
  readonly call: string;
}

const INOUT128 = RPC_ROWS.indexOf("inout128");

export interface StageExperiment extends Experiment {
  /** The same call without the authors' time stamps. */
  runPlain: Experiment["run"];
}

export function stageExperiment(table: StageTable): StageExperiment {
  const { id, title, stages, configurations, call } = table;
  const boundaries = stages.flatMap(([, begins]) => begins ?? []);
  const measure =
    (stamps: boolean): Experiment["run"] =>
    async ({ configuration }, options) => {
      const kind = 2 * INOUT128 + Number(configuration.calls === "trap");
      const run = { ...options, variant: { stamps } };
      const counts = await profileCall(configuration, kind, call, boundaries, run);
      options.progress?.(1, 1);
      return [...counts.map((each, i) => row(String(i + 1), each)), row("total", total(counts))];
    };
  return {
    id,
    title,
    unit: "cycles",
    rows: [
      ...stages.map(([name], i) => ({ id: String(i + 1), title: `${i + 1} ${name}` })),
      { id: "total", title: "Total" },
    ],
    columns: configurations.map((configuration) => ({
      id: configuration.name,
      title: configuration.title,
      configuration,
    })),
    baseline: null,
    details: ["instructions", "loads", "stores", "control", "instructionMisses", "dataMisses"],
    mostIterations: 1,
    role: (row, column) => (isCalibrated(id, row, column) ? "calibrated" : "predicted"),
    run: measure(true),
    runPlain: measure(false),
  };
}

/** Every cycle between the two readings of the clock is executed text: nothing is declared. */
function row(id: string, { cycles, ...detail }: StageCounts): Measurement {
  return { row: id, value: cycles, earned: cycles, declared: 0, detail };
}

function total(counts: readonly StageCounts[]): StageCounts {
  const keys = Object.keys(counts[0]!) as (keyof StageCounts)[];
  return Object.fromEntries(
    keys.map((key) => [key, counts.reduce((sum, each) => sum + each[key], 0)]),
  ) as unknown as StageCounts;
}
