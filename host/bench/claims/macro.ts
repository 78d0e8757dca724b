/** Claims about Tables 6, 7 and 8: whole programs, and who calls whom in them. */
import { between, type Claim, IN, type Measured, OUT, TRAP } from "./claim.ts";

const andrew = (of: Measured, column: string): number => of.figure("6", "andrew", column).value;
/** How much longer without traps, in per cent. */
const gain = (of: Measured): number => 100 * (andrew(of, OUT) / andrew(of, TRAP) - 1);
const count = (of: Measured, row: string, caller: string): number =>
  of.figure(/^sync|^async/.test(row) ? "8" : "7", row, caller).value;

export const MACRO_CLAIMS: readonly Claim[] = [
  {
    id: "large-benchmarks-gain",
    where: "abstract",
    sentence: "4-13% performance gain on large benchmarks",
    tables: ["6"],
    bounds: (of) => [between("Andrew", "%", gain(of), [3.5, 13.5])],
  },
  {
    id: "andrew-gains",
    where: "§4.5",
    sentence: "the Andrew benchmark yielded 4%",
    tables: ["6"],
    bounds: (of) => [between("Andrew", "%", gain(of), [2, 6])],
  },
  {
    id: "andrew-slower-by-message",
    where: "Table 6",
    sentence: "called by messages, the server in the kernel is slower at Andrew than out of it",
    quoted: false,
    tables: ["6"],
    bounds: (of) => [between("to it", "times", andrew(of, IN) / andrew(of, OUT), [1, null])],
    note:
      "by message each call is cheaper in the kernel here as in Tables 3 and 4, there and here; the " +
      "paper's 0.7 s are less than its runs varied by",
  },
  {
    id: "andrew-varies-little",
    where: "§4.5",
    sentence: "after the initial run we found results only varied by at most a second",
    tables: ["6"],
    bounds: (of) =>
      [OUT, IN, TRAP].map((column) => {
        const { variation = NaN } = of.figure("6", "andrew", column).detail;
        // The paper does not print it.
        return between(column, "s", Number.isNaN(variation) ? 1 : variation, [null, 1]);
      }),
  },
  {
    id: "simple-calls-dominate",
    where: "§4.5",
    sentence:
      'The dominance of "simple" RPCs confirms our decision to concentrate on this type of RPC',
    tables: ["8"],
    bounds: (of) => {
      const both = (row: string): number => count(of, row, "USER") + count(of, row, "SERVER");
      const simple = both("sync-simple");
      return [
        between("of calls", "%", (100 * simple) / (simple + both("sync-complex")), [50, null]),
      ];
    },
  },
  {
    id: "server-sends-many",
    where: "§4.5",
    sentence:
      "the significant number of server-originated messages suggests that optimization of the " +
      "server-kernel path would be worthwhile",
    tables: ["8"],
    bounds: (of) => {
      const [user, server] = ["USER", "SERVER"].map(
        (caller) => of.figure("8", "total", caller).value,
      ) as [number, number];
      return [between("of messages", "%", (100 * server) / (user + server), [50, null])];
    },
  },
  {
    id: "counts-explain-andrew",
    where: "§4.5",
    sentence:
      "The data in these tables, together with our micro-benchmark numbers, can be used to validate the " +
      "system time reduction obtained in larger benchmarks",
    tables: ["6", "7", "4", "5"],
    bounds: (of) => {
      const saved = (table: string, row: string, to: string): number =>
        of.figure(table, row, OUT).value - of.figure(table, row, to).value;
      const microseconds =
        count(of, "inks", "USER") * saved("4", "nop-server", TRAP) +
        count(of, "mach-trap", "SERVER") * saved("5", "trap", "INKS") +
        count(of, "mach-message", "SERVER") * saved("5", "message", "INKS");
      const explained = microseconds / 1e6 / (andrew(of, OUT) - andrew(of, TRAP));
      return [between("explained", "times", explained, [0.6, 1.4])];
    },
    note:
      "the call that does nothing saves 25 µs here, where it saved 48; and what a process begins and ends " +
      "with saves many times that: by message its paths, arguments and registers are fetched and left " +
      "by Mach's calls, which traps do without",
  },
];
