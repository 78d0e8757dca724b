/**
 * Table 4: what Unix system calls cost a program, with the OSF/1 server out of the kernel, in it and
 * called by messages, in it and trapped to (paper §4.4). What the emulator answers is all executed;
 * the server's own work is declared, and calibrated on the trapping column.
 */
import { CONFIGURATIONS } from "./configurations.ts";
import type { Experiment } from "./experiment.ts";
import { TIMED_CALLS } from "./unix-calls/timed-calls.ts";

/** Rows that the emulator answers. */
const EMULATED: readonly string[] = ["nop-emulator", "getpid"];

export const table4: Experiment = {
  id: "4",
  title: "Syscall test results",
  unit: "µs",
  rows: [
    { id: "nop-emulator", title: "nop (emulator)" },
    { id: "nop-server", title: "nop (server)" },
    { id: "getpid", title: "getpid" },
    { id: "getgid", title: "getgid" },
    { id: "setrlimit", title: "setrlimit" },
    { id: "read4096", title: "4096 byte-read" },
    { id: "read64", title: "64 byte-read" },
    { id: "write4096", title: "4096 byte-write" },
    { id: "write64", title: "64 byte-write" },
    { id: "stat", title: "stat" },
    { id: "create", title: "create" },
    { id: "signal", title: "signal" },
  ],
  columns: CONFIGURATIONS.map((configuration) => ({
    id: configuration.name,
    title: configuration.title,
    configuration,
  })),
  baseline: "INKS_TRAP",
  details: ["cycles"],
  mostIterations: TIMED_CALLS,
  role: (row, column) =>
    column === "INKS_TRAP" && !EMULATED.includes(row) ? "calibrated" : "predicted",
  // The Unix server is large: a page that does not ask for this table does not load it.
  async run({ configuration }, options) {
    const { measureUnixCalls } = await import("./unix-calls/measure.ts");
    return measureUnixCalls(configuration, options);
  },
};
