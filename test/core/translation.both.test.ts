/**
 * TLBs, access rights, protection identifiers, and the order of data traps, from the manual's rules
 * (PA-RISC 1.1, chapters 3 and 4). The guest inserts its own entries with IDTLBA and IDTLBP; code is
 * covered by an instruction block entry that every level may execute.
 */
import { describe, expect, test } from "vitest";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { INTERRUPTED, program, type Program, type ProgramOptions } from "../support/program.ts";

const VIRTUAL = PSW.PSW_C | PSW.PSW_D | PSW.PSW_Q;
const CODE_FOR_ALL = 0x2c;
const D_BIT = 0x10000000;
const T_BIT = 0x20000000;
const B_BIT = 0x08000000;
const PAGE = 0x00123000;
const FRAME = 0x00010000;

/** Access rights as in the protection word: type, PL1, PL2. */
const rights = (type: number, pl1: number, pl2: number): number =>
  ((type << 4) | (pl1 << 2) | pl2) << 20;

/** A program in virtual mode whose code is mapped; r20 and r21 hold what IDTLBA and IDTLBP take. */
async function virtual(
  text: string,
  protection: number,
  options: ProgramOptions = {},
): Promise<Program> {
  const loaded = await program(text, {
    psw: VIRTUAL,
    ...options,
    registers: { 7: PAGE, 20: FRAME >>> 7, 21: protection, ...options.registers },
  });
  loaded.machine.insertBlockTlb({
    space: options.space ?? 0,
    virtual: 0,
    physical: 0,
    size: 0x10000,
    accessRights: CODE_FOR_ALL,
    accessId: 0,
    sides: "instruction",
  });
  return loaded;
}

/** Privilege 0 inserts the entry; `be` then goes on at a level. */
const INSERT = `	idtlba %r20,(%r7)
	idtlbp %r21,(%r7)
`;

function lowerTo(level: number): string {
  return level === 0
    ? ""
    : `	ldil L%on,%r1\n	ldo R%on+${level}(%r1),%r1\n	be,n 0(%sr4,%r1)\non:\n`;
}

describe("data translation", () => {
  test("an access without an entry is a D-TLB miss with its space and offset", async () => {
    const { machine, escape, symbol } = await virtual(
      "	mtsp %r21,%sr1\nbad:	ldw 4(%sr1,%r7),%r8\n	escape 1",
      77,
    );
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(machine.cr(20)).toBe(77);
    expect(machine.cr(21)).toBe(PAGE + 4);
    expect(machine.cr(18)).toBe(symbol("bad"));
    expect(machine.interruptionQueue.backOffset).toBe(symbol("bad") + 4);
    expect(machine.cr(19)).toBe(machine.memory.read32(symbol("bad")));
  });

  test("an address without a protection is no entry", async () => {
    const { escape } = await virtual("	idtlba %r20,(%r7)\n	ldw 4(%r7),%r8\n	escape 1", 0);
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
  });

  test("a purge removes it", async () => {
    const { escape } = await virtual(
      `${INSERT}	ldw 4(%r7),%r8\n	pdtlb %r0(%r7)\n	ldw 4(%r7),%r8\n	escape 1`,
      rights(1, 3, 3) | D_BIT,
    );
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
  });

  test("translated stores and loads reach the frame", async () => {
    const { machine, escape } = await virtual(
      `${INSERT}	ldil L%0x12345000,%r8\n	stw %r8,16(%r7)\n	ldb 17(%r7),%r9\n	escape 1`,
      rights(1, 3, 3) | D_BIT,
    );
    expect(escape()).toBe(1);
    expect(machine.memory.read32(FRAME + 16)).toBe(0x12345000);
    expect(machine.gr(9)).toBe(0x34);
  });

  test("the upper bits of the base select the space register, not those of the address", async () => {
    // Base 0x3ffffffc + 8 lies in quadrant 1, its space comes from sr4.
    const { machine, escape } = await virtual("	ldw 8(%r7),%r8", 0, {
      registers: { 7: 0x3ffffffc },
    });
    machine.setSr(4, 40);
    machine.setSr(5, 50);
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(machine.cr(20)).toBe(40);
    expect(machine.cr(21)).toBe(0x40000004);
  });

  test("the 97th entry replaces the first", async () => {
    const fill = `	ldi 96,%r3
	copy %r7,%r9
fill:	idtlba %r20,(%r9)
	idtlbp %r21,(%r9)
	addib,> -1,%r3,fill
	ldo 4096(%r9),%r9
`;
    const protection = rights(1, 3, 3) | D_BIT;
    const held = await virtual(`${fill}	ldw 0(%r7),%r8\n	escape 1`, protection);
    expect(held.escape()).toBe(1);
    const replaced = await virtual(
      `${fill}	ldw 0(%r7),%r8\n	idtlba %r20,(%r9)\n	ldw 4096(%r7),%r8\n	ldw 0(%r7),%r8\n	escape 1`,
      protection,
    );
    expect(replaced.escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect(replaced.machine.cr(21)).toBe(PAGE);
  });
});

/** Manual, table of access rights: who may read and write, for each type. */
describe("access rights", () => {
  const cases: [
    type: number,
    pl1: number,
    pl2: number,
    level: number,
    read: boolean,
    write: boolean,
  ][] = [
    [0, 0, 0, 0, true, false],
    [0, 0, 0, 1, false, false],
    [0, 3, 0, 3, true, false],
    [1, 0, 0, 0, true, true],
    [1, 3, 0, 3, true, false],
    [1, 3, 3, 3, true, true],
    [1, 2, 1, 2, true, false],
    [1, 2, 1, 1, true, true],
    [1, 2, 1, 3, false, false],
    [2, 3, 0, 3, true, false],
    [2, 0, 0, 0, true, false],
    [3, 3, 3, 3, true, true],
    [3, 3, 0, 3, true, false],
    [4, 3, 3, 0, false, false],
    [7, 3, 0, 0, false, false],
  ];
  test.each(cases)(
    "type %i pl1 %i pl2 %i at level %i: read %s, write %s",
    async (type, pl1, pl2, level, read, write) => {
      const denied = INTERRUPTED + I.I_DATA_PROTECTION;
      const load = await virtual(
        `${INSERT}${lowerTo(level)}	ldw 0(%r7),%r8\n	escape 1`,
        rights(type, pl1, pl2) | D_BIT,
      );
      expect(load.escape()).toBe(read ? 1 : denied);
      const store = await virtual(
        `${INSERT}${lowerTo(level)}	stw %r0,0(%r7)\n	escape 1`,
        rights(type, pl1, pl2) | D_BIT,
      );
      expect(store.escape()).toBe(write ? 1 : denied);
      // A probe from privilege 0 agrees.
      const probe = await virtual(
        `${INSERT}	proberi (%r7),${level},%r10\n	probewi (%r7),${level},%r11\n	escape 1`,
        rights(type, pl1, pl2) | D_BIT,
      );
      expect(probe.escape()).toBe(1);
      expect([probe.machine.gr(10), probe.machine.gr(11)]).toEqual([Number(read), Number(write)]);
    },
  );
});

describe("protection identifiers", () => {
  const protection = rights(1, 3, 3) | D_BIT | (21 << 1);
  const withIds = { psw: VIRTUAL | PSW.PSW_P };
  const denied = INTERRUPTED + I.I_DATA_PROTECTION;
  const access = async (
    instruction: string,
    setUp: string,
    options: ProgramOptions = withIds,
  ): Promise<number> => {
    const { escape } = await virtual(
      `${INSERT}${setUp}	${instruction}\n	escape 1`,
      protection,
      options,
    );
    return escape();
  };

  test("none of the four matches", async () => {
    expect(await access("ldw 0(%r7),%r8", "")).toBe(denied);
  });
  test.each([8, 9, 12, 13])("control register %i matches", async (register) => {
    expect(
      await access("stw %r0,0(%r7)", `	ldi ${21 << 1},%r9\n	mtctl %r9,%cr${register}\n`),
    ).toBe(1);
  });
  test("the write-disable bit allows loads only", async () => {
    const setUp = `	ldi ${(21 << 1) | 1},%r9\n	mtctl %r9,%cr8\n`;
    expect(await access("ldw 0(%r7),%r8", setUp)).toBe(1);
    expect(await access("stw %r0,0(%r7)", setUp)).toBe(denied);
    // Another register with the same identifier and without the bit allows the store.
    expect(
      await access("stw %r0,0(%r7)", `${setUp}	ldi ${21 << 1},%r9\n	mtctl %r9,%cr13\n`),
    ).toBe(1);
  });
  test("without PSW P identifiers do not matter", async () => {
    expect(await access("stw %r0,0(%r7)", "", { psw: VIRTUAL })).toBe(1);
  });
  test("a change takes effect at once, also for a page in use", async () => {
    const setUp = `	ldi ${21 << 1},%r9\n	mtctl %r9,%cr8\n	ldw 0(%r7),%r8\n	mtctl %r0,%cr8\n`;
    expect(await access("ldw 0(%r7),%r8", setUp)).toBe(denied);
    expect(await access("ldw 0(%r7),%r8", `${setUp}	mtctl %r9,%cr8\n`)).toBe(1);
  });
  test("access id 0 is public", async () => {
    const { escape } = await virtual(
      `${INSERT}	stw %r0,0(%r7)\n	escape 1`,
      rights(1, 3, 3) | D_BIT,
      withIds,
    );
    expect(escape()).toBe(1);
  });
});

describe("order of data traps", () => {
  const stop = async (
    protection: number,
    text: string,
    options?: ProgramOptions,
  ): Promise<number> =>
    (await virtual(`${INSERT}${text}\n	escape 1`, protection, options)).escape() - INTERRUPTED;

  test("unaligned: 18", async () => {
    expect(await stop(rights(1, 3, 3) | D_BIT, "	ldw 2(%r7),%r8")).toBe(I.I_DATA_PROTECTION);
    expect(await stop(rights(1, 3, 3) | D_BIT, "	ldh 1(%r7),%r8")).toBe(I.I_DATA_PROTECTION);
    expect(await stop(rights(1, 3, 3) | D_BIT, "	ldw 0(%r7),%r8\n	stw %r0,2(%r7)")).toBe(
      I.I_DATA_PROTECTION,
    );
  });
  test("rights before break, break before dirty, dirty before reference", async () => {
    expect(await stop(rights(0, 3, 3) | B_BIT | T_BIT, "	stw %r0,0(%r7)")).toBe(
      I.I_DATA_PROTECTION,
    );
    expect(await stop(rights(1, 3, 3) | B_BIT | T_BIT, "	stw %r0,0(%r7)")).toBe(I.I_DATA_BREAK);
    expect(await stop(rights(1, 3, 3) | T_BIT, "	stw %r0,0(%r7)")).toBe(I.I_DIRTY);
    expect(await stop(rights(1, 3, 3) | T_BIT | D_BIT, "	stw %r0,0(%r7)")).toBe(
      I.I_PAGE_REFERENCE,
    );
    expect(await stop(rights(1, 3, 3) | T_BIT | D_BIT, "	ldw 0(%r7),%r8")).toBe(
      I.I_PAGE_REFERENCE,
    );
  });
  test("a clean page may be read, then its first store is a dirty trap", async () => {
    expect(await stop(rights(1, 3, 3), "	ldw 0(%r7),%r8")).toBe(1 - INTERRUPTED);
    expect(await stop(rights(1, 3, 3), "	ldw 0(%r7),%r8\n	stw %r0,0(%r7)")).toBe(I.I_DIRTY);
    expect(await stop(rights(1, 3, 3), "	ldcws 0(%r7),%r8")).toBe(I.I_DIRTY);
  });
  test("PSW X, which RFI may set, lets one instruction store to a break page", async () => {
    const { machine, escape, symbol } = await virtual(
      `${INSERT}	rfi\n	nop\nfirst:	stw %r20,0(%r7)\nsecond:	stw %r21,4(%r7)\n	escape 1`,
      rights(1, 3, 3) | B_BIT | D_BIT,
    );
    machine.setCr(22, VIRTUAL | PSW.PSW_X);
    const front = symbol("first");
    machine.setInterruptionQueue({
      frontSpace: 0,
      frontOffset: front,
      backSpace: 0,
      backOffset: front + 4,
    });
    expect(escape()).toBe(INTERRUPTED + I.I_DATA_BREAK);
    expect(machine.cr(18)).toBe(symbol("second"));
    expect(machine.cr(22) & PSW.PSW_X).toBe(0);
    expect(machine.memory.read32(FRAME)).toBe(FRAME >>> 7);
  });
  test("a trap leaves base and target as they were", async () => {
    const { machine, escape } = await virtual("	ldwm 4(%r7),%r8\n	escape 1", 0, {
      registers: { 8: 99 },
    });
    expect(escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
    expect([machine.gr(7), machine.gr(8)]).toEqual([PAGE, 99]);
  });
  test("probe and flush of an unknown page: 17", async () => {
    const bare = async (text: string): Promise<number> =>
      (await virtual(`${text}\n	escape 1`, 0)).escape() - INTERRUPTED;
    expect(await bare("	proberi (%r7),3,%r8")).toBe(I.I_DTLB_NON_ACCESS);
    expect(await bare("	fdc %r0(%r7)")).toBe(I.I_DTLB_NON_ACCESS);
    expect(await bare("	lpa %r0(%r7),%r8")).toBe(I.I_DTLB_NON_ACCESS);
    expect(await bare("	fic %r0(%sr4,%r7)")).toBe(I.I_ITLB_NON_ACCESS);
  });
});

describe("instruction translation", () => {
  const jump = `	bv %r0(%r7)\n	ldi 5,%r9\n`;
  const place = `	iitlba %r20,(%sr4,%r7)\n	iitlbp %r21,(%sr4,%r7)\n`;

  test("a target without an entry misses after its delay slot, with the queue at the target", async () => {
    const { machine, escape } = await virtual(jump, 0);
    expect(escape()).toBe(INTERRUPTED + I.I_ITLB_MISS);
    expect(machine.gr(9)).toBe(5);
    expect(machine.interruptionQueue).toEqual({
      frontSpace: 0,
      frontOffset: PAGE,
      backSpace: 0,
      backOffset: PAGE + 4,
    });
  });

  test("execution needs pl2 <= level <= pl1", async () => {
    for (const [type, pl1, pl2, runs] of [
      [2, 3, 0, true],
      [2, 3, 1, false],
      [3, 0, 0, true],
      [1, 3, 3, false],
      [7, 0, 0, true],
    ] as const) {
      const { machine, escape } = await virtual(place + jump, rights(type, pl1, pl2));
      machine.memory.write32(FRAME, 0x1f | (2 << 13)); // break 31,2
      machine.registerEscape(FRAME);
      expect(escape()).toBe(runs ? 2 : INTERRUPTED + I.I_INSTRUCTION_PROTECTION);
    }
  });

  test("one frame at two addresses runs the same code with its own program counter", async () => {
    // bl .+8,%r8 ; nop ; bv %r0(%r2) ; nop
    const { machine, escape } = await virtual(
      `${place}	ldo 4096(%r7),%r10
	iitlba %r20,(%sr4,%r10)
	iitlbp %r21,(%sr4,%r10)
	bl here,%r3
	nop
here:	ldo 12(%r3),%r2
	bv %r0(%r7)
	nop
	copy %r8,%r11
	ldo 16(%r2),%r2
	bv %r0(%r10)
	nop
	escape 1`,
      rights(2, 3, 0),
    );
    machine.memory.copyIn(
      FRAME,
      new Uint8Array([0xe9, 0, 0, 0, 8, 0, 2, 0x40, 0xe8, 0x40, 0xc0, 0, 8, 0, 2, 0x40]),
    );
    expect(escape()).toBe(1);
    expect(machine.gr(11)).toBe(PAGE + 8);
    expect(machine.gr(8)).toBe(PAGE + 4096 + 8);
  });
});
