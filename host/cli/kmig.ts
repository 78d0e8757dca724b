/**
 * `inkwell kmig`: an interface definition to stubs in assembly text. With no output asked for, says
 * which routines a client may trap to, and why the others take a message.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import { formatDiagnostic } from "../diagnostic.ts";
import { analyseInterface, kmig, type KmigOptions } from "../kmig/kmig.ts";
import type { LayoutReport } from "../kmig/layout.ts";
import { readSource, writeWhole } from "./files.ts";
import { repeated } from "./options.ts";

interface KmigFlags {
  readonly include?: readonly string[];
  readonly define?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly userMessage?: string;
  readonly server?: string;
  readonly trap?: string;
  readonly layout?: boolean;
  readonly structCopy: "word" | "byte" | "bcopy";
  readonly suppressCopies?: boolean;
}

export function registerKmig(program: Command): void {
  program
    .command("kmig <file>")
    .description("generate PA-RISC stubs from an interface definition (.defs)")
    .addOption(
      new Option("-I, --include <dir>", "look here for included files").argParser(repeated),
    )
    .addOption(new Option("-D, --define <name[=value]>", "define a macro").argParser(define))
    .option("--user <file>", "write client stubs that trap, and fall back to messages")
    .option("--user-message <file>", "write client stubs that only send messages")
    .option("--server <file>", "write server stubs for messages, and the demultiplexer")
    .option("--trap <file>", "write server stubs for traps, and the registration table")
    .option("--layout", "print the analysed interface as JSON")
    .addOption(
      new Option("--struct-copy <how>", "how message stubs copy arrays")
        .choices(["word", "byte", "bcopy"])
        .default("word"),
    )
    .option("--suppress-copies", "leave copying across the boundary to the work functions")
    .action(run);
}

function run(file: string, flags: KmigFlags): void {
  const { include = [], define: defines = {}, structCopy, suppressCopies = false } = flags;
  const source = readSource(file);
  const options: KmigOptions = {
    include: (name, from) => {
      const path = find(name, [dirname(from), ...include]);
      return path === undefined ? undefined : readSource(path);
    },
    defines,
    structCopy,
    suppressCopies,
  };
  const outputs = [flags.user, flags.userMessage, flags.server, flags.trap];
  const stubs = outputs.some((output) => output !== undefined) ? kmig(source, options) : undefined;
  const { layout, warnings } = stubs ?? analyseInterface(source, options);
  for (const warning of warnings) console.error(formatDiagnostic(warning));
  if (stubs) {
    const texts = [stubs.user, stubs.userMessage, stubs.server, stubs.trapServer];
    const asked = outputs.flatMap((output, i) =>
      output === undefined ? [] : [[output, texts[i]!] as const],
    );
    writeWhole(new Map(asked));
  }
  if (flags.layout) console.log(JSON.stringify(layout, null, 2));
  else if (!stubs) console.log(summary(layout));
}

/** Mach's own definitions, which `#include <mach/std_types.defs>` finds when no directory has them. */
const MACH_DEFS = fileURLToPath(new URL("../mach/defs", import.meta.url));

function find(name: string, directories: readonly string[]): string | undefined {
  const candidates = directories.map((directory) => join(directory, name));
  candidates.push(join(MACH_DEFS, name.replace(/^mach\//, "")));
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
