/**
 * One bare program on two machines: `qemu-hppa` in user mode, and ours in real mode at privilege 3.
 *
 * Text and data are linked at the same addresses for both. The only services are the Linux gateway's
 * write (4) and exit (1); ours has an escape where the gateway page would be.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../host/machine/core.ts";
import { Machine } from "../../host/machine/machine.ts";

export const TEXT = 0x10000;
export const DATA = 0x800000;
const GATEWAY = 0x100;
const BREAK_31 = 0x1f;

const TOOLS = ["hppa-linux-gnu-as", "hppa-linux-gnu-ld", "hppa-linux-gnu-objcopy", "qemu-hppa"];

/** Whether the oracle and the tools it needs are here; says so when they are not. */
export function haveQemu(): boolean {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  if (missing.length > 0) console.warn(`skipped: not installed: ${missing.join(", ")}`);
  return missing.length === 0;
}

export interface BothOutputs {
  readonly qemu: Buffer;
  readonly ours: Buffer;
  readonly instructions: number;
}

/** The oracle's version, as `7.2`. */
export function qemuVersion(): string {
  const { stdout } = spawnSync("qemu-hppa", ["--version"], { encoding: "utf8" });
  return /version (\d+\.\d+)/.exec(stdout)?.[1] ?? "";
}

/**
 * Assembles GNU text with entry `_start`, runs it on both machines, returns what each wrote.
 * @throws Error when either does not end by itself
 */
export async function runBoth(text: string): Promise<BothOutputs> {
  const outputs = await runEach(text);
  if (!outputs.qemu) throw new Error("qemu-hppa: the program died");
  return { ...outputs, qemu: outputs.qemu };
}

/** As runBoth, for programs that the oracle may die of: then it has no output. */
export async function runEach(
  text: string,
): Promise<Omit<BothOutputs, "qemu"> & { readonly qemu: Buffer | undefined }> {
  const directory = mkdtempSync(join(tmpdir(), "inkwell-core-"));
  const file = (name: string): string => join(directory, name);
  const section = (name: string): Buffer => {
    execFileSync("hppa-linux-gnu-objcopy", [
      "-O",
      "binary",
      "-j",
      name,
      file("a.elf"),
      file("section"),
    ]);
    return readFileSync(file("section"));
  };
  try {
    build(file, text);
    const { status, stdout } = spawnSync("qemu-hppa", [file("a.elf")], { maxBuffer: 1 << 28 });
    const qemu = status === 0 ? stdout : undefined;
    const machine = await bareMachine(section(".text"), "fast");
    return { qemu, ...runOurs(machine, section(".data")) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function build(file: (name: string) => string, text: string): void {
  writeFileSync(file("a.s"), text);
  execFileSync("hppa-linux-gnu-as", [file("a.s"), "-o", file("a.o")]);
  execFileSync("hppa-linux-gnu-ld", [
    `-Ttext=0x${TEXT.toString(16)}`,
    `-Tdata=0x${DATA.toString(16)}`,
    file("a.o"),
    "-o",
    file("a.elf"),
  ]);
}

/** Text and data of a program, for machines of ours alone. */
export function buildProgram(text: string): { readonly text: Buffer; readonly data: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), "inkwell-core-"));
  const file = (name: string): string => join(directory, name);
  const section = (name: string): Buffer => {
    execFileSync("hppa-linux-gnu-objcopy", ["-O", "binary", "-j", name, file("a.elf"), file("s")]);
    return readFileSync(file("s"));
  };
  try {
    build(file, text);
    return { text: section(".text"), data: section(".data") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A machine with a program's text. */
export async function bareMachine(text: Buffer, engine: Engine): Promise<Machine> {
  const machine = await Machine.create({}, engine);
  machine.memory.copyIn(TEXT, text);
  machine.memory.write32(GATEWAY, BREAK_31);
  machine.registerEscape(GATEWAY);
  machine.setCr(10, 0xc0); // the floating-point unit
  return machine;
}

/** Runs the program from its start, with its data as they were. */
export function runOurs(machine: Machine, data: Buffer): Omit<BothOutputs, "qemu"> {
  machine.memory.copyIn(DATA, data);
  machine.jump(0, TEXT | 3);
  const written: Uint8Array[] = [];
  for (;;) {
    const stop = machine.run({ cycles: 1e9 });
    if (stop.reason !== "escape") throw new Error(`stopped: ${JSON.stringify(stop)}`);
    if (machine.gr(20) === 1)
      return { ours: Buffer.concat(written), instructions: machine.instructions };
    written.push(machine.memory.bytes(machine.gr(25), machine.gr(24)));
    machine.jump(0, machine.gr(31));
  }
}
