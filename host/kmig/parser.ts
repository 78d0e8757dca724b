/**
 * Interface definition text to syntax tree: a plain recursive descent over MIG's grammar.
 *
 * After an error the parser goes on behind the statement's `;` (one outside parentheses) or at
 * the next word that can only begin a statement, so that one run reports every bad statement.
 */
import type { Argument, Direction, Name, NamedType, RoutineKind, Statement } from "./ast.ts";
import { Lexer } from "./lexer.ts";
import type { Log } from "./log.ts";
import type { SourceText } from "./source-text.ts";
import { SyntaxProblem, TokenReader } from "./token-reader.ts";
import { TypeParser } from "./type-parser.ts";

const ROUTINES = new Set<string>([
  "routine",
  "simpleroutine",
  "procedure",
  "simpleprocedure",
  "function",
] satisfies RoutineKind[]);

/** Words that begin a statement and stand nowhere else. */
const STARTERS = new Set([
  ...ROUTINES,
  ..."subsystem type skip import uimport simport serverprefix userprefix serverdemux rcsid".split(
    " ",
  ),
]);

const DIRECTIONS = new Set<string>([
  "in",
  "out",
  "inout",
  "requestport",
  "replyport",
  "sreplyport",
  "ureplyport",
  "waittime",
  "msgoption",
  "msgseqno",
] satisfies Direction[]);

/** Parses preprocessed lines; findings go to `log`, good statements are returned. */
export function parse(lines: readonly SourceText[], file: string, log: Log): Statement[] {
  return new Parser(new TokenReader(new Lexer(lines, file, log), log)).file();
}

class Parser {
  private readonly reader: TokenReader;
  private readonly types: TypeParser;

  constructor(reader: TokenReader) {
    this.reader = reader;
    this.types = new TypeParser(reader);
  }

  file(): Statement[] {
    const { reader } = this;
    const statements: Statement[] = [];
    while (reader.peek().kind !== "end") {
      reader.depth = 0;
      try {
        if (reader.take(";")) continue;
        statements.push(this.statement());
        reader.expect(";");
      } catch (problem) {
        if (!(problem instanceof SyntaxProblem)) throw problem;
        this.resume();
      }
    }
    return statements;
  }

  private resume(): void {
    const { reader } = this;
    for (;;) {
      const { lastLine } = reader;
      const token = reader.peek();
      if (token.kind === "end") return;
      // A word that begins a statement counts at the start of a line only.
      const starts = token.kind === "keyword" && STARTERS.has(token.text);
      if (starts && token.place.line !== lastLine) return;
      reader.next();
      if (token.text === ";" && reader.depth <= 0) return;
    }
  }

  private statement(): Statement {
    const { reader } = this;
    const token = reader.peek();
    const { place } = token;
    if (token.kind !== "keyword") reader.fail("statement");
    const keyword = token.text;
    if (ROUTINES.has(keyword)) return this.routine(keyword as RoutineKind);
    switch (keyword) {
      case "subsystem":
        return this.subsystem();
      case "msgoption":
      case "waittime": {
        reader.next();
        const value = reader.lexer.word() ?? reader.failAtText("word");
        return { kind: keyword, place, value: value.text };
      }
      case "nowaittime":
        reader.next();
        return { kind: "waittime", place, value: undefined };
      case "error":
      case "serverprefix":
      case "userprefix":
      case "serverdemux":
        reader.next();
        return { kind: keyword, place, name: reader.identifier().text };
      case "import":
      case "uimport":
      case "simport": {
        reader.next();
        const name = reader.lexer.fileName() ?? reader.failAtText("file name");
        const side = keyword === "import" ? "both" : keyword === "uimport" ? "user" : "server";
        return { kind: "import", place, side, file: name.text };
      }
      case "rcsid": {
        reader.next();
        const text = reader.lexer.quoted() ?? reader.failAtText("quoted text");
        return { kind: "rcsid", place, text: text.text };
      }
      case "skip":
        reader.next();
        return { kind: "skip", place };
      case "type":
        reader.next();
        return { kind: "type", place, type: this.types.namedType(reader.identifier()) };
      default:
        return reader.fail("statement");
    }
  }

  private subsystem(): Statement {
    const { reader } = this;
    const { place } = reader.expect("subsystem");
    let kernelUser = false;
    let kernelServer = false;
    for (;;) {
      const token = reader.peek();
      if (reader.take("kerneluser")) {
        if (kernelUser) reader.log.warn(token.place, "duplicate keyword: KernelUser");
        kernelUser = true;
      } else if (reader.take("kernelserver")) {
        if (kernelServer) reader.log.warn(token.place, "duplicate keyword: KernelServer");
        kernelServer = true;
      } else break;
    }
    const name = reader.identifier().text;
    return { kind: "subsystem", place, name, base: reader.number(), kernelUser, kernelServer };
  }

  private routine(routine: RoutineKind): Statement {
    const { reader } = this;
    const { place } = reader.next();
    const name = reader.identifier();
    reader.expect("(");
    const list: Argument[] = [];
    if (!reader.take(")")) {
      do list.push(this.argument());
      while (reader.take(";"));
      reader.expect(")");
    }
    const result = routine === "function" ? this.argumentType() : undefined;
    return { kind: "routine", place, routine, name, arguments: list, result };
  }

  private argument(): Argument {
    const { reader } = this;
    const token = reader.peek();
    let direction: Direction | undefined;
    if (token.kind === "keyword" && DIRECTIONS.has(token.text)) {
      reader.next();
      direction = token.text as Direction;
    }
    const name = reader.identifier();
    const type = this.argumentType();
    return { name, direction, type, flags: this.types.flags() };
  }

  private argumentType(): Name | NamedType {
    const { reader } = this;
    reader.expect(":");
    const name = reader.identifier();
    return reader.peek().text === "=" ? this.types.namedType(name) : name;
  }
}
