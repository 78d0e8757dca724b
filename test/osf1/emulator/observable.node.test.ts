// Everything that a program can see of its calls, in the three configurations (C5): results, errors, what
// registers have behind each call, its memory, its signals. Random calls, good and bad arguments;
// the program keeps what it sees, and writes it out at its end. What a call may spoil by its convention
// is left out, and where time is told: there the configurations differ, and that is what is measured.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CALL as LINUX } from "../../../host/abi/linux/calls.ts";
import { EMULATOR } from "../../../host/abi/osf1.ts";
import { CONFIGURATIONS, type Configuration } from "../../../host/bench/configurations.ts";
import type { TreeEntry } from "../../../host/osf1/ufs/tree.ts";
import { run } from "./program.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 2);
const SEED = Number(process.env["INKWELL_SEED"] ?? 1993);
const CALLS = 40;

type Value = number | string;
interface Made {
  /** Native, or Linux's. */
  readonly linux: boolean;
  readonly number: number;
  readonly values: readonly Value[];
}

const DATA = `
	.align	4096
before:	.fill	1024, 1, 0x5a
room:	.block	4096
between: .fill	1024, 1, 0x5b
times:	.block	256
behind:	.fill	1024, 1, 0x5c
words:	.word	1, 2, 3, 4, 30, 0, 0x7fffffff, 0x80000000
vector:	.word	room, 64, words, 16
seen:	.block	256
action:	.word	handler, 0, 0
file:	.stringz	"/d/file"
other:	.stringz	"/d/other"
directory: .stringz	"/d"
made:	.stringz	"/d/made"
nowhere: .stringz	"/d/nowhere/x"
empty:	.stringz	""
long:	.fill	1100, 1, 0x61
	.byte	0
	.align	8
memory_end:
`;
const FILES: TreeEntry[] = [
  { path: "d", content: { kind: "directory" }, permissions: 0o777 },
  {
    path: "d/file",
    content: { kind: "file", bytes: new Uint8Array(9000).map((_, i) => i & 0xff) },
    permissions: 0o666,
  },
];

const WILD = 0x3ffff000;
/** Text, which is read only; the page that says who a process is; what only the kernel has. */
const TEXT = 0x10000;
const KERNEL = 0xf0001000;
const bad = fc.constantFrom(0, 1, WILD, TEXT, EMULATOR.EMULATOR_INFO, KERNEL, 0xffffffff);
const buffer = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("room", "room + 1", "room + 2000") },
  { weight: 1, arbitrary: bad },
);
const input = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("words", "words + 4", "vector", "room") },
  { weight: 1, arbitrary: bad },
);
const path = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("file", "other", "directory", "made", "nowhere", "empty", "long"),
  },
  { weight: 1, arbitrary: bad },
);
/** Never those that the end needs. */
const fd = fc.constantFrom(3, 3, 3, 4, 4, 5, 6, 40, -1, 0x7fffffff);
const count = fc.constantFrom(0, 1, 3, 64, 1000, 2000, 9000, 20_000, 0x7fffffff, -1);
const small = fc.constantFrom(0, 1, 2, 3, 4, 8, 0x202, 0o644, 0o700, 99, -1);
const signal = fc.constantFrom(0, 30, 31, 99);
const told = fc.oneof(
  { weight: 4, arbitrary: fc.constant("times" as Value) },
  { weight: 1, arbitrary: bad as fc.Arbitrary<Value> },
);
/** What may be mapped and unmapped. */
const page = fc.constantFrom(0x50000000, 0x50001000, 0x50000800, 0);
const few = fc.constantFrom(0, 1, 4096, 5000, 8192, -1);
/** Two classes of argument in words: the process itself, and whoever is not there. */
const who = fc.constantFrom(0, 2, 9999);

type Arguments = readonly fc.Arbitrary<Value>[];
/** OSF/1's calls by number; none that ends, waits for others, or tells the time. */
const NATIVE: Readonly<Record<number, Arguments>> = {
  3: [fd, buffer, count],
  4: [fd, input, count],
  6: [fd],
  8: [path, small],
  9: [path, path],
  10: [path],
  12: [path],
  13: [fd],
  15: [path, small],
  16: [path, small, small],
  19: [fd, count, small],
  20: [],
  24: [],
  33: [path, small],
  37: [who, signal],
  39: [],
  41: [fd],
  43: [],
  45: [path, small, small],
  47: [],
  48: [small, small],
  54: [fd, fc.constantFrom(0x4004667f, 0x402c7413, 0x20006601, 0x8004667e), buffer],
  57: [path, path],
  58: [path, buffer, count],
  59: [path, input, input],
  60: [small],
  63: [],
  64: [],
  67: [path, told],
  68: [path, told],
  71: [page, count, small, fc.constantFrom(0, 0x12, 0x112, 2)],
  73: [page, few],
  74: [page, few, small],
  79: [small, buffer],
  82: [who, small],
  86: [small, buffer],
  87: [buffer, count],
  89: [],
  91: [fd, told],
  92: [fd, small, input],
  95: [fd],
  100: [small, who],
  103: [fc.constantFrom(0, 1, WILD, KERNEL)],
  117: [small, bad],
  120: [fd, fc.constantFrom<Value>("vector", WILD, 0), small],
  121: [fd, fc.constantFrom<Value>("vector", WILD, 0), small],
  122: [bad, bad],
  124: [fd, small],
  128: [path, path],
  129: [path, count],
  130: [fd, count],
  131: [fd, small],
  136: [path, small],
  137: [path],
  138: [path, fc.constantFrom<Value>("words", WILD, 0)],
  144: [small, buffer],
  145: [fc.constantFrom(4, 99, -1), input],
  159: [fd, buffer, count, buffer],
  298: [],
  299: [],
  290: [small],
};

const L = LINUX;
const LINUX_CALLS: Readonly<Record<number, Arguments>> = {
  [L.read]: [fd, buffer, count],
  [L.write]: [fd, input, count],
  [L.open]: [path, fc.constantFrom(0, 1, 2, 0o1102, 0o10000), small],
  [L.close]: [fd],
  [L.link]: [path, path],
  [L.unlink]: [path],
  [L.execve]: [path, input, input],
  [L.chdir]: [path],
  [L.chmod]: [path, small],
  [L.lseek]: [fd, count, small],
  [L.getpid]: [],
  [L.getppid]: [],
  [L.getuid]: [],
  [L.access]: [path, small],
  [L.kill]: [who, fc.constantFrom(0, 16, 17, 99)],
  [L.rename]: [path, path],
  [L.mkdir]: [path, small],
  [L.rmdir]: [path],
  [L.dup]: [fd],
  [L.umask]: [small],
  [L.ioctl]: [fd, fc.constantFrom(0x541b, 0x40245410, 0x5450), buffer],
  [L.fcntl64]: [fd, small, input],
  [L.readlink]: [path, buffer, count],
  [L.symlink]: [path, path],
  [L.truncate]: [path, count],
  [L.ftruncate]: [fd, count],
  [L.getcwd]: [buffer, count],
  [L.uname]: [buffer],
  [L.stat64]: [path, told],
  [L.getdents64]: [fd, buffer, count],
  [L.readv]: [fd, fc.constantFrom<Value>("vector", WILD, 0), small],
  [L.writev]: [fd, fc.constantFrom<Value>("vector", WILD, 0), small],
  [L.munmap]: [page, few],
  [L.brk]: [fc.constantFrom(0, 1, 0x7fffffff)],
  [L.getgroups]: [small, buffer],
  400: [small],
};

function callsOf(table: Readonly<Record<number, Arguments>>, linux: boolean): fc.Arbitrary<Made[]> {
  const each = Object.entries(table).map(([number, of]) =>
    fc.tuple(...of).map((values): Made => ({ linux, number: Number(number), values })),
  );
  return fc.array(fc.oneof(...each), { minLength: 1, maxLength: CALLS, size: "max" });
}

/** What Linux keeps, and what a procedure keeps: results and errors are seen besides. */
const KEPT = Array.from({ length: 15 }, (_, i) => 4 + i);
const LINUX_KEPT = [2, ...KEPT, 19, 21, 22, 23, 24, 25, 26, 27, 30];
const NATIVE_SEEN = [...KEPT, 22, 27, 28, 29, 30];
const LINUX_SEEN = [...LINUX_KEPT, 28];
const FLOATS = [12, 13, 20, 21];
const ARGUMENTS = ["%r26", "%r25", "%r24", "%r23"];

function textOf({ linux, number, values }: Made): string {
  // Words that a call does not have are the same everywhere, too.
  const all = ARGUMENTS.map((_, i) => values[i] ?? 0);
  const load = all.map((value, i) =>
    typeof value === "number"
      ? `\tldil\tL%${value >>> 0},${ARGUMENTS[i]}\n\tldo\tR%${value >>> 0}(${ARGUMENTS[i]}),${ARGUMENTS[i]}\n`
      : `\taddress\t${value},${ARGUMENTS[i]}\n`,
  );
  const seen = (linux ? LINUX_SEEN : NATIVE_SEEN).map((register) => `\tnote\t%r${register}\n`);
  const floats = FLOATS.map((register) => `\tfstds\t%fr${register},0(%r3)\n\tldo\t8(%r3),%r3\n`);
  return [
    ...load,
    "\tstw\t%r0,-52(%sp)\n\tstw\t%r0,-56(%sp)\n",
    `\t${linux ? "linux" : "native"}\t${number}\n`,
    ...seen,
    linux ? "\tmfctl\t%cr11,%r19\n\tnote\t%r19\n" : "",
    "\tldo\t4(%r3),%r3\n\tdepi\t0,31,3,%r3\n",
    ...floats,
  ].join("");
}

/** Handlers count, and keep what they are told. */
const HANDLER = `
	b,n	over
handler:
	address	seen,%r19
	ldw	0(%r19),%r20
	ldo	1(%r20),%r20
	extru	%r20,31,4,%r21
	sh2addl	%r21,%r19,%r21
	stw	%r26,32(%r21)
	bv	%r0(%rp)
	stw	%r20,0(%r19)
over:
`;

function program(calls: readonly Made[], linux: boolean): string {
  const begin = [
    ...KEPT.map((register) => `\tldi\t${1000 + register},%r${register}\n`),
    "\tldi\t13,%r19\n\tmtctl\t%r19,%cr11\n",
    ...FLOATS.map((register, i) => `\taddress\twords + ${8 * i},%r19\n\tfldds\t0(%r19),%fr${register}\n`), // prettier-ignore
  ];
  const action = linux
    ? [16, 17].map((each) => `\tldi\t${each},%r26\n\taddress\taction,%r25\n\tldi\t0,%r24\n\tldi\t8,%r23\n\tlinux\t${L.rt_sigaction}\n`) // prettier-ignore
    : [30, 31].map((each) => `\tldi\t${each},%r26\n\taddress\taction,%r25\n\tldi\t0,%r24\n\tnative\t156\n`); // prettier-ignore
  // At its end it writes its data, and its stack as far as it goes.
  const memory = `
	ldi	1,%r26
	address	before,%r25
	address	memory_end,%r24
	sub	%r24,%r25,%r24
	native	4
	ldi	1,%r26
	copy	%sp,%r25
	depi	0,31,12,%r25
	sub	%sp,%r25,%r24
	ldi	0,%r23				; has its place in the frame as well
	native	4
`;
  return [...action, ...begin, ...calls.map(textOf), HANDLER, memory].join("");
}

/** Where `times` is among what the program writes, in words: from `before` on. */
const TIMES = [(1024 + 4096 + 1024) / 4, (1024 + 4096 + 1024 + 256) / 4] as const;

async function seenIn(configuration: Configuration, calls: readonly Made[], linux: boolean) {
  const { notes, result } = await run(configuration, program(calls, linux), DATA, {
    files: FILES,
    room: 4 * 64 * (calls.length + 1),
  });
  return {
    ending: result.ending,
    words: notes.map((word, i) => (i >= TIMES[0] && i < TIMES[1] ? 0 : word)),
  };
}

describe.each([
  ["OSF/1's", false],
  ["Linux's", true],
] as const)("%s calls", (_, linux) => {
  test(`leave behind the same everywhere (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(callsOf(linux ? LINUX_CALLS : NATIVE, linux), async (calls) => {
        const [first, ...others] = await Promise.all(
          CONFIGURATIONS.map((configuration) => seenIn(configuration, calls, linux)),
        );
        expect(first!.ending).toMatchObject({ kind: "ended", status: { kind: "exited", code: 0 } });
        expect(first!.words.length).toBeGreaterThan(20 * calls.length);
        for (const other of others) expect(other).toEqual(first);
        // What is between the buffers is as it was.
        const guards = [0, (1024 + 4096) / 4, (1024 + 4096 + 1024 + 256) / 4];
        for (const [i, at] of guards.entries())
          expect(new Set(first!.words.slice(at, at + 256))).toEqual(new Set([0x5a5a5a5a + i * 0x01010101])); // prettier-ignore
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

// Mach numbers a task's rights as they come: the emulator's reply port is one more where it sends messages,
// so what a program asks of Mach itself gets another number there, and nothing else.
test("a program has Mach's ports, if it asks, by names that stay", async () => {
  const names = await Promise.all(
    CONFIGURATIONS.map(async (configuration) => {
      const asked = [-27, -28, -29, 47, -27, -28, -29];
      const { notes } = await run(
        configuration,
        asked.map((number) => `\tnative\t${number}\n\tnote\t%r28\n`).join(""),
        DATA.replaceAll("handler", "0"),
      );
      expect(notes.slice(4)).toEqual(notes.slice(0, 3));
      expect(new Set(notes.slice(0, 3)).size).toBe(3);
      return notes;
    }),
  );
  expect(names[1]).toEqual(names[0]);
});
