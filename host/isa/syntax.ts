/**
 * Completers: the comma-separated words after a mnemonic (`,<=,n`), as data.
 *
 * A completer kind is a list of choices; a choice is a spelling and the field values that it means.
 * Parsing takes the choice that matches the most words, printing the first whose values are in the
 * instruction. Conditions follow PA-RISC 1.1 manual tables 5-3 to 5-8; a name here is a word of a
 * row's `completers` column. What is computed (unit numbers, operations) is in `NUMBERED`.
 */
import type { FieldName } from "./fields.ts";

export type FieldValues = Partial<Record<FieldName, number>>;

export interface Choice {
  /** Words between commas; empty for the default that is not written. */
  readonly words: readonly string[];
  readonly values: FieldValues;
}

function choice(text: string, values: FieldValues): Choice {
  return { words: text === "" ? [] : text.split(","), values };
}

/** Choices of a list of names by value, `negated` ones with `f` set. Empty names are not written. */
function conditions(names: string, negated: string | undefined): readonly Choice[] {
  const plain = names.split(" ").map((name, c) => choice(name.replace("-", ""), { c }));
  if (negated === undefined) return plain;
  const withF = (list: string, f: number) =>
    list
      .split(" ")
      .flatMap((name, c) => (name === "?" ? [] : [choice(name.replace("-", ""), { c, f })]));
  return [...withF(names, 0), ...withF(negated, 1)];
}

const FLOAT_CONDITIONS =
  "false? false ? !<=> = =t ?= !<> !?>= < ?< !>= !?> <= ?<= !> " +
  "!?<= > ?> !<= !?< >= ?>= !< !?= <> != !=t !? <=> true? true";

const FORMATS = ["sgl", "dbl", "", "quad"];

function formats(field: "fmt" | "df"): readonly Choice[] {
  const known = FORMATS.flatMap((name, value) =>
    name === "" ? [] : [choice(name, { [field]: value })],
  );
  return [...known, choice("", { [field]: 0 })];
}

export const COMPLETERS = {
  // Conditions: add, compare or subtract, logical, unit, shift/extract/deposit, bit.
  add: conditions("- = < <= nuv znv sv od", "tr <> >= > uv vnz nsv ev"),
  cmp: conditions("- = < <= << <<= sv od", "tr <> >= > >>= >> nsv ev"),
  log: conditions("- = < <= ? ? ? od", "tr <> >= > ? ? ? ev"),
  unit: conditions("- swz sbz shz sdc swc sbc shc", "tr nwz nbz nhz ndc nwc nbc nhc"),
  sed: conditions("- = < od tr <> >= ev", undefined),
  bit: [choice("<", { f: 0 }), choice(">=", { f: 1 })],
  fcmp: FLOAT_CONDITIONS.split(" ").map((name, fc) => choice(name, { fc })),
  // The branches whose opcode holds the negation: 3 bits and a row each way.
  add3: conditions("- = < <= nuv znv sv od", undefined),
  cmp3: conditions("- = < <= << <<= sv od", undefined),
  nadd3: conditions("tr <> >= > uv vnz nsv ev", undefined),
  ncmp3: conditions("tr <> >= > >>= >> nsv ev", undefined),
  // PA-RISC 2.0's reading of addition branches, which objdump prints.
  wadd3: conditions("- = < <= nuv *= *< *<=", undefined),
  nwadd3: conditions("tr <> >= > uv *<> *>= *>", undefined),

  n: [choice("n", { n: 1 }), choice("", { n: 0 })],
  m: [choice("m", { m: 1 }), choice("", { m: 0 })],
  index: [
    choice("sm", { u: 1, m: 1 }),
    choice("s", { u: 1, m: 0 }),
    choice("m", { u: 0, m: 1 }),
    choice("s,m", { u: 1, m: 1 }),
    choice("m,s", { u: 1, m: 1 }),
    choice("", { u: 0, m: 0 }),
  ],
  short: [
    choice("ma", { ab: 0, m: 1 }),
    choice("mb", { ab: 1, m: 1 }),
    choice("", { ab: 0, m: 0 }),
  ],
  bytes: [
    choice("b,m", { ab: 0, m: 1 }),
    choice("e,m", { ab: 1, m: 1 }),
    choice("e", { ab: 1, m: 0 }),
    choice("m,b", { ab: 0, m: 1 }),
    choice("m,e", { ab: 1, m: 1 }),
    choice("m", { ab: 0, m: 1 }),
    choice("", { ab: 0, m: 0 }),
    choice("b", { ab: 0, m: 0 }),
  ],
  // Cache control hints: of stores, of loads, of load and clear.
  cc: [choice("bc", { cc: 1 }), choice("sl", { cc: 2 }), choice("", { cc: 0 })],
  ccl: [choice("sl", { cc: 2 }), choice("", { cc: 0 })],
  co: [choice("co", { cc: 1 }), choice("", { cc: 0 })],
  // Operand formats.
  fmt: formats("fmt"),
  df: formats("df"),
  fmt1: [choice("sgl", { fmt1: 0 }), choice("dbl", { fmt1: 1 }), choice("", { fmt1: 0 })],
  // objdump takes the format of FREM_LR from two bits, one of which is a register's half.
  fmth: [
    choice("sgl", { hb: 0, fmt1: 0 }),
    choice("dbl", { hb: 0, fmt1: 1 }),
    choice("quad", { hb: 1, fmt1: 1 }),
  ],
  sgl: [choice("sgl", { sgl: 1 }), choice("dbl", { sgl: 0 }), choice("", { sgl: 1 })],
} as const satisfies Record<string, readonly Choice[]>;

export type CompleterName = keyof typeof COMPLETERS;

/** Completers that are numbers: unit identifiers and operations of assists. */
export const NUMBERED: ReadonlySet<string> = new Set(["uid", "sop10", "sop15", "sop20", "sop22"]);

export function isCompleterName(name: string): name is CompleterName {
  return name in COMPLETERS;
}
