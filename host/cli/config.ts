/** `inkwell config`: the presets, and the whole machine that a run with these options would have. */
import type { Command } from "commander";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { DEFAULT_PRESET, parametersOf, PRESETS, resolveMachine } from "../bench/request.ts";
import { VERSION } from "../version.ts";
import { type MachineFlags, machineOptions } from "./options.ts";

export function registerConfig(program: Command): void {
  const command = program
    .command("config")
    .description("print presets, configurations and every parameter of the machine");
  machineOptions(command)
    .option("--json", "print one JSON object: version, command, seed, config")
    .action((flags: MachineFlags & { json?: boolean }) => {
      const { preset, machine } = resolveMachine(flags);
      if (flags.json) {
        const config = { preset, machine, configurations: CONFIGURATIONS };
        const command = "inkwell config";
        console.log(JSON.stringify({ version: VERSION, command, seed: null, config }, null, 2));
        return;
      }
      const parameters = parametersOf(machine);
      const width = Math.max(...parameters.map(([key]) => key.length));
      console.log(
        `presets         ${Object.keys(PRESETS).join(", ")} (${DEFAULT_PRESET} by default)`,
      );
      console.log(`configurations  ${CONFIGURATIONS.map(({ name }) => name).join(", ")}\n`);
      console.log(`machine         ${preset}`);
      for (const [key, value] of parameters)
        console.log(`  ${key.padEnd(width)}  ${String(value)}`);
    });
}
