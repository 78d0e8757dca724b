/**
 * What a terminal shows of what is written to it: lines, and the backspaces with which an echo takes
 * characters back. No cursor addressing: this Unix says TERM=dumb.
 */

/** Characters that are kept. */
const MOST = 20_000;

export class Screen {
  #text = "";
  /** Characters behind the cursor, in the last line. */
  #behind = 0;

  get text(): string {
    return this.#text;
  }

  clear(): void {
    this.#text = "";
    this.#behind = 0;
  }

  write(written: string): void {
    for (const letter of written) this.#put(letter);
    if (this.#text.length > MOST) this.#text = this.#text.slice(-MOST);
  }

  #put(letter: string): void {
    const end = this.#text.length;
    if (letter === "\n") {
      this.#text += letter;
      this.#behind = 0;
    } else if (letter === "\b") {
      if (end > this.#behind && this.#text[end - this.#behind - 1] !== "\n") this.#behind += 1;
    } else if (letter === "\t" || letter >= " ") {
      const at = end - this.#behind;
      this.#text = this.#text.slice(0, at) + letter + this.#text.slice(at + 1);
      if (this.#behind > 0) this.#behind -= 1;
    }
  }
}
