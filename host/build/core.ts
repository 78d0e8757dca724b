/**
 * Compiles assembly/ to build/core.wasm, with the templates of translated code in a section of it, unless the last compilation had the same inputs.
 * The optimiser's passes are our own list (assembly/passes.mjs), given here because asc's
 * configuration file cannot name a transform. Runs as a script, after host/generate.ts.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const compiler = createRequire(import.meta.url).resolve("assemblyscript/package.json");

/** The core itself, and the templates of translated code. */
export const CONFIGURATIONS = ["asconfig.json", "asconfig.translation.json"] as const;
const SECTION = "translation";

/**
 * Compiles the AssemblyScript in `folder`, which has CONFIGURATIONS and assembly/, to `build/NAME.wasm`.
 * @throws Error when the compiler refuses; it has said why
 */
export function compileCore(folder: string, name: string): void {
  const stamp = join(root, `build/${name}.inputs`);
  const output = join(root, `build/${name}.wasm`);
  const templates = join(root, `build/${name}.templates.wasm`);
  const sources = readdirSync(join(folder, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .toSorted()
    .map((file) => join(folder, "assembly", file));
  const hash = createHash("sha256");
  for (const file of [compiler, ...CONFIGURATIONS.map((each) => join(folder, each)), ...sources])
    hash.update(file.slice(folder.length)).update("\0").update(readFileSync(file)).update("\0");
  const inputs = hash.digest("hex");
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;

  rmSync(stamp, { force: true });
  const asc = join(dirname(compiler), "bin/asc.js");
  for (const [i, file] of [output, templates].entries()) {
    const options = ["--config", CONFIGURATIONS[i]!, "--target", "release", "--outFile", file];
    options.push("--optimizeLevel", "0", "--transform", "./assembly/passes.mjs");
    const { status } = spawnSync(process.execPath, [asc, ...options], {
      cwd: folder,
      stdio: "inherit",
    });
    if (status !== 0) throw new Error(`asc ended with ${status}`);
  }
  appendFileSync(output, customSection(SECTION, readFileSync(templates)));
  rmSync(templates);
  writeFileSync(stamp, inputs);
}

/** A custom section: 0, its length, its name with its length, its content. */
function customSection(name: string, content: Buffer): Buffer {
  const inner = Buffer.concat([Buffer.of(name.length), Buffer.from(name), content]);
  const length: number[] = [];
  for (let rest = inner.length; rest > 0; rest >>>= 7)
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
  return Buffer.concat([Buffer.of(0, ...length), inner]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) compileCore(root, "core");
