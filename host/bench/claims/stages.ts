/** Claims about Tables 1 and 2: where in a call the cycles go, and the yardstick of a procedure call. */
import {
  about,
  between,
  type Claim,
  IN,
  type Measured,
  OUT,
  percent,
  type Range,
  stages,
  TRAP,
  VARIANCE,
} from "./claim.ts";
import { messageParts, trapParts } from "../stage-categories.ts";

/** Where the cycles of a message RPC go (§4.3). */
function messagePath(of: Measured) {
  const cycles = stages(of, "1", OUT);
  return {
    ...messageParts(cycles),
    stubCopying: cycles(2, 12, 20),
    total: of.figure("1", "total", OUT).value,
  };
}

const SAME: Range = [-10, 10];
const MORE: Range = [11, null];
const LESS: Range = [null, -11];
/** Stages of Table 2 and of Table 1 that do the same (Table 2's second column), and how they compare. */
const SAME_STAGES = [
  [1, 1, SAME],
  [2, 3, LESS],
  [7, 10, MORE],
  [8, 11, SAME],
  [9, 12, MORE],
  [11, 19, LESS],
  [12, 21, SAME],
] as const;

/** Stages of Table 1 that differ with the server in the kernel: by more than the variance. */
const IN_KERNEL: Readonly<Record<string, Range>> = {
  3: [VARIANCE + 1, null],
  9: [null, -VARIANCE - 1],
  13: [null, -VARIANCE - 1],
};

export const STAGE_CLAIMS: readonly Claim[] = [
  {
    id: "switch-is-minor",
    where: "§1",
    sentence:
      "the traditional ‘context switch’ from one address space to another is only a minor " +
      "component of same-machine Mach RPC costs",
    tables: ["1"],
    bounds(of) {
      const { contextSwitch, total } = messagePath(of);
      return [percent("stages 7 and 17", contextSwitch, total, [8.2, 12.2])];
    },
  },
  {
    id: "where-the-cost-is",
    where: "§1",
    sentence:
      "most of the cost is in kernel entry and exit code, data copies in the MIG-generated stub " +
      "routines, and in port shuffling and related code",
    tables: ["1"],
    bounds(of) {
      const { stubCopying, entryAndExit, redTape, total } = messagePath(of);
      return [
        percent("the three together", stubCopying + entryAndExit + redTape, total, [50, null]),
      ];
    },
  },
  {
    id: "shares-of-the-path",
    where: "Table 1",
    sentence: "copying, entry and exit, and red tape have the paper's shares of the path",
    quoted: false,
    tables: ["1"],
    bounds(of) {
      const { copying, entryAndExit, redTape, total } = messagePath(of);
      return [
        percent("copying", copying, total, [35, 43]),
        percent("entry and exit", entryAndExit, total, [28, 36]),
        percent("red tape", redTape, total, [12, 18]),
      ];
    },
  },
  {
    id: "in-kernel-stages",
    where: "Table 1",
    sentence:
      "with the server in the kernel stage 3 takes longer, stages 9 and 13 less, and no other differs",
    quoted: false,
    note:
      "A user's entry has two tests more, of the caller's privilege level and of the number, in 3 cycles " +
      "together; what took 19 in 1993 the paper does not say.",
    tables: ["1"],
    bounds: (of) =>
      of.rows("1").flatMap((row) => {
        if (row === "total") return [];
        const more = of.figure("1", row, IN).value - of.figure("1", row, OUT).value;
        const range = IN_KERNEL[row] ?? [-VARIANCE, VARIANCE];
        return [between(`stage ${row}, in kernel less out`, "cycles", more, range)];
      }),
  },
  {
    id: "halves-alike",
    where: "§4.3",
    sentence:
      "The code path executed in stage 6 is actually different from the one executed in stage 16, " +
      "but the overall functionality and execution time for each is very close",
    tables: ["1"],
    bounds(of) {
      const cycles = stages(of, "1", OUT);
      return [percent("stage 16 less 6", cycles(16) - cycles(6), cycles(6), [-10, 10])];
    },
  },
  {
    id: "stage-12-is-a-copy",
    where: "§4.3",
    sentence: "Most of the time spent in stage 12 is in this copy",
    tables: ["sizes"],
    bounds(of) {
      const copied = of.figure("sizes", "after-inout_128", OUT).value;
      const bare = of.figure("sizes", "after-in_128", OUT).value;
      return [percent("gone if the argument is In", copied - bare, copied, [50, null])];
    },
  },
  {
    id: "stage-12-without-the-copy",
    where: "§4.3",
    sentence:
      "if the argument was not InOut, the stage 12 time could be expected to be similar to the " +
      "stage 10 time",
    tables: ["sizes"],
    bounds: (of) =>
      ["in", "out"].map((direction) => {
        const after = of.figure("sizes", `after-${direction}_128`, OUT).value;
        const before = of.figure("sizes", `before-${direction}_128`, OUT).value;
        return between(`${direction}, stage 12 less 10`, "cycles", after - before, [-10, 10]);
      }),
  },
  {
    id: "copying",
    where: "§4.3",
    sentence:
      "Argument copying accounts for about 1350 cycles in the RPC case, but only about 450 for the " +
      "INKS trap",
    tables: ["1", "2"],
    bounds: (of) => [
      about("by message", "cycles", messagePath(of).copying, 1350),
      about("by trap, stages 7 and 9", "cycles", trapParts(stages(of, "2", TRAP)).copying, 450),
    ],
  },
  {
    id: "entry-and-exit",
    where: "§4.3",
    sentence:
      "Trap entry and exit times are also significantly better in INKS, from about 1100 cycles down " +
      "to about 400",
    note:
      "By trap the kernel's side of the exit is 22 cycles short of the paper's. The message's two exits " +
      "run the same text at the same prices and are within 1 % of the paper's stages 9 and 19, so what " +
      "is missing is what the kernel of 1993 did between the server's return and the exit.",
    tables: ["1", "2"],
    bounds: (of) => [
      about("by message", "cycles", messagePath(of).entryAndExit, 1100),
      about(
        "by trap, stages 2 and 11",
        "cycles",
        trapParts(stages(of, "2", TRAP)).entryAndExit,
        400,
      ),
    ],
  },
  {
    id: "red-tape-eliminated",
    where: "§4.3",
    sentence: "most of the ‘red tape’ involved in passing Mach messages is eliminated",
    tables: ["1", "2"],
    bounds: (of) => [
      percent(
        "trap stage 3 of message stages 6, 8, 16, 18",
        trapParts(stages(of, "2", TRAP)).redTape,
        messagePath(of).redTape,
        [null, 50],
      ),
    ],
  },
  {
    id: "same-stages",
    where: "Table 2",
    sentence:
      "stages of the trap take as long as those of the message that they stand beside, or less, or " +
      "more, as in the paper",
    note:
      "The paper's trap stub, “a trivial assembly language fragment”, took as long to call as MIG's, " +
      "which has a frame. Ours has none, either, and is entered without the 14 cycles in which the " +
      "message's stub makes its own.",
    quoted: false,
    tables: ["1", "2"],
    bounds: (of) =>
      SAME_STAGES.map(([trap, message, range]) => {
        const more = stages(of, "2", TRAP)(trap) - stages(of, "1", OUT)(message);
        return between(`stage ${trap} less message stage ${message}`, "cycles", more, range);
      }),
  },
  {
    id: "client-stub-is-small",
    where: "§4.3",
    sentence: "the time spent in the client-side stub (trap stages 1 and 12) is very small",
    tables: ["2"],
    bounds: (of) => [
      between("stages 1 and 12", "cycles", stages(of, "2", TRAP)(1, 12), [null, 45]),
    ],
  },
  {
    id: "microkernel-stages",
    where: "§4.3",
    sentence:
      "Trap stages 2-6 contain most of the processing done by the microkernel for the INKS trap",
    tables: ["2"],
    bounds(of) {
      const cycles = stages(of, "2", TRAP);
      return [
        percent("of stages 2–6 and 11", cycles(2, 3, 4, 5, 6), cycles(2, 3, 4, 5, 6, 11), [
          50,
          null,
        ]),
      ];
    },
  },
  {
    id: "procedure-call",
    where: "§4.3",
    sentence: "a simple procedure call on the same machine typically takes 15 to 25 cycles",
    tables: ["procedure-call"],
    bounds: (of) => [
      between("with a frame", "cycles", of.figure("procedure-call", "framed", OUT).value, [15, 25]),
    ],
  },
];
