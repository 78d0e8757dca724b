/**
 * What differs between processors, and what only a kernel of the S-chip (PCX-S, the PA-7000) reaches:
 * diagnose registers, block entries made by the guest itself, quad stores, one TLB for both sides, the
 * three causes of interruption 18. Registers and bits: the kernels that OSF and OpenBSD wrote for it.
 */
import { describe, expect, test } from "vitest";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { DATA, INTERRUPTED, program } from "../support/program.ts";

const D_BIT = 0x10000000;
const rights = (type: number, pl1: number, pl2: number): number =>
  ((type << 4) | (pl1 << 2) | pl2) << 20;

/** `mtcpu %rGREG,DREG`, twice, as every kernel does it; `mfcpu DREG,%rGREG`. */
const mtcpu = (greg: number, dreg: number): string =>
  `	.word ${0x14001600 + (dreg << 21) + (greg << 16)}\n`.repeat(2);
const mfcpu = (dreg: number, greg: number): string =>
  `	.word ${0x14001a00 + (dreg << 21) + (greg << 16)}\n`;
const value = (register: number, number: number): string =>
  `	ldil L%${number >>> 0},%r${register}\n	ldo R%${number >>> 0}(%r${register}),%r${register}\n`;

describe("diagnose registers", () => {
  test("hold what is moved to them; none may be moved below level 0", async () => {
    const text = [8, 9, 24, 25, 26, 27]
      .map((dreg, i) => value(1, 0x1000 + i) + mtcpu(1, dreg) + mfcpu(dreg, 2 + i))
      .join("");
    const { machine, escape } = await program(`${text}	escape 1`);
    expect(escape()).toBe(1);
    expect([2, 3, 4, 5, 6, 7].map((r) => machine.gr(r))).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => 0x1000 + i),
    );
    for (const word of [mtcpu(1, 0), mfcpu(0, 1)]) {
      const loaded = await program(word, { psw: PSW.PSW_Q, privilege: 1 });
      expect(loaded.escape()).toBe(INTERRUPTED + I.I_PRIVILEGED_OPERATION);
    }
  });

  test("register 0 says whether the caches fold the space in, and switches it", async () => {
    const on = await program(`${mfcpu(0, 1)}	escape 1`);
    on.escape();
    expect(on.machine.gr(1) & 0x2800).toBe(0x2800);
    const off = await program(`${mfcpu(0, 1)}	escape 1`, {
      config: { dataSpaceHash: false, instructionSpaceHash: false },
    });
    off.escape();
    expect(off.machine.gr(1) & 0x2800).toBe(0);

    // One frame under one offset of two spaces: two lines when the space is folded in, else one.
    const alias = (prologue: string): string => `${prologue}
	mtsp %r22,%sr1\n	mtsp %r23,%sr2
	idtlba %r20,(%sr1,%r7)\n	idtlbp %r21,(%sr1,%r7)
	idtlba %r20,(%sr2,%r7)\n	idtlbp %r21,(%sr2,%r7)
	ldw 0(%sr1,%r7),%r1\n	ldw 0(%sr2,%r7),%r1\n	escape 1`;
    const registers = { 7: 0x123000, 20: 0x10000 >>> 7, 21: rights(1, 3, 3), 22: 1, 23: 2 };
    const misses = async (prologue: string): Promise<number> => {
      const loaded = await program(alias(prologue), { psw: PSW.PSW_D, registers });
      expect(loaded.escape()).toBe(1);
      return loaded.machine.counters().d_misses;
    };
    expect(await misses("")).toBe(2);
    expect(await misses(mtcpu(0, 0))).toBe(1);
  });
});

/**
 * The sequence by which OSF's kernel makes a block entry: choose it in register 8 (D) or 9 (I), insert
 * its words, give the choice up, write its size.
 */
function block(side: "d" | "i", index: number, size: number): string {
  const control = side === "d" ? 8 : 9;
  const sizeRegister = (side === "d" ? 26 : 24) + (index & 1);
  return (
    value(1, (side === "d" ? 0x7c40 : 0x7040) | (0x10 >>> index)) +
    mtcpu(1, control) +
    `	mtsp %r0,%sr1\n	i${side}tlba %r20,(%sr1,%r7)\n	i${side}tlbp %r21,(%sr1,%r7)\n` +
    value(1, 0x3f80) +
    mtcpu(1, control) +
    value(1, (-size >>> 16) & 0xff) +
    mtcpu(1, sizeRegister)
  );
}

describe("block entries that the guest makes", () => {
  const registers = (physical: number, protection: number) => ({
    7: 0x800000,
    20: physical >>> 7,
    21: protection,
  });
  const psw = PSW.PSW_D | PSW.PSW_Q;

  test.each([
    [0, 0x40000],
    [1, 0x100000],
    [2, 0x800000],
    [3, 0x40000],
  ])("D entry %i covers its size and no more", async (index, size) => {
    const text = `${block("d", index, size)}	stw %r7,8(%r7)
${value(3, 0x800000 + size - 4)}	ldw 0(%r3),%r4\n	ldw 4(%r3),%r4`;
    const { machine, escape } = await program(text, {
      psw,
      registers: registers(0x800000, rights(1, 3, 3) | D_BIT),
    });
    machine.memory.write32(0x800000 + size - 4, 77);
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(machine.cr(21)).toBe(0x800000 + size);
    expect(machine.gr(4)).toBe(77);
    expect(machine.memory.read32(0x800008)).toBe(0x800000);
    // Purges by address leave it: only a new choice changes it.
    expect(machine.translate(0, 0x800000)).toMatchObject({ physical: 0x800000, write: true });
  });

  test("an I entry is for fetches", async () => {
    const text = `${block("i", 2, 0x40000)}	ldo 3(%r7),%r1\n	bv %r0(%r1)\n	ssm 2,%r0\n`;
    const { machine, escape } = await program(text, {
      psw: PSW.PSW_Q,
      registers: registers(0x800000, rights(2, 3, 0)),
    });
    machine.memory.write32(0x800000, 0x48e40000); // ldw 0(%r7),%r4: no D entry
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(machine.translate(0, 0x83fffc, { side: "instruction" })?.execute).toBe(true);
    expect(machine.translate(0, 0x840000, { side: "instruction" })).toBeUndefined();
  });

  test("the purging sequence takes it away", async () => {
    const purge = `${value(1, 0xffc0 | (0x10 >>> 1))}${mtcpu(1, 8)}	idtlba %r0,(%sr1,%r0)
	idtlbp %r0,(%sr1,%r0)\n${value(1, 0x3f80)}${mtcpu(1, 8)}${mtcpu(0, 27)}`;
    const { escape, machine } = await program(
      `${block("d", 1, 0x40000)}	ldw 0(%r7),%r4\n	pdtlb %r0(%r7)\n	ldw 0(%r7),%r4\n${purge}	ldi 1,%r5\n	ldw 0(%r7),%r4`,
      { psw, registers: registers(0x800000, rights(1, 3, 3)) },
    );
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(machine.gr(5)).toBe(1);
  });
});

describe("quad stores", () => {
  const store = async (word: string, dr0: number) => {
    const loaded = await program(`${value(2, dr0)}${mtcpu(2, 0)}	${word}\n	escape 1`, {
      psw: PSW.PSW_Q,
      registers: { 1: DATA },
    });
    loaded.machine.setCr(10, 0xc0);
    loaded.machine.setFr(6, 0x0123456789abcdefn);
    loaded.machine.setFr(7, 0xfedcba9876543210n);
    return { ...loaded, stop: loaded.escape() };
  };

  test("are left to software, with their address, until register 0 allows them", async () => {
    const { machine, stop } = await store("fstqs %fr6,0(%r1)", 0);
    expect(stop).toBe(INTERRUPTED + I.I_ASSIST_EMULATION);
    expect(machine.cr(21)).toBe(DATA);
    expect(machine.memory.read32(DATA)).toBe(0);
  });

  test.each(["fstqs %fr6,0(%r1)", "fstqs,ma %fr6,0(%r1)", "fstqx %fr6,%r0(%r1)"])(
    "%s stores a pair of registers",
    async (word) => {
      const { machine, stop } = await store(word, 0x8000);
      expect(stop).toBe(1);
      expect([0, 4, 8, 12].map((at) => machine.memory.read32(DATA + at))).toEqual([
        0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210,
      ]);
    },
  );

  test("must be aligned to 16 bytes", async () => {
    expect((await store("fstqs %fr6,8(%r1)", 0x8000)).stop).toBe(INTERRUPTED + I.I_DATA_PROTECTION);
  });
});

test.each([0, 4, 8, 12, 2, 1])("LDCW at %i: of a word, wherever it is", async (at) => {
  const { machine, escape } = await program("	ldcws 0(%r1),%r2\n	escape 1", {
    psw: PSW.PSW_Q,
    registers: { 1: DATA + at },
  });
  machine.memory.write32(DATA + at, 9);
  const aligned = at % 4 === 0;
  expect(escape()).toBe(aligned ? 1 : INTERRUPTED + I.I_DATA_PROTECTION);
  expect(machine.gr(2)).toBe(aligned ? 9 : 0);
  expect(machine.memory.read32(DATA + at)).toBe(aligned ? 0 : 9);
});

describe("one TLB for both sides", () => {
  const text = `	idtlba %r20,(%r7)\n	idtlbp %r21,(%r7)\n	ldo 3(%r7),%r1\n	bv %r0(%r1)\n	nop`;
  const run = async (unifiedTlb: boolean): Promise<number> => {
    const { machine, escape } = await program(text, {
      psw: PSW.PSW_C | PSW.PSW_D | PSW.PSW_Q,
      config: { unifiedTlb, dataTlbEntries: 120 },
      registers: { 7: 0x123000, 20: 0x10000 >>> 7, 21: rights(3, 3, 0) },
    });
    machine.insertBlockTlb({
      space: 0,
      virtual: 0,
      physical: 0,
      size: 0x10000,
      accessRights: 0x2c,
      accessId: 0,
      sides: "instruction",
    });
    machine.memory.write32(0x10000, 0x00000c00); // rfi, below level 0
    return escape() - INTERRUPTED;
  };

  test("an entry of IDTLBA serves fetches, or does not", async () => {
    expect(await run(true)).toBe(I.I_PRIVILEGED_OPERATION);
    expect(await run(false)).toBe(I.I_ITLB_MISS);
  });

  test("and a purge of either side takes it from both", async () => {
    const { machine, escape } = await program(
      `	idtlba %r20,(%r7)\n	idtlbp %r21,(%r7)\n	ldw 0(%r7),%r4\n	pitlb %r0(%sr0,%r7)\n	ldi 1,%r5\n	ldw 0(%r7),%r4`,
      {
        psw: PSW.PSW_D | PSW.PSW_Q,
        config: { unifiedTlb: true },
        registers: { 7: 0x123000, 20: 0x10000 >>> 7, 21: rights(3, 3, 0) },
      },
    );
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(machine.gr(5)).toBe(1);
  });
});

describe("interruption 18 in three (PA-7100 and later)", () => {
  test.each([
    [I.I_DATA_ACCESS_RIGHTS, "stw %r0,0(%r7)", rights(0, 3, 3) | D_BIT, 0],
    [I.I_DATA_PROTECTION_ID, "ldw 0(%r7),%r1", rights(1, 3, 3) | D_BIT | 6, PSW.PSW_P],
    [I.I_UNALIGNED_DATA, "ldw 2(%r7),%r1", rights(1, 3, 3) | D_BIT, 0],
    [I.I_DATA_ACCESS_RIGHTS, "stw %r0,2(%r7)", rights(0, 3, 3) | D_BIT | 6, PSW.PSW_P],
  ])("%i: %s", async (number, word, protection, psw) => {
    for (const splitProtection of [true, false]) {
      const { escape } = await program(`	idtlba %r20,(%r7)\n	idtlbp %r21,(%r7)\n	${word}`, {
        psw: PSW.PSW_D | PSW.PSW_Q | psw,
        config: { splitProtection },
        registers: { 7: 0x123000, 20: 0x10000 >>> 7, 21: protection },
      });
      expect(escape() - INTERRUPTED).toBe(splitProtection ? number : I.I_DATA_PROTECTION);
    }
  });
});
