/**
 * `inkwell kmig`: an interface definition to stubs in assembly text, C headers and TypeScript. With no
 * output asked for, says which routines a client may trap to, and why the others take a message.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { measureInterface } from "../bench/rpc/interface-calls.ts";
import { formatDiagnostic } from "../diagnostic.ts";
import { analyseInterface, kmig, type KmigOptions } from "../kmig/kmig.ts";
import type { LayoutReport } from "../kmig/layout.ts";
import { VERSION } from "../version.ts";
import { UsageError } from "./failure.ts";
import { readSource, writeWhole } from "./files.ts";
import { repeated } from "./options.ts";
import { withProgress } from "./progress.ts";

interface KmigFlags {
  readonly include?: readonly string[];
  readonly define?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly userMessage?: string;
  readonly server?: string;
  readonly trap?: string;
  readonly header?: string;
  readonly sheader?: string;
  readonly ts?: string;
  readonly tsImport?: string;
  readonly layout?: boolean;
  readonly measure?: boolean;
  readonly json?: boolean;
  readonly structCopy: "word" | "byte" | "bcopy";
  readonly copies: boolean;
  readonly verbose?: boolean;
}

/** The options that name an output file, and what goes there. */
const OUTPUTS = {
  user: "user",
  userMessage: "userMessage",
  server: "server",
  trap: "trapServer",
  header: "header",
  sheader: "serverHeader",
  ts: "typescript",
} as const;

export function registerKmig(program: Command): void {
  program
    .command("kmig <file>")
    .description("generate stubs, headers and bindings from an interface definition (.defs)")
    .addOption(
      new Option("-I, --include <dir>", "look here for included files").argParser(repeated),
    )
    .addOption(new Option("-D, --define <name[=value]>", "define a macro").argParser(define))
    .option("--user <file>", "write client stubs that trap, and fall back to messages")
    .option("--user-message <file>", "write client stubs that only send messages")
    .option("--server <file>", "write server stubs for messages, and the demultiplexer")
    .option("--trap <file>", "write server stubs for traps, and the registration table")
    .option("--header <file>", "write a C header for clients")
    .option("--sheader <file>", "write a C header for servers")
    .option(
      "--ts <file>",
      "write a TypeScript module: messages for servers and clients on the host",
    )
    .option("--ts-import <module>", "what that module imports its functions from")
    .option("--layout", "print the analysed interface as JSON")
    .option("--measure", "run a call of every routine that can trap, in all configurations")
    .option("--json", "with --measure: print one JSON object: version, command, rows")
    .addOption(
      new Option("--struct-copy <how>", "how message stubs copy arrays")
        .choices(["word", "byte", "bcopy"])
        .default("word"),
    )
    .option("--no-copies", "leave copying across the boundary to the work functions")
    .option("-v, --verbose", "say on stderr what the routines are")
    .action(run);
}

async function run(file: string, flags: KmigFlags): Promise<void> {
  if (flags.measure) return measure(file, flags);
  const { include = [], define: defines = {}, structCopy, copies } = flags;
  const source = readSource(file);
  const outputs = outputFiles(file, flags);
  const options: KmigOptions = {
    include: (name, from) => {
      const path = find(name, [dirname(from), ...include]);
      return path === undefined ? undefined : readSource(path);
    },
    defines,
    structCopy,
    suppressCopies: !copies,
    ...(flags.ts !== undefined && { runtime: flags.tsImport ?? bindingFrom(flags.ts) }),
  };
  const stubs = outputs.size > 0 ? kmig(source, options) : undefined;
  const { layout, warnings } = stubs ?? analyseInterface(source, options);
  for (const warning of warnings) console.error(formatDiagnostic(warning));
  if (flags.verbose) console.error(summary(layout));
  if (stubs) writeWhole(new Map([...outputs].map(([path, part]) => [path, stubs[part]])));
  if (flags.layout) console.log(JSON.stringify(layout, null, 2));
  else if (!stubs && !flags.verbose) console.log(summary(layout));
}

/** Cycles of each routine's call, with work functions that just return. */
async function measure(file: string, { structCopy, json }: KmigFlags): Promise<void> {
  const { text } = readSource(file);
  const source = { file: basename(file), text, structCopy };
  const rows = await withProgress((progress) => measureInterface(source, { progress }));
  const copy = structCopy === "word" ? "" : ` --struct-copy ${structCopy}`;
  const command = `inkwell kmig ${source.file} --measure${copy}`;
  if (json) {
    console.log(JSON.stringify({ version: VERSION, command, rows }, null, 2));
    return;
  }
  const names = [...new Set(rows.map(({ row }) => row))];
  const width = Math.max(8, ...names.map((name) => name.length));
  const line = (head: string, cells: readonly string[]) =>
    console.log(`${head.padEnd(width)}${cells.map((cell) => cell.padStart(14)).join("")}`);
  line(
    "cycles",
    CONFIGURATIONS.map(({ title }) => title),
  );
  for (const name of names) {
    const cells = rows.filter(({ row }) => row === name);
    line(
      name,
      cells.map(({ value }) => String(value)),
    );
  }
  const far = new Set(rows.filter(({ detail }) => detail["outOfLine"]).map(({ row }) => row));
  if (far.size > 0)
    console.log(
      `Out of line, by message in every configuration, most of it declared cycles (--json tells them apart): ${[...far].join(", ")}`,
    );
}

/** What goes to which file; each has to be a file of its own. */
function outputFiles(
  file: string,
  flags: KmigFlags,
): Map<string, (typeof OUTPUTS)[keyof typeof OUTPUTS]> {
  const outputs = new Map<string, (typeof OUTPUTS)[keyof typeof OUTPUTS]>();
  const taken = new Set([resolve(file)]);
  for (const [flag, part] of Object.entries(OUTPUTS)) {
    const path = flags[flag as keyof typeof OUTPUTS];
    if (path === undefined) continue;
    if (taken.has(resolve(path))) throw new UsageError(`output would overwrite a file: ${path}`);
    taken.add(resolve(path));
    outputs.set(path, part);
  }
  return outputs;
}

/** The module with `bindInterface`, as seen from a file that is written. */
function bindingFrom(output: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const module = fileURLToPath(new URL(`../kmig/binding.${extension}`, import.meta.url));
  const path = relative(dirname(resolve(output)), module).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** Mach's own definitions, which `#include <mach/std_types.defs>` finds when no directory has them. */
const MACH_DEFS = fileURLToPath(new URL("../mach/defs", import.meta.url));

function find(name: string, directories: readonly string[]): string | undefined {
  const candidates = directories.map((directory) => join(directory, name));
  candidates.push(join(MACH_DEFS, name.replace(/^(mach|device)\//, "")));
  return candidates.find((path) => existsSync(path));
}

/** One line a routine: its number, its name, and how it is called. */
function summary({ subsystem, base, routines }: LayoutReport): string {
  const width = Math.max(0, ...routines.map(({ name }) => name.length));
  return [
    `subsystem ${subsystem} ${base}`,
    ...routines.map(
      ({ request_id, name, why_not }) =>
        `${request_id}  ${name.padEnd(width)}  ${why_not === null ? "trap" : `message: ${why_not}`}`,
    ),
  ].join("\n");
}

function define(text: string, previous: Record<string, string> | undefined) {
  const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("expected NAME or NAME=VALUE.");
  return { ...previous, [name]: value ?? "1" };
}
