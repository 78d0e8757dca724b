/**
 * `inkwell exec --bare`: a static PA-RISC Linux program on the simulated machine, with the command's
 * own streams and, to read, the files below one directory. The exit status is the program's.
 */
import { type BareResult, runBare } from "../bare/run.ts";
import { standardStreams } from "../bare/standard-streams.ts";
import type { Machine } from "../machine/machine.ts";
import { withoutTiming } from "../machine/config.ts";
import { resolveMachine } from "../bench/request.ts";
import { VERSION } from "../version.ts";
import { readBytes, treeOf, writeWhole } from "./files.ts";
import { listen } from "./keyboard.ts";
import { bytesOf, type ExecFlags, pathInTree, SIGNALLED, STOPPED } from "./exec-flags.ts";

/** Runs a program without an operating system; sets the exit status. */
export async function execBare(
  file: string,
  args: readonly string[],
  flags: ExecFlags,
): Promise<void> {
  const { preset, machine: resolved } = resolveMachine(flags);
  const base = flags.timing ? resolved : withoutTiming(resolved);
  const machine = { ...base, ...(flags.memory !== undefined && { memoryBytes: flags.memory }) };
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
