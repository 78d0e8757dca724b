/**
 * Writes assembly/generated/ from host/abi, the instruction table, the clauses' signatures and the
 * loop's template. Run by `npm run generate`, before the AssemblyScript compiler; nothing it writes
 * is kept in the repository.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { coreSymbols } from "./abi/index.ts";
import { Dispatch } from "./isa/dispatch.ts";
import { writeDataAccess } from "./isa/data-access.ts";
import { writeLoop, writeOperations, writePredecoder } from "./isa/generate-core.ts";
import { INSTRUCTIONS } from "./isa/instructions.ts";
import { readClauses } from "./isa/signature.ts";

const assembly = fileURLToPath(new URL("../assembly/", import.meta.url));
const exec = new Map(
  readdirSync(`${assembly}exec`)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file.slice(0, -3), readFileSync(`${assembly}exec/${file}`, "utf8")]),
);
const template = {
  frames: readFileSync(`${assembly}loop.template.ts`, "utf8"),
  translation: readFileSync(`${assembly}translation.template.ts`, "utf8"),
  patterns: ["patterns", "float"]
    .map((name) => readFileSync(`${assembly}${name}.template.ts`, "utf8"))
    .join("\n"),
};
const symbols = coreSymbols();
const names = Object.keys(symbols);
const dispatch = new Dispatch(INSTRUCTIONS, readClauses(exec));

const constants = Object.entries(symbols)
  .map(([name, value]) => `export const ${name}: u32 = 0x${value.toString(16)};\n`)
  .join("");

mkdirSync(`${assembly}generated`, { recursive: true });
function write(file: string, source: string, text: string): void {
  writeFileSync(
    `${assembly}generated/${file}.ts`,
    `// Written by host/generate.ts from ${source}. Do not edit.\n${text}`,
  );
}
write("abi", "host/abi", constants);
write("operations", "host/isa/dispatch.ts", writeOperations(dispatch));
write("predecode", "the instruction table", writePredecoder(dispatch));
write("dataAccess", "the instruction table", writeDataAccess(INSTRUCTIONS));
for (const frame of ["loop", "floatLoop", "step", "translation"] as const)
  write(frame, "assembly/*.template.ts", writeLoop(dispatch, template, names, frame));
