/** Texts assembled and linked by GNU's tools, as the measure of ours. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GNU_PRELUDE } from "../../host/asm/assemble.ts";
import { haveTool } from "./binutils.ts";

export const haveBinutils = haveTool("as") && haveTool("ld");

export interface Source {
  readonly file: string;
  readonly text: string;
}

/** The linked text section of GNU's tools. `layout` is the linker's. */
export function gnuText(
  sources: readonly Source[],
  symbols: Record<string, number>,
  layout: string[],
): Buffer {
  const sets = Object.entries(symbols).map(([name, value]) => `\t.set\t${name},${value | 0}\n`);
  const folder = mkdtempSync(join(tmpdir(), "inkwell-text-"));
  const objects = sources.map(({ file, text }, i) => {
    const path = join(folder, `${i}-${file.replaceAll("/", "-")}`);
    writeFileSync(path, GNU_PRELUDE + sets.join("") + text);
    execFileSync("hppa-linux-gnu-as", [path, "-o", `${path}.o`]);
    return `${path}.o`;
  });
  const linked = join(folder, "linked");
  execFileSync("hppa-linux-gnu-ld", [
    "-e",
    "0",
    "--no-warn-mismatch",
    ...layout,
    ...objects,
    "-o",
    linked,
  ]);
  execFileSync("hppa-linux-gnu-objcopy", ["-O", "binary", "-j", ".text", linked, `${linked}.bin`]);
  const bytes = readFileSync(`${linked}.bin`);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** Where a section goes: the linker reads hexadecimal. */
export const at = (section: "text" | "data" | "bss", address: number): string =>
  `-T${section}=0x${address.toString(16)}`;
