/**
 * Spellings besides the PA-RISC 1.1 manual's: what GNU as also accepts for PA-RISC 1.1 encodings
 * (PA-RISC 2.0 mnemonics, pseudo-instructions), and what GNU objdump prints.
 *
 * Order matters twice. The assembler tries the spellings of a mnemonic from top to bottom and then
 * the instruction's own; the disassembler takes the first spelling of a row that is printed and
 * whose `when` holds, else the instruction's own. `strict` ones want register names (`%r4`, not
 * `4`) and give way to the next spelling when a number does not fit. Source: GNU binutils 2.40, by
 * observation; test/isa and test/asm compare every line with it.
 *
 * objdump does not know a processor level, so it prints PA-RISC 2.0 readings of some words: `wide`
 * displacements, `,o`, conditions of 64-bit adds. These are the lines marked `show`.
 */
import type { FieldName } from "./fields.ts";
import type { FieldValues } from "./syntax.ts";
import { INSTRUCTIONS, instruction, type Instruction } from "./instructions.ts";

/** Who uses a spelling: both directions (`strict`, `loose`), the assembler, the disassembler. */
export type Use = "strict" | "loose" | "text" | "textStrict" | "show";

export interface Spelling {
  readonly mnemonic: string;
  readonly row: Instruction;
  /** As in a row; `.x` is the literal word x, `.x+y` two words in either order. */
  readonly completers: readonly string[];
  /** Operand template in tokens: fields, literals and punctuation. */
  readonly operands: readonly string[];
  readonly use: Use;
  /** Field values that the spelling implies and that printing demands. */
  readonly when: FieldValues;
}

function tokens(operands: string): readonly string[] {
  return operands.match(/[a-z]\w*|./g) ?? [];
}

function words(completers: string): readonly string[] {
  return completers.split(" ").filter(Boolean);
}

function spell(
  mnemonic: string,
  name: string,
  completers: string,
  operands: string,
  use: Use,
  when: FieldValues = {},
): Spelling {
  const row = instruction(name);
  const known = new Set<string>(row.fields.map((field) => field.name));
  for (const field of Object.keys(when) as FieldName[])
    if (!known.has(field)) throw new Error(`${mnemonic}: ${name} has no field ${field}`);
  return { mnemonic, row, completers: words(completers), operands: tokens(operands), use, when };
}

/** Loads and stores; a displacement that fits five bits takes the short form, as GNU as does. */
// prettier-ignore
const MEMORY: readonly Spelling[] = [
  spell("ldw",  "LDWX",  "index cc", "x(s,b),t",    "strict"),
  spell("ldw",  "LDWS",  ".o cc",    "0(s,b),t",    "show",       { im5: 0, ab: 0, m: 1 }),
  spell("ldw",  "LDWS",  "short cc", "im5(s,b),t",  "strict"),
  spell("ldw",  "LDWM",  "before",   "wide(b),t",   "show"),
  spell("ldw",  "LDWM",  "before",   "im14(s,b),t", "textStrict"),
  spell("ldw",  "LDW",   "",         "wide(b),t",   "show"),
  spell("ldw",  "LDW",   "",         "im14(s,b),t", "text"),

  spell("ldh",  "LDHX",  "index cc", "x(s,b),t",    "strict"),
  spell("ldh",  "LDHS",  ".o cc",    "0(s,b),t",    "show",       { im5: 0, ab: 0, m: 1 }),
  spell("ldh",  "LDHS",  "short cc", "im5(s,b),t",  "strict"),
  spell("ldh",  "LDH",   "",         "wide(b),t",   "show"),
  spell("ldh",  "LDH",   "",         "im14(s,b),t", "text"),

  spell("ldb",  "LDBX",  "index cc", "x(s,b),t",    "strict"),
  spell("ldb",  "LDBS",  ".o cc",    "0(s,b),t",    "show",       { im5: 0, ab: 0, m: 1 }),
  spell("ldb",  "LDBS",  "short cc", "im5(s,b),t",  "strict"),
  spell("ldb",  "LDB",   "",         "wide(b),t",   "show"),
  spell("ldb",  "LDB",   "",         "im14(s,b),t", "text"),

  spell("stw",  "STWS",  ".o cc",    "r,0(s,b)",    "show",       { im5: 0, ab: 0, m: 1 }),
  spell("stw",  "STWS",  "short cc", "r,im5(s,b)",  "strict"),
  spell("stw",  "STWM",  "before",   "r,wide(b)",   "show"),
  spell("stw",  "STWM",  "before",   "r,im14(s,b)", "textStrict"),
  spell("stw",  "STW",   "",         "r,wide(b)",   "show"),
  spell("stw",  "STW",   "",         "r,im14(s,b)", "text"),

  spell("sth",  "STHS",  ".o cc",    "r,0(s,b)",    "show",       { im5: 0, ab: 0, m: 1 }),
  spell("sth",  "STHS",  "short cc", "r,im5(s,b)",  "strict"),
  spell("sth",  "STH",   "",         "r,wide(b)",   "show"),
  spell("sth",  "STH",   "",         "r,im14(s,b)", "text"),

  spell("stb",  "STBS",  ".o cc",    "r,0(s,b)",    "show",       { im5: 0, ab: 0, m: 1 }),
  spell("stb",  "STBS",  "short cc", "r,im5(s,b)",  "strict"),
  spell("stb",  "STB",   "",         "r,wide(b)",   "show"),
  spell("stb",  "STB",   "",         "r,im14(s,b)", "text"),

  spell("ldwa", "LDWAX", "index cc", "x(b),t",      "strict"),
  spell("ldwa", "LDWAS", ".o cc",    "0(b),t",      "show",       { im5: 0, ab: 0, m: 1 }),
  spell("ldwa", "LDWAS", "short cc", "im5(b),t",    "strict"),
  spell("ldcw", "LDCWX", "index co", "x(s,b),t",    "strict"),
  spell("ldcw", "LDCWS", "short co", "im5(s,b),t",  "strict"),
  spell("stwa", "STWAS", ".o cc",    "r,0(b)",      "show",       { im5: 0, m: 1 }),
  spell("stwa", "STWAS", "short cc", "r,im5(b)",    "strict"),
  spell("stby", "STBYS", "bytes cc", "r,im5(s,b)",  "strict"),
];

/** Arithmetic and logic. */
// prettier-ignore
const COMPUTE: readonly Spelling[] = [
  spell("ldi",     "LDO",     "",            "im14,t",    "loose",  { b: 0 }),
  spell("nop",     "OR",      "",            "",          "loose",  { a: 0, b: 0, c: 0, f: 0, t: 0 }),
  spell("copy",    "OR",      "",            "a,t",       "loose",  { b: 0, c: 0, f: 0 }),

  spell("addil",   "ADDIL",   "",            "im21,b,r1", "show"),
  spell("add",     "ADDC",    ".c add",      "a,b,t",     "strict"),
  spell("add",     "ADDCO",   ".c+tsv add",  "a,b,t",     "strict"),
  spell("add",     "ADDL",    ".l add",      "a,b,t",     "strict"),
  spell("add",     "ADDO",    ".tsv add",    "a,b,t",     "strict"),
  spell("addi",    "ADDIT",   ".tc add",     "im11,b,t",  "strict"),
  spell("addi",    "ADDITO",  ".tc+tsv add", "im11,b,t",  "strict"),
  spell("addi",    "ADDIO",   ".tsv add",    "im11,b,t",  "strict"),
  spell("sub",     "SUBT",    ".tc cmp",     "a,b,t",     "strict"),
  spell("sub",     "SUBTO",   ".tc+tsv cmp", "a,b,t",     "strict"),
  spell("sub",     "SUBB",    ".b cmp",      "a,b,t",     "strict"),
  spell("sub",     "SUBBO",   ".b+tsv cmp",  "a,b,t",     "strict"),
  spell("sub",     "SUBO",    ".tsv cmp",    "a,b,t",     "strict"),
  spell("subi",    "SUBIO",   ".tsv cmp",    "im11,b,t",  "strict"),
  spell("cmpclr",  "COMCLR",  "cmp",         "a,b,t",     "strict"),
  spell("cmpiclr", "COMICLR", "cmp",         "im11,b,t",  "strict"),
  spell("uaddcm",  "UADDCMT", ".tc unit",    "a,b,t",     "strict"),
  spell("dcor",    "IDCOR",   ".i unit",     "b,t",       "strict"),

  spell("shladd",  "SH1ADD",  "add",         "a,sa,b,t",  "strict"),
  spell("shladd",  "SH1ADDL", ".l add",      "a,sa,b,t",  "strict"),
  spell("shladd",  "SH1ADDO", ".tsv add",    "a,sa,b,t",  "strict"),
  spell("shladd",  "SH2ADD",  "add",         "a,sa,b,t",  "strict"),
  spell("shladd",  "SH2ADDL", ".l add",      "a,sa,b,t",  "strict"),
  spell("shladd",  "SH2ADDO", ".tsv add",    "a,sa,b,t",  "strict"),
  spell("shladd",  "SH3ADD",  "add",         "a,sa,b,t",  "strict"),
  spell("shladd",  "SH3ADDL", ".l add",      "a,sa,b,t",  "strict"),
  spell("shladd",  "SH3ADDO", ".tsv add",    "a,sa,b,t",  "strict"),
];

/** Shifts, extracts, deposits; `sar` stands for the register's name. */
// prettier-ignore
const SHIFT: readonly Spelling[] = [
  spell("shrpw", "VSHD",   "sed",    "a,b,sar,t",     "strict"),
  spell("shrpw", "SHD",    "sed",    "a,b,cp,t",      "strict"),
  spell("extrw", "VEXTRU", ".u sed", "b,sar,len,t",   "strict"),
  spell("extrw", "VEXTRS", ".s sed", "b,sar,len,t",   "strict"),
  spell("extrw", "VEXTRS", "sed",    "b,sar,len,t",   "textStrict"),
  spell("extrw", "EXTRU",  ".u sed", "b,p,len,t",     "strict"),
  spell("extrw", "EXTRS",  ".s sed", "b,p,len,t",     "strict"),
  spell("extrw", "EXTRS",  "sed",    "b,p,len,t",     "textStrict"),
  spell("depw",  "ZVDEP",  ".z sed", "r,sar,len,t",   "strict"),
  spell("depw",  "VDEP",   "sed",    "r,sar,len,t",   "strict"),
  spell("depw",  "ZDEP",   ".z sed", "r,cp,len,t",    "strict"),
  spell("depw",  "DEP",    "sed",    "r,cp,len,t",    "strict"),
  spell("depwi", "ZVDEPI", ".z sed", "im5,sar,len,t", "strict"),
  spell("depwi", "VDEPI",  "sed",    "im5,sar,len,t", "strict"),
  spell("depwi", "ZDEPI",  ".z sed", "im5,cp,len,t",  "strict"),
  spell("depwi", "DEPI",   "sed",    "im5,cp,len,t",  "strict"),
];

/** Branches; the negated conditions are the opcode's F form. */
// prettier-ignore
const BRANCH: readonly Spelling[] = [
  spell("b",     "BL",     ".l n",     "w17,t",             "strict"),
  spell("b",     "GATE",   ".gate n",  "w17,t",             "strict"),
  spell("b",     "BL",     "n",        "w17",               "text",       { t: 0 }),
  spell("bv",    "BV",     "n",        "(b)",               "text",       { x: 0 }),
  spell("be",    "BLE",    ".l n",     "w17(sr,b),sr0,r31", "strict"),
  spell("be",    "BLE",    ".l n",     "w17(b),sr0,r31",    "textStrict", { sr: 0 }),
  spell("be",    "BE",     "n",        "w17(b)",            "text",       { sr: 0 }),

  spell("cmpb",  "COMBT",  "cmp3 n",   "a,b,w12",           "strict"),
  spell("cmpb",  "COMBF",  "ncmp3 n",  "a,b,w12",           "strict"),
  spell("cmpib", "COMIBT", "cmp3 n",   "im5,b,w12",         "strict"),
  spell("cmpib", "COMIBF", "ncmp3 n",  "im5,b,w12",         "strict"),
  spell("comb",  "COMBT",  "cmp3 n",   "a,b,w12",           "text"),
  spell("comb",  "COMBF",  "ncmp3 n",  "a,b,w12",           "text"),
  spell("comib", "COMIBT", "cmp3 n",   "im5,b,w12",         "text"),
  spell("comib", "COMIBF", "ncmp3 n",  "im5,b,w12",         "text"),
  spell("addb",  "ADDBT",  "wadd3 n",  "a,b,w12",           "show"),
  spell("addb",  "ADDBF",  "nwadd3 n", "a,b,w12",           "show"),
  spell("addb",  "ADDBT",  "add3 n",   "a,b,w12",           "text"),
  spell("addb",  "ADDBF",  "nadd3 n",  "a,b,w12",           "text"),
  spell("addib", "ADDIBT", "wadd3 n",  "im5,b,w12",         "show"),
  spell("addib", "ADDIBF", "nwadd3 n", "im5,b,w12",         "show"),
  spell("addib", "ADDIBT", "add3 n",   "im5,b,w12",         "text"),
  spell("addib", "ADDIBF", "nadd3 n",  "im5,b,w12",         "text"),

  spell("bb",    "BVB",    "bit n",    "r,sar,w12",         "strict"),
  spell("bb",    "BB",     "bit n",    "r,p,w12",           "loose"),
];

/** System control. */
// prettier-ignore
const SYSTEM: readonly Spelling[] = [
  spell("mtsar",  "MTCTL",   "",   "r",          "loose",      { cr: 11 }),
  spell("rfi",    "RFIR",    ".r", "",           "strict"),
  spell("probe",  "PROBER",  ".r", "(s,b),r,t",  "strict"),
  spell("probe",  "PROBER",  "",   "(s,b),r,t",  "textStrict"),
  spell("probe",  "PROBEW",  ".w", "(s,b),r,t",  "strict"),
  spell("probei", "PROBERI", ".r", "(s,b),u5,t", "strict"),
  spell("probei", "PROBERI", "",   "(s,b),u5,t", "textStrict"),
  spell("probei", "PROBEWI", ".w", "(s,b),u5,t", "strict"),
];

/** Floating-point and coprocessor memory. */
// prettier-ignore
const FLOAT: readonly Spelling[] = [
  spell("fldw", "FLDWX", "index cc",     "x(s,b),ft",   "strict"),
  spell("fldw", "FLDWS", ".o cc",        "0(s,b),ft",   "show",       { im5: 0, ab: 0, m: 1 }),
  spell("fldw", "FLDWS", "short cc",     "im5(s,b),ft", "strict"),
  spell("fldd", "FLDDX", "index cc",     "x(s,b),ft",   "strict"),
  spell("fldd", "FLDDS", ".o cc",        "0(s,b),ft",   "show",       { im5: 0, ab: 0, m: 1 }),
  spell("fldd", "FLDDS", "short cc",     "im5(s,b),ft", "strict"),
  spell("fstw", "FSTWX", "index cc",     "fr,x(s,b)",   "strict"),
  spell("fstw", "FSTWS", ".o cc",        "fr,0(s,b)",   "show",       { im5: 0, ab: 0, m: 1 }),
  spell("fstw", "FSTWS", "short",        "fr,im5(s,b)", "strict",     { cc: 0 }),
  spell("fstd", "FSTDX", "index cc",     "fr,x(s,b)",   "strict"),
  spell("fstd", "FSTDS", ".o cc",        "fr,0(s,b)",   "show",       { im5: 0, ab: 0, m: 1 }),
  spell("fstd", "FSTDS", "short cc",     "fr,im5(s,b)", "strict"),

  spell("cldw", "CLDWX", "uid index cc", "x(s,b),t",    "strict"),
  spell("cldw", "CLDWS", "uid .o cc",    "0(s,b),t",    "show"),
  spell("cldw", "CLDWS", "uid short cc", "im5(s,b),t",  "textStrict"),
  spell("cldd", "CLDDX", "uid index cc", "x(s,b),t",    "strict"),
  spell("cldd", "CLDDS", "uid .o cc",    "0(s,b),t",    "show"),
  spell("cldd", "CLDDS", "uid short cc", "im5(s,b),t",  "textStrict"),
  spell("cstw", "CSTWX", "uid index cc", "r,x(s,b)",    "strict"),
  spell("cstw", "CSTWS", "uid .o cc",    "r,0(s,b)",    "show"),
  spell("cstw", "CSTWS", "uid short cc", "r,im5(s,b)",  "textStrict"),
  spell("cstd", "CSTDX", "uid index cc", "r,x(s,b)",    "strict"),
  spell("cstd", "CSTDS", "uid .o cc",    "r,0(s,b)",    "show"),
  spell("cstd", "CSTDS", "uid short cc", "r,im5(s,b)",  "textStrict"),

  spell("frem", "FREM_LR", "fmth",       "fa,fb,ft",    "show"),
];

const ALL: readonly Spelling[] = [...MEMORY, ...COMPUTE, ...SHIFT, ...BRANCH, ...SYSTEM, ...FLOAT];

/** The manual's own spelling of a row; rows with register halves share the plain row's mnemonic. */
function ownSpelling(row: Instruction): Spelling {
  const mnemonic = row.name.toLowerCase().replace("_lr", "");
  return {
    mnemonic,
    row,
    completers: words(row.completers),
    operands: tokens(row.operands),
    use: "loose",
    when: {},
  };
}

function groupBy<K>(
  list: readonly Spelling[],
  key: (spelling: Spelling) => K,
): ReadonlyMap<K, readonly Spelling[]> {
  const groups = new Map<K, Spelling[]>();
  for (const spelling of list) {
    const group = groups.get(key(spelling));
    if (group === undefined) groups.set(key(spelling), [spelling]);
    else group.push(spelling);
  }
  return groups;
}

const OWN: readonly Spelling[] = INSTRUCTIONS.map(ownSpelling);

/** What the assembler tries for a mnemonic (lower case), in order. */
export const SPELLINGS_TO_READ: ReadonlyMap<string, readonly Spelling[]> = groupBy(
  [
    ...ALL.filter(({ use }) => use !== "show"),
    ...OWN.filter(({ row }) => !row.name.endsWith("_LR")),
  ],
  ({ mnemonic }) => mnemonic,
);

/** What the disassembler tries for a row (by id), in order; the last one always applies. */
export const SPELLINGS_TO_PRINT: ReadonlyMap<number, readonly Spelling[]> = groupBy(
  [...ALL.filter(({ use }) => use !== "text" && use !== "textStrict"), ...OWN],
  ({ row }) => row.id,
);

/** The manual's spelling of a row. */
export function manualSpelling(row: Instruction): Spelling {
  return OWN[row.id]!;
}
