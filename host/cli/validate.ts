/**
 * `inkwell validate`: every figure and claim of the paper that is covered so far, beside ours. A claim
 * that fails is a finding and not a failure of the command, unless --strict says so.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Command } from "commander";
import { validationHtml } from "../bench/validation/html.ts";
import { validationText } from "../bench/validation/text.ts";
import { validate } from "../bench/validation/validate.ts";
import { UsageError } from "./failure.ts";
import { writeWhole } from "./files.ts";
import { color, type MachineFlags, machineOptions } from "./options.ts";
import { withProgress } from "./progress.ts";

interface ValidateFlags extends MachineFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly all?: boolean;
  readonly strict?: boolean;
}

export function registerValidate(program: Command): void {
  const command = program
    .command("validate")
    .description("hold every figure and claim of the paper that is covered so far against a run");
  machineOptions(command)
    .option("--json", "print one JSON object: version, command, seed, config, rows, claims, …")
    .option("--html <file>", "write the report as a page of its own")
    .option("--all", "run also what takes minutes")
    .option("--strict", "exit with status 1 when a claim fails")
    .action(async ({ json, html, all = false, strict, preset, set }: ValidateFlags) => {
      if (html !== undefined && !existsSync(dirname(html)))
        throw new UsageError(`cannot write ${html}: no such directory`);
      const request = { all, ...(preset !== undefined && { preset }), ...(set && { set }) };
      const result = await withProgress((progress) => validate(request, { progress }));
      if (html !== undefined) writeWhole(new Map([[html, validationHtml(result)]]));
      if (json) console.log(JSON.stringify(result, null, 2));
      else console.log(validationText(result, { color: color() }));
      const { failed, total } = result.summary.claims;
      if (strict && failed > 0) {
        console.error(`inkwell: ${failed} of ${total} claims fail`);
        process.exitCode = 1;
      }
    });
}
