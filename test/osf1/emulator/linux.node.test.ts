// Linux/hppa calls through the page at 0 and the emulator: all that Linux keeps is kept, other threads in
// between or not, and the light-weight calls work at the caller's level.
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../host/bench/configurations.ts";
import { EMULATOR, PROCESS_MAP } from "../../../host/abi/osf1.ts";
import { run } from "./program.ts";

/** Linux keeps these over a call, besides r3–r18 (linux-hppa-abi). */
const KEPT = [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26];
const load = (of: readonly number[]): string =>
  of.map((register) => `\tldi\t${100 + register},%r${register}\n`).join("");
const noteAll = (of: readonly number[]): string =>
  of.map((register) => `\tnote\t%r${register}\n`).join("");
const values = (of: readonly number[]): number[] => of.map((register) => 100 + register);

describe.each(CONFIGURATIONS.map(({ name }, i) => [name, i] as const))("%s", (_, index) => {
  const configuration = CONFIGURATIONS[index]!;

  test("a call keeps every register but r1, r20, r28, r29, r31", async () => {
    const { notes } = await run(
      configuration,
      `${load(KEPT)}\tlinux\t47\n${noteAll(KEPT)}\tnote\t%r28\n`,
    );
    expect(notes).toEqual([...values(KEPT), 0]);
  });

  test("the thread pointer survives a child that has its own", async () => {
    const { notes } = await run(
      configuration,
      `
	ldi	777,%r26
	ble	0xe0(%sr2,%r0)
	nop
	linux	2
	comib,<>,n	0,%r28,parent
	ldi	888,%r26
	ble	0xe0(%sr2,%r0)
	nop
	ldi	0,%r26
	linux	1
parent:
	ldi	-1,%r26
	ldi	0,%r25
	ldi	0,%r24
	ldi	0,%r23
	linux	114
	mfctl	%cr27,%r19
	note	%r19
`,
    );
    expect(notes).toEqual([777]);
  });

  test("nothing is mapped over the emulator, nor over what leads to it", async () => {
    const { EMULATOR_BASE, EMULATOR_INFO, EMULATOR_END } = EMULATOR;
    const { PROCESS_END } = PROCESS_MAP;
    const PAGE = 4096;
    const MAP = 0x16; // MAP_FIXED, MAP_PRIVATE, MAP_ANONYMOUS
    const map = (address: number, length: number): string => `
	ldil	L%${address},%r26
	ldo	R%${address}(%r26),%r26
	ldil	L%${length},%r25
	ldo	R%${length}(%r25),%r25
	ldi	3,%r24
	ldi	${MAP},%r23
	ldi	-1,%r22
	ldi	0,%r21
	linux	90
	note	%r28
`;
    const refused = [
      [EMULATOR_INFO, PAGE],
      [EMULATOR_BASE, PAGE],
      [EMULATOR_BASE - PAGE, 2 * PAGE],
      [EMULATOR_END - PAGE, 2 * PAGE],
      [0, PAGE],
      [PROCESS_END - PAGE, 2 * PAGE],
    ] as const;
    const FREE = 0x50000000;
    const text = [...refused, [FREE, PAGE] as const].map(([at, length]) => map(at, length));
    const { notes } = await run(configuration, text.join(""));
    const ENOMEM = 12;
    expect(notes).toEqual([...refused.map(() => -ENOMEM), FREE]);
  });

  test("errors are negative, and numbers that nobody knows are ENOSYS", async () => {
    const { notes } = await run(
      configuration,
      `
	ldi	99,%r26
	linux	6
	note	%r28
	linux	459
	note	%r28
	ldil	L%5000,%r20
	ble	0x100(%sr2,%r0)
	ldo	R%5000(%r20),%r20
	note	%r28
	ldi	-1,%r26
	linux	10
	note	%r28
`,
    );
    expect(notes).toEqual([-9, -251, -251, -14]);
  });

  test("compare-and-swap: swapped, not swapped, and a wild pointer is EFAULT", async () => {
    const { notes } = await run(
      configuration,
      `
	.macro	compare_and_swap
	ldi	0,%r20
	ble	0xb0(%sr2,%r0)
	nop
	.endm
	address	word,%r26
	ldi	5,%r25
	ldi	6,%r24
	compare_and_swap
	note	%r28
	note	%r21
	compare_and_swap
	note	%r28
	address	word,%r26
	ldw	0(%r26),%r19
	note	%r19
	ldil	L%0x3ffff000,%r26
	compare_and_swap
	note	%r21
`,
      "word:\t.word\t5\n",
    );
    expect(notes).toEqual([5, 0, 6, 6, -14]);
  });

  test("a program whose stack leads nowhere ends at its next call", async () => {
    const { result } = await run(configuration, "\tldil\tL%0x3fff0000,%sp\n\tlinux\t47\n");
    expect(result.ending).toEqual({
      kind: "ended",
      status: { kind: "killed", signal: 11, core: false },
    });
  });
});
