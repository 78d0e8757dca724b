/**
 * The stock cross tools as oracles: assembler, C compiler and user-mode emulator of PA-RISC, in a
 * folder of their own that is removed again.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TOOLS = ["hppa-linux-gnu-as", "hppa-linux-gnu-gcc", "qemu-hppa"];

/** Whether all tools are installed; says so loudly if not. */
export const crossTools: boolean = TOOLS.every((tool) => {
  const found = spawnSync(tool, ["--version"]).error === undefined;
  if (!found) console.warn(`skipped: ${tool} is not installed`);
  return found;
});

/** A temporary folder with files, for the tools to work in. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), "kmig-"));

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Runs a tool here; a failure throws with what the tool said. */
  run(tool: string, args: readonly string[]): string {
    const done = spawnSync(tool, args, { cwd: this.folder, encoding: "utf8" });
    if (done.status !== 0)
      throw new Error(
        `${tool} ${args.join(" ")}: ${done.signal ?? done.status}\n${done.stdout}${done.stderr}`,
      );
    return done.stdout + done.stderr;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
