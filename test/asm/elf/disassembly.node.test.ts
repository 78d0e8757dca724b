/**
 * Every word of a static program and of the C library's objects, as objdump prints it: the same
 * addresses in the same order, the same text, with and without the names of branch targets.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { disassemble } from "../../../host/asm/disassemble.ts";
import { readArchive } from "../../../host/asm/elf/archive.ts";
import { codeOf } from "../../../host/asm/elf/code.ts";
import { readElf } from "../../../host/asm/elf/read.ts";
import { decode } from "../../../host/isa/instructions.ts";
import { Folder, haveTools, sources } from "./cross.ts";

const available = haveTools("gcc", "objdump");

interface Line {
  readonly address: number;
  readonly word: number;
  readonly text: string;
}

/** objdump's lines of each file, of an archive of each member; words of zero as well. */
function objdump(file: string): Line[][] {
  const options = { encoding: "latin1", maxBuffer: 1 << 28 } as const;
  const listing = execFileSync("hppa-linux-gnu-objdump", ["-dz", "-m", "hppa1.1", file], options);
  const files = listing.split(/^.* file format .*$/m).slice(1);
  return files.map((part) =>
    Array.from(
      part.matchAll(/^ *([0-9a-f]+):\t(.. .. .. ..) \t(.*)$/gm),
      ([, address, bytes, text]) => ({
        address: Number.parseInt(address!, 16),
        word: Number.parseInt(bytes!.replaceAll(" ", ""), 16),
        text: text!,
      }),
    ),
  );
}

interface Count {
  words: number;
  instructions: number;
  readonly different: string[];
}

function compare(name: string, bytes: Uint8Array, lines: readonly Line[], count: Count): void {
  let next = 0;
  for (const { address, bytes: code, symbolize } of codeOf(readElf(name, bytes))) {
    const view = new DataView(code.buffer, code.byteOffset, code.length);
    for (let offset = 0; offset < code.length; offset += 4) {
      const [word, at] = [view.getUint32(offset), address + offset];
      const line = lines[next++];
      count.words++;
      if (line?.word !== word || line.address !== at)
        count.different.push(`${name}: not in objdump's order: ${at.toString(16)}`);
      if (line === undefined || decode(word) === undefined) continue;
      count.instructions++;
      const [named, plain] = [disassemble(word, at, symbolize), disassemble(word, at)];
      if (named !== line.text) count.different.push(`${name}: ours ${named}, objdump ${line.text}`);
      if (plain !== line.text.replace(/([0-9a-f]+) <[^<>]*>/, "0x$1"))
        count.different.push(`${name}: ours ${plain}, objdump ${line.text}`);
    }
  }
  if (next !== lines.length)
    count.different.push(`${name}: ${next} words, objdump ${lines.length}`);
}

describe.skipIf(!available)("disassembly is objdump's", () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder();
  });
  afterAll(() => folder.remove());

  test("of a static program", () => {
    folder.tool("gcc", "-static", "-w", "-o", "program", ...sources());
    const count: Count = { words: 0, instructions: 0, different: [] };
    const [lines] = objdump(`${folder.path}/program`);
    compare("program", folder.bytes("program"), lines!, count);
    expect(count.different.slice(0, 10)).toEqual([]);
    expect(count.instructions).toBeGreaterThan(90_000);
    expect(count.words - count.instructions).toBeLessThan(count.words / 100);
  });

  test("of the C library's objects", { timeout: 60_000 }, () => {
    const file = folder.tool("gcc", "-print-file-name=libc.a").trim();
    const { members } = readArchive("libc.a", new Uint8Array(readFileSync(file)));
    const listings = objdump(file);
    expect(members.size).toBe(listings.length);
    const count: Count = { words: 0, instructions: 0, different: [] };
    for (const [index, { name, bytes }] of [...members.values()].entries())
      compare(name, bytes, listings[index]!, count);
    console.info(`libc.a: ${members.size} objects, ${count.words} words, ${count.instructions} of them PA-RISC 1.1`); // prettier-ignore
    expect(count.different.slice(0, 10)).toEqual([]);
    expect(count.instructions).toBeGreaterThan(300_000);
  });
});
