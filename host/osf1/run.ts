/**
 * One program on the simulated Unix, alone: its standard streams are its runner's, its files are
 * those of a fresh disk. Ends when it does, at a limit, or when the machine cannot go on.
 */
import { panic } from "../diagnostic.ts";
import {
  type Counters,
  D_READ,
  D_WRITE,
  GuestStopped,
  type DiskImage,
  type KernelOptions,
  type TaskDeath,
} from "../mach/interface.ts";
import type { DefectId } from "./defects.ts";
import { bootUnix, type UnixMachine } from "./boot.ts";
import type { Fault } from "./fault/fault.ts";
import type { FaultReport } from "./fault/plan.ts";
import type { ServerCall } from "./server/call.ts";
import { device_open, DeviceTerminal } from "./server/devices.ts";
import { LineFile } from "./server/line-file.ts";
import * as mach from "./server/mach.ts";
import { type CallCounts, noCalls, type Osf1 } from "./server/osf1.ts";
import { perform } from "./server/perform.ts";
import type { Blocking } from "./ufs/device.ts";
import type { TreeEntry } from "./ufs/tree.ts";
import { type Communicated, countCommunication } from "./communication.ts";
import type { CallListing, CallTrace } from "./trace/call-trace.ts";
import { UnixError } from "./errno.ts";
import { OPEN } from "./unix/constants.ts";
import { installFile } from "./unix/files/descriptors.ts";
import { DEVICE_TREE } from "./unix/files/devices.ts";
import { chdir } from "./unix/files/directory.ts";
import type { WaitStatus } from "./unix/process.ts";
import { execve } from "./unix/process/execve.ts";

/** What the program's streams are to its runner. Both wait as long as they must. */
export interface Streams {
  /** Up to `length` bytes of input, at least one unless it has ended. */
  readInput(length: number): Uint8Array;
  /** Takes all of what is written to standard output (1) or standard error (2). */
  write(stream: 1 | 2, bytes: Uint8Array): void;
}

/** Input that is there from the beginning; a line at a time, as from a terminal. */
export function inputOf(bytes: Uint8Array): Pick<Streams, "readInput"> {
  let at = 0;
  return {
    readInput(length) {
      const line = bytes.indexOf(10, at) + 1;
      const part = bytes.slice(at, Math.min(at + length, line || bytes.length));
      at += part.length;
      return part;
    },
  };
}

export interface UnixRunOptions {
  readonly inKernel: boolean;
  readonly calls: "trap" | "message";
  readonly kernel?: KernelOptions;
  /** What is wrong with the server. */
  readonly defects?: readonly DefectId[];
  /** What is on the disk besides devices; or the whole disk. */
  readonly files: Iterable<TreeEntry> | DiskImage;
  /** Path of the program. */
  readonly program: string;
  /** Strings of bytes, a character each; the first is the program's name. */
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  readonly directory?: string;
  readonly streams: Streams;
  readonly seed: number;
  readonly maxCycles?: number;
  /** Asked between slices of the run: whether to stop. */
  readonly interrupted?: () => Promise<boolean>;
  /** Follows the program's calls from its first instruction on. */
  readonly trace?: CallTrace;
  /** Something that goes wrong with the server. */
  readonly fault?: Fault;
  /** Whether to count calls and messages from the program's first instruction on. */
  readonly count?: boolean;
  /** Told of the machine once it has booted. */
  readonly observe?: (machine: UnixMachine) => void;
}

export type UnixEnding =
  | { readonly kind: "ended"; readonly status: WaitStatus }
  /** The program could not begin. */
  | { readonly kind: "refused"; readonly errno: string }
  | { readonly kind: "limit" | "interrupted" }
  /** Everybody waits for what will never come. */
  | { readonly kind: "deadlock" }
  /**
   * The Unix server is gone, and with it every Unix service; the machine went on, until nobody
   * had anything to do, or for AFTERLIFE cycles. `tasks` are those left outside the kernel.
   */
  | { readonly kind: "server-died"; readonly death: TaskDeath; readonly tasks: number }
  /** After a fault that was asked for, the kernel, or a server in it, cannot go on. */
  | { readonly kind: "panic"; readonly report: string };

export interface UnixResult {
  readonly ending: UnixEnding;
  readonly cycles: number;
  /** Cycles from the program's first instruction to its end. */
  readonly programCycles: number;
  readonly counters: Counters;
  readonly calls: CallCounts;
  readonly disk: DiskImage;
  readonly clockMHz: number;
  /** When they were counted. */
  readonly communication?: Communicated;
  /** When it was traced. */
  readonly trace?: CallListing;
  /** When something was to go wrong. */
  readonly fault?: FaultReport;
}

const LINES = ["stdin", "stdout", "stderr"] as const;
/** Cycles between two looks at what the program waits for. */
const TURN = 2_000_000;
/** Cycles for which the machine goes on without its server, at most. */
const AFTERLIFE = 100_000_000;
/** Cycles after a fault at which a run ends if it has no limit of its own. */
export const AFTERMATH = 500_000_000;
/** Input that is handed over at a time, bytes. */
const INPUT = 4096;

/**
 * Runs a program to its end.
 * @throws GuestStopped when the kernel or the server cannot go on
 */
export async function runUnix(options: UnixRunOptions): Promise<UnixResult> {
  const { streams } = options;
  let refused: string | undefined;
  let communicated: (() => Communicated) | undefined;
  let began = 0;
  const isDisk = !(Symbol.iterator in options.files);
  const machine = await bootUnix({
    inKernel: options.inKernel,
    calls: options.calls,
    ...(options.kernel && { kernel: options.kernel }),
    ...(options.defects && { defects: options.defects }),
    files: isDisk ? options.files : [...DEVICE_TREE, ...options.files],
    unix: { seed: options.seed, alone: true },
    lines: LINES,
    ...(options.fault && { fault: options.fault }),
    *init(osf1, call) {
      try {
        yield* begin(osf1, call, options);
        began = osf1.server.cycles();
        options.trace?.begin(osf1, machine.kernel);
        if (options.count) communicated = countCommunication(osf1, machine.kernel);
      } catch (error) {
        if (!(error instanceof UnixError)) throw error;
        refused = error.errno;
      }
    },
  });
  options.observe?.(machine);
  const { kernel, lines } = machine;
  const line = (name: (typeof LINES)[number]) => lines.get(name) ?? panic(`runUnix: no ${name}`);
  line("stdout").onOutput = (bytes) => streams.write(1, bytes);
  line("stderr").onOutput = (bytes) => streams.write(2, bytes);
  machine.console.onOutput = (bytes) => streams.write(2, bytes);
  const stdin = line("stdin");
  let inputEnded = false;
  let ended: number | undefined;

  const end = (): UnixEnding | undefined => {
    if (refused !== undefined) return { kind: "refused", errno: refused };
    const unix = machine.osf1()?.unix;
    const status = unix?.first.exitStatus;
    if (status !== undefined) ended ??= kernel.machine.cycles;
    return status && unix?.isDown === true ? { kind: "ended", status } : undefined;
  };
  const serverDied = (death: TaskDeath): UnixEnding => ({
    kind: "server-died",
    ...{ death, tasks: machine.userTasks() },
  });
  const finish = (ending: UnixEnding): UnixResult => ({
    ending,
    cycles: kernel.machine.cycles,
    programCycles: began === 0 ? 0 : (ended ?? kernel.machine.cycles) - began,
    counters: kernel.machine.counters(),
    calls: machine.osf1()?.counts ?? noCalls(),
    disk: machine.disk.image,
    ...(machine.faultPlan && { fault: machine.faultPlan.report() }),
    ...(communicated && { communication: communicated() }),
    ...(options.trace && { trace: options.trace.finish(machine.kernel) }),
    clockMHz: kernel.machine.config.clockMHz,
  });
  let wanted = TURN;
  for (;;) {
    const death = machine.serverDeath();
    const most = options.maxCycles ?? (machine.faultPlan?.cycle ?? Number.POSITIVE_INFINITY) + AFTERMATH; // prettier-ignore
    const last = death ? Math.min(most, death.cycle + AFTERLIFE) : most;
    const left = last - kernel.machine.cycles;
    if (left <= 0) return finish(death ? serverDied(death) : { kind: "limit" });
    let stop: "idle" | "limit";
    try {
      stop = kernel.run({ cycles: Math.min(wanted, left) });
    } catch (error) {
      if (!(error instanceof GuestStopped) || machine.faultPlan?.cycle === undefined) throw error;
      return finish({ kind: "panic", report: error.message });
    }
    wanted = TURN;
    const ending = end();
    if (ending) return finish(ending);
    if (machine.serverDeath() === undefined && stdin.isRead && stop === "idle" && !inputEnded) {
      // An interrupt that came before would be lost while input is waited for.
      if (await options.interrupted?.()) return finish({ kind: "interrupted" });
      const bytes = streams.readInput(INPUT);
      inputEnded = bytes.length === 0;
      if (inputEnded) stdin.end();
      else stdin.type(bytes);
    } else if (stop === "idle") {
      const { next } = kernel.interrupts;
      if (machine.serverDeath()) {
        if (death && next > last) return finish(serverDied(death));
      } else if (next === Number.POSITIVE_INFINITY) return finish({ kind: "deadlock" });
      else if (next > last) return finish({ kind: "limit" }); // nothing will happen before that
      wanted = next + 1 - kernel.machine.cycles;
    }
    if (await options.interrupted?.()) return finish({ kind: "interrupted" });
  }
}

/** Gives the first process its streams, its directory and the program. */
function* begin(
  osf1: Osf1,
  call: ServerCall,
  { program, arguments: argv, environment, directory }: UnixRunOptions,
): Blocking<void> {
  const { unix, memory, master, requests } = osf1;
  for (const name of LINES) {
    const port = yield* perform((thread) =>
      mach.must("device_open", device_open(thread, master, D_READ | D_WRITE, name)),
    );
    const flags = name === "stdin" ? OPEN.O_RDONLY : OPEN.O_WRONLY;
    const file = new LineFile(unix, flags, new DeviceTerminal(port, memory, requests));
    yield* installFile(call.process, file, false);
  }
  if (directory !== undefined) yield* chdir(unix, call, directory);
  yield* execve(unix, call, program, argv.map(bytesOf), environment.map(bytesOf));
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
