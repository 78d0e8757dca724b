/**
 * A position in the text of one statement, and the small scans that every parser here needs.
 *
 * Failing is an exception with a column: statements are short, and the first failure of a statement
 * ends it. `SyntaxFailure` never leaves the assembler.
 */

/**
 * Something wrong at a position of the statement; becomes a Diagnostic. Not an Error: trying one
 * spelling after another throws many, and stack traces would be most of the assembler's time.
 */
export class SyntaxFailure {
  readonly message: string;
  /** 0-based position in the statement's text. */
  readonly position: number;
  constructor(message: string, position: number) {
    this.message = message;
    this.position = position;
  }
}

const NAME = /[A-Za-z_.$][\w.$]*/y;
const SPACE = /[ \t]*/y;

export class Cursor {
  readonly text: string;
  position: number;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  /** Moves over blanks and returns the character there, empty at the end. */
  peek(): string {
    SPACE.lastIndex = this.position;
    SPACE.exec(this.text);
    this.position = SPACE.lastIndex;
    return this.text.charAt(this.position);
  }

  atEnd(): boolean {
    return this.peek() === "";
  }

  /** Takes a sticky regular expression's match at the position, after blanks. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    this.peek();
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.position = pattern.lastIndex;
    return found;
  }

  /** Takes one character if it is next. */
  accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position++;
    return true;
  }

  expect(character: string): void {
    if (!this.accept(character)) throw this.failure(`expected ${character}`);
  }

  name(): string | undefined {
    return this.take(NAME)?.[0];
  }

  expectName(what = "a name"): string {
    return this.name() ?? this.stop(`expected ${what}`);
  }

  /** The rest of the statement without blanks at its ends; moves to the end. */
  rest(): string {
    this.peek();
    const text = this.text.slice(this.position).trimEnd();
    this.position = this.text.length;
    return text;
  }

  expectEnd(): void {
    if (!this.atEnd()) throw this.failure("unexpected text");
  }

  /** A failure here, with what stands here as the offending value. */
  failure(message: string): SyntaxFailure {
    this.peek();
    const found = /^(?:[%\w.$']+|.)/.exec(this.text.slice(this.position))?.[0];
    return new SyntaxFailure(`${message}: ${found ?? "end of statement"}`, this.position);
  }

  private stop(message: string): never {
    throw this.failure(message);
  }
}
