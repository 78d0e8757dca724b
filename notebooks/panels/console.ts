/**
 * The console of the simulated Unix: a shell that is typed to while it runs, with what it writes as it is
 * written. On the screen each key goes to the machine at once; the field below it sends lines, until a
 * program takes its terminal raw. The session is in the page's address, as far as that holds it, and in a
 * file, from which it goes on here or at the command line.
 */
import { html } from "../lab/markup.ts";
import type { LiveSession, SessionNews, SessionStart } from "../../host/worker/client.ts";
import { CONFIGURATIONS } from "../draw/legend.ts";
import { choice } from "../lab/controls.ts";
import { figure } from "../lab/data.ts";
import { explain } from "../lab/figure.ts";
import { controlKey, keyText } from "../lab/keys.ts";
import { type Lab, unsupported } from "../lab/lab.ts";
import { plainText, Screen } from "../lab/screen.ts";
import { takeAlong } from "../lab/take.ts";
import { ProgramFile } from "./program-file.ts";

const SAVED = "inkwell-session.json";
const [INTERRUPT, END] = ["\x03", "\x04"];
/** Keys that a screen without a keyboard lacks. */
const BUTTONS = [
  ["Ctrl-C", INTERRUPT],
  ["Ctrl-D", END],
  ["Ctrl-Z", "\x1a"],
  ["Esc", "\x1b"],
  ["Tab", "\t"],
  ["↑", "\x1b[A"],
  ["↓", "\x1b[B"],
] as const;
/** Keys that the field has by Ctrl while it sends lines: interrupt, quit, stop. */
const SIGNALS = "\x03\x1a\x1c";
/** Letters that a session may take of the address. */
const LINK = 6000;
/** Milliseconds without a key, until the address is written. */
const PAUSE = 400;
/** Pieces of output that a screen reader may still have to read. */
const SPOKEN = 20;
const LINES = "The screen takes single keys, the field below it lines. Tab leaves both.";
const RAW =
  "The program takes every key as it comes, on the screen and in the field. Tab leaves both; Ctrl-I is the program’s.";
const STATES: Readonly<Record<SessionNews["state"], string>> = {
  running: "Running.",
  waiting: "It waits.",
  resuming: "Typing again what was recorded…",
  ended: "The shell has ended.",
  stopped: "The kernel has stopped.",
};

export function consolePanel(lab: Lab): HTMLElement {
  const panel = new ConsolePanel(lab);
  return panel.element;
}

class ConsolePanel {
  readonly element: HTMLElement;
  readonly #lab: Lab;
  readonly #where;
  readonly #file = new ProgramFile(
    "A program of yours for its /bin: a static PA-RISC ELF",
    "A static PA-RISC program for the console’s /bin",
  );
  readonly #power = html`<button type="button" class="primary">Boot</button>` as HTMLButtonElement;
  readonly #status = html`<output role="status"></output>` as HTMLOutputElement;
  readonly #counted = html`<span class="counted"></span>`;
  readonly #alert = html`<p role="alert"></p>`;
  readonly #shown = html`<pre class="console screen" tabindex="0" role="log" aria-live="off" aria-label="The console"></pre>`; // prettier-ignore
  /** What is written, piece by piece, for who listens. */
  readonly #spoken = html`<div class="unseen" aria-live="polite"></div>`;
  readonly #hint = html`<p class="hint" role="status">${LINES}</p>`;
  readonly #note = html`<small class="notice" role="status"></small>`;
  readonly #line = html`<input type="text" spellcheck="false" autocapitalize="off" autocomplete="off" enterkeyhint="send" />` as HTMLInputElement; // prettier-ignore
  readonly #below = html`<div class="below"></div>`;
  readonly #screen = new Screen();
  #live: LiveSession | undefined;
  /** Whether it still runs: one that has ended can be saved yet. */
  #runs = false;
  #raw = false;
  #painting = false;
  #unspoken = "";
  #due: ReturnType<typeof setTimeout> | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
    const where = choice(
      { state: lab.state, key: "console", label: "The server" },
      CONFIGURATIONS.map(({ id, title }) => ({ value: id, title })),
      "INKS_TRAP",
    );
    this.#where = where;
    const key = (title: string, text: string): HTMLElement => {
      const button = html`<button type="button">${title}</button>` as HTMLButtonElement;
      button.addEventListener("click", () => this.#type(text));
      return button;
    };
    const typing = html`<form class="typing">
      <label class="words"><span>Type</span>${this.#line}</label>
      <button>Enter</button>${BUTTONS.map(([title, text]) => key(title, text))}
    </form>` as HTMLFormElement;
    this.element = html`<figure class="live" aria-label="The console of the Unix">
      <div class="controls">${where}${this.#file.element}</div>
      <div class="run">${this.#power}${this.#status}${this.#counted}${this.#alert}</div>
      ${this.#shown}${this.#spoken}${this.#hint}${typing}${this.#note}${this.#below}
    </figure>`;
    // A session is no result that the page could follow.
    this.element.addEventListener("input", (event) => event.stopPropagation());
    for (const control of [where, this.#file.element])
      control.addEventListener("input", () => {
        if (this.#runs || control !== where) this.#boot();
      });
    this.#power.addEventListener("click", () => {
      if (!this.#runs) return this.#boot();
      this.#off();
      this.#offer();
    });
    typing.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter(this.#raw ? "\r" : "\n");
    });
    this.#line.addEventListener("keydown", (event) => this.#keyOfField(event));
    const flush = (): void => {
      if (this.#raw) this.#enter("");
    };
    this.#line.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) flush();
    });
    this.#line.addEventListener("compositionend", flush);
    this.#shown.addEventListener("keydown", (event) => this.#keyOfScreen(event));
    for (const each of [this.#line, this.#shown])
      each.addEventListener("paste", (event) => this.#paste(event));
    this.#offer();
    void this.#restore();
  }

  /** The line so far, with what ends it. */
  #enter(end: string): void {
    const text = this.#line.value + end;
    this.#line.value = "";
    if (text !== "") this.#type(text);
  }

  #keyOfField(event: KeyboardEvent): void {
    // With something selected it is the browser's, and copies.
    if (event.key === "c" && this.#line.selectionStart !== this.#line.selectionEnd) return;
    if (this.#raw) {
      const text = keyText(event);
      // Letters come as what is in the field: so they do from keyboards on a screen, too.
      if (text === undefined || (event.key.length === 1 && !event.ctrlKey)) return;
      this.#type(text);
    } else {
      const text = controlKey(event);
      if (text === END) this.#enter(END);
      else if (text !== undefined && SIGNALS.includes(text)) {
        this.#line.value = "";
        this.#type(text);
      } else return;
    }
    event.preventDefault();
  }

  #keyOfScreen(event: KeyboardEvent): void {
    const text = keyText(event);
    if (!this.#runs || text === undefined) return;
    if (text === INTERRUPT && !getSelection()?.isCollapsed) return;
    // Arrows scroll where no program waits for them.
    if (!this.#raw && text.startsWith("\x1b")) return;
    event.preventDefault();
    this.#type(text);
  }

  /** Lines go to the machine as they are; what is behind the last stays in the field. */
  #paste(event: ClipboardEvent): void {
    const text = (event.clipboardData?.getData("text/plain") ?? "").replaceAll(/\r\n?/g, "\n");
    if (this.#raw || event.currentTarget === this.#shown) {
      if (this.#runs) this.#type(this.#raw ? text.replaceAll("\n", "\r") : text);
    } else {
      const end = text.lastIndexOf("\n") + 1;
      if (end === 0) return;
      const { value, selectionStart, selectionEnd } = this.#line;
      this.#type(value.slice(0, selectionStart ?? value.length) + text.slice(0, end));
      this.#line.value = text.slice(end) + value.slice(selectionEnd ?? value.length);
    }
    event.preventDefault();
  }

  #type(text: string): void {
    if (!this.#runs) this.#boot();
    // Should the worker be gone, the session says so itself.
    this.#live?.type(text).catch(() => {});
    this.#remember();
  }

  /** The session that the address has. */
  async #restore(): Promise<void> {
    const text = await this.#lab.state.readText("session");
    if (text === undefined || this.#live) return;
    if (text === null)
      this.#note.textContent = "The link lost a part of its session; Boot begins a new one."; // prettier-ignore
    else this.#start({ resumes: { file: "the link", text } });
  }

  /** Puts the session into the address, once nobody has typed for a moment. */
  #remember(): void {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => void this.#keep().catch(() => {}), PAUSE);
  }

  async #keep(): Promise<void> {
    const live = this.#live;
    const text = await live?.record();
    if (text === undefined || this.#live !== live) return;
    const { programs, typed } = JSON.parse(text) as Record<"programs" | "typed", readonly object[]>;
    // Until something is typed, the address says it all.
    if (typed.length === 0) return;
    const isWhole = programs.length === 0;
    const kept = await this.#lab.state.writeText("session", isWhole ? text : undefined, LINK);
    this.#note.textContent = !isWhole
      ? "A link to this page does not hold your program: save the session to go on with it."
      : kept
        ? ""
        : "More was typed than a link to this page can hold: save the session to go on with it.";
  }

  #boot(): void {
    const { name, bytes } = this.#file;
    const configuration = this.#where.value;
    this.#start({ configuration, ...(bytes && { programs: [{ name, bytes }] }) });
  }

  #start(start: SessionStart): void {
    this.#off();
    this.#alert.textContent = "";
    this.#note.textContent = "";
    this.#screen.clear();
    this.#paint();
    const problem = unsupported();
    if (problem !== undefined) {
      this.#alert.textContent = problem;
      return;
    }
    this.#runs = true;
    this.#power.textContent = "Power off";
    this.#status.value = "Booting…";
    const live = this.#lab.simulator.startSession(start, (news) => this.#live === live && this.#hear(news)); // prettier-ignore
    this.#live = live;
    const stop = (): void => {
      if (this.#live !== live) return;
      this.#runs = false;
      this.#power.textContent = "Boot again";
    };
    live.ended.then(stop, (error: Error) => {
      if (this.#live !== live) return;
      stop();
      this.#live = undefined;
      this.#status.value = "";
      this.#counted.textContent = "";
      this.#offer();
      this.#alert.textContent = explain(error);
    });
    this.#offer();
  }

  #off(): void {
    this.#live?.close().catch(() => {});
    this.#live = undefined;
    this.#runs = false;
    this.#power.textContent = "Boot again";
    this.#status.value = "Off.";
    clearTimeout(this.#due);
    void this.#lab.state.writeText("session", undefined);
    this.#takes(false);
  }

  #takes(raw: boolean): void {
    if (raw === this.#raw) return;
    this.#raw = raw;
    this.#hint.textContent = raw ? RAW : LINES;
  }

  #hear(news: SessionNews): void {
    const { output, state, report, cycles, instructions, configuration, terminal } = news;
    // Questions to the terminal that were written before a session was saved have their answers.
    this.#screen.onReply = state === "resuming" ? () => {} : (text) => this.#type(text);
    this.#screen.write(output);
    this.#unspoken += output;
    this.#takes(terminal.raw);
    if (this.#status.value !== STATES[state]) {
      this.#status.value = STATES[state];
      if (state !== "running" && state !== "resuming") this.#remember();
    }
    const ran = instructions > 0 ? `, ${figure(instructions)} instructions` : "";
    this.#counted.textContent = `${figure(cycles)} cycles${ran}`;
    if (report !== undefined) this.#alert.textContent = report;
    if (configuration !== this.#where.value) {
      // A session that was resumed brings its own.
      this.#where.value = configuration;
      this.#where.querySelector<HTMLInputElement>(`[value="${configuration}"]`)!.checked = true;
    }
    this.#paint();
  }

  /** Once a frame, however much is written. */
  #paint(): void {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      const { text, cursor } = this.#screen;
      const under = html`<span class="cursor">${text.slice(cursor, cursor + 1)}</span>`;
      this.#shown.replaceChildren(text.slice(0, cursor), under, text.slice(cursor + 1));
      this.#shown.scrollTop = this.#shown.scrollHeight;
      if (this.#unspoken === "") return;
      this.#spoken.append(html`<p>${plainText(this.#unspoken)}</p>`);
      this.#unspoken = "";
      while (this.#spoken.childElementCount > SPOKEN) this.#spoken.firstElementChild!.remove();
    });
  }

  /** What can be taken along, and brought back. */
  #offer(): void {
    const resume = html`<input type="file" accept=".json,application/json" />` as HTMLInputElement;
    resume.addEventListener("input", async () => {
      const file = resume.files?.[0];
      if (file) this.#start({ resumes: { file: file.name, text: await file.text() } });
    });
    const record = async (): Promise<Blob> => {
      const text = await this.#live?.record();
      if (text === undefined) throw new Error("nothing has been booted yet");
      return new Blob([text], { type: "application/json" });
    };
    const on = this.#live !== undefined;
    this.#below.replaceChildren(
      html`<figcaption>
        Nothing comes to this machine from outside but what is typed, and when. So that is what a
        saved session is: typed again, the same machine, at the same cycle, goes on. Sleeping takes
        as long as it takes; the disk’s pauses are passed over.
      </figcaption>`,
      takeAlong({
        name: "inkwell-console",
        command: on ? `inkwell boot --resume ${SAVED}` : undefined,
        data: undefined,
        json: undefined,
        picture: undefined,
        more: on
          ? [
              { label: "Session", file: SAVED, make: record },
              { label: "Text", file: "inkwell-console.txt", make: () => new Blob([this.#screen.text]) }, // prettier-ignore
            ]
          : [],
      }),
      html`<label class="resume"><span>Go on with a saved session</span>${resume}</label>`,
    );
  }
}
