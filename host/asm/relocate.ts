/**
 * One relocation applied to one word.
 *
 * Field selection follows binutils' elf32-hppa linker: the left and right relocations round by the
 * symbol (LR, RR) whatever selector the text had. Reaching farther by stubs is not done: a branch
 * out of range is an error.
 */
import { fits, writeField, type Field, type FieldName } from "../isa/fields.ts";
import { decode } from "../isa/instructions.ts";
import type { RelocationType } from "./object.ts";
import { select, type Selector } from "./selector.ts";

interface Rule {
  /** What the address is measured from. */
  readonly from: "zero" | "place" | "data";
  readonly selector: Selector;
  /** The instruction's field; undefined for a whole word. */
  readonly field: FieldName | undefined;
}

/** Undefined: what only a linker for threads does. In a static program a procedure label is an address. */
const RULES: Readonly<Record<RelocationType, Rule | undefined>> = {
  DIR32: { from: "zero", selector: "f", field: undefined },
  PLABEL32: { from: "zero", selector: "f", field: undefined },
  PLABEL21L: { from: "zero", selector: "lr", field: "im21" },
  PLABEL14R: { from: "zero", selector: "rr", field: "im14" },
  PCREL32: { from: "place", selector: "f", field: undefined },
  DIR21L: { from: "zero", selector: "lr", field: "im21" },
  DIR14R: { from: "zero", selector: "rr", field: "im14" },
  DIR14F: { from: "zero", selector: "f", field: "im14" },
  DIR17R: { from: "zero", selector: "rr", field: "w17" },
  DIR17F: { from: "zero", selector: "f", field: "w17" },
  DPREL21L: { from: "data", selector: "lr", field: "im21" },
  DPREL14R: { from: "data", selector: "rr", field: "im14" },
  DPREL14F: { from: "data", selector: "f", field: "im14" },
  PCREL12F: { from: "place", selector: "f", field: "w12" },
  PCREL17F: { from: "place", selector: "f", field: "w17" },
  PCREL21L: { from: "place", selector: "l", field: "im21" },
  PCREL14R: { from: "place", selector: "r", field: "im14" },
  TPREL21L: undefined,
  TPREL14R: undefined,
};

export interface Target {
  /** Address of the symbol. */
  readonly address: number;
  readonly addend: number;
  /** Whether it stands in code or nowhere: then the data pointer has nothing to do with it. */
  readonly isCode: boolean;
  /** Weak, and defined by nobody: its address is 0, and a branch to it just goes on. */
  readonly isAbsent: boolean;
}

export interface Place {
  readonly address: number;
  /** Value of `$global$`, which the data pointer holds. */
  readonly dataPointer: number;
}

const ADDIL_DP = (0x0a << 26) | (27 << 21);

/**
 * The word with the relocation applied, or why that cannot be.
 * @param name the symbol, for messages
 */
export function relocate(
  word: number,
  type: RelocationType,
  name: string,
  target: Target,
  place: Place,
): number | string {
  const rule = RULES[type];
  if (rule === undefined) return `thread-local data are not supported: ${name}`;
  let base = target.address;
  let { addend } = target;
  let result = word;
  if (rule.from === "place") {
    // The architecture counts from the second instruction after the branch.
    base = target.isAbsent && rule.field !== undefined ? 8 : base - place.address;
    addend -= 8;
  } else if (rule.from === "data" && !target.isCode) {
    base -= place.dataPointer;
  } else if (rule.from === "data" && (word & 0xffe00000) === (ADDIL_DP | 0)) {
    result = word & ~(0x1f << 21);
  }
  const part = select(rule.selector, base | 0, addend | 0);
  if (rule.field === undefined) return part >>> 0;
  const field = fieldOfWord(result, rule.field);
  if (field === undefined) return `relocation does not fit the instruction: ${type} ${name}`;
  const value = rule.field === "im21" ? part * 2 ** 11 : part;
  if (!fits(field.kind, value)) return `displacement to ${name} out of range: ${value}`;
  return (clear(result, field) | writeField(field, value)) >>> 0;
}

function fieldOfWord(word: number, name: FieldName): Field | undefined {
  return decode(word)?.fields.find((field) => field.name === name);
}

function clear(word: number, { moves }: Field): number {
  let cleared = word;
  for (const { from, width } of moves) cleared &= ~(((1 << width) - 1) << from);
  return cleared;
}
