/**
 * The input side of the line discipline: characters in; lines (or characters, raw), echo, signals
 * out. Bytes only: who waits and who gets a signal is the terminal's business (tty.ts).
 */
import { SIGNAL } from "../constants.ts";
import { INPUT, LOCAL, type Termios } from "./termios.ts";

/** Bytes of a line at most (MAX_INPUT). */
const LINE_MOST = 255;
/** Bytes that wait to be read at most. */
const INPUT_MOST = 4096;

/** What a character did besides. */
export interface Effect {
  readonly echo: readonly number[];
  readonly signal?: number;
  /** Output is to stop, or go on. */
  readonly flow?: "stop" | "start";
}

const NEWLINE = 10;
const NOTHING: Effect = { echo: [] };

export class LineEditor {
  /** A line under way. */
  #line: number[] = [];
  /** What can be read; `undefined` ends a read without a byte (VEOF). */
  readonly #ready: (number | undefined)[] = [];
  #literal = false;

  get readable(): boolean {
    return this.#ready.length > 0;
  }
  /** Bytes that one read could take. */
  available(canonical: boolean): number {
    if (!canonical) return this.#ready.length;
    const end = this.#ready.findIndex((byte) => byte === undefined || byte === NEWLINE);
    if (end === -1) return this.#ready.length;
    return this.#ready[end] === undefined ? end : end + 1;
  }

  flush(): void {
    this.#line = [];
    this.#ready.length = 0;
  }

  /** A line that was under way is there to be read when a program turns canonical input off. */
  finishLine(): void {
    this.#ready.push(...this.#line);
    this.#line = [];
  }

  accept(typed: number, termios: Termios): Effect {
    const { input, local, characters: c } = termios;
    let byte = (input & INPUT.ISTRIP) !== 0 ? typed & 0x7f : typed;
    const is = (special: number): boolean => special !== 0 && byte === special;
    if (this.#literal) {
      this.#literal = false;
      return this.#put(byte, termios);
    }
    if ((local & LOCAL.IEXTEN) !== 0 && (local & LOCAL.ICANON) !== 0 && is(c.VLNEXT)) {
      this.#literal = true;
      return (local & LOCAL.ECHO) !== 0 ? { echo: [0x5e, 8] } : NOTHING;
    }
    if ((local & LOCAL.ISIG) !== 0) {
      const signal = is(c.VINTR)
        ? SIGNAL.SIGINT
        : is(c.VQUIT)
          ? SIGNAL.SIGQUIT
          : is(c.VSUSP)
            ? SIGNAL.SIGTSTP
            : undefined;
      if (signal !== undefined) {
        if ((local & LOCAL.NOFLSH) === 0) this.flush();
        return { echo: this.#shown(byte, termios), signal };
      }
    }
    if ((input & INPUT.IXON) !== 0) {
      if (is(c.VSTOP)) return { echo: [], flow: "stop" };
      if (is(c.VSTART)) return { echo: [], flow: "start" };
    }
    if (byte === 13) {
      if ((input & INPUT.IGNCR) !== 0) return NOTHING;
      if ((input & INPUT.ICRNL) !== 0) byte = NEWLINE;
    } else if (byte === NEWLINE && (input & INPUT.INLCR) !== 0) byte = 13;
    if ((local & LOCAL.ICANON) !== 0) return this.#edit(byte, termios);
    if (this.#ready.length >= INPUT_MOST) return NOTHING;
    this.#ready.push(byte);
    return { echo: this.#shown(byte, termios) };
  }

  #edit(byte: number, termios: Termios): Effect {
    const { local, characters: c } = termios;
    const is = (special: number): boolean => special !== 0 && byte === special;
    const extended = (local & LOCAL.IEXTEN) !== 0;
    if (is(c.VERASE)) return { echo: this.#erase(1, termios) };
    if (is(c.VKILL)) return { echo: this.#erase(this.#line.length, termios) };
    if (extended && is(c.VWERASE)) return { echo: this.#erase(this.#wordLength(), termios) };
    if (extended && is(c.VREPRINT))
      return { echo: [NEWLINE, ...this.#line.flatMap((each) => this.#shown(each, termios))] };
    if (is(c.VEOF)) {
      const had = this.#line.length > 0;
      this.finishLine();
      if (!had) this.#ready.push(undefined);
      return NOTHING;
    }
    if (byte === NEWLINE || is(c.VEOL) || is(c.VEOL2)) {
      this.#line.push(byte);
      this.finishLine();
      const echoes = (local & (LOCAL.ECHO | LOCAL.ECHONL)) !== 0;
      return { echo: echoes ? [byte] : [] };
    }
    return this.#put(byte, termios);
  }

  #put(byte: number, termios: Termios): Effect {
    if (this.#line.length >= LINE_MOST || this.#ready.length >= INPUT_MOST) return { echo: [7] };
    this.#line.push(byte);
    return { echo: this.#shown(byte, termios) };
  }

  #wordLength(): number {
    let at = this.#line.length;
    while (at > 0 && this.#line[at - 1]! <= 32) at--;
    while (at > 0 && this.#line[at - 1]! > 32) at--;
    return this.#line.length - at;
  }

  #erase(count: number, termios: Termios): number[] {
    const gone = this.#line.splice(Math.max(0, this.#line.length - count));
    if ((termios.local & LOCAL.ECHO) === 0) return [];
    return gone.flatMap((byte) => this.#shown(byte, termios).flatMap(() => [8, 32, 8]));
  }

  /** How a character is echoed: control characters as ^X. */
  #shown(byte: number, { local }: Termios): number[] {
    if ((local & LOCAL.ECHO) === 0) return [];
    const isControl = (byte < 32 && byte !== NEWLINE && byte !== 9) || byte === 127;
    return isControl && (local & LOCAL.ECHOCTL) !== 0 ? [0x5e, byte ^ 0x40] : [byte];
  }

  /**
   * Takes out what one read gets: up to the end of a line when canonical. Empty at an end of file,
   * which is used up by it.
   */
  take(most: number, canonical: boolean): Uint8Array {
    const count = Math.min(most, this.available(canonical));
    const bytes = this.#ready.splice(0, count).map((byte) => byte ?? 0);
    const atEnd = canonical && count === 0 && this.#ready[0] === undefined;
    if (atEnd) this.#ready.shift();
    return Uint8Array.from(bytes);
  }
}
