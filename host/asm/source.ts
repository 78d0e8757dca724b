/**
 * Source text to statements: comments go, `!` separates.
 *
 * `;` starts a comment, `#` does so at the start of a line, C comments may span lines. Nothing is
 * special in strings. A `!` right after a comma belongs to a condition (`fcmp,dbl,!= …`).
 * Text keeps its columns: comments become blanks.
 */

export interface Statement {
  readonly text: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 0-based column of the text's first character in its line. */
  readonly column: number;
  /** Set for text that a macro made: which macro, and what its body's line is. */
  readonly expansion?: string;
}

const SPECIAL = /[;!"]|\/\*|^\s*#/;

/** The statements of a file, empty ones left out. */
export function statements(file: string, text: string): Statement[] {
  const found: Statement[] = [];
  let inComment = false;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const add = (part: string, column: number): void => {
      if (part.trim() !== "") found.push({ text: part, file, line, column });
    };
    if (!inComment && !SPECIAL.test(raw)) {
      add(raw, 0);
      continue;
    }
    const { cleaned, stillInComment } = blankComments(raw, inComment);
    inComment = stillInComment;
    let start = 0;
    for (const end of separators(cleaned)) {
      add(cleaned.slice(start, end), start);
      start = end + 1;
    }
  }
  return found;
}

/** The line with comments as blanks; whether a C comment goes on. */
function blankComments(
  raw: string,
  inComment: boolean,
): { cleaned: string; stillInComment: boolean } {
  let cleaned = "";
  let position = 0;
  let comment = inComment;
  while (position < raw.length) {
    if (comment) {
      const end = raw.indexOf("*/", position);
      const next = end < 0 ? raw.length : end + 2;
      cleaned += " ".repeat(next - position);
      position = next;
      comment = end < 0;
    } else if (raw.startsWith("/*", position)) {
      comment = true;
    } else if (raw[position] === ";" || (raw[position] === "#" && cleaned.trim() === "")) {
      break;
    } else if (raw[position] === '"') {
      const end = endOfString(raw, position);
      cleaned += raw.slice(position, end);
      position = end;
    } else {
      cleaned += raw[position];
      position++;
    }
  }
  return { cleaned, stillInComment: comment };
}

/** Position after the string that starts at `start`; the end of the line for an open one. */
export function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length && text[position] !== '"')
    position += text[position] === "\\" ? 2 : 1;
  return Math.min(position + 1, text.length);
}

/** Where statements end: at each separating `!` and at the end of the line. */
function separators(text: string): number[] {
  const ends: number[] = [];
  for (let position = 0; position < text.length; position++) {
    if (text[position] === '"') position = endOfString(text, position) - 1;
    else if (text[position] === "!" && text[position - 1] !== ",") ends.push(position);
  }
  return [...ends, text.length];
}
