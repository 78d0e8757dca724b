/**
 * Text that remembers where each of its characters came from, and the cutting of a file into
 * logical lines of such text: continuation lines joined, comments turned into blanks.
 *
 * The first step of the preprocessor; knows nothing of directives or macros.
 */
import { type Log, type Place, shown } from "./log.ts";

/** Characters that stand side by side in a line, or that all stand at one place. */
interface Run {
  /** Index of its first character in the text. */
  readonly start: number;
  readonly line: number;
  readonly column: number;
  readonly fixed: boolean;
}

/** Text with the line and the column of each character in the file it was read from. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  /** The line that it begins in. */
  readonly line: number;
  private readonly runs: readonly Run[];

  constructor(file: string, text: string, line: number, runs: readonly Run[]) {
    this.file = file;
    this.text = text;
    this.line = line;
    this.runs = runs;
  }

  /** The place of the character at `index`, or just behind the last one. */
  place(index: number): Place {
    const { file, text } = this;
    const last = text.length - 1;
    if (last < 0) return { file, line: this.line, column: 1 };
    const at = Math.min(index, last);
    const run = this.runAt(at);
    const column = run.fixed ? run.column : run.column + at - run.start;
    return { file, line: run.line, column: column + (index > last ? 1 : 0) };
  }

  /** The same text under another name, and so many lines further down. */
  renamed(file: string, shift: number): SourceText {
    const runs = this.runs.map((run) => ({ ...run, line: run.line + shift }));
    return new SourceText(file, this.text, this.line + shift, runs);
  }

  /** The runs of a part, as if it began at `start` of another text. */
  part(from: number, end: number, start: number): Run[] {
    const result: Run[] = [];
    this.runs.forEach((run, i) => {
      const stop = this.runs[i + 1]?.start ?? this.text.length;
      if (stop <= from || run.start >= end) return;
      const skipped = Math.max(0, from - run.start);
      const column = run.fixed ? run.column : run.column + skipped;
      result.push({ ...run, column, start: start + run.start + skipped - from });
    });
    return result;
  }

  private runAt(index: number): Run {
    let low = 0;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.runs[middle]!.start <= index) low = middle;
      else high = middle - 1;
    }
    return this.runs[low]!;
  }
}

/** Collects characters, then makes a `SourceText` of them. */
export class SourceTextBuilder {
  private text = "";
  private readonly runs: Run[] = [];

  /** Appends `text`; every character of it counts as standing at `line` and `column`. */
  fixed(text: string, line: number, column: number): void {
    this.append(text, { start: this.text.length, line, column, fixed: true });
  }

  /** Appends `text`; its characters stand side by side from `column` on. */
  running(text: string, line: number, column: number): void {
    this.append(text, { start: this.text.length, line, column, fixed: false });
  }

  /** Appends a part of another text with its places. */
  slice(from: SourceText, start: number, end: number): void {
    this.runs.push(...from.part(start, end, this.text.length));
    this.text += from.text.slice(start, end);
  }

  build(file: string, emptyLine: number): SourceText {
    const line = this.runs[0]?.line ?? emptyLine;
    return new SourceText(file, this.text, line, this.runs);
  }

  private append(text: string, run: Run): void {
    if (text === "") return;
    this.runs.push(run);
    this.text += text;
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
