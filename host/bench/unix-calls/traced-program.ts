/**
 * A program on the Unix, run under a trace of its calls: what `inkwell exec --trace-calls` does with a file,
 * for whoever has no files. The same run, so the same cycles.
 */
import { nextTurn } from "#platform";
import { elfImage } from "../../asm/elf/image.ts";
import { readElf } from "../../asm/elf/read.ts";
import { panic } from "../../diagnostic.ts";
import { ownPrograms } from "../../osf1/programs/programs.ts";
import { inputOf, runUnix, type UnixResult } from "../../osf1/run.ts";
import { type CallListing, CallTrace } from "../../osf1/trace/call-trace.ts";
import { VERSION } from "../../version.ts";
import { Cancelled, type RunOptions } from "../experiment.ts";
import { resolveRequest } from "../request.ts";

export type { TracedCall, TracedSpan } from "../../osf1/trace/call-trace.ts";

export interface ProgramRequest {
  /** Its name; of a file without folder, or one of our own programs. */
  readonly name: string;
  /** The file; without it, the program is one of ours. */
  readonly bytes?: Uint8Array;
  readonly arguments: readonly string[];
  readonly input: string;
  readonly configuration: string;
  /** The run is stopped then. */
  readonly maxCycles: number;
}

export interface TracedProgram extends CallListing {
  readonly version: string;
  /** The command that writes the same trace. */
  readonly command: string;
  readonly configuration: string;
  readonly ending: UnixResult["ending"];
  /** What it wrote, both streams as they came. */
  readonly output: string;
  readonly programCycles: number;
  readonly clockMHz: number;
  readonly systemCalls: UnixResult["calls"];
}

/** Cycles of the machine's start, about: where progress begins. */
const SHOWN = 5_000_000;
const OUTPUT_MOST = 100_000;

/**
 * Runs a program to its end, or to its limit.
 * @throws DiagnosticError when it is no program that can be run, Cancelled when `signal` was set
 */
export async function traceProgram(
  request: ProgramRequest,
  { signal, progress }: Pick<RunOptions, "signal" | "progress">,
): Promise<TracedProgram> {
  const { name, bytes, input, maxCycles } = request;
  const [configuration = panic("traceProgram: no configuration")] = resolveRequest({
    table: "4",
    configurations: [request.configuration],
  }).configurations;
  if (bytes) elfImage(readElf(name, bytes));
  const files = bytes
    ? [{ path: name, content: { kind: "file", bytes } as const, permissions: 0o755 }]
    : await ownPrograms();
  const trace = await CallTrace.make(configuration.calls);
  const output: number[] = [];
  let now = (): number => 0;
  const result = await runUnix({
    inKernel: configuration.server === "kernel",
    calls: configuration.calls,
    kernel: configuration.kernel,
    files,
    program: bytes ? `/${name}` : `/bin/${name}`,
    arguments: [name, ...request.arguments].map(bytesOf),
    environment: [],
    seed: 1,
    maxCycles,
    trace,
    streams: {
      ...inputOf(new TextEncoder().encode(input)),
      write: (_, written) => {
        if (output.length < OUTPUT_MOST) output.push(...written);
      },
    },
    observe: ({ kernel }) => (now = () => kernel.machine.cycles),
    async interrupted() {
      // How long it takes nobody knows.
      progress?.({
        column: configuration.name,
        title: configuration.title,
        fraction: 1 - SHOWN / (SHOWN + now() / 20),
      });
      await nextTurn();
      return signal?.aborted ?? false;
    },
  });
  if (signal?.aborted) throw new Cancelled();
  return {
    version: VERSION,
    command: commandOf(request),
    configuration: configuration.name,
    ending: result.ending,
    output: new TextDecoder().decode(Uint8Array.from(output)),
    programCycles: result.programCycles,
    clockMHz: result.clockMHz,
    systemCalls: result.calls,
    ...(result.trace ?? panic("traceProgram: no trace")),
  };
}

/** A text as the bytes of its UTF-8, a character each. */
const bytesOf = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");

function commandOf({ name, bytes, input, configuration, ...rest }: ProgramRequest): string {
  return [
    "inkwell exec",
    ...(bytes ? [] : ["--own"]),
    `--config ${configuration} --max-cycles ${rest.maxCycles} --trace-calls calls.json`,
    `--input ${quoted(input)}`,
    ...[name, ...rest.arguments].map(quoted),
  ].join(" ");
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
