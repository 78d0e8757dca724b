/**
 * `inkwell exec --bare` as a command: streams and status are the program's; options, bad usage, and
 * what happens when a reader or the user has had enough. Programs are our own assembly, but for one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { registerExec } from "../../host/cli/exec.ts";
import { reportFailure } from "../../host/cli/failure.ts";
import { haveCross, haveFloatingPoint, Programs } from "./cross.ts";
import { elfOf } from "./text-program.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
const cli = fileURLToPath(new URL("../../host/cli.ts", import.meta.url));

let folder: string;
const put = (name: string, bytes: Uint8Array | string): void =>
  writeFileSync(join(folder, name), bytes);

interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function start(args: readonly string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  const command = ["--conditions=source", `--import=${tsx}`, cli, "exec", ...args];
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {}); // a program need not read what it is given
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) =>
      resolve({
        status,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
  });
  return { child, outcome };
}

function exec(args: readonly string[], input: Uint8Array | string = ""): Promise<Outcome> {
  const { child, outcome } = start(args);
  child.stdin!.end(input);
  return outcome;
}

/** The command in this process, for what writes nothing to standard output. */
async function inProcess(args: readonly string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(text.trimEnd());
  const console = vi.spyOn(globalThis.console, "error").mockImplementation(write);
  const program = new Command("inkwell").exitOverride().configureOutput({ writeErr: write });
  registerExec(program);
  const before = process.exitCode;
  try {
    await program.parseAsync(["exec", "--bare", ...args], { from: "user" });
    return { status: Number(process.exitCode), lines };
  } catch (error) {
    return { status: reportFailure(error), lines };
  } finally {
    process.exitCode = before;
    console.mockRestore();
  }
}

/** Copies standard input to standard output, 1000 bytes at a time, and exits with 7. */
const COPY = `
_start:	copy	%sp,%r3
next:	copy	%r0,%r26
	copy	%r3,%r25
	ldi	1000,%r24
	system	3
	comb,=,n %r0,%r28,done
	ldi	1,%r26
	copy	%r3,%r25
	copy	%r28,%r24
	system	4
	b,n	next
done:	ldi	7,%r26
	exit`;

/** Writes its arguments and its environment, each with a line's end, and exits with argc. */
const SHOW = `
_start:	copy	%r24,%r3
	copy	%r25,%r8
	ldi	2,%r7			; two lists
list:	ldws,ma	4(%r3),%r4
	comb,=,n %r0,%r4,end
	copy	%r4,%r5
length:	ldbs,ma	1(%r5),%r6
	comb,<>	%r0,%r6,length
	nop
	ldi	10,%r6
	stb	%r6,-1(%r5)
	ldi	1,%r26
	copy	%r4,%r25
	sub	%r5,%r4,%r24
	system	4
	b,n	list
end:	addib,<>	-1,%r7,list
	nop
	copy	%r8,%r26
	exit`;

/** Opens the file that its argument names, writes it to standard output, exits with errno or 0. */
const SHOW_FILE = `
_start:	ldw	4(%r24),%r26
	copy	%r0,%r25
	system	5
	comb,<=,n %r0,%r28,opened
	sub	%r0,%r28,%r26
	exit
opened:	copy	%r28,%r26
	copy	%sp,%r25
	ldi	1000,%r24
	copy	%sp,%r3
	system	3
	copy	%r28,%r24
	ldi	1,%r26
	copy	%r3,%r25
	system	4
	copy	%r0,%r26
	exit`;

const LOOP = `
_start:	ldi	1,%r26
	print	text,6
loop:	b,n	loop
	.data
text:	.ascii	"looping"`;

/** Writes, then waits for input. */
const ECHO = `
_start:	ldi	1,%r26
	print	text,6
	copy	%r0,%r26
	copy	%sp,%r25
	ldi	100,%r24
	system	3
	copy	%r0,%r26
	exit
	.data
text:	.ascii	"prompt"`;

/** Loads and stores, and exits with 7. */
const BUSY = `
_start:	ldi	100,%r4
	copy	%sp,%r3
next:	ldw	0(%r3),%r5
	ldo	1(%r5),%r5
	addib,<>	-1,%r4,next
	stws,ma	%r5,4(%r3)
	system	20
	ldi	7,%r26
	exit`;

/** Writes for ever. */
const YES = `
_start:	ldi	1,%r26
	print	text,6
	b,n	_start
	.data
text:	.ascii	"yes no"`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkwell-exec-"));
  const programs = {
    copy: COPY,
    show: SHOW,
    "show-file": SHOW_FILE,
    busy: BUSY,
    echo: ECHO,
    loop: LOOP,
    yes: YES,
  };
  for (const [name, text] of Object.entries(programs)) put(name, elfOf(text));
  put("wild", elfOf("_start:\tldw\t0(%r0),%r3"));
  mkdirSync(join(folder, "root/inside"), { recursive: true });
  put("secret", "secret\n");
  put("root/file", "contents\n");
  put("root/inside/other", "more\n");
  symlinkSync("../../secret", join(folder, "root/inside/up"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("streams and status", () => {
  test("standard input, every byte, to standard output; the status is the program's", async () => {
    const input = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) >>> 3);
    const { status, stdout, stderr } = await exec(["--bare", "copy"], input);
    expect(stdout.equals(input)).toBe(true);
    expect({ status, stderr }).toEqual({ status: 7, stderr: "" });
  });

  test("arguments are the program's, options included; the environment is --env alone", async () => {
    const args = ["--env", "A=b=c", "--env", "E=", "show", "--stats", "é", "", "--", "-x"];
    const { status, stdout } = await exec(["--bare", ...args]);
    expect(stdout.toString()).toBe("show\n--stats\né\n\n--\n-x\nA=b=c\nE=\n");
    expect(status).toBe(6);
  });

  test("a program that dies says so in one line, and gives 128 and its signal", async () => {
    const { status, stdout, stderr } = await exec(["--bare", "wild"]);
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({
      status: 139,
      stdout: "",
      stderr:
        "inkwell: wild: segmentation fault at _start (0x00010000): reads 0x00000000, not mapped\n",
    });
  });

  test("--max-cycles ends a loop with 124; what it wrote before is there", async () => {
    const { status, stdout, stderr } = await exec(["--bare", "--max-cycles", "100000", "loop"]);
    expect(stdout.toString()).toBe("loopin");
    expect(stderr).toMatch(
      /^inkwell: loop: cycle limit reached at loop \(0x\w+\): 100000 cycles\n$/,
    );
    expect(status).toBe(124);
  });

  test("an interrupt from the keyboard ends a loop at once, with its place", async () => {
    const { child, outcome } = start(["--bare", "loop"]);
    child.stdout!.once("data", () => child.kill("SIGINT"));
    const { status, stderr } = await outcome;
    expect(stderr).toMatch(/^inkwell: loop: interrupted at loop \(0x\w+\): \d+ cycles\n$/);
    expect(status).toBe(128 + 2);
  });

  test("and one that waits for input", async () => {
    const { child, outcome } = start(["--bare", "echo"]);
    child.stdout!.once("data", () => setTimeout(() => child.kill("SIGINT"), 100));
    // On a busy computer it may not have come to the wait yet.
    const { status, signal } = await outcome;
    expect(status ?? signal).toBeOneOf([128 + 2, "SIGINT"]);
  });

  test("and one that is given input without end", async () => {
    const { child, outcome } = start(["--bare", "copy"]);
    createReadStream("/dev/zero").pipe(child.stdin!);
    // Once in a long while one comes just as a wait begins, and is nobody's: whoever waits presses again.
    const presses = setInterval(() => child.kill("SIGINT"), 1000);
    child.stdout!.once("data", () => child.kill("SIGINT"));
    const { status, signal } = await outcome;
    clearInterval(presses);
    expect(status ?? signal).toBeOneOf([128 + 2, "SIGINT"]);
  });

  test("a program whose reader is gone gets SIGPIPE", async () => {
    const { child, outcome } = start(["--bare", "yes"]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    const { status, stderr } = await outcome;
    expect(stderr).toMatch(/^inkwell: yes: killed by SIGPIPE at \S+ \(0x\w+\)\n$/);
    expect(status).toBe(128 + 13);
  });
});

test("files are those below --root; without it there are none", async () => {
  const at = (name: string) => join(folder, name);
  const { status, stdout } = await exec(["--bare", "--root", "root", "show-file", "/inside/other"]);
  expect([status, stdout.toString()]).toEqual([0, "more\n"]);
  const tree = ["--root", at("root")];
  expect((await inProcess([...tree, at("show-file"), "/inside/up"])).status).toBe(2);
  expect((await inProcess([at("show-file"), "/etc/passwd"])).status).toBe(2);
});

test("--stats is the stable object, the same each time, and follows the machine", async () => {
  interface Stats {
    readonly cycles: number;
    readonly instructions: number;
    readonly [key: string]: unknown;
  }
  const stats = async (...args: string[]): Promise<Stats> => {
    const file = join(folder, "stats.json");
    const { status, lines } = await inProcess(["--stats", file, ...args, join(folder, "busy")]);
    expect({ status, lines }).toEqual({ status: 7, lines: [] });
    return JSON.parse(readFileSync(file, "utf8")) as Stats;
  };
  const first = await stats();
  expect(Object.keys(first)).toEqual([
    "version",
    "command",
    "seed",
    "config",
    "status",
    "ending",
    "cycles",
    "instructions",
    "cpi",
    "seconds",
    "systemCallTime",
    "counters",
    "systemCalls",
    "memoryUsed",
    "accounts",
  ]);
  const accounts = first["accounts"] as { space: number; level: number; cycles: number }[];
  expect(accounts.map(({ space, level }) => `${space} ${level}`)).toEqual(["0 0", "0 3", "4 3"]);
  expect(accounts.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(first.cycles);
  expect(first).toMatchObject({
    command: `inkwell exec --bare ${join(folder, "busy")}`,
    status: 7,
    systemCalls: { exit: 1, getpid: 1 },
  });
  expect(first.cycles).toBeGreaterThan(first.instructions);
  expect(await stats()).toEqual(first);
  const smaller = await stats("--memory", "8M");
  expect(smaller.cycles).toBe(first.cycles);
  expect(smaller).toMatchObject({ config: { machine: { memoryBytes: 8 << 20 } } });
  const slower = await stats("--set", "dataMiss=50");
  expect(slower.cycles).toBeGreaterThan(first.cycles);
  expect(slower.instructions).toBe(first.instructions);
  const untimed = await stats("--no-timing");
  const { interruption } = untimed["counters"] as { interruption: number };
  expect(untimed.instructions).toBe(first.instructions);
  expect(untimed.cycles).toBe(untimed.instructions + interruption);
});

describe("bad usage", () => {
  test.each<[args: string[], message: string | RegExp]>([
    [[], /missing required argument 'program'$/],
    [["nothing"], "inkwell: cannot read nothing: no such file or directory"],
    [["/"], "inkwell: cannot read /: illegal operation on a directory"],
    [["FOLDER/secret"], /^inkwell: \S+\/secret: .*not an ELF file/],
    [
      ["--root", "FOLDER/secret", "FOLDER/copy"],
      /^inkwell: --root: not a directory that can be read: \S+\/secret$/,
    ],
    [["--env", "novalue", "FOLDER/copy"], "inkwell: --env: expected KEY=VALUE: novalue"],
    [["--memory", "much", "FOLDER/copy"], /expected a size, as 64M\.$/],
    [["--memory", "1K", "FOLDER/copy"], /^inkwell: memoryBytes: expected/],
    [["--max-cycles", "0", "FOLDER/copy"], /expected a positive whole number\.$/],
    [["--preset", "VAX", "FOLDER/copy"], /^inkwell: --preset: expected/],
    [["--set", "speed=1", "FOLDER/copy"], /^inkwell: --set: expected a parameter/],
  ])("%j: status 2 and one line", async (args, message) => {
    const expected = message instanceof RegExp ? expect.stringMatching(message) : message;
    const named = args.map((text) => text.replace("FOLDER", folder));
    expect(await inProcess(named)).toEqual({ status: 2, lines: [expected] });
  });

  test("statistics that cannot be written are an error after the run", async () => {
    expect(await inProcess(["--stats", "/no/where", join(folder, "busy")])).toEqual({
      status: 2,
      lines: ["inkwell: cannot write /no/where: no such file or directory"],
    });
  });
});

const ready = haveCross() && (await haveFloatingPoint());

test.runIf(ready)("a C program says hello", async () => {
  const programs = new Programs();
  try {
    await programs.compile(["hello"]);
    const { status, stdout } = await exec(["--bare", programs.path("hello")]);
    expect([status, stdout.toString()]).toEqual([0, "Hello, world\n"]);
  } finally {
    programs.remove();
  }
});
