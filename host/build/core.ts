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

const root = fileURLToPath(new URL("../../", import.meta.url));
const stamp = join(root, "build/core.inputs");
const output = join(root, "build/core.wasm");
const compiler = createRequire(import.meta.url).resolve("assemblyscript/package.json");

const sources = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|mjs)$/.test(name))
  .toSorted()
  .map((name) => join(root, "assembly", name));
const hash = createHash("sha256");
for (const file of [compiler, join(root, "asconfig.json"), ...sources])
  hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
const inputs = hash.digest("hex");

if (!existsSync(output) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== inputs) {
  rmSync(stamp, { force: true });
  const asc = join(dirname(compiler), "bin/asc.js");
  const options = ["--config", "asconfig.json", "--target", "release"];
  options.push("--optimizeLevel", "0", "--transform", "./assembly/passes.mjs");
  const { status } = spawnSync(process.execPath, [asc, ...options], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, inputs);
}
