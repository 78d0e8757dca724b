/**
 * What an operation of the interpreter is, and where its operands stand in the 16-byte record. Which
 * operations there are is decided in dispatch.ts; how they are written out, in generate-core.ts.
 */
import type { Instruction } from "./instructions.ts";
import type { Clause, OperandType } from "./signature.ts";

/** Where an operand stands in a record: byte offset, and how it is loaded and stored. */
export interface Slot {
  readonly offset: number;
  readonly access: "u8" | "i8" | "i32";
}

export interface Operation {
  readonly name: string;
  readonly pattern: string;
  readonly privileged: boolean;
  readonly clause?: Clause;
  /** Does the common case of the clause; see assembly/exec/float-fast.ts. */
  readonly fast?: Clause;
  readonly slots: ReadonlyMap<string, Slot>;
  /** `$name` in the pattern → text; text may contain `$operand`. */
  readonly texts: Readonly<Record<string, string>>;
  /** Operands that are constants in this form. */
  readonly constants: Readonly<Record<string, number>>;
  /** The form without constants, which does the same: the loops choose speed or size. */
  readonly general?: string;
}

/** One operand that the predecoder puts into the record. */
export interface Operand {
  readonly name: string;
  readonly type: OperandType;
  /** How it is made of the word, `{field}` for a field; without it, name and type say that. */
  readonly text?: string;
}

/** How one row becomes operations: `choices` are tried in order, the last is unconditional. */
export interface Decoding {
  readonly row: Instruction;
  readonly operands: readonly Operand[];
  readonly slots: ReadonlyMap<string, Slot>;
  readonly choices: readonly { readonly when?: string; readonly operation: Operation }[];
}

const SLOT_BYTES = [2, 3, 4, 5, 8, 9, 10, 11];
const WIDE_OFFSET = 8;

/** Gives each operand its place: a wide one takes the 32-bit slot, the others a byte each. */
export function allocate(operands: readonly Operand[]): ReadonlyMap<string, Slot> {
  const slots = new Map<string, Slot>();
  const wide = operands.filter(({ type }) => type === "Wide");
  if (wide.length > 1)
    throw new Error(`more than one wide operand: ${wide.map((o) => o.name).join(" ")}`);
  const free = wide.length > 0 ? SLOT_BYTES.slice(0, 4) : [...SLOT_BYTES];
  for (const { name, type } of operands) {
    if (type === "Wide") {
      slots.set(name, { offset: WIDE_OFFSET, access: "i32" });
      continue;
    }
    const offset = free.shift();
    if (offset === undefined) throw new Error(`no slot left for operand: ${name}`);
    slots.set(name, { offset, access: type === "Small" ? "i8" : "u8" });
  }
  return slots;
}

/** Operands of a clause that come from the word; pointers and links come from the loop. */
export function fieldOperands(clause: Clause): Operand[] {
  return clause.parameters.filter(({ type }) => type !== "Pointer" && type !== "Link");
}

/** loadWord → LOAD_WORD. */
export function screaming(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
