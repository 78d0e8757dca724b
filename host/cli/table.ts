/** `inkwell table NAME`: a table of the paper or an experiment, measured, beside the paper's figures. */
import type { Command } from "commander";
import { EXPERIMENTS } from "../bench/index.ts";
import { resolveRequest, runTable } from "../bench/request.ts";
import { markdownReport, textReport } from "../bench/report.ts";
import { color, machineOptions, requestOf, type RunFlags, runOptions } from "./options.ts";
import { withProgress } from "./progress.ts";

interface TableFlags extends RunFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function registerTable(program: Command): void {
  const command = program
    .command("table <name>")
    .description("measure one table or experiment and print it beside the paper's figures")
    .addHelpText("after", `\nTables and experiments:\n${tableList()}`);
  machineOptions(runOptions(command))
    .option("--json", "print one JSON object: version, command, seed, config, rows, claims")
    .option("--markdown", "print a Markdown table")
    .action(async (name: string, flags: TableFlags) => {
      const request = requestOf(name, flags);
      const { experiment } = resolveRequest(request);
      const result = await withProgress((progress) => runTable(request, { progress }));
      const { rows, claims } = result;
      if (flags.json) console.log(JSON.stringify(result, null, 2));
      else if (flags.markdown) console.log(markdownReport(experiment, rows));
      else console.log(textReport(experiment, rows, claims, { color: color() }));
    });
}

function tableList(): string {
  const width = Math.max(...EXPERIMENTS.map(({ id }) => id.length));
  return EXPERIMENTS.map(({ id, title }) => `  ${id.padEnd(width)}  ${title}`).join("\n");
}
