/** The first figure that a visitor meets: the null call, three ways, measured at once. */
import { html } from "../lab/markup.ts";
import type { TableResult } from "../../host/worker/client.ts";
import type { LiveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { tablePanel } from "./table.ts";

/** Calls that count; every one takes the same cycles. */
const ITERATIONS = 8;

export function oneCall(
  lab: Lab,
  {
    configurations,
    row = "null",
  }: { readonly configurations?: readonly string[]; readonly row?: string } = {},
): LiveFigure<TableResult> {
  return tablePanel(lab, {
    name: "null-rpc",
    label: "One call in cycles, by configuration",
    height: configurations?.length === 1 ? 110 : 150,
    request: () => ({
      table: "3",
      rows: [row],
      iterations: ITERATIONS,
      ...(configurations && { configurations }),
    }),
    caption: ratioSentence,
  });
}

function ratioSentence({ rows, config }: TableResult): string | Node {
  const of = (name: string) => rows.find(({ column }) => column === name);
  const [message, trap] = [of("UNOPTIMIZED"), of("INKS_TRAP")];
  const { clockMHz, name } = config.machine;
  const time = (cycles: number) => `${(cycles / clockMHz).toFixed(1)} µs`;
  if (!message || !trap) {
    const [only] = rows;
    return only ? `${time(only.value)} on an ${name} at ${clockMHz} MHz.` : "";
  }
  const ratio = (message.value / trap.value).toFixed(1);
  const theirs = message.paper && trap.paper ? (message.paper / trap.paper).toFixed(1) : "";
  return html`<strong>${ratio} times</strong> fewer cycles by trap (the paper: ${theirs} times). On
    the ${name} at ${clockMHz} MHz that is ${time(message.value)} against ${time(trap.value)}.`;
}
