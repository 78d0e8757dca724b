/** Words to text, compared with GNU objdump over every row and over random words. */
import { describe, expect, test } from "vitest";
import { decode, INSTRUCTIONS } from "../../host/isa/instructions.ts";
import { disassemble } from "../../host/asm/disassemble.ts";
import { gnuDisassemble, haveTool } from "../asm/binutils.ts";
import { seeded, type Random } from "../asm/random.ts";

const available = haveTool("as") && haveTool("objdump");

/** Coprocessor 0 or 1 operations that PA-RISC 1.1 leaves undefined: objdump reads 2.0's. */
function isUndefinedFloat(word: number): boolean {
  return decode(word)?.name === "COPR" && ((word >>> 6) & 7) < 4;
}

/** A word of a row: random free bits, sparser half of the time so that zero fields occur. */
function wordOf(row: (typeof INSTRUCTIONS)[number], random: Random): number {
  const bits = random.below(2) === 0 ? random.word() : random.word() & random.word();
  return ((bits & ~row.mask) | row.match) >>> 0;
}

function compare(words: readonly number[]): void {
  const expected = gnuDisassemble(words);
  expect(expected.length).toBe(words.length);
  const different = words.flatMap((word, index) => {
    const text = disassemble(word, 4 * index);
    return text === expected[index]
      ? []
      : [`${word.toString(16)}: ours ${text}, objdump ${expected[index]}`];
  });
  expect(different.slice(0, 10)).toEqual([]);
}

describe.skipIf(!available)("disassembly is objdump's", () => {
  test("for every row with many operands", () => {
    const random = seeded("rows");
    const words = INSTRUCTIONS.flatMap((row) =>
      Array.from({ length: 150 }, () => wordOf(row, random)),
    );
    compare(words.filter((word) => !isUndefinedFloat(word)));
  });

  test("for random words that are instructions", () => {
    const random = seeded("words");
    const words = Array.from({ length: 40_000 }, () => random.word());
    compare(words.filter((word) => decode(word) !== undefined && !isUndefinedFloat(word)));
  });

  test("for the words that objdump gives special names", () => {
    const special =
      "8000240 8040245 34063ff7 1641840 c00 ca0 400 100400 30002420 30000000 ca010a6 ca012a0 " +
      "e840c000 e85f1f85 2b600000 20226246 0 14001a00 15041600";
    compare(special.split(" ").map((word) => Number.parseInt(word, 16)));
  });
});

describe("disassembly", () => {
  test("names a target when it can", () => {
    const symbolize = (address: number): string => `foo+0x${address.toString(16)}`;
    expect(disassemble(0xe85f1f85, 0x2000, symbolize)).toBe("b,l 1fc8 <foo+0x1fc8>,rp");
    expect(disassemble(0xe85f1f85, 0x2000, () => undefined)).toBe("b,l 0x1fc8,rp");
    expect(disassemble(0xe85f1f85, 0)).toBe("b,l 0xffffffc8,rp");
  });

  test("of a word that is nothing", () => {
    expect(disassemble(0xffffff48)).toBe("#ffffff48");
    expect(disassemble(0x04000fff)).toBe("# 4000fff");
    expect(disassemble(0x04000fff, 0, undefined, "manual")).toBe(".word 0x04000fff");
  });

  test("in the manual's style", () => {
    const manual = (word: number): string => disassemble(word, 0, undefined, "manual");
    expect(manual(0x6fc30080)).toBe("stwm %r3,64(%r30)");
    expect(manual(0x80413ef7)).toBe("combt,=,n %r1,%r2,.-128");
    expect(manual(0x0a9c0a1c)).toBe("addl %r28,%r20,%r28");
    expect(manual(0x48a64000)).toBe("ldw 0(%sr1,%r5),%r6");
    expect(manual(0x181124e2)).toBe("fmpyadd,sgl %fr16,%fr17R,%fr18,%fr19R,%fr20");
  });
});
