/** Claims about Table 5 and footnote 6: what a server's call to the kernel costs. */
import { between, type Claim, type Measured, OUT, percent } from "./claim.ts";

/** The column of the server in the kernel, whose calls its clients' ways do not touch. */
const INKS = "INKS";

const saved = (of: Measured, table: string, row: string, from: string, to: string) => {
  const [before, after] = [of.figure(table, row, from).value, of.figure(table, row, to).value];
  return [before - after, before] as const;
};

export const KERNEL_CALL_CLAIMS: readonly Claim[] = [
  {
    id: "lighter-call",
    where: "§3.2",
    sentence:
      "this modified path cuts over 30% from the overhead of the standard system call interface",
    tables: ["5"],
    bounds: (of) => [percent("saved", ...saved(of, "5", "trap", OUT, INKS), [30, null])],
  },
  {
    id: "kernel-calls-gain-little",
    where: "§4.4",
    sentence:
      "the fact that the server runs in the kernel address space still allowed some minor " +
      "optimizations to be made along the trap path, resulting in slightly higher performance",
    tables: ["5"],
    bounds: (of) => [percent("saved", ...saved(of, "5", "message", OUT, INKS), [0, 20])],
  },
  {
    // The path is what both kinds of call take; a call that does nothing shows it undiluted.
    id: "own-stack",
    where: "§3.2, footnote 6",
    sentence: "obtained about a 35% speedup of the server-kernel system call path",
    tables: ["own-stack"],
    bounds: (of) => [
      percent("saved", ...saved(of, "own-stack", "trap", INKS, "OWN_STACK"), [30, 40]),
    ],
  },
  {
    id: "kernel-call-ratios",
    where: "Table 5",
    sentence: "each ratio to the server in the kernel is the paper's, within 0.15",
    quoted: false,
    tables: ["5"],
    bounds: (of) =>
      of.rows("5").map((row) => {
        const [out, within] = [of.figure("5", row, OUT), of.figure("5", row, INKS)];
        const paper = out.paper / within.paper;
        return between(row, "times", out.value / within.value, [paper - 0.15, paper + 0.15]);
      }),
  },
];
