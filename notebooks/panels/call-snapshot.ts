/** The machine behind a call, as a file that `inkwell snapshot` resumes and looks at. */
import type { CallRequest } from "../../host/worker/client.ts";
import type { Lab } from "../lab/lab.ts";
import type { Download } from "../lab/take.ts";

/** A button's download; `of` tells it from its neighbours. */
export function callSnapshot(
  lab: Lab,
  { row, configuration, preset, set }: CallRequest,
  of?: string,
): Download {
  const request = { row, configuration, ...(preset && { preset }), ...(set && { set }) };
  return {
    label: of === undefined ? "Snapshot" : `Snapshot: ${of}`,
    file: `inkwell-${row}-${configuration}.snapshot.json`,
    make: async () =>
      new Blob([await lab.simulator.snapshotCall(request)], { type: "application/json" }),
  };
}
