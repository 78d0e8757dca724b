/** Table 4: what Unix calls cost, with the role of every figure: calibrated, predicted, earned. */
import { html } from "../lab/markup.ts";
import type { TableResult, TidyRow } from "../../host/worker/client.ts";
import { choice } from "../lab/controls.ts";
import type { LiveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { printedTable, tablePanel } from "./table.ts";

export function unixTable(lab: Lab): LiveFigure<TableResult> {
  const which = choice({ state: lab.state, key: "calls", label: "Calls" }, [
    { value: "all", title: "all twelve" },
    { value: "emulator", title: "the emulator’s" },
    { value: "plain", title: "short ones" },
    { value: "data", title: "with data" },
  ]);
  return tablePanel(lab, {
    name: "table4",
    label: "Table 4: microseconds of a Unix call by configuration",
    controls: [which],
    height: 2150,
    request: () => ({ table: "4", ...(which.value !== "all" && { rows: ROWS[which.value]! }) }),
    below: (result) =>
      html`<div>
        ${printedTable(result, roleOf)}
        <p class="note">${ROLES}</p>
      </div>`,
  });
}

const ROWS: Readonly<Record<string, readonly string[]>> = {
  emulator: ["nop-emulator", "getpid"],
  plain: ["nop-server", "getgid", "setrlimit", "stat", "create", "signal"],
  data: ["read4096", "read64", "write4096", "write64"],
};

const ROLES =
  "Calibrated: the server’s declared work was set so that this cell comes near the paper’s. Predicted: nothing was set for it. Earned: predicted, and executed instruction by instruction but for a hundredth.";

/** Declared cycles that are none to speak of, as a share. */
const LITTLE = 0.01;

function roleOf({ role, earned, declared }: TidyRow): string {
  if (role !== "predicted") return role;
  return declared <= LITTLE * (earned + declared) ? "earned" : "predicted";
}
