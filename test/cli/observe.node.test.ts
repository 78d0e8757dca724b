/**
 * `inkwell profile` and `inkwell trace`: of a program of the cross compiler's and of a cell of Table 3, as a
 * user calls them; their cycles beside those of a plain run.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inkwell } from "../support/inkwell.ts";

const folder = mkdtempSync(join(tmpdir(), "inkwell-observe-"));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCE = `
	.text
	.globl _start, work
_start:	bl work,%r2
	ldi 100,%r26
	ldi 7,%r26
	ble 0x100(%sr2,%r0)
	ldi 1,%r20
work:	addib,> -1,%r26,work
	add %r26,%r28,%r28
	bv %r0(%r2)
	nop
`;

beforeAll(async () => {
  writeFileSync(path("a.s"), SOURCE);
  const { status } = await inkwell(["link", "-o", path("prog"), path("a.s")]);
  expect(status).toBe(0);
});

describe("a program", () => {
  test("profile: routines with their cycles, which add up to the plain run's", async () => {
    const { stdout, status } = await inkwell(["profile", path("prog")]);
    expect(status).toBe(0);
    await inkwell(["exec", "--bare", "--stats", path("stats"), path("prog")]);
    const { cycles } = JSON.parse(readFileSync(path("stats"), "utf8")) as { cycles: number };
    const lines = stdout.trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(new RegExp(`^ +${cycles} +cycles in all$`));
    expect(lines.find((line) => line.endsWith("  work (prog)"))).toMatch(/ 202 +\d\.\d\d +1  work/);
  });

  test("profile as JSON: the stable object", async () => {
    const { stdout } = await inkwell(["profile", "--format", "json", path("prog")]);
    const object = JSON.parse(stdout) as { cycles: number; rows: { symbol: string; cycles: number }[] }; // prettier-ignore
    expect(Object.keys(object)).toEqual(["version", "command", "seed", "config", "cycles", "rows"]);
    expect(object.rows.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(object.cycles);
    expect(object.rows[0]).toMatchObject({ title: "prog", symbol: "work", instructions: 202, calls: 1 }); // prettier-ignore
  });

  test("trace: text, Chrome's and speedscope's JSON", async () => {
    const { stdout } = await inkwell(["trace", path("prog")]);
    expect(stdout).toMatch(/ +\d+ +\d+ {2}_start \(prog\)\n/);
    expect(stdout).toMatch(/ +\d+ +\d+ {4}work \(prog\)\n/);
    for (const format of ["chrome", "speedscope"]) {
      const { status } = await inkwell([
        "trace",
        "--format",
        format,
        "-o",
        path("t"),
        path("prog"),
      ]);
      expect(status).toBe(0);
      expect(JSON.parse(readFileSync(path("t"), "utf8"))).toHaveProperty(
        format === "chrome" ? "traceEvents" : "profiles",
      );
    }
  });

  test("one that never ends is stopped, and what it did is shown", async () => {
    writeFileSync(path("b.s"), "	.globl _start\n_start:	b _start\n	nop\n");
    await inkwell(["link", "-o", path("loop"), path("b.s")]);
    const { stdout, stderr, status } = await inkwell(["profile", "--max-cycles", "5000", path("loop")]); // prettier-ignore
    expect(stderr).toMatch(/^inkwell: .*loop: .*5000 cycles/);
    expect(stdout).toMatch(/_start \(loop\)/);
    expect(status).toBe(0);
  });

  test.each([
    [["profile"], "inkwell: expected a program, or --row"],
    [["trace", "--row", "zero"], /^inkwell: --row: expected null, in64, .*: zero$/],
    [["trace", "--row", "null", "prog"], "inkwell: --row looks at no program: prog"],
    [["profile", "nowhere"], /^inkwell: cannot read nowhere: /],
    [["profile", "--format", "xml", "prog"], /^inkwell: .*--format.* 'xml' is invalid/],
  ])("%j: one line", async (args, message) => {
    const { stderr, status } = await inkwell(args);
    const [line] = stderr.split("\n");
    expect(line).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
    expect(status).toBe(2);
  });
});

describe("a cell of Table 3", () => {
  test("profile and trace show the whole call, in kernel, client and server", async () => {
    const { stdout } = await inkwell(["profile", "--row", "null"]);
    for (const name of ["syscall_entry (kernel)", "rpc_null (client)", "server_rpc_null (server)"])
      expect(stdout).toContain(`  ${name}\n`);
    const profiled = Number(/(\d+) +cycles in all/.exec(stdout)![1]);
    const table = await inkwell(["table", "3", "--config", "INKS_TRAP", "--json"]);
    const { rows } = JSON.parse(table.stdout) as { rows: { row: string; value: number }[] };
    // The table's figure has the reading of the clock around the call in it.
    const cell = rows.find(({ row }) => row === "null")!.value;
    expect(cell - profiled).toBeGreaterThanOrEqual(0);
    expect(cell - profiled).toBeLessThan(10);
    const trace = await inkwell(["trace", "--row", "null", "--config", "UNOPTIMIZED"]);
    expect(trace.stdout).toMatch(/ {2}thread_handoff \(kernel\)\n/);
    expect(trace.stdout).not.toMatch(/\(space /);
  });
});

test.skipIf(spawnSync("hppa-linux-gnu-gcc", ["--version"]).status !== 0)(
  "a C program: the chain of its calls",
  async () => {
    writeFileSync(
      path("c.c"),
      `#include <stdio.h>
__attribute__((noinline)) int inner(int n) { return n < 2 ? 1 : inner(n - 1) * n; }
__attribute__((noinline)) int outer(int n) { return inner(n) + 1; }
int main(void) { printf("%d\\n", outer(5)); return 0; }`,
    );
    spawnSync("hppa-linux-gnu-gcc", ["-O1", "-static", "-o", path("c"), path("c.c")]);
    const { stdout, stderr } = await inkwell(["trace", path("c")]);
    expect(stderr).toBe("121\n");
    const names = stdout.split("\n").map((line) => /^ *\d+ +\d+ {2}( *)(\S+) /.exec(line));
    const depth = (name: string): number[] =>
      names.filter((match) => match?.[2] === name).map((match) => match![1]!.length / 2);
    const [main] = depth("main");
    expect(depth("outer")).toEqual([main! + 1]);
    expect(depth("inner")).toEqual([2, 3, 4, 5, 6].map((more) => main! + more));
  },
);
