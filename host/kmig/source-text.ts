/**
 * Text that remembers where each of its characters came from, and the cutting of a file into
 * logical lines of such text: continuation lines joined, comments turned into blanks.
 *
 * The first step of the preprocessor; knows nothing of directives or macros.
 */
import { type Log, type Place, shown } from "./log.ts";

/** A run of characters with the line and the column of each in the file it was read from. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly lines: readonly number[];
  readonly columns: readonly number[];

  constructor(file: string, text: string, lines: readonly number[], columns: readonly number[]) {
    this.file = file;
    this.text = text;
    this.lines = lines;
    this.columns = columns;
  }

  /** The place of the character at `index`, or just behind the last one. */
  place(index: number): Place {
    const { file, lines, columns, text } = this;
    if (text.length === 0) return { file, line: lines[0] ?? 1, column: 1 };
    if (index < text.length) return { file, line: lines[index]!, column: columns[index]! };
    return { file, line: lines[text.length - 1]!, column: columns[text.length - 1]! + 1 };
  }
}

/** Collects characters, then makes a `SourceText` of them. */
export class SourceTextBuilder {
  private readonly parts: string[] = [];
  private readonly lines: number[] = [];
  private readonly columns: number[] = [];

  /** Appends `text`; every character of it counts as standing at `line` and `column`. */
  fixed(text: string, line: number, column: number): void {
    this.parts.push(text);
    for (let i = 0; i < text.length; i++) {
      this.lines.push(line);
      this.columns.push(column);
    }
  }

  /** Appends `text`; its characters stand side by side from `column` on. */
  running(text: string, line: number, column: number): void {
    this.parts.push(text);
    for (let i = 0; i < text.length; i++) {
      this.lines.push(line);
      this.columns.push(column + i);
    }
  }

  /** Appends a part of another text with its places. */
  slice(from: SourceText, start: number, end: number): void {
    this.parts.push(from.text.slice(start, end));
    for (let i = start; i < end; i++) {
      this.lines.push(from.lines[i]!);
      this.columns.push(from.columns[i]!);
    }
  }

  get length(): number {
    return this.lines.length;
  }

  build(file: string, emptyLine: number): SourceText {
    const lines = this.lines.length === 0 ? [emptyLine] : this.lines;
    return new SourceText(file, this.parts.join(""), lines, this.columns);
  }
}

/** Logical lines of a file. A comment becomes blanks, so that columns stay those of the file. */
export function logicalLines(file: string, text: string, log: Log): SourceText[] {
  const result: SourceText[] = [];
  const physical = text.split(/\r\n|\n|\r/);
  let commentStart: Place | undefined;
  let builder: SourceTextBuilder | undefined;
  let first = 1;
  physical.forEach((raw, index) => {
    const line = index + 1;
    const continued = raw.endsWith("\\");
    const body = continued ? raw.slice(0, -1) : raw;
    if (builder === undefined) {
      builder = new SourceTextBuilder();
      first = line;
    }
    let at = 0;
    while (at < body.length) {
      if (commentStart !== undefined) {
        const end = body.indexOf("*/", at);
        const stop = end < 0 ? body.length : end + 2;
        builder.running(" ".repeat(stop - at), line, at + 1);
        at = stop;
        if (end >= 0) commentStart = undefined;
        continue;
      }
      const next = /\/\*|\/\/|"/g;
      next.lastIndex = at;
      const match = next.exec(body);
      if (match === null) {
        builder.running(body.slice(at), line, at + 1);
        at = body.length;
      } else if (match[0] === "//") {
        builder.running(body.slice(at, match.index), line, at + 1);
        at = body.length;
      } else if (match[0] === "/*") {
        builder.running(`${body.slice(at, match.index)}  `, line, at + 1);
        commentStart = { file, line, column: match.index + 1 };
        at = match.index + 2;
      } else {
        const close = body.indexOf('"', match.index + 1);
        const stop = close < 0 ? body.length : close + 1;
        builder.running(body.slice(at, stop), line, at + 1);
        at = stop;
      }
    }
    if (continued && index < physical.length - 1) return;
    result.push(builder.build(file, first));
    builder = undefined;
  });
  if (commentStart !== undefined) log.error(commentStart, `unterminated comment: ${shown("/*")}`);
  return result;
}
