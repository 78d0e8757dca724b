/** `inkwell disasm`: an ELF file or a raw image back to text, one instruction a line, as objdump words it. */
import type { Command } from "commander";
import { disassemble, type Symbolize } from "../asm/disassemble.ts";
import { codeOf, type CodePart } from "../asm/elf/code.ts";
import { isElf, readElf } from "../asm/elf/read.ts";
import { UsageError } from "./failure.ts";
import { readBytes } from "./files.ts";
import { address } from "./options.ts";

interface DisasmFlags {
  readonly base?: number;
  readonly symbols?: boolean;
}

export function registerDisasm(program: Command): void {
  program
    .command("disasm <file>")
    .description("disassemble an ELF file's code, or a raw image")
    .option("--base <address>", "raw image: address of its first word (default: 0)", address)
    .option("--symbols", "ELF: name branch targets")
    .action((file: string, { base, symbols }: DisasmFlags) => {
      const bytes = readBytes(file);
      const isImage = !isElf(bytes);
      if (!isImage && base !== undefined)
        throw new UsageError(`an ELF file has addresses of its own: --base needs a raw image`);
      const parts = isImage ? rawImage(file, bytes, base ?? 0) : codeOf(readElf(file, bytes));
      for (const part of parts) print(part, symbols === true ? part.symbolize : undefined);
    });
}

function rawImage(file: string, bytes: Uint8Array, base: number): readonly CodePart[] {
  if (bytes.length % 4 !== 0)
    throw new UsageError(`not a whole number of words: ${file}: ${bytes.length} bytes`);
  return [{ address: base, bytes, symbolize: () => undefined }];
}

/** Lines that are written at once. */
const PIECE = 4096;

function print({ address: base, bytes }: CodePart, symbolize: Symbolize | undefined): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let lines: string[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
    const word = view.getUint32(offset);
    const at = (base + offset) >>> 0;
    lines.push(`${hex(at)}: ${hex(word)}\t${disassemble(word, at, symbolize)}\n`);
    if (lines.length < PIECE) continue;
    process.stdout.write(lines.join(""));
    lines = [];
  }
  process.stdout.write(lines.join(""));
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
