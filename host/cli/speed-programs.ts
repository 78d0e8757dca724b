/**
 * The freestanding programs of host/bench/speed, and two ways to run them: on a bare machine of ours and
 * under qemu-hppa. Both run the same ELF, which the cross compiler makes. Times are processor time in user
 * mode, which a loaded computer does not lengthen. Nothing here says what the figures mean: bench.ts does.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BARE } from "../bare/layout.ts";
import { type BareResult, runBare } from "../bare/run.ts";
import { NO_FILES } from "../bare/surroundings.ts";
import type { Machine } from "../machine/machine.ts";
import type { MachineConfig } from "../machine/config.ts";
import type { Engine } from "../machine/core.ts";
import { panic } from "../diagnostic.ts";

export interface SpeedProgram {
  readonly id: string;
  readonly title: string;
  /** Whether it is one of the five integer programs that are judged together, or the sixth, or neither. */
  readonly group: "integer" | "float" | "large";
}

export const SPEED_PROGRAMS: readonly SpeedProgram[] = [
  { id: "sort-hash", title: "sorting and hashing", group: "integer" },
  { id: "dhrystone", title: "records and strings", group: "integer" },
  { id: "copy", title: "copying 256 KB", group: "integer" },
  { id: "chase", title: "pointers through 1 MB", group: "integer" },
  { id: "bytecode", title: "bytecode interpreter", group: "integer" },
  { id: "matrix", title: "matrix multiplication", group: "float" },
  { id: "large", title: "10,000 instructions, hot", group: "large" },
];

const COMPILER = "hppa-linux-gnu-gcc";
const OPTIONS = [
  "-O2",
  "-ffreestanding",
  "-nostdlib",
  "-static",
  "-fno-tree-loop-distribute-patterns",
];
export const PEER = "qemu-hppa";

/** Which of the tools that the bench can use are not installed. */
export function missingTools(): string[] {
  return [COMPILER, PEER].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
}

/** A directory of built programs. */
export class Programs {
  readonly #directory = mkdtempSync(join(tmpdir(), "inkwell-bench-"));

  /** Compiles a program; its file. */
  build({ id }: SpeedProgram): string {
    const source = fileURLToPath(new URL(`../bench/speed/${id}.c`, import.meta.url));
    const file = join(this.#directory, id);
    const { status, stderr } = spawnSync(COMPILER, [...OPTIONS, "-o", file, source, "-lgcc"], {
      encoding: "utf8",
    });
    if (status !== 0) panic(`bench: ${COMPILER}: ${stderr}`);
    return file;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

export interface OwnRun {
  /** What it printed: a checksum. */
  readonly output: string;
  readonly result: BareResult;
  /** Instructions of the program itself, without those of the TLB miss handlers under it. */
  readonly own: number;
  /** Processor time in user mode, in seconds; and all processor time. */
  readonly seconds: number;
  readonly allSeconds: number;
}

/** Runs a program on a machine of its own. `count` tells the program's instructions from the handlers'. */
export async function runOwn(
  file: string,
  rounds: number,
  config: MachineConfig,
  { count = false, engine = "fast" }: { readonly count?: boolean; readonly engine?: Engine } = {},
): Promise<OwnRun> {
  let output = "";
  let observed: Machine | undefined;
  const before = process.cpuUsage();
  const result = await runBare({
    program: { file, bytes: readFileSync(file) },
    arguments: [file, String(rounds)],
    world: {
      readInput: () => new Uint8Array(0),
      write: (_, bytes) => void (output += Buffer.from(bytes).toString("latin1")),
      files: NO_FILES,
    },
    machine: config,
    engine,
    observe: ({ machine }) => {
      observed = machine;
      if (count) machine.keepAccounts();
    },
  });
  const { user, system } = process.cpuUsage(before);
  if (result.ending.kind !== "exit") panic(`bench: ${file} did not end: ${result.ending.kind}`);
  const own = observed!
    .accounts()
    .filter(({ space }) => space === BARE.BARE_SPACE)
    .reduce((sum, { instructions }) => sum + instructions, 0);
  return {
    output: output.trim(),
    result,
    own,
    seconds: user / 1e6,
    allSeconds: (user + system) / 1e6,
  };
}

/** Runs a program under the peer: what it printed, and the processor time of it, in seconds. */
export function runPeer(file: string, rounds: number): { output: string; seconds: number } {
  // The shell's `times` prints its own time, then that of what it started: user, system.
  const script = '"$0" "$@" && times';
  const { stdout, status } = spawnSync("sh", ["-c", script, PEER, file, String(rounds)], {
    encoding: "utf8",
  });
  const lines = stdout.trim().split("\n");
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(lines.at(-1) ?? "") ?? [];
  if (status !== 0 || seconds === undefined) panic(`bench: ${PEER}: ${stdout}`);
  // Its clock has milliseconds; no time is less than one.
  return { output: lines[0]!, seconds: Math.max(Number(minutes) * 60 + Number(seconds), 0.001) };
}
