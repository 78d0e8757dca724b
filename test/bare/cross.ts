/**
 * C programs for both machines: compiled by the cross compiler, run by `qemu-hppa` and by ours, with
 * the same arguments, environment, input and files. Programs are compiled once a test file, into a
 * directory that is gone afterwards.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DirectoryTree } from "../../host/bare/directory-tree.ts";
import { type BareOptions, type BareResult, runBare } from "../../host/bare/run.ts";
import { NO_FILES } from "../../host/bare/surroundings.ts";
import { program } from "../support/program.ts";

const COMPILER = "hppa-linux-gnu-gcc";
const TOOLS = [COMPILER, "qemu-hppa"];

/** Whether the compiler and the oracle are here; says so when they are not. */
export function haveCross(): boolean {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  if (missing.length > 0) console.warn(`skipped: not installed: ${missing.join(", ")}`);
  return missing.length === 0;
}

/**
 * Whether the machine has a floating-point unit. glibc needs one before it reaches main: without it no
 * program of the compiler's runs.
 */
export async function haveFloatingPoint(): Promise<boolean> {
  const { machine, escape } = await program("\tfcpy,dbl %fr4,%fr5\n\tescape 1");
  machine.setCr(10, 0xc0);
  const found = escape() === 1;
  if (!found) console.warn("skipped: the machine has no floating-point unit yet");
  return found;
}

/** A temporary directory with compiled programs. */
export class Programs {
  readonly directory = mkdtempSync(join(tmpdir(), "inkwell-bare-"));

  /** Path of a program or of another file here. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Compiles sources of test/bare/programs, two at a time. */
  async compile(names: readonly string[], options: readonly string[] = []): Promise<void> {
    const left = [...names];
    const worker = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop())
        await compile(source(name), this.path(name), options);
    };
    await Promise.all([worker(), worker()]);
  }

  compileFile(file: string, output: string): Promise<void> {
    return compile(file, output);
  }

  compileOne(name: string, output: string, options: readonly string[]): Promise<void> {
    return compile(source(name), output, options);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const source = (name: string): string => join(import.meta.dirname, "programs", `${name}.c`);

/** Static, warnings off: programs do on purpose what compilers warn of. */
async function compile(
  file: string,
  output: string,
  options: readonly string[] = [],
): Promise<void> {
  const flags = ["-std=gnu11", "-O1", "-w", "-static", ...options];
  await promisify(execFile)(COMPILER, [...flags, file, "-o", output, "-lm"]);
}

export interface Input {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  /** The program's files: its current directory for the oracle, its / for ours. */
  readonly root?: string;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell has it. */
  readonly status: number;
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** What the oracle says a program does. */
export function runQemu(file: string, given: Input = {}): Output {
  const { arguments: args = [], environment = {}, input = new Uint8Array(), root } = given;
  const { stdout, stderr, status, signal } = spawnSync("qemu-hppa", [file, ...args], {
    input,
    env: environment,
    maxBuffer: 1 << 28,
    ...(root !== undefined && { cwd: root }),
  });
  const own = text(stderr).replaceAll(/^qemu: .*\n/gm, "");
  return {
    stdout: text(stdout),
    stderr: own,
    status: status ?? 128 + (SIGNALS[signal ?? ""] ?? 0),
  };
}

/** What it does on our machine; `message` is what the command would say of its end. */
export async function runOurs(
  file: string,
  given: Input = {},
  options: Partial<BareOptions> = {},
): Promise<Output & { readonly message: string; readonly result: BareResult }> {
  const { arguments: args = [], environment = {}, input = new Uint8Array(), root } = given;
  const written: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  let read = 0;
  const result = await runBare({
    program: { file, bytes: readFileSync(file) },
    arguments: [file, ...args],
    environment: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    world: {
      readInput(length) {
        const bytes = input.slice(read, read + length);
        read += bytes.length;
        return bytes;
      },
      write: (stream, bytes) => void written[stream].push(bytes),
      files: root === undefined ? NO_FILES : new DirectoryTree(root),
    },
    ...options,
  });
  const { ending } = result;
  return {
    stdout: text(Buffer.concat(written[1])),
    stderr: text(Buffer.concat(written[2])),
    status:
      ending.kind === "exit" ? ending.status : ending.kind === "signal" ? 128 + ending.signal : 124,
    message: ending.kind === "exit" ? "" : ending.message,
    result,
  };
}
