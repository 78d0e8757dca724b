/**
 * The C programs of test/osf1/programs, one for each family of calls, and how `qemu-hppa` runs one: in a
 * fresh directory, its output into a pipe, as the superuser if the test is that.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const FOLDER = join(import.meta.dirname, "programs");
export const PROGRAMS = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".c"))
  .map((name) => name.slice(0, -2))
  .toSorted();

/** What only the superuser can show. */
export const OF_SUPERUSER = ["credentials"];

export const sourceOf = (name: string): string => join(FOLDER, `${name}.c`);
/** What a program prints under the oracle, as `vitest -u` has recorded it. */
export const transcriptOf = (name: string): string => join(FOLDER, `${name}.txt`);

/** Output, and below it how the program ended. */
export function transcript(output: string, status: number): string {
  return `${output}status ${status}\n`;
}

/** Starts a program with the standard descriptors alone, whatever this process was started with. */
const ALONE = `
for each in /proc/self/fd/*; do
  if [ "\${each##*/}" -gt 2 ]; then eval "exec \${each##*/}>&-"; fi
done
exec "$@"`;

/** A program's transcript under the oracle, which executes it again where it executes itself. */
export function underQemu(file: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "inkwell-transcript-"));
  const EMULATOR = spawnSync("sh", ["-c", "command -v qemu-hppa"], { encoding: "utf8" });
  const child = spawn("bash", ["-c", ALONE, "bash", "qemu-hppa", file], {
    cwd: directory,
    env: { EMULATOR: EMULATOR.stdout.trim(), PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => {
      rmSync(directory, { recursive: true, force: true });
      resolve(transcript(output, code ?? -1));
    });
  });
}
