/** `inkwell start`, which `npm start` runs: Table 3 in all configurations, then what to try next. */
import type { Command } from "commander";
import { resolveRequest, runTable } from "../bench/request.ts";
import { textReport } from "../bench/report.ts";
import { color } from "./options.ts";
import { withProgress } from "./progress.ts";

const NEXT = `
Try next:
  npx inkwell table 1                             the same call by messages, stage by stage; 2 by trap
  npx inkwell validate                            every figure and claim beside the paper's
  npx inkwell table 3 --config INKS_TRAP --json   one configuration, as JSON
  npx inkwell config                              the machine, every parameter
  npx inkwell table 3 --set KEY=VALUE             the same table on another machine
  npx vite                                        the notebook, live in a browser`;

export function registerStart(program: Command): void {
  program
    .command("start")
    .description("measure Table 3 in all configurations and say what to try next")
    .action(async () => {
      const request = { table: "3" };
      const { experiment } = resolveRequest(request);
      console.log("One remote procedure call on a simulated HP 9000/730, three ways.\n");
      const { rows, claims } = await withProgress((progress) => runTable(request, { progress }), {
        lines: true,
      });
      console.log(textReport(experiment, rows, claims, { color: color() }));
      console.log(NEXT);
    });
}
