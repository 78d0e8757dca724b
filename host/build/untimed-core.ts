/**
 * Compiles the core without its timing model to build/core-untimed.wasm, for the bench: the clauses and all
 * around them as they are, in loops framed by host/bench/speed/untimed.patterns. Runs as a script, after
 * host/generate.ts. Not part of the product: nothing but the bench and its tests loads it.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coreSymbols } from "../abi/index.ts";
import { Dispatch } from "../isa/dispatch.ts";
import { writeLoop } from "../isa/generate-core.ts";
import { INSTRUCTIONS } from "../isa/instructions.ts";
import { readClauses } from "../isa/signature.ts";
import { compileCore, CONFIGURATIONS, root } from "./core.ts";

const folder = join(root, "build/untimed");
const assembly = join(folder, "assembly");

/** Compiles it, unless it is there and up to date. */
export function compileUntimedCore(): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, "assembly"), assembly, { recursive: true });
  for (const file of CONFIGURATIONS) cpSync(join(root, file), join(folder, file));
  const read = (...path: string[]) => readFileSync(join(...path), "utf8");
  const exec = readdirSync(join(assembly, "exec")).map(
    (file) => [file.replace(/\.ts$/, ""), read(assembly, "exec", file)] as const,
  );
  const template = {
    frames: read(assembly, "loop.template.ts"),
    translation: read(assembly, "translation.template.ts"),
    patterns: [
      read(assembly, "patterns.template.ts"),
      read(assembly, "float.template.ts"),
      // Of two patterns of one name the later is taken.
      read(root, "host/bench/speed/untimed.patterns"),
    ].join("\n"),
  };
  const dispatch = new Dispatch(INSTRUCTIONS, readClauses(new Map(exec)));
  const names = Object.keys(coreSymbols());
  for (const frame of ["loop", "floatLoop", "step", "translation"] as const) {
    const text = writeLoop(dispatch, template, names, frame);
    writeFileSync(join(assembly, `generated/${frame}.ts`), text);
  }
  compileCore(folder, "core-untimed");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) compileUntimedCore();
