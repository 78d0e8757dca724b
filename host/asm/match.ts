/**
 * One instruction statement to a word: finds the spelling that fits the text.
 *
 * Spellings of a mnemonic are tried in table order (`isa/spellings.ts`), as GNU as does it; that
 * is how `ldw 4(%r5),%r6` becomes a short load. When none fits, the failure that got furthest is
 * reported. Nothing here knows a particular instruction.
 */
import { fits, readField, writeField, type Field, type FieldName } from "../isa/fields.ts";
import { INSTRUCTIONS, type Instruction } from "../isa/instructions.ts";
import { SPELLINGS_TO_READ, type Spelling } from "../isa/spellings.ts";
import { COMPLETERS, isCompleterName, NUMBERED, type Choice } from "../isa/syntax.ts";
import { Cursor, SyntaxFailure } from "./cursor.ts";
import type { Fixup } from "./model.ts";
import {
  expectRegister,
  readNumber,
  readRegister,
  selected,
  type NumberOperand,
} from "./operands.ts";
import type { Unit } from "./unit.ts";

/** A matched instruction; the fix-up still lacks its place. */
export interface Matched {
  readonly word: number;
  readonly fixup: Pick<Fixup, "expression" | "selector" | "target" | "position"> | undefined;
}

/** 0C rows and their 0E twins with register halves. */
const WITH_HALVES: ReadonlyMap<string, Instruction> = new Map(
  INSTRUCTIONS.filter(({ name }) => name.endsWith("_LR")).map((row) => [
    row.name.slice(0, -3),
    row,
  ]),
);

/** What a field out of range is called. */
const RANGE_NAMES: ReadonlyMap<string, string> = new Map([
  ["im14", "displacement"],
  ["w12", "displacement"],
  ["w17", "displacement"],
  ["p", "position"],
  ["cp", "position"],
  ["len", "length"],
  ["uid", "unit identifier"],
]);

/** Each row's fields by name. */
const FIELDS: readonly ReadonlyMap<string, Field>[] = INSTRUCTIONS.map(
  ({ fields }) => new Map(fields.map((field) => [field.name, field])),
);

type Values = Map<FieldName, number>;

class Attempt {
  readonly values: Values = new Map();
  readonly halves: Values = new Map();
  fixup: Matched["fixup"];
  /** Displacement direction that `ma` or `mb` asks for. */
  before: "ma" | "mb" | undefined;
  readonly spelling: Spelling;
  readonly strict: boolean;
  private readonly fields: ReadonlyMap<string, Field>;

  constructor(spelling: Spelling) {
    this.spelling = spelling;
    this.strict = spelling.use === "strict" || spelling.use === "textStrict";
    this.fields = FIELDS[spelling.row.id]!;
    for (const [name, value] of Object.entries(spelling.when))
      this.values.set(name as FieldName, value);
  }

  /** Takes the completers from the words after the mnemonic. @throws SyntaxFailure */
  completers(words: readonly string[], position: number): void {
    let next = 0;
    for (const name of this.spelling.completers) {
      const left = words.slice(next);
      if (name.startsWith(".")) next += literalWords(name, left, position);
      else if (name === "before") {
        const word = left[0];
        if (word !== "ma" && word !== "mb")
          throw new SyntaxFailure("missing completer: ma or mb", position);
        this.before = word;
        next++;
      } else if (NUMBERED.has(name)) next += this.numbered(name as FieldName, left[0], position);
      else if (isCompleterName(name)) next += this.choice(COMPLETERS[name], left, position);
    }
    if (next < words.length) throw new SyntaxFailure(`unknown completer: ${words[next]}`, position);
  }

  private numbered(name: FieldName, word: string | undefined, position: number): number {
    if (word === undefined || !/^(?:0x[0-9a-f]+|\d+)$/.test(word))
      throw new SyntaxFailure(`expected a number: ${word ?? "end of completers"}`, position);
    this.set(name, Number(word), position);
    return 1;
  }

  private choice(choices: readonly Choice[], left: readonly string[], position: number): number {
    let best: Choice | undefined;
    for (const choice of choices) {
      const matches = choice.words.every((word, index) => left[index] === word);
      if (matches && (best === undefined || choice.words.length > best.words.length)) best = choice;
    }
    if (best === undefined)
      throw new SyntaxFailure(
        left[0] === undefined ? "missing completer" : `unknown completer: ${left[0]}`,
        position,
      );
    for (const [name, value] of Object.entries(best.values))
      this.values.set(name as FieldName, value);
    return best.words.length;
  }

  /** Takes the operands. @throws SyntaxFailure */
  operands(cursor: Cursor, unit: Unit): void {
    const { operands } = this.spelling;
    for (let index = 0; index < operands.length; index++) {
      const token = operands[index]!;
      // The space of an address may be left out, its comma with it.
      if (token === "s" && !/^[^,()]*,/.test(cursor.text.slice(cursor.position))) index++;
      else this.operand(token, cursor, unit);
    }
    cursor.expectEnd();
  }

  private operand(token: string, cursor: Cursor, unit: Unit): void {
    const start = (cursor.peek(), cursor.position);
    switch (token) {
      case "b":
      case "a":
      case "x":
      case "r":
      case "t":
        this.set(token, readRegister(cursor, unit, "general", this.strict).number, start);
        return;
      case "cr":
        this.set(token, readRegister(cursor, unit, "control", this.strict).number, start);
        return;
      case "s":
      case "sr": {
        const { number } = readRegister(cursor, unit, "space", this.strict);
        if (!fits(this.field(token).kind, number))
          throw new SyntaxFailure(`no such space register here: ${number}`, start);
        this.set(token, number, start);
        return;
      }
      case "fa":
      case "fb":
      case "fr":
      case "ft": {
        const { number, half } = readRegister(cursor, unit, "float", this.strict);
        this.set(token, number, start);
        this.halves.set(`h${token[1]}` as FieldName, half);
        return;
      }
      case "rm1":
      case "rm2":
      case "tm":
      case "ra":
      case "ta":
        this.pairedRegister(token, cursor, unit, start);
        return;
      case "sar":
        expectRegister(cursor, ["sar", "cr11"]);
        return;
      case "sr0":
      case "r1":
      case "r31":
        expectRegister(cursor, [token]);
        return;
      default:
        if (this.fields.has(token)) this.number(token as FieldName, readNumber(cursor, unit));
        else cursor.expect(token);
    }
  }

  /** FMPYADD's single operands are fr16–fr31 and their halves, in five bits. */
  private pairedRegister(token: FieldName, cursor: Cursor, unit: Unit, start: number): void {
    const { number, half } = readRegister(cursor, unit, "float", this.strict);
    if (this.values.get("sgl") === 0) {
      this.set(token, number, start);
      return;
    }
    if (number < 16)
      throw new SyntaxFailure(`single operands are fr16 to fr31: fr${number}`, start);
    this.set(token, (number & 15) | (half << 4), start);
  }

  private number(name: FieldName, operand: NumberOperand): void {
    const { expression, selector, position, text } = operand;
    const value = selected(operand);
    if (name === "sa") {
      const shift = readField(this.field(name), this.spelling.row.match);
      if (value !== shift) throw new SyntaxFailure(`shift must be 1 to 3: ${value}`, position);
      return;
    }
    if (value !== undefined) {
      // `ldil 5,%r1` counts in units of the field, as `L%` does.
      if (name === "im21") this.values.set(name, (value % 2 ** 21) * 2 ** 11);
      else this.set(name, value, position);
      if (this.before !== undefined && (this.before === "mb") !== value < 0)
        throw new SyntaxFailure(`${this.before} does not go with displacement ${value}`, position);
      return;
    }
    if (this.before !== undefined || !RELOCATABLE.has(name))
      throw new SyntaxFailure(`not a constant: ${text}`, position);
    this.fixup = { expression, selector, target: this.field(name), position };
  }

  private field(name: FieldName): Field {
    return this.fields.get(name)!;
  }

  private set(name: FieldName, value: number, position: number): void {
    if (!fits(this.field(name).kind, value))
      throw new SyntaxFailure(
        `${RANGE_NAMES.get(name) ?? "immediate"} out of range: ${value}`,
        position,
      );
    this.values.set(name, value);
  }

  /** The instruction word. @throws SyntaxFailure for register halves that no encoding has */
  result(position: number): Matched {
    let { row } = this.spelling;
    const right = [...this.halves].some(([, half]) => half === 1);
    const native = [...this.halves.keys()].every((name) => this.fields.has(name));
    if (right && !native) {
      const twin = WITH_HALVES.get(row.name);
      const doubles = this.values.get("fmt") === 1 && this.values.get("df") === 1;
      if (twin === undefined || doubles)
        throw new SyntaxFailure("double registers have no right half", position);
      row = this.twinValues(twin, position);
    }
    let word = row.match;
    for (const field of row.fields) {
      const value = this.values.get(field.name) ?? this.halves.get(field.name);
      if (value !== undefined && !field.constant) word |= writeField(field, value);
    }
    return { word: word >>> 0, fixup: this.fixup };
  }

  /** Moves the operand format to the twin's field, which may be narrower. */
  private twinValues(twin: Instruction, position: number): Instruction {
    const format = this.values.get("fmt") ?? 0;
    if (twin.fields.some(({ name }) => name === "fmt1")) {
      if (format > 1) throw new SyntaxFailure("quad registers have no right half", position);
      this.values.set("fmt1", format);
    }
    return twin;
  }
}

/** Fields whose value may wait for the linker. */
const RELOCATABLE: ReadonlySet<string> = new Set(["im11", "im14", "im21", "w12", "w17"]);

function literalWords(name: string, left: readonly string[], position: number): number {
  const wanted = name.slice(1).split("+");
  const found = left.slice(0, wanted.length);
  if (wanted.some((word) => !found.includes(word)))
    throw new SyntaxFailure(
      `missing completer: ${wanted.find((word) => !found.includes(word))}`,
      position,
    );
  return wanted.length;
}

export function isMnemonic(name: string): boolean {
  return SPELLINGS_TO_READ.has(name);
}

/**
 * Matches an instruction.
 * @param head mnemonic and completers, in any case, at `position` of the statement
 * @param cursor stands before the operands; is at the end afterwards
 * @throws SyntaxFailure when the mnemonic is unknown or no spelling fits
 */
export function matchInstruction(
  head: string,
  position: number,
  cursor: Cursor,
  unit: Unit,
): Matched {
  const [mnemonic = "", ...words] = head.toLowerCase().split(",");
  const spellings = SPELLINGS_TO_READ.get(mnemonic);
  if (spellings === undefined) throw new SyntaxFailure(`unknown mnemonic: ${mnemonic}`, position);
  const completersAt = position + mnemonic.length + (words.length > 0 ? 1 : 0);
  const start = (cursor.peek(), cursor.position);
  let furthest: SyntaxFailure | undefined;
  for (const spelling of spellings) {
    cursor.position = start;
    const attempt = new Attempt(spelling);
    try {
      attempt.completers(words, completersAt);
      attempt.operands(cursor, unit);
      return attempt.result(start);
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      if (furthest === undefined || failure.position >= furthest.position) furthest = failure;
    }
  }
  throw furthest ?? new SyntaxFailure(`unknown mnemonic: ${mnemonic}`, position);
}
