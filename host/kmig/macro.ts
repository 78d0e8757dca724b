/**
 * Macro definitions and their expansion inside one logical line.
 *
 * Covers object-like and function-like macros, `#` and `##`. Not covered: calls that span lines,
 * and variadic macros; interface definitions use neither. Every character that an expansion
 * produces stands at the place of the macro's name, so that later messages point there.
 */
import { type Log, type Place, shown } from "./log.ts";
import { type SourceText, SourceTextBuilder } from "./source-text.ts";

export interface Macro {
  readonly name: string;
  /** Undefined for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly body: string;
}

/** An expanded line may not be longer: macros that double themselves would fill the memory. */
const LONGEST = 1 << 18;
const DEEPEST = 60;

const WORD = /"[^"]*"?|[A-Za-z_]\w*|\d\w*/g;

interface Expansion {
  readonly macros: ReadonlyMap<string, Macro>;
  readonly log: Log;
  readonly place: Place;
  /** Characters produced so far, on all levels. */
  produced: number;
}

/** Replaces every macro of `source`; a finding is reported at most once per line. */
export function expand(
  source: SourceText,
  macros: ReadonlyMap<string, Macro>,
  log: Log,
): SourceText {
  if (macros.size === 0) return source;
  const { text } = source;
  const builder = new SourceTextBuilder();
  const word = new RegExp(WORD);
  let copied = 0;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const macro = macros.get(match[0]);
    if (macro === undefined) continue;
    const place = source.place(match.index);
    const call = readCall(text, match.index + match[0].length, macro);
    if (call === undefined) continue;
    const expansion: Expansion = { macros, log, place, produced: 0 };
    if (call.problem !== undefined) {
      log.error(place, `${call.problem}: ${shown(macro.name)}`);
      return source;
    }
    const replaced = replace(macro, call.values, expansion, [], 0);
    if (expansion.produced > LONGEST) {
      log.error(place, `macro expansion too long: ${shown(macro.name)}`);
      return source;
    }
    builder.slice(source, copied, match.index);
    builder.fixed(replaced, place.line, place.column);
    copied = call.end;
    word.lastIndex = call.end;
  }
  if (copied === 0) return source;
  builder.slice(source, copied, text.length);
  return builder.build(source.file, source.line);
}

interface Call {
  readonly values: readonly string[];
  readonly end: number;
  readonly problem?: string;
}

/** The arguments of a call, or undefined where a function-like name stands without parentheses. */
function readCall(text: string, after: number, macro: Macro): Call | undefined {
  if (macro.parameters === undefined) return { values: [], end: after };
  let at = after;
  while (text[at] === " " || text[at] === "\t") at++;
  if (text[at] !== "(") return undefined;
  const values: string[] = [];
  let depth = 0;
  let start = at + 1;
  for (; at < text.length; at++) {
    const c = text[at];
    if (c === "(") depth++;
    else if (c === "," && depth === 1) {
      values.push(text.slice(start, at).trim());
      start = at + 1;
    } else if (c === ")" && --depth === 0) break;
  }
  if (at >= text.length) return { values, end: at, problem: "unterminated macro call" };
  values.push(text.slice(start, at).trim());
  const wanted = macro.parameters.length;
  if (wanted === 0 && values.length === 1 && values[0] === "") values.pop();
  const problem = values.length === wanted ? undefined : "wrong number of macro arguments";
  return problem === undefined ? { values, end: at + 1 } : { values, end: at + 1, problem };
}

function replace(
  macro: Macro,
  values: readonly string[],
  expansion: Expansion,
  hidden: readonly string[],
  depth: number,
): string {
  const body = substitute(macro, values, expansion, hidden, depth);
  expansion.produced += body.length;
  if (expansion.produced > LONGEST || depth > DEEPEST) return "";
  return rescan(body, expansion, [...hidden, macro.name], depth + 1);
}

function substitute(
  macro: Macro,
  values: readonly string[],
  expansion: Expansion,
  hidden: readonly string[],
  depth: number,
): string {
  const { parameters, body } = macro;
  if (parameters === undefined || parameters.length === 0) return body.replace(/\s*##\s*/g, "");
  const pieces = body.split(/(\s*##\s*|#\s*(?=[A-Za-z_])|"[^"]*"?|[A-Za-z_]\w*)/);
  return pieces
    .map((piece, i) => {
      if (/^\s*##\s*$/.test(piece) || /^#\s*$/.test(piece)) return "";
      const index = parameters.indexOf(piece);
      if (index < 0) return piece;
      const value = values[index]!;
      const before = neighbour(pieces, i, -1);
      if (/^#\s*$/.test(before)) return `"${value.replace(/"/g, '\\"')}"`;
      if (/##/.test(before) || /##/.test(neighbour(pieces, i, 1))) return value;
      return rescan(value, expansion, hidden, depth + 1);
    })
    .join("");
}

function neighbour(pieces: readonly string[], index: number, step: number): string {
  let at = index + step;
  while (pieces[at] === "") at += step;
  return pieces[at] ?? "";
}

function rescan(
  text: string,
  expansion: Expansion,
  hidden: readonly string[],
  depth: number,
): string {
  if (depth > DEEPEST || expansion.produced > LONGEST) return "";
  const word = new RegExp(WORD);
  let result = "";
  let copied = 0;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const macro = expansion.macros.get(match[0]);
    if (macro === undefined || hidden.includes(macro.name)) continue;
    const call = readCall(text, match.index + match[0].length, macro);
    if (call === undefined || call.problem !== undefined) continue;
    result += text.slice(copied, match.index);
    result += replace(macro, call.values, expansion, hidden, depth);
    if (expansion.produced > LONGEST) return "";
    copied = call.end;
    word.lastIndex = call.end;
  }
  return result + text.slice(copied);
}
