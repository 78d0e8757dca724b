/**
 * The paper's aside about MIG (§4.4): stubs copy an array by assigning a structure, which some
 * compilers did byte by byte. Table 3 again with each kind of copy in the message stubs. Traps
 * marshal nothing and copy with the kernel's copyin and copyout, so their column does not change.
 */
import type { StructCopy } from "../../kmig/copy.ts";
import type { Experiment } from "../experiment.ts";
import { measureCall } from "../rpc/measure.ts";
import { RPC_ROUTINES } from "../rpc/programs.ts";
import { table3 } from "../table3.ts";
import { callCell, COLUMNS, measureEach } from "./cells.ts";

const COPIES: readonly StructCopy[] = ["byte", "word", "bcopy"];

const cases = RPC_ROUTINES.flatMap((routine) =>
  COPIES.map((structCopy) => ({ id: `${routine}-${structCopy}`, routine, structCopy })),
);

export const structCopy: Experiment = {
  id: "struct-copy",
  title: "Table 3 by how message stubs copy structures",
  unit: "cycles",
  rows: cases.map(({ id, routine, structCopy }) => ({
    id,
    title: `${table3.rows.find((row) => row.id === routine)!.title}, ${structCopy}`,
  })),
  columns: COLUMNS,
  baseline: "INKS_TRAP",
  details: ["instructions"],
  mostIterations: table3.mostIterations,
  role: () => "predicted",
  run: ({ configuration }, options) =>
    measureEach(cases, options, async ({ id, routine, structCopy }) =>
      callCell(
        id,
        await measureCall(configuration, routine, { ...options, variant: { structCopy } }),
      ),
    ),
};
