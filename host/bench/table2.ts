/**
 * Table 2: the stages of the same call by an INKS trap (paper §4.3).
 */
import { INKS_TRAP } from "./configurations.ts";
import { stageExperiment } from "./rpc/stage-table.ts";
import type { Boundary } from "./rpc/stages.ts";

const STAGES: readonly (readonly [title: string, begins: Boundary | undefined])[] = [
  ["Procedure call to user stub", undefined],
  ["Trap into kernel, recognize the trap as INKS", { enter: "rpc_inout128", of: "client" }],
  ["Port, task, and trap entrypoint lookups", { probe: "inks.lookup" }],
  ["Find and allocate a service stack", { probe: "inks.stack" }],
  ["Switch stacks, change task context", { probe: "inks.switch" }],
  ["Call server stub", { probe: "inks.call" }],
  ["Server stub processing before work function (copyin)", { probe: "kmig.trap.copy" }],
  ["Null work function (just returns)", { probe: "kmig.trap.work" }],
  [
    "Server stub processing after work function (copyout)",
    { enter: "_Trpc_inout128", of: "server" },
  ],
  ["Return from server stub to kernel", { probe: "kmig.trap.leave" }],
  ["Deallocate stack and return from trap", { probe: "inks.return" }],
  ["Procedure return from user stub to client", { enter: "rpc_inout128", of: "client" }],
];

export const table2 = stageExperiment({
  id: "2",
  title: "Trapping test program breakdown",
  stages: STAGES,
  configurations: [INKS_TRAP],
  call: "calls_rpc_inout128",
});
