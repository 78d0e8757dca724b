/**
 * What a terminal of 24 lines and 80 columns shows of what is written to it, with the lines that went out
 * at its top: the part of a VT100's language that editors, pagers and line editors speak. Attributes
 * (bold, colours) are read and left out: what is shown is text.
 */

const ROWS = 24;
const COLUMNS = 80;
/** Lines that are kept. */
const MOST = 1000;
/** A sequence that is longer is none. */
const LONGEST = 32;

/** What was written without what only moves a cursor. */
export function plainText(written: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what is taken out
  return written.replaceAll(/\x1b(\[[^@-~]*[@-~]|[^[])/g, "").replaceAll(/[\x00-\x08\r]/g, "");
}

interface Place {
  row: number;
  column: number;
}

export class Screen {
  #lines = [""];
  /** Where the terminal's first line is among them. */
  #top = 0;
  #at: Place = { row: 0, column: 0 };
  #saved: Place = { row: 0, column: 0 };
  /** An escape sequence that has not ended. */
  #sequence = "";
  /** What a program that asks the terminal something is told. */
  onReply: (text: string) => void = () => {};

  get text(): string {
    return this.#lines.join("\n");
  }

  /** Where in the text the cursor is. */
  get cursor(): number {
    const { row, column } = this.#at;
    const before = this.#lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0);
    return before + Math.min(column, this.#lines[row]!.length);
  }

  clear(): void {
    this.#lines = [""];
    this.#top = 0;
    this.#at = { row: 0, column: 0 };
    this.#sequence = "";
  }

  write(written: string): void {
    for (const letter of written) this.#take(letter);
  }

  #take(letter: string): void {
    if (this.#sequence !== "") return this.#escape(letter);
    const at = this.#at;
    if (letter === "\x1b") this.#sequence = letter;
    else if (letter === "\n") this.#newLine();
    else if (letter === "\r") at.column = 0;
    else if (letter === "\b") at.column = Math.max(0, at.column - 1);
    else if (letter === "\t") at.column = Math.min(COLUMNS - 1, (at.column | 7) + 1);
    else if (letter >= " " && letter !== "\x7f") {
      if (at.column === COLUMNS) this.#newLine();
      const line = this.#line();
      this.#set(line.slice(0, at.column) + letter + line.slice(at.column + 1));
      at.column += 1;
    }
  }

  /** The cursor's line, as long as it takes to get to the cursor. */
  #line(): string {
    return (this.#lines[this.#at.row] ?? "").padEnd(this.#at.column);
  }
  #set(line: string): void {
    this.#lines[this.#at.row] = line;
  }

  #newLine(): void {
    this.#at.column = 0;
    this.#move(this.#at.row + 1);
    if (this.#at.row >= this.#top + ROWS) this.#top = this.#at.row - ROWS + 1;
    const over = this.#lines.length - MOST;
    if (over <= 0) return;
    this.#lines.splice(0, over);
    this.#at.row -= over;
    this.#top -= over;
  }

  #move(row: number): void {
    while (this.#lines.length <= row) this.#lines.push("");
    this.#at.row = row;
  }

  /** One more letter of an escape sequence. */
  #escape(letter: string): void {
    const sequence = (this.#sequence += letter);
    const [, kind = ""] = sequence;
    const isOver =
      kind === "[" ? sequence.length > 2 && letter >= "@" : "()#".includes(kind) ? sequence.length > 2 : true; // prettier-ignore
    if (!isOver && sequence.length < LONGEST) return;
    this.#sequence = "";
    if (kind === "[") this.#control(letter, sequence.slice(2, -1));
    else if (kind === "7") this.#saved = { ...this.#at };
    else if (kind === "8") this.#goTo(this.#saved.row, this.#saved.column);
    else if (kind === "M") this.#goTo(this.#at.row - 1, this.#at.column);
  }

  #goTo(row: number, column: number): void {
    this.#move(Math.min(Math.max(row, this.#top), this.#top + ROWS - 1));
    this.#at.column = Math.min(Math.max(column, 0), COLUMNS - 1);
  }

  #control(letter: string, parameters: string): void {
    const numbers = parameters.split(";").map(Number);
    const [first = 0, second = 0] = numbers;
    const count = first || 1;
    const { row, column } = this.#at;
    const line = this.#line();
    if (letter === "A") this.#goTo(row - count, column);
    else if (letter === "B") this.#goTo(row + count, column);
    else if (letter === "C") this.#goTo(row, column + count);
    else if (letter === "D") this.#goTo(row, column - count);
    else if (letter === "G") this.#goTo(row, count - 1);
    else if (letter === "d") this.#goTo(this.#top + count - 1, column);
    else if (letter === "H" || letter === "f") this.#goTo(this.#top + count - 1, (second || 1) - 1);
    else if (letter === "J") this.#erase(first);
    else if (letter === "K")
      this.#set([line.slice(0, column), " ".repeat(column + 1) + line.slice(column + 1), ""][first] ?? line); // prettier-ignore
    else if (letter === "P") this.#set(line.slice(0, column) + line.slice(column + count));
    else if (letter === "@")
      this.#set(line.slice(0, column) + " ".repeat(count) + line.slice(column));
    else if (letter === "n" && first === 6)
      this.onReply(`\x1b[${row - this.#top + 1};${Math.min(column, COLUMNS - 1) + 1}R`);
  }

  /** From the cursor on, up to it, or the whole terminal. */
  #erase(part: number): void {
    const { row, column } = this.#at;
    for (let each = this.#top; each < this.#lines.length; each++) {
      const isGone = part === 2 || (part === 0 ? each > row : each < row);
      if (isGone) this.#lines[each] = "";
    }
    if (part === 0) this.#set(this.#line().slice(0, column));
    if (part === 1) this.#set(" ".repeat(column + 1) + this.#line().slice(column + 1));
  }
}
