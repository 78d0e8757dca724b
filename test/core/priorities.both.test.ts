/**
 * Which of two interruptions is taken when both are due (PA-RISC 1.1 manual, chapter 4: groups 1 to 4 in
 * this order, within a group the lower number). Each case makes both true at one instruction.
 */
import { describe, expect, test } from "vitest";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { INTERRUPTED, program, type Program } from "../support/program.ts";

const PAGE = 0x00123000;
const FRAME = 0x00010000;
const [T_BIT, D_BIT, B_BIT] = [0x20000000, 0x10000000, 0x08000000];
const rights = (type: number, pl1: number, pl2: number): number =>
  ((type << 4) | (pl1 << 2) | pl2) << 20;

async function load(text: string, psw: number, registers: Record<number, number> = {}) {
  const loaded = await program(text, {
    psw: psw | PSW.PSW_Q,
    registers: { 7: PAGE, 20: FRAME >>> 7, ...registers },
  });
  loaded.machine.insertBlockTlb({
    space: 0,
    virtual: 0,
    physical: 0,
    size: 0x10000,
    accessRights: 0x2c,
    accessId: 0,
    sides: "instruction",
  });
  return loaded;
}

const taken = ({ escape }: Program): number => escape() - INTERRUPTED;

describe("groups 1 and 2, from outside", () => {
  const PENDING = "	ldi -1,%r1\n	mtctl %r1,%cr15\n	ldi 5,%r5\n	ssm 1,%r0\n	ldi 6,%r5";

  test("all at once: 1, 2, 3, 4, 5, whatever was asked for first", async () => {
    const { machine, escape } = await load(`${PENDING}\n	nop`, PSW.PSW_R);
    machine.setCr(0, 2);
    expect(machine.psw & PSW.PSW_M).toBe(0);
    for (const number of [5, 2, 1] as const) machine.request(number);
    machine.interrupt(7);
    // A machine check does not wait for I, and sets M.
    expect(escape()).toBe(INTERRUPTED + I.I_HPMC);
    expect([machine.gr(5), machine.psw & PSW.PSW_M]).toEqual([0, PSW.PSW_M]);
    const taken: number[] = [];
    machine.memory.write32(0x3000, 0x00000c00); // rfi
    for (let i = 0; i < 4; i++) {
      machine.setCr(22, PSW.PSW_Q | PSW.PSW_I | (taken.length < 2 ? PSW.PSW_R : 0));
      if (taken.length === 1) machine.setCr(0, 0xffffffff);
      if (taken.length === 3) machine.setCr(23, 0);
      machine.setCr(15, 0xffffffff);
      machine.jump(0, 0x3000);
      taken.push(escape() - INTERRUPTED);
    }
    expect(taken).toEqual([I.I_POWER_FAIL, I.I_RECOVERY_COUNTER, I.I_EXTERNAL, I.I_LPMC]);
  });

  test("power failure and the low-priority check wait for PSW I, a machine check for PSW M", async () => {
    for (const number of [2, 5] as const) {
      const { machine, escape } = await load(PENDING, 0);
      machine.request(number);
      expect(escape()).toBe(INTERRUPTED + number);
      expect(machine.gr(5)).toBe(5);
    }
    const { machine, run } = await load("loop:	b loop\n	nop", PSW.PSW_M);
    machine.request(1);
    expect(run(1000).reason).toBe("limit");
  });
});

describe("group 2, between instructions", () => {
  const PENDING = "	ldi -1,%r1\n	mtctl %r1,%cr15\n";

  test("recovery counter (3) before external interrupt (4), which is taken after it", async () => {
    const loaded = await load(`${PENDING}	ssm 17,%r0\n	nop\n	nop`, 0);
    const { machine } = loaded;
    machine.setCr(0, 0xffffffff);
    machine.interrupt(3);
    expect(taken(loaded)).toBe(I.I_RECOVERY_COUNTER);
    // The handler turns the counter off and returns: the interrupt is due at the same instruction.
    const at = machine.cr(18);
    machine.setCr(22, machine.cr(22) & ~PSW.PSW_R);
    machine.memory.write32(0x3000, 0x00000c00); // rfi
    machine.jump(0, 0x3000);
    expect(taken(loaded)).toBe(I.I_EXTERNAL);
    expect(machine.cr(18)).toBe(at);
  });

  test("external interrupt (4) before the instruction's own faults", async () => {
    const loaded = await load(`${PENDING}	ssm 1,%r0\n	ldw 0(%r7),%r8`, PSW.PSW_D);
    loaded.machine.interrupt(3);
    expect(taken(loaded)).toBe(I.I_EXTERNAL);
    const fetch = await load(`${PENDING}	bv %r0(%r7)\n	ssm 1,%r0`, PSW.PSW_C);
    fetch.machine.interrupt(3);
    expect(taken(fetch)).toBe(I.I_EXTERNAL);
    expect(fetch.machine.cr(18)).toBe(PAGE);
  });
});

describe("group 3, of one instruction", () => {
  test("no translation (6), no right to execute (7): before what the word is", async () => {
    const far = "	ldo 3(%r7),%r1\n	bv %r0(%r1)\n	nop";
    expect(taken(await load(far, PSW.PSW_C))).toBe(I.I_ITLB_MISS);
    const insert = `	iitlba %r20,(%sr0,%r7)\n	iitlbp %r21,(%sr0,%r7)\n${far}`;
    const denied = await load(insert, PSW.PSW_C, { 21: rights(2, 2, 0) });
    expect(taken(denied)).toBe(I.I_INSTRUCTION_PROTECTION);
    // The same page, allowed, holds zeros: BREAK.
    const allowed = await load(insert, PSW.PSW_C, { 21: rights(2, 3, 3) });
    expect(taken(allowed)).toBe(I.I_BREAK);
  });

  test("privileged operation (10) before the TLB misses (15 to 17)", async () => {
    const level3 = "	ldil L%on+3,%r1\n	ldo R%on+3(%r1),%r1\n	be,n 0(%sr4,%r1)\non:\n";
    for (const word of ["ldwas 0(%r7),%r8", "lpa %r0(%r7),%r8", "pdc %r0(%r7)", "idtlbp %r0,(%r7)"])
      expect(taken(await load(`${level3}	${word}`, PSW.PSW_D))).toBe(I.I_PRIVILEGED_OPERATION);
    expect(taken(await load("	lpa %r0(%r7),%r8", PSW.PSW_D))).toBe(I.I_DTLB_NON_ACCESS);
    expect(taken(await load("	fdc %r0(%r7)", PSW.PSW_D))).toBe(I.I_DTLB_NON_ACCESS);
    expect(taken(await load("	fic %r0(%sr0,%r9)", PSW.PSW_C, { 9: PAGE }))).toBe(
      I.I_ITLB_NON_ACCESS,
    );
  });

  test("overflow (12) before conditional (13)", async () => {
    const registers = { 1: 0x7fffffff, 2: 0x80000000 };
    expect(taken(await load("	addito,<> 1,%r1,%r8", 0, registers))).toBe(I.I_OVERFLOW);
    expect(taken(await load("	subto,<> %r1,%r2,%r8", 0, registers))).toBe(I.I_OVERFLOW);
    expect(taken(await load("	addit,<> 1,%r1,%r8", 0, registers))).toBe(I.I_CONDITIONAL);
  });

  test("assist exception (14) before the miss of its access (15), emulation (22) after all", async () => {
    const pending = await load("	fldds 0(%r7),%fr4", PSW.PSW_D);
    pending.machine.setCr(10, 0xc0);
    pending.machine.setFr(0, 0x40n << 32n);
    expect(taken(pending)).toBe(I.I_ASSIST_EXCEPTION);
    expect(taken(await load("	fldds 0(%r7),%fr4", PSW.PSW_D))).toBe(I.I_DTLB_MISS);
  });

  /** Data traps of a store, or of a floating-point store without its unit, by the entry's protection. */
  test.each([
    [18, "stw %r0,2(%r7)", rights(1, 3, 3) | D_BIT | B_BIT],
    [18, "stw %r0,0(%r7)", rights(0, 3, 3) | T_BIT | B_BIT],
    [19, "stw %r0,0(%r7)", rights(1, 3, 3) | T_BIT | B_BIT],
    [20, "stw %r0,0(%r7)", rights(1, 3, 3) | T_BIT],
    [21, "stw %r0,0(%r7)", rights(1, 3, 3) | T_BIT | D_BIT],
    [19, "fstds %fr4,0(%r7)", rights(1, 3, 3) | D_BIT | B_BIT],
    [20, "fstds %fr4,0(%r7)", rights(1, 3, 3)],
    [21, "fstds %fr4,0(%r7)", rights(1, 3, 3) | T_BIT | D_BIT],
    [22, "fstds %fr4,0(%r7)", rights(1, 3, 3) | D_BIT],
  ])("%i: %s under %i", async (number, word, protection) => {
    const insert = "	idtlba %r20,(%r7)\n	idtlbp %r21,(%r7)\n";
    const loaded = await load(`${insert}	${word}`, PSW.PSW_D, { 21: protection });
    expect(taken(loaded)).toBe(number);
    expect(loaded.machine.cr(21) & ~3).toBe(PAGE);
  });
});

describe("group 4, after an instruction, before the next one's faults", () => {
  test("taken branch (25): before its slot's", async () => {
    const loaded = await load(
      "	b .+16\nslot:	ldw 0(%r7),%r8\n	nop\n	nop",
      PSW.PSW_T | PSW.PSW_D,
    );
    expect(taken(loaded)).toBe(I.I_TAKEN_BRANCH);
    expect(loaded.machine.cr(18)).toBe(loaded.symbol("slot"));
  });

  test("lower-privilege transfer (24): before the target's TLB miss", async () => {
    const text = "	ldo 3(%r7),%r1\n	bv %r0(%r1)\n	nop";
    const loaded = await load(text, PSW.PSW_C | PSW.PSW_L);
    expect(taken(loaded)).toBe(I.I_LOWER_PRIVILEGE);
    expect(loaded.machine.cr(18)).toBe(PAGE + 3);
  });
});

test("what each kind leaves: IIR for 8 to 22, ISR and IOR for data, neither for others", async () => {
  const marked = async (text: string, psw: number, registers = {}) => {
    const loaded = await load(`${text}\n	nop`, psw, registers);
    for (const number of [19, 20, 21]) loaded.machine.setCr(number, 0x5555);
    const number = taken(loaded);
    return [number, ...[19, 20, 21].map((cr) => loaded.machine.cr(cr) !== 0x5555)];
  };
  expect(await marked("	break 1,2", 0)).toEqual([I.I_BREAK, true, false, false]);
  expect(await marked("	addo %r7,%r1,%r2", 0, { 1: 0x7fffffff })).toEqual([
    I.I_OVERFLOW,
    true,
    false,
    false,
  ]);
  expect(await marked("	ldw 0(%r7),%r1", PSW.PSW_D)).toEqual([I.I_DTLB_MISS, true, true, true]);
  expect(await marked("	ldw 2(%r7),%r1", 0)).toEqual([I.I_DATA_PROTECTION, true, true, true]);
  expect(await marked("	bv %r0(%r7)\n	nop", PSW.PSW_C)).toEqual([
    I.I_ITLB_MISS,
    false,
    false,
    false,
  ]);
  expect(await marked("	b .+16\n	nop", PSW.PSW_T)).toEqual([
    I.I_TAKEN_BRANCH,
    false,
    false,
    false,
  ]);
});
