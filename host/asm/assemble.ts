/**
 * The assembler: PA-RISC 1.1 text in GNU as's dialect (hppa-linux) to an object file.
 *
 * This file reads statements and decides what each is: label, macro, directive, instruction. One
 * pass suffices, since no instruction's size depends on a symbol; what waits for symbols is settled
 * in `resolve.ts`. Ours besides GNU's: `.probe NAME` and the instruction `escape N`.
 */
import { DiagnosticError, type Diagnostic } from "../diagnostic.ts";
import { Conditionals } from "./conditional.ts";
import { Cursor, SyntaxFailure } from "./cursor.ts";
import { DATA_DIRECTIVES } from "./data-directives.ts";
import {
  nesting,
  parseMacroHead,
  readArguments,
  readList,
  substitute,
  type Macro,
} from "./macro.ts";
import { isMnemonic, matchInstruction } from "./match.ts";
import type { ObjectFile } from "./object.ts";
import { finish } from "./resolve.ts";
import { statements, type Statement } from "./source.ts";
import { equ, reg, SYMBOL_DIRECTIVES } from "./symbol-directives.ts";
import { Unit } from "./unit.ts";

export interface AssembleOptions {
  /** Constants that the text may use and may not define, e.g. the layouts of `host/abi`. */
  readonly symbols?: Readonly<Record<string, number>>;
  /** Text read first, for macros that several sources share. */
  readonly prelude?: Source;
}

/** A text and the name that messages give it. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/**
 * What `.probe` and `escape` are to an assembler that does not know them: put before a text, it
 * makes GNU as give the same bytes as ours.
 */
export const GNU_PRELUDE = `\t.level 1.1
\t.macro .probe name
\t.endm
\t.macro escape number
\tbreak 31,\\number
\t.endm
`;

const DIRECTIVES = { ...DATA_DIRECTIVES, ...SYMBOL_DIRECTIVES };

/** `break 31,N` leaves the machine for the host at registered addresses. */
const ESCAPE: Macro = {
  name: "escape",
  parameters: [{ name: "number", fallback: "", required: true, takesRest: false }],
  body: [{ text: "\tbreak 31,\\number", file: "", line: 0, column: 0 }],
};

/** Limits for text that never ends: nested macros, statements that macros and repetitions make. */
const MAX_DEPTH = 100;
const MAX_STATEMENTS = 300_000;

/** Statements being read: the file, a macro's expansion, a repetition. */
interface Frame {
  readonly statements: readonly Statement[];
  next: number;
  /** A macro's expansion, to which `.exitm` belongs, and the conditionals open around it. */
  readonly isMacro: boolean;
  readonly conditionals: number;
}

const LABEL = /([A-Za-z_.$][\w.$]*|\d+)\s*:/y;
const ASSIGNMENT = /([A-Za-z_.$][\w.$]*)\s*==?(?!=)/y;
const HEAD = /[^ \t]+/y;
const LABELS_ONLY = new Set([".equ", ".reg"]);

class Assembler {
  readonly unit: Unit;
  private readonly macros = new Map<string, Macro>([[ESCAPE.name, ESCAPE]]);
  private readonly frames: Frame[] = [];
  private readonly conditionals = new Conditionals();
  private expansions = 0;
  private read = 0;

  constructor(symbols: Readonly<Record<string, number>>) {
    this.unit = new Unit(symbols);
  }

  /** Reads one text after another; what one opens (`.if`) it must close. */
  run(source: readonly Statement[]): void {
    this.push(source, false);
    for (let statement = this.take(); statement !== undefined; statement = this.take()) {
      this.unit.statement = statement;
      const cursor = new Cursor(statement.text);
      try {
        this.statement(cursor);
      } catch (failure) {
        if (!(failure instanceof SyntaxFailure)) throw failure;
        this.unit.report(
          failure.message,
          statement,
          failure.position === 0 ? undefined : failure.position,
        );
      }
    }
    const { open } = this.conditionals;
    if (open !== undefined) this.unit.report(".if without .endif", open);
    this.conditionals.leave(0);
  }

  private push(list: readonly Statement[], isMacro: boolean): void {
    if (this.frames.length > MAX_DEPTH) throw new SyntaxFailure("macros nested too deep", 0);
    this.frames.push({ statements: list, next: 0, isMacro, conditionals: this.conditionals.depth });
  }

  private take(): Statement | undefined {
    for (let frame = this.frames.at(-1); frame !== undefined; frame = this.frames.at(-1)) {
      const statement = frame.statements[frame.next++];
      if (statement !== undefined) {
        if (this.frames.length === 1 || ++this.read <= MAX_STATEMENTS) return statement;
        this.unit.report("text does not end: too many statements", statement);
        this.frames.length = 0;
        return undefined;
      }
      this.frames.pop();
    }
    return undefined;
  }

  private statement(cursor: Cursor): void {
    if (!this.conditionals.active) {
      // Labels before a conditional that does not count do not count either.
      while (cursor.take(LABEL) !== undefined);
      const word = cursor.take(HEAD)?.[0].toLowerCase() ?? "";
      this.conditionals.directive(word, this.unit, cursor);
      return;
    }
    const label = this.labels(cursor);
    const position = (cursor.peek(), cursor.position);
    if (cursor.atEnd()) return;
    const assigned = cursor.take(ASSIGNMENT)?.[1];
    if (assigned !== undefined && !this.macros.has(assigned.toLowerCase())) {
      this.assign(assigned, cursor, position);
      return;
    }
    cursor.position = position;
    const head = cursor.take(HEAD)![0];
    this.command(head, label, position, cursor);
    cursor.expectEnd();
  }

  /** Defines the labels before a command; the last one is left to `.equ` and `.reg`. */
  private labels(cursor: Cursor): string | undefined {
    for (;;) {
      const position = (cursor.peek(), cursor.position);
      const name = cursor.take(LABEL)?.[1];
      if (name === undefined) return undefined;
      const after = cursor.position;
      const word = cursor.take(HEAD)?.[0].toLowerCase() ?? "";
      cursor.position = after;
      if (LABELS_ONLY.has(word)) return name;
      if (/^\d/.test(name)) this.unit.defineNumeric(Number(name));
      else this.unit.defineLabel(name, position);
    }
  }

  private assign(name: string, cursor: Cursor, position: number): void {
    if (name === ".") throw new SyntaxFailure("use .org to move on", position);
    this.unit.equate(name, this.unit.expression(cursor), true, position);
    cursor.expectEnd();
  }

  private command(head: string, label: string | undefined, position: number, cursor: Cursor): void {
    const word = head.toLowerCase();
    const macro = this.macros.get(word);
    if (macro !== undefined) {
      this.expand(macro, cursor);
      return;
    }
    if (this.conditionals.directive(word, this.unit, cursor) || this.structure(word, cursor))
      return;
    if (word === ".equ") equ(this.unit, label, position, cursor);
    else if (word === ".reg") reg(this.unit, label, position, cursor);
    else if (Object.hasOwn(DIRECTIVES, word)) this.directive(word, cursor);
    // Call frame information is for debuggers that we do not serve.
    else if (word.startsWith(".cfi_")) cursor.rest();
    else if (word.startsWith(".")) throw new SyntaxFailure(`unknown directive: ${word}`, position);
    else this.instruction(head, position, cursor);
  }

  private directive(word: string, cursor: Cursor): void {
    const { section } = this.unit;
    // Debugging information is not loaded, and its numbers need what we do not keep.
    if (section.name.startsWith(".debug_") && Object.hasOwn(DATA_DIRECTIVES, word)) {
      cursor.rest();
      return;
    }
    const before = section.size;
    DIRECTIVES[word]!(this.unit, cursor);
    // Lines of data are of use to nobody; lines of code that looks like data are.
    if (section.flags.execute && section.size > before) this.unit.markLine(before);
  }

  private instruction(head: string, position: number, cursor: Cursor): void {
    const { unit } = this;
    const mnemonic = head.split(",")[0]!.toLowerCase();
    if (!isMnemonic(mnemonic)) {
      const next = cursor.take(HEAD)?.[0].split(",")[0]!.toLowerCase() ?? "";
      const isLabel =
        position === 0 &&
        (isMnemonic(next) || Object.hasOwn(DIRECTIVES, next) || LABELS_ONLY.has(next));
      throw new SyntaxFailure(
        isLabel ? `label without a colon: ${head}` : `unknown mnemonic: ${mnemonic}`,
        position,
      );
    }
    const { word, fixup } = matchInstruction(head, position, cursor, unit);
    const { section, statement } = unit;
    const offset = unit.emitInstruction(word);
    unit.markLine(offset);
    if (fixup !== undefined) unit.fixups.push({ ...fixup, section, offset, statement });
  }

  // Macros and repetition.

  private structure(word: string, cursor: Cursor): boolean {
    switch (word) {
      case ".macro":
        this.define(cursor);
        return true;
      case ".exitm":
        this.exitMacro();
        return true;
      case ".purgem": {
        const name = cursor.expectName("a macro name").toLowerCase();
        if (!this.macros.delete(name)) throw new SyntaxFailure(`no such macro: ${name}`, 0);
        return true;
      }
      case ".rept": {
        const count = this.unit.constant(cursor);
        const body = this.body([".rept", ".irp", ".irpc"], ".endr");
        if (count < 0) throw new SyntaxFailure(`negative count: ${count}`, 0);
        if (count * body.length > MAX_STATEMENTS)
          throw new SyntaxFailure(`too many repetitions: ${count}`, 0);
        this.push(Array.from({ length: count }, () => body).flat(), false);
        return true;
      }
      case ".irp":
      case ".irpc": {
        const name = cursor.expectName("a parameter");
        cursor.accept(",");
        const values = word === ".irp" ? readList(cursor) : [...cursor.rest()];
        const body = this.body([".rept", ".irp", ".irpc"], ".endr");
        if (values.length * body.length > MAX_STATEMENTS)
          throw new SyntaxFailure(`too many repetitions: ${values.length}`, 0);
        const expand = (value: string): Statement[] =>
          this.substituted(body, new Map([[name, value]]), word);
        this.push(values.flatMap(expand), false);
        return true;
      }
      case ".endm":
      case ".endr":
        throw new SyntaxFailure(`${word} without ${word === ".endm" ? ".macro" : ".rept"}`, 0);
      default:
        return false;
    }
  }

  private define(cursor: Cursor): void {
    const position = (cursor.peek(), cursor.position);
    const head = parseMacroHead(cursor);
    const macro: Macro = { ...head, body: this.body([".macro"], ".endm") };
    const key = macro.name.toLowerCase();
    if (this.macros.has(key) && this.macros.get(key) !== ESCAPE)
      throw new SyntaxFailure(`macro already defined: ${macro.name}`, position);
    this.macros.set(key, macro);
  }

  /** Takes statements up to the matching end. @throws SyntaxFailure when the text ends first */
  private body(opens: readonly string[], closes: string): Statement[] {
    const start = this.unit.statement;
    const found: Statement[] = [];
    let depth = 1;
    for (let statement = this.take(); statement !== undefined; statement = this.take()) {
      depth += nesting(statement.text, opens, closes);
      if (depth === 0) return found;
      found.push(statement);
    }
    this.unit.statement = start;
    throw new SyntaxFailure(`${opens[0]} without ${closes}`, 0);
  }

  private expand(macro: Macro, cursor: Cursor): void {
    const values = readArguments(macro, cursor);
    this.push(this.substituted(macro.body, values, macro.name), true);
  }

  /** The body with values put in; the result is reported at the statement that asked for it. */
  private substituted(
    body: readonly Statement[],
    values: ReadonlyMap<string, string>,
    name: string,
  ): Statement[] {
    const { file, line, column, expansion } = this.unit.statement;
    const count = this.expansions++;
    const place = (inner: Statement): string => {
      if (inner.line === 0) return `in ${name}`;
      return `in ${name}, ${inner.file === file ? "line " : `${inner.file}:`}${inner.line}`;
    };
    return body.map((inner) => ({
      text: substitute(inner.text, values, count),
      file,
      line,
      column,
      expansion: expansion ?? place(inner),
    }));
  }

  private exitMacro(): void {
    while (this.frames.length > 0) {
      const frame = this.frames.pop()!;
      if (!frame.isMacro) continue;
      this.conditionals.leave(frame.conditionals);
      return;
    }
    throw new SyntaxFailure(".exitm outside a macro", 0);
  }
}

/**
 * Assembles one source text.
 * @throws DiagnosticError with everything that is wrong in it
 */
export function assemble(source: Source, options: AssembleOptions = {}): ObjectFile {
  const assembler = new Assembler(options.symbols ?? {});
  for (const { file, text } of [...(options.prelude ? [options.prelude] : []), source])
    assembler.run(statements(file, text));
  const object = finish(assembler.unit, source.file);
  const found = assembler.unit.diagnostics;
  if (found.length > 0) throw new DiagnosticError(inOrder(found, source.file));
  return object;
}

/** Fix-ups complain last, readers think in lines: the prelude's first, then the source's. */
function inOrder(found: readonly Diagnostic[], file: string): Diagnostic[] {
  const rank = (diagnostic: Diagnostic): number => (diagnostic.file === file ? 1 : 0);
  return [...found].sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
