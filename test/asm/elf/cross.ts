/**
 * The cross compiler, its binutils and qemu as oracles for whole files: sources in, ELF files and
 * programs' output out. Everything happens in a folder of its own that is gone afterwards.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { haveTool } from "../binutils.ts";

/** Whether what `names` says is here, without `hppa-linux-gnu-`; says so when not. */
export function haveTools(...names: string[]): boolean {
  return names.every(haveTool);
}

/** Whether programs can be run; says so when not. */
export function haveQemu(): boolean {
  const found = spawnSync("qemu-hppa", ["--version"]).status === 0;
  if (!found) console.warn("skipped: qemu-hppa is not installed");
  return found;
}

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "inkwell-elf-"));

  tool(name: string, ...args: string[]): string {
    return execFileSync(`hppa-linux-gnu-${name}`, args, {
      cwd: this.path,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  put(name: string, contents: string | Uint8Array): string {
    writeFileSync(join(this.path, name), contents, { mode: 0o755 });
    return name;
  }

  bytes(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.path, name)));
  }

  text(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  names(): string[] {
    return readdirSync(this.path).toSorted();
  }

  run(program: string, ...args: string[]): Run {
    const options = { cwd: this.path, encoding: "utf8", timeout: 10_000 } as const;
    const { status, stdout } = spawnSync("qemu-hppa", [join(this.path, program), ...args], options);
    return { status, stdout };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs `work` in a folder that is gone afterwards. */
export function inFolder<T>(work: (folder: Folder) => T): T {
  const folder = new Folder();
  try {
    return work(folder);
  } finally {
    folder.remove();
  }
}

/** The C program of this folder: one part a file. */
const SOURCES = fileURLToPath(new URL("c/", import.meta.url));

export function sources(): string[] {
  return readdirSync(SOURCES)
    .filter((name) => name.endsWith(".c"))
    .toSorted()
    .map((name) => join(SOURCES, name));
}
