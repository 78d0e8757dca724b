/**
 * Sessions on the console of the simulated Unix, inside the worker: run slice by slice beside whatever else
 * is asked, tell what is written as it is written, and take what is typed between two slices. Where the
 * simulated time would only pass (a program sleeps), it passes as fast as time does.
 */
import { nextTurn } from "#platform";
import { readRecord, recordText } from "../bench/session/record.ts";
import {
  type SessionRequest,
  type SessionState,
  type TerminalMode,
  UnixSession,
} from "../bench/session/session.ts";

/** A machine that boots, or one that goes on where it was recorded. */
export type SessionStart =
  | SessionRequest
  | { readonly resumes: { readonly file: string; readonly text: string } };

/** What a session has to tell. */
export interface SessionNews {
  /** What was written since the last news. */
  readonly output: string;
  readonly state: SessionState["kind"] | "resuming";
  /** Of the kernel, when it stopped. */
  readonly report?: string;
  readonly cycles: number;
  readonly instructions: number;
  readonly clockMHz: number;
  /** The one that it was booted in. */
  readonly configuration: string;
  readonly terminal: TerminalMode;
}

/** Cycles between two looks at what was typed: some ten milliseconds of the host's. */
const SLICE = 1_000_000;
/** Characters that are typed between two looks, or a longer line: a terminal loses what nobody reads. */
const PIECE = 256;
/** The longest that a timer takes, milliseconds. */
const LONGEST = 2 ** 31 - 1;

export class HostedSession {
  #session: UnixSession | undefined;
  #closed = false;
  #queue: string[] = [];
  #awake = (): void => {};

  /** Typed before the next slice; a long text piece by piece. */
  type(text: string): void {
    for (let left = text; left !== "";) {
      const end =
        left.length <= PIECE ? left.length : left.lastIndexOf("\n", PIECE - 1) + 1 || PIECE;
      this.#queue.push(left.slice(0, end));
      left = left.slice(end);
    }
    this.#awake();
  }
  close(): void {
    this.#closed = true;
    this.#awake();
  }
  /** The session so far, as a file that resumes it; `undefined` while there is none. */
  async record(): Promise<string | undefined> {
    return this.#session && recordText(await this.#session.record());
  }

  /**
   * Runs a session to its end, or until it is closed.
   * @throws DiagnosticError on a request that cannot be; Cancelled when closed while it was resumed
   */
  async run(start: SessionStart, tell: (news: SessionNews) => void): Promise<void> {
    const decoder = new TextDecoder();
    let output = "";
    const onOutput = (bytes: Uint8Array): void => {
      output += decoder.decode(bytes, { stream: true });
    };
    const session = await this.#begin(start, onOutput, tell);
    this.#session = session;
    session.onOutput = onOutput;
    const { clockMHz } = session.system.kernel.machine.config;
    const news = (state: SessionState | { readonly kind: "resuming" }): void => {
      const { cycles, counters, configuration, terminal } = session;
      const report = state.kind === "stopped" ? { report: state.report } : {};
      const { instructions } = counters;
      tell({
        ...{ output, state: state.kind, ...report },
        ...{ cycles, clockMHz, instructions, configuration, terminal },
      });
      output = "";
    };
    // What was written before it was recorded has been answered already.
    if ("resumes" in start) news({ kind: "resuming" });
    for (let said: SessionState["kind"] | undefined; !this.#closed;) {
      const typed = this.#queue.shift();
      if (typed !== undefined) session.type(typed);
      const state = session.advance(SLICE);
      if (output !== "" || state.kind !== said || state.kind === "running") news(state);
      said = state.kind;
      if (state.kind === "ended" || state.kind === "stopped") return;
      if (state.kind !== "waiting") await nextTurn();
      else if (await this.#pause(state.milliseconds)) session.passTime();
    }
  }

  async #begin(
    start: SessionStart,
    onOutput: (bytes: Uint8Array) => void,
    tell: (news: SessionNews) => void,
  ): Promise<UnixSession> {
    if (!("resumes" in start)) return UnixSession.boot(start);
    const { file, text } = start.resumes;
    const record = readRecord(file, text);
    const signal = { aborted: false };
    return UnixSession.resumed(record, {
      onOutput,
      signal,
      progress: (fraction) => {
        signal.aborted = this.#closed;
        const { configuration } = record;
        const cycles = Math.round(fraction * record.cycle);
        tell({
          output: "",
          state: "resuming",
          cycles,
          instructions: 0,
          clockMHz: 0,
          configuration,
          terminal: { raw: false, echo: true },
        });
      },
    });
  }

  /** Until somebody types or closes, or the time is over; whether that was it. */
  #pause(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const over = setTimeout(() => done(true), Math.min(milliseconds, LONGEST));
      const done = (passed: boolean): void => {
        clearTimeout(over);
        this.#awake = () => {};
        resolve(passed && milliseconds <= LONGEST);
      };
      this.#awake = () => done(false);
      if (this.#queue.length > 0 || this.#closed) done(false);
    });
  }
}
