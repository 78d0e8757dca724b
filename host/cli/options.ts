/** Options that several commands share, and how numbers are read from a command line. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { TableRequest } from "../bench/request.ts";

/** Collects an option that may be repeated. */
export function repeated(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** `--preset NAME` and `--set KEY=VALUE`: the machine. */
export function machineOptions(command: Command): Command {
  return command
    .option("--preset <name>", "machine preset (see inkwell config)")
    .addOption(
      new Option("--set <key=value>", "set a machine parameter; may be repeated").argParser(
        repeated,
      ),
    );
}

export interface MachineFlags {
  readonly preset?: string;
  readonly set?: readonly string[];
}

/** `--config NAME`, `--row ID` and `--iterations N`: the run. */
export function runOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--config <name>", "one configuration only; may be repeated").argParser(repeated),
    )
    .addOption(new Option("--row <id>", "one row only; may be repeated").argParser(repeated))
    .option("--iterations <n>", "measured calls, or random placements, for each figure", positive);
}

export interface RunFlags extends MachineFlags {
  readonly config?: readonly string[];
  readonly row?: readonly string[];
  readonly iterations?: number;
}

export function requestOf(table: string, flags: RunFlags): TableRequest {
  return {
    table,
    ...(flags.config && { configurations: flags.config }),
    ...(flags.row && { rows: flags.row }),
    ...(flags.preset !== undefined && { preset: flags.preset }),
    ...(flags.set && { set: flags.set }),
    ...(flags.iterations !== undefined && { iterations: flags.iterations }),
  };
}

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("expected a positive whole number.");
  return value;
}

/** A 32-bit address in decimal or, with 0x, in hexadecimal. */
export function address(text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 0xffff_ffff)) throw new InvalidArgumentError("expected a 32-bit address.");
  return value;
}

/** Whether to colour what goes to stdout: a terminal that did not ask for plain text. */
export function color(): boolean {
  return process.stdout.isTTY === true && !process.env["NO_COLOR"];
}
