/**
 * Interface definitions for tests: the repository's own, and how their includes are found.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Include, SourceFile } from "../../../host/kmig/preprocess.ts";

const root = join(import.meta.dirname, "../../..");
const standard = join(root, "host/mach/defs");

/** `<mach/x.defs>` from the kernel's definitions, `"x.defs"` from beside the including file. */
export const include: Include = (name, from) => {
  for (const path of [
    join(root, dirname(from), name),
    join(standard, name.replace(/^(mach|device)\//, "")),
  ])
    if (existsSync(path)) return definition(relative(root, path));
  return undefined;
};

/** A definition of the repository, under its path from the root. */
export function definition(path: string): SourceFile {
  return { file: path, text: readFileSync(join(root, path), "utf8") };
}

export const rpcDefs: SourceFile = definition("host/bench/rpc/rpc.defs");
