/**
 * Interfaces that a user writes, measured: the paper's own definition must give Table 3's cycles, though
 * client and server are built another way; what cannot be measured says why.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runTable } from "../../host/bench/request.ts";
import { PAPER_COPY } from "../../host/bench/rpc/programs.ts";
import {
  interfaceStubs,
  measureInterface,
  whyNotMeasured,
} from "../../host/bench/rpc/interface-calls.ts";

test("rpc.defs as anybody's definition gives Table 3", async () => {
  const text = readFileSync("host/bench/rpc/rpc.defs", "utf8");
  const rows = await measureInterface({ file: "mine.defs", text, structCopy: PAPER_COPY });
  const table = await runTable({ table: "3", iterations: 8 });
  const cells = (list: readonly { row: string; column: string; value: number }[]) =>
    list
      .map(({ row, column, value }) => `${row.replace("rpc_", "")} ${column} ${value}`)
      .filter((cell) => /^(null|in64|in1024|out1024|inout128) /.test(cell))
      .toSorted();
  expect(cells(rows)).toEqual(cells(table.rows));
});

test("each routine that is left out has its reason", async () => {
  const text = `
#include <mach/std_types.defs>
subsystem low 100;
routine low_number(requestport p : mach_port_t);`;
  const { routines } = await interfaceStubs({ file: "low.defs", text });
  expect(routines.map(whyNotMeasured)).toEqual([
    "its number 100 is an ordinary trap’s: INKS traps begin at 2048",
  ]);
  const ports = await interfaceStubs({
    file: "ports.defs",
    text: readFileSync("test/kmig/good/ports.defs", "utf8"),
  });
  expect(ports.routines.map(whyNotMeasured).every((why) => why !== undefined)).toBe(true);
});

test("varying arrays come back empty, and arguments beyond four registers are passed", async () => {
  const text = `
#include <mach/std_types.defs>
subsystem wide 5000;
type lines_t = array[*:64] of int;
routine wide_many(requestport p : mach_port_t; in a : int; in b : int; in c : int; in d : int; out e : int);
routine wide_lines(requestport p : mach_port_t; in a : int; out lines : lines_t);`;
  const rows = await measureInterface({ file: "wide.defs", text });
  expect(rows.map(({ row, column }) => `${row} ${column}`)).toHaveLength(6);
  for (const { detail, value } of rows)
    expect([detail["minimum"], detail["maximum"]]).toEqual([value, value]);
});

test("functions that a definition promises and nobody wrote are named", async () => {
  const text = readFileSync("test/kmig/good/gnu.defs", "utf8").replace(/subsystem gnu \d+/, "subsystem gnu 4000"); // prettier-ignore
  await expect(measureInterface({ file: "gnu.defs", text })).rejects.toThrow(
    /a function of your own would be needed: undefined symbol/,
  );
});
