/**
 * The floating-point unit as an operating system meets it: switched off by CR10, delayed traps, register
 * 0 with status and exception registers, operations that are left to software. Expectations are the
 * architecture's rules; how each exception's code and target look is in float-single.ts.
 */
import { describe, expect, test } from "vitest";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { DATA, INTERRUPTED, program, type Program } from "../support/program.ts";

const ON = 0xc0;
const ENABLE_V = 0x10n << 32n;
const T = 0x40n << 32n;
const ONE = 0x3ff0000000000000n;
const ASSIST = { emulation: INTERRUPTED + I.I_ASSIST_EMULATION, exception: INTERRUPTED + I.I_ASSIST_EXCEPTION }; // prettier-ignore

async function run(text: string, ccr = ON, psw: number = PSW.PSW_Q): Promise<Program> {
  const loaded = await program(`${text}\n	escape 1`, { psw, registers: { 1: DATA } });
  loaded.machine.setCr(10, ccr);
  return loaded;
}

describe("without the unit", () => {
  test.each([
    ["fadd,dbl %fr4,%fr5,%fr6"],
    ["fcpy,sgl %fr4R,%fr5"],
    ["fcmp,dbl,= %fr4,%fr5"],
    ["ftest"],
    ["xmpyu %fr4,%fr5,%fr6"],
    ["fmpyadd,dbl %fr4,%fr5,%fr6,%fr7,%fr8"],
    ["fldws 8(%r1),%fr4"],
    ["fldds,ma 8(%r1),%fr4"],
    ["fldwx %r0(%r1),%fr4R"],
    ["fstds %fr0,8(%r1)"],
    ["fstws %fr4,8(%r1)"],
    ["fstdx,m %fr4,%r1(%r1)"],
    ["copr,0,0"],
  ])("%s is an assist emulation trap", async (instruction) => {
    for (const ccr of [0, 0x40, 0x80, 0x3f]) {
      const { machine, escape, symbol } = await run(`here:	${instruction}`, ccr);
      expect(escape()).toBe(ASSIST.emulation);
      expect(machine.cr(18)).toBe(symbol("here"));
      expect(machine.cr(19)).toBe(machine.memory.read32(symbol("here")));
      expect(machine.gr(1)).toBe(DATA);
    }
  });

  test("a load or store leaves its address, after translation and protection", async () => {
    const { machine, escape } = await run("	fldds 8(%r1),%fr4", 0);
    expect(escape()).toBe(ASSIST.emulation);
    expect([machine.cr(20), machine.cr(21)]).toEqual([0, DATA + 8]);
    const unaligned = await run("	fldds 4(%r1),%fr4", 0);
    expect(unaligned.escape()).toBe(INTERRUPTED + I.I_DATA_PROTECTION);
    const missing = await run("	fldds 8(%r1),%fr4", 0, PSW.PSW_Q | PSW.PSW_D);
    expect(missing.escape()).toBe(INTERRUPTED + I.I_DTLB_MISS);
  });

  test("the guest switches it by MTCTL", async () => {
    const text = `	ldi ${ON},%r2\n	mtctl %r2,%cr10\n	fcpy,dbl %fr4,%fr6\n	mtctl %r0,%cr10
here:	fcpy,dbl %fr4,%fr5`;
    const { machine, escape, symbol } = await run(text, 0);
    machine.setFr(4, ONE);
    expect(escape()).toBe(ASSIST.emulation);
    expect(machine.cr(18)).toBe(symbol("here"));
    expect([machine.fr(5), machine.fr(6)]).toEqual([0n, ONE]);
  });
});

describe("delayed traps", () => {
  // fr4 = infinity: infinity - infinity is invalid.
  const invalid = async (next: string): Promise<Program> => {
    const loaded = await run(
      `bad:	fsub,dbl %fr4,%fr4,%fr5\n	ldi 7,%r2\n	ldw 0(%r1),%r3\nnext:	${next}`,
    );
    loaded.machine.setFr(0, ENABLE_V);
    loaded.machine.setFr(4, 0x7ff0000000000000n);
    loaded.machine.setFr(2, 5n);
    return loaded;
  };

  test.each([
    ["fcpy,dbl %fr6,%fr7"],
    ["fcmp,sgl,= %fr6,%fr7"],
    ["ftest"],
    ["fldws 0(%r1),%fr6"],
    ["fstds %fr6,0(%r1)"],
    ["fstws %fr0,0(%r1)"],
    ["fldds 0(%r1),%fr0"],
    ["frem,dbl %fr6,%fr7,%fr8"],
  ])("taken by the next floating-point instruction: %s", async (next) => {
    const { machine, escape, symbol } = await invalid(next);
    expect(escape()).toBe(ASSIST.exception);
    expect(machine.cr(18)).toBe(symbol("next"));
    expect(machine.cr(19)).toBe(machine.memory.read32(symbol("next")));
    expect(machine.gr(2)).toBe(7);
    const word = BigInt(machine.memory.read32(symbol("bad"))) & 0x03ffffffn;
    expect(machine.fr(0)).toBe(ENABLE_V | T | (0x20n << 26n) | word);
    expect([machine.fr(1), machine.fr(2), machine.fr(3)]).toEqual([0n, 0n, 0n]);
    expect(machine.fr(5)).toBe(0n);
  });

  test("never, without another floating-point instruction", async () => {
    const { machine, escape } = await invalid("nop");
    expect(escape()).toBe(1);
    expect(machine.fr(0) & T).toBe(T);
  });

  test("a double-word store of register 0 runs, stores T and cancels the trap", async () => {
    const { machine, escape } = await invalid("fstds %fr0,0(%r1)\n	fcpy,dbl %fr4,%fr6");
    expect(escape()).toBe(1);
    expect(machine.memory.read32(DATA)).toBe(0x50);
    expect(machine.fr(0) >> 32n).toBe(0x10n);
    expect(machine.fr(6)).toBe(machine.fr(4));
  });

  test("a status that is loaded with T arms the trap again", async () => {
    const { machine, escape, symbol } = await run("	fldds 0(%r1),%fr0\nhere:	ftest");
    machine.memory.write32(DATA, 0x40);
    machine.memory.write32(DATA + 4, 0x12345678);
    expect(escape()).toBe(ASSIST.exception);
    expect(machine.cr(18)).toBe(symbol("here"));
    expect(machine.fr(0)).toBe(0x4012345678n);
  });

  test("comes before the next instruction's own data traps", async () => {
    const { escape } = await invalid("fldds 4(%r1),%fr6");
    expect(escape()).toBe(ASSIST.exception);
  });

  test("a nullified instruction does not take it", async () => {
    const { escape } = await invalid("add,tr %r0,%r0,%r0\n	fcpy,dbl %fr4,%fr6");
    expect(escape()).toBe(1);
  });
});

describe("register 0", () => {
  test("is the status to loads and stores, its right half exception register 1", async () => {
    const text = `	fldws 0(%r1),%fr0\n	fldws 4(%r1),%fr0R\n	fstds,ma %fr0,8(%r1)
	fstws %fr0R,0(%r1)\n	fstwx,m %fr0,%r2(%r1)\n	fldds,mb 8(%r3),%fr0`;
    const { machine, escape } = await run(text);
    machine.memory.write32(DATA, 0x0c000600);
    machine.memory.write32(DATA + 4, 0x00abcdef);
    machine.memory.write32(DATA + 16, 0x80000200);
    machine.setGr(2, 4);
    machine.setGr(3, DATA + 8);
    expect(escape()).toBe(1);
    expect(machine.memory.read32(DATA)).toBe(0x0c000600);
    expect(machine.memory.read32(DATA + 8)).toBe(0x0c000600);
    expect([machine.gr(1), machine.gr(3)]).toEqual([DATA + 12, DATA + 16]);
    expect(machine.fr(0)).toBe(0x80000200n << 32n);
  });

  test("reads as zero in operations, and may not be their target", async () => {
    const text =
      "	fcpy,dbl %fr0,%fr4\n	fadd,dbl %fr0,%fr5,%fr6\n	fcmp,dbl,= %fr0,%fr4\n	ftest\n	ldi 1,%r2\nhere:	fcpy,dbl %fr5,%fr0";
    const { machine, escape, symbol } = await run(text);
    machine.setFr(0, 0xc000000n << 32n);
    machine.setFr(4, ONE);
    machine.setFr(5, ONE);
    expect(escape()).toBe(ASSIST.exception);
    expect(machine.cr(18)).toBe(symbol("here"));
    expect([machine.fr(4), machine.fr(6), machine.gr(2)]).toEqual([0n, ONE, 0]);
    expect(machine.fr(0) & T).toBe(0n);
  });

  test("COPR identify puts the unit's name where the queue is", async () => {
    const { machine, escape } = await run("	copr,0,0");
    machine.setFr(0, 0x083ff800n << 32n);
    expect(escape()).toBe(1);
    expect(machine.fr(0) >> 32n).toBe(0x08000000n | (8n << 16n));
  });

  test("FTEST with a condition reads the compare queue", async () => {
    // Twelve comparisons, oldest first; 1 is "true".
    const accepts = async (history: string, condition: number): Promise<boolean> => {
      const compares = [...history].map(
        (bit) => `	fcmp,dbl,${bit === "1" ? "true" : "false"} %fr4,%fr4`,
      );
      const word = 0x30002420 | condition;
      const text = `${compares.join("\n")}\n	.word ${word}\n	ldi 1,%r2`;
      const { machine, escape } = await run(text);
      expect(escape()).toBe(1);
      return machine.gr(2) === 0;
    };
    const [ACC, REJ, ACC8, REJ8, ACC6, ACC4, ACC2] = [1, 2, 5, 6, 9, 13, 17];
    expect(await accepts("000000000000", ACC!)).toBe(true);
    expect(await accepts("100000000000", ACC!)).toBe(false);
    expect(await accepts("000100000000", ACC8!)).toBe(true);
    expect(await accepts("000010000000", ACC8!)).toBe(false);
    expect(await accepts("111111000000", ACC6!)).toBe(true);
    expect(await accepts("000000100000", ACC6!)).toBe(false);
    expect(await accepts("111111110000", ACC4!)).toBe(true);
    expect(await accepts("000000000010", ACC4!)).toBe(false);
    expect(await accepts("111111111100", ACC2!)).toBe(true);
    expect(await accepts("000000000001", ACC2!)).toBe(false);
    expect(await accepts("100000100000", REJ!)).toBe(true);
    expect(await accepts("100000010000", REJ!)).toBe(false);
    expect(await accepts("000001000001", REJ!)).toBe(true);
    expect(await accepts("000010001000", REJ8!)).toBe(true);
    expect(await accepts("100010000000", REJ8!)).toBe(false);
  });
});

describe("left to software", () => {
  test.each([
    ["frem,dbl %fr4,%fr5,%fr6", 0x09],
    ["fadd,quad %fr4,%fr6,%fr8", 0x09],
    ["fcnvff,dbl,quad %fr4,%fr6", 0x09],
    ["frem,sgl %fr4R,%fr5,%fr6", 0x0b],
  ])("%s is unimplemented: the next one traps", async (instruction, code) => {
    const { machine, escape, symbol } = await run(
      `here:	${instruction}\nnext:	fcpy,dbl %fr4,%fr5`,
    );
    expect(escape()).toBe(ASSIST.exception);
    expect(machine.cr(18)).toBe(symbol("next"));
    const word = BigInt(machine.memory.read32(symbol("here"))) & 0x03ffffffn;
    expect(machine.fr(0)).toBe(T | (BigInt(code) << 26n) | word);
  });

  test.each([
    ["a reserved suboperation", 0x3000c000],
    ["a reserved format", 0x30851606],
    ["an undefined coprocessor operation", 0x30000020],
  ])("%s traps at once", async (_, word) => {
    const { machine, escape, symbol } = await run(`here:	.word ${word}`);
    expect(escape()).toBe(ASSIST.exception);
    expect(machine.cr(18)).toBe(symbol("here"));
    expect(machine.fr(0)).toBe(0n);
  });

  test.each([["fstqs %fr4,0(%r1)"], ["copr,2,0"]])(
    "%s is not there: emulation",
    async (instruction) => {
      const { escape } = await run(`	${instruction}`);
      expect(escape()).toBe(ASSIST.emulation);
    },
  );
});
