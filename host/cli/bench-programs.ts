/**
 * The speed programs measured side by side: our fast engine with all timing, our classic engine, a core without
 * timing, Chromium, and qemu-hppa. Repetitions take turns, and medians are compared. That all print the
 * same is checked on the way. bench.ts shows the result.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { panic } from "../diagnostic.ts";
import { type MachineConfig, withoutTiming } from "../machine/config.ts";
import type { ChromiumPeer } from "./bench-chromium.ts";
import {
  type OwnRun,
  PEER,
  Programs,
  runOwn,
  runPeer,
  SPEED_PROGRAMS,
  type SpeedProgram,
} from "./speed-programs.ts";

/** Whom a run is compared with besides qemu-hppa; what is not there is left out. */
export interface Rivals {
  /** The core without a timing model, of `npm run bench`. */
  readonly untimed: WebAssembly.Module | undefined;
  readonly chromium: ChromiumPeer | undefined;
}

export interface BenchSize {
  readonly repetitions: number;
  /** Millions of instructions of one timed run of ours, about; the peer's is 25 times that. */
  readonly work: number;
}

export interface ProgramRow extends SpeedProgram {
  /** Of one timed run; TLB miss handlers included. */
  readonly instructions: number;
  readonly cycles: number;
  readonly instructionMisses: number;
  readonly dataMisses: number;
  readonly tlbMisses: number;
  /** Millions of instructions a second: all that ours simulated, the program's own of the peer. */
  readonly mips: number;
  readonly peerMips: number;
  readonly classicMips: number;
  readonly untimedMips: number | null;
  readonly chromiumMips: number | null;
  /** Ours over the peer's, the classic engine's, that without timing; Chromium's over ours. */
  readonly ratio: number;
  readonly classicRatio: number;
  readonly untimedRatio: number | null;
  readonly chromiumRatio: number | null;
  /** Simulated time over processor time. */
  readonly realTime: number;
}

/** Geometric means of ratios: of the five integer programs where it says so, else of all but the large one. */
export interface Means {
  readonly integer: number;
  readonly six: number;
  readonly classic: number;
  readonly untimed: number | null;
  readonly chromium: number | null;
}

const PEER_TIMES_OURS = 25;
/** The classic engine is slow: a part of the work tells as much. */
const CLASSIC_PART = 1 / 4;

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The core without timing, compiled; undefined when it was not built. */
export async function untimedCore(): Promise<WebAssembly.Module | undefined> {
  const file = fileURLToPath(new URL("../../build/core-untimed.wasm", import.meta.url));
  return existsSync(file) ? WebAssembly.compile(readFileSync(file)) : undefined;
}

export async function measurePrograms(
  config: MachineConfig,
  size: BenchSize,
  rivals: Rivals,
  done: (row: ProgramRow) => void,
): Promise<ProgramRow[]> {
  const rows: ProgramRow[] = [];
  const programs = new Programs();
  try {
    for (const program of SPEED_PROGRAMS) {
      const row = await measureProgram(program, programs.build(program), config, size, rivals);
      rows.push(row);
      done(row);
    }
  } finally {
    programs.remove();
  }
  return rows;
}

async function measureProgram(
  program: SpeedProgram,
  file: string,
  config: MachineConfig,
  { repetitions, work }: BenchSize,
  { untimed, chromium }: Rivals,
): Promise<ProgramRow> {
  // One round and three tell what a round is; they warm our compiler up, too.
  const one = await runOwn(file, 1, config, { count: true });
  const three = await runOwn(file, 3, config, { count: true });
  const perRound = (three.own - one.own) / 2;
  const all = (three.result.instructions - one.result.instructions) / 2;
  const rounds = Math.max(1, Math.round((work * 1e6) / all));
  const peerRounds = Math.max(1, Math.round((work * 1e6 * PEER_TIMES_OURS) / perRound));
  const classicRounds = Math.max(1, Math.round(rounds * CLASSIC_PART));

  const expected = runPeer(file, rounds).output;
  const same = (who: string, output: string): void => {
    if (output !== expected)
      panic(`bench: ${program.id} printed ${output} ${who}, under ${PEER} ${expected}`);
  };
  const flat = withoutTiming(config);
  const first = await runOwn(file, rounds, config);
  same("here", first.output);
  if (untimed)
    same("without timing", (await runOwn(file, rounds, flat, { engine: untimed })).output);
  if (chromium) same("in Chromium", (await chromium.run(file, rounds, config)).output);
  await runOwn(file, classicRounds, config, { engine: "classic" });

  const times = { own: [], peer: [], classic: [], untimed: [], node: [], chromium: [] } as Record<
    "own" | "peer" | "classic" | "untimed" | "node" | "chromium",
    number[]
  >;
  const rate = ({ result, seconds }: OwnRun): number => result.instructions / seconds / 1e6;
  for (let i = 0; i < repetitions; i++) {
    const own = await runOwn(file, rounds, config);
    times.own.push(rate(own));
    times.node.push(own.result.instructions / own.allSeconds / 1e6);
    if (untimed) times.untimed.push(rate(await runOwn(file, rounds, flat, { engine: untimed })));
    times.classic.push(rate(await runOwn(file, classicRounds, config, { engine: "classic" })));
    if (chromium) {
      const { instructions, seconds } = await chromium.run(file, rounds, config);
      times.chromium.push(instructions / seconds / 1e6);
    }
    times.peer.push((perRound * peerRounds) / runPeer(file, peerRounds).seconds / 1e6);
  }
  const { instructions, cycles, counters } = first.result;
  const [mips, peerMips, classicMips] = [median(times.own), median(times.peer), median(times.classic)]; // prettier-ignore
  const untimedMips = untimed ? median(times.untimed) : null;
  const chromiumMips = chromium ? median(times.chromium) : null;
  return {
    ...program,
    instructions,
    cycles,
    instructionMisses: counters.i_misses,
    dataMisses: counters.d_misses,
    tlbMisses: counters.itlb_misses + counters.dtlb_misses,
    mips,
    peerMips,
    classicMips,
    untimedMips,
    chromiumMips,
    ratio: mips / peerMips,
    classicRatio: mips / classicMips,
    untimedRatio: untimedMips === null ? null : mips / untimedMips,
    chromiumRatio: chromiumMips === null ? null : chromiumMips / median(times.node),
    realTime: ((cycles / instructions) * mips) / config.clockMHz,
  };
}

export function meansOf(rows: readonly ProgramRow[]): Means {
  const judged = rows.filter(({ group }) => group !== "large");
  const mean = (values: readonly (number | null)[]): number | null =>
    values.includes(null) ? null : geometricMean(values as readonly number[]);
  return {
    integer: geometricMean(
      rows.filter(({ group }) => group === "integer").map(({ ratio }) => ratio),
    ),
    six: geometricMean(judged.map(({ ratio }) => ratio)),
    classic: geometricMean(judged.map(({ classicRatio }) => classicRatio)),
    untimed: mean(judged.map(({ untimedRatio }) => untimedRatio)),
    chromium: mean(judged.map(({ chromiumRatio }) => chromiumRatio)),
  };
}
