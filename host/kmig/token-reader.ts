/**
 * One token of look-ahead over the lexer, and the ways in which a parser insists on what comes next.
 */
import type { Name } from "./ast.ts";
import type { Lexer, Token } from "./lexer.ts";
import { type Log, shown } from "./log.ts";

/** The statement cannot be understood; already reported. */
export class SyntaxProblem extends Error {}

export class TokenReader {
  readonly lexer: Lexer;
  readonly log: Log;
  private ahead: Token | undefined;
  /** Open parentheses, and the line of the token taken last. */
  depth = 0;
  lastLine = 0;

  constructor(lexer: Lexer, log: Log) {
    this.lexer = lexer;
    this.log = log;
  }

  peek(): Token {
    return (this.ahead ??= this.lexer.next());
  }

  next(): Token {
    const token = this.peek();
    this.ahead = undefined;
    this.lastLine = token.place.line;
    if (token.text === "(") this.depth++;
    if (token.text === ")") this.depth--;
    return token;
  }

  /** Takes the next token if it is this keyword or mark. */
  take(text: string): Token | undefined {
    const token = this.peek();
    const fits = token.kind === "keyword" || token.kind === "punctuation";
    return fits && token.text === text ? this.next() : undefined;
  }

  expect(text: string): Token {
    return this.take(text) ?? this.fail(`'${text}'`);
  }

  identifier(): Name {
    const token = this.peek();
    if (token.kind !== "identifier") this.fail("name");
    this.next();
    return { text: token.text, place: token.place };
  }

  number(): number {
    const token = this.peek();
    if (token.kind !== "number") this.fail("number");
    this.next();
    const value = Number(token.text);
    if (value > 0x7fffffff) {
      this.log.error(token.place, `number too large: ${shown(token.written)}`);
      throw new SyntaxProblem();
    }
    return value;
  }

  fail(wanted: string): never {
    const token = this.peek();
    this.log.error(token.place, `expected ${wanted} before: ${shown(token.written)}`);
    throw new SyntaxProblem();
  }

  /** The same where the lexer looked for a word of another shape than a token's. */
  failAtText(wanted: string): never {
    const { place, written } = this.lexer.text();
    this.log.error(place, `expected ${wanted} before: ${shown(written)}`);
    throw new SyntaxProblem();
  }
}
