/**
 * `inkwell bench`: how fast the simulator is, beside what can be compared with it in the same run (see
 * bench-programs.ts), and what a machine costs. What is not installed is named and left out.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Command } from "commander";
import { resolveMachine } from "../bench/request.ts";
import { measureKernelSpeed } from "../bench/kernel-speed.ts";
import { measureKmigSpeed } from "../bench/kmig-speed.ts";
import { measureSpeed, type Speed } from "../bench/speed.ts";
import { measureUnixSpeed } from "../bench/unix-speed.ts";
import { VERSION } from "../version.ts";
import { ChromiumPeer } from "./bench-chromium.ts";
import { measureMachine } from "./bench-machine.ts";
import {
  type BenchSize,
  type Means,
  meansOf,
  measurePrograms,
  type ProgramRow,
  type Rivals,
  untimedCore,
} from "./bench-programs.ts";
import { type MachineFlags, machineOptions, positive } from "./options.ts";
import { missingTools } from "./speed-programs.ts";

type Flags = MachineFlags & BenchSize & { json?: boolean };

/** Millions of instructions of a timed run, unless asked for more or less. */
const WORK = 200;

/** System calls and processes of a timed run with so much work. */
const CALLS = 10_000;
const PROCESSES = 1000;

/** Bytes of this process that are in use, after a collection of what is not. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const HEADING = [
  "program".padEnd(24),
  " Minst   Mcyc   CPI I-misses D-misses TLB-miss  MIPS  /qemu /class  /TLB  Chrom   real",
].join(" ");

function programLine(row: ProgramRow): string {
  const number = (value: number | null, width: number, digits = 0): string =>
    (value?.toFixed(digits) ?? "–").padStart(width);
  return [
    row.title.padEnd(24),
    number(row.instructions / 1e6, 6, 1),
    number(row.cycles / 1e6, 6, 1),
    number(row.cycles / row.instructions, 5, 2),
    number(row.instructionMisses, 8),
    number(row.dataMisses, 8),
    number(row.tlbMisses, 8),
    number(row.mips, 5),
    number(row.ratio, 6, 3),
    number(row.classicRatio, 6, 2),
    number(row.untimedRatio, 5, 2),
    number(row.chromiumRatio, 6, 2),
    `${number(row.realTime, 5, 1)}×`,
  ].join(" ");
}

function meanLines({ integer, six, classic, untimed, chromium }: Means): string[] {
  const line = (what: string, value: number | null, digits: number): string[] =>
    value === null ? [] : [`  ${what.padEnd(62)}${value.toFixed(digits)}`];
  return [
    "geometric means of ratios:",
    ...line("to qemu-hppa, the five integer programs", integer, 3),
    ...line("to qemu-hppa, with matrix multiplication", six, 3),
    ...line("to our classic engine, which decodes each time", classic, 2),
    ...line("to a core without timing (TLBs, rights, interruptions only)", untimed, 2),
    ...line("Chromium to Node", chromium, 2),
  ];
}

/** Millions of simulated instructions a second, and simulated over real time. */
function rates({ instructions, cycles, seconds }: Speed, clockMHz: number) {
  return { mips: instructions / seconds / 1e6, realTime: cycles / seconds / (clockMHz * 1e6) };
}

function skip(what: string, missing: string): void {
  console.error(`inkwell: bench: ${what} skipped, not there: ${missing}`);
}

async function programRows(
  machine: Parameters<typeof measurePrograms>[0],
  size: BenchSize,
  say: (line: string) => void,
): Promise<ProgramRow[]> {
  const missing = missingTools();
  if (missing.length > 0) {
    skip("programs", missing.join(", "));
    return [];
  }
  const untimed = await untimedCore();
  if (!untimed) skip("core without timing", "build/core-untimed.wasm (npm run bench makes it)");
  const peer = await ChromiumPeer.open();
  if (typeof peer === "string") skip("Chromium", peer);
  const rivals: Rivals = { untimed, chromium: typeof peer === "string" ? undefined : peer };
  try {
    say(HEADING);
    return await measurePrograms(machine, size, rivals, (row) => say(programLine(row)));
  } finally {
    await rivals.chromium?.close();
  }
}

async function bench(flags: Flags): Promise<void> {
  const { preset, machine } = resolveMachine(flags);
  const say = flags.json ? () => {} : (line: string) => console.log(line);
  const clock = () => performance.now() / 1000;
  const programs = await programRows(machine, flags, say);
  const means = programs.length > 0 ? meansOf(programs) : null;
  if (means) for (const line of meanLines(means)) say(line);

  const cost = measureMachine(machine);
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  say(
    `\na machine of ${machine.memoryBytes / 2 ** 20} MB is created in ${cost.another.toFixed(1)} ms (the first of a process in ${cost.first.toFixed(1)}), and takes ${megabytes(cost.memory)} of the host's memory`,
  );
  const { clockMHz } = machine;
  say(`\nSimulated MIPS, and times the speed of ${clockMHz} MHz, in real time:`);
  const speeds = await measureSpeed(machine, clock, flags.work / WORK, (speed) => {
    const { mips, realTime } = rates(speed, clockMHz);
    say(`${mips.toFixed(0).padStart(5)} MIPS  ${realTime.toFixed(1).padStart(5)}×  ${speed.title}`);
  });
  const kernel = await measureKernelSpeed(machine, clock);
  say("The kernel's slow paths, in time of the host:");
  say(`${kernel.slowCall.toFixed(1).padStart(6)} µs  a call that TypeScript serves`);
  say(`${kernel.idleSecond.toFixed(3).padStart(6)} ms  an idle simulated second`);
  const unix = await measureUnixSpeed(machine, {
    clock: () => process.cpuUsage().user / 1e6,
    memory: heapInUse,
    calls: Math.ceil((CALLS * flags.work) / WORK),
    processes: Math.ceil((PROCESSES * flags.work) / WORK),
    repetitions: flags.repetitions,
  });
  say("The Unix server, in processor time of the host:");
  say(`${unix.firstBoot.toFixed(0).padStart(6)} ms  until a program's first call`);
  say(`${unix.boot.toFixed(0).padStart(6)} ms  the same, not the first of the process`);
  for (const { call, host, all } of unix.calls)
    say(
      `${host.toFixed(1).padStart(6)} µs  ${call}, on top of its instructions (${all.toFixed(1)} in all)`,
    );
  say(`${unix.process.toFixed(1).padStart(6)} ms  a fork, execve and wait4`);
  say(`${unix.processMemory.toFixed(0).padStart(6)} bytes more in use after each of them`);
  const kmig = await measureKmigSpeed(clock);
  say("KMIG, all back ends:");
  say(`${(kmig.lines / kmig.seconds).toFixed(0).padStart(6)} lines of .defs a second`);
  if (!flags.json) return;
  const result = {
    version: VERSION,
    command: "inkwell bench",
    seed: null,
    config: { preset, machine },
    rows: speeds.map((speed) => ({ ...speed, ...rates(speed, clockMHz) })),
    programs,
    means,
    creation: cost.another,
    machine: cost,
    kernel,
    unix,
    kmig,
  };
  console.log(JSON.stringify(result, null, 2));
}

export function registerBench(program: Command): void {
  const command = program
    .command("bench")
    .description(
      "measure how fast the simulator runs, with every timing rule on, beside qemu-hppa, its own classic engine, a core without timing, and Chromium",
    );
  machineOptions(command)
    .option("--repetitions <n>", "timed runs of each program, whose median counts", positive, 5)
    .option("--work <n>", "millions of instructions of one timed run, about", positive, WORK)
    .option(
      "--json",
      "print one JSON object: version, command, seed, config, rows, programs, means, machine",
    )
    .action(bench);
}
