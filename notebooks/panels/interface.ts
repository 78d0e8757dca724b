/** An interface definition, edited in the page: its messages to scale, its stubs, its calls. */
import { html } from "../lab/markup.ts";
import type {
  Diagnostic,
  InterfaceCalls,
  InterfaceSource,
  InterfaceView,
  MessageReport,
  RoutineReport,
} from "../../host/worker/client.ts";
import { barChart } from "../draw/bars.ts";
import { CONFIGURATIONS, legend } from "../draw/legend.ts";
import { type Message, messageChart } from "../draw/message.ts";
import { choice, type Control } from "../lab/controls.ts";
import { type Data, figure, tidyData } from "../lab/data.ts";
import { type Editor, editor } from "../lab/editor.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { takeAlong } from "../lab/take.ts";
import { BANK_DEFS } from "./texts.ts";

export interface Definition {
  readonly element: HTMLElement;
  readonly source: () => InterfaceSource;
  /** Called whenever the text or how it is copied changes. */
  onChange(listener: () => void): void;
  report(problems: readonly Diagnostic[]): void;
}

/** The text, and how its stubs copy arrays. */
export function definitionEditor(lab: Lab): Definition {
  const { state } = lab;
  const listeners: (() => void)[] = [];
  const tell = (): void => listeners.forEach((listener) => listener());
  const text: Editor = editor({ state, key: "defs", label: "Interface definition", initial: BANK_DEFS }, tell); // prettier-ignore
  const copy: Control<string> = choice(
    { state, key: "copy", label: "Message stubs copy arrays by" },
    [
      { value: "word", title: "word" },
      { value: "byte", title: "byte (GCC 1.39)" },
      { value: "bcopy", title: "bcopy (GCC 2 on the PA)" },
    ],
  );
  const first = html`<button type="button">Back to the first text</button>` as HTMLButtonElement;
  first.addEventListener("click", () => text.set(BANK_DEFS));
  copy.addEventListener("input", tell);
  return {
    element: html`<div class="live">
      ${text.element}
      <div class="controls">${copy}${first}</div>
    </div>`,
    source: () => ({ file: "bank.defs", text: text.text, structCopy: copy.value as "word" }),
    onChange: (listener) => void listeners.push(listener),
    report: (problems) => text.report(problems),
  };
}

/** Messages of every routine, drawn to one scale. */
export function messagesPanel(lab: Lab, definition: Definition): LiveFigure<InterfaceView> {
  const panel = liveFigure<InterfaceView>({
    name: "messages",
    label: "Messages to scale",
    height: 380,
    run: async (watch) => {
      const { problems, view } = await lab.simulator.viewInterface(definition.source(), watch);
      definition.report(problems);
      if (!view) throw new Error(`the definition has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}, listed below it`); // prettier-ignore
      return view;
    },
    draw: ({ layout }, width) => {
      const messages = layout.routines.flatMap(messagesOf);
      const keys = [
        { title: "header", color: "--kind-tape" },
        { title: "type descriptor", color: "--kind-switch" },
        { title: "data", color: "--kind-copy" },
        { title: "padding", color: "--kind-call" },
      ];
      return html`<div>
        ${legend(keys)}${messageChart(messages, {
          width,
          label: `Messages of subsystem ${layout.subsystem}: ${messages.map(({ title, bytes }) => `${title} ${bytes} bytes`).join(", ")}.`,
        })}
      </div>`;
    },
    data: ({ layout }) => fieldData(layout.routines),
    json: ({ layout }) => layout,
    command: ({ command }) => command,
    caption: ({ unmeasured, layout }) => {
      const trap = layout.routines.filter(({ trappable }) => trappable).length;
      const why = Object.entries(unmeasured)
        .map(([name, reason]) => `${name}: ${reason}`)
        .join("; ");
      return `${trap} of ${layout.routines.length} routines can trap${why ? `; not so ${why}` : ""}. A trap needs none of these messages; they are what it saves.`;
    },
  });
  definition.onChange(() => panel.rerun());
  return panel;
}

function messagesOf(routine: RoutineReport): Message[] {
  const message = (what: string, report: MessageReport): Message => ({
    title: `${routine.name}, ${what}`,
    bytes: report.max_size,
    fields: report.layout.map(([name, offset], i) => ({
      name,
      offset,
      size: (report.layout[i + 1]?.[1] ?? report.max_size) - offset,
    })),
  });
  const { request, reply } = routine;
  return [message("request", request), ...(reply ? [message("reply", reply)] : [])];
}

function fieldData(routines: readonly RoutineReport[]): Data {
  return {
    columns: ["message", "field", "offset", "bytes"],
    rows: routines
      .flatMap(messagesOf)
      .flatMap(({ title, fields }) =>
        fields.map(({ name, offset, size }) => [title, name, offset, size]),
      ),
  };
}

/** Every routine that can trap, called in all configurations. */
export function callsPanel(lab: Lab, definition: Definition): LiveFigure<InterfaceCalls> {
  const panel = liveFigure<InterfaceCalls>({
    name: "interface",
    label: "Cycles of each routine’s call",
    height: 320,
    run: async (watch) => {
      const calls = await lab.simulator.callInterface(definition.source(), watch);
      if (calls.rows.length === 0) throw new Error("no routine of this interface can trap");
      return calls;
    },
    draw: ({ rows }, width) => {
      const routines = [...new Set(rows.map(({ row }) => row))];
      const groups = routines.map((title) => ({
        title,
        bars: CONFIGURATIONS.flatMap(({ id, title: name, color }) => {
          const cell = rows.find(({ row, column }) => row === title && column === id);
          if (!cell) return [];
          const { value, detail } = cell;
          return [{ value, paper: null, color, lines: [`${title}, ${name}`, `${figure(value)} cycles`, `${figure(detail["instructions"] ?? 0)} instructions, the client’s loop included`] }]; // prettier-ignore
        }),
      }));
      const label = `Cycles by routine: ${rows.map(({ row, column, value }) => `${row} ${column} ${value}`).join(", ")}.`;
      return barChart(groups, { width, label, unit: "cycles", keys: CONFIGURATIONS });
    },
    data: ({ rows }) => tidyData(rows),
    json: (calls) => calls,
    command: ({ command }) => command,
    caption: () =>
      "The stubs above, assembled, linked to a client and a server whose work functions just return, and run. Save the definition as bank.defs for the command.",
  });
  definition.onChange(() => panel.rerun());
  return panel;
}

const STUBS = [
  { value: "user", title: "client, trap", flag: "--user", file: "bank-user.s" },
  { value: "userMessage", title: "client, message", flag: "--user-message", file: "bank-message.s" },
  { value: "server", title: "server, message", flag: "--server", file: "bank-server.s" },
  { value: "trapServer", title: "server, trap", flag: "--trap", file: "bank-trap.s" },
  { value: "header", title: "C header", flag: "--header", file: "bank.h" },
  { value: "typescript", title: "TypeScript", flag: "--ts", file: "bank.ts" },
] as const; // prettier-ignore

/** The generated text, one kind at a time. */
export function stubsView(lab: Lab, view: InterfaceView): HTMLElement {
  const which = choice({ state: lab.state, key: "stub", label: "Generated text" }, STUBS);
  const code = html`<pre tabindex="0" role="region" aria-label="Generated text"></pre>`;
  const below = html`<div></div>`;
  const show = (): void => {
    const { value, flag, file } = STUBS.find((each) => each.value === which.value)!;
    const text = view.texts[value];
    code.textContent = text;
    const taken = { name: "", data: undefined, json: undefined, picture: undefined };
    const command = `${view.command.replace("--layout", `${flag} ${file}`)}${flag === "--ts" ? ` --ts-import inkwell` : ""}`;
    below.replaceChildren(
      takeAlong({ ...taken, command, more: [{ label: file, file, make: () => new Blob([text]) }] }),
    );
  };
  which.addEventListener("input", show);
  show();
  return html`<div class="live code">${which}${code}${below}</div>`;
}
