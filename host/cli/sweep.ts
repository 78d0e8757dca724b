/**
 * `inkwell sweep KEY=VALUES…`: a table on many machines, over workers, a line of JSON each. With a file, what
 * is in it already is not run again: a sweep that was stopped goes on where it was. Lines come in the order of
 * the values, however many workers there are, so that the same sweep gives the same bytes.
 */
import { cores } from "#platform";
import type { Command } from "commander";
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { TableResult } from "../bench/request.ts";
import { readAxis, type SweepPoint, sweepPoints } from "../bench/sweep.ts";
import { VERSION } from "../version.ts";
import { Simulator } from "../worker/client.ts";
import { UsageError } from "./failure.ts";
import { machineOptions, positive, requestOf, type RunFlags, runOptions } from "./options.ts";
import { withProgress } from "./progress.ts";

interface SweepFlags extends RunFlags {
  readonly table: string;
  readonly workers: number;
  readonly output?: string;
}

/** A line: what was set, then the object that `inkwell table --json` prints. */
interface SweepLine extends TableResult {
  readonly parameters: SweepPoint["parameters"];
}

export function registerSweep(program: Command): void {
  const command = program
    .command("sweep <parameters...>")
    .description("measure a table on many machines, and write a line of JSON for each")
    .addHelpText(
      "after",
      `
Parameters are KEY=VALUE,VALUE,… or KEY=LOW..HIGH:STEP, where KEY is a parameter of the machine (inkwell config)
or preset; several give all combinations. Each line has parameters, and the fields of table --json.

  inkwell sweep dataMiss=0..40:4 --row null
  inkwell sweep dataCacheBytes=4096,16384,65536 storeBusy=0..4 --config INKS_TRAP -o caches.jsonl`,
    )
    .option("--table <name>", "the table or experiment", "3");
  machineOptions(runOptions(command))
    .option("--workers <n>", "how many run at a time", positive, cores())
    .option("-o, --output <file>", "write there, and go on with what is there")
    .action(async (parameters: string[], flags: SweepFlags) => {
      const points = sweepPoints(requestOf(flags.table, flags), parameters.map(readAxis));
      const sink = flags.output === undefined ? toStdout() : toFile(flags.output, points);
      try {
        const left = points.filter((point) => !sink.known.has(point.command));
        if (left.length === 0) return;
        await withProgress(
          (progress) =>
            runPoints(left, flags.workers, (line, done) => {
              sink.write(`${JSON.stringify(line)}\n`);
              progress({ column: "", title: `${done} of ${left.length}`, fraction: done / left.length }); // prettier-ignore
            }),
          { lines: flags.output !== undefined },
        );
      } finally {
        sink.close();
      }
    });
}

/** Runs every point on some worker; `done` hears of each in order. The first failure ends all. */
async function runPoints(
  points: readonly SweepPoint[],
  workers: number,
  done: (line: SweepLine, count: number) => void,
): Promise<void> {
  const simulators = Array.from(
    { length: Math.min(workers, points.length) },
    () => new Simulator(),
  );
  const waiting = new Map<number, SweepLine>();
  let next = 0;
  let written = 0;
  const work = async (simulator: Simulator): Promise<void> => {
    for (let i = next++; i < points.length; i = next++) {
      const { parameters, request } = points[i]!;
      waiting.set(i, { parameters, ...(await simulator.runTable(request)) });
      for (let line = waiting.get(written); line; line = waiting.get(written)) {
        waiting.delete(written++);
        done(line, written);
      }
    }
  };
  try {
    await Promise.all(simulators.map(work));
  } finally {
    for (const simulator of simulators) simulator.close();
  }
}

interface Sink {
  /** Commands whose lines are there. */
  readonly known: ReadonlySet<string>;
  write(line: string): void;
  close(): void;
}

function toStdout(): Sink {
  return { known: new Set(), write: (line) => process.stdout.write(line), close: () => {} };
}

/** Appends to a file, after the lines of this sweep that it has; half a line at its end is dropped. */
function toFile(file: string, points: readonly SweepPoint[]): Sink {
  const handle = opened(file);
  const isFile = fstatSync(handle).isFile();
  const text = isFile ? readFileSync(file, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const known = knownLines(file, whole, points);
  if (isFile) ftruncateSync(handle, Buffer.byteLength(whole));
  return { known, write: (line) => void writeSync(handle, line), close: () => closeSync(handle) };
}

function opened(file: string): number {
  try {
    return openSync(file, "a");
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function knownLines(file: string, text: string, points: readonly SweepPoint[]): Set<string> {
  const wanted = new Set(points.map(({ command }) => command));
  const known = new Set<string>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const { version, command } = parsed(line);
    if (command === undefined || !wanted.has(command))
      throw new UsageError(`${file}:${i + 1}: no line of this sweep; write to another file`);
    if (version !== VERSION)
      throw new UsageError(`${file}:${i + 1}: written by version ${version}; this is ${VERSION}`);
    known.add(command);
  }
  return known;
}

function parsed(line: string): Partial<SweepLine> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
