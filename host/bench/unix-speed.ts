/**
 * What the Unix costs the host: booting, system calls, processes. A call's cost on top of its simulated
 * instructions: a program makes many of them; the same program with calls that the emulator answers, which are
 * all executed text, tells what an instruction takes; what the first took beyond its instructions at that
 * price, by its calls, is the cost. In INKS-trap, but for what comes by message to a server of its own space.
 * Runs take turns and medians count. The clock is the caller's.
 */
import { EMULATOR } from "../abi/osf1.ts";
import { panic } from "../diagnostic.ts";
import type { MachineConfig } from "../machine/config.ts";
import { runUnix } from "../osf1/run.ts";
import { type Configuration, INKS_TRAP, UNOPTIMIZED } from "./configurations.ts";
import type { Clock } from "./speed.ts";
import { alone, endedWell, measuringProgram } from "./unix-calls/program.ts";

export interface UnixCallSpeed {
  readonly call: string;
  /** Simulated instructions of one call. */
  readonly instructions: number;
  /** Microseconds of the host for one call, and of these on top of its instructions. */
  readonly all: number;
  readonly host: number;
}

export interface UnixSpeed {
  /** Milliseconds of the host from nothing to a program's first call: the first time, and once more. */
  readonly firstBoot: number;
  readonly boot: number;
  readonly calls: readonly UnixCallSpeed[];
  /** Milliseconds of the host for a fork, execve and wait4. */
  readonly process: number;
  /** Bytes that the host's memory grew by per process, from the first hundred on. */
  readonly processMemory: number;
}

export interface UnixSpeedOptions {
  readonly clock: Clock;
  /** Bytes of the host that are in use, garbage collected. */
  readonly memory: () => number;
  readonly calls: number;
  readonly processes: number;
  readonly repetitions: number;
}

const { NATIVE_NOP_EMULATOR, NATIVE_NOP_SERVER } = EMULATOR;
/** Answered by the emulator alone. */
const LOCAL = NATIVE_NOP_EMULATOR;
/** By what the server has to do for them: nothing, look up the process, fetch a path and look up a file. */
const SERVED: readonly {
  readonly call: string;
  readonly number: number;
  readonly configuration: Configuration;
  /** Of so many calls one is made. */
  readonly share: number;
}[] = [
  { call: "an empty call", number: NATIVE_NOP_SERVER, configuration: INKS_TRAP, share: 1 },
  { call: "getgid", number: 47, configuration: INKS_TRAP, share: 1 },
  { call: "stat", number: 67, configuration: INKS_TRAP, share: 8 },
  {
    call: "an empty call by message",
    number: NATIVE_NOP_SERVER,
    configuration: UNOPTIMIZED,
    share: 1,
  },
  {
    call: "stat by message, whose path is read by vm_read",
    number: 67,
    configuration: UNOPTIMIZED,
    share: 8,
  },
];
/** These stand for a hundred and so many processes. */
const WARM_PROCESSES = 100;
const PROGRAM = "/speed";

/** unix-speed.s, as a file. */
async function programOf(number: number, count: number): Promise<Uint8Array> {
  const symbols = { NUMBER: number, COUNT: count };
  const sources = [new URL("./unix-speed.s", import.meta.url)];
  return (await measuringProgram("unix-speed.s", sources, symbols)).bytes;
}

interface Run {
  /** Seconds until the first mark, and between the two. */
  readonly boot: number;
  readonly seconds: number;
  /** Between the marks. */
  readonly instructions: number;
  readonly memory: number;
}

async function run(
  bytes: Uint8Array,
  configuration: Configuration,
  machine: MachineConfig,
  { clock, memory }: UnixSpeedOptions,
): Promise<Run> {
  const marks: { readonly at: number; readonly instructions: number }[] = [];
  let counted = (): number => panic("unixSpeed: not booted");
  const began = clock();
  const result = await runUnix({
    ...alone(PROGRAM, bytes, configuration, machine),
    observe: ({ kernel }) => {
      counted = () => kernel.machine.counters().instructions;
    },
    streams: {
      readInput: () => new Uint8Array(0),
      write: () => void marks.push({ at: clock(), instructions: counted() }),
    },
  });
  const [first, last] = marks;
  if (!endedWell(result))
    return panic(`unixSpeed: the program did not end well: ${JSON.stringify(result.ending)}`);
  if (!first || !last) return panic("unixSpeed: marks are missing");
  return {
    boot: first.at - began,
    seconds: last.at - first.at,
    instructions: last.instructions - first.instructions,
    memory: memory(),
  };
}

export async function measureUnixSpeed(
  machine: MachineConfig,
  options: UnixSpeedOptions,
): Promise<UnixSpeed> {
  const { calls, processes, repetitions } = options;
  const timed = (bytes: Uint8Array, configuration: Configuration) =>
    run(bytes, configuration, machine, options);
  const local = await programOf(LOCAL, calls);
  const first = await timed(local, INKS_TRAP);
  const boots: number[] = [];
  const speeds: UnixCallSpeed[] = [];
  for (const { call, number, configuration, share } of SERVED) {
    const count = Math.ceil(calls / share);
    const served = await programOf(number, count);
    const all: number[] = [];
    const host: number[] = [];
    let instructions = 0;
    for (let i = 0; i < repetitions; i++) {
      const text = await timed(local, configuration);
      const work = await timed(served, configuration);
      boots.push(text.boot, work.boot);
      instructions = work.instructions / count;
      all.push((work.seconds / count) * 1e6);
      const price = text.seconds / text.instructions;
      host.push(((work.seconds - work.instructions * price) / count) * 1e6);
    }
    speeds.push({ call, instructions, all: median(all), host: median(host) });
  }
  const few = await timed(await programOf(0, WARM_PROCESSES), INKS_TRAP);
  const many = await timed(await programOf(0, WARM_PROCESSES + processes), INKS_TRAP);
  return {
    firstBoot: first.boot * 1e3,
    boot: median(boots) * 1e3,
    calls: speeds,
    process: ((many.seconds - few.seconds) / processes) * 1e3,
    processMemory: (many.memory - few.memory) / processes,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
