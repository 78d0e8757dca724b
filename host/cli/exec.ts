/**
 * `inkwell exec --bare`: a static PA-RISC Linux program on the simulated machine, with the command's
 * own streams and, to read, the files below one directory. The exit status is the program's.
 */
import { realpathSync } from "node:fs";
import { basename, relative, sep } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type BareResult, runBare } from "../bare/run.ts";
import { standardStreams } from "../bare/standard-streams.ts";
import type { Machine } from "../machine/machine.ts";
import { withoutTiming } from "../machine/config.ts";
import { resolveMachine } from "../bench/request.ts";
import { VERSION } from "../version.ts";
import { UsageError } from "./failure.ts";
import { readBytes, treeOf, writeWhole } from "./files.ts";
import { listen } from "./keyboard.ts";
import { type MachineFlags, machineOptions, positive, repeated } from "./options.ts";

interface ExecFlags extends MachineFlags {
  readonly bare: true;
  readonly root?: string;
  readonly env?: readonly string[];
  readonly memory?: number;
  readonly maxCycles?: number;
  readonly seed: number;
  readonly stats?: string;
  readonly timing: boolean;
}

/** What the shell's timeout gives, for a program that reached its limit or waits for ever. */
const STOPPED = 124;
/** A shell's status of a program that a signal ended. */
const SIGNALLED = 128;

export function registerExec(program: Command): void {
  // What stands after the program's name is the program's, options included.
  program.enablePositionalOptions();
  const command = program
    .command("exec")
    .description("run a static PA-RISC Linux program; the exit status is its own")
    .argument("<program>", "an ELF file, as hppa-linux-gnu-gcc -static makes it")
    .argument("[args...]", "its arguments")
    .passThroughOptions()
    .requiredOption("--bare", "without an operating system: user mode, one process, files to read");
  machineOptions(command)
    .option("--root <dir>", "the program's /, read-only (default: no files)")
    .addOption(
      new Option("--env <key=value>", "set a variable; may be repeated").argParser(repeated),
    )
    .option("--memory <size>", "memory of the machine, as 64M (default: the preset's)", size)
    .option("--max-cycles <n>", `stop after so many cycles, with exit status ${STOPPED}`, positive)
    .option("--seed <n>", "of the program's random bytes", positive, 1)
    .option("--no-timing", "count instructions only: nothing costs more than its cycle")
    .option("--stats <file>", "write cycles, counters and system calls as JSON")
    .addHelpText("after", NOTES)
    .action(run);
}

const NOTES = `
System calls take no simulated time beyond the PA-RISC text that is executed for them. A program that
dies of a signal gives 128 + its number, one that is stopped ${STOPPED}.`;

async function run(file: string, args: readonly string[], flags: ExecFlags): Promise<void> {
  const { preset, machine: resolved } = resolveMachine(flags);
  const base = flags.timing ? resolved : withoutTiming(resolved);
  const machine = { ...base, ...(flags.memory !== undefined && { memoryBytes: flags.memory }) };
  for (const pair of flags.env ?? [])
    if (!/^[^=]+=/s.test(pair)) throw new UsageError(`--env: expected KEY=VALUE: ${pair}`);
  const program = { file, bytes: readBytes(file) };
  const files = treeOf(flags.root);
  const keyboard = listen();
  let machineAtEnd: Machine | undefined;
  const result = await runBare({
    program,
    // Who took what, by space and level, is for the statistics.
    observe: ({ machine: observed }) => {
      machineAtEnd = observed;
      if (flags.stats !== undefined) observed.keepAccounts();
    },
    arguments: [file, ...args].map(bytesOf),
    executable: bytesOf(pathInTree(file, flags.root)),
    environment: (flags.env ?? []).map(bytesOf),
    world: { ...standardStreams(keyboard.waiting), files },
    interrupted: keyboard.interrupted,
    machine,
    seed: flags.seed,
    ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
  }).finally(keyboard.stop);
  const { ending } = result;
  if (ending.kind !== "exit") console.error(`inkwell: ${file}: ${ending.message}`);
  const status = statusOf(ending);
  if (flags.stats !== undefined) {
    const command = `inkwell exec --bare ${[file, ...args].join(" ")}`;
    const head = { preset, command, seed: flags.seed, status };
    const object = { ...statistics(result, head), accounts: machineAtEnd!.accounts() };
    writeWhole(new Map([[flags.stats, `${JSON.stringify(object, null, 2)}\n`]]));
  }
  process.exitCode = status;
}

function statusOf(ending: BareResult["ending"]): number {
  if (ending.kind === "exit") return ending.status;
  return ending.kind === "signal" ? SIGNALLED + ending.signal : STOPPED;
}

/** A text as the bytes of its UTF-8, a character each. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** The program's path as it sees it: where its file is, if that is below the root. */
function pathInTree(file: string, root: string | undefined): string {
  const inside = root === undefined ? ".." : relative(realpathSync(root), realpathSync(file));
  return inside.split(sep)[0] === ".." ? `/${basename(file)}` : `/${inside.replaceAll(sep, "/")}`;
}

/** The stable object of `--stats`; fields are only ever added. */
function statistics(
  result: BareResult,
  head: { preset: string; command: string; seed: number; status: number },
) {
  const { ending, cycles, instructions, counters, calls, memoryUsed, config } = result;
  return {
    version: VERSION,
    command: head.command,
    seed: head.seed,
    config: { preset: head.preset, machine: config },
    status: head.status,
    ending,
    cycles,
    instructions,
    cpi: instructions === 0 ? null : cycles / instructions,
    seconds: cycles / (config.clockMHz * 1e6),
    systemCallTime: "not simulated beyond executed text",
    counters,
    systemCalls: calls,
    memoryUsed,
  };
}

/** A size in bytes, or with K, M or G after it. */
function size(text: string): number {
  const [, digits, unit = ""] = /^(\d+)([KMG]?)B?$/i.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("expected a size, as 64M.");
  return Number(digits) * 1024 ** ["", "K", "M", "G"].indexOf(unit.toUpperCase());
}
