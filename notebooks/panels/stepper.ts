/**
 * A program that has run, gone through instruction by instruction, forwards and back: registers, memory,
 * output, the listing, and the cycles that the next instruction will take, by cause.
 */
import { html } from "../lab/markup.ts";
import type { AssemblyRequest, AssemblyRun, MachineState } from "../../host/worker/client.ts";
import { figure } from "../lab/data.ts";
import type { Lab } from "../lab/lab.ts";
import { causeTitle } from "./flame.ts";

const ALIASES: Readonly<Record<number, string>> = {
  2: "rp", 23: "arg3", 24: "arg2", 25: "arg1", 26: "arg0", 27: "dp", 28: "ret0", 30: "sp",
}; // prettier-ignore

const hex = (value: number, digits = 8) => value.toString(16).padStart(digits, "0");

export interface StepperOptions {
  readonly lab: Lab;
  readonly request: AssemblyRequest;
  readonly run: AssemblyRun;
  /** Told of the source line that is next. */
  readonly at: (line: number | undefined) => void;
}

export class Stepper {
  readonly element: HTMLElement;
  readonly #options: StepperOptions;
  /** Indices into the trace of the program's own instructions. */
  readonly #steps: readonly number[];
  readonly #range: HTMLInputElement;
  readonly #where = html`<output role="status"></output>` as HTMLOutputElement;
  readonly #next = html`<p class="next"></p>`;
  readonly #registers = html`<div class="registers" role="group" aria-label="Registers"></div>`;
  readonly #memory = html`<div class="memory" role="group" aria-label="Memory"></div>`;
  readonly #output = html`<pre class="output" tabindex="0" aria-label="Output"></pre>`;
  readonly #rows = new Map<number, HTMLElement>();
  #index = 0;
  #shown: MachineState | undefined;
  #busy = false;

  constructor(options: StepperOptions) {
    this.#options = options;
    const { run, lab } = options;
    const { own, address } = run.trace;
    this.#steps = Array.from(address.keys()).filter((i) => own[i] === 1);
    const last = this.#steps.length;
    const asked = Number(lab.state.read("at") ?? 0);
    this.#index = Number.isInteger(asked) ? Math.min(Math.max(asked, 0), last) : 0;
    this.#range = html`<input type="range" min="0" max=${last} step="1" value=${this.#index} aria-label="Instruction" />` as HTMLInputElement; // prettier-ignore
    this.#range.addEventListener("input", (event) => {
      event.stopPropagation();
      this.#go(this.#range.valueAsNumber);
    });
    const button = (text: string, name: string, to: () => number): HTMLElement => {
      const element = html`<button type="button" title=${name}>
        ${text}
      </button>` as HTMLButtonElement;
      // An arrow alone is no name.
      if (!/\w/.test(text)) element.setAttribute("aria-label", name);
      element.addEventListener("click", () => this.#go(to()));
      return element;
    };
    this.element = html`<div class="stepper">
      <div class="transport" role="group" aria-label="Step">
        ${button("⇤", "To the beginning", () => 0)}${button("← Back", "One instruction back", () => this.#index - 1)}${button("Step →", "One instruction on", () => this.#index + 1)}${button("⇥", "To the end", () => last)}
        ${this.#range}${this.#where}
      </div>
      ${this.#next}
      <div class="panes">
        <div class="scroll listing" tabindex="0" role="region" aria-label="Listing">
          ${this.#listing()}
        </div>
        <div>${this.#registers}${this.#memory}${this.#output}</div>
      </div>
    </div>`;
    this.#go(this.#index, true);
  }

  #listing(): HTMLElement {
    const { run } = this.#options;
    const row = (each: AssemblyRun["listing"][number]) => {
      const line = html`<tr class=${each.times ? "" : "never"}>
        <th scope="row">${hex(each.address, 5)}</th>
        <td>
          ${each.label === undefined ? "" : html`<b>${each.label}:</b> `}${each.text.replace("\t", " ")}
        </td>
        <td class="number">${each.times ? figure(each.times) : "–"}</td>
        <td class="number">${each.times ? figure(each.cycles) : "–"}</td>
      </tr>`;
      line.addEventListener("click", () => this.#toAddress(each.address));
      this.#rows.set(each.address, line);
      return line;
    };
    return html`<table class="data">
      <thead>
        <tr>
          <th scope="col">address</th>
          <th scope="col">instruction</th>
          <th scope="col">ran</th>
          <th scope="col">cycles</th>
        </tr>
      </thead>
      <tbody>
        ${run.listing.map(row)}
      </tbody>
    </table>`;
  }

  /** To the next time that an instruction runs, or else its first. */
  #toAddress(address: number): void {
    const { trace } = this.#options.run;
    const times = this.#steps.flatMap((i, step) => (trace.address[i] === address ? [step] : []));
    const to = times.find((step) => step > this.#index) ?? times[0];
    if (to !== undefined) this.#go(to);
  }

  #go(index: number, force = false): void {
    const to = Math.min(Math.max(index, 0), this.#steps.length);
    if (to === this.#index && !force) return;
    this.#index = to;
    this.#range.value = String(to);
    this.#options.lab.state.write("at", to === 0 ? undefined : String(to));
    if (!this.#busy) void this.#refresh();
  }

  /** Shows the state at the chosen instruction; when another was chosen meanwhile, that one. */
  async #refresh(): Promise<void> {
    this.#busy = true;
    try {
      for (let shown = -1; shown !== this.#index;) {
        shown = this.#index;
        const { lab, request, run } = this.#options;
        const step = this.#steps[shown];
        const cycle = step === undefined ? run.cycles : run.trace.cycle[step]!;
        this.#show(await lab.simulator.assemblyState(request, cycle), shown);
      }
    } catch (error) {
      this.#where.value = `The machine did not answer: ${(error as Error).message}`;
    } finally {
      this.#busy = false;
    }
  }

  #show(state: MachineState, index: number): void {
    const { run, at } = this.#options;
    const end = index >= this.#steps.length;
    this.#where.value = `${figure(index)} of ${figure(this.#steps.length)} instructions, cycle ${figure(state.cycle)}`;
    const here = run.listing.find(({ address }) => address === state.address);
    for (const row of this.#rows.values()) row.classList.remove("now");
    const row = end ? undefined : this.#rows.get(state.address);
    row?.classList.add("now");
    scrollWithin(row);
    at(end ? undefined : here?.line);
    const parts = state.cost.map(({ cause, cycles }) => `${cycles} ${cause === "instructions" ? "for itself" : causeTitle(cause).toLowerCase()}`); // prettier-ignore
    const total = state.cost.reduce((sum, { cycles }) => sum + cycles, 0);
    this.#next.replaceChildren(
      end
        ? html`<span>The program has ended: ${endingOf(run)}.</span>`
        : html`<span
            >Next: <code>${here?.text.replace("\t", " ") ?? ""}</code>, ${total}
            cycle${total === 1 ? "" : "s"}: ${parts.join(", ")}.</span
          >`,
    );
    const before = this.#shown;
    this.#registers.replaceChildren(
      ...state.registers.map((value, number) => {
        const changed = before !== undefined && before.registers[number] !== value;
        const name = ALIASES[number];
        return html`<span class=${changed ? "changed" : ""}
          ><i>r${number}${name ? ` ${name}` : ""}</i> ${hex(value)}</span
        >`;
      }),
    );
    this.#memory.replaceChildren(...state.memory.map((part) => memoryPart(part, before)));
    this.#output.textContent = state.output || "(no output yet)";
    this.#shown = state;
  }
}

function scrollWithin(row: HTMLElement | undefined): void {
  const box = row?.closest<HTMLElement>(".scroll");
  if (!row || !box) return;
  const top = row.offsetTop - box.clientHeight / 2;
  if (row.offsetTop < box.scrollTop + 24 || row.offsetTop > box.scrollTop + box.clientHeight - 40)
    box.scrollTop = top;
}

export function endingOf({ ending }: AssemblyRun): string {
  return ending.kind === "exit" ? `exit status ${ending.status}` : ending.message;
}

function memoryPart(
  { title, address, bytes }: MachineState["memory"][number],
  before: MachineState | undefined,
): HTMLElement {
  const old = before?.memory.find((part) => part.title === title && part.address === address);
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const words = Array.from({ length: 4 }, (_, i) => {
      const at = 16 * row + 4 * i;
      if (at >= bytes.length) return "";
      const word = Array.from(bytes.subarray(at, at + 4), (byte) => hex(byte, 2)).join("");
      const changed = old && [0, 1, 2, 3].some((j) => old.bytes[at + j] !== bytes[at + j]);
      return html`<span class=${changed ? "changed" : ""}>${word}</span>`;
    });
    return html`<div><i>${hex(address + 16 * row, 5)}</i> ${words}</div>`;
  });
  return html`<details open=${title !== "stack"}>
    <summary>${title}</summary>
    ${rows.slice(0, 16)}
  </details>`;
}
