/**
 * One assembly: current section, symbol table, fix-ups, diagnostics.
 *
 * Parsers and directives work through this class only. It does not read statements (`assemble.ts`)
 * and does not resolve fix-ups (`resolve.ts`).
 */
import type { Diagnostic } from "../diagnostic.ts";
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import { evaluate, isConstant, parseExpression, type Names, type NoValue } from "./expression.ts";
import {
  isDefined,
  Section,
  type AsmSymbol,
  type Expression,
  type Fixup,
  type Value,
} from "./model.ts";
import type { ObjectProbe, SectionFlags } from "./object.ts";
import type { Statement } from "./source.ts";

const NOTE: SectionFlags = {
  allocate: false,
  write: false,
  execute: false,
  zero: false,
  threadLocal: false,
};
const CONSTANT: SectionFlags = { ...NOTE, allocate: true };
const CODE: SectionFlags = { ...CONSTANT, execute: true };
const DATA: SectionFlags = { ...CONSTANT, write: true };
const ZERO: SectionFlags = { ...DATA, zero: true };
const THREAD_DATA: SectionFlags = { ...DATA, threadLocal: true };
const THREAD_ZERO: SectionFlags = { ...ZERO, threadLocal: true };

const KNOWN_SECTIONS: ReadonlyMap<string, SectionFlags> = new Map([
  ...["text", "init", "fini"].map((name) => [name, CODE] as const),
  ...["data", "sdata", "ctors", "dtors"].map((name) => [name, DATA] as const),
  ...["bss", "sbss"].map((name) => [name, ZERO] as const),
  ["tdata", THREAD_DATA],
  ["tbss", THREAD_ZERO],
  ["rodata", CONSTANT],
]);

/** Flags of a section that names none, by the first part of its name. */
export function defaultFlags(name: string): SectionFlags {
  return KNOWN_SECTIONS.get(/^\.(\w+)/.exec(name)?.[1] ?? "") ?? NOTE;
}

/** Most symbols that one expression may unfold to. */
const MAX_STEPS = 10_000;

/** Most diagnostics that one assembly collects. */
const MAX_DIAGNOSTICS = 100;

export class Unit implements Names {
  readonly diagnostics: Diagnostic[] = [];
  readonly sections = new Map<string, Section>();
  readonly symbols = new Map<string, AsmSymbol>();
  readonly fixups: Fixup[] = [];
  readonly probes: ObjectProbe[] = [];
  section: Section;
  /** Sections to go back to: `.previous`, `.popsection`. */
  previous: Section;
  readonly sectionStack: { section: Section; previous: Section }[] = [];
  /** The statement at work. */
  statement: Statement = { text: "", file: "", line: 0, column: 0 };
  private readonly numericCounts = new Map<number, number>();

  constructor(predefined: Readonly<Record<string, number>>) {
    this.section = this.sectionNamed(".text", CODE, 4);
    this.sectionNamed(".data", DATA, 1);
    this.sectionNamed(".bss", ZERO, 1);
    this.previous = this.section;
    for (const [name, value] of Object.entries(predefined)) {
      const symbol = this.symbol(name);
      symbol.equated = { kind: "number", value };
      symbol.predefined = true;
    }
  }

  // Diagnostics.

  /** Reports a problem of a statement; `position` is 0-based in its text. */
  report(message: string, statement = this.statement, position?: number): void {
    if (this.diagnostics.length >= MAX_DIAGNOSTICS) return;
    const { file, line, column, text, expansion } = statement;
    const first = position ?? text.length - text.trimStart().length;
    const where = expansion === undefined ? message : `${message} (${expansion})`;
    // Text that a macro made has no columns in the file.
    const shown = expansion === undefined ? column + first + 1 : column + 1;
    this.diagnostics.push({ file, line, column: shown, message: where });
  }

  // Symbols.

  symbol(name: string): AsmSymbol {
    const known = this.symbols.get(name);
    if (known !== undefined) return known;
    const symbol: AsmSymbol = {
      name,
      section: undefined,
      offset: 0,
      stretch: 0,
      equated: undefined,
      redefinable: false,
      predefined: false,
      register: undefined,
      common: undefined,
      binding: "local",
      keptLocal: false,
      type: "none",
      size: undefined,
      firstUse: this.statement.line === 0 ? undefined : this.statement,
    };
    this.symbols.set(name, symbol);
    return symbol;
  }

  /** What a name in an expression stands for: `x = 5` counts as it is now, not as it will be. */
  lookup(name: string): Expression {
    const symbol = this.symbol(name);
    if (!symbol.redefinable || symbol.equated === undefined) return { kind: "symbol", symbol };
    return symbol.equated.kind === "number"
      ? symbol.equated
      : { kind: "symbol", symbol: { ...symbol } };
  }

  private numericName(label: number, count: number): string {
    return `${label}\u0001${count}`;
  }

  numeric(label: number, direction: "b" | "f", position: number): AsmSymbol {
    const count = this.numericCounts.get(label) ?? 0;
    if (direction === "b" && count === 0)
      throw new SyntaxFailure(`no such label before: ${label}`, position);
    return this.symbol(this.numericName(label, direction === "b" ? count : count + 1));
  }

  defineNumeric(label: number): void {
    const count = (this.numericCounts.get(label) ?? 0) + 1;
    this.numericCounts.set(label, count);
    this.placeHere(this.symbol(this.numericName(label, count)));
  }

  here(): AsmSymbol {
    const symbol: AsmSymbol = { ...this.symbol("."), name: "." };
    this.symbols.delete(".");
    this.placeHere(symbol);
    return symbol;
  }

  private placeHere(symbol: AsmSymbol): void {
    symbol.section = this.section;
    symbol.offset = this.section.size;
    symbol.stretch = this.section.stretch;
  }

  /** @throws SyntaxFailure when the name has a meaning already */
  defineLabel(name: string, position: number): AsmSymbol {
    const symbol = this.symbol(name);
    if (isDefined(symbol)) throw new SyntaxFailure(`symbol already defined: ${name}`, position);
    this.placeHere(symbol);
    return symbol;
  }

  /** `name = expression`; `redefinable` for `=` and `.set`. */
  equate(name: string, expression: Expression, redefinable: boolean, position: number): void {
    const symbol = this.symbol(name);
    if (isDefined(symbol) && !(symbol.redefinable && redefinable))
      throw new SyntaxFailure(`symbol already defined: ${name}`, position);
    const value = this.valueNow(expression);
    // A value that is known now stays, even if symbols in it get new ones.
    symbol.equated =
      !("problem" in value) && isConstant(value)
        ? { kind: "number", value: value.constant }
        : expression;
    symbol.redefinable = redefinable;
  }

  // Expressions.

  /** Parses an expression; symbols that may change stand for what they are now. */
  expression(cursor: Cursor): Expression {
    return parseExpression(cursor, this);
  }

  /** Value with what is known at this point of the text. */
  valueNow(expression: Expression): Value | NoValue {
    return evaluate(
      expression,
      (symbol) => this.resolve(symbol, (tree) => this.valueNow(tree)),
      // GNU as knows distances across alignments and blocks only at the end; which form of an
      // instruction is taken depends on it.
      (a, b) => (a.stretch === b.stretch ? distance(a, b) : undefined),
    );
  }

  /** Value with everything known. */
  valueFinally(expression: Expression): Value | NoValue {
    return evaluate(
      expression,
      (symbol) => this.resolve(symbol, (tree) => this.valueFinally(tree)),
      distance,
    );
  }

  private readonly resolving = new Set<AsmSymbol>();
  private steps = 0;

  private resolve(
    symbol: AsmSymbol,
    value: (tree: Expression) => Value | NoValue,
  ): Value | NoValue {
    if (symbol.register !== undefined) return { problem: `not a number: ${symbol.name}` };
    if (symbol.equated === undefined) return { constant: 0, add: symbol, subtract: undefined };
    if (this.resolving.size === 0) this.steps = 0;
    if (++this.steps > MAX_STEPS) return { problem: `expression too large: ${symbol.name}` };
    if (this.resolving.has(symbol)) return { problem: `symbol defined by itself: ${symbol.name}` };
    this.resolving.add(symbol);
    const result = value(symbol.equated);
    this.resolving.delete(symbol);
    return result;
  }

  /** The constant that an expression is now; undefined when it has none yet. */
  constantNow(expression: Expression): number | undefined {
    const value = this.valueNow(expression);
    return "problem" in value || !isConstant(value) ? undefined : value.constant;
  }

  /**
   * Parses an expression that must be a constant here.
   * @throws SyntaxFailure
   */
  constant(cursor: Cursor): number {
    const start = (cursor.peek(), cursor.position);
    const expression = this.expression(cursor);
    const value = this.valueFinally(expression);
    if ("problem" in value) throw new SyntaxFailure(value.problem, start);
    if (!isConstant(value))
      throw new SyntaxFailure(`not a constant: ${(value.add ?? value.subtract)!.name}`, start);
    return value.constant;
  }

  // Sections and bytes.

  sectionNamed(name: string, flags = defaultFlags(name), align = 1): Section {
    let section = this.sections.get(name);
    if (section === undefined) {
      section = new Section(name, flags, align);
      this.sections.set(name, section);
    }
    return section;
  }

  enter(section: Section): void {
    this.previous = this.section;
    this.section = section;
  }

  private room(count: number): number {
    const offset = this.section.size;
    if (!this.section.grow(count))
      throw new SyntaxFailure(`section too large: ${this.section.name}`, 0);
    return offset;
  }

  /** Appends a big-endian number; a section without bytes takes only zero. */
  emit(value: number, count: number): number {
    if (this.section.flags.zero && value !== 0)
      throw new SyntaxFailure(`section without contents: ${this.section.name}`, 0);
    const offset = this.room(count);
    this.section.write(offset, value, count);
    return offset;
  }

  emitInstruction(word: number): number {
    if (this.section.flags.zero)
      throw new SyntaxFailure(`section without contents: ${this.section.name}`, 0);
    const offset = this.room(4);
    this.section.setWord(offset, word);
    return offset;
  }

  /** Appends `count` bytes of one value; labels after it are in another stretch. */
  space(count: number, byte: number): void {
    const offset = this.room(count);
    if (byte !== 0 && !this.section.flags.zero) this.section.fill(offset, offset + count, byte);
    this.section.stretch++;
  }

  align(boundary: number, byte: number, most: number): void {
    const count = (boundary - (this.section.size % boundary)) % boundary;
    if (count > most) return;
    this.space(count, byte);
    this.section.align = Math.max(this.section.align, boundary);
  }

  /** Notes that the current statement made the bytes from `offset` on. */
  markLine(offset: number): void {
    const { lines } = this.section;
    if (lines.at(-1)?.[1] !== this.statement.line) lines.push([offset, this.statement.line]);
  }
}

/** Symbols that stand for a register's contents in `x-$global$`, not for a place. */
export const BASES: ReadonlySet<string> = new Set(["$global$", "$PIC_pcrel$0", "$tls_leoff$"]);

function distance(a: AsmSymbol, b: AsmSymbol): number | undefined {
  if (BASES.has(b.name)) return undefined;
  return a.section !== undefined && a.section === b.section ? a.offset - b.offset : undefined;
}
