/**
 * Every instruction of a library that GNU C compiled: text as objdump prints it, and the word again
 * from the manual's text. A word that PA-RISC 1.1 does not define (data between functions) is left out.
 */
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { disassemble } from "../../host/asm/disassemble.ts";
import { decode, fieldsOf } from "../../host/isa/instructions.ts";
import { haveTool } from "../asm/binutils.ts";

const available = haveTool("objdump") && haveTool("gcc");

interface Line {
  readonly address: number;
  readonly word: number;
  readonly text: string;
}

function libraryLines(name: string): Line[] {
  const options = { encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const file = execFileSync("hppa-linux-gnu-gcc", [`-print-file-name=${name}`], options).trim();
  const listing = execFileSync("hppa-linux-gnu-objdump", ["-d", file], options);
  return [...listing.matchAll(/^ *([0-9a-f]+):\t(.. .. .. ..) \t(.*)$/gm)].map(
    ([, address, bytes, text]) => ({
      address: Number.parseInt(address!, 16),
      word: Number.parseInt(bytes!.replaceAll(" ", ""), 16),
      text: text!,
    }),
  );
}

/** A displacement of five bits makes an assembler take the short form. */
function isShortened(word: number): boolean {
  const row = decode(word)!;
  return row.mode === "long" && Math.abs(fieldsOf(row, word).im14! + 0.5) < 16;
}

describe.skipIf(!available)("the C library's mathematics", () => {
  const lines = available
    ? libraryLines("libm.so.6").filter(({ word }) => decode(word) !== undefined)
    : [];

  test("is large enough to mean something", () => expect(lines.length).toBeGreaterThan(40_000));

  test("reads as objdump reads it", () => {
    const different = lines.flatMap(({ address, word, text }) => {
      const symbol = /[0-9a-f] <([^<>]+)>/.exec(text)?.[1];
      const ours = disassemble(word, address, () => symbol);
      return ours === text ? [] : [`${word.toString(16)}: ours ${ours}, objdump ${text}`];
    });
    expect(different.slice(0, 10)).toEqual([]);
  });

  test("assembles again from the manual's text", () => {
    const text = lines
      .map(({ word }) => `\t${disassemble(word, 0, undefined, "manual")}`)
      .join("\n");
    const { bytes } = assemble({ file: "library.s", text }).sections.find(
      ({ name }) => name === ".text",
    )!;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const different = lines.filter(
      ({ word }, index) => view.getUint32(4 * index) !== word && !isShortened(word),
    );
    expect(different.slice(0, 10)).toEqual([]);
  });
});
