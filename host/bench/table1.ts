/**
 * Table 1: the stages of a remote procedure call by messages, with one InOut argument of 32 words
 * (paper §4.3). Boundaries are the paper's, as near as its wording tells; a stub's prologue
 * belongs to the stage before its own work, its epilogue to the one after.
 */
import { INKS_MESSAGE, UNOPTIMIZED } from "./configurations.ts";
import { stageExperiment } from "./rpc/stage-table.ts";
import type { Boundary } from "./rpc/stages.ts";

const STAGES: readonly (readonly [title: string, begins: Boundary | undefined])[] = [
  ["Procedure call to MIG stub", undefined],
  ["Stub operations before mach_msg_trap call", { probe: "kmig.user.pack" }],
  ["Call to mach_msg_trap, trap into kernel", { enter: "mach_msg", of: "client" }],
  ["mach_msg_trap operations before message copyin", { probe: "mach_msg.get" }],
  ["Copyin message to kernel address space", { probe: "mach_msg.copyin" }],
  ["“Red tape”", { probe: "mach_msg.translate" }],
  ["Context switch from client task to server task", { probe: "mach_msg.handoff" }],
  ["“Red tape”", { probe: "mach_msg.finish" }],
  ["Copyout message to server, trap return, MIG demux", { probe: "mach_msg.copyout" }],
  ["Server MIG stub processing before work function", { probe: "kmig.server.check" }],
  ["Null work function (just returns)", { probe: "kmig.server.work" }],
  ["Server MIG stub processing after work function", { enter: "_Xrpc_inout128", of: "server" }],
  ["Server call to mach_msg_trap, trap into kernel", { probe: "kmig.server.leave" }],
  ["mach_msg_trap operations before message copyin", { probe: "mach_msg.get" }],
  ["Copyin reply message to kernel address space", { probe: "mach_msg.copyin" }],
  ["“Red tape”", { probe: "mach_msg.translate" }],
  ["Context switch from server task to client task", { probe: "mach_msg.handoff" }],
  ["“Red tape”", { probe: "mach_msg.finish" }],
  ["Copyout reply message to client, trap return", { probe: "mach_msg.copyout" }],
  [
    "Client stub operations after mach_msg_trap call",
    { enter: "rpc_inout128_message", of: "client" },
  ],
  ["Procedure return from MIG stub to client", { probe: "kmig.user.leave" }],
];

export const table1 = stageExperiment({
  id: "1",
  title: "Non-trapping RPC test program breakdown",
  stages: STAGES,
  configurations: [UNOPTIMIZED, INKS_MESSAGE],
  call: "calls_rpc_inout128_message",
});
