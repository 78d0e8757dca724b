/**
 * Whole texts through our assembler and GNU as: sections and relocations agree.
 *
 * Each case is a text that both accept; what a word with a relocation holds before linking is left
 * out, because GNU as puts addends there that ELF does not use.
 */
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { assemble, GNU_PRELUDE } from "../../host/asm/assemble.ts";
import type { ObjectFile } from "../../host/asm/object.ts";
import { gnuAssemble, gnuRejects, haveTool, type GnuObject } from "./binutils.ts";
import { hexWords } from "./hex.ts";
import { seeded, type Random } from "./random.ts";
import { CASES } from "./texts.ts";

const available = haveTool("as");

/** Sections as hexadecimal words, relocated ones as their relocation. */
function describeSections(
  sections: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  relocations: readonly {
    readonly section: string;
    readonly offset: number;
    readonly type: string;
  }[],
): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const { name, bytes } of sections) {
    const places = new Map(
      relocations.filter((at) => at.section === name).map((at) => [at.offset, at.type]),
    );
    const parts: string[] = [];
    for (let offset = 0; offset < bytes.length;) {
      const type = places.get(offset);
      // A relocation may stand at an odd place; words are only how the rest is shown.
      const length =
        type !== undefined
          ? 4
          : offset % 4 === 0 && ![1, 2, 3].some((ahead) => places.has(offset + ahead))
            ? 4
            : 1;
      parts.push(type ?? Buffer.from(bytes.subarray(offset, offset + length)).toString("hex"));
      offset += length;
    }
    if (parts.length > 0) result[name] = parts;
  }
  return result;
}

function ours(object: ObjectFile): Record<string, string[]> {
  const loaded = object.sections.filter(({ flags }) => flags.allocate && !flags.zero);
  return describeSections(loaded, object.relocations);
}

function gnu(object: GnuObject, names: readonly string[]): Record<string, string[]> {
  const sections = names.map((name) => ({
    name,
    bytes: object.sections.get(name) ?? new Uint8Array(),
  }));
  return describeSections(sections, object.relocations);
}

function compare(text: string): void {
  const full = `\t.level 1.1\n${text}`;
  const object = assemble({ file: "case.s", text: full });
  const names = object.sections
    .filter(({ flags }) => flags.allocate && !flags.zero)
    .map(({ name }) => name);
  expect(ours(object)).toEqual(gnu(gnuAssemble(full), names));
}

describe.skipIf(!available)("texts assemble as GNU as does", () => {
  test.each(Object.entries(CASES))("%s", (_, text) => compare(text));

  test("probes and escapes, by the prelude", () => {
    const text = `\n.probe T2.5\n nop\n escape 5\n .probe end\n`;
    const object = assemble({ file: "case.s", text });
    const reference = gnuAssemble(GNU_PRELUDE + text);
    expect(ours(object)).toEqual(gnu(reference, [".text"]));
    expect(object.probes).toEqual([
      { name: "T2.5", section: ".text", offset: 0 },
      { name: "end", section: ".text", offset: 8 },
    ]);
    // Texts that bring the prelude along are ours, too.
    expect(ours(assemble({ file: "case.s", text: GNU_PRELUDE + text }))).toEqual(ours(object));
  });
});

describe.skipIf(!available)("what GNU as refuses, we refuse", () => {
  const texts = [
    "lab nop",
    "x .equ 5",
    " .equ x,5",
    " ret",
    " ldd 0(%r1),%r2",
    " fldw 64(%r1),%fr4",
    " cmpb,*= %r1,%r2,.",
    " mtctl %r1,%ccr",
    " mfctl %cr1,%r1",
    " be,l 0(%sr4,%r1)",
    " addil L%5,%r1,%r1",
    " ldw,ma -64(%r1),%r2",
    " fic %r0(%r1)",
    " bb %r1,5,.",
    " depi x,31,4,%r4\nx = 5",
    "a: nop\na: nop",
    " .macro m\n .endm\n .macro m\n .endm",
    " .macro m a\n .endm\n m 1,2",
    " .if 1",
    " .word 08",
  ];
  test.each(texts)("%j", (text) => {
    expect(gnuRejects(`\t.level 1.1\n${text}\n`)).toBe(true);
    expect(() => assemble({ file: "case.s", text })).toThrow(DiagnosticError);
  });
});

/** A constant expression without divisions by zero, whose value fits 64 bits. */
function expression(random: Random, depth: number): string {
  if (depth === 0 || random.below(4) === 0)
    return random.pick([
      "0",
      "1",
      "2",
      "7",
      "0x7f",
      "017",
      "0b101",
      "1000",
      "0xffff",
      "x",
      "y",
      "'a",
      "(b-a)",
    ]);
  const inner = (): string => expression(random, depth - 1);
  switch (random.below(8)) {
    case 0:
      return `(${inner()})`;
    case 1:
      return `${random.pick(["-", "~", "+"])} ${inner()}`;
    case 2:
      return `${inner()} ${random.pick(["/", "%"])} ${random.pick(["1", "3", "7", "16"])}`;
    case 3:
      // Parentheses keep signs away: GNU as shifts negative numbers right as unsigned, 64 bits wide.
      return `(((${inner()}) & 0xff) ${random.pick(["<<", ">>"])} ${random.below(12)})`;
    case 4:
      return `((${inner()}) & 0xff) * ${random.below(100)}`;
    default:
      return `${inner()} ${random.pick(["+", "-", "|", "&", "^", "<", ">", "<=", ">=", "<>", "==", "&&", "||"])} ${inner()}`;
  }
}

test.skipIf(!available)("random expressions have GNU as's values", () => {
  const random = seeded("expressions");
  const head = "x = 5\ny = x * 3 - 100\na: nop ! nop\nb: nop\n";
  const lines = Array.from({ length: 400 }, () => ` .word (${expression(random, 5)}) & 0xffffffff`);
  const text = `\t.level 1.1\n${head}${lines.join("\n")}\n`;
  const ours = hexWords(Buffer.from(assemble({ file: "case.s", text }).sections[0]!.bytes));
  const reference = hexWords(gnuAssemble(text).sections.get(".text")!);
  const different = lines.flatMap((line, index) =>
    ours[index + 3] === reference[index + 3]
      ? []
      : [`${line}: ours ${ours[index + 3]}, GNU ${reference[index + 3]}`],
  );
  expect(different).toEqual([]);
});
