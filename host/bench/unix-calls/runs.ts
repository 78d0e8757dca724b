/**
 * A program run again and again on the Unix server, alone (runs.s): how long each run takes by the
 * system's clock. The first has everything to bring in; the authors left it out (paper §4.5).
 */
import { nextTurn } from "#platform";
import { runUnix } from "../../osf1/run.ts";
import type { Configuration } from "../configurations.ts";
import { Cancelled, type MeasureOptions } from "../experiment.ts";
import { alone, endedWell, measuringProgram } from "./program.ts";

/** As in runs.s. */
export const RUNS = 6;
const PROGRAM = "/runs";
/** Far more than any configuration takes, cycles. */
const LIMIT = 5_000_000_000;

/**
 * Measures the runs in one configuration.
 * @returns milliseconds of the machine's clock, of each run in order.
 * @throws Cancelled when `options.signal` was set
 */
export async function measureRuns(
  configuration: Configuration,
  { machine, signal }: Pick<MeasureOptions, "machine" | "signal">,
): Promise<readonly number[]> {
  const { bytes } = await measuringProgram("unix-calls/runs.s", [
    new URL("./runs.s", import.meta.url),
  ]);
  const output: number[] = [];
  const result = await runUnix({
    ...alone(PROGRAM, bytes, configuration, machine),
    maxCycles: LIMIT,
    streams: {
      readInput: () => new Uint8Array(0),
      write: (_, written) => void output.push(...written),
    },
    async interrupted() {
      await nextTurn();
      return signal?.aborted ?? false;
    },
  });
  if (signal?.aborted) throw new Cancelled();
  if (!endedWell(result))
    throw new Error(`the program of runs did not end well: ${JSON.stringify(result.ending)}`);
  const view = new DataView(Uint8Array.from(output).buffer);
  const at = (i: number): number => view.getUint32(8 * i) * 1e3 + view.getUint32(8 * i + 4) / 1e3;
  return Array.from({ length: RUNS }, (_, i) => at(i + 1) - at(i));
}
