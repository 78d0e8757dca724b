/**
 * Compiles assembly/ to build/core.wasm, unless the last compilation had the same inputs.
 * The optimiser's passes are our own list (assembly/passes.mjs), given here because asc's
 * configuration file cannot name a transform. Runs as a script, after host/generate.ts.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const compiler = createRequire(import.meta.url).resolve("assemblyscript/package.json");

/**
 * Compiles the AssemblyScript in `folder`, which has asconfig.json and assembly/, to `build/NAME.wasm`.
 * @throws Error when the compiler refuses; it has said why
 */
export function compileCore(folder: string, name: string): void {
  const stamp = join(root, `build/${name}.inputs`);
  const output = join(root, `build/${name}.wasm`);
  const sources = readdirSync(join(folder, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .toSorted()
    .map((file) => join(folder, "assembly", file));
  const hash = createHash("sha256");
  for (const file of [compiler, join(folder, "asconfig.json"), ...sources])
    hash.update(file.slice(folder.length)).update("\0").update(readFileSync(file)).update("\0");
  const inputs = hash.digest("hex");
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;

  rmSync(stamp, { force: true });
  const asc = join(dirname(compiler), "bin/asc.js");
  const options = ["--config", "asconfig.json", "--target", "release", "--outFile", output];
  options.push("--optimizeLevel", "0", "--transform", "./assembly/passes.mjs");
  const { status } = spawnSync(process.execPath, [asc, ...options], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`asc ended with ${status}`);
  writeFileSync(stamp, inputs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) compileCore(root, "core");
