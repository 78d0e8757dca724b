/** Reading input files, and writing output files whole or not at all. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A text file as the assembler and the generator take it. */
export function readSource(file: string): { file: string; text: string } {
  return { file, text: readFileSync(file, "utf8") };
}

export function readBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

/** What a failed tool leaves: nothing. Every file is complete, or none is there. */
export function writeWhole(files: ReadonlyMap<string, string | Uint8Array>): void {
  const written: [temporary: string, final: string][] = [];
  try {
    for (const [file, content] of files) {
      const temporary = join(dirname(file), `.inkwell-${process.pid}-${written.length}`);
      written.push([temporary, file]);
      writeFileSync(temporary, content);
    }
    for (const [temporary, file] of written) renameSync(temporary, file);
  } catch (error) {
    for (const [temporary] of written) rmSync(temporary, { force: true });
    throw error;
  }
}
