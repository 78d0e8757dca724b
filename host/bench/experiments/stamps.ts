/**
 * Tables 1 and 2 as their authors measured them: the same call with an instruction pair between
 * stages that reads the clock and stores it (rpc/stamped.ts, mach/asm/macros.s), and each stage the
 * difference of two stored times. Beside each stands what our probes say of the plain call, which
 * cost nothing; the difference of the totals is what the instrumentation costs (paper §4.4).
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Experiment, Measurement } from "../experiment.ts";
import { readWords, type RpcBed } from "../rpc/bed.ts";
import { measureCall, runCalls } from "../rpc/measure.ts";
import type { StageExperiment } from "../rpc/stage-table.ts";
import { STAMPS } from "../rpc/stamped.ts";
import { table1 } from "../table1.ts";
import { table2 } from "../table2.ts";

const ROUTINE = "inout128";
/** Calls, of which the last one's times remain. */
const CALLS = 17;
const KERNEL_WORDS = 7;
const ARGUMENT_WORDS = 32;

function stampExperiment(id: string, table: StageExperiment): Experiment {
  return {
    id,
    title: `${table.title}, by time stamps`,
    unit: "cycles",
    rows: [
      ...table.rows,
      { id: "plain", title: "Total without stamps" },
      { id: "overhead", title: "Cost of the stamps" },
    ],
    columns: table.columns,
    baseline: null,
    details: ["probed", "share"],
    mostIterations: 1,
    role: () => "predicted",
    async run(column, options) {
      const { configuration } = column;
      const run = await runCalls(configuration, ROUTINE, CALLS, {
        ...options,
        variant: { stamps: true },
      });
      const total = run.results.at(-1)!;
      const stages = stampedStages(run.bed, configuration.calls, total);
      const probed = await table.runPlain(column, options);
      const plain = await measureCall(configuration, ROUTINE, { ...options, iterations: 8 });
      const overhead = total - plain.cycles;
      const share = (100 * overhead) / plain.cycles;
      options.progress?.(1, 1);
      return [
        ...[...stages, total].map((cycles, i) =>
          cell(probed[i]!.row, cycles, { probed: probed[i]!.value }),
        ),
        cell("plain", plain.cycles, { probed: probed.at(-1)!.value }),
        cell("overhead", overhead, { share }),
      ];
    },
  };
}

const cell = (row: string, value: number, detail: Measurement["detail"]): Measurement => ({
  row,
  value,
  earned: value,
  declared: 0,
  detail,
});

/** Cycles of each stage of the last call, as its stamps tell. */
function stampedStages(bed: RpcBed, calls: "message" | "trap", total: number): number[] {
  const words = {
    argument: readWords(bed, "argument", ARGUMENT_WORDS),
    kernel: Uint32Array.from({ length: KERNEL_WORDS }, (_, i) =>
      bed.kernel.memory.read32(MEMORY_MAP.STAMP_WORDS + 4 * i),
    ),
  };
  const ends = STAMPS[calls].map(({ of, word }) => words[of][word]!);
  const begins = [ends.at(-1)! - total, ...ends];
  return ends.map((end, i) => end - begins[i]!);
}

export const stamps = stampExperiment("stamps", table1);
export const stampsTrap = stampExperiment("stamps-trap", table2);
