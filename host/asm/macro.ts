/**
 * Macros and repetition: taking a body, reading arguments, making text.
 *
 * Works on statements and strings only; when a body ends and where its text goes is the business
 * of `assemble.ts`. Rules are GNU as's: arguments are separated by commas, or by blanks between two
 * names or numbers; `\name` is replaced, `\@` counts expansions, `\()` is nothing.
 */
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import { endOfString, type Statement } from "./source.ts";

interface Parameter {
  readonly name: string;
  readonly fallback: string;
  readonly required: boolean;
  readonly takesRest: boolean;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

/** Reads `NAME [parameter[=default][:req|:vararg]] …` after `.macro`. @throws SyntaxFailure */
export function parseMacroHead(cursor: Cursor): Omit<Macro, "body"> {
  const name = cursor.expectName("a macro name");
  const parameters: Parameter[] = [];
  cursor.accept(",");
  while (!cursor.atEnd()) {
    const position = cursor.position;
    const parameter = cursor.expectName("a parameter");
    const qualifier = cursor.accept(":") ? cursor.expectName("req or vararg") : undefined;
    if (qualifier !== undefined && qualifier !== "req" && qualifier !== "vararg")
      throw new SyntaxFailure(`expected req or vararg: ${qualifier}`, position);
    if (parameters.some((known) => known.name === parameter))
      throw new SyntaxFailure(`parameter named twice: ${parameter}`, position);
    const fallback = cursor.accept("=") ? readArgument(cursor) : "";
    parameters.push({
      name: parameter,
      fallback,
      required: qualifier === "req",
      takesRest: qualifier === "vararg",
    });
    cursor.accept(",");
  }
  return { name, parameters };
}

/** The arguments of a macro call, by parameter. @throws SyntaxFailure */
export function readArguments(macro: Macro, cursor: Cursor): Map<string, string> {
  const values = new Map<string, string>();
  let next = 0;
  while (!cursor.atEnd()) {
    const position = cursor.position;
    const keyword = cursor.take(/([A-Za-z_.$][\w.$]*)\s*=(?!=)/y)?.[1];
    const named = macro.parameters.find(({ name }) => name === keyword);
    if (keyword !== undefined && named === undefined) cursor.position = position;
    const parameter = named ?? macro.parameters[next];
    if (parameter === undefined)
      throw new SyntaxFailure(`too many arguments: ${macro.name}`, position);
    if (named === undefined) next++;
    values.set(parameter.name, parameter.takesRest ? cursor.rest() : readArgument(cursor));
    cursor.accept(",");
  }
  for (const { name, fallback, required } of macro.parameters) {
    if (values.get(name)) continue;
    if (required) throw new SyntaxFailure(`missing argument: ${name}`, cursor.position);
    values.set(name, fallback);
  }
  return values;
}

/** Every argument of `.irp`. */
export function readList(cursor: Cursor): string[] {
  const list: string[] = [];
  while (!cursor.atEnd()) {
    list.push(readArgument(cursor));
    cursor.accept(",");
  }
  return list.length === 0 ? [""] : list;
}

/** One argument: up to a comma outside parentheses, or a blank between two names. */
function readArgument(cursor: Cursor): string {
  if (cursor.peek() === '"') {
    const end = endOfString(cursor.text, cursor.position);
    const text = cursor.text.slice(cursor.position + 1, end).replace(/"$/, "");
    cursor.position = end;
    return text;
  }
  let argument = "";
  let depth = 0;
  while (!cursor.atEnd()) {
    const character = cursor.text[cursor.position]!;
    if (character === "," && depth === 0) break;
    const before = cursor.text[cursor.position - 1] ?? "";
    if (/\s/.test(before) && argument !== "" && isWord(argument.at(-1)!) && isWord(character)) {
      if (depth === 0) break;
      argument += " ";
    }
    if (character === "(") depth++;
    if (character === ")") depth--;
    argument += character;
    cursor.position++;
  }
  return argument;
}

function isWord(character: string): boolean {
  return /[\w.$]/.test(character);
}

/** Text of a body with arguments put in; unknown `\names` stay. */
export function substitute(
  text: string,
  values: ReadonlyMap<string, string>,
  count: number,
): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:@|\(\)|([A-Za-z_.$][\w.$]*))/g, (all, name: string | undefined) => {
    if (all === "\\@") return String(count);
    if (name === undefined) return "";
    return values.get(name) ?? all;
  });
}

/** First word of a statement after its labels, in lower case: enough to find where blocks end. */
export function firstWord(text: string): string {
  return (/^\s*(?:[\w.$]+\s*:\s*)*([\w.$]+)/.exec(text)?.[1] ?? "").toLowerCase();
}

/** Depth that a statement adds to nested definitions: +1, −1 or 0. */
export function nesting(text: string, opens: readonly string[], closes: string): number {
  const word = firstWord(text);
  if (opens.includes(word)) return 1;
  return word === closes ? -1 : 0;
}
