/**
 * Tables 7 and 8: who calls whom while Andrew runs, how, and with what kinds of messages (paper §4.5). The
 * workload is our own (andrew/), so counts are beside the paper's, not for them: `share` is the part of
 * all that the paper prints as a percentage. What differs is known:
 *
 * - The authors' script made many more calls a file; which programs it ran is not public.
 * - Two calls in five ended in their emulator (Table 7's first two rows); here it answers only for who a
 *   process is and how large pages are, and the workload hardly asks.
 * - Their emulator made tasks, looked at memory and mapped files by Mach's calls; here the server does, so
 *   that users call Mach only for reply ports, and by trap not at all.
 */
import { MOST_RUNS, RUNS } from "./andrew/tree.ts";
import { INKS_TRAP } from "./configurations.ts";
import type { Column, Experiment, Line, MeasureOptions, Measurement } from "./experiment.ts";
import type { Communicated } from "../osf1/communication.ts";

/** Who calls; both in the trapping configuration. */
const CALLERS: readonly Column[] = [
  { id: "USER", title: "From User", configuration: INKS_TRAP },
  { id: "SERVER", title: "From Server", configuration: INKS_TRAP },
];
const TOTAL: Line = { id: "total", title: "Total" };

/** Counts of one caller, by the rows without the total. */
type Count = (counted: Communicated) => Readonly<Record<string, number>>;

function counting(
  head: Pick<Experiment, "id" | "title" | "unit">,
  rows: readonly Line[],
  counts: Readonly<Record<string, Count>>,
): Experiment {
  const sum = (of: Readonly<Record<string, number>>): number =>
    Object.values(of).reduce((all, each) => all + each, 0);
  return {
    ...head,
    rows: [...rows, TOTAL],
    columns: CALLERS,
    baseline: null,
    mostIterations: MOST_RUNS,
    role: () => "emergent",
    async run({ id, configuration }, { iterations = RUNS, ...options }: MeasureOptions) {
      const { andrewIn } = await import("./andrew/measure.ts");
      const { communication } = await andrewIn(configuration, { ...options, runs: iterations });
      const whole = Object.values(counts).reduce((all, of) => all + sum(of(communication)), 0);
      const own = counts[id]!(communication);
      return Object.entries({ ...own, [TOTAL.id]: sum(own) }).map(([row, value]): Measurement => ({
        ...{ row, value, earned: 0, declared: 0 },
        detail: { share: (100 * value) / whole },
      }));
    },
  };
}

export const table7 = counting(
  { id: "7", title: "Communication counts", unit: "calls" },
  [
    { id: "emulation", title: "Emulation Traps" },
    { id: "inks", title: "INKS Traps" },
    { id: "mach-trap", title: "Mach Syscalls (trap)" },
    { id: "mach-message", title: "Mach Syscalls (msg)" },
  ],
  {
    USER: ({ mechanisms: { user } }) => ({
      emulation: user.emulationTraps,
      inks: user.inksTraps,
      "mach-trap": user.machTraps,
      "mach-message": user.machMessages,
    }),
    // The server's own calls are neither emulated nor traps to a server.
    SERVER: ({ mechanisms: { server } }) => ({
      emulation: 0,
      inks: 0,
      "mach-trap": server.machTraps,
      "mach-message": server.machMessages,
    }),
  },
);

export const table8 = counting(
  { id: "8", title: "Mach message type breakdown", unit: "messages" },
  [
    { id: "sync-simple", title: "Sync Simple" },
    { id: "sync-complex", title: "Sync Complex" },
    { id: "async-send", title: "Async Send" },
    { id: "async-receive", title: "Async Recv" },
  ],
  {
    USER: ({ messages: { user }, besides }) => ({
      "sync-simple": user.syncSimple,
      "sync-complex": user.syncComplex,
      "async-send": besides.userAsyncSend,
      "async-receive": 0,
    }),
    SERVER: ({ messages: { server } }) => ({
      "sync-simple": server.syncSimple,
      "sync-complex": server.syncComplex,
      "async-send": server.asyncSend,
      "async-receive": server.asyncReceive,
    }),
  },
);
