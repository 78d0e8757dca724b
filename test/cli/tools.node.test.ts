/** `asm`, `disasm` and `kmig` as commands: against GNU's tools, and how they refuse bad input. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inkwell } from "../support/inkwell.ts";

const crossTools = spawnSync("hppa-linux-gnu-as", ["--version"]).status === 0;
if (!crossTools) console.warn("skipped: hppa-linux-gnu-as is not installed");

const haveQemu = spawnSync("qemu-hppa", ["--version"]).status === 0;
if (!haveQemu) console.warn("skipped: qemu-hppa is not installed");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkwell-tools-"));
});
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
const run = (...args: string[]) => inkwell(args, folder);

const PROGRAM = `
	.text
start:	ldi	5,%r26
	ldil	L%0x12345678,%r20
	ldo	R%0x12345678(%r20),%r20
loop:	addib,<>	-1,%r26,loop
	ldw	-16(%r30),%r21
	bv	%r0(%rp)
	copy	%r26,%r28
`;

describe.runIf(crossTools)("beside GNU", () => {
  test("asm writes the bytes that the GNU assembler writes", async () => {
    put("a.s", PROGRAM);
    expect(await run("asm", "--format", "bin", "-o", "a.bin", "a.s")).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const options = { cwd: folder };
    execFileSync("hppa-linux-gnu-as", ["-o", "a.o", "a.s"], options);
    execFileSync(
      "hppa-linux-gnu-objcopy",
      ["-O", "binary", "-j", ".text", "a.o", "g.bin"],
      options,
    );
    expect(readFileSync(join(folder, "a.bin"))).toEqual(readFileSync(join(folder, "g.bin")));
  });

  test("disasm words each instruction as objdump does", async () => {
    put("a.s", PROGRAM);
    await run("asm", "--format", "bin", "-o", "a.bin", "a.s");
    const ours = (await run("disasm", "--base", "0x1000", "a.bin")).stdout.trim().split("\n");
    const theirs = execFileSync(
      "hppa-linux-gnu-objdump",
      ["-D", "-b", "binary", "-m", "hppa1.1", "--adjust-vma=0x1000", "a.bin"],
      { cwd: folder, encoding: "utf8" },
    )
      .split("\n")
      .flatMap(
        (line) => /^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} ){4})\t(.*?)\s*$/.exec(line)?.slice(1) ?? [],
      )
      .join("\n")
      .replaceAll(
        /^([0-9a-f]+)\n(.. .. .. ..) \n(.*)$/gm,
        (_, at, word, text) => `${at.padStart(8, "0")}: ${word.replaceAll(" ", "")}\t${text}`,
      )
      .split("\n");
    expect(ours).toEqual(theirs);
  });

  test("asm, link and disasm: an object, a program, its text", async () => {
    put("start.s", START);
    put("main.s", MAIN);
    const fine = { status: 0, stdout: "", stderr: "" };
    expect(await run("asm", "-o", "start.o", "start.s")).toEqual(fine);
    const options = { cwd: folder, encoding: "utf8" } as const;
    execFileSync("hppa-linux-gnu-as", ["-o", "main.o", "main.s"], options);
    execFileSync("hppa-linux-gnu-ld", ["-o", "theirs", "start.o", "main.o"], options);
    expect(await run("link", "-o", "ours", "start.o", "main.o")).toEqual(fine);
    expect(await run("link", "-o", "again", "start.s", "main.s")).toEqual(fine);
    expect(readFileSync(join(folder, "again"))).toEqual(readFileSync(join(folder, "ours")));
    if (haveQemu)
      for (const program of ["theirs", "ours"])
        expect(spawnSync("qemu-hppa", [join(folder, program)], options)).toMatchObject({
          status: 3,
          stdout: "hello\n",
        });
    const { stdout } = await run("disasm", "--symbols", "ours");
    const listing = execFileSync("hppa-linux-gnu-objdump", ["-d", "ours"], options);
    const theirs = Array.from(
      listing.matchAll(/^ *([0-9a-f]+):\t(.. .. .. ..) \t(.*)$/gm),
      ([, at, word, text]) => `${at!.padStart(8, "0")}: ${word!.replaceAll(" ", "")}\t${text}\n`,
    );
    expect(stdout).toBe(theirs.join(""));
    expect(stdout).toContain("<main>,rp\n");
  });
});

const START = `
	.level	1.1
	.text
	.globl	_start
_start:	bl	main,%rp
	nop
	copy	%ret0,%r26
	ble	0x100(%sr2,%r0)
	ldi	1,%r20
`;

const MAIN = `
	.level	1.1
	.text
	.globl	main
main:	ldi	1,%r26
	ldil	L%text,%r25
	ldo	R%text(%r25),%r25
	ldi	6,%r24
	copy	%rp,%r3
	ble	0x100(%sr2,%r0)
	ldi	4,%r20
	bv	%r0(%r3)
	ldi	3,%ret0
	.section .rodata
text:	.ascii	"hello\\n"
`;

describe("bad input", () => {
  test("asm: every error with its place, status 2, nothing written", async () => {
    put("bad.s", "\t.text\n\tfoo\t%r1\n\tldw\t99000(%r1),%r2\n");
    const { status, stdout, stderr } = await run("asm", "-o", "out.bin", "bad.s");
    expect(stderr.split("\n")).toEqual([
      "bad.s:2:2: unknown mnemonic: foo",
      "bad.s:3:6: displacement out of range: 99000",
      "inkwell: 2 errors",
      "",
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(readdirSync(folder)).toEqual(["bad.s"]);
  });

  test("asm: a symbol that nobody defines", async () => {
    put("a.s", "\t.text\n\tldil\tL%nowhere,%r1\n");
    const { status, stderr } = await run("asm", "--format", "bin", "-o", "out.bin", "a.s");
    expect(stderr).toMatch(/^a\.s:2:.*nowhere$/m);
    expect(status).toBe(2);
    expect(existsSync(join(folder, "out.bin"))).toBe(false);
  });

  test.each([
    [["asm", "-o", "x", "none.s"], "cannot read none.s: no such file or directory"],
    [["asm", "-o", "no/x", "a.s"], "cannot write no/x: no such file or directory"],
    [["disasm", "a.s"], "not a whole number of words: a.s: 13 bytes"],
    [["kmig", "none.defs"], "cannot read none.defs: no such file or directory"],
    [
      ["asm", "-o", "x", "a.s", "b.s"],
      "one file makes one object (inkwell link takes several): b.s",
    ],
    [
      ["asm", "-o", "x", "--text", "0", "a.s"],
      "an object has no addresses: --text and --data need --format bin",
    ],
    [["link", "-o", "x", "none.o"], "cannot read none.o: no such file or directory"],
    [["link", "-o", "x", "--text", "2", "a.s"], "text is not aligned to a word: 0x2"],
    [["link", "-o", "x", "--entry", "here", "a.s"], "link: undefined symbol: here"],
    [["asm", "a.s"], "required option '-o, --output <file>' not specified"],
    [
      ["disasm", "--base", "here", "a.s"],
      "option '--base <address>' argument 'here' is invalid. expected a 32-bit address.",
    ],
  ])("%j", async (args, message) => {
    put("a.s", "\t.text\n\tnop\n\n");
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: `inkwell: ${message}\n`,
    });
    expect(readdirSync(folder)).toEqual(["a.s"]);
  });

  test("ELF files that are not ours to read", async () => {
    writeFileSync(join(folder, "a.o"), Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0));
    for (const args of [
      ["disasm", "a.o"],
      ["link", "-o", "x", "a.o"],
    ])
      expect(await run(...args)).toEqual({
        status: 2,
        stdout: "",
        stderr: "inkwell: a.o: offset 0x8: file ends in the ELF header\n",
      });
    expect(readdirSync(folder)).toEqual(["a.o"]);
  });

  test("link: a program that does not say where it starts", async () => {
    put("a.s", "\t.text\n\tnop\n");
    expect(await run("link", "-o", "x", "--text", "0x4000", "a.s")).toEqual({
      status: 0,
      stdout: "",
      stderr: "inkwell: no _start: the program starts at 0x4000\n",
    });
  });

  test("kmig: a syntax error stops everything, and no stub file is left", async () => {
    put("bad.defs", "subsystem rpc 5000;\nroutine f(port : fooo);\n");
    const { status, stderr } = await run("kmig", "bad.defs", "--user", "u.s", "--server", "s.s");
    expect(stderr).toMatch(/^bad\.defs:2:\d+: /m);
    expect(status).toBe(2);
    expect(readdirSync(folder)).toEqual(["bad.defs"]);
  });
});

describe("kmig", () => {
  const DEFS = `subsystem rpc 5000;
#include <mach/std_types.defs>
routine ping(port : mach_port_t);
routine give(port : mach_port_t; right : mach_port_t);
`;

  test("says which routines trap, and why the others do not", async () => {
    put("rpc.defs", DEFS);
    expect(await run("kmig", "rpc.defs")).toEqual({
      status: 0,
      stdout: "subsystem rpc 5000\n5000  ping  trap\n5001  give  message: port right: right\n",
      stderr: "",
    });
  });

  test("writes the files asked for, and no other", async () => {
    put("rpc.defs", DEFS);
    const outputs = ["--user", "u.s", "--server", "s.s", "--trap", "t.s"];
    expect(await run("kmig", "rpc.defs", ...outputs)).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(folder, "u.s"), "utf8")).toMatch(/^ping:/m);
    expect(readdirSync(folder).toSorted()).toEqual(["rpc.defs", "s.s", "t.s", "u.s"]);
  });

  test("--layout is JSON with offsets", async () => {
    put("rpc.defs", DEFS);
    const { stdout } = await run("kmig", "rpc.defs", "--layout", "-D", "X=1");
    const { routines } = JSON.parse(stdout) as { routines: { request: { max_size: number } }[] };
    // A simple request is its header: six words.
    expect(routines[0]!.request.max_size).toBe(24);
  });
});
