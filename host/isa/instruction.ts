/**
 * What a row of the instruction table is, and how a row is written.
 *
 * A row's pattern is the manual's drawing of the instruction, leftmost bit first: literal bits,
 * `name:width` for a field (or for a piece of it, when the name comes again), `name=bits` for
 * literal bits that the semantics also want to read as a field.
 */
import { FIELD_KINDS, fieldOf, type Field, type FieldName } from "./fields.ts";

/** Dispatch and timing class. */
export type Kind =
  | "compute" // writes registers, never nullifies
  | "nullify" // its clause says whether the next instruction is nullified
  | "load"
  | "store"
  | "branch"
  | "branch-condition" // its clause says whether the branch is taken
  | "branch-register"
  | "branch-external"
  | "gate"
  | "control"
  | "system"
  | "probe"
  | "tlb"
  | "cache"
  | "float"
  | "special"; // special function units and foreign coprocessors

/** How a memory instruction makes its address. */
export type Mode = "long" | "modify" | "short" | "index";

export interface Instruction {
  /** Dense index in table order. */
  readonly id: number;
  /** Mnemonic of the PA-RISC 1.1 manual; rows with register halves (major opcode 0E) end in `_LR`. */
  readonly name: string;
  readonly bits: string;
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly Field[];
  /** Completers in the manual's order, names of `COMPLETERS` in syntax.ts, space-separated. */
  readonly completers: string;
  /** Operands in the manual's order: field names and the punctuation between them. */
  readonly operands: string;
  readonly kind: Kind;
  /** Semantic function in `assembly/exec`; rows that share one differ in fields or constants. */
  readonly clause: string;
  /** Traps unless at privilege 0; instructions privileged for some registers only are not marked. */
  readonly privileged: boolean;
  readonly mode?: Mode;
  readonly bytes?: 1 | 2 | 4 | 8 | 16;
}

/** A row as the table files write it; `instructions.ts` numbers it. */
export type Row = Omit<Instruction, "id">;

interface Extra {
  readonly privileged?: boolean;
  readonly mode?: Mode;
  readonly bytes?: 1 | 2 | 4 | 8 | 16;
}

/** Column value: traps unless at privilege 0. */
export const PRIVILEGED: Extra = { privileged: true };

/** Column value of memory instructions. */
export function access(mode: Mode, bytes: 1 | 2 | 4 | 8 | 16, privileged = false): Extra {
  return { mode, bytes, privileged };
}

function isFieldName(name: string): name is FieldName {
  return name in FIELD_KINDS;
}

/** Reads a pattern into mask, match and fields. */
function parsePattern(bits: string): Pick<Instruction, "mask" | "match" | "fields"> {
  const pieces = new Map<FieldName, { from: number; width: number }[]>();
  const constants = new Set<FieldName>();
  let mask = 0;
  let match = 0;
  let position = 32;
  for (const part of bits.trim().split(/\s+/)) {
    const [, name, mark, rest] = /^(?:([a-z]\w*)([:=]))?(\d+)$/.exec(part) ?? [];
    if (rest === undefined || (mark !== ":" && !/^[01]+$/.test(rest)))
      throw new Error(`bad pattern part: ${part}`);
    const width = mark === ":" ? Number(rest) : rest.length;
    position -= width;
    if (position < 0) throw new Error("pattern longer than 32 bits");
    if (mark !== ":") {
      mask |= (2 ** width - 1) << position;
      match |= Number.parseInt(rest, 2) << position;
    }
    if (name === undefined) continue;
    if (!isFieldName(name)) throw new Error(`unknown field: ${name}`);
    if (mark === "=") constants.add(name);
    pieces.set(name, [...(pieces.get(name) ?? []), { from: position, width }]);
  }
  if (position !== 0) throw new Error(`pattern has ${32 - position} bits`);
  const fields = [...pieces].map(([name, list]) => fieldOf(name, list, constants.has(name)));
  return { mask: mask >>> 0, match: match >>> 0, fields };
}

/**
 * One row of the table.
 * @throws Error naming the row when the pattern is not 32 bits of known fields, or when a
 * completer or operand names a field that the pattern lacks.
 */
export function insn(
  name: string,
  bits: string,
  completers: string,
  operands: string,
  kind: Kind,
  clause: string,
  { privileged = false, ...extra }: Extra = {},
): Row {
  try {
    const pattern = parsePattern(bits);
    for (const operand of operands.match(/[a-z]\w*/g) ?? [])
      if (!pattern.fields.some((field) => field.name === operand && !field.constant))
        throw new Error(`operand without a field: ${operand}`);
    return { name, bits, ...pattern, completers, operands, kind, clause, privileged, ...extra };
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
