/**
 * `inkwell bench`: simulated instructions a second, beside qemu-hppa's on the same programs where the cross
 * compiler and it are installed. Repetitions of the two take turns, and medians are shown.
 */
import type { Command } from "commander";
import { resolveMachine } from "../bench/request.ts";
import { measureKernelSpeed } from "../bench/kernel-speed.ts";
import { measureKmigSpeed } from "../bench/kmig-speed.ts";
import { measureSpeed, type Speed } from "../bench/speed.ts";
import type { MachineConfig } from "../machine/config.ts";
import { Machine } from "../machine/machine.ts";
import { panic } from "../diagnostic.ts";
import { VERSION } from "../version.ts";
import { type MachineFlags, machineOptions, positive } from "./options.ts";
import {
  missingTools,
  PEER,
  Programs,
  runOwn,
  runPeer,
  SPEED_PROGRAMS,
  type SpeedProgram,
} from "./speed-programs.ts";

/** Instructions of one repetition, about: ours, and the peer's. */
const OWN_WORK = 40e6;
const PEER_WORK = 1e9;

interface ProgramRow {
  readonly id: string;
  readonly title: string;
  readonly group: SpeedProgram["group"];
  /** Of one timed run; TLB miss handlers included. */
  readonly instructions: number;
  readonly cycles: number;
  readonly instructionMisses: number;
  readonly dataMisses: number;
  readonly tlbMisses: number;
  /** Millions of instructions a second: all that ours simulated, the program's own of the peer. */
  readonly mips: number;
  readonly peerMips: number;
  readonly ratio: number;
  /** Simulated time over processor time. */
  readonly realTime: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

async function measureProgram(
  program: SpeedProgram,
  file: string,
  config: MachineConfig,
  repetitions: number,
): Promise<ProgramRow> {
  // One round and three tell what a round is; they warm our compiler up, too.
  const one = await runOwn(file, 1, config, { count: true });
  const three = await runOwn(file, 3, config, { count: true });
  const perRound = (three.own - one.own) / 2;
  const all = (three.result.instructions - one.result.instructions) / 2;
  const rounds = Math.max(1, Math.round(OWN_WORK / all));
  const peerRounds = Math.max(1, Math.round(PEER_WORK / perRound));
  await runOwn(file, rounds, config);
  const own: number[] = [];
  const peer: number[] = [];
  let last = three;
  for (let i = 0; i < repetitions; i++) {
    last = await runOwn(file, rounds, config);
    own.push(last.result.instructions / last.seconds / 1e6);
    peer.push((perRound * peerRounds) / runPeer(file, peerRounds).seconds / 1e6);
  }
  const expected = runPeer(file, rounds).output;
  if (expected !== last.output)
    panic(`bench: ${program.id} printed ${last.output}, under ${PEER} ${expected}`);
  const { instructions, cycles, counters } = last.result;
  const [mips, peerMips] = [median(own), median(peer)];
  return {
    ...program,
    instructions,
    cycles,
    instructionMisses: counters.i_misses,
    dataMisses: counters.d_misses,
    tlbMisses: counters.itlb_misses + counters.dtlb_misses,
    mips,
    peerMips,
    ratio: mips / peerMips,
    realTime: ((cycles / instructions) * mips) / config.clockMHz,
  };
}

/** Geometric means of the ratios to the peer: of the five integer programs, and with the sixth. */
function meansOf(rows: readonly ProgramRow[]) {
  const ratios = (...groups: readonly string[]): number[] =>
    rows.filter(({ group }) => groups.includes(group)).map(({ ratio }) => ratio);
  return {
    integer: geometricMean(ratios("integer")),
    six: geometricMean(ratios("integer", "float")),
  };
}

function programLine(row: ProgramRow): string {
  const number = (value: number, width: number, digits = 0): string =>
    value.toFixed(digits).padStart(width);
  return [
    row.title.padEnd(24),
    number(row.instructions / 1e6, 6, 1),
    number(row.cycles / 1e6, 6, 1),
    number(row.cycles / row.instructions, 5, 2),
    number(row.instructionMisses, 8),
    number(row.dataMisses, 8),
    number(row.tlbMisses, 8),
    number(row.mips, 5),
    number(row.peerMips, 6),
    number(row.ratio, 6, 3),
    `${number(row.realTime, 6, 1)}×`,
  ].join(" ");
}

const HEADING = [
  "program".padEnd(24),
  " Minst   Mcyc   CPI I-misses D-misses TLB-miss  MIPS   qemu  ratio   real",
].join(" ");

/** Millions of simulated instructions a second, and simulated over real time. */
function rates({ instructions, cycles, seconds }: Speed, clockMHz: number) {
  return { mips: instructions / seconds / 1e6, realTime: cycles / seconds / (clockMHz * 1e6) };
}

async function measurePrograms(
  config: MachineConfig,
  repetitions: number,
  done: (row: ProgramRow) => void,
): Promise<ProgramRow[]> {
  const rows: ProgramRow[] = [];
  const programs = new Programs();
  try {
    for (const program of SPEED_PROGRAMS) {
      const row = await measureProgram(program, programs.build(program), config, repetitions);
      rows.push(row);
      done(row);
    }
  } finally {
    programs.remove();
  }
  return rows;
}

/** Milliseconds to create a machine, the core being compiled. */
async function creationTime(config: MachineConfig): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    await Machine.create(config);
    times.push(performance.now() - before);
  }
  return median(times);
}

async function bench(flags: MachineFlags & { json?: boolean; repetitions: number }): Promise<void> {
  const { preset, machine } = resolveMachine(flags);
  const say = flags.json ? () => {} : (line: string) => console.log(line);
  const missing = missingTools();
  let programs: ProgramRow[] = [];
  if (missing.length > 0) {
    console.error(`inkwell: bench: programs skipped, not installed: ${missing.join(", ")}`);
  } else {
    say(HEADING);
    programs = await measurePrograms(machine, flags.repetitions, (row) => say(programLine(row)));
    const { integer, six } = meansOf(programs);
    say(`geometric mean of ratios: integer programs ${integer.toFixed(3)}, six ${six.toFixed(3)}`);
  }
  const creation = await creationTime(machine);
  say(`\na machine is created in ${creation.toFixed(1)} ms`);
  const { clockMHz } = machine;
  say(`\nSimulated MIPS, and times the speed of ${clockMHz} MHz, in real time:`);
  const speeds = await measureSpeed(
    machine,
    () => performance.now() / 1000,
    (speed) => {
      const { mips, realTime } = rates(speed, clockMHz);
      say(
        `${mips.toFixed(0).padStart(5)} MIPS  ${realTime.toFixed(1).padStart(5)}×  ${speed.title}`,
      );
    },
  );
  const kernel = await measureKernelSpeed(machine, () => performance.now() / 1000);
  say("The kernel's slow paths, in time of the host:");
  say(`${kernel.slowCall.toFixed(1).padStart(6)} µs  a call that TypeScript serves`);
  say(`${kernel.idleSecond.toFixed(3).padStart(6)} ms  an idle simulated second`);
  const kmig = await measureKmigSpeed(() => performance.now() / 1000);
  say("KMIG, all back ends:");
  say(`${(kmig.lines / kmig.seconds).toFixed(0).padStart(6)} lines of .defs a second`);
  if (!flags.json) return;
  const rows = speeds.map((speed) => ({ ...speed, ...rates(speed, clockMHz) }));
  const head = { version: VERSION, command: "inkwell bench", seed: null };
  const means = programs.length > 0 ? meansOf(programs) : null;
  const result = {
    ...head,
    config: { preset, machine },
    rows,
    programs,
    means,
    creation,
    kernel,
    kmig,
  };
  console.log(JSON.stringify(result, null, 2));
}

export function registerBench(program: Command): void {
  const command = program
    .command("bench")
    .description(
      "measure how fast the simulator runs, with every timing rule on, beside qemu-hppa",
    );
  machineOptions(command)
    .option("--repetitions <n>", "timed runs of each program, whose median counts", positive, 5)
    .option(
      "--json",
      "print one JSON object: version, command, seed, config, rows, programs, means",
    )
    .action(bench);
}
