/**
 * The machine under a program, as programs without a library see it: gateway entries, what registers
 * and stack hold at the start, pages that come when they are used.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { GNU_PRELUDE } from "../../host/asm/assemble.ts";
import { BARE } from "../../host/bare/layout.ts";
import { AUXILIARY } from "../../host/abi/linux/constants.ts";
import { bareSources, bareSymbols, bareText } from "../../host/bare/text.ts";
import { haveTool } from "../asm/binutils.ts";
import { elfOf, runElf, runText, TEXT } from "./text-program.ts";

/** Signed words of what a program wrote. */
function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i));
}

describe("the text", () => {
  test("has Linux's entries at Linux's offsets", async () => {
    const { symbols } = await bareText();
    expect(symbols.get("gateway_page")).toBe(0);
    expect(symbols.get("light_call")).toBe(0xb0);
    expect(symbols.get("set_thread_pointer")).toBe(0xe0);
    expect(symbols.get("system_call")).toBe(0x100);
    expect(symbols.get("interruption_vectors")).toBe(BARE.BARE_VECTORS);
  });

  test.runIf(haveTool("as") && haveTool("ld"))("is what GNU's tools make of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "inkwell-gateway-"));
    const file = (name: string) => join(folder, name);
    try {
      const sets = Object.entries(bareSymbols()).map(([name, v]) => `\t.set\t${name},${v | 0}\n`);
      const objects = (await bareSources()).map((source) => {
        writeFileSync(file(source.file), GNU_PRELUDE + sets.join("") + source.text);
        execFileSync("hppa-linux-gnu-as", [file(source.file), "-o", file(`${source.file}.o`)]);
        return file(`${source.file}.o`);
      });
      execFileSync("hppa-linux-gnu-ld", ["-e", "0", "-Ttext=0", ...objects, "-o", file("linked")]);
      const copy = ["-O", "binary", "-j", ".text", file("linked"), file("bin")];
      execFileSync("hppa-linux-gnu-objcopy", copy);
      const [segment] = (await bareText()).segments;
      expect(Buffer.from(segment!.bytes).equals(readFileSync(file("bin")))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the gateway", () => {
  test("a call returns behind its delay slot, with the other registers as they were", async () => {
    const { status, stdout } = await runText(`
_start:	ldi	77,%r19
	ldi	11,%r3
	system	20			; getpid
	stw	%r28,0(%sp)
	stw	%r19,4(%sp)
	stw	%r3,8(%sp)
	ldi	1,%r26
	copy	%sp,%r25
	ldi	12,%r24
	system	4
	copy	%r28,%r26
	exit`);
    expect(status).toBe(12);
    expect(words(stdout)).toEqual([1000, 77, 11]);
  });

  test("an unknown call is answered with −ENOSYS and counted", async () => {
    const { status, result } = await runText(`
_start:	system	289
	sub	%r0,%r28,%r26
	exit`);
    expect(status).toBe(251);
    expect(result.calls).toEqual({ exit: 1, set_robust_list: 1 });
  });

  test("sets the thread pointer, and nothing else", async () => {
    const { status } = await runText(`
_start:	ldi	99,%r26
	ble	0xe0(%sr2,%r0)
	nop
	mfctl	%cr27,%r26
	exit`);
    expect(status).toBe(99);
  });

  const LIGHT = `
	.macro	light number
	ble	0xb0(%sr2,%r0)
	ldi	\\number,%r20
	.endm`;

  test("compares and swaps", async () => {
    const { stdout, status } = await runText(`${LIGHT}
_start:	address	word,%r26
	ldi	5,%r25
	ldi	6,%r24
	light	0
	stw	%r28,12(%r26)		; 5: swapped
	stw	%r21,16(%r26)		; 0
	ldi	5,%r25
	light	0
	stw	%r28,20(%r26)		; 6: not swapped
	address	word,%r26
	address	six,%r25
	address	twelve,%r24
	ldi	3,%r23
	light	2			; both words are compared
	address	results,%r3
	stw	%r28,12(%r3)		; 0: swapped
	light	2
	stw	%r28,16(%r3)		; 1: not again
	ldi	4,%r23
	light	2
	stw	%r21,20(%r3)		; −22
	light	9
	stw	%r21,24(%r3)		; −251
	ldi	1,%r26
	print	word,40
	copy	%r0,%r26
	exit
	.data
	.align	8
word:	.word	5,7,0
results: .word	-1,-1,-1,-1,-1,-1,-1
six:	.word	6,7
twelve:	.word	12,13`);
    expect(words(stdout)).toEqual([12, 13, 0, 5, 0, 6, 0, 1, -22, -251]);
    expect(status).toBe(0);
  });

  test("a light-weight call with a wild pointer answers −EFAULT", async () => {
    const { status } = await runText(`${LIGHT}
_start:	ldi	16,%r26
	light	0
	sub	%r0,%r21,%r26
	exit`);
    expect(status).toBe(14);
  });

  test.each([
    ["behind the promotion", "ble\t0x108(%sr2,%r0)", 0],
    ["at no entry", "ble\t0x50(%sr2,%r0)", 128 + 5],
    ["in the page behind it", "ble\t0x1000(%sr2,%r0)", 128 + 11],
  ])("entered %s, it gives no privilege", async (_, entry, expected) => {
    const { status } = await runText(`
_start:	copy	%r0,%r26
	${entry}
	ldi	20,%r20
	mtctl	%r0,%cr24		; not this program's, whatever happened
	exit`);
    expect(status).toBe(expected === 0 ? 128 + 4 : expected);
  });
});

describe("the start", () => {
  test("argc, argv, environment and auxiliary vector stand as Linux/hppa has them", async () => {
    // Writes the stack from its base to its pointer, and the registers behind that.
    const text = `
_start:	stw	%r25,0(%sp)
	stw	%r24,4(%sp)
	stw	%sp,8(%sp)
	ldi	1,%r26
	ldil	L%${BARE.BARE_STACK},%r25
	sub	%sp,%r25,%r24
	ldo	12(%r24),%r24
	system	4
	exit`;
    const run = await runText(text, {
      arguments: ["prog", "first", ""],
      environment: ["A=1", "LONG=value"],
    });
    const stdout = Buffer.from(run.stdout);
    const base = BARE.BARE_STACK;
    const word = (address: number) => stdout.readUInt32BE(address - base);
    const string = (address: number) => {
      const from = address - base;
      return stdout.toString("latin1", from, stdout.indexOf(0, from));
    };
    const end = stdout.length - 12;
    const [argc, argv, sp] = [0, 4, 8].map((at) => stdout.readUInt32BE(end + at));
    expect(sp).toBe(base + end);
    expect(sp! % 64).toBe(0);
    expect(argc).toBe(3);
    expect(word(argv! - 4)).toBe(3);
    expect([0, 1, 2].map((i) => string(word(argv! + 4 * i)))).toEqual(["prog", "first", ""]);
    const envp = argv! + 16;
    expect(word(envp - 4)).toBe(0);
    expect([0, 1].map((i) => string(word(envp + 4 * i)))).toEqual(["A=1", "LONG=value"]);
    expect(word(envp + 8)).toBe(0);
    const vector = new Map<number, number>();
    let at = envp + 12;
    for (; word(at) !== 0; at += 8) vector.set(word(at), word(at + 4));
    expect(sp! - at).toBeGreaterThanOrEqual(64);
    expect(vector.get(AUXILIARY.AT_PAGESZ)).toBe(4096);
    expect(vector.get(AUXILIARY.AT_ENTRY)).toBe(TEXT);
    expect(vector.get(AUXILIARY.AT_SECURE)).toBe(0);
    expect(string(vector.get(AUXILIARY.AT_EXECFN)!)).toBe("/prog");
    expect(vector.get(AUXILIARY.AT_RANDOM)! % 1).toBe(0);
  });

  test("arguments that are too long are refused", async () => {
    const run = runText("_start:\texit", { arguments: ["prog", "x".repeat(200_000)] });
    await expect(run).rejects.toThrow(/^prog: arguments and environment too long: 2\d+ bytes$/);
  });
});

describe("pages", () => {
  test("come cleared when they are used: far more address space than memory", async () => {
    const { status, result } = await runText(`
_start:	address	room,%r3
	ldi	100,%r4
	ldil	L%0x20000,%r5
	copy	%r0,%r26
next:	ldw	0(%r3),%r6
	or	%r6,%r26,%r26
	stw	%r3,0(%r3)
	addib,<>	-1,%r4,next
	add	%r3,%r5,%r3
	exit
	.bss
	.align	4096
room:	.skip	0xd00000`);
    expect(status).toBe(0);
    expect(result.memoryUsed).toBeGreaterThan(100 * 4096);
    expect(result.memoryUsed).toBeLessThan(120 * 4096);
  });

  test("more than the TLB holds are found again by the handlers", async () => {
    const { status, result } = await runText(`
_start:	ldi	3,%r7
	copy	%r0,%r26
again:	address	room,%r3
	ldi	300,%r4
	ldil	L%4096,%r5
next:	ldw	0(%r3),%r6
	add	%r6,%r26,%r26
	ldi	1,%r6
	stw	%r6,0(%r3)
	addib,<>	-1,%r4,next
	add	%r3,%r5,%r3
	addib,<>	-1,%r7,again
	nop
	extru	%r26,31,8,%r26
	exit
	.bss
	.align	4096
room:	.skip	0x12d000`);
    expect(status).toBe(600 & 0xff);
    expect(result.counters.interruptions[15]).toBeGreaterThan(900);
  });

  test("shared by text and data have both", async () => {
    const bytes = elfOf(
      `
_start:	address	word,%r3
	ldw	0(%r3),%r26
	ldo	1(%r26),%r26
	stw	%r26,0(%r3)
	ldw	0(%r3),%r26
	exit
	.data
word:	.word	41`,
      { data: TEXT + 0x800 },
    );
    expect(await runElf(bytes)).toMatchObject({ status: 42 });
  });

  test("a program that uses more than there is ends, with one line", async () => {
    const { status, message } = await runText(`
_start:	address	room,%r3
	ldil	L%4096,%r5
next:	stw	%r3,0(%r3)
	b	next
	add	%r3,%r5,%r3
	.bss
	.align	4096
room:	.skip	0x1000000`);
    expect(message).toMatch(/^out of memory at next\+?\S* \(0x0001\w+\): all 2 MB are used$/);
    expect(status).toBe(128 + 9);
  });
});
