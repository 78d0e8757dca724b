/**
 * Table 3: what one remote procedure call costs, for five shapes of argument, in the three
 * configurations. Client, server and kernel are PA-RISC text; the cycles are the difference of two
 * readings of CR16 by the client (paper §4.4).
 */
import { CONFIGURATIONS } from "./configurations.ts";
import type { Experiment } from "./experiment.ts";
import { measureRpc } from "./rpc/measure.ts";

export const table3: Experiment = {
  id: "3",
  title: "RPC test results",
  unit: "cycles",
  rows: [
    { id: "null", title: "Null RPC" },
    { id: "in64", title: "64 In" },
    { id: "in1024", title: "1K In" },
    { id: "out1024", title: "1K Out" },
    { id: "inout128", title: "128 InOut" },
  ],
  columns: CONFIGURATIONS.map((configuration) => ({
    id: configuration.name,
    title: configuration.title,
    configuration,
  })),
  baseline: "INKS_TRAP",
  // The array of results in rpc/client.s, less the calls that warm up.
  mostIterations: 4000,
  role: () => "predicted",
  async run({ configuration }, options) {
    const measured = await measureRpc(configuration, options);
    return measured.map(({ row, cycles, earned, declared, ...detail }) => ({
      row,
      value: cycles,
      earned,
      declared,
      detail,
    }));
  },
};
