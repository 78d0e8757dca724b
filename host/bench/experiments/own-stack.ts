/**
 * Footnote 6: a server's do-nothing call to the kernel that stays on the server's own stack, with the
 * affected continuations disabled, beside the usual call from the kernel (Table 5, INKS).
 */
import { INKS_MESSAGE } from "../configurations.ts";
import type { Experiment } from "../experiment.ts";
import { measureKernelCalls, MOST_CALLS } from "../kernel-calls/measure.ts";
import { KERNEL_CALL_ROWS } from "../table5.ts";

const OWN_STACK = "OWN_STACK";

export const ownStack: Experiment = {
  id: "own-stack",
  title: "Server to kernel syscalls on the server's own stack",
  unit: "µs",
  rows: KERNEL_CALL_ROWS,
  columns: [
    { id: "INKS", title: "INKS", configuration: INKS_MESSAGE },
    { id: OWN_STACK, title: "Own stack", configuration: INKS_MESSAGE },
  ],
  baseline: OWN_STACK,
  details: ["cycles", "instructions"],
  mostIterations: MOST_CALLS,
  role: () => "predicted",
  run: ({ id, configuration: { server, kernel } }, options) =>
    measureKernelCalls({ server, kernel: { ...kernel, ownStack: id === OWN_STACK } }, options),
};
