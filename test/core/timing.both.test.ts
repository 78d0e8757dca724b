/**
 * Cycle counts of short programs, worked out by hand from the rules of the PA-7000: one cycle an
 * instruction (nullified ones too), +1 when the next instruction reads what a load brings, no load or
 * store in the two cycles after a store, 14 cycles a miss; control operations are set to 2 more, so
 * that the arithmetic here does not depend on their calibration.
 *
 * Each program runs twice; the second run, with all lines cached, is counted between two reads of
 * CR16. A read is itself a control operation: the first one's 1 + 2 cycles are in the difference.
 */
import { describe, expect, test } from "vitest";
import { CONTROL_OPERATIONS } from "../../host/machine/calibration.ts";
import type { MachineConfig } from "../../host/machine/config.ts";
import { DATA, program } from "../support/program.ts";

const READ = 3;
const CONTROL = Object.fromEntries(CONTROL_OPERATIONS.parameters.map((name) => [name, 2]));

/** Cycles of `body` with everything cached. r7 points at zeroed data. */
async function cyclesOf(body: string, config: Partial<MachineConfig> = {}): Promise<number> {
  const { machine, escape } = await program(
    `
start:
	ldi 2,%r3
again:
	ldi ${DATA},%r7
	bl .+8,%r2
	ldi 0,%r9
	mfctl %cr16,%r20
${body}
	mfctl %cr16,%r21
	addib,> -1,%r3,again
	nop
	escape 1
	.align 64
far:
	bv %r0(%r31)
	nop
`,
    { config: { ...CONTROL, ...config } },
  );
  expect(escape()).toBe(1);
  return machine.gr(21) - machine.gr(20) - READ;
}

const CASES: [name: string, body: string, cycles: number][] = [
  ["nothing", "", 0],
  ["straight code", "\tadd %r1,%r1,%r1\n\tldil L%0x12345000,%r1\n\textru %r1,4,4,%r1", 3],
  ["a nullified instruction costs its slot", "\tadd,tr %r0,%r0,%r0\n\tldw 0(%r7),%r8", 2],
  ["load, then no use", "\tldw 0(%r7),%r8\n\tadd %r9,%r9,%r9\n\tadd %r8,%r9,%r9", 3],
  ["load, then use: +1", "\tldw 0(%r7),%r8\n\tadd %r8,%r9,%r9", 3],
  ["load into r0 has no use", "\tldw 0(%r7),%r0\n\tadd %r0,%r9,%r9", 2],
  ["load, then use as base: +1", "\tldw 0(%r7),%r8\n\tldw 0(%r8),%r9", 3],
  ["load, then use as stored value: +1", "\tldw 0(%r7),%r8\n\tstw %r8,4(%r7)", 3],
  ["the modified base is no load result", "\tldwm 4(%r7),%r8\n\tldo -4(%r7),%r7", 2],
  ["deposit reads its target: +1", "\tldw 0(%r7),%r8\n\tdep %r0,31,1,%r8", 3],
  ["zero-deposit does not", "\tldw 0(%r7),%r8\n\tzdep %r0,31,1,%r8", 2],
  ["load whose use is nullified", "\tldw 0(%r7),%r8\n\tadd,tr %r0,%r0,%r0\n\tadd %r8,%r9,%r9", 3],
  ["store, store: +2", "\tstw %r0,0(%r7)\n\tstw %r0,4(%r7)", 4],
  ["store, load: +2", "\tstw %r0,0(%r7)\n\tldw 4(%r7),%r8", 4],
  ["store, one other, store: +1", "\tstw %r0,0(%r7)\n\tnop\n\tstw %r0,4(%r7)", 4],
  ["store, two others, store: none", "\tstw %r0,0(%r7)\n\tnop\n\tnop\n\tstw %r0,4(%r7)", 4],
  ["three stores: +4", "\tstw %r0,0(%r7)\n\tstw %r0,4(%r7)\n\tstw %r0,8(%r7)", 7],
  ["load, load: none", "\tldw 0(%r7),%r8\n\tldw 4(%r7),%r9", 2],
  ["a nullified load does not wait", "\tstw %r0,0(%r7)\n\tadd,tr %r0,%r0,%r0\n\tldw 4(%r7),%r8", 3],
  [
    "the load-and-clear is a load and a store, to the next: +1 +2",
    "\tldcws 0(%r7),%r0\n\tldw 4(%r7),%r8",
    5,
  ],
  ["store, then load-and-clear: +2 +1", "\tstw %r0,0(%r7)\n\tldcws 0(%r7),%r0", 5],
  // Interlocks across a branch: the executed successor counts, not the next in memory.
  [
    "load in a delay slot, use at the target: +1",
    "\tb there\n\tldw 0(%r7),%r8\n\tnop\nthere:\tadd %r8,%r9,%r9",
    4,
  ],
  ["load before a branch that uses it: +1", "\tldw 0(%r7),%r8\n\tcomb,<> %r8,%r0,.+8\n\tnop", 4],
  [
    "a store's busy time across a branch: +1",
    "\tstw %r0,0(%r7)\n\tb,n over\nover:\tstw %r0,4(%r7)",
    4,
  ],
  ["taken branch: two cycles with its slot", "\tb skip\n\tnop\n\tnop\nskip:", 2],
  ["taken branch that nullifies: two cycles", "\tb,n skip\n\tnop\n\tnop\nskip:", 2],
  ["branch not taken, forward, nullify: slot runs", "\tcomb,<>,n %r0,%r0,skip\n\tnop\nskip:", 2],
  ["call and return through another line", "\tbl far,%r31\n\tnop", 4],
  // Control operations, +2 each.
  ["mfctl", "\tmfctl %cr24,%r8", 3],
  ["mtctl", "\tmtctl %r0,%cr25", 3],
  ["mfsp, mtsp", "\tmfsp %sr1,%r8\n\tmtsp %r8,%sr1", 6],
  ["rsm, ssm", "\trsm 0,%r0\n\tssm 0,%r0", 6],
  [
    "a control operation hides busy time",
    "\tstw %r0,0(%r7)\n\tmfctl %cr24,%r8\n\tldw 4(%r7),%r9",
    5,
  ],
  ["be, with its slot", "\tldil L%next,%r1\n\tbe R%next(%sr4,%r1)\n\tnop\nnext:", 5],
];

describe("cycles of a PA-7000", () => {
  test.each(CASES)("%s", async (_, body, cycles) => {
    expect(await cyclesOf(body)).toBe(cycles);
  });

  /** mach-hp700 facts: the kernel's copy loop of nine instructions takes 16 cycles for 16 bytes. */
  test("the copy loop: one cycle a byte", async () => {
    const loop = `
	ldo 256(%r7),%r8
	ldi 4,%r22
copy:
	ldwm 4(%r7),%r10
	ldwm 4(%r7),%r11
	ldwm 4(%r7),%r12
	ldwm 4(%r7),%r13
	stwm %r10,4(%r8)
	stwm %r11,4(%r8)
	stwm %r12,4(%r8)
	addib,> -1,%r22,copy
	stwm %r13,4(%r8)`;
    // Four times: the loads 4, stores 1 + 3 + 3, decrement 1, store 1 + 1; the next round's first
    // load waits 2. The last round is not followed by a load.
    expect(await cyclesOf(loop)).toBe(2 + 4 * 16 - 2);
  });

  test("parameters: every rule can be moved", async () => {
    const use = "\tldw 0(%r7),%r8\n\tadd %r8,%r9,%r9";
    expect(await cyclesOf(use, { loadUse: 0 })).toBe(2);
    expect(await cyclesOf(use, { loadUse: 3 })).toBe(5);
    const stores = "\tstw %r0,0(%r7)\n\tstw %r0,4(%r7)";
    expect(await cyclesOf(stores, { storeBusy: 0 })).toBe(2);
    expect(await cyclesOf(stores, { storeBusy: 1 })).toBe(3);
    expect(await cyclesOf("\tmtctl %r0,%cr25", { mtctl: 5 })).toBe(6);
    // Static prediction: backward taken, forward not taken; here one forward branch that is taken.
    expect(await cyclesOf("\tcomb,= %r0,%r0,skip\n\tnop\nskip:", { mispredict: 2 })).toBe(4);
    expect(await cyclesOf("\tcomb,<> %r0,%r0,skip\n\tnop\nskip:", { mispredict: 2 })).toBe(2);
    expect(await cyclesOf("\tbl far,%r31\n\tnop", { branchRegister: 1 })).toBe(5);
  });
});

describe("misses", () => {
  test("a D-miss costs 14 cycles once a line", async () => {
    const { machine, escape } = await program(
      `	ldi ${DATA},%r7
	ldw 0(%r7),%r8
	ldw 28(%r7),%r8
	ldw 32(%r7),%r8
	stw %r0,64(%r7)
	escape 1`,
    );
    expect(escape()).toBe(1);
    // Lines at 0, 32 and 64; six instructions on one I line (TEXT is line-aligned).
    const counters = machine.counters();
    expect(counters.d_misses).toBe(3);
    expect(counters.d_stall).toBe(3 * 14);
    expect(counters.i_misses).toBe(1);
    expect(counters.instructions).toBe(6);
    expect(counters.cycles).toBe(6 + 3 * 14 + 14);
  });

  test("lines a cache size apart evict each other, dirty ones with a write-back", async () => {
    const { machine, escape } = await program(
      `	ldil L%0x80000,%r7
	ldil L%${0x80000 + 0x40000},%r8
	stw %r0,0(%r7)
	ldw 0(%r8),%r9
	ldw 0(%r7),%r9
	ldw 0(%r7),%r9
	escape 1`,
      { config: { writeBack: 5 } },
    );
    expect(escape()).toBe(1);
    const counters = machine.counters();
    expect(counters.d_misses).toBe(3);
    expect(counters.write_backs).toBe(1);
    expect(counters.write_back).toBe(5);
  });

  test("an I-miss for each line of 8 instructions, none the second time", async () => {
    const { machine, escape } = await program(
      `	ldi 2,%r3
${"\tnop\n".repeat(7)}loop:
${"\tnop\n".repeat(22)}	addib,> -1,%r3,loop
	nop
	escape 1`,
    );
    expect(escape()).toBe(1);
    // The first line, three of the loop, and the one with the escape.
    expect(machine.counters().i_misses).toBe(5);
  });

  test("I-misses count where the instructions are executed, not where a slice ends", async () => {
    const text = `	b over
	nop
	.align 64
over:
	escape 1`;
    const { machine, escape } = await program(text);
    expect(escape()).toBe(1);
    expect(machine.counters().i_misses).toBe(2);
  });
});
