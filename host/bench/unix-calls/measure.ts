/**
 * What Unix system calls cost a program (paper §4.4, Table 4): calls.s on the OSF/1 server, alone on the
 * machine, timed by the system's clock. Emulator, stubs, traps, messages and copies are PA-RISC text;
 * the server's work functions are declared (osf1/costs.ts).
 */
import { loadText, nextTurn } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { writeExecutable } from "../../asm/elf/write-executable.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import { assembler } from "../../mach/text.ts";
import { runUnix } from "../../osf1/run.ts";
import type { Configuration } from "../configurations.ts";
import { Cancelled, type Measurement, type MeasureOptions } from "../experiment.ts";
import { TIMED_CALLS } from "./timed-calls.ts";

/** Rows of Table 4, in the order in which calls.s times them. */
export const UNIX_CALLS = [
  "nop-emulator",
  "nop-server",
  "getpid",
  "getgid",
  "setrlimit",
  "write4096",
  "write64",
  "read4096",
  "read64",
  "stat",
  "create",
  "signal",
] as const;

const TRANSFERS = 64;
const callsOf = (row: string): number => (/^(read|write)/.test(row) ? TRANSFERS : TIMED_CALLS);
/** Far more than any configuration takes, cycles. */
const LIMIT = 1_000_000_000;
const PROGRAM = "/calls";

let program: Promise<Uint8Array> | undefined;

/** The program, as a file. */
export function unixCallsProgram(): Promise<Uint8Array> {
  program ??= build();
  program.catch(() => (program = undefined));
  return program;
}

async function build(): Promise<Uint8Array> {
  const [{ assemble }, text] = await Promise.all([
    assembler(),
    loadText(new URL("./calls.s", import.meta.url)),
  ]);
  const object = assemble({ file: "unix-calls/calls.s", text }, { symbols: abiSymbols() });
  const image = link([object], {
    text: MEMORY_MAP.USER_TEXT,
    data: MEMORY_MAP.USER_DATA,
    entry: "_start",
  });
  return writeExecutable(image, image.entry ?? panic("unixCallsProgram: no entry"));
}

/**
 * Measures all calls in one configuration.
 * @returns microseconds of the machine's clock a call, as the program's own clock tells.
 * @throws Cancelled when `options.signal` was set
 */
export async function measureUnixCalls(
  configuration: Configuration,
  { machine, signal, progress }: MeasureOptions,
): Promise<Measurement[]> {
  const bytes = await unixCallsProgram();
  const output: number[] = [];
  const declared: number[] = [];
  let counted = (): number => panic("measureUnixCalls: not booted");
  const result = await runUnix({
    inKernel: configuration.server === "kernel",
    calls: configuration.calls,
    kernel: { ...configuration.kernel, ...(machine && { machine }) },
    files: [{ path: PROGRAM.slice(1), content: { kind: "file", bytes }, permissions: 0o755 }],
    program: PROGRAM,
    arguments: [PROGRAM],
    environment: [],
    seed: 0,
    maxCycles: LIMIT,
    observe: ({ kernel }) => {
      counted = () => kernel.machine.counters().declared;
    },
    streams: {
      readInput: () => new Uint8Array(0),
      write(stream, written) {
        if (stream === 1) output.push(...written);
        else {
          declared.push(counted());
          progress?.(declared.length, 2 * UNIX_CALLS.length);
        }
      },
    },
    async interrupted() {
      await nextTurn();
      return signal?.aborted ?? false;
    },
  });
  if (signal?.aborted) throw new Cancelled();
  const { ending } = result;
  if (ending.kind !== "ended" || ending.status.kind !== "exited" || ending.status.code !== 0)
    throw new Error(`the program of Table 4 did not end well: ${JSON.stringify(ending)}`);
  const { clockMHz } = result;
  const view = new DataView(Uint8Array.from(output).buffer);
  const interval = (i: number): number => declared[2 * i + 1]! - declared[2 * i]!;
  // Marks and clock declare some, too: all that there is where the emulator answers.
  const marking = Math.min(...UNIX_CALLS.map((_, i) => interval(i)));
  return UNIX_CALLS.map((row, i) => {
    const calls = callsOf(row);
    const word = (index: number): number => view.getUint32(16 * i + 4 * index);
    const value = ((word(2) - word(0)) * 1e6 + word(3) - word(1)) / calls;
    const cycles = value * clockMHz;
    const work = Math.max(0, interval(i) - marking) / calls;
    return {
      row,
      value,
      earned: cycles - work,
      declared: work,
      detail: { cycles, iterations: calls },
    };
  });
}
