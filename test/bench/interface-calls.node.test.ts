/**
 * Interfaces that a user writes, measured: the paper's own definition must give Table 3's cycles, though
 * client and server are built another way; what cannot be measured says why.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runTable } from "../../host/bench/request.ts";
import { PAPER_COPY } from "../../host/bench/rpc/programs.ts";
import { CONFIGURATIONS } from "../../host/bench/configurations.ts";
import { runCalls } from "../../host/bench/rpc/measure.ts";
import {
  interfacePrograms,
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

const OUT_OF_LINE = `subsystem far 6000;
#include <mach/std_types.defs>
type far_t = ^array[] of struct[16384] of int;
routine far_in(requestport server : mach_port_t; in data : far_t);
routine far_out(requestport server : mach_port_t; out data : far_t);
routine far_both(requestport server : mach_port_t; inout data : far_t);
`;

test("64 KB go out of line, by message everywhere, and nobody keeps what came", async () => {
  const source = { file: "far.defs", text: OUT_OF_LINE };
  const rows = await measureInterface(source, { iterations: 4 });
  expect(rows.map(({ detail }) => detail["outOfLine"])).toEqual(rows.map(() => 65536));
  const cyclesIn = (column: string) => rows.filter((row) => row.column === column).map(({ value }) => value); // prettier-ignore
  expect(cyclesIn("INKS_TRAP")).toEqual(cyclesIn("INKS_MESSAGE"));

  const stubs = await interfaceStubs(source);
  const { routines } = stubs;
  const programs = await interfacePrograms(source, stubs, routines);
  const variant = { added: routines.map(({ userName }) => ({ name: userName, arguments: "" })) };
  for (const configuration of CONFIGURATIONS)
    for (const { userName } of routines) {
      const mapped = async (calls: number): Promise<number[]> => {
        const { bed } = await runCalls(configuration, userName, calls, { programs, variant });
        const { kernel, client, server } = bed;
        return [client, server].map(({ task }) => kernel.vmMapOf(task).size);
      };
      expect(await mapped(9), `${configuration.name} ${userName}`).toEqual(await mapped(3));
    }
});

test("what travels out of line in other ways says why it is not measured", async () => {
  const text = `subsystem other 6000;
#include <mach/std_types.defs>
type ports_t = ^array[4] of mach_port_t;
type much_t = ^array[1024] of int;
type huge_t = ^array[] of struct[1000000] of int;
type gone_t = ^array[] of struct[1024] of int;
type line_t = array[4096] of int;
routine ports(requestport s : mach_port_t; in data : ports_t);
routine much(requestport s : mach_port_t; in data : much_t);
routine huge(requestport s : mach_port_t; in data : huge_t);
routine gone(requestport s : mach_port_t; in data : gone_t, dealloc);
routine line(requestport s : mach_port_t; in data : line_t);
`;
  const { routines } = await interfaceStubs({ file: "other.defs", text });
  expect(routines.map(whyNotMeasured)).toEqual([
    "port right: data",
    "out-of-line memory of fixed size, of which MIG sends none: data",
    "more than 1048576 bytes out of line: data",
    "out-of-line memory that is given away: data",
    "messages of more than 8176 bytes: the kernel takes no more in line",
  ]);
});
