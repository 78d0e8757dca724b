/** The figures of each notebook, without its prose, for pages that bring their own. */
import { html } from "../lab/markup.ts";
import type { LiveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { assemblyPanel, programCauses } from "../panels/assembly.ts";
import { consolePanel } from "../panels/console.ts";
import { causesChart, flamePanel } from "../panels/flame.ts";
import { callsPanel, definitionEditor, messagesPanel } from "../panels/interface.ts";
import { machinePanel } from "../panels/machine.ts";
import { mapsPanel } from "../panels/maps.ts";
import { oneCall } from "../panels/one-call.ts";
import { placementPanel } from "../panels/placement.ts";
import { racePanel } from "../panels/race.ts";
import { crossingChart, placedTable, sincePanel } from "../panels/since.ts";
import { categories, stagesPanel } from "../panels/stages.ts";
import { sizesPanel } from "../panels/sizes.ts";
import { sweepPanel } from "../panels/sweep.ts";
import { printedTable, tablePanel } from "../panels/table.ts";
import { unixProgram } from "../panels/unix-program.ts";
import { unixTable } from "../panels/unix-table.ts";
import { agreementTable, claims, validationPanel } from "../panels/validation.ts";

const WIDTH = 880;

/** A figure, and what follows from its result. */
function followed<T>(figure: LiveFigure<T>, ...follow: ((value: T) => Node)[]): Node[] {
  const below = html`<div></div>`;
  figure.addEventListener("input", () => {
    if (figure.value !== undefined) below.replaceChildren(...follow.map((draw) => draw(figure.value!))); // prettier-ignore
  });
  return [figure, below];
}

const width = (near: HTMLElement) => Math.min(near.clientWidth || WIDTH, WIDTH);

export const NOTEBOOKS: Readonly<Record<string, (lab: Lab) => Node[]>> = {
  index: (lab) => [oneCall(lab)],
  rpc(lab) {
    const stages = stagesPanel(lab);
    const table3 = tablePanel(lab, {
      name: "table3",
      label: "Table 3: cycles of a call by shape of argument and configuration",
      height: 900,
      request: () => ({ table: "3" }),
      below: printedTable,
    });
    return [
      ...followed(stages, (result) => categories(result, width(stages))),
      table3,
      sizesPanel(lab),
    ];
  },
  boundary(lab) {
    const race = racePanel(lab);
    return [...followed(race, (calls) => causesChart(calls, width(race))), flamePanel(lab)];
  },
  machine: (lab) => [machinePanel(lab), sweepPanel(lab), placementPanel(lab), mapsPanel(lab)],
  kmig(lab) {
    const definition = definitionEditor(lab);
    return [definition.element, messagesPanel(lab, definition), callsPanel(lab, definition)];
  },
  assembly(lab) {
    const program = assemblyPanel(lab);
    return followed(program, (ran) => programCauses(ran, width(program)));
  },
  unix: (lab) => [unixProgram(lab), consolePanel(lab), unixTable(lab)],
  "since-1993"(lab) {
    const since = sincePanel(lab);
    return followed(since, placedTable, (result) => crossingChart(result, width(since)));
  },
  validation: (lab) => followed(validationPanel(lab), agreementTable, claims),
};
