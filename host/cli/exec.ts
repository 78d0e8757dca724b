/**
 * `inkwell exec`: a static PA-RISC Linux program with the command's own streams, on the simulated Unix or,
 * with --bare, on the machine alone. The exit status is the program's.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { CONFIGURATIONS, INKS_TRAP } from "../bench/configurations.ts";
import { execBare } from "./exec-bare.ts";
import { type ExecFlags, STOPPED } from "./exec-flags.ts";
import { execUnix } from "./exec-unix.ts";
import { FAULT_NOTES } from "./fault-notes.ts";
import { UsageError } from "./failure.ts";
import { defectNotes, defectOption, hazardNotes, hazardOption } from "./hazards.ts";
import { machineOptions, positive, repeated } from "./options.ts";

export function registerExec(program: Command): void {
  // What stands after the program's name is the program's, options included.
  program.enablePositionalOptions();
  const command = program
    .command("exec")
    .description("run a static PA-RISC Linux program; the exit status is its own")
    .argument("<program>", "an ELF file, as hppa-linux-gnu-gcc -static makes it")
    .argument("[args...]", "its arguments")
    .passThroughOptions()
    .option("--bare", "without an operating system: user mode, one process, files to read");
  machineOptions(command)
    .addOption(
      new Option("--config <name>", "where the Unix server runs and how it is called")
        .choices(CONFIGURATIONS.map(({ name }) => name))
        .default(INKS_TRAP.name),
    )
    .option("--root <dir>", "the program's /: copied to its disk (--bare: read as it is)")
    .option("--export <dir>", "write the files of its disk here at the end")
    .addOption(
      new Option("--env <key=value>", "set a variable; may be repeated").argParser(repeated),
    )
    .option("--memory <size>", "memory of the machine, as 64M (default: the preset's)", size)
    .option("--max-cycles <n>", `stop after so many cycles, with exit status ${STOPPED}`, positive)
    .option("--seed <n>", "of the program's random bytes", positive, 1)
    .option("--no-timing", "count instructions only: nothing costs more than its cycle")
    .option(
      "--stats <file>",
      "write cycles, counters, system calls and messages (Tables 7 and 8) as JSON",
    )
    .option(
      "--own",
      "the program is one of ours by name: sh, cat, echo, hello; all are in its /bin",
    )
    .option("--input <text>", "its standard input, instead of the command's own")
    .option("--trace-calls <file>", "write every system call as JSON: its way, cycles, crossings")
    .option("--fault <what@when>", "something goes wrong with the server; see below")
    .addOption(hazardOption())
    .addOption(defectOption())
    .addHelpText(
      "after",
      `${NOTES}${FAULT_NOTES}\n\nHazards:\n${hazardNotes()}\n\nDefects:\n${defectNotes()}`,
    )
    .action(run);
}

const NOTES = `
The program runs alone on an OSF/1 server on Mach, with a disk of its own. With --bare system calls
take no simulated time beyond the PA-RISC text that is executed for them. A program that dies of a
signal gives 128 + its number, one that is stopped ${STOPPED}.`;

const OPTIONS = {
  own: "--own",
  input: "--input",
  traceCalls: "--trace-calls",
  fault: "--fault",
  hazard: "--hazard",
  defect: "--defect",
};

async function run(file: string, args: readonly string[], flags: ExecFlags): Promise<void> {
  for (const pair of flags.env ?? [])
    if (!/^[^=]+=/s.test(pair)) throw new UsageError(`--env: expected KEY=VALUE: ${pair}`);
  if (flags.fault !== undefined && flags.traceCalls !== undefined)
    throw new UsageError("--trace-calls: not with --fault");
  if (flags.bare !== true) return execUnix(file, args, flags);
  if (flags.export !== undefined) throw new UsageError("--export: --bare has no disk");
  for (const name of ["own", "input", "traceCalls", "fault", "hazard", "defect"] as const)
    if (flags[name] !== undefined)
      throw new UsageError(`--bare has no operating system: ${OPTIONS[name]}`);
  return execBare(file, args, flags);
}

/** A size in bytes, or with K, M or G after it. */
function size(text: string): number {
  const [, digits, unit = ""] = /^(\d+)([KMG]?)B?$/i.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("expected a size, as 64M.");
  return Number(digits) * 1024 ** ["", "K", "M", "G"].indexOf(unit.toUpperCase());
}
