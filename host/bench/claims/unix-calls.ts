/** Claims about Table 4: what Unix system calls cost a program. */
import { between, type Claim, IN, type Measured, OUT, TRAP } from "./claim.ts";

/** Rows that the emulator answers. */
const EMULATED: readonly string[] = ["nop-emulator", "getpid"];

const gain = (of: Measured, row: string): number =>
  of.figure("4", row, OUT).value / of.figure("4", row, TRAP).value;
const served = (of: Measured): readonly string[] =>
  of.rows("4").filter((row) => !EMULATED.includes(row));

const COLUMNS = [OUT, IN, TRAP] as const;
const run = (of: Measured, row: string, column: string): number =>
  of.figure("runs", row, column).value;

export const UNIX_CALL_CLAIMS: readonly Claim[] = [
  {
    id: "unix-calls-gain",
    where: "§4.4",
    sentence:
      "In calls to the Unix server, the trapping INKS configuration improves Unix system call " +
      "performance by a minimum of 20%, ranging up to a factor of two",
    tables: ["4"],
    // The paper's own least is 1.19, its most 2.18.
    bounds: (of) => served(of).map((row) => between(row, "times", gain(of, row), [1.185, 2.2])),
    note:
      "create and a read of 64 bytes spend nearly all of their time in declared work, the same however " +
      "they are called, and a trap saves half of what it saved the authors (saving-of-any-call)",
  },
  {
    id: "emulated-calls-stay",
    where: "§4.4",
    sentence:
      '"Nop (emulator)" and "getpid" are handled completely within the emulator and therefore ' +
      "should experience no performance improvement under trapping-INKS",
    tables: ["4"],
    bounds: (of) => EMULATED.map((row) => between(row, "times", gain(of, row), [0.94, 1.06])),
  },
  {
    id: "saving-of-any-call",
    where: "Table 4",
    sentence: "a call to the server saves the same, about 48 µs, whatever it does: within 10 %",
    quoted: false,
    tables: ["4"],
    bounds: (of) =>
      ["nop-server", "getgid"].map((row) => {
        const saved = of.figure("4", row, OUT).value - of.figure("4", row, TRAP).value;
        return between(row, "µs", saved, [43, 55]);
      }),
    note:
      "what is executed saves what Table 3's null call does; the real server took about as much again " +
      "around each message. What its public relatives do there (cthread_mach_msg, generic stubs in C) " +
      "explains little of it, and OSF/1's own sources are not public",
  },
  {
    id: "saving-of-any-size",
    where: "Table 4",
    sentence: "what a read or a write saves is the same for 64 bytes and for 4096, within 10 %",
    quoted: false,
    tables: ["4"],
    bounds: (of) =>
      ["read", "write"].map((kind) => {
        const [small = 0, large = 0] = [64, 4096].map((bytes) => {
          const row = `${kind}${bytes}`;
          return of.figure("4", row, OUT).value - of.figure("4", row, TRAP).value;
        });
        return between(kind, "times", large / small, [0.9, 1.15]);
      }),
    note:
      "a write's bytes are copied out of pages that vm_read has mapped, which costs what a direct copy " +
      "does, but pages as long as the buffer cross their boundary, and two are mapped; a read's bytes " +
      "travel in its reply, four copies instead of one, as in UX, the server's public ancestor",
  },
  {
    id: "runs-vary-little",
    where: "§4.5",
    sentence: "the last five showing run time variation of less than 1%",
    tables: ["runs"],
    bounds: (of) =>
      COLUMNS.map((column) => {
        const share = run(of, "variation", column) / run(of, "mean", column);
        return between(column, "%", 100 * share, [null, 1]);
      }),
  },
  {
    id: "first-run-slower",
    where: "§4.5",
    sentence: "the first run of any benchmark was significantly slower than succeeding ones",
    tables: ["runs"],
    bounds: (of) =>
      COLUMNS.map((column) =>
        between(column, "times", run(of, "first", column) / run(of, "mean", column), [1.01, null]),
      ),
  },
  {
    id: "trap-starts-slower",
    where: "§4.5",
    sentence:
      "trapping INKS usually paid a higher startup penalty than either message case, typically twice as high",
    tables: ["runs"],
    bounds: (of) => {
      const penalty = (column: string): number =>
        run(of, "first", column) - run(of, "mean", column);
      return [OUT, IN].map((column) =>
        between(`to ${column}`, "times", penalty(TRAP) / penalty(column), [1.5, 2.5]),
      );
    },
    note:
      "what a first run brings in is the same program by the same pager, whoever calls; the authors did " +
      "not find what else their traps did once, and nothing here does it",
  },
];
