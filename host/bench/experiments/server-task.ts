/**
 * Whether the server has a task (§3.4.2): a call in which the client's thread moves into the server's task,
 * beside one that only enters more kernel code, with no task of its own. What the authors say about the
 * second can be measured as far as calls go: a service stack is taken all the same.
 */
import { INKS_TRAP } from "../configurations.ts";
import type { Experiment } from "../experiment.ts";
import { measureRpc } from "../rpc/measure.ts";
import { table3 } from "../table3.ts";
import { callCell } from "./cells.ts";

const TASKLESS = "TASKLESS";

export const serverTask: Experiment = {
  id: "server-task",
  title: "RPC by trap, with and without a task of the server's",
  unit: "cycles",
  rows: table3.rows,
  columns: [
    { id: INKS_TRAP.name, title: "The thread moves", configuration: INKS_TRAP },
    { id: TASKLESS, title: "No server task", configuration: INKS_TRAP },
  ],
  baseline: TASKLESS,
  details: ["instructions"],
  mostIterations: table3.mostIterations,
  role: () => "predicted",
  async run({ id, configuration }, options) {
    const kernel = { ...configuration.kernel, taskless: id === TASKLESS };
    const measured = await measureRpc({ ...configuration, kernel }, options);
    return measured.map((call) => callCell(call.row, call));
  },
};
