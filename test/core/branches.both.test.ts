/**
 * Branches, delay slots, nullification and links, within a page and across pages (PA-RISC 1.1 manual,
 * chapter 5).
 */
import { describe, expect, test } from "vitest";
import { program } from "../support/program.ts";

describe("branches and nullification", () => {
  const trace = async (text: string): Promise<number> => {
    const { machine, escape } = await program(`${text}\n	escape 1`);
    expect(escape()).toBe(1);
    return machine.gr(5);
  };
  const add = (bit: number): string => `	ldo ${1 << bit}(%r5),%r5`;

  test("a branch in the slot of a branch: one instruction of the first target, then the second", async () => {
    // Manual, chapter 5, "branching to branches": b one; b two in its slot.
    const text = `	b one
	b two
${add(0)}
one:
${add(1)}
${add(2)}
two:
${add(3)}`;
    expect(await trace(text)).toBe((1 << 1) | (1 << 3));
  });

  test("the same across pages", async () => {
    const text = `	b one
	b two
${add(0)}
	.block 8192
one:
${add(1)}
${add(2)}
	.block 4096
two:
${add(3)}`;
    expect(await trace(text)).toBe((1 << 1) | (1 << 3));
  });

  test("a slot that nullifies takes the first instruction of the target", async () => {
    for (const gap of [0, 4096]) {
      const text = `	b one\n	add,tr %r0,%r0,%r0\n	.block ${gap}\none:\n${add(0)}\n${add(1)}`;
      expect(await trace(text)).toBe(1 << 1);
    }
  });

  test("conditional branches with ,n: forward taken and backward not taken skip the slot", async () => {
    expect(await trace(`	comb,=,n %r0,%r0,on\n${add(0)}\non:`)).toBe(0);
    expect(await trace(`	comb,<>,n %r0,%r0,on\n${add(0)}\non:`)).toBe(1);
    expect(
      await trace(
        `	b,n on\nback:\n${add(1)}\n	b,n out\non:	comb,=,n %r0,%r0,back\n${add(0)}\nout:`,
      ),
    ).toBe(0b11);
    expect(
      await trace(
        `	b,n on\nback:\n${add(1)}\n	b,n out\non:	comb,<>,n %r0,%r0,back\n${add(0)}\nout:`,
      ),
    ).toBe(0);
  });

  test.each([0, 1, 2, 3])(
    "code runs on across a page's end, %i instructions before it",
    async (before) => {
      const end = 1024 - before;
      const nops = "	nop\n".repeat(end - 1);
      for (const [text, expected] of [
        [`${add(0)}\n${add(1)}\n${add(2)}\n${add(3)}`, 0b1111],
        [`	add,tr %r0,%r0,%r0\n${add(0)}\n${add(1)}\n${add(2)}`, 0b110],
        [`	b on\n${add(0)}\n${add(1)}\non:\n${add(2)}`, 0b101],
        [`	b,n on\n${add(0)}\n${add(1)}\non:\n${add(2)}`, 0b100],
        [`	comb,<> %r0,%r0,on\n${add(0)}\n${add(1)}\non:\n${add(2)}`, 0b111],
        [`	add,tr %r0,%r0,%r0\n	b on\n${add(0)}\n${add(1)}\non:`, 0b11],
        [`	bl .+8,%r9\n${add(0)}\n${add(1)}`, 0b11],
      ] as const)
        expect(await trace(`	b,n .+8\n${nops}${text}`)).toBe(expected);
    },
  );

  test("links are the address after the slot, with the level", async () => {
    for (const gap of [0, 4096]) {
      const { machine, escape, symbol } = await program(
        `	bl on,%r9\n	nop\nafter:	.block ${gap}\non:	ble R%there(%sr4,%r10)\n	nop\nnext:	nop\nthere:	blr %r0,%r11\n	nop\nlast:	escape 1`,
        { privilege: 3, space: 5, registers: { 10: 0x4000 + (gap && 0x800 * 2) } },
      );
      machine.setSr(4, 6);
      machine.setGr(10, symbol("there") & ~0x7ff);
      expect(escape()).toBe(1);
      expect(machine.gr(9)).toBe(symbol("after") + 3);
      expect(machine.gr(31)).toBe(symbol("next") + 3);
      expect(machine.sr(0)).toBe(5);
      expect(machine.gr(11)).toBe(symbol("last") + 3);
      expect(machine.pcoq.frontSpace).toBe(6);
    }
  });
});
