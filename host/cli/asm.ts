/** `inkwell asm`: PA-RISC assembly text, in GNU as's HP syntax, to a raw image. */
import { type Command, Option } from "commander";
import { abiSymbols } from "../abi/index.ts";
import { assemble } from "../asm/assemble.ts";
import type { Image } from "../asm/image.ts";
import { link } from "../asm/link.ts";
import { readSource, writeWhole } from "./files.ts";
import { UsageError } from "./failure.ts";
import { address } from "./options.ts";

interface AsmFlags {
  readonly output: string;
  readonly text: number;
  readonly data?: number;
}

export function registerAsm(program: Command): void {
  program
    .command("asm <files...>")
    .description("assemble and link .s files into a raw image")
    .requiredOption("-o, --output <file>", "where to write the image")
    .addOption(new Option("--format <name>", "image format").choices(["bin"]).default("bin"))
    .option("--text <address>", "where the text goes", address, 0)
    .option("--data <address>", "where the data goes (default: the page after the text)", address)
    .action((files: string[], { output, text, data }: AsmFlags) => {
      const symbols = abiSymbols();
      const objects = files.map((file) => assemble(readSource(file), { symbols }));
      const image = link(objects, { text, ...(data !== undefined && { data }) });
      writeWhole(new Map([[output, flat(image)]]));
    });
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
