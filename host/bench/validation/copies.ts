/**
 * How often an argument is copied on its way (paper §4.3), by kind of argument. Not an estimate: the
 * words of the argument are marked, one call is executed instruction by instruction, and every store
 * that puts a marked word where it was not counts; see copy-watch.ts.
 */
import { CONFIGURATIONS } from "../configurations.ts";
import type { Experiment } from "../experiment.ts";
import { type ArgumentKind, watchArgument } from "./copy-watch.ts";

const ROWS: readonly { readonly id: ArgumentKind; readonly title: string }[] = [
  { id: "value", title: "In, by value" },
  { id: "in", title: "In, by pointer" },
  { id: "out", title: "Out" },
  { id: "inout", title: "InOut" },
];

export const copies: Experiment = {
  id: "copies",
  title: "Copies of an argument",
  unit: "copies",
  rows: ROWS,
  columns: CONFIGURATIONS.map((configuration) => ({
    id: configuration.name,
    title: configuration.title,
    configuration,
  })),
  baseline: null,
  details: ["inward", "outward"],
  mostIterations: 1,
  role: () => "predicted",
  async run({ configuration }, options) {
    const measured = [];
    for (const { id } of ROWS) {
      const { inward, outward } = await watchArgument(configuration, id, options);
      // No cycles are behind these figures, so none is earned or declared.
      const counted = { row: id, value: inward + outward, earned: 0, declared: 0 };
      measured.push({ ...counted, detail: { inward, outward } });
      options.progress?.(measured.length, ROWS.length);
    }
    return measured;
  },
};
