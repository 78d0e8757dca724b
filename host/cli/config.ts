/** `inkwell config`: the presets, and the whole machine that a run with these options would have. */
import type { Command } from "commander";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { resolveMachine } from "../bench/request.ts";
import type { MachineConfig } from "../machine/config.ts";
import { PARAMETERS } from "../machine/parameters.ts";
import { DEFAULT_PRESET, PRESETS } from "../machine/presets.ts";
import { VERSION } from "../version.ts";
import { type MachineFlags, machineOptions } from "./options.ts";

interface ConfigFlags extends MachineFlags {
  readonly json?: boolean;
}

export function registerConfig(program: Command): void {
  const command = program
    .command("config")
    .description("print presets, configurations and every parameter of the machine");
  machineOptions(command)
    .option("--json", "print one JSON object: version, command, seed, config, presets, parameters")
    .action((flags: ConfigFlags) => {
      const { preset, machine } = resolveMachine(flags);
      const parameters = parametersOf(preset, machine);
      if (flags.json) {
        const config = { preset, machine, configurations: CONFIGURATIONS };
        const command = "inkwell config";
        const presets = presetRows();
        const object = { version: VERSION, command, seed: null, config, presets, parameters };
        console.log(JSON.stringify(object, null, 2));
        return;
      }
      console.log(`presets         --preset NAME; ${DEFAULT_PRESET} by default`);
      printColumns(presetRows().map((row) => Object.values(row).map(String)));
      console.log(`\nconfigurations  ${CONFIGURATIONS.map(({ name }) => name).join(", ")}\n`);
      console.log(`machine         ${preset}; --set KEY=VALUE changes a parameter`);
      printColumns(
        parameters.map(({ name, value, unit, range, source }) => [
          name,
          String(value),
          unit,
          range === null ? "" : `${range[0]} to ${range[1]}`,
          source,
        ]),
      );
    });
}

function presetRows() {
  return Object.entries(PRESETS).map(([name, { processor, config }]) => ({
    name,
    machine: config.name,
    processor,
    clock: `${config.clockMHz} MHz`,
    caches: `${config.instructionCacheBytes / 1024}/${config.dataCacheBytes / 1024} KB`,
    tlb: `${config.dataTlbEntries}${config.unifiedTlb ? " for both" : ` + ${config.instructionTlbEntries}`}, ${config.blockTlbEntries} blocks`,
    miss: `miss ${config.dataMiss}`,
  }));
}

/** Every parameter, with what it may be and where its value is from. */
function parametersOf(preset: string, machine: MachineConfig) {
  const { sources, config } = PRESETS[preset]!;
  return Object.entries(machine).map(([name, value]) => {
    const key = name as keyof MachineConfig;
    const { unit, range, source } = PARAMETERS[key];
    const isSet = config[key] !== value;
    return {
      name,
      value: value as string | number | boolean,
      unit,
      range: range ?? null,
      source: isSet ? "set" : (sources[key] ?? source),
    };
  });
}

function printColumns(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      `  ${row.map((text, column) => text.padEnd(widths[column]!)).join("  ")}`.trimEnd(),
    );
}
