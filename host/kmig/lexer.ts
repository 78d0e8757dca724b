/**
 * Words of the interface language, taken from preprocessed lines one at a time.
 *
 * Keywords are case-insensitive, the names of message types are not. Three statements need words
 * of other shapes (`MsgOption`, `import`, `rcsid`); the parser asks for those explicitly, before
 * it looks at the next token.
 */
import type { Flag } from "./ast.ts";
import { type Log, type Place, shown } from "./log.ts";
import { SYMBOLIC_TYPES } from "./message-names.ts";
import type { SourceText } from "./source-text.ts";

export type TokenKind =
  | "identifier"
  | "number"
  | "keyword"
  | "symbolic"
  | "flag"
  | "punctuation"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Lower case for keywords, the flag's proper name for flags, else as written. */
  readonly text: string;
  readonly written: string;
  readonly place: Place;
}

const KEYWORDS = new Set(
  `routine function procedure simpleprocedure simpleroutine subsystem msgoption msgseqno waittime
   nowaittime in out inout requestport replyport ureplyport sreplyport array of error serverprefix
   userprefix serverdemux rcsid import uimport simport type kernelserver kerneluser skip struct
   intran intranpayload outtran destructor ctype cusertype cservertype c_string`.split(/\s+/),
);

const FLAGS = new Map<string, Flag>(
  (["IsLong", "IsNotLong", "Dealloc", "NotDealloc", "ServerCopy", "CountInOut"] as const).map(
    (flag) => [flag.toLowerCase(), flag],
  ),
);

const TOKEN = /[A-Za-z_][A-Za-z_0-9]*|[0-9]+|[:;,+\-*/()=^~<>[\]{}|]/y;
const WORD = /[-/._$A-Za-z0-9]+/y;
const FILE_NAME = /"[^"]*"|<[^>]*>/y;
const QUOTED = /"[^"]*"/y;

export class Lexer {
  private readonly lines: readonly SourceText[];
  private readonly log: Log;
  private readonly end: Place;
  private line = 0;
  private at = 0;

  constructor(lines: readonly SourceText[], file: string, log: Log) {
    this.lines = lines;
    this.log = log;
    const last = lines.at(-1);
    this.end = last?.place(last.text.length) ?? { file, line: 1, column: 1 };
  }

  /** The next token; characters that begin none are reported and passed over. */
  next(): Token {
    for (;;) {
      const source = this.skipBlanks();
      if (source === undefined)
        return { kind: "end", text: "", written: "end of file", place: this.end };
      const place = source.place(this.at);
      const written = this.match(source, TOKEN);
      if (written === undefined) {
        const code = source.text.codePointAt(this.at)!;
        const character = String.fromCodePoint(code);
        this.at += character.length;
        this.log.error(place, `unexpected character: ${shown(character)}`);
        continue;
      }
      return { ...classify(written), written, place };
    }
  }

  /** One word of letters, digits and `-/._$`; undefined if there is none. */
  word(): Token | undefined {
    return this.special(WORD);
  }

  /** A file name in quotes or brackets, which stay on. */
  fileName(): Token | undefined {
    return this.special(FILE_NAME);
  }

  quoted(): Token | undefined {
    return this.special(QUOTED);
  }

  /** What stands next, up to a blank or a semicolon, whatever it is; for messages. */
  text(): Token {
    return this.special(/[^;\s]+|;/y) ?? this.next();
  }

  private special(pattern: RegExp): Token | undefined {
    const source = this.skipBlanks();
    if (source === undefined) return undefined;
    const place = source.place(this.at);
    const written = this.match(source, pattern);
    return written === undefined
      ? undefined
      : { kind: "identifier", text: written, written, place };
  }

  private match(source: SourceText, pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(source.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private skipBlanks(): SourceText | undefined {
    for (;;) {
      const source = this.lines[this.line];
      if (source === undefined) return undefined;
      while (this.at < source.text.length && source.text[this.at]! <= " ") this.at++;
      if (this.at < source.text.length) return source;
      this.line++;
      this.at = 0;
    }
  }
}

function classify(written: string): { kind: TokenKind; text: string } {
  const first = written[0]!;
  if (first >= "0" && first <= "9") return { kind: "number", text: written };
  if (!/[A-Za-z_]/.test(first)) return { kind: "punctuation", text: written };
  if (SYMBOLIC_TYPES.has(written)) return { kind: "symbolic", text: written };
  const lower = written.toLowerCase();
  if (KEYWORDS.has(lower)) return { kind: "keyword", text: lower };
  const flag = FLAGS.get(lower);
  if (flag !== undefined) return { kind: "flag", text: flag };
  if (lower === "polymorphic") return { kind: "symbolic", text: lower };
  return { kind: "identifier", text: written };
}
