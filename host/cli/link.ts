/** `inkwell link`: ELF objects, libraries, and assembly text on the way, to a static program. */
import { chmodSync, statSync } from "node:fs";
import { type Command, Option } from "commander";
import { abiSymbols } from "../abi/index.ts";
import { assemble } from "../asm/assemble.ts";
import { isArchive, readArchive, withMembers, type Archive } from "../asm/elf/archive.ts";
import { elfObject } from "../asm/elf/object.ts";
import { isElf, readElf } from "../asm/elf/read.ts";
import { writeExecutable } from "../asm/elf/write-executable.ts";
import { link } from "../asm/link.ts";
import type { ObjectFile } from "../asm/object.ts";
import { UsageError } from "./failure.ts";
import { readBytes, readSource, writeWhole } from "./files.ts";
import { address } from "./options.ts";

interface LinkFlags {
  readonly output: string;
  readonly text: number;
  readonly data?: number;
  readonly entry?: string;
}

/** Where GNU ld puts programs. */
const TEXT = 0x10000;
/** What starts a program that does not say. */
const START = "_start";

export function registerLink(program: Command): void {
  program
    .command("link <files...>")
    .description("link ELF32 objects, libraries (.a) and .s files into a static program")
    .requiredOption("-o, --output <file>", "where to write the program")
    .addOption(
      new Option("--text <address>", "where the text goes")
        .argParser(address)
        .default(TEXT, `0x${TEXT.toString(16)}`),
    )
    .option("--data <address>", "where the data goes (default: the page after the text)", address)
    .option("--entry <symbol>", `where it starts (default: ${START}, or else the text's start)`)
    .action((files: string[], { output, text, data, entry }: LinkFlags) => {
      if (text % 4 !== 0)
        throw new UsageError(`text is not aligned to a word: 0x${text.toString(16)}`);
      const inputs = files.map(readInput);
      const objects = withMembers(inputs.filter(isObject), inputs.filter(isLibrary));
      const start = entry ?? (objects.some(defines(START)) ? START : undefined);
      const image = link(objects, {
        text,
        ...(data !== undefined && { data }),
        ...(start !== undefined && { entry: start }),
      });
      if (image.segments.length === 0) throw new UsageError("nothing to load in these files");
      if (start === undefined)
        console.error(`inkwell: no ${START}: the program starts at 0x${text.toString(16)}`);
      writeWhole(new Map([[output, writeExecutable(image, text)]]));
      chmodSync(output, statSync(output).mode | 0o111);
    });
}

function readInput(file: string): ObjectFile | Archive {
  const bytes = readBytes(file);
  if (isElf(bytes)) return elfObject(readElf(file, bytes));
  if (isArchive(bytes)) return readArchive(file, bytes);
  if (file.endsWith(".s")) return assemble(readSource(file), { symbols: abiSymbols() });
  throw new UsageError(`not an ELF object, a library or a .s file: ${file}`);
}

function isLibrary(input: ObjectFile | Archive): input is Archive {
  return "members" in input;
}

function isObject(input: ObjectFile | Archive): input is ObjectFile {
  return !isLibrary(input);
}

function defines(name: string): (object: ObjectFile) => boolean {
  return ({ symbols }) =>
    symbols.some((symbol) => symbol.name === name && symbol.binding !== "local" && symbol.place !== "undefined"); // prettier-ignore
}
