/**
 * The C preprocessor that MIG's driver runs first: `#include`, conditionals, macros and line
 * directives. Gives the lines that are left, each character with its place.
 *
 * Where included files come from is the caller's business (`Include`): the generator reads no
 * file system.
 */
import { ConditionError, evaluateCondition } from "./condition.ts";
import { type Log, type Place, shown } from "./log.ts";
import { type Macro, expand } from "./macro.ts";
import { type SourceText, SourceTextBuilder, logicalLines } from "./source-text.ts";

/** A named text: an interface definition, or a file that it includes. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Finds an included file; `name` is what stood in the quotes or brackets, `from` who asked. */
export type Include = (name: string, from: string) => SourceFile | undefined;

const DEEPEST = 40;
const MOST_FILES = 1000;
const MOST_LINES = 200_000;

interface Group {
  readonly start: Place;
  /** Lines of the branch that is open now are kept. */
  active: boolean;
  /** Some branch of this group was kept already. */
  taken: boolean;
  readonly outer: boolean;
  sawElse: boolean;
}

/** Runs the preprocessor; every finding goes to `log`. */
export function preprocess(
  source: SourceFile,
  include: Include,
  defines: Readonly<Record<string, string>>,
  log: Log,
): SourceText[] {
  return new Preprocessor(include, defines, log).run(source);
}

class Preprocessor {
  private readonly macros = new Map<string, Macro>();
  private readonly output: SourceText[] = [];
  private readonly include: Include;
  private readonly log: Log;
  private files = 0;

  constructor(include: Include, defines: Readonly<Record<string, string>>, log: Log) {
    this.include = include;
    this.log = log;
    for (const [name, body] of Object.entries(defines))
      this.macros.set(name, { name, parameters: undefined, body });
  }

  run(source: SourceFile): SourceText[] {
    this.file(source, 0);
    return this.output;
  }

  private file(source: SourceFile, depth: number): void {
    const groups: Group[] = [];
    // What a line directive said: the reported name, and what to add to the real line.
    let name = source.file;
    let shift = 0;
    this.files++;
    for (const real of logicalLines(source.file, source.text, this.log)) {
      const line = name === source.file && shift === 0 ? real : real.renamed(name, shift);
      const directive = /^\s*#\s*([A-Za-z_]+|\d+)?/.exec(line.text);
      if (directive === null) {
        if (groups.every((group) => group.active)) this.keep(line);
        continue;
      }
      const word = directive[1] ?? "";
      const rest = directive[0].length;
      if (this.conditional(word, line, rest, groups)) continue;
      if (!groups.every((group) => group.active)) continue;
      const marker = /^\d+$/.test(word) ? lineMarker(line, 0) : undefined;
      if (marker !== undefined || word === "line") {
        const given = marker ?? lineMarker(line, rest);
        if (given === undefined) {
          this.log.error(line.place(0), "bad line directive");
          continue;
        }
        name = given.file ?? name;
        shift = given.line - (real.line + 1);
        continue;
      }
      this.directive(word, line, rest, depth);
    }
    for (const group of groups) this.log.error(group.start, "unterminated conditional: #if");
  }

  private keep(line: SourceText): void {
    if (line.text.trim() === "") return;
    if (this.output.length >= MOST_LINES) {
      this.log.error(line.place(0), `too many lines: ${MOST_LINES}`);
      this.log.finish();
    }
    this.output.push(expand(line, this.macros, this.log));
  }

  /** Handles `#if` and its kin, also inside groups that are skipped. */
  private conditional(word: string, line: SourceText, rest: number, groups: Group[]): boolean {
    const place = line.place(0);
    const outer = groups.every((group) => group.active);
    if (word === "if" || word === "ifdef" || word === "ifndef") {
      const active = outer && this.holds(word, line, rest);
      groups.push({ start: place, active, taken: active, outer, sawElse: false });
      return true;
    }
    if (word !== "elif" && word !== "else" && word !== "endif") return false;
    const group = groups.at(-1);
    if (group === undefined) {
      this.log.error(place, `directive without #if: #${word}`);
      return true;
    }
    if (word === "endif") {
      groups.pop();
      return true;
    }
    if (group.sawElse) this.log.error(place, `directive after #else: #${word}`);
    if (word === "else") group.sawElse = true;
    const open = group.outer && !group.taken;
    group.active = open && (word === "else" || this.holds("if", line, rest));
    group.taken ||= group.active;
    return true;
  }

  private holds(word: string, line: SourceText, rest: number): boolean {
    const text = line.text.slice(rest);
    if (word !== "if") {
      const [, name, extra] = /^\s*([A-Za-z_]\w*)\s*(.*)$/.exec(text) ?? [];
      if (name === undefined) {
        this.log.error(line.place(rest), `expected a name after: #${word}`);
        return false;
      }
      if (extra) this.log.warn(line.place(rest), `extra words after #${word}: ${shown(extra)}`);
      return this.macros.has(name) === (word === "ifdef");
    }
    const known = text.replace(
      /\bdefined\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|([A-Za-z_]\w*))/g,
      (_, inside: string | undefined, bare: string | undefined) =>
        this.macros.has((inside ?? bare)!) ? " 1 " : " 0 ",
    );
    const place = line.place(rest);
    const builder = new SourceTextBuilder();
    builder.fixed(known, place.line, place.column);
    const expanded = expand(builder.build(place.file, place.line), this.macros, this.log);
    try {
      return evaluateCondition(expanded.text);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      this.log.error(place, shown(error.message));
      return false;
    }
  }

  private directive(word: string, line: SourceText, rest: number, depth: number): void {
    const text = line.text.slice(rest).trim();
    switch (word) {
      case "":
      case "pragma":
      case "ident":
        return;
      case "define":
        this.define(line, rest);
        return;
      case "undef":
        if (/^[A-Za-z_]\w*$/.test(text)) this.macros.delete(text);
        else this.log.error(line.place(rest), "expected one name after: #undef");
        return;
      case "include":
        this.includeFile(line, rest, depth);
        return;
      case "error":
        this.log.error(line.place(0), `#error: ${shown(text)}`);
        return;
      case "warning":
        this.log.warn(line.place(0), `#warning: ${shown(text)}`);
        return;
      default:
        this.log.error(line.place(0), `unknown directive: #${shown(word)}`);
    }
  }

  private define(line: SourceText, rest: number): void {
    const match = /^\s+([A-Za-z_]\w*)(\(([^)]*)\))?(?:\s+(.*?))?\s*$/.exec(line.text.slice(rest));
    if (match === null || match[1] === "defined") {
      this.log.error(line.place(rest), "bad macro definition");
      return;
    }
    const [, name, list, inside, body] = match;
    const parameters = list === undefined ? undefined : inside!.split(",").map((p) => p.trim());
    if (parameters?.length === 1 && parameters[0] === "") parameters.pop();
    if (parameters?.some((p) => !/^[A-Za-z_]\w*$/.test(p))) {
      this.log.error(line.place(rest), `bad macro parameters: ${shown(list!)}`);
      return;
    }
    const old = this.macros.get(name!);
    if (
      old !== undefined &&
      (old.body !== (body ?? "") || String(old.parameters) !== String(parameters))
    )
      this.log.warn(line.place(rest), `macro redefined: ${shown(name!)}`);
    this.macros.set(name!, { name: name!, parameters, body: body ?? "" });
  }

  private includeFile(line: SourceText, rest: number, depth: number): void {
    const place = line.place(rest);
    const form = /^\s*(?:"([^"]+)"|<([^>]+)>)\s*$/;
    let match = form.exec(line.text.slice(rest));
    if (match === null) {
      const builder = new SourceTextBuilder();
      builder.slice(line, rest, line.text.length);
      match = form.exec(expand(builder.build(line.file, place.line), this.macros, this.log).text);
    }
    if (match === null) {
      this.log.error(place, "expected a file name after: #include");
      return;
    }
    const name = (match[1] ?? match[2])!;
    if (depth >= DEEPEST || this.files >= MOST_FILES) {
      this.log.error(place, `include too deeply nested: ${shown(name)}`);
      this.log.finish();
    }
    const found = this.include(name, line.file);
    if (found === undefined) this.log.error(place, `include file not found: ${shown(name)}`);
    else this.file(found, depth + 1);
  }
}

/** `12 "name"`: from the next line on, positions are those of another file. */
function lineMarker(
  line: SourceText,
  rest: number,
): { line: number; file: string | undefined } | undefined {
  const text = line.text.slice(rest).replace(/^\s*#/, "");
  const match = /^\s*(\d{1,9})(?:\s+"([^"]*)")?(?:\s+\d+)*\s*$/.exec(text);
  return match === null ? undefined : { line: Number(match[1]), file: match[2] };
}
