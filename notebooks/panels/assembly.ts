/** Assembly text, edited in the page, assembled and run as the command line does it, and stepped through. */
import { html } from "../lab/markup.ts";
import type { AssemblyRequest, AssemblyRun } from "../../host/worker/client.ts";
import { menu } from "../lab/controls.ts";
import { figure } from "../lab/data.ts";
import { derivedFigure } from "../lab/derived.ts";
import { editor } from "../lab/editor.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { barChart } from "../draw/bars.ts";
import { causeTitle } from "./flame.ts";
import { endingOf, Stepper } from "./stepper.ts";
import { PROGRAMS } from "./texts.ts";

export interface Ran {
  readonly request: AssemblyRequest;
  readonly run: AssemblyRun;
}

export function assemblyPanel(lab: Lab): LiveFigure<Ran> {
  const { state } = lab;
  const which = menu({ state, key: "program", label: "Begin with" }, PROGRAMS);
  const first = () => PROGRAMS.find(({ value }) => value === which.value)!.text;
  let begun = false;
  const text = editor({ state, key: "text", label: "Assembly text", initial: first() }, () => {
    if (begun) panel.rerun();
    begun = true;
  });
  which.addEventListener("input", () => {
    state.write("at", undefined);
    text.set(first());
  });
  const chosen = html`<div class="chosen">${which}</div>`;
  chosen.addEventListener("input", (event) => event.stopPropagation());
  let stepper: Stepper | undefined;
  const panel: LiveFigure<Ran> = liveFigure<Ran>({
    name: "program",
    label: "The program, step by step",
    height: 560,
    run: async (watch) => {
      const request = { source: text.text };
      const { problems, run } = await lab.simulator.runAssembly(request, watch);
      text.report(problems);
      if (!run) throw new Error(`the text has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}, listed below it`); // prettier-ignore
      stepper = undefined;
      return { request, run };
    },
    draw: ({ request, run }) => {
      stepper ??= new Stepper({ lab, request, run, at: (line) => text.mark(line) });
      return stepper.element;
    },
    data: ({ run }) => ({
      columns: ["address", "instruction", "label", "line", "times", "cycles"],
      rows: run.listing.map(({ address, text: instruction, label, line, times, cycles }) => [`0x${address.toString(16)}`, instruction.replace("\t", " "), label ?? null, line ?? null, times, cycles]), // prettier-ignore
    }),
    json: ({ run }) => ({ ...run, trace: undefined }),
    command: ({ run }) => run.command,
    caption: ({ run }) =>
      `${figure(run.cycles)} cycles, ${figure(run.instructions)} instructions with those of the TLB handlers and the gateway below the program; ${endingOf(run)}.${run.trace.dropped ? ` The first ${figure(run.trace.address.length)} can be stepped through.` : ""} Save the text as prog.s for the command.`,
    more: ({ request }) => [
      { label: "prog.s", file: "prog.s", make: () => new Blob([request.source]) },
      { label: "Program", file: "prog", make: async () => new Blob([(await lab.simulator.assemblyProgram(request)) as Uint8Array<ArrayBuffer>]) },
      { label: "Snapshot", file: "prog.inkwell", make: async () => new Blob([(await lab.simulator.assemblySnapshot(request, cycleAt(panel.value, state.read("at")))) as Uint8Array<ArrayBuffer>]) },
    ], // prettier-ignore
  });
  panel.prepend(chosen, text.element);
  return panel;
}

/** The cycle that is on the screen. */
function cycleAt(ran: Ran | undefined, at: string | undefined): number {
  if (!ran) return 0;
  const { cycle, own } = ran.run.trace;
  const steps = Array.from(cycle).filter((_, i) => own[i] === 1);
  return steps[Number(at ?? 0)] ?? ran.run.cycles;
}

/** Where all cycles of the program went. */
export function programCauses({ run }: Ran, width: number): HTMLElement {
  const groups = run.causes.map(({ cause, cycles }) => ({
    title: causeTitle(cause),
    bars: [{ value: cycles, paper: null, color: "--inks-trap", lines: [causeTitle(cause), `${figure(cycles)} of ${figure(run.cycles)} cycles`] }], // prettier-ignore
  }));
  const label = `Cycles of the program by cause: ${run.causes.map(({ cause, cycles }) => `${causeTitle(cause)} ${cycles}`).join(", ")}.`;
  return derivedFigure({
    name: "program-causes",
    label: "Cycles of the program by cause",
    content: barChart(groups, { width: Math.min(width, 960), unit: "cycles", label, keys: [] }),
    command: run.command,
    data: { columns: ["cause", "cycles"], rows: run.causes.map(({ cause, cycles }) => [cause, cycles]) }, // prettier-ignore
  });
}
