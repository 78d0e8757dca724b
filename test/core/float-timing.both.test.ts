/**
 * Cycles of floating-point programs, worked out by hand from the schedule of the PA-7000's unit: a
 * result is there 3 cycles after its operation, a loaded number after 2 (for a store after 4), adder
 * and multiplier each take an operation every 2 cycles, division and root keep the multiplier; FTEST
 * may follow its comparison after 4; a store takes a result of its own size a cycle early.
 *
 * As in timing.both.test.ts each program runs twice and the second run is counted.
 */
import { describe, expect, test } from "vitest";
import type { MachineConfig } from "../../host/machine/config.ts";
import { DATA, program } from "../support/program.ts";

/** Cycles of `body` with everything cached and all results there, and how many of them are stalls. */
async function cyclesOf(
  body: string,
  config: Partial<MachineConfig> = {},
): Promise<readonly [cycles: number, stalls: number]> {
  const { machine, escape } = await program(
    `
start:
	ldi 2,%r3
again:
	ldi ${DATA},%r7
	ldi 8,%r9
${"	nop\n".repeat(24)}
	mfctl %cr16,%r20
begin:
${body}
end:
	mfctl %cr16,%r21
	addib,> -1,%r3,again
	nop
	escape 1
`,
    { config: { mfctl: 0, ...config } },
  );
  machine.setCr(10, 0xc0);

  expect(escape()).toBe(1);
  return [machine.gr(21) - machine.gr(20) - 1, machine.counters().fpu / 2];
}

const CASES: [name: string, body: string, cycles: number, stalls: number][] = [
  ["operations apart", "	fadd,dbl %fr4,%fr5,%fr6\n	nop\n	fadd,dbl %fr4,%fr5,%fr7", 3, 0],
  ["adder every 2 cycles", "	fadd,dbl %fr4,%fr5,%fr6\n	fsub,dbl %fr4,%fr5,%fr7", 3, 1],
  ["copies use the adder", "	fcpy,dbl %fr4,%fr6\n	fabs,dbl %fr4,%fr7\n	fcnvff,dbl,sgl %fr5,%fr8", 5, 2],
  ["multiplier every 2 cycles", "	fmpy,dbl %fr4,%fr5,%fr6\n	fmpy,dbl %fr4,%fr5,%fr7", 3, 1],
  ["two units, one cycle", "	fmpy,dbl %fr4,%fr5,%fr6\n	fadd,dbl %fr4,%fr5,%fr7", 2, 0],
  ["use of a sum", "	fadd,dbl %fr4,%fr5,%fr6\n	fmpy,dbl %fr6,%fr5,%fr7", 4, 2],
  ["use of a product, one between", "	fmpy,dbl %fr4,%fr5,%fr6\n	nop\n	fadd,dbl %fr6,%fr5,%fr7", 4, 1],
  ["use of a product, two between", "	fmpy,dbl %fr4,%fr5,%fr6\n	nop\n	nop\n	fadd,dbl %fr6,%fr5,%fr7", 4, 0],
  ["use as second operand", "	fmpy,sgl %fr4,%fr5,%fr6\n	fadd,sgl %fr5,%fr6,%fr7", 4, 2],
  ["the other half is no use", "	fmpy,sgl %fr4,%fr5,%fr6\n	fadd,sgl %fr5,%fr6R,%fr7", 2, 0],
  ["the whole of a half is", "	fmpy,sgl %fr4,%fr5,%fr6\n	fadd,dbl %fr5,%fr6,%fr7", 4, 2],
  ["a half of the whole is", "	fmpy,dbl %fr4,%fr5,%fr6\n	fadd,sgl %fr5,%fr6R,%fr7", 4, 2],
  ["integer multiplication", "	xmpyu %fr4,%fr5,%fr6\n	fadd,dbl %fr5,%fr6,%fr7", 4, 2],
  ["division, single", "	fdiv,sgl %fr4,%fr5,%fr6\n	fadd,sgl %fr6,%fr5,%fr7", 11, 9],
  ["division, double", "	fdiv,dbl %fr4,%fr5,%fr6\n	fadd,dbl %fr6,%fr5,%fr7", 13, 11],
  ["division keeps the multiplier", "	fdiv,dbl %fr4,%fr5,%fr6\n	fmpy,dbl %fr5,%fr5,%fr7", 13, 11],
  ["and not the adder", "	fdiv,dbl %fr4,%fr5,%fr6\n	fadd,dbl %fr5,%fr5,%fr7", 2, 0],
  ["root, single", "	fsqrt,sgl %fr4,%fr6\n	fsqrt,sgl %fr5,%fr7", 15, 13],
  ["root, double", "	fsqrt,dbl %fr4,%fr6\n	fcpy,dbl %fr6,%fr7", 19, 17],
  ["comparison and test", "	fcmp,dbl,= %fr4,%fr5\n	ftest\n	nop", 6, 3],
  ["comparison, three between", "	fcmp,dbl,= %fr4,%fr5\n	nop\n	nop\n	nop\n	ftest\n	nop", 6, 0],
  ["load, then use", "	fldds 0(%r7),%fr4\n	fadd,dbl %fr4,%fr5,%fr6", 3, 1],
  ["load, then no use", "	fldds 0(%r7),%fr8\n	fadd,dbl %fr4,%fr5,%fr6", 2, 0],
  ["load, one other, then use", "	fldws 0(%r7),%fr4\n	nop\n	fadd,sgl %fr4,%fr5,%fr6", 3, 0],
  ["load, then store of it", "	fldds 0(%r7),%fr4\n	fstds %fr4,8(%r7)", 5, 3],
  ["load by index, then use", "	flddx %r9(%r7),%fr4\n	fadd,dbl %fr4,%fr5,%fr6", 3, 1],
  ["result, then store of it", "	fadd,dbl %fr4,%fr5,%fr6\n	fstds %fr6,0(%r7)", 3, 1],
  ["result, then store of a half", "	fadd,dbl %fr4,%fr5,%fr6\n	fstws %fr6R,0(%r7)", 4, 2],
  ["single, then store of it", "	fadd,sgl %fr4,%fr5,%fr6\n	fstws %fr6,0(%r7)", 3, 1],
  ["single, then store of the whole", "	fadd,sgl %fr4,%fr5,%fr6\n	fstds %fr6,0(%r7)", 4, 2],
  ["store, store: the cache is busy", "	fstds %fr4,0(%r7)\n	fstds %fr5,8(%r7)", 4, 0],
  ["store, integer load", "	fstws %fr4,0(%r7)\n	ldw 0(%r7),%r8", 4, 0],
  ["waiting while the cache is busy", "	fstds %fr4,0(%r7)\n	fadd,dbl %fr4,%fr5,%fr6\n	fstds %fr6,8(%r7)", 4, 1],
  ["two operations in one", "	fmpyadd,dbl %fr4,%fr5,%fr6,%fr7,%fr8\n	fadd,dbl %fr4,%fr5,%fr9", 3, 1],
  ["what it adds to is read", "	fadd,dbl %fr4,%fr5,%fr8\n	fmpyadd,dbl %fr4,%fr5,%fr6,%fr7,%fr8", 4, 2],
  ["both results", "	fmpysub,dbl %fr4,%fr5,%fr6,%fr7,%fr8\n	fcpy,dbl %fr6,%fr9", 4, 2],
  ["the status waits for everything", "	fdiv,dbl %fr4,%fr5,%fr6\n	fstds %fr0,0(%r7)", 13, 11],
  ["across a branch", "	fadd,dbl %fr4,%fr5,%fr6\n	b there\n	nop\n	nop\nthere:	fmpy,dbl %fr6,%fr6,%fr7", 4, 0],
  ["a stall elsewhere hides it", "	fadd,dbl %fr4,%fr5,%fr6\n	ldw 0(%r7),%r8\n	add %r8,%r8,%r8\n	fmpy,dbl %fr6,%fr6,%fr7", 5, 0],
]; // prettier-ignore

describe("cycles of a PA-7000's floating point", () => {
  test.each(CASES)("%s", async (_, body, cycles, stalls) => {
    expect(await cyclesOf(body)).toEqual([cycles, stalls]);
  });

  test("parameters: every rule can be moved", async () => {
    const use = "	fadd,dbl %fr4,%fr5,%fr6\n	fmpy,dbl %fr6,%fr5,%fr7";
    expect(await cyclesOf(use, { floatResult: 2 })).toEqual([3, 1]);
    expect(await cyclesOf(use, { floatResult: 1 })).toEqual([2, 0]);
    const load = "	fldds 0(%r7),%fr4\n	fadd,dbl %fr4,%fr5,%fr6";
    expect(await cyclesOf(load, { floatLoad: 1 })).toEqual([2, 0]);
    const copy = "	fldds 0(%r7),%fr4\n	fstds %fr4,8(%r7)";
    expect(await cyclesOf(copy, { floatLoadStore: 2 })).toEqual([3, 1]);
    const store = "	fadd,dbl %fr4,%fr5,%fr6\n	fstds %fr6,0(%r7)";
    expect(await cyclesOf(store, { floatBypass: 0 })).toEqual([4, 2]);
    const adds = "	fadd,dbl %fr4,%fr5,%fr6\n	fsub,dbl %fr4,%fr5,%fr7";
    expect(await cyclesOf(adds, { floatDistance: 1 })).toEqual([2, 0]);
    expect(await cyclesOf("	fcmp,dbl,= %fr4,%fr5\n	ftest\n	nop", { floatTest: 2 })).toEqual([
      4, 1,
    ]);
    const after = (operation: string): string => `	${operation}\n	fcpy,dbl %fr6,%fr7`;
    expect(await cyclesOf(after("fdiv,sgl %fr4,%fr5,%fr6"), { divideSingle: 5 })).toEqual([6, 4]);
    expect(await cyclesOf(after("fdiv,dbl %fr4,%fr5,%fr6"), { divideDouble: 7 })).toEqual([8, 6]);
    expect(await cyclesOf(after("fsqrt,sgl %fr4,%fr6"), { rootSingle: 6 })).toEqual([7, 5]);
    expect(await cyclesOf(after("fsqrt,dbl %fr4,%fr6"), { rootDouble: 8 })).toEqual([9, 7]);
  });

  test("an I-miss does not make results older", async () => {
    // The operation is the last of its line; its use is in a line that was never fetched.
    const text = `	ldi 0,%r1\n	nop\n	nop\n	nop\n	nop\n	nop\n	nop\n	fadd,dbl %fr4,%fr5,%fr6
	fmpy,dbl %fr6,%fr5,%fr7\n	escape 1`;
    const { machine, escape } = await program(text);
    machine.setCr(10, 0xc0);
    expect(escape()).toBe(1);
    expect(machine.counters().i_misses).toBe(2);
    expect(machine.counters().fpu).toBe(2);
  });

  test("slices of any length give the same cycles", async () => {
    const text = `	ldi 40,%r3
again:	fadd,dbl %fr4,%fr5,%fr6
	fdiv,dbl %fr6,%fr5,%fr7
	fldds 0(%r7),%fr8
	fmpy,dbl %fr8,%fr6,%fr9
	fstds %fr9,8(%r7)
	fcmp,dbl,= %fr7,%fr9
	ftest
	nop
	addib,> -1,%r3,again
	fstds %fr7,8(%r7)
	escape 1`;
    const whole = await program(text, { registers: { 7: DATA } });
    whole.machine.setCr(10, 0xc0);
    expect(whole.escape()).toBe(1);
    for (const slice of [1, 2, 3, 7, 50]) {
      const { machine, run } = await program(text, { registers: { 7: DATA } });
      machine.setCr(10, 0xc0);
      while (run(slice).reason === "limit");
      expect([slice, machine.counters()]).toEqual([slice, whole.machine.counters()]);
    }
  });
});
