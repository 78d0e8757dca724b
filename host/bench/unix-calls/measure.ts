/**
 * What Unix system calls cost a program (paper §4.4, Table 4): calls.s on the OSF/1 server, alone on the
 * machine, timed by the system's clock. Emulator, stubs, traps, messages and copies are PA-RISC text;
 * the server's work functions are declared (osf1/costs.ts).
 */
import { nextTurn } from "#platform";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import { ipc_entry_lookup } from "../../mach/ipc/entry.ts";
import { ipc_kobject_get } from "../../mach/ipc/kobject.ts";
import { IKOT_TASK } from "../../mach/ipc/names.ts";
import { entryAt, taskAt } from "../../mach/kern/views.ts";
import type { UnixMachine } from "../../osf1/boot.ts";
import { runUnix } from "../../osf1/run.ts";
import { machProcess } from "../../osf1/server/mach-process.ts";
import type { Configuration } from "../configurations.ts";
import { Cancelled, type Measurement, type MeasureOptions } from "../experiment.ts";
import { alone, endedWell, type MeasuringProgram, measuringProgram } from "./program.ts";
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
const { PAGE_SIZE } = MEMORY_MAP;

let program: Promise<MeasuringProgram> | undefined;

/** The program, as a file. */
export async function unixCallsProgram(): Promise<Uint8Array> {
  return (await built()).bytes;
}

function built(): Promise<MeasuringProgram> {
  program ??= measuringProgram("unix-calls/calls.s", [new URL("./calls.s", import.meta.url)]);
  program.catch(() => (program = undefined));
  return program;
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
  const { bytes, image } = await built();
  // Where it keeps its looks at the clock, a row's two together.
  const results = image.symbols.get("results") ?? panic("measureUnixCalls: no results");
  const output: number[] = [];
  // At each look at the clock; what the marks around it have a device do may be declared at any time.
  const declared: number[] = [];
  let told = 0;
  let running: UnixMachine | undefined;
  const booted = (): UnixMachine => running ?? panic("measureUnixCalls: not booted");
  const result = await runUnix({
    ...alone(PROGRAM, bytes, configuration, machine),
    maxCycles: LIMIT,
    observe: (machine) => (running = machine),
    streams: {
      readInput: () => new Uint8Array(0),
      write(stream, written) {
        if (stream === 1) output.push(...written);
        else {
          const { kernel, osf1 } = booted();
          const server = osf1() ?? panic("measureUnixCalls: no server");
          server.observer ??= {
            enters(_, { name }) {
              if (name === "gettimeofday") declared.push(kernel.machine.counters().declared);
            },
            reads() {},
            fails() {},
            leaves() {},
          };
          // A row is over: its figures are in the program's memory, where looking costs nothing.
          const rows = declared.length / 2;
          if (rows === told) return;
          told = rows;
          const known = progress && rowsOf(seen(booted(), results, rows), declared, kernel.machine.config.clockMHz); // prettier-ignore
          progress?.(rows, UNIX_CALLS.length, known);
        }
      },
    },
    async interrupted() {
      await nextTurn();
      return signal?.aborted ?? false;
    },
  });
  if (signal?.aborted) throw new Cancelled();
  if (!endedWell(result))
    throw new Error(`the program of Table 4 did not end well: ${JSON.stringify(result.ending)}`);
  return rowsOf(Uint8Array.from(output), declared, result.clockMHz);
}

/** Of the program's results, those of its first rows. */
function seen(machine: UnixMachine, results: number, rows: number): Uint8Array {
  const { kernel, osf1, server } = machine;
  const { first } = osf1()?.unix ?? panic("measureUnixCalls: no Unix");
  // The server has a name for its task, as for everything.
  const names = taskAt(kernel, server() ?? panic("measureUnixCalls: no server")).itk_space;
  const { ie_object } = entryAt(kernel, ipc_entry_lookup(kernel, names, machProcess(first).task));
  const space = kernel.spaceOf(ipc_kobject_get(kernel, ie_object, IKOT_TASK));
  const at = kernel.physical(space, results) ?? panic("measureUnixCalls: results are not resident");
  if ((results % PAGE_SIZE) + 16 * rows > PAGE_SIZE)
    panic("measureUnixCalls: results cross a page");
  return kernel.memory.bytes(at, 16 * rows).slice();
}

/** Rows from the looks at the clock, as many as there are. */
function rowsOf(looks: Uint8Array, declared: readonly number[], clockMHz: number): Measurement[] {
  const view = new DataView(looks.buffer, looks.byteOffset, looks.length);
  const rows = UNIX_CALLS.slice(0, looks.length / 16);
  const interval = (i: number): number => declared[2 * i + 1]! - declared[2 * i]!;
  // The clock declares some, too: all that there is where the emulator answers.
  const looking = Math.min(...rows.map((_, i) => interval(i)));
  return rows.map((row, i) => {
    const calls = callsOf(row);
    const word = (index: number): number => view.getUint32(16 * i + 4 * index);
    const value = ((word(2) - word(0)) * 1e6 + word(3) - word(1)) / calls;
    const cycles = value * clockMHz;
    const work = Math.max(0, interval(i) - looking) / calls;
    return {
      row,
      value,
      earned: cycles - work,
      declared: work,
      detail: { cycles, iterations: calls },
    };
  });
}
