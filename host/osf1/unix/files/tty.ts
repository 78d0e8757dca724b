/**
 * A terminal: a line to somebody, the discipline between (line-editor.ts), the session that it
 * controls and its foreground group. Who is not in the foreground and reads, or writes with TOSTOP,
 * gets SIGTTIN or SIGTTOU.
 */
import { UnixError } from "../../errno.ts";
import { type Blocking, charge } from "../../ufs/device.ts";
import type { Terminal } from "../call.ts";
import { NANOSECONDS, SIGNAL, signalBit } from "../constants.ts";
import type { Process, ProcessGroup, Session } from "../process.ts";
import { interruptibleSleep } from "../signals/interrupt.ts";
import { isIgnored, postToGroup } from "../signals/post.ts";
import { isOrphaned } from "../signals/stop.ts";
import type { Unix } from "../unix.ts";
import { LineEditor } from "./line-editor.ts";
import type { Readiness } from "./open-file.ts";
import { LOCAL, OUTPUT, SANE, type Termios, type WindowSize } from "./termios.ts";
import type { Uio } from "./uio.ts";

/** Bytes that cross to the line at once. */
const PIECE = 512;

export class Tty {
  readonly #unix: Unix;
  readonly #line: Terminal;
  readonly #editor = new LineEditor();
  /** Sleepers: for input, for output. */
  readonly #input = {};
  readonly #output = { busy: false, stopped: false };
  /** Nobody is at the other end any more. */
  #ended = false;
  termios: Termios = SANE;
  windowSize: WindowSize = { rows: 24, columns: 80, width: 0, height: 0 };
  session: Session | undefined;
  foreground: ProcessGroup | undefined;

  constructor(unix: Unix, line: Terminal) {
    this.#unix = unix;
    this.#line = line;
  }

  get #canonical(): boolean {
    return (this.termios.local & LOCAL.ICANON) !== 0;
  }

  /** The work of the thread that listens to the line; it has no end, even if the line has. */
  *run(): Blocking<never> {
    try {
      yield* this.#listen();
    } catch (error) {
      // A line that fails has ended.
      if (!(error instanceof UnixError)) throw error;
    }
    this.#ended = true;
    this.#inputChanged();
    for (;;) yield* this.#unix.system.sleep(this);
  }

  *#listen(): Blocking<void> {
    const bytes = new Uint8Array(PIECE);
    for (;;) {
      const count = yield* this.#line.read(bytes);
      if (count === 0) return;
      yield* this.#accept(bytes.subarray(0, count));
    }
  }

  #inputChanged(): void {
    this.#unix.system.wakeup(this.#input);
    this.#unix.readinessChanged();
  }

  *#accept(bytes: Uint8Array): Blocking<void> {
    yield* charge(this.#unix.system, "terminal-character", bytes.length);
    for (const byte of bytes) {
      const { echo, signal, flow } = this.#editor.accept(byte, this.termios);
      if (flow !== undefined) {
        this.#output.stopped = flow === "stop";
        this.#unix.system.wakeup(this.#output);
      }
      if (echo.length > 0) yield* this.#send(Uint8Array.from(echo));
      if (signal !== undefined) yield* this.#signal(signal);
    }
    this.#inputChanged();
  }

  /** Signals the foreground. */
  *#signal(signal: number): Blocking<void> {
    if (this.foreground !== undefined)
      yield* postToGroup(this.#unix, this.foreground, { signal, code: "SI_KERNEL" });
  }

  /** Output, processed, to the line. */
  *#send(bytes: Uint8Array): Blocking<void> {
    const { output } = this.termios;
    const both = OUTPUT.OPOST | OUTPUT.ONLCR;
    if ((output & both) !== both || !bytes.includes(10)) return yield* this.#line.write(bytes);
    yield* this.#line.write(
      Uint8Array.from([...bytes].flatMap((byte) => (byte === 10 ? [13, 10] : [byte]))),
    );
  }

  /**
   * Keeps who is in the background from the terminal.
   * @throws UnixError EIO when it cannot be stopped; Interrupted
   */
  *#checkForeground(process: Process, signal: number): Blocking<void> {
    while (this.session === process.session && this.foreground !== process.group) {
      const { mask } = process.signals;
      const deaf = (mask & signalBit(signal)) !== 0n || isIgnored(process, signal);
      if (deaf && signal === SIGNAL.SIGTTOU) return;
      if (deaf || isOrphaned(process)) throw new UnixError("EIO");
      yield* postToGroup(this.#unix, process.group, { signal, code: "SI_KERNEL" });
      // Stops here, and looks again when it goes on.
      yield* interruptibleSleep(this.#unix, process, this.#input, {
        until: this.#unix.system.uptime(),
      });
    }
  }

  /** Before a change of the terminal by a process in the background. @throws UnixError EIO; Interrupted */
  checkChange(process: Process): Blocking<void> {
    return this.#checkForeground(process, SIGNAL.SIGTTOU);
  }

  *read(uio: Uio, nonblocking: boolean): Blocking<number> {
    const { process } = uio.call;
    yield* this.#checkForeground(process, SIGNAL.SIGTTIN);
    if (uio.remaining === 0) return 0;
    if (!(yield* this.#awaitInput(process, uio.remaining, nonblocking))) return 0;
    const bytes = this.#editor.take(uio.remaining, this.#canonical);
    yield* uio.call.charge("terminal-character", bytes.length);
    yield* uio.move(bytes);
    return bytes.length;
  }

  /** Waits for input as VMIN and VTIME, or lines, ask. False at the end of the line. */
  *#awaitInput(process: Process, most: number, nonblocking: boolean): Blocking<boolean> {
    const { VMIN, VTIME } = this.termios.characters;
    const { system } = this.#unix;
    const interval = (VTIME * NANOSECONDS) / 10;
    let until = VTIME > 0 && VMIN === 0 ? system.uptime() + interval : undefined;
    for (let before = 0; ;) {
      const canonical = this.#canonical;
      const there = this.#editor.available(canonical);
      if (canonical ? this.#editor.readable : there >= Math.min(VMIN, most)) {
        if (canonical || VMIN > 0 || there > 0 || VTIME === 0) return true;
      }
      if (this.#ended) return there > 0;
      if (nonblocking) {
        if (there > 0 && !canonical) return true;
        throw new UnixError("EAGAIN");
      }
      // Between characters the clock runs anew.
      if (!canonical && VMIN > 0 && VTIME > 0 && there > before) until = system.uptime() + interval;
      before = there;
      const bound = !canonical && until !== undefined ? { until } : {};
      if (!(yield* interruptibleSleep(this.#unix, process, this.#input, bound)))
        return this.#editor.available(canonical) > 0;
    }
  }

  *write(uio: Uio): Blocking<number> {
    const { process } = uio.call;
    if ((this.termios.local & LOCAL.TOSTOP) !== 0)
      yield* this.#checkForeground(process, SIGNAL.SIGTTOU);
    const before = uio.done;
    const bytes = new Uint8Array(Math.min(PIECE, uio.remaining));
    try {
      while (this.#output.busy || this.#output.stopped)
        yield* interruptibleSleep(this.#unix, process, this.#output);
      this.#output.busy = true;
      try {
        while (uio.remaining > 0) {
          const piece = bytes.subarray(0, Math.min(PIECE, uio.remaining));
          yield* uio.call.charge("terminal-character", piece.length);
          yield* uio.move(piece);
          yield* this.#send(piece);
        }
      } finally {
        this.#output.busy = false;
        this.#unix.system.wakeup(this.#output);
      }
    } catch (error) {
      if (uio.done === before || !(error instanceof UnixError)) throw error;
    }
    return uio.done - before;
  }

  ready(): Readiness {
    const there = this.#editor.readable;
    return { readable: there || this.#ended, writable: true, hangup: this.#ended, error: false };
  }

  get available(): number {
    return this.#editor.available(this.#canonical);
  }

  setTermios(termios: Termios, flushInput: boolean): void {
    const wasCanonical = this.#canonical;
    this.termios = termios;
    if (flushInput) this.#editor.flush();
    if (wasCanonical && !this.#canonical) this.#editor.finishLine();
    this.#inputChanged();
  }

  *setWindowSize(size: WindowSize): Blocking<void> {
    const before = this.windowSize;
    this.windowSize = size;
    if (before.rows !== size.rows || before.columns !== size.columns)
      yield* this.#signal(SIGNAL.SIGWINCH);
  }

  flushInput(): void {
    this.#editor.flush();
  }

  /** Stops and starts output (tcflow). */
  setFlow(stopped: boolean): void {
    this.#output.stopped = stopped;
    this.#unix.system.wakeup(this.#output);
  }

  /** The session has no terminal any more. */
  leave(session: Session): void {
    session.tty = undefined;
    if (this.session !== session) return;
    this.session = undefined;
    this.foreground = undefined;
  }
}
