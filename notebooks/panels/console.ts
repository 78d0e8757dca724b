/**
 * The console of the simulated Unix: a shell that is typed to while it runs, with what it writes as it is
 * written. The session can be saved and goes on from its file, here or at the command line.
 */
import { html } from "htl";
import type { LiveSession, SessionNews, SessionStart } from "../../host/worker/client.ts";
import { CONFIGURATIONS } from "../draw/legend.ts";
import { choice } from "../lab/controls.ts";
import { figure } from "../lab/data.ts";
import { explain } from "../lab/figure.ts";
import { type Lab, unsupported } from "../lab/lab.ts";
import { Screen } from "../lab/screen.ts";
import { takeAlong } from "../lab/take.ts";
import { ProgramFile } from "./program-file.ts";

const SAVED = "inkwell-session.json";
const [INTERRUPT, END] = ["\x03", "\x04"];
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
  readonly #counted = html`<span class="counted"></span>` as HTMLElement;
  readonly #alert = html`<p role="alert"></p>` as HTMLElement;
  readonly #shown = html`<pre class="console screen" tabindex="0" role="log" aria-label="The console"></pre>` as HTMLElement; // prettier-ignore
  readonly #line = html`<input type="text" spellcheck="false" autocapitalize="off" autocomplete="off" enterkeyhint="send" />` as HTMLInputElement; // prettier-ignore
  readonly #below = html`<div class="below"></div>` as HTMLElement;
  readonly #screen = new Screen();
  #live: LiveSession | undefined;
  /** Whether it still runs: one that has ended can be saved yet. */
  #runs = false;
  #painting = false;

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
      <button>Enter</button>${key("Ctrl-C", INTERRUPT)}${key("Ctrl-D", END)}
    </form>` as HTMLFormElement;
    this.element = html`<figure class="live" aria-label="The console of the Unix">
      <div class="controls">${where}${this.#file.element}</div>
      <div class="run">${this.#power}${this.#status}${this.#counted}${this.#alert}</div>
      ${this.#shown}${typing}${this.#below}
    </figure>` as HTMLElement;
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
      this.#enter("\n");
    });
    this.#line.addEventListener("keydown", (event) => this.#control(event));
    this.#offer();
  }

  /** The line so far, with what ends it. */
  #enter(end: string): void {
    this.#type(this.#line.value + end);
    this.#line.value = "";
  }

  #control(event: KeyboardEvent): void {
    if (!event.ctrlKey || event.altKey || event.metaKey) return;
    // With something selected it is the browser's, and copies.
    const selected = this.#line.selectionStart !== this.#line.selectionEnd;
    if (event.key === "c" && !selected) {
      this.#line.value = "";
      this.#type(INTERRUPT);
    } else if (event.key === "d") this.#enter(END);
    else return;
    event.preventDefault();
  }

  #type(text: string): void {
    if (!this.#runs) this.#boot();
    // Should the worker be gone, the session says so itself.
    this.#live?.type(text).catch(() => {});
  }

  #boot(): void {
    const { name, bytes } = this.#file;
    const configuration = this.#where.value;
    this.#start({ configuration, ...(bytes && { programs: [{ name, bytes }] }) });
  }

  #start(start: SessionStart): void {
    this.#off();
    this.#alert.textContent = "";
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
  }

  #hear({ output, state, report, cycles, instructions, configuration }: SessionNews): void {
    this.#screen.write(output);
    if (this.#status.value !== STATES[state]) this.#status.value = STATES[state];
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
      this.#shown.textContent = this.#screen.text;
      this.#shown.scrollTop = this.#shown.scrollHeight;
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
      </figcaption>`!,
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
      html`<label class="resume"><span>Go on with a saved session</span>${resume}</label>`!,
    );
  }
}
