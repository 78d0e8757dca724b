/**
 * What the experiments beside the paper's tables have in common: the three configurations as their
 * columns, and a cell of the result for each measured call.
 */
import { CONFIGURATIONS } from "../configurations.ts";
import { Cancelled, type Column, type Measurement, type MeasureOptions } from "../experiment.ts";
import type { CallMeasurement } from "../rpc/measure.ts";

export const COLUMNS: readonly Column[] = CONFIGURATIONS.map((configuration) => ({
  id: configuration.name,
  title: configuration.title,
  configuration,
}));

/** The cell of a measured call: its cycles, and all else that was counted. */
export function callCell(row: string, call: CallMeasurement): Measurement {
  const { cycles, earned, declared, ...detail } = call;
  return { row, value: cycles, earned, declared, detail };
}

/**
 * Measures one thing after the other, reporting progress.
 * @throws Cancelled when `signal` was set.
 */
export async function measureEach<T, R>(
  things: readonly T[],
  { progress, signal }: MeasureOptions,
  measure: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const thing of things) {
    if (signal?.aborted) throw new Cancelled();
    results.push(await measure(thing));
    progress?.(results.length, things.length);
  }
  return results;
}
