/**
 * One instruction word to text.
 *
 * Not a listing tool and not symbol-aware beyond what `symbolize` answers. The default text is what
 * `objdump -d` of GNU binutils 2.40 prints, oddities included (`spellings.ts` says which); the
 * "manual" style is PA-RISC 1.1 syntax that the assembler turns back into the same word.
 */
import type { FieldName } from "../isa/fields.ts";
import { decode, fieldsOf, type Instruction } from "../isa/instructions.ts";
import { controlName, controlText, floatName, generalName } from "../isa/registers.ts";
import { manualSpelling, SPELLINGS_TO_PRINT, type Spelling } from "../isa/spellings.ts";
import {
  COMPLETERS,
  isCompleterName,
  NUMBERED,
  type Choice,
  type FieldValues,
} from "../isa/syntax.ts";

/** `symbol` or `symbol+0xoffset` of an address, as objdump writes it between angle brackets. */
export type Symbolize = (address: number) => string | undefined;

export type Style = "gnu" | "manual";

interface Context {
  readonly row: Instruction;
  readonly word: number;
  readonly values: FieldValues;
  readonly address: number;
  readonly symbolize: Symbolize | undefined;
  readonly style: Style;
}

function hex(value: number): string {
  return value < 0 ? `-${(-value).toString(16)}` : value.toString(16);
}

/** Numbers that a person reads back: decimal when small. */
function manualNumber(value: number): string {
  return Math.abs(value) < 65536
    ? String(value)
    : `${value < 0 ? "-" : ""}0x${Math.abs(value).toString(16)}`;
}

/** A 14-bit displacement and the space bits, read as PA-RISC 2.0's 16-bit displacement. */
function wide({ im14 = 0, s = 0 }: FieldValues): number {
  const sign = im14 < 0 ? 1 : 0;
  const upper = (sign << 15) | ((sign ^ (s >> 1)) << 14) | ((sign ^ (s & 1)) << 13);
  return ((upper | (im14 & 0x1fff)) << 16) >> 16;
}

function printAddress({ address, symbolize }: Context, displacement: number): string {
  const target = (address + 8 + displacement) >>> 0;
  const symbol = symbolize?.(target);
  return symbol === undefined ? `0x${target.toString(16)}` : `${target.toString(16)} <${symbol}>`;
}

function holds(values: FieldValues, wanted: FieldValues): boolean {
  return Object.entries(wanted).every(([name, value]) => values[name as FieldName] === value);
}

/** A completer's text with its leading comma; undefined when no text has these values. */
function printCompleter(name: string, { values, style }: Context): string | undefined {
  if (name.startsWith(".")) return `,${name.slice(1).replace("+", ",")}`;
  if (name === "before") return (values.im14! >> 12) & 1 ? ",mb" : ",ma";
  if (NUMBERED.has(name)) {
    const value = values[name as FieldName]!;
    if (name === "uid") return `,${value}`;
    return style === "gnu" ? `,${hex(value)}` : `,0x${hex(value)}`;
  }
  if (!isCompleterName(name)) throw new Error(`printCompleter: unknown completer ${name}`);
  const choices: readonly Choice[] = COMPLETERS[name];
  const found = choices.find((candidate) => holds(values, candidate.values));
  if (found === undefined) {
    if (style === "manual") return undefined;
    // objdump hands the C library a null pointer for logical conditions that do not exist.
    return name === "log" ? "(null)" : "";
  }
  return found.words.map((word) => `,${word}`).join("");
}

function printRegister(name: string, percent: string): string {
  return percent + name;
}

const FLOAT_HALVES: Readonly<Record<string, FieldName>> = {
  fa: "ha",
  fb: "hb",
  fr: "hr",
  ft: "ht",
};

/** A token of an operand template; punctuation and literals stand for themselves. */
function printOperand(token: string, context: Context): string {
  const { row, values, style } = context;
  const value = values[token as FieldName] ?? 0;
  const percent = style === "gnu" ? "" : "%";
  const number = style === "gnu" ? hex : manualNumber;
  switch (token) {
    case "b":
    case "a":
    case "x":
    case "r":
    case "t":
      return printRegister(style === "gnu" ? generalName(value) : `r${value}`, percent);
    case "s":
    case "sr":
      return printRegister(`sr${value}`, percent);
    case "cr":
      return style === "gnu" ? controlName(value) : controlText(value);
    case "fa":
    case "fb":
    case "fr":
    case "ft": {
      const half = values[FLOAT_HALVES[token]!] ?? 0;
      const plain = `fr${value}${half === 1 ? "R" : ""}`;
      return printRegister(style === "gnu" ? floatName(value, half) : plain, percent);
    }
    case "rm1":
    case "rm2":
    case "tm":
    case "ra":
    case "ta": {
      if (values.sgl === 0)
        return printRegister(style === "gnu" ? floatName(value, 0) : `fr${value}`, percent);
      // Single operands are fr16–fr31, the upper bit is the half; objdump does not print it.
      const half = value >> 4 === 1 && style === "manual" ? "R" : "";
      return printRegister(`fr${16 + (value & 15)}${half}`, percent);
    }
    case "w12":
    case "w17":
      if (row.kind === "branch-external") return number(value);
      if (style === "manual") return `.${value + 8 < 0 ? "" : "+"}${value + 8}`;
      return printAddress(context, value);
    case "im21":
      return style === "gnu" ? `L%${hex(value)}` : `L%0x${(value >>> 0).toString(16)}`;
    case "p": // decimal in extracts, hexadecimal in BB
      return row.kind === "branch-condition" ? number(value) : String(value);
    case "cp":
    case "len":
    case "sa":
      return String(value);
    case "wide":
      return hex(wide(values));
    case "im5":
    case "im11":
    case "im14":
    case "u5":
    case "u13":
    case "u26":
      return number(value);
    default:
      return token;
  }
}

/**
 * Whether text can mean this word of major opcode 0E. Left halves only are whole registers, which
 * text puts into 0C; conversions between doubles have no halves.
 */
function isWritten({ row, values }: Context): boolean {
  const { ha = 0, hb = 0, ht = 0, fmt, df } = values;
  return !row.name.endsWith("_LR") || ((ha | hb | ht) === 1 && !(fmt === 1 && df === 1));
}

/** The text of a spelling; undefined when it cannot say what the word holds. */
function print(spelling: Spelling, context: Context): string | undefined {
  const parts = spelling.completers.map((name) => printCompleter(name, context));
  if (parts.includes(undefined)) return undefined;
  const completers = parts.join("");
  // Space selector 0 means "by the base register": it is not written.
  const implicit = context.values.s === 0 ? spelling.operands.indexOf("s") : -1;
  const operands = spelling.operands
    .map((token, at) =>
      implicit >= 0 && (at === implicit || at === implicit + 1) ? "" : printOperand(token, context),
    )
    .join("");
  return `${spelling.mnemonic}${completers}${operands === "" ? "" : ` ${operands}`}`;
}

/**
 * The text of an instruction word.
 * @param word the 32 bits
 * @param address where the word stands; branch targets are relative to it
 * @param symbolize names a branch target; without it, or when it knows none, the bare address is printed
 * @param style "gnu" (default) or "manual"
 * @returns `#` and the word (gnu) when it is no PA-RISC 1.1 instruction, `.word` (manual) also when
 * it is one that no text says, such as a reserved cache hint
 */
export function disassemble(
  word: number,
  address = 0,
  symbolize?: Symbolize,
  style: Style = "gnu",
): string {
  const row = decode(word);
  const digits = (word >>> 0).toString(16);
  const unknown = style === "gnu" ? `#${digits.padStart(8)}` : `.word 0x${digits.padStart(8, "0")}`;
  if (row === undefined) return unknown;
  const context: Context = { row, word, values: fieldsOf(row, word), address, symbolize, style };
  if (style === "manual")
    return (isWritten(context) ? print(manualSpelling(row), context) : undefined) ?? unknown;
  // objdump knows no names for the two register moves of DIAG.
  if (row.name === "MTCPU" || row.name === "MFCPU")
    return `diag ${(word & 0x3ffffff).toString(16)}`;
  const spellings = SPELLINGS_TO_PRINT.get(row.id)!;
  return (
    print(
      spellings.find(({ when }) => holds(context.values, when))!,
      context,
    ) ?? unknown
  );
}
