/**
 * The laboratory on anybody's page: `<inkwell-rpc config="INKS_TRAP">` measures one call, and
 * `<inkwell-lab notebook="rpc">` has the figures of a notebook. One module, no request, its own worker and
 * shadow root each; several on a page do not meet.
 */
import { html } from "../lab/markup.ts";
import { Simulator, type TableRequest, type TableResult } from "../../host/worker/client.ts";
import { type Lab, unsupported } from "../lab/lab.ts";
import { ownState } from "../lab/state.ts";
import { oneCall } from "../panels/one-call.ts";
import colors from "../styles/colors.css?inline";
import drawing from "../styles/drawing.css?inline";
import figures from "../styles/figure.css?inline";
import workbench from "../styles/workbench.css?inline";
import element from "./element.css?inline";
import { NOTEBOOKS } from "./notebooks.ts";

export { Simulator, type TableRequest, type TableResult };

/** Runs a table of the paper in a worker of its own. */
export async function table(name: string, request: Omit<TableRequest, "table"> = {}) {
  const simulator = new Simulator();
  try {
    return await simulator.runTable({ ...request, table: name });
  } finally {
    simulator.close();
  }
}

const sheets = [colors, element, figures, workbench, drawing].map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
});

/** An element with a laboratory inside, from when it is on a page until it is taken off. */
abstract class Laboratory extends HTMLElement {
  #simulator: Simulator | undefined;

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = sheets;
    this.#simulator?.close();
    this.#simulator = new Simulator();
    const asked = new URLSearchParams(this.getAttribute("state") ?? "");
    const lab = { simulator: this.#simulator, state: ownState(Object.fromEntries(asked)) };
    const problem = unsupported();
    root.replaceChildren(
      ...(problem === undefined ? this.content(lab) : [html`<p role="alert">${problem}</p>`]),
    );
  }

  disconnectedCallback(): void {
    this.#simulator?.close();
    this.#simulator = undefined;
  }

  attributeChangedCallback(_: string, before: string | null, now: string | null): void {
    if (this.isConnected && before !== now && this.#simulator) this.connectedCallback();
  }

  protected abstract content(lab: Lab): Node[];
}

/** Attributes: `config`, one configuration (all by default); `row`, a row of Table 3 (`null` by default). */
export class InkwellRpc extends Laboratory {
  static readonly observedAttributes = ["config", "row"];

  protected content(lab: Lab): Node[] {
    const configuration = this.getAttribute("config");
    const row = this.getAttribute("row");
    return [
      oneCall(lab, {
        ...(configuration !== null && { configurations: [configuration] }),
        ...(row !== null && { row }),
      }),
    ];
  }
}

/** Attributes: `notebook`, a notebook's name; `state`, its controls as in that notebook's address. */
export class InkwellLab extends Laboratory {
  static readonly observedAttributes = ["notebook", "state"];

  protected content(lab: Lab): Node[] {
    const name = this.getAttribute("notebook") ?? "index";
    const make = Object.hasOwn(NOTEBOOKS, name) ? NOTEBOOKS[name] : undefined;
    if (make) return make(lab);
    const known = Object.keys(NOTEBOOKS).join(", ");
    return [html`<p role="alert">There is no notebook “${name}”: expected ${known}.</p>`];
  }
}

/** Registers both elements; a page that has the names already keeps what it has. */
export function define(prefix = "inkwell"): void {
  // A class can have one name only: each prefix gets its own.
  const elements = [
    ["rpc", class extends InkwellRpc {}],
    ["lab", class extends InkwellLab {}],
  ] as const;
  for (const [name, element] of elements)
    if (!customElements.get(`${prefix}-${name}`))
      customElements.define(`${prefix}-${name}`, element);
}

define();
