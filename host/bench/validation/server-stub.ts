/**
 * Stages 10 and 12 of Table 1, the server stub before and after the work function, for other
 * arguments than the InOut of that table: what the paper says of them in §4.3 without printing it.
 */
import { UNOPTIMIZED } from "../configurations.ts";
import type { Experiment, Measurement } from "../experiment.ts";
import { RPC_ROWS } from "../rpc/measure.ts";
import { profileCall } from "../rpc/stages.ts";

const ROWS: readonly { readonly id: (typeof RPC_ROWS)[number]; readonly title: string }[] = [
  { id: "in64", title: "64 In" },
  { id: "out1024", title: "1K Out" },
  { id: "inout128", title: "128 InOut" },
];

export const serverStub: Experiment = {
  id: "server-stub",
  title: "Server stub after the work function (Table 1, stage 12)",
  unit: "cycles",
  rows: ROWS,
  columns: [{ id: UNOPTIMIZED.name, title: UNOPTIMIZED.title, configuration: UNOPTIMIZED }],
  baseline: null,
  details: ["before"],
  mostIterations: 1,
  role: () => "predicted",
  async run({ configuration }, options) {
    const measured: Measurement[] = [];
    for (const { id } of ROWS) {
      const kind = 2 * RPC_ROWS.indexOf(id);
      const stages = await profileCall(
        configuration,
        kind,
        `calls_rpc_${id}_message`,
        [
          { probe: "kmig.server.check" },
          { enter: `server_rpc_${id}`, of: "server" },
          { enter: `_Xrpc_${id}`, of: "server" },
          { probe: "kmig.server.leave" },
        ],
        options,
      );
      const [, before, , after] = stages;
      const value = after!.cycles;
      measured.push({
        row: id,
        value,
        earned: value,
        declared: 0,
        detail: { before: before!.cycles },
      });
      options.progress?.(measured.length, ROWS.length);
    }
    return measured;
  },
};
