/**
 * Claims about what the paper says beside its tables: copies of structures, what the instrumentation
 * cost, which stages are artefacts of the test, and the cache.
 */
import { about, between, type Claim, IN, type Measured, OUT, TRAP } from "./claim.ts";

const BOTH = [OUT, IN] as const;
/** The rows whose cost is mostly the copying of a structure: what a faster copy can halve. */
const LARGE = ["in1024", "out1024"] as const;

/** Over the large messages, in the message columns: one figure over another. */
const largeRatios = (
  of: Measured,
  over: string,
  under: (routine: string, column: string) => readonly [row: string, column: string],
) =>
  LARGE.flatMap((routine) =>
    BOTH.map((column) => {
      const [row, base] = under(routine, column);
      const ratio =
        of.figure("struct-copy", `${routine}-${over}`, column).value /
        of.figure("struct-copy", row, base).value;
      return { what: `${routine}, ${column}`, ratio };
    }),
  );

/** Misses of a call in the instruction and in the data cache, the mean over the placements. */
function misses(of: Measured, row: string, column: string): number {
  const { instructionMisses = NaN, dataMisses = NaN } = of.figure("placement", row, column).detail;
  return instructionMisses + dataMisses;
}

export const EXPERIMENT_CLAIMS: readonly Claim[] = [
  {
    id: "struct-copy-two",
    where: "§4.4",
    sentence:
      "Moving to GCC 2, or replacing the code with a bcopy, improved RPC message performance by a " +
      "factor of two",
    tables: ["struct-copy"],
    bounds: (of) =>
      ["word", "bcopy"].flatMap((copy) =>
        largeRatios(of, "byte", (routine, column) => [`${routine}-${copy}`, column]).map(
          ({ what, ratio }) => between(`${what}, ${copy}`, "times", ratio, [1.5, 2.5]),
        ),
      ),
  },
  {
    id: "struct-copy-six",
    where: "§4.4",
    sentence: "before this INKS trapping RPCs attained a factor of six speedup",
    tables: ["struct-copy"],
    bounds: (of) =>
      largeRatios(of, "byte", (routine) => [`${routine}-byte`, TRAP]).map(({ what, ratio }) =>
        between(what, "times", ratio, [5.5, 6.5]),
      ),
  },
  {
    id: "stamps-message",
    where: "§4.4",
    sentence: "2.6% (93 and 95 cycles) for the two message paths",
    note:
      "A reading of the clock costs whole cycles: with 2 beyond its own, as calibrated, the 20 stamps " +
      "take 103, with 1 they would take 83.",
    tables: ["stamps"],
    bounds: (of) =>
      BOTH.map((column) => {
        const { value, paper } = of.figure("stamps", "overhead", column);
        return about(column, "cycles", value, paper);
      }),
  },
  {
    id: "stamps-trap",
    where: "§4.4",
    sentence: "4.6% (52 cycles) for the trapping path",
    tables: ["stamps-trap"],
    bounds(of) {
      const { value, paper } = of.figure("stamps-trap", "overhead", TRAP);
      return [about(TRAP, "cycles", value, paper)];
    },
  },
  {
    // The paper's own two differ by 2 cycles.
    id: "stamps-consistent",
    where: "§4.4",
    sentence: "It is both minimal and consistent",
    tables: ["stamps"],
    bounds(of) {
      const [out, within] = BOTH.map((column) => of.figure("stamps", "overhead", column).value);
      return [between("in kernel less out", "cycles", within! - out!, [-2, 2])];
    },
  },
  {
    id: "trap-stage-9-no-artefact",
    where: "§4.3",
    sentence:
      "this copy would in fact have to be done for Out arguments as well as InOut arguments",
    tables: ["sizes"],
    bounds(of) {
      const [out, inout] = ["out", "inout"].map(
        (shape) => of.figure("sizes", `after-${shape}_128`, TRAP).value,
      );
      return [about("Out to InOut", "cycles", out!, inout!)];
    },
  },
  {
    // Within a tick of the clock of what a thread waits when the server is a user's task.
    id: "server-preempted",
    where: "§3.2",
    sentence:
      'kernel threads running server code are now subject to rescheduling at the "traditional" points',
    tables: ["latency"],
    bounds: (of) =>
      of.rows("latency").map((work) => {
        const [here, out] = [TRAP, OUT].map((each) => of.figure("latency", work, each).value);
        return between(`${work} ms of work, in kernel less out`, "ms", here! - out!, [-10, 10]);
      }),
  },
  {
    // A thread waits until the work is done, however long it is.
    id: "latency-problems",
    where: "§3.2",
    sentence:
      "Mach kernel threads are not preemptible. This creates a potential mismatch with server threads " +
      "which might assume preemptibility and that, in turn, could lead to latency problems in the kernel",
    tables: ["latency"],
    bounds: (of) =>
      of.rows("latency").map((work) => {
        const { value } = of.figure("latency", work, "NO_PREEMPTION");
        return between(`${work} ms of work`, "ms", value, [Number(work), null]);
      }),
  },
  {
    id: "memory-physical",
    where: "§3.4.5",
    sentence:
      "Since in-kernel servers are pageable their mere existence in the kernel does not imply " +
      "increased physical memory usage",
    tables: ["memory"],
    bounds: (of) =>
      [IN, TRAP].map((column) => {
        const [here, out] = [column, OUT].map((each) => of.figure("memory", "idle", each).value);
        return between(`${column} less ${OUT}`, "pages", here! - out!, [null, 0]);
      }),
  },
  {
    id: "memory-virtual",
    where: "§3.4.5",
    sentence: "it does increase virtual memory use within the kernel address space",
    tables: ["memory"],
    bounds(of) {
      const [here, out] = [IN, OUT].map((each) => of.figure("memory", "kernel-space", each).value);
      return [between("in kernel less out", "pages", here! - out!, [1, null])];
    },
  },
  {
    id: "memory-stacks",
    where: "§3.4.5",
    sentence:
      "The current implementation, with its private service stack pool for trapping clients, " +
      "certainly increases memory usage",
    tables: ["memory"],
    bounds(of) {
      const [trap, message] = [TRAP, IN].map((each) => of.figure("memory", "stacks", each).value);
      return [
        between("stacks in use, by trap less by message", "pages", trap! - message!, [1, null]),
      ];
    },
  },
  {
    // With 200 placements the difference has a standard error of 0.7 misses.
    id: "same-space-worsens",
    where: "§4.6",
    sentence:
      "Moving the server and kernel into the same address space, thus making equal the space " +
      "identifier portion of the cache index, should tend to worsen cache performance slightly",
    tables: ["placement"],
    bounds: (of) =>
      ["null-hashed", "inout128-hashed"].map((row) =>
        between(
          `${row}: in kernel less out`,
          "misses",
          misses(of, row, IN) - misses(of, row, OUT),
          [0, null],
        ),
      ),
  },
  {
    // Not consistent: what moving does to the mean is less than what a new placement does.
    id: "cache-not-consistent",
    where: "§4.6",
    sentence:
      "In general, we do not expect cache effects to be significant and consistent in this experiment",
    tables: ["placement"],
    bounds: (of) =>
      ["null-hashed", "inout128-hashed"].map((row) => {
        const effect = Math.abs(misses(of, row, IN) - misses(of, row, OUT));
        const { missDeviation = NaN } = of.figure("placement", row, OUT).detail;
        return between(`${row}: effect of moving to spread`, "times", effect / missDeviation, [
          null,
          0.5,
        ]);
      }),
  },
];
