/**
 * `inkwell profile` and `inkwell trace`: where the cycles of a bare program, or of one remote procedure
 * call of Table 3, go. Every instruction is looked at, so both are exact, and slower than a plain run; the
 * cycles are the same.
 */
import { type Command, Option } from "commander";
import { BARE } from "../bare/layout.ts";
import { standardStreams } from "../bare/standard-streams.ts";
import { type BareResult, runBare } from "../bare/run.ts";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { resolveMachine, resolveRequest } from "../bench/request.ts";
import { reportCall } from "../bench/rpc/call-report.ts";
import { type CallObserver, observeCall } from "../bench/rpc/observe.ts";
import type { RPC_ROWS } from "../bench/rpc/measure.ts";
import { table3 } from "../bench/table3.ts";
import { CR } from "../abi/pa.ts";
import type { WalkOptions } from "../machine/call-walk.ts";
import { EventTrace } from "../machine/event-trace.ts";
import { Profile } from "../machine/profile.ts";
import { Symbols } from "../machine/symbols.ts";
import {
  chromeTrace,
  profileText,
  speedscopeProfile,
  speedscopeTrace,
  traceText,
} from "../machine/trace-formats.ts";
import { VERSION } from "../version.ts";
import { UsageError } from "./failure.ts";
import { readBytes, treeOf, writeWhole } from "./files.ts";
import { listen } from "./keyboard.ts";
import { type MachineFlags, machineOptions, positive } from "./options.ts";

interface ObserveFlags extends MachineFlags {
  readonly row?: string;
  readonly config: string;
  readonly format: string;
  readonly output?: string;
  readonly root?: string;
  readonly maxCycles?: number;
}

interface ProfileFlags extends ObserveFlags {
  readonly top: number;
}

interface TraceFlags extends ObserveFlags {
  readonly limit: number;
}

const EXPORTER = `inkwell ${VERSION}`;

const ABOUT = `
What is looked at is PROGRAM with its arguments, as inkwell exec --bare runs it (its output goes to stderr
unless --output is given), or with --row one call of a row of Table 3, warmed up.`;

function common(command: Command, formats: readonly string[], noun: string): Command {
  const [first] = formats;
  machineOptions(command)
    .argument("[program]", "a static PA-RISC Linux program")
    .argument("[args...]", "its arguments")
    .passThroughOptions()
    .option("--row <id>", `a row of Table 3: ${table3.rows.map(({ id }) => id).join(", ")}`)
    .addOption(
      new Option("--config <name>", "configuration of the row")
        .choices(CONFIGURATIONS.map(({ name }) => name))
        .default("INKS_TRAP"),
    )
    .addOption(
      new Option("--format <name>", `of the ${noun}`).choices([...formats]).default(first!),
    )
    .option("-o, --output <file>", "where to write it (default: stdout)")
    .option("--root <dir>", "the program's /, read-only (default: no files)")
    .option("--max-cycles <n>", "stop the program after so many cycles", positive)
    .addHelpText("after", ABOUT);
  return command;
}

export function registerObserve(program: Command): void {
  program.enablePositionalOptions();
  common(
    program.command("profile").description("cycles by routine and by chain of calls, exact"),
    ["text", "json", "speedscope"],
    "profile",
  )
    .option("--top <n>", "routines that the text shows", positive, 40)
    .action(profile);
  common(
    program.command("trace").description("calls and returns in order, with their cycles"),
    ["text", "chrome", "speedscope", "report"],
    "trace",
  )
    .option("--limit <n>", "routines that are entered, at most", positive, 100_000)
    .action(trace);
}

async function profile(file: string | undefined, args: string[], flags: ProfileFlags) {
  const made: Profile[] = [];
  const { name } = await observe(file, args, flags, (symbols, options) => {
    made.push(new Profile(symbols, options));
    return made[0]!;
  });
  const [result] = made as [Profile];
  const texts: Readonly<Record<string, () => string>> = {
    text: () => profileText(result, flags.top),
    json: () => JSON.stringify(rowsOf(result, { file, args, flags }), null, 2),
    speedscope: () => JSON.stringify(speedscopeProfile(result, name, EXPORTER)),
  };
  emit(texts[flags.format]!(), flags);
}

/** The stable object of `--format json`; fields are only ever added. */
function rowsOf(
  result: Profile,
  { file, args, flags }: { file: string | undefined; args: readonly string[]; flags: ProfileFlags },
) {
  const { preset, machine } = resolveMachine(flags);
  const what = file === undefined ? [`--row ${flags.row}`, `--config ${flags.config}`] : [file, ...args]; // prettier-ignore
  return {
    version: VERSION,
    command: `inkwell profile ${what.join(" ")}`,
    seed: null,
    config: { preset, machine },
    cycles: result.cycles,
    rows: result.rows(),
  };
}

async function trace(file: string | undefined, args: string[], flags: TraceFlags) {
  if (flags.format === "report") return report(file, flags);
  const made: EventTrace[] = [];
  const { name, clockMHz } = await observe(file, args, flags, (symbols, options) => {
    made.push(new EventTrace(symbols, { ...options, limit: flags.limit }));
    return made[0]!;
  });
  const [result] = made as [EventTrace];
  const texts: Readonly<Record<string, () => string>> = {
    text: () => traceText(result),
    chrome: () => JSON.stringify(chromeTrace(result, { clockMHz, name, version: VERSION })),
    speedscope: () => JSON.stringify(speedscopeTrace(result, name, EXPORTER)),
  };
  emit(texts[flags.format]!(), flags);
}

/** One call as data: spans, routines, cycles by cause, caches and TLBs. */
async function report(file: string | undefined, { row, config, preset, set, output }: TraceFlags) {
  if (row === undefined || file !== undefined)
    throw new UsageError("--format report is about one call: expected --row, and no program");
  const result = await reportCall({
    row,
    configuration: config,
    ...(preset !== undefined && { preset }),
    ...(set && { set }),
  });
  const text = JSON.stringify(result, null, 2);
  if (output === undefined) console.log(text);
  else writeWhole(new Map([[output, `${text}\n`]]));
}

function emit(text: string, { output }: ObserveFlags): void {
  if (output === undefined) console.log(text);
  else writeWhole(new Map([[output, `${text}\n`]]));
}

type Start = (symbols: Symbols, options: WalkOptions) => CallObserver;

/** Runs what the command line names under an observer. */
async function observe(
  file: string | undefined,
  args: readonly string[],
  flags: ObserveFlags,
  start: Start,
): Promise<{ readonly name: string; readonly clockMHz: number }> {
  const { machine } = resolveMachine(flags);
  const { clockMHz } = machine;
  if (flags.row !== undefined) {
    if (file !== undefined) throw new UsageError(`--row looks at no program: ${file}`);
    const known = table3.rows.find(({ id }) => id === flags.row);
    if (!known)
      throw new UsageError(
        `--row: expected ${table3.rows.map(({ id }) => id).join(", ")}: ${flags.row}`,
      );
    const [configuration] = resolveRequest({
      table: "3",
      configurations: [flags.config],
    }).configurations;
    const routine = flags.row as (typeof RPC_ROWS)[number];
    await observeCall({ configuration: configuration!, routine, machine }, start);
    return { name: `${known.title}, ${configuration!.title}`, clockMHz };
  }
  if (file === undefined) throw new UsageError("expected a program, or --row");
  const result = await runProgram(file, args, flags, start);
  if (result.ending.kind !== "exit") console.error(`inkwell: ${file}: ${result.ending.message}`);
  // A run that was cut short is what was asked for; one that died has failed.
  if (result.ending.kind === "signal") process.exitCode = 1;
  return { name: file, clockMHz };
}

async function runProgram(
  file: string,
  args: readonly string[],
  flags: ObserveFlags,
  start: Start,
): Promise<BareResult> {
  const { machine } = resolveMachine(flags);
  const keyboard = listen();
  const streams = standardStreams(keyboard.waiting);
  // The program's output must not get into the report.
  const write =
    flags.output === undefined
      ? (_: 1 | 2, bytes: Uint8Array) => streams.write(2, bytes)
      : streams.write.bind(streams);
  let observer: CallObserver | undefined;
  const result = await runBare({
    program: { file, bytes: readBytes(file) },
    arguments: [file, ...args].map((text) => Buffer.from(text).toString("latin1")),
    world: { readInput: streams.readInput.bind(streams), write, files: treeOf(flags.root) }, // prettier-ignore
    machine,
    interrupted: keyboard.interrupted,
    ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
    observe: ({ machine: observed, program, text }) => {
      const title = file.split("/").at(-1)!;
      const loaded = [
        { title, space: BARE.BARE_SPACE, image: program },
        { title: "gateway and TLB handlers", space: 0, image: text },
      ];
      observer = start(new Symbols(loaded), { vectors: observed.cr(CR.CR_IVA), since: 0 });
      observed.trace(observer.tracer);
    },
  }).finally(keyboard.stop);
  observer!.finish(result.cycles);
  return result;
}
