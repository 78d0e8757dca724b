/**
 * Andrew's file-system phases on the Unix server (paper §4.5): a workload of our own in the benchmark's
 * manner, alone on the machine, run again and again, timed by the system's clock. The first run has
 * everything to bring in and is left out; calls and messages are counted in the last one.
 */
import { nextTurn } from "#platform";
import { panic } from "../../diagnostic.ts";
import type { Counters } from "../../machine/counters.ts";
import { type Communicated, countCommunication } from "../../osf1/communication.ts";
import { nativeStat } from "../../osf1/native/structures.ts";
import type { UnixMachine } from "../../osf1/boot.ts";
import { runUnix } from "../../osf1/run.ts";
import type { Configuration } from "../configurations.ts";
import { Cancelled, type MeasureOptions } from "../experiment.ts";
import { alone, endedWell, measuringProgram } from "../unix-calls/program.ts";
import { andrewDisk, FILES, RUNS } from "./tree.ts";

export const PHASES = ["makedir", "copy", "scandir", "readall"] as const;
/** Far more than any configuration takes, cycles. */
const LIMIT = 200_000_000_000;

export interface AndrewRun {
  /** Seconds of the machine's clock. */
  readonly seconds: number;
  /** Of each phase. */
  readonly phases: readonly number[];
  /** Cycles of it: executed, declared, and those in which everybody waited for the disk. */
  readonly earned: number;
  readonly declared: number;
  readonly idle: number;
}

export interface Andrew {
  /** The one that is left out. */
  readonly first: AndrewRun;
  readonly others: readonly AndrewRun[];
  /** Of the last run. */
  readonly communication: Communicated;
  readonly clockMHz: number;
}

export interface AndrewOptions extends Pick<MeasureOptions, "machine" | "signal" | "progress"> {
  /** Files of the tree; the benchmark's own number by default. */
  readonly files?: number;
  /** Runs besides the first. */
  readonly runs?: number;
}

/** The program, driver and tools, for so many runs in all. */
export async function andrewProgram(runs: number): Promise<Uint8Array> {
  const { st_mode: OSTAT_MODE, st_size: OSTAT_SIZE } = nativeStat.offset;
  const own = { RUNS: runs, OSTAT_MODE, OSTAT_SIZE, SIZEOF_OSTAT: nativeStat.size };
  const texts = [new URL("./tools.s", import.meta.url), new URL("./driver.s", import.meta.url)];
  return (await measuringProgram("andrew.s", texts, own)).bytes;
}

/** What was measured, by what was asked: three tables show the same runs. */
const measured = new Map<string, Promise<Andrew>>();

/**
 * Runs Andrew in one configuration, or gives what is known of it.
 * @throws Cancelled when `options.signal` was set
 */
export async function andrewIn(
  configuration: Configuration,
  options: AndrewOptions,
): Promise<Andrew> {
  const { machine, files = FILES, runs = RUNS } = options;
  const key = JSON.stringify([configuration, machine, files, runs]);
  const known = measured.get(key) ?? measureAndrew(configuration, options);
  measured.set(key, known);
  try {
    return await known;
  } catch (error) {
    measured.delete(key);
    throw error;
  }
}

/** @throws Cancelled when `options.signal` was set */
async function measureAndrew(
  configuration: Configuration,
  { machine, signal, progress, files = FILES, runs = RUNS }: AndrewOptions,
): Promise<Andrew> {
  const bytes = await andrewProgram(1 + runs);
  const output: number[] = [];
  const marks: Counters[] = [];
  let running: UnixMachine | undefined;
  let counted: (() => Communicated) | undefined;
  let communication: Communicated | undefined;
  const mark = (): void => {
    const { kernel, osf1 } = running ?? panic("measureAndrew: not booted");
    marks.push(kernel.machine.counters());
    if (marks.length === 2 * runs + 1)
      counted = countCommunication(osf1() ?? panic("measureAndrew: no server"), kernel);
    if (marks.length === 2 * runs + 2) communication = counted?.();
    progress?.(marks.length, 2 * runs + 2);
  };
  const result = await runUnix({
    ...alone("/andrew", bytes, configuration, machine),
    files: andrewDisk(bytes, files),
    maxCycles: LIMIT,
    observe: (booted) => (running = booted),
    streams: {
      readInput: () => new Uint8Array(0),
      write(stream, written) {
        if (stream === 1) output.push(...written);
        else mark();
      },
    },
    async interrupted() {
      await nextTurn();
      return signal?.aborted ?? false;
    },
  });
  if (signal?.aborted) throw new Cancelled();
  if (!endedWell(result))
    throw new Error(`Andrew did not end well: ${JSON.stringify(result.ending)}`);
  const times = runTimes(Uint8Array.from(output));
  const all = times.map((phases, i): AndrewRun => {
    const [from, to] = [marks[2 * i]!, marks[2 * i + 1]!];
    const [cycles, declared, idle] = (["cycles", "declared", "idle"] as const).map(
      (name) => to[name] - from[name],
    ) as [number, number, number];
    const seconds = phases.reduce((sum, phase) => sum + phase, 0);
    return { seconds, phases, earned: cycles - declared - idle, declared, idle };
  });
  const [first = panic("andrew: no runs"), ...others] = all;
  communication ??= panic("andrew: nothing counted");
  return { first, others, communication, clockMHz: result.clockMHz };
}

/** Seconds of each run's phases, from the looks at the clock. */
function runTimes(looks: Uint8Array): number[][] {
  const view = new DataView(looks.buffer);
  const at = (i: number): number => view.getUint32(8 * i) + view.getUint32(8 * i + 4) / 1e6;
  const stride = PHASES.length + 1;
  return Array.from({ length: looks.length / (8 * stride) }, (_, run) =>
    PHASES.map((_phase, i) => at(run * stride + i + 1) - at(run * stride + i)),
  );
}
