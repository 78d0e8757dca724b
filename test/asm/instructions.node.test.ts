/**
 * Every spelling with random operands through our assembler and GNU as: the same words.
 *
 * One file a run, so the texts come from a printed seed. What is generated is what the tables say;
 * what is right is what GNU as says.
 */
import { describe, expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { disassemble } from "../../host/asm/disassemble.ts";
import type { FieldName } from "../../host/isa/fields.ts";
import { decode, fieldsOf, INSTRUCTIONS } from "../../host/isa/instructions.ts";
import { SPELLINGS_TO_READ, type Spelling } from "../../host/isa/spellings.ts";
import { COMPLETERS, isCompleterName, type Choice } from "../../host/isa/syntax.ts";
import { gnuAssemble, haveTool } from "./binutils.ts";
import { seeded, type Random } from "./random.ts";

const available = haveTool("as");

/** GNU as takes these completers of loads for nothing; ours reads what objdump prints. */
const LOAD_HINT = "bc";

const GENERAL = [
  "%r0",
  "%r1",
  "%rp",
  "%r4",
  "%r19",
  "%dp",
  "%ret0",
  "%ret1",
  "%sp",
  "%arg3",
  "%t1",
  "%mrp",
  "%r31",
  "%R5",
];
const CONTROL = [
  "%cr0",
  "%sar",
  "%cr11",
  "%itmr",
  "%cr16",
  "%eiem",
  "%pidr1",
  "%tr7",
  "%ipsw",
  "%hta",
  "%ppda",
];

/** The commas and words after a mnemonic. */
function completersOf({ completers, row }: Spelling, random: Random): string {
  const words = completers.flatMap((name) => {
    if (name.startsWith(".")) return name.slice(1).split("+");
    if (name === "before") return ["#"];
    if (name === "uid")
      return [String(row.name.startsWith("SPOP") ? random.below(8) : random.between(2, 7))];
    if (!isCompleterName(name)) return [String(random.below(2 ** Number(name.slice(3))))];
    const choices: readonly Choice[] = COMPLETERS[name];
    const usable = choices.filter(({ words: list }) => /^(?:ST|FST|CST)/.test(row.name) || !list.includes(LOAD_HINT)); // prettier-ignore
    // Formats must be said before a second format or a condition, for GNU as.
    const needed = name === "df" || row.completers.startsWith(`${name} `) ? usable.filter(({ words: list }) => list.length > 0) : usable; // prettier-ignore
    const { words: list } = random.pick(name.startsWith("fmt") || name === "df" ? needed : usable);
    return random.below(4) === 0 ? list.map((word) => word.toUpperCase()) : list;
  });
  // uxor has no conditions on carries for GNU as.
  if (row.name === "UXOR" && /[sn][bdhw]c/i.test(words[0] ?? "")) return "";
  return words.map((word) => `,${word}`).join("");
}

function between(random: Random, low: number, high: number): number {
  return random.pick([
    low,
    high,
    0,
    random.between(low, high),
    random.between(Math.max(low, -40), Math.min(high, 40)),
  ]);
}

function floatRegister(random: Random, halves: boolean, low = 0): string {
  return `%fr${random.between(low, 31)}${halves ? random.pick(["", "", "L", "R"]) : ""}`;
}

/** Values a field takes in text, as far as the text alone says. */
function numberOf(name: FieldName, random: Random, external: boolean): number {
  switch (name) {
    case "im5":
      return between(random, -16, 15);
    case "im11":
      return between(random, -1024, 1023);
    case "im14":
      return between(random, -8192, 8191);
    case "im21":
      return between(random, -1048576, 1048575);
    case "u13":
      return between(random, 0, 8191);
    case "u26":
      return between(random, 0, 2 ** 26 - 1);
    case "len":
      return Math.max(1, between(random, 1, 32));
    case "w12":
      return 4 * between(random, -2048, 2047);
    case "w17":
      return 4 * (external ? between(random, -65536, 65535) : between(random, -65000, 65000));
    default:
      return between(random, 0, 31);
  }
}

/** A number as people write it. */
function written(value: number, random: Random): string {
  const hexadecimal = `${value < 0 ? "-" : ""}0x${Math.abs(value).toString(16)}`;
  return random.pick([String(value), String(value), hexadecimal, `(${value}+1-1)`]);
}

function operandOf(
  token: string,
  spelling: Spelling,
  random: Random,
  halves: boolean,
  loose: boolean,
): string {
  switch (token) {
    case "b":
    case "a":
    case "x":
    case "r":
    case "t":
      return loose && random.below(8) === 0 ? String(random.below(32)) : random.pick(GENERAL);
    case "cr":
      return random.below(6) === 0 ? String(random.below(32)) : random.pick(CONTROL);
    case "s":
      return `%sr${random.below(4)}`;
    case "sr":
      return `%sr${random.below(8)}`;
    case "fa":
    case "fb":
    case "fr":
    case "ft":
      return floatRegister(random, halves);
    case "rm1":
    case "rm2":
    case "tm":
    case "ra":
    case "ta":
      return floatRegister(random, halves, 16);
    case "sar":
      return random.pick(["%sar", "%cr11"]);
    case "sr0":
    case "r31":
      return `%${token}`;
    case "sa":
      return spelling.row.name.slice(2, 3);
    default:
      if (!spelling.row.fields.some(({ name }) => name === token)) return token;
      return written(
        numberOf(token as FieldName, random, spelling.row.kind === "branch-external"),
        random,
      );
  }
}

/** One instruction of a spelling. */
function textOf(spelling: Spelling, random: Random): string {
  const { mnemonic, row } = spelling;
  let completers = completersOf(spelling, random);
  // Doubles and quads have no halves, nor have instructions on whole registers.
  const wide =
    /,(?:dbl|quad)/i.test(completers) || ["FLDD", "FSTD", "FSTQ"].includes(row.name.slice(0, 4));
  // GNU as takes cache hints with register names only.
  const hint = /,(?:bc|sl|co)(?:,|$)/i.test(completers);
  const loose = !hint && (spelling.use === "loose" || spelling.use === "text");
  const template = [...spelling.operands];
  const space = template.indexOf("s");
  if (space >= 0 && random.below(3) > 0) template.splice(space, 2);
  let operands = template.map((token) => operandOf(token, spelling, random, !wide, loose)).join("");
  if (random.below(4) === 0) operands = operands.replaceAll(",", " , ");
  if (completers.includes("#")) {
    const value = between(random, -8192, 8191);
    operands = operands.replace(/[-(]?[\d(][\w+-]*\)?(?=\()/, String(value));
    completers = completers.replace("#", value < 0 ? "mb" : "ma");
  }
  return `\t${mnemonic}${completers} ${operands}`;
}

function wordsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getUint32(4 * index));
}

function textSection(text: string): number[] {
  return wordsOf(
    assemble({ file: "random.s", text }).sections.find(({ name }) => name === ".text")!.bytes,
  );
}

/** Assembles lines with both; differences as text. */
function differences(lines: readonly string[]): string[] {
  const text = `\t.level 1.1\n\t.text\n${lines.join("\n")}\n`;
  const ours = textSection(text);
  const gnu = wordsOf(gnuAssemble(text).sections.get(".text")!);
  expect(ours.length).toBe(gnu.length);
  return gnu.flatMap((word, index) =>
    ours[index] === word
      ? []
      : [`${lines[index]}: ours ${ours[index]!.toString(16)}, GNU ${word.toString(16)}`],
  );
}

describe.skipIf(!available)("instructions are GNU as's", () => {
  test("for every spelling with many operands", () => {
    const random = seeded("spellings");
    const spellings = [...SPELLINGS_TO_READ.values()].flat();
    const lines = spellings.flatMap((spelling) =>
      Array.from({ length: 60 }, () => textOf(spelling, random)),
    );
    // GNU as silently takes another register for these; ours refuses them.
    const impossible = /,dbl,dbl .*%fr\d+R/i;
    expect(differences(lines.filter((line) => !impossible.test(line))).slice(0, 10)).toEqual([]);
  });

  test("for the manual's text of every row, which means the same word again", () => {
    const random = seeded("manual");
    const words = INSTRUCTIONS.filter(({ name }) => name !== "COPR").flatMap((row) =>
      Array.from({ length: 40 }, () => ((random.word() & ~row.mask) | row.match) >>> 0),
    );
    const lines = words.map((word) => `\t${disassemble(word, 0, undefined, "manual")}`);
    const back = textSection(`\t.level 1.1\n${lines.join("\n")}\n`);
    const wrong = words.flatMap((word, index) =>
      back[index] === word || isShortened(word) ? [] : [`${word.toString(16)}: ${lines[index]}`],
    );
    expect(wrong.slice(0, 10)).toEqual([]);
    // GNU as makes something else of right halves of quad registers, and refuses carries for uxor.
    const shared = lines.filter((line) => !/quad|,dbl,dbl.*R|^\tuxor,[sn][bdhw]c/.test(line));
    expect(differences(shared).slice(0, 10)).toEqual([]);
  });
});

/** A displacement of five bits makes GNU as, and us, take the short form. */
function isShortened(word: number): boolean {
  const row = decode(word);
  return row?.mode === "long" && Math.abs(fieldsOf(row, word).im14! + 0.5) < 16;
}
