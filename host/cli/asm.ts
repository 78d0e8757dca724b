/** `inkwell asm`: PA-RISC assembly text, in GNU as's HP syntax, to an ELF object or a raw image. */
import { type Command, Option } from "commander";
import { abiSymbols } from "../abi/index.ts";
import { assemble } from "../asm/assemble.ts";
import { writeObject } from "../asm/elf/write-object.ts";
import type { Image } from "../asm/image.ts";
import { link } from "../asm/link.ts";
import { UsageError } from "./failure.ts";
import { readSource, writeWhole } from "./files.ts";
import { address } from "./options.ts";

interface AsmFlags {
  readonly output: string;
  readonly format: "elf" | "bin";
  readonly text?: number;
  readonly data?: number;
}

export function registerAsm(program: Command): void {
  program
    .command("asm <files...>")
    .description("assemble a .s file into an ELF32 object")
    .requiredOption("-o, --output <file>", "where to write it")
    .addOption(
      new Option("--format <name>", "elf: an object; bin: a raw image of one or more files, linked")
        .choices(["elf", "bin"])
        .default("elf"),
    )
    .option("--text <address>", "raw image: where the text goes (default: 0)", address)
    .option("--data <address>", "raw image: where the data goes (default: the next page)", address)
    .action((files: string[], flags: AsmFlags) => {
      const bytes = flags.format === "bin" ? rawImage(files, flags) : elfObjectOf(files, flags);
      writeWhole(new Map([[flags.output, bytes]]));
    });
}

/** Our own constants are known in every text. */
function assembleFile(file: string) {
  return assemble(readSource(file), { symbols: abiSymbols() });
}

function elfObjectOf(files: readonly string[], { text, data }: AsmFlags): Uint8Array {
  if (text !== undefined || data !== undefined)
    throw new UsageError("an object has no addresses: --text and --data need --format bin");
  const [file, second] = files;
  if (second !== undefined)
    throw new UsageError(`one file makes one object (inkwell link takes several): ${second}`);
  return writeObject(assembleFile(file!));
}

function rawImage(files: readonly string[], { text = 0, data }: AsmFlags): Uint8Array {
  const objects = files.map(assembleFile);
  return flat(link(objects, { text, ...(data !== undefined && { data }) }));
}

/** More than this between two segments is a mistake, not an image. */
const LARGEST = 32 << 20;

/** The segments' bytes at their distances, from the lowest address on; space at the end is left out. */
function flat({ segments }: Image): Uint8Array {
  const full = segments.filter(({ bytes }) => bytes.length > 0);
  if (!full.length) return new Uint8Array();
  const start = Math.min(...full.map((segment) => segment.address));
  const end = Math.max(...full.map((segment) => segment.address + segment.bytes.length));
  if (end - start > LARGEST)
    throw new UsageError(`text and data are too far apart for a raw image: ${end - start} bytes`);
  const result = new Uint8Array(end - start);
  for (const segment of full) result.set(segment.bytes, segment.address - start);
  return result;
}
