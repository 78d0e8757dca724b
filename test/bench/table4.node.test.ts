/** Table 4: Unix system calls on the OSF/1 server, run whole in the three configurations. */
import { expect, test } from "vitest";
import { runExperiment, type TidyRow } from "../../host/bench/experiment.ts";
import { table4 } from "../../host/bench/table4.ts";

const EMULATED = ["nop-emulator", "getpid"];

test("calls that the emulator answers are executed alone; the server's cost least by trap", async () => {
  const rows = await runExperiment(table4);
  expect(rows).toHaveLength(36);
  const of = (row: string, column: string) =>
    rows.find((cell) => cell.row === row && cell.column === column)!;
  for (const { id } of table4.rows) {
    const [out, message, trap] = table4.columns.map((column) => of(id, column.id));
    if (EMULATED.includes(id)) {
      for (const cell of [out!, message!, trap!])
        expect(cell.declared).toBeLessThan(0.03 * cell.detail["cycles"]!);
      expect(out!.value).toBeCloseTo(message!.value, 0);
      expect(trap!.role).toBe("predicted");
      continue;
    }
    expect(trap!.role).toBe("calibrated");
    expect([out!.role, message!.role]).toEqual(["predicted", "predicted"]);
    expect(trap!.value).toBeLessThan(0.9 * Math.min(out!.value, message!.value));
    // Declared work is the server's own: the same however it is called. Where it reads the caller's
    // memory by vm_read, the kernel's work for that is declared, too.
    if (id === "stat" || id === "signal" || id.startsWith("write")) continue;
    expect(Math.abs(out!.declared - trap!.declared)).toBeLessThan(0.01 * trap!.declared + 20);
  }
  // What is told row by row is what comes out, and being told takes no simulated time.
  const told: (readonly TidyRow[])[] = [];
  const again = await runExperiment(table4, {
    columns: ["INKS_TRAP"],
    progress: ({ rows: early }) => early && told.push(early),
  });
  expect(told.map((early) => early.length)).toEqual(table4.rows.map((_, i) => i + 1));
  for (const early of told)
    for (const { row, value } of early)
      expect(value).toBe(again.find((cell) => cell.row === row)!.value);
  expect(again.map(({ value }) => value)).toEqual(
    rows.filter(({ column }) => column === "INKS_TRAP").map(({ value }) => value),
  );
});
