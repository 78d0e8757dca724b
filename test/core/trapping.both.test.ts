/**
 * What the differential run leaves out, against models written here with BigInt: trapping arithmetic,
 * decimal correction, shifted additions that overflow, PSW C/B digit by digit.
 */
import { describe, expect, test } from "vitest";
import { encode, instruction } from "../../host/isa/instructions.ts";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { Random } from "../asm/random.ts";
import { INTERRUPTED, program, type Program } from "../support/program.ts";
import { randomValue } from "./random-value.ts";

const signed = (value: number): bigint => BigInt(value | 0);
const word = (value: bigint): number => Number(BigInt.asUintN(32, value));
const inRange = (value: bigint): boolean => value === BigInt.asIntN(32, value);

/** A machine on which single instructions can be run: `once` loads r1, r2, runs, stops. */
async function bench(): Promise<{
  loaded: Program;
  once(words: number[], registers: Record<number, number>): number;
}> {
  const loaded = await program(`${"	nop\n".repeat(4)}	escape 1`, { psw: PSW.PSW_Q });
  const { machine } = loaded;
  const start = machine.pcoq;
  return {
    loaded,
    once(words, registers) {
      for (let i = 0; i < 4; i++)
        machine.memory.write32(
          start.frontOffset + 4 * i,
          words[i] ?? encode(instruction("OR"), {}),
        );
      for (const [register, value] of Object.entries(registers))
        machine.setGr(Number(register), value);
      machine.psw = PSW.PSW_Q;
      machine.pcoq = start;
      return loaded.escape() - INTERRUPTED;
    },
  };
}

const OVERFLOWING: [name: string, exact: (a: bigint, b: bigint) => bigint][] = [
  ["ADDO", (a, b) => a + b],
  ["SUBO", (a, b) => a - b],
  ["SH1ADDO", (a, b) => (a << 1n) + b],
  ["SH2ADDO", (a, b) => (a << 2n) + b],
  ["SH3ADDO", (a, b) => (a << 3n) + b],
];

describe("traps on overflow", () => {
  test.each(OVERFLOWING)("%s", async (name, exact) => {
    const random = new Random(7);
    const { loaded, once } = await bench();
    let trapped = 0;
    for (let i = 0; i < 300; i++) {
      const [a, b] = [randomValue(random), randomValue(random)];
      const shift = Number(/^SH(\d)/.exec(name)?.[1] ?? 0);
      // A shift that overflows and comes back into range by the addition overflows all the same.
      const overflows =
        !inRange(exact(signed(a), signed(b))) || !inRange(signed(a) << BigInt(shift));
      const stop = once([encode(instruction(name), { a: 1, b: 2, t: 3, c: 0, f: 0 })], {
        1: a,
        2: b,
        3: 33,
      });
      expect([a, b, stop]).toEqual([a, b, overflows ? I.I_OVERFLOW : 1 - INTERRUPTED]);
      expect(loaded.machine.gr(3)).toBe(overflows ? 33 : word(exact(signed(a), signed(b))));
      trapped += Number(overflows);
    }
    expect(trapped).toBeGreaterThan(20);
  });

  test("a nullified one does not trap", async () => {
    const { once } = await bench();
    const skip = encode(instruction("ADD"), { c: 0, f: 1 });
    const add = encode(instruction("ADDO"), { a: 1, b: 2, t: 3 });
    expect(once([add], { 1: 0x7fffffff, 2: 1 })).toBe(I.I_OVERFLOW);
    expect(once([skip, add], { 1: 0x7fffffff, 2: 1 })).toBe(1 - INTERRUPTED);
  });

  test("immediate forms: ADDIO, SUBIO, ADDITO; borrow and carry forms", async () => {
    const { once } = await bench();
    const im = (name: string): number => encode(instruction(name), { im11: -1, b: 1, t: 3 });
    expect(once([im("ADDIO")], { 1: 0x80000000 })).toBe(I.I_OVERFLOW);
    expect(once([im("ADDIO")], { 1: 0x7fffffff })).toBe(1 - INTERRUPTED);
    expect(once([im("SUBIO")], { 1: 0x80000000 })).toBe(1 - INTERRUPTED);
    expect(once([encode(instruction("SUBIO"), { im11: 0, b: 1, t: 3 })], { 1: 0x80000000 })).toBe(
      I.I_OVERFLOW,
    );
    expect(once([im("ADDITO")], { 1: 0x80000000 })).toBe(I.I_OVERFLOW);
    // With the carry in: 0x7ffffffe + 1 + 1.
    const setCarry = encode(instruction("ADD"), { a: 4, b: 4, t: 0 });
    const addc = encode(instruction("ADDCO"), { a: 1, b: 2, t: 3 });
    expect(once([setCarry, addc], { 1: 0x7ffffffe, 2: 1, 4: 0x80000000 })).toBe(I.I_OVERFLOW);
    expect(once([setCarry, addc], { 1: 0x7ffffffe, 2: 1, 4: 0 })).toBe(1 - INTERRUPTED);
    // SUBB without carry subtracts one more: 0x80000001 - 1 - 1.
    const subb = encode(instruction("SUBBO"), { a: 1, b: 2, t: 3 });
    expect(once([setCarry, subb], { 1: 0x80000001, 2: 1, 4: 0 })).toBe(I.I_OVERFLOW);
    expect(once([setCarry, subb], { 1: 0x80000001, 2: 1, 4: 0x80000000 })).toBe(1 - INTERRUPTED);
  });

  test("conditional traps: ADDIT, SUBT, UADDCMT trap where the condition holds, and never nullify", async () => {
    const { loaded, once } = await bench();
    const count = encode(instruction("ADDI"), { im11: 1, b: 5, t: 5 });
    const subt = (c: number, f: number): number =>
      encode(instruction("SUBT"), { a: 1, b: 2, t: 3, c, f });
    expect(once([subt(1, 0)], { 1: 9, 2: 9 })).toBe(I.I_CONDITIONAL);
    expect(once([subt(1, 1), count], { 1: 9, 2: 9, 5: 0 })).toBe(1 - INTERRUPTED);
    expect([loaded.machine.gr(3), loaded.machine.gr(5)]).toEqual([0, 1]);
    expect(
      once([encode(instruction("UADDCMT"), { a: 1, b: 2, t: 3, c: 2 })], {
        1: 0x01020304,
        2: 0xffffffff,
      }),
    ).toBe(1 - INTERRUPTED);
    expect(
      once([encode(instruction("UADDCMT"), { a: 1, b: 2, t: 3, c: 2 })], {
        1: 0x01000304,
        2: 0xffffffff,
      }),
    ).toBe(I.I_CONDITIONAL);
  });
});

describe("carries", () => {
  /** Carries out of the nibbles of x + y + c, PSW order: bit 0 of the answer is the rightmost nibble's. */
  const nibbles = (x: number, y: number, c: number): number => {
    let bits = 0;
    for (let k = 0; k < 8; k++) {
      const mask = 16n ** BigInt(k + 1) - 1n;
      if ((BigInt(x) & mask) + (BigInt(y) & mask) + BigInt(c) > mask) bits |= 1 << k;
    }
    return bits;
  };

  test("ADD and SUB leave a carry for each nibble", async () => {
    const random = new Random(11);
    const { loaded, once } = await bench();
    for (let i = 0; i < 300; i++) {
      const [a, b] = [randomValue(random), randomValue(random)];
      once([encode(instruction("ADD"), { a: 1, b: 2, t: 3 })], { 1: a, 2: b });
      expect((loaded.machine.psw & PSW.PSW_CB) >>> 8).toBe(nibbles(a, b, 0));
      once([encode(instruction("SUB"), { a: 1, b: 2, t: 3 })], { 1: a, 2: b });
      expect((loaded.machine.psw & PSW.PSW_CB) >>> 8).toBe(nibbles(a, ~b >>> 0, 1));
    }
  });

  test("decimal addition by UADDCM, ADD, DCOR, and by ADD, IDCOR", async () => {
    const random = new Random(13);
    const { loaded, once } = await bench();
    const decimal = (value: number): number =>
      Number.parseInt(value.toString().padStart(8, "0"), 16);
    for (let i = 0; i < 200; i++) {
      const [x, y] = [random.below(1e8), random.below(1e8)];
      // Manual, DCOR: bias one operand by six in every digit, add, take the unused sixes away.
      once(
        [
          encode(instruction("UADDCM"), { a: 1, b: 4, t: 3 }), // x + ~0x99999999 = x + 0x66666666
          encode(instruction("ADD"), { a: 3, b: 2, t: 3 }),
          encode(instruction("DCOR"), { b: 3, t: 3 }),
        ],
        { 1: decimal(x), 2: decimal(y), 4: 0x99999999 },
      );
      expect(loaded.machine.gr(3)).toBe(decimal((x + y) % 1e8));
    }
  });
});

test("SHxADD counts significant bits lost by the shift in sv, and in its negation", async () => {
  const random = new Random(17);
  const { loaded, once } = await bench();
  const count = encode(instruction("ADDI"), { im11: 1, b: 5, t: 5 });
  for (const [name, shift] of [
    ["SH1ADD", 1n],
    ["SH2ADDL", 2n],
    ["SH3ADD", 3n],
  ] as const)
    // prettier-ignore
    for (let i = 0; i < 200; i++) {
      const [a, b, f] = [randomValue(random), randomValue(random), random.below(2)];
      const overflows = !inRange(signed(a) << shift) || !inRange(signed(word(signed(a) << shift)) + signed(b));
      once([encode(instruction(name), { a: 1, b: 2, t: 3, c: 6, f }), count], { 1: a, 2: b, 5: 0 });
      const nullified = overflows !== (f === 1);
      expect([name, a, b, f, loaded.machine.gr(5)]).toEqual([name, a, b, f, nullified ? 0 : 1]);
    }
});
