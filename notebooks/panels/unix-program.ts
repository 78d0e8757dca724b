/**
 * A program on the Unix, small or the reader's own, and every system call that it makes: how it went, what
 * it cost, where its cycles were spent.
 */
import { html } from "../lab/markup.ts";
import type { TracedCall, TracedProgram, TracedSpan } from "../../host/worker/client.ts";
import { laneChart } from "../draw/lanes.ts";
import { CONFIGURATIONS } from "../draw/legend.ts";
import { type Control, choice, menu } from "../lab/controls.ts";
import { type Data, dataTable, figure } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import type { State } from "../lab/state.ts";
import { ProgramFile } from "./program-file.ts";

const OWN = ["sh", "hello", "echo", "cat"];
const INPUT = "echo hello from the shell\ncat\nthis line is cat’s\n";
const PLACES = ["program", "emulator", "kernel", "server", "waiting"] as const;
const COLORS = {
  program: "--client",
  emulator: "--other",
  kernel: "--kernel",
  server: "--server",
  waiting: "--rule-2",
} as const;
/** Of a string that is listed, letters. */
const LONG = 60;
/** The reader's program is stopped then. */
const MOST_CYCLES = 400_000_000;

export function unixProgram(lab: Lab): LiveFigure<TracedProgram> {
  const { state } = lab;
  const file = new ProgramFile();
  const program = menu({ state, key: "program", label: "Program" }, [
    { value: "sh", title: "sh, a small shell" },
    { value: "hello", title: "hello, one line" },
    { value: "echo", title: "echo, its arguments" },
    { value: "cat", title: "cat, its input" },
    { value: "file", title: "a file of yours" },
  ]);
  const where = choice(
    { state, key: "config", label: "The server" },
    CONFIGURATIONS.map(({ id, title }) => ({ value: id, title })),
    "INKS_TRAP",
  );
  const words = line(state, "args", "Arguments", "");
  const input = area(state, "input", "Standard input", INPUT);
  file.element.addEventListener("input", () => {
    const menuOf = program.querySelector("select")!;
    if (menuOf.value === "file") return;
    menuOf.value = "file";
    menuOf.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return liveFigure<TracedProgram>({
    name: "calls",
    label: "A program’s system calls",
    controls: [program, where, words, input, file.element],
    height: 640,
    run: async (watch) => {
      const own = OWN.includes(program.value);
      if (!own) file.check();
      return lab.simulator.traceProgram(
        {
          ...(own ? { name: program.value } : { name: file.name, bytes: file.bytes! }),
          arguments: words.value.split(/\s+/).filter((word) => word !== ""),
          input: input.value,
          configuration: where.value,
          maxCycles: MOST_CYCLES,
        },
        watch,
      );
    },
    draw,
    data,
    json: (result) => result,
    command: ({ command }) => command,
    caption: captionOf,
  });
}

function draw(result: TracedProgram, width: number): (() => HTMLElement)[] {
  return [
    () =>
      html`<pre class="console" tabindex="0" role="region" aria-label="What the program wrote">
${result.output || "(nothing written)"}</pre>`,
    () => html`<p class="note">${endingText(result)}</p>`,
    () => lanes(result, width),
    () => totalsTable(result),
    () =>
      html`<div class="calls">${dataTable(shown(result), "System calls, one after another")}</div>`,
  ];
}

function lanes(result: TracedProgram, width: number): HTMLElement {
  const end = result.programCycles;
  const stays = joined(result, end, end / width);
  const spans = stays.map(({ place, start, end: last, cycles, count, call }) => ({
    ...{ lane: PLACES.indexOf(place), start, end: last, color: COLORS[place] },
    lines: [
      `${place}, ${figure(cycles)} cycles${count > 1 ? ` in ${count} stretches` : ""}`,
      `from cycle ${figure(start)}`,
      ...(call ? [`${call.name}, by ${call.mechanism}`] : []),
    ],
  }));
  const title = CONFIGURATIONS.find(({ id }) => id === result.configuration)!.title;
  return laneChart([{ title, lanes: PLACES, spans, end }], {
    width,
    label: `Who ran when, while the program made ${result.calls.length} calls in ${figure(end)} cycles.`,
    keys: PLACES.map((place) => ({ title: place, color: COLORS[place] })),
  }).element;
}

interface Stay {
  readonly place: TracedSpan["place"];
  readonly start: number;
  end: number;
  cycles: number;
  count: number;
  /** The first one's. */
  readonly call: TracedCall | undefined;
}

/** Stretches of one place, those that no pixel (`near` cycles) keeps apart as one. */
function joined({ spans, calls }: TracedProgram, most: number, near: number): Stay[] {
  const stays: Stay[] = [];
  const latest = new Map<TracedSpan["place"], Stay>();
  for (const { place, start, end, call } of spans) {
    if (start >= most) break;
    const until = Math.min(end, most);
    const before = latest.get(place);
    if (before && start - before.end < near) {
      before.end = until;
      before.cycles += until - start;
      before.count += 1;
      continue;
    }
    const stay = { place, start, end: until, cycles: until - start, count: 1, call: calls[call] };
    latest.set(place, stay);
    stays.push(stay);
  }
  return stays;
}

/** Sums by mechanism, as the paper counts them. */
function totalsTable({ totals, systemCalls }: TracedProgram): HTMLElement {
  const { exceptions } = systemCalls;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Calls by mechanism">
    <table class="figures">
      <caption>
        Calls by the way they went, waiting left
        out.${exceptions ? ` The server was told of ${exceptions} exceptions besides.` : ""}
      </caption>
      <thead>
        <tr>
          ${["Way", "Calls", "Cycles each", "Crossings each"].map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${totals.map(
          ({ mechanism, calls, cycles, crossings }) =>
            html`<tr>
              <th scope="row">${WAYS[mechanism]}</th>
              <td>${calls}</td>
              <td><b>${figure(Math.round(cycles / calls))}</b></td>
              <td>${figure(crossings / calls)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const WAYS: Readonly<Record<TracedCall["mechanism"], string>> = {
  kernel: "the kernel alone",
  emulator: "the emulator alone",
  "routine trap": "trap, by a stub of KMIG’s",
  "generic trap": "trap, by the generic stub",
  "routine message": "message, by a stub of KMIG’s",
  "generic message": "message, by the generic stub",
};

/** The listing that is on the page: few columns. */
function shown({ calls, clockMHz }: TracedProgram): Data {
  return {
    columns: ["call", "process", "result", "way", "cycles", "µs", "crossings"],
    rows: calls.map((call) => {
      const cycles = busy(call);
      return [spoken(call), call.pid, answer(call), call.mechanism, cycles, cycles / clockMHz, call.crossings]; // prettier-ignore
    }),
  };
}

function data({ calls, clockMHz }: TracedProgram): Data {
  const places = PLACES.map((place) => `${place} cycles`);
  return {
    columns: ["start", "end", "process", "call", "arguments", "strings", "result", "mechanism", "crossings", "cycles", "microseconds", ...places],
    rows: calls.map((call) => [call.start, call.end, call.pid, call.name, call.arguments.map(word).join(" "), call.strings.map(({ text }) => quoted(text)).join(" "), answer(call), call.mechanism, call.crossings, busy(call), busy(call) / clockMHz, ...PLACES.map((place) => call.cycles[place])]),
  }; // prettier-ignore
}

const busy = ({ cycles }: TracedCall) => PLACES.reduce((sum, place) => sum + (place === "waiting" ? 0 : cycles[place]), 0); // prettier-ignore
/** The call as C has it: a path where its address stood, other strings that were read behind it. */
function spoken({ name, arguments: words, strings }: TracedCall): string {
  const at = new Map(strings.map(({ address, text }) => [address, quoted(text)]));
  const named = words.map((value) => at.get(value) ?? word(value));
  const others = strings.filter(({ address }) => !words.includes(address)).map(({ text }) => text);
  return `${name}(${named.join(", ")})${others.length > 0 ? ` ${others.map(quoted).join(" ")}` : ""}`;
}

function quoted(text: string): string {
  return `“${text.length > LONG ? `${text.slice(0, LONG)}…` : text}”`;
}

/** Small numbers as they are, addresses in hexadecimal. */
const word = (value: number) => (value < 0x10000 ? String(value) : `0x${value.toString(16)}`);
const answer = ({ errno, result, returned }: TracedCall) => errno ?? (result === null ? (returned ? "" : "no return") : word(result >>> 0)); // prettier-ignore

function endingText({ ending, programCycles, clockMHz }: TracedProgram): string {
  const time = `${figure(programCycles)} cycles, ${figure(programCycles / clockMHz)} µs at ${clockMHz} MHz.`;
  switch (ending.kind) {
    case "ended":
      return ending.status.kind === "exited"
        ? `Exit status ${ending.status.code}, after ${time}`
        : `Ended by a signal, after ${time}`;
    case "refused":
      return `The Unix would not execute it: ${ending.errno}.`;
    case "deadlock":
      return `It waits for what will never come. Until then ${time}`;
    default:
      return `Stopped at the limit of ${figure(MOST_CYCLES)} cycles. Until then ${time}`;
  }
}

function captionOf({ calls, truncated, command }: TracedProgram): string {
  const file = command.includes("--own") ? "" : " The command wants the file in the folder where it is given."; // prettier-ignore
  const rest = truncated ? " The program made more; its first calls are listed." : "";
  return `${calls.length} calls. A crossing is a way from user mode into the kernel or back: to the emulator and home again are two.${rest}${file}`;
}

/** A line of text in the page's state. */
function line(state: State, key: string, label: string, initial: string): Control<string> {
  const input = html`<input type="text" spellcheck="false" autocomplete="off" />` as HTMLInputElement; // prettier-ignore
  return text(state, key, label, initial, input);
}

function area(state: State, key: string, label: string, initial: string): Control<string> {
  const input = html`<textarea rows="4" spellcheck="false"></textarea>` as HTMLTextAreaElement;
  return text(state, key, label, initial, input);
}

/** Taken when it is left, or by Enter: not with every letter. */
function text(
  state: State,
  key: string,
  label: string,
  initial: string,
  input: HTMLInputElement | HTMLTextAreaElement,
): Control<string> {
  const control = html`<label class="menu words"><span>${label}</span>${input}</label>` as Control<string>; // prettier-ignore
  control.value = input.value = state.read(key) ?? initial;
  input.addEventListener("input", (event) => event.stopPropagation());
  input.addEventListener("change", () => {
    control.value = input.value;
    state.write(key, input.value === initial ? undefined : input.value);
    control.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return control;
}
