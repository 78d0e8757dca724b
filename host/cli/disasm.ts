/** `inkwell disasm`: a raw image back to text, one instruction a line, as objdump words it. */
import type { Command } from "commander";
import { disassemble } from "../asm/disassemble.ts";
import { UsageError } from "./failure.ts";
import { readBytes } from "./files.ts";
import { address } from "./options.ts";

const hex = (value: number) => value.toString(16).padStart(8, "0");

export function registerDisasm(program: Command): void {
  program
    .command("disasm <file>")
    .description("disassemble a raw image")
    .option("--base <address>", "address of its first word", address, 0)
    .action((file: string, { base }: { base: number }) => {
      const bytes = readBytes(file);
      if (bytes.length % 4 !== 0)
        throw new UsageError(`not a whole number of words: ${file}: ${bytes.length} bytes`);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const lines: string[] = [];
      for (let offset = 0; offset < bytes.length; offset += 4) {
        const word = view.getUint32(offset);
        const at = (base + offset) >>> 0;
        lines.push(`${hex(at)}:  ${hex(word)}  ${disassemble(word, at).replace(/\s+/, " ")}`);
      }
      if (lines.length) console.log(lines.join("\n"));
    });
}
