/**
 * known-deviations.txt is well-formed, and of everything in it that is "wrong" with the oracle: it still is,
 * and this machine does what the manual says. Expectations are the manual's operations, by hand.
 */
import { describe, expect, test } from "vitest";
import { encode, instruction } from "../../host/isa/instructions.ts";
import { DEVIATIONS, isOfInstructions, mistakes } from "./deviations.ts";
import { BLOCK_DOUBLES, floatProgram } from "./float-program.ts";
import { haveQemu, qemuVersion, runEach } from "./qemu.ts";
import { Random } from "../asm/random.ts";
import { programText, STORED } from "./random-program.ts";

test("every line is read", () => {
  expect(DEVIATIONS.length).toBeGreaterThan(20);
  expect(mistakes()).toEqual([]);
});

type Fields = Readonly<Record<string, number>>;
const word = (name: string, fields: Fields): number => encode(instruction(name), fields);
const NOP = word("OR", {});

/** Words that run on some registers, and what the manual says a register has afterwards. */
interface Integer {
  readonly registers: Readonly<Record<number, number>>;
  readonly words: readonly number[];
  readonly register: number;
  readonly value: number;
}

const INTEGER: Readonly<Record<string, Integer>> = {
  // 0x99 + 0x11 biased by 0x66…: no carry out of digit 0 (0xf + 1 is one), so 6 is taken back elsewhere.
  decimal: {
    registers: { 1: 0x12345678, 2: 0x66666666 },
    words: [
      word("ADD", { a: 1, b: 2, t: 3, c: 0, f: 0 }),
      word("DCOR", { b: 3, t: 4, c: 0, f: 0 }),
    ],
    register: 4,
    value: 0x12345678,
  },
  // 0x40000000 << 1 leaves the sign wrong: sv holds, and the next instruction is nullified.
  "shadd-condition": {
    registers: { 1: 0x40000000, 2: 0, 5: 7 },
    words: [word("SH1ADD", { a: 1, b: 2, t: 3, c: 6, f: 0 }), word("LDO", { b: 0, t: 5, im14: 9 })],
    register: 5,
    value: 7,
  },
  // V becomes carry ^ sign of the divisor, 0, and so the next step adds: 2 × 5 + 3.
  "divide-target": {
    registers: { 1: 0x40000000, 2: 3, 5: 5, 6: 3 },
    words: [
      word("DS", { a: 1, b: 2, t: 2, c: 0, f: 0 }),
      word("DS", { a: 5, b: 6, t: 7, c: 0, f: 0 }),
    ],
    register: 7,
    value: 13,
  },
  "trap-nullified": {
    registers: { 1: 0x7fffffff, 2: 1, 3: 33 },
    words: [
      word("COMCLR", { a: 0, b: 0, t: 0, c: 1, f: 0 }),
      word("ADDO", { a: 1, b: 2, t: 3, c: 0, f: 0 }),
    ],
    register: 3,
    value: 33,
  },
};

async function integer({ registers, words, register }: Integer) {
  const values = STORED.map((number) => registers[number] ?? 0);
  const text = programText([{ registers: values, shiftAmount: 0, words: [...words, NOP, NOP] }]);
  const { qemu, ours } = await runEach(text);
  const at = 4 * STORED.indexOf(register);
  return { qemu: qemu?.readUInt32BE(at), ours: ours.readUInt32BE(at) };
}

interface Float {
  /** Registers 4 and up. */
  readonly before: readonly bigint[];
  readonly words: readonly number[];
  readonly register: number;
  readonly value: bigint;
}

const [ONE, TWO, THREE] = [0x3ff0000000000000n, 0x4000000000000000n, 0x4008000000000000n];

const FLOAT: Readonly<Record<string, Float>> = {
  // fr6 = 2 × 3, fr7 = 1 + 2.
  "multiply-add": {
    before: [ONE, TWO, THREE, ONE],
    words: [word("FMPYADD", { rm1: 5, rm2: 6, ta: 4, ra: 7, tm: 8, sgl: 0 })],
    register: 8,
    value: 0x4018000000000000n,
  },
  // Only the left half is written.
  "convert-zero": {
    before: [ONE],
    words: [word("FCNVXF", { fa: 0, ft: 4, fmt: 1, df: 0 })],
    register: 4,
    value: 0n,
  },
};

async function float({ before, words, register }: Float) {
  const status = 0x08000000n << 32n;
  const registers = Array.from({ length: BLOCK_DOUBLES - 1 }, (_, i) => before[i] ?? 0n);
  const block = { before: [status, ...registers], words };
  const { qemu, ours } = await runEach(floatProgram([block], new Random(1)));
  const at = 8 * (register - 3);
  return { qemu: qemu?.readBigUInt64BE(at), ours: ours.readBigUInt64BE(at) };
}

/** Of a trap itself: a user program that is not ended by it shows the mistake. */
const SHOWN_APART = ["shadd-overflow"];

describe.skipIf(!haveQemu() || qemuVersion() !== "7.2")("what is wrong with the oracle", () => {
  test.each(Object.entries(INTEGER))("%s", async (_, demonstration) => {
    const { qemu, ours } = await integer(demonstration);
    expect(ours).toBe(demonstration.value);
    expect(qemu).not.toBe(demonstration.value);
  });

  test.each(Object.entries(FLOAT))("%s", async (_, demonstration) => {
    const { qemu, ours } = await float(demonstration);
    expect(ours).toBe(demonstration.value);
    expect(qemu).not.toBe(demonstration.value);
  });

  test("shadd-overflow: no trap, so the program goes on", async () => {
    const values = STORED.map((number) =>
      number === 1 ? 0x40000000 : number === 2 ? 0xc0000000 : 0,
    );
    const words = [word("SH1ADDO", { a: 1, b: 2, t: 3, c: 0, f: 0 }), NOP];
    const text = programText([{ registers: values, shiftAmount: 0, words }]);
    // Ours takes an interruption, which nobody handles here.
    await expect(runEach(text)).rejects.toThrow(/^stopped: .*"interruption":12/);
  });

  test("is all shown", () => {
    const wrong = DEVIATIONS.filter((line) => line.kind === "wrong" && isOfInstructions(line));
    expect(wrong.map(({ id }) => id).toSorted()).toEqual(
      [...Object.keys(INTEGER), ...Object.keys(FLOAT), ...SHOWN_APART].toSorted(),
    );
  });
});
