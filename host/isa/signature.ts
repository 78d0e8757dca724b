/**
 * Reads the signatures of the semantic clauses from the AssemblyScript sources.
 *
 * A clause's parameters are named after fields of its rows, and their types (assembly/state.ts) say
 * how the predecoder prepares them; so the signature is the whole interface between the table and
 * the clause, and nothing repeats it. This file is text in, data out; it knows no instruction.
 */

/** How an operand is prepared, in the order of the declarations in assembly/state.ts and float/. */
export const OPERAND_TYPES = [
  "Source",
  "Target",
  "Byte",
  "Small",
  "Wide",
  "Condition",
  "Pointer",
  "Link",
  "SingleSource",
  "SingleTarget",
  "DoubleSource",
  "DoubleTarget",
] as const;
export type OperandType = (typeof OPERAND_TYPES)[number];

export interface Parameter {
  readonly name: string;
  readonly type: OperandType;
}

export interface Clause {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Type of the result: `void`, Nullify, Outcome, Taken, Offset, Effect, Trap, Raised, Done. */
  readonly result: string;
  /** Module that exports it, as assembly/generated imports it. */
  readonly module: string;
}

function isOperandType(type: string): type is OperandType {
  return (OPERAND_TYPES as readonly string[]).includes(type);
}

const SIGNATURE = /export function (\w+)\(([^)]*)\): (\w+)/g;

/**
 * The exported functions of one source that take operands only.
 * @throws Error when a clause's name is taken in another source.
 */
export function readClauses(sources: ReadonlyMap<string, string>): ReadonlyMap<string, Clause> {
  const clauses = new Map<string, Clause>();
  for (const [module, text] of sources)
    for (const [, name, list, result] of text.matchAll(SIGNATURE)) {
      const parameters: Parameter[] = [];
      let operandsOnly = true;
      for (const part of list!
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean)) {
        const [parameter, type] = part.split(":").map((item) => item.trim());
        if (isOperandType(type!)) parameters.push({ name: parameter!, type });
        else operandsOnly = false;
      }
      if (!operandsOnly) continue;
      if (clauses.has(name!)) throw new Error(`clause declared twice: ${name}`);
      clauses.set(name!, { name: name!, parameters, result: result!, module });
    }
  return clauses;
}
