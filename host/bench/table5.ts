/**
 * Table 5: what a server's do-nothing call to the kernel costs, by message and by trap, with the
 * server in user mode and in the kernel (paper §3.2, §4.4). Every cycle is executed.
 */
import { INKS_MESSAGE, UNOPTIMIZED } from "./configurations.ts";
import type { Experiment } from "./experiment.ts";
import { measureKernelCalls, MOST_CALLS } from "./kernel-calls/measure.ts";

/** How a server calls the kernel, as the paper's rows. */
export const KERNEL_CALL_ROWS = [
  { id: "message", title: "Message Syscall" },
  { id: "trap", title: "Trapping Syscall" },
] as const;

export const table5: Experiment = {
  id: "5",
  title: "Server to kernel syscalls",
  unit: "µs",
  rows: KERNEL_CALL_ROWS,
  columns: [
    { id: "UNOPTIMIZED", title: "Unoptimized", configuration: UNOPTIMIZED },
    // How its clients call a server makes no difference to its own calls.
    { id: "INKS", title: "INKS", configuration: INKS_MESSAGE },
  ],
  baseline: "INKS",
  details: ["cycles", "instructions"],
  mostIterations: MOST_CALLS,
  role: () => "predicted",
  run: ({ configuration }, options) => measureKernelCalls(configuration, options),
};
