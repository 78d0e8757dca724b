/** `inkwell link`: ELF objects, and assembly text on the way, to a static program. */
import type { Command } from "commander";
import { abiSymbols } from "../abi/index.ts";
import { assemble } from "../asm/assemble.ts";
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
    .description("link ELF32 objects (and .s files) into a static program")
    .requiredOption("-o, --output <file>", "where to write the program")
    .option("--text <address>", "where the text goes", address, TEXT)
    .option("--data <address>", "where the data goes (default: the page after the text)", address)
    .option("--entry <symbol>", `where it starts (default: ${START}, or else the text's start)`)
    .action((files: string[], { output, text, data, entry }: LinkFlags) => {
      const objects = files.map(readObject);
      const start = entry ?? (objects.some(defines(START)) ? START : undefined);
      const image = link(objects, {
        text,
        ...(data !== undefined && { data }),
        ...(start !== undefined && { entry: start }),
      });
      if (start === undefined)
        console.error(`inkwell: no ${START}: the program starts at 0x${text.toString(16)}`);
      writeWhole(new Map([[output, writeExecutable(image, text)]]));
    });
}

function readObject(file: string): ObjectFile {
  const bytes = readBytes(file);
  if (isElf(bytes)) return elfObject(readElf(file, bytes));
  if (file.endsWith(".s")) return assemble(readSource(file), { symbols: abiSymbols() });
  throw new UsageError(`neither an ELF object nor a .s file: ${file}`);
}

function defines(name: string): (object: ObjectFile) => boolean {
  return ({ symbols }) =>
    symbols.some((symbol) => symbol.name === name && symbol.binding !== "local" && symbol.place !== "undefined"); // prettier-ignore
}
