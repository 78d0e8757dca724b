/**
 * Programs that do what they may not, and files that are no programs: one clear line with a place, a
 * status that is not 0, and never an exception of ours or a run without end.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { elfOf, runElf, runText } from "./text-program.ts";

/** The seed of everything random here; a failure prints the case. */
const SEED = Number(process.env["INKWELL_SEED"] ?? 20_240_917);
/** How much more than usual is run: `INKWELL_FUZZ=100000` makes 100,000 cases of random text. */
const MORE = Math.max(1, Number(process.env["INKWELL_FUZZ"] ?? 0) / 150);
const TIMEOUT = { timeout: 20_000 + MORE * 20_000 };

/** r4 = text, r5 = data, r6 = nothing's address, rp = `there`; `here` is what a test puts in. */
const frame = (text: string): string => `
_start:	address	_start,%r4
	address	word,%r5
	ldil	L%0x40000000,%r6
	address	there,%rp
here:	${text}
	copy	%r0,%r26
	exit
there:	nop
	.data
	.align	8
word:	.word	1,2`;

const HERE = "here (0x0001001c)";
const SECOND = "here+0x4 (0x00010020)";
const SEGV = (place: string, what: string): string => `segmentation fault at ${place}: ${what}`;

// prettier-ignore
const MISTAKES: readonly (readonly [what: string, text: string, status: number, message: string | RegExp])[] = [
  ["null pointer", "ldw\t0(%r0),%r3", 139, SEGV(HERE, "reads 0x00000000, not mapped")],
  ["store to nowhere", "stw\t%r0,0x1234(%r0)", 139, SEGV(HERE, "writes 0x00001234, not mapped")],
  ["semaphore on text", "ldcws\t0(%r4),%r3", 139, SEGV(HERE, "writes 0x00010000, protected")],
  ["store to text", "stb\t%r0,3(%r4)", 139, SEGV(HERE, "writes 0x00010003, protected")],
  ["jump to nowhere", "bv,n\t%r0(%r6)", 139, /^segmentation fault at 0x40000000: executes 0x40000000, not mapped, returning to there \(0x0001\w+\)$/],
  ["jump to data", "bv,n\t%r0(%r5)", 139, SEGV("word (0x00011000)", "executes 0x00011000, protected")],
  ["beyond a program's addresses", "ldw\t-4(%r0),%r3", 139, SEGV(HERE, "reads 0xfffffffc, not mapped")],
  ["another space", "mtsp\t%r0,%sr1\n\tldw\t0(%sr1,%r4),%r3", 139, SEGV(SECOND, "reads 0x00010000, not mapped")],
  ["another space's text", "mtsp\t%r4,%sr1\n\tbe,n\t0(%sr1,%r4)", 139, /^segmentation fault at .*: executes 0x00010000, not mapped/],
  ["unaligned", "ldw\t2(%r5),%r3", 138, "bus error at here (0x0001001c): reads 0x00011002, not aligned"],
  ["illegal word", ".word\t0xffffffff", 132, `illegal instruction at ${HERE}: 0xffffffff`],
  ["an escape of its own", "escape\t1", 132, `illegal instruction at ${HERE}: 0x0000201f`],
  ["break", "break\t1,2", 133, `break instruction at ${HERE}: 0x00004001`],
  ["privileged instruction", "rfi", 132, `privileged instruction at ${HERE}: 0x00000c00`],
  ["privileged register", "mtctl\t%r0,%cr14", 132, `privileged register at ${HERE}: 0x01c01840`],
  ["TLB insert", "idtlba\t%r3,(%sr0,%r4)", 132, /^privileged instruction at here /],
  ["overflow trap", "ldil\tL%0x80000000,%r3\n\taddo\t%r3,%r3,%r3", 136, /^integer overflow trap at here\+0x4 /],
  ["conditional trap", "addit,=\t0,%r0,%r3", 136, /^conditional trap at here \(0x0001001c\): 0x\w{8}$/],
  ["division by zero, trapped", "ldi\t8,%r3\n\tstw\t%r3,0(%sp)\n\tfldws\t0(%sp),%fr0L\n\tldil\tL%0x3ff00000,%r3\n\tstw\t%r3,0(%sp)\n\tstw\t%r0,4(%sp)\n\tfldds\t0(%sp),%fr4\n\tfcpy,dbl\t%fr0,%fr5\n\tfdiv,dbl\t%fr4,%fr5,%fr6\n\tfadd,dbl\t%fr6,%fr6,%fr6", 136, /^floating-point exception at here\+0x24 .*: division by zero$/],
  ["stack without end", "ldil\tL%4096,%r3\nagain:\tadd\t%sp,%r3,%sp\n\tb\tagain\n\tstw\t%r0,0(%sp)", 137, /^out of memory at again\+0x8 /],
  ["loop without end", "b,n\there", 124, `cycle limit reached at ${HERE}: 2000000 cycles`],
  ["wait without end", "system\t29", 124, /^waits for ever: pause, at here\+0x8 /],
  ["sleep beyond the limit", "ldil\tL%0x40000000,%r3\n\tstw\t%r3,0(%sp)\n\tstw\t%r0,4(%sp)\n\tcopy\t%sp,%r26\n\tcopy\t%r0,%r25\n\tsystem\t162", 124, /^cycle limit reached in sleep, at here\+0x/],
  ["a signal of its own", "ldi\t0,%r26\n\tldi\t6,%r25\n\tsystem\t37", 134, /^killed by SIGABRT at here\+/],
];

describe("mistakes", () => {
  test.each(MISTAKES)("%s", async (_, text, status, message) => {
    const run = await runText(frame(text));
    expect({ status: run.status, message: run.message }).toEqual({
      status,
      message: message instanceof RegExp ? expect.stringMatching(message) : message,
    });
  });

  test("a stack at its limit, on a machine that has room", async () => {
    const run = await runText(
      frame(`ldil	L%4096,%r3
again:	add	%sp,%r3,%sp
	b	again
	stw	%r0,0(%sp)`),
      { machine: { memoryBytes: 16 << 20 } },
    );
    expect(run.message).toMatch(
      /^segmentation fault at again\+0x8 .*: writes 0xfa800\w+, behind the stack's limit$/,
    );
    expect(run.status).toBe(139);
  });

  test("a flush or a probe of nothing does nothing", async () => {
    const run = await runText(
      frame(`fdc	%r0(%r6)
	fic	%r0(%sr4,%r6)
	ldi	-1,%r7
	proberi	(%sr0,%r6),3,%r7
	proberi	(%sr0,%r5),3,%r8
	probewi	(%sr0,%r4),3,%r9
	zdep	%r7,29,4,%r26
	zdep	%r8,30,4,%r8
	or	%r8,%r26,%r26
	or	%r9,%r26,%r26
	exit`),
    );
    expect(run).toMatchObject({ status: 2, message: "" });
  });
});

/** What a file is refused with. */
async function refusal(bytes: Uint8Array, memoryBytes?: number): Promise<string> {
  try {
    await runElf(bytes, { ...(memoryBytes !== undefined && { machine: { memoryBytes } }) });
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("files", () => {
  const good = elfOf("_start:\texit");
  const patched = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = good.slice();
    copy.set(bytes, at);
    return copy;
  };

  test.each<[what: string, bytes: () => Uint8Array, message: RegExp]>([
    ["nothing", () => new Uint8Array(), /not an ELF file/],
    ["a text", () => Buffer.from("#!/bin/sh\n"), /not an ELF file/],
    ["cut off", () => good.slice(0, 60), /./],
    ["64-bit", () => patched(4, 2), /32-bit/],
    ["little-endian", () => patched(5, 1), /big-endian/],
    ["for another machine", () => patched(18, 0, 3), /PA-RISC/],
    ["a shared object", () => patched(16, 0, 3), /dynamic/],
    ["an object", () => patched(16, 0, 1), /./],
    ["with its entry nowhere", () => patched(24, 0x70, 0, 0, 0), /entry/],
    ["with its entry between words", () => patched(24, 0, 1, 0, 2), /entry/],
  ])("%s: refused with one line", async (_, bytes, message) => {
    const line = await refusal(bytes());
    expect(line).toMatch(/^prog: [^\n]+$/);
    expect(line).toMatch(message);
  });

  test("a program that is larger than the memory is refused", async () => {
    const large = elfOf("_start:\texit\n\t.data\n\t.fill\t0x120000,1,7");
    expect(await refusal(large, 1 << 20)).toMatch(
      /^prog: too big for a memory of 1048576 bytes: 118\d{4} bytes$/,
    );
  });

  test("a program in addresses that are not a program's is refused", async () => {
    const table = new DataView(good.buffer).getUint32(28);
    for (const address of [0, 0xfa000000, 0xffff0000]) {
      const copy = good.slice();
      new DataView(copy.buffer).setUint32(table + 8, address);
      new DataView(copy.buffer).setUint32(24, address);
      expect(await refusal(copy)).toMatch(/^prog: segment outside a program's addresses: 0x/);
    }
  });
});

describe("anything", () => {
  test("random words as text never end in an exception", TIMEOUT, async () => {
    const word = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      // Loads, stores and branches close by, which go on for longer.
      fc.integer({ min: 0, max: 0xffff }).map((low) => 0x4b000000 + low * 0x111),
      fc.constantFrom(0xe4008200, 0xe8000000, 0x08000240, 0x0c801081, 0x34140002),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 4, maxLength: 60 }), async (words) => {
        const text = words.map((value) => `\t.word\t${value >>> 0}`).join("\n");
        const run = await runText(`_start:\n${text}\n\texit`, { maxCycles: 20_000 });
        expect(run.status).toBeGreaterThanOrEqual(0);
      }),
      { seed: SEED, numRuns: Math.ceil(150 * MORE) },
    );
  });

  test("system calls with random arguments never end in an exception", TIMEOUT, async () => {
    const argument = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.integer({ min: -5, max: 40 }),
      fc.constantFrom(0xfa000000, 0xfa001000, 0x10000, 0x11000, 0x40000000, 0xffe00000),
      fc.constantFrom(4096, 8192, 65536, 0x7fffffff, 0x80000000, 0xfffff000),
    );
    const call = fc.tuple(
      fc.integer({ min: 2, max: 460 }),
      fc.array(argument, { minLength: 6, maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 60 }), async (calls) => {
        const rows = calls.map(([number, args]) => [number, ...args].map((v) => v >>> 0).join());
        const run = await runText(
          `
_start:	address	table,%r3
	ldi	${calls.length},%r4
next:	ldws,ma	4(%r3),%r20
	ldws,ma	4(%r3),%r26
	ldws,ma	4(%r3),%r25
	ldws,ma	4(%r3),%r24
	ldws,ma	4(%r3),%r23
	ldws,ma	4(%r3),%r22
	ble	0x100(%sr2,%r0)
	ldws,ma	4(%r3),%r21
	addib,<>	-1,%r4,next
	nop
	copy	%r0,%r26
	exit
	.align	4096
table:	.word	${rows.join("\n\t.word\t")}`,
          { maxCycles: 10_000_000 },
        );
        expect(run.status).toBeGreaterThanOrEqual(0);
      }),
      { seed: SEED, numRuns: Math.ceil(60 * MORE) },
    );
  });

  test("files with changed bytes never end in an exception", TIMEOUT, async () => {
    const good = elfOf("_start:\tcopy\t%r0,%r26\n\texit\n\t.data\n\t.word\t1,2,3");
    const change = fc.tuple(fc.integer({ min: 0, max: 260 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const copy = good.slice();
        for (const [at, value] of changes) copy[at] = value;
        try {
          await runElf(copy, { maxCycles: 20_000 });
        } catch (error) {
          expect(error).toBeInstanceOf(DiagnosticError);
        }
      }),
      { seed: SEED, numRuns: Math.ceil(200 * MORE) },
    );
  });
});
