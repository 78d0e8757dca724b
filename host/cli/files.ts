/** Reading input files, and writing output files whole or not at all. */
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { getSystemErrorMap } from "node:util";
import { DirectoryTree } from "../bare/directory-tree.ts";
import { type FileTree, NO_FILES } from "../bare/surroundings.ts";
import { UsageError } from "./failure.ts";

/** A text file as the assembler and the generator take it. */
export function readSource(file: string): { file: string; text: string } {
  return { file, text: naming("read", file, () => readFileSync(file, "utf8")) };
}

export function readBytes(file: string): Uint8Array {
  return naming("read", file, () => new Uint8Array(readFileSync(file)));
}

/** The files below a directory, for a program to read; without one, none. */
export function treeOf(root: string | undefined): FileTree {
  if (root === undefined) return NO_FILES;
  try {
    return new DirectoryTree(root);
  } catch (error) {
    throw new UsageError(`--root: not a directory that can be read: ${root}`, { cause: error });
  }
}

/**
 * Writes every file, or none: each under another name first. What is no regular file (a device, a
 * pipe) stays what it is, and is written to when all others can be; a link stays, too.
 */
export function writeWhole(files: ReadonlyMap<string, string | Uint8Array>): void {
  const temporary = new Map<string, string>();
  const special: string[] = [];
  try {
    for (const [file, content] of files) {
      const known = statSync(file, { throwIfNoEntry: false });
      if (known !== undefined && !known.isFile()) {
        special.push(file);
        continue;
      }
      const target = known === undefined ? file : realpathSync(file);
      const beside = join(dirname(target), `.inkwell-${process.pid}-${temporary.size}`);
      temporary.set(target, beside);
      naming("write", file, () => writeFileSync(beside, content));
    }
    for (const file of special) naming("write", file, () => writeFileSync(file, files.get(file)!));
    for (const [file, beside] of temporary) naming("write", file, () => renameSync(beside, file));
  } catch (error) {
    for (const beside of temporary.values()) rmSync(beside, { force: true });
    throw error;
  }
}

/** Does something with a file; the system's refusal becomes `cannot read FILE: why`. */
function naming<T>(what: "read" | "write", file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    const why = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
    throw why === undefined ? error : new UsageError(`cannot ${what} ${file}: ${why}`);
  }
}
