/**
 * THE instruction table: PA-RISC 1.1, one row an encoding, and the two directions over it.
 *
 * Decoder, assembler, disassembler, timing class and tests all read these rows. Rows may overlap
 * only where a later one catches what an earlier one leaves (`CATCH_ALL`). Source: PA-RISC 1.1
 * Architecture and Instruction Set Reference Manual; patterns checked against binutils by test/isa.
 */
import { fits, readField, writeField, type FieldName } from "./fields.ts";
import type { Instruction } from "./instruction.ts";
import { BRANCH } from "./table/branch.ts";
import { COMPUTE } from "./table/compute.ts";
import { FLOAT } from "./table/float.ts";
import { MEMORY } from "./table/memory.ts";
import { SHIFT } from "./table/shift.ts";
import { SYSTEM } from "./table/system.ts";

export type { Instruction, Kind, Mode } from "./instruction.ts";

export const INSTRUCTIONS: readonly Instruction[] = [
  ...MEMORY,
  ...COMPUTE,
  ...SHIFT,
  ...BRANCH,
  ...SYSTEM,
  ...FLOAT,
].map((row, id) => ({ id, ...row }));

/** Rows that match what earlier rows of their major opcode leave. */
export const CATCH_ALL: ReadonlySet<string> = new Set([
  "DIAG",
  "COPR",
  "CLDWX",
  "CLDDX",
  "CSTWX",
  "CSTDX",
  "CLDWS",
  "CLDDS",
  "CSTWS",
  "CSTDS",
]);

const BY_NAME: ReadonlyMap<string, Instruction> = new Map(
  INSTRUCTIONS.map((row) => [row.name, row]),
);

const BY_MAJOR: readonly (readonly Instruction[])[] = Array.from({ length: 64 }, (_, major) =>
  INSTRUCTIONS.filter((row) => row.match >>> 26 === major),
);

/**
 * The row of a name.
 * @throws Error when there is none: names come from our own tables.
 */
export function instruction(name: string): Instruction {
  const row = BY_NAME.get(name);
  if (row === undefined) throw new Error(`no such instruction: ${name}`);
  return row;
}

/** The row that an instruction word belongs to; undefined for a word that PA-RISC 1.1 leaves undefined. */
export function decode(word: number): Instruction | undefined {
  for (const row of BY_MAJOR[word >>> 26]!) if ((word & row.mask) >>> 0 === row.match) return row;
  return undefined;
}

/** Every field of a word of this row, constants of the row included. */
export function fieldsOf(row: Instruction, word: number): Partial<Record<FieldName, number>> {
  const values: Partial<Record<FieldName, number>> = {};
  for (const field of row.fields) values[field.name] = readField(field, word);
  return values;
}

/**
 * The word of a row with these field values; fields that are not given are zero bits.
 * @throws RangeError when a value does not fit its field or the row has no such field.
 */
export function encode(row: Instruction, values: Partial<Record<FieldName, number>>): number {
  let word = row.match;
  for (const [name, value] of Object.entries(values)) {
    const field = row.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new RangeError(`${row.name}: no field ${name}`);
    if (field.constant ? value !== readField(field, row.match) : !fits(field.kind, value))
      throw new RangeError(`${row.name}: ${name} out of range: ${value}`);
    if (!field.constant) word |= writeField(field, value);
  }
  return word >>> 0;
}
