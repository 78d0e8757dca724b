/**
 * Interruptions, returns from them, privilege, and the program counter queue (PA-RISC 1.1 manual,
 * chapter 4, and the branch instructions of chapter 5).
 */
import { describe, expect, test } from "vitest";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { INTERRUPTED, program, type ProgramOptions, TEXT, VECTORS } from "../support/program.ts";

const Q = PSW.PSW_Q;

async function stops(text: string, options: ProgramOptions = {}): Promise<number> {
  const { escape } = await program(`${text}\n	escape 1`, { psw: Q, ...options });
  return escape() - INTERRUPTED;
}

describe("causes", () => {
  test.each([
    ["break 0,5", I.I_BREAK, 0],
    [".word 0x14ffffff", I.I_PRIVILEGED_OPERATION, 3],
    [".word 0xfc000000", I.I_ILLEGAL, 0],
    ["rfi", I.I_PRIVILEGED_OPERATION, 3],
    ["ssm 1,%r0", I.I_PRIVILEGED_OPERATION, 1],
    ["mtctl %r0,%cr25", I.I_PRIVILEGED_REGISTER, 3],
    ["mfctl %cr24,%r1", I.I_PRIVILEGED_REGISTER, 3],
    ["mtsp %r0,%sr5", I.I_PRIVILEGED_REGISTER, 3],
    ["ldwax 0(%r1),%r1", I.I_PRIVILEGED_OPERATION, 3],
    ["iitlbp %r1,(%sr1,%r2)", I.I_PRIVILEGED_OPERATION, 3],
    ["fadd,dbl %fr4,%fr5,%fr6", I.I_ASSIST_EMULATION, 0],
    ["fldws 0(%r0),%fr4", I.I_ASSIST_EMULATION, 0],
    ["addo %r1,%r2,%r3", I.I_OVERFLOW, 0],
    ["addit,= -1,%r4,%r3", I.I_CONDITIONAL, 0],
  ] as const)("%s: %i at level %i", async (instruction, number, privilege) => {
    const { machine, escape, symbol } = await program(`	nop\nhere:	${instruction}\n	escape 1`, {
      psw: Q,
      privilege,
      registers: { 1: 0x7fffffff, 2: 1, 3: 33, 4: 1 },
    });
    expect(escape()).toBe(INTERRUPTED + number);
    expect(machine.cr(18)).toBe(symbol("here") | privilege);
    expect(machine.cr(19)).toBe(machine.memory.read32(symbol("here")));
    expect(machine.gr(3)).toBe(33);
    expect(machine.pcoq.frontOffset & 3).toBe(0);
  });

  test("allowed at every level: SAR, CR16, CR26, CR27, SR0 to SR4", async () => {
    const text = `	mtctl %r1,%cr11\n	mfctl %cr11,%r2\n	mfctl %cr16,%r2\n	mfctl %cr26,%r2\n	mfctl %cr27,%r2
	mtsp %r1,%sr4\n	mfsp %sr7,%r2`;
    expect(await stops(text, { privilege: 3 })).toBe(1 - INTERRUPTED);
    expect(await stops("	mfctl %cr16,%r2", { privilege: 3, psw: Q | PSW.PSW_S })).toBe(
      I.I_PRIVILEGED_REGISTER,
    );
  });

  test("an escape elsewhere is an illegal instruction", async () => {
    const { machine, escape, symbol } = await program("	nop\nhere:	nop\n	escape 1", { psw: Q });
    machine.memory.write32(symbol("here"), 0x1f | (7 << 13));
    expect(escape()).toBe(INTERRUPTED + I.I_ILLEGAL);
    machine.registerEscape(symbol("here"));
    machine.jump(0, TEXT);
    expect(escape()).toBe(7);
    expect(escape()).toBe(1);
  });
});

describe("taking one", () => {
  test("PSW to IPSW, then cleared; queue, shadow registers", async () => {
    const { machine, escape, symbol } = await program(
      `	ldi 1,%r1\n	ldi 8,%r8\n	ldi 25,%r25
	add %r2,%r2,%r0
	b,n here
	nop
here:	break 0,0`,
      { psw: Q | PSW.PSW_P, registers: { 2: 0xffffffff }, privilege: 2, space: 9 },
    );
    expect(escape()).toBe(INTERRUPTED + I.I_BREAK);
    // The addition carried out of every nibble: C/B is 0xff.
    expect(machine.cr(22)).toBe((Q | PSW.PSW_P | 0xff00) >>> 0);
    expect(machine.psw).toBe(0);
    expect(machine.interruptionQueue).toEqual({
      frontSpace: 9,
      frontOffset: symbol("here") + 2,
      backSpace: 9,
      backOffset: symbol("here") + 6,
    });
    expect([0, 1, 6].map((index) => machine.shadow(index))).toEqual([1, 8, 25]);
    expect(machine.counters().interruptions[I.I_BREAK]).toBe(1);
  });

  test("in a delay slot: the back of the queue is the target, IPSW has B", async () => {
    const { machine, escape, symbol } = await program(
      "	b there\nslot:	break 0,0\n	nop\nthere:	escape 1",
      { psw: Q },
    );
    expect(escape()).toBe(INTERRUPTED + I.I_BREAK);
    expect(machine.cr(18)).toBe(symbol("slot"));
    expect(machine.interruptionQueue.backOffset).toBe(symbol("there"));
    expect(machine.cr(22) & PSW.PSW_B).not.toBe(0);
  });

  test("with Q = 0 the guest has lost its place: the machine stops", async () => {
    const { run } = await program("	break 0,0", { psw: 0 });
    expect(run()).toEqual({ reason: "halt", interruption: I.I_BREAK });
    const going = await program("	break 0,0", { psw: 0, config: { haltWithoutQ: false } });
    expect(going.escape()).toBe(INTERRUPTED + I.I_BREAK);
    expect(going.machine.cr(18)).toBe(0);
  });

  test("memory that is not there: a machine check, twice stops", async () => {
    const text = "	ldil L%0xf0000000,%r1\n	ldw 0(%r1),%r2";
    expect(await stops(text)).toBe(I.I_HPMC);
    const { machine, run } = await program("	ldil L%0xf0000000,%r1\n	bv %r0(%r1)\n	nop", {
      psw: Q,
    });
    machine.setCr(14, 0xf0000000);
    expect(run()).toEqual({ reason: "halt", interruption: I.I_HPMC });
  });
});

describe("returning", () => {
  /** A handler in place of vector 9 that skips the break: queue forward by one. */
  const SKIP = `	mtctl %r0,%cr17
	mtctl %r0,%cr18
	mfctl %cr18,%r8
	mtctl %r8,%cr18
	ldo 4(%r8),%r9
	mtctl %r9,%cr18
	rfir`;

  test("RFIR after moving the queue on; shadowed registers come back", async () => {
    const { machine, escape, symbol } = await program(
      `	ldi 88,%r8\n	ldi 99,%r9\n	break 0,0\n	ldi 7,%r7\n	escape 1\n	.align 64\nhandler:\n${SKIP}`,
      { psw: Q | PSW.PSW_I, privilege: 3 },
    );
    machine.memory.copyIn(VECTORS + 9 * 32, machine.memory.bytes(symbol("handler"), 28));
    expect(escape()).toBe(1);
    expect([machine.gr(7), machine.gr(8), machine.gr(9)]).toEqual([7, 88, 99]);
    expect(machine.pcoq.frontOffset & 3).toBe(3);
    expect(machine.psw).toBe(Q | PSW.PSW_I);
  });

  test("into the middle of a branch: slot first, then target", async () => {
    const { machine, escape, symbol } = await program(
      "	rfi\nslot:	ldi 5,%r5\n	escape 2\ntarget:	escape 3",
    );
    machine.setInterruptionQueue({
      frontSpace: 0,
      frontOffset: symbol("slot"),
      backSpace: 0,
      backOffset: symbol("target"),
    });
    expect(escape()).toBe(3);
    expect(machine.gr(5)).toBe(5);
  });

  test("with N in IPSW the front instruction is skipped", async () => {
    const { machine, escape } = await program("	rfi\n	nop\nfront:	escape 2\n	escape 3");
    machine.setCr(22, PSW.PSW_N);
    machine.setInterruptionQueue({
      frontSpace: 0,
      frontOffset: TEXT + 8,
      backSpace: 0,
      backOffset: TEXT + 12,
    });
    expect(escape()).toBe(3);
  });

  test("carries and V survive", async () => {
    const { machine, escape, symbol } = await program(
      "	rfi\n	nop\non:	addc %r0,%r0,%r5\n	escape 1",
    );
    machine.setCr(22, PSW.PSW_V | 0xa500);
    const at = symbol("on");
    machine.setInterruptionQueue({
      frontSpace: 0,
      frontOffset: at,
      backSpace: 0,
      backOffset: at + 4,
    });
    expect(escape()).toBe(1);
    expect(machine.gr(5)).toBe(1);
    expect(machine.psw & PSW.PSW_V).not.toBe(0);
  });
});

describe("privilege", () => {
  const LEVEL_OF = "	bl .+8,%r9\n	nop\n	escape 1";

  test("BV and BE can lower the level, never raise it", async () => {
    for (const [from, to, becomes] of [
      [0, 3, 3],
      [3, 0, 3],
      [1, 2, 2],
      [2, 1, 2],
    ] as const)
      for (const branch of ["bv %r0(%r1)", "be 0(%sr4,%r1)"]) {
        const text = `	ldil L%on,%r1\n	ldo R%on+${to}(%r1),%r1\n	${branch}\n	nop\n	.align 64\non:\n${LEVEL_OF}`;
        const { machine, escape } = await program(text, { privilege: from });
        expect(escape()).toBe(1);
        expect(machine.gr(9) & 3).toBe(becomes);
      }
  });

  test("the delay slot still runs at the old level", async () => {
    const text = `	ldil L%on,%r1\n	ldo R%on+3(%r1),%r1\n	bv %r0(%r1)\n	mtctl %r1,%cr30\n	.align 64\non:\n${LEVEL_OF}`;
    const { machine, escape } = await program(text);
    expect(escape()).toBe(1);
    expect(machine.cr(30)).toBe(machine.gr(1));
  });

  /** A page of type 4 + n promotes to n. */
  const gate = async (
    type: number,
    level: number,
    text: string,
  ): Promise<{ stop: number; link: number; level: number }> => {
    const { machine, escape } = await program(text, {
      psw: Q | PSW.PSW_C,
      privilege: level,
      registers: { 5: 0x1230 },
    });
    machine.insertBlockTlb({
      space: 0,
      virtual: 0,
      physical: 0,
      size: 0x10000,
      accessRights: (type << 4) | 0xc,
      accessId: 0,
    });
    return { stop: escape(), link: machine.gr(5), level: machine.gr(9) & 3 };
  };

  test("GATE promotes by its page's type and leaves the old level in its target", async () => {
    const text = `	gate on,%r5\n	nop\n	.align 64\non:\n${LEVEL_OF}`;
    expect(await gate(4, 3, text)).toEqual({ stop: 1, link: 0x1233, level: 0 });
    expect(await gate(6, 3, text)).toEqual({ stop: 1, link: 0x1233, level: 2 });
    expect(await gate(7, 2, text)).toEqual({ stop: 1, link: 0x1232, level: 2 });
    expect(await gate(2, 3, text)).toEqual({ stop: 1, link: 0x1233, level: 3 });
  });

  test("GATE in a delay slot is illegal", async () => {
    const text = `	b away\n	gate on,%r5\n	.align 64\non:\n${LEVEL_OF}\naway:	escape 2`;
    expect((await gate(4, 3, text)).stop).toBe(INTERRUPTED + I.I_ILLEGAL);
  });

  test("transfer traps: lower with L, higher with H, at the target", async () => {
    const lower = `	ldil L%on,%r1\n	ldo R%on+3(%r1),%r1\n	be 0(%sr4,%r1)\n	ldi 5,%r5\non:	escape 1`;
    const { machine, escape, symbol } = await program(lower, { psw: Q | PSW.PSW_L });
    expect(escape()).toBe(INTERRUPTED + I.I_LOWER_PRIVILEGE);
    expect(machine.cr(18)).toBe(symbol("on") + 3);
    expect(machine.gr(5)).toBe(5);
    expect(await stops("	gate on,%r5\n	nop\non:", { psw: Q | PSW.PSW_H, privilege: 3 })).toBe(
      I.I_HIGHER_PRIVILEGE,
    );
  });

  test("taken-branch trap: after the branch, before its slot", async () => {
    const { machine, escape, symbol } = await program(
      "	comb,<> %r0,%r0,on\n	nop\n	b on\nslot:	ldi 5,%r5\non:	escape 1",
      {
        psw: Q | PSW.PSW_T,
      },
    );
    expect(escape()).toBe(INTERRUPTED + I.I_TAKEN_BRANCH);
    expect(machine.cr(18)).toBe(symbol("slot"));
    expect(machine.interruptionQueue.backOffset).toBe(symbol("on"));
    expect(machine.gr(5)).toBe(0);
  });
});

describe("time", () => {
  const LOOP = "loop:	b loop\n	addi 1,%r5,%r5";

  test("the interval timer interrupts when CR16 reaches what was written, if EIEM and I allow", async () => {
    const text = `	ldil L%0x80000000,%r1
	mtctl %r1,%cr15
	mfctl %cr16,%r2
	ldo 500(%r2),%r3
	mtctl %r3,%cr16
	ssm 1,%r0
${LOOP}`;
    const { machine, escape } = await program(text, { psw: Q });
    expect(escape()).toBe(INTERRUPTED + I.I_EXTERNAL);
    expect(machine.cr(23)).toBe(0x80000000);
    // The loop is two cycles: noticed at its branch, then the interruption's own cycles.
    const late = machine.cycles - machine.gr(3);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(14 + 14 + 8);
    const masked = await program(text.replace("mtctl %r1,%cr15", "nop"), { psw: Q });
    expect(masked.run(5000).reason).toBe("limit");
    expect(masked.machine.cr(23)).toBe(0x80000000);
  });

  test("a request waits for PSW I and is cleared by writing EIRR", async () => {
    const { machine, escape } = await program(
      "	ldi -1,%r1\n	mtctl %r1,%cr15\n	ldi 5,%r5\n	ssm 1,%r0\n	ldi 6,%r5",
      { psw: Q },
    );
    machine.interrupt(4);
    expect(escape()).toBe(INTERRUPTED + I.I_EXTERNAL);
    expect(machine.gr(5)).toBe(5);
    expect(machine.cr(23)).toBe(0x08000000);
    const cleared = await program(
      "	ldi -1,%r1\n	mtctl %r1,%cr15\n	mtctl %r1,%cr23\n	ssm 1,%r0\n	escape 1",
      { psw: Q },
    );
    cleared.machine.interrupt(4);
    expect(cleared.escape()).toBe(1);
  });

  test("the recovery counter lets that many instructions run, then one more when it is negative", async () => {
    const { machine, escape } = await program("	addi 1,%r5,%r5\n".repeat(20), {
      psw: Q | PSW.PSW_R,
    });
    machine.setCr(0, 4);
    // Counted down before each of five instructions: 4, 3, 2, 1, 0; then it is negative.
    expect(escape()).toBe(INTERRUPTED + I.I_RECOVERY_COUNTER);
    expect(machine.gr(5)).toBe(5);
  });

  test("CR16 is the machine's cycle count, and declared cycles are in it", async () => {
    const { machine, escape } = await program("	escape 1\n	mfctl %cr16,%r5\n	escape 2");
    expect(escape()).toBe(1);
    machine.charge({ id: "test", cycles: 1000, reason: "", source: "", how: "assumed" });
    const before = machine.cycles;
    expect(escape()).toBe(2);
    expect(machine.gr(5)).toBe(before);
    expect(machine.counters().declared).toBe(1000);
    expect(machine.counters().instructions).toBe(3);
  });
});
