/** `inkwell exec` on the simulated Unix: a machine, its disk with the wanted files, the program. */
import { resolveMachine } from "../bench/request.ts";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { aftermathText, faultText } from "../bench/fault-text.ts";
import { type Aftermath, runWithFault } from "../bench/faults.ts";
import { standardStreams } from "../bare/standard-streams.ts";
import { elfImage } from "../asm/elf/image.ts";
import { readElf } from "../asm/elf/read.ts";
import { panic } from "../diagnostic.ts";
import { withoutTiming } from "../machine/config.ts";
import { GuestStopped } from "../mach/fault.ts";
import { deathText } from "../mach/task-deaths.ts";
import { linuxSignal } from "../osf1/linux/signals.ts";
import { readDisk } from "../osf1/boot.ts";
import { ownPrograms } from "../osf1/programs/programs.ts";
import {
  inputOf,
  runUnix,
  type UnixEnding,
  type UnixResult,
  type UnixRunOptions,
} from "../osf1/run.ts";
import { CallTrace } from "../osf1/trace/call-trace.ts";
import { VERSION } from "../version.ts";
import { UsageError } from "./failure.ts";
import { bytesOf, type ExecFlags, pathInTree, SIGNALLED, STOPPED } from "./exec-flags.ts";
import { readBytes, writeWhole } from "./files.ts";
import { hazardsOf } from "./hazards.ts";
import { listen } from "./keyboard.ts";
import { treeEntries, writeTree } from "./trees.ts";

/** Runs a program; sets the exit status. */
export async function execUnix(
  file: string,
  args: readonly string[],
  flags: ExecFlags,
): Promise<void> {
  const { preset, machine: resolved } = resolveMachine(flags);
  const base = flags.timing ? resolved : withoutTiming(resolved);
  const machine = { ...base, ...(flags.memory !== undefined && { memoryBytes: flags.memory }) };
  const configuration =
    CONFIGURATIONS.find(({ name }) => name === flags.config) ??
    panic(`execUnix: no configuration ${flags.config}`);
  const { path, files } = flags.own === true ? await ownTree(file, flags) : tree(file, flags);
  const trace = flags.traceCalls === undefined ? undefined : await CallTrace.make(configuration.calls); // prettier-ignore
  const keyboard = listen();
  try {
    const { result, aftermath } = await runEither(flags.fault, {
      inKernel: configuration.server === "kernel",
      calls: configuration.calls,
      kernel: {
        ...configuration.kernel,
        ...hazardsOf(flags, configuration.kernel.hazards),
        machine,
      },
      ...(flags.defect && { defects: flags.defect }),
      files,
      program: path,
      arguments: [file, ...args].map(bytesOf),
      environment: (flags.env ?? []).map(bytesOf),
      streams: {
        ...standardStreams(keyboard.waiting),
        ...(flags.input !== undefined && inputOf(Buffer.from(flags.input))),
      },
      ...(trace && { trace }),
      seed: flags.seed,
      interrupted: keyboard.interrupted,
      count: flags.stats !== undefined,
      ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
    });
    const { status, message } = describe(result.ending);
    if (result.fault && aftermath)
      for (const line of [...faultText(result.fault), ...aftermathText(aftermath)])
        console.error(`inkwell: ${line}`);
    else if (message !== undefined) console.error(`inkwell: ${file}: ${message}`);
    if (flags.export !== undefined) writeTree(flags.export, readDisk(result.disk));
    if (flags.stats !== undefined || flags.traceCalls !== undefined) {
      const command = `inkwell exec ${[file, ...args].join(" ")}`;
      const head = { version: VERSION, command, seed: flags.seed };
      const config = { configuration: configuration.name, preset, machine };
      const object = {
        ...head,
        config,
        status,
        ...statistics(result, machine.clockMHz),
        ...(aftermath && { fault: result.fault, aftermath }),
      };
      const written = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
      const outputs = new Map<string, string>();
      if (flags.stats !== undefined) outputs.set(flags.stats, written(object));
      if (flags.traceCalls !== undefined)
        outputs.set(flags.traceCalls, written({ ...object, ...result.trace }));
      writeWhole(outputs);
    }
    process.exitCode = status;
  } catch (error) {
    if (!(error instanceof GuestStopped)) throw error;
    console.error(`inkwell: ${file}: ${error.message}`);
    process.exitCode = 1;
  } finally {
    keyboard.stop();
  }
}

/** A program's run; with a fault, what came of that too. */
async function runEither(
  fault: string | undefined,
  options: UnixRunOptions,
): Promise<{ readonly result: UnixResult; readonly aftermath?: Aftermath }> {
  return fault === undefined
    ? { result: await runUnix(options) }
    : runWithFault({ ...options, fault });
}

/** The disk with a file of the host's, and where on it the program is. */
function tree(file: string, flags: ExecFlags) {
  const bytes = readBytes(file);
  elfImage(readElf(file, bytes)); // says what is wrong with it, if it is no program
  const path = pathInTree(file, flags.root);
  const files = treeEntries(flags.root);
  if (!files.some((entry) => `/${entry.path}` === path))
    files.push({ path: path.slice(1), content: { kind: "file", bytes }, permissions: 0o755 });
  return { path, files };
}

/** The disk with our own programs. */
async function ownTree(name: string, flags: ExecFlags) {
  const own = await ownPrograms();
  const path = `/bin/${name}`;
  if (!own.some((entry) => `/${entry.path}` === path))
    throw new UsageError(`--own: expected sh, cat, echo or hello: ${name}`);
  const files = treeEntries(flags.root);
  const names = new Set(files.map((entry) => entry.path));
  return { path, files: [...own.filter((entry) => !names.has(entry.path)), ...files] };
}

/** The command's exit status, and what it says of an end that the program did not choose. */
function describe(ending: UnixEnding): { readonly status: number; readonly message?: string } {
  switch (ending.kind) {
    case "ended":
      if (ending.status.kind === "exited") return { status: ending.status.code };
      if (ending.status.kind !== "killed")
        return panic(`execUnix: ended, but ${ending.status.kind}`);
      return {
        status: SIGNALLED + linuxSignal(ending.status.signal),
        message: `ended by signal ${linuxSignal(ending.status.signal)}`,
      };
    case "refused":
      return { status: 1, message: `cannot be executed: ${ending.errno}` };
    case "deadlock":
      return { status: STOPPED, message: "waits for what will never come" };
    case "server-died":
      return {
        status: 1,
        message: `the Unix server died, and every Unix service with it: ${deathText(ending.death)}`,
      };
    case "panic":
      return { status: 1, message: ending.report };
    case "limit":
      return { status: STOPPED, message: "stopped at the limit of cycles" };
    case "interrupted":
      return { status: STOPPED, message: "interrupted from the keyboard" };
  }
}

/** Of the stable object of `--stats`; fields are only ever added. */
function statistics(
  { ending, cycles, programCycles, counters, calls, communication }: UnixResult,
  clockMHz: number,
) {
  const seconds = programCycles / (clockMHz * 1e6);
  const counted = { counters, systemCalls: calls, communication };
  return { ending, cycles, programCycles, seconds, ...counted };
}
