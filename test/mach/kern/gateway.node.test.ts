// The gateway page: it takes the caller's level from GATE, not from the link register, which a caller may
// forge with a plain branch; and it sets the thread pointer, which interruptions keep for each thread.
import { describe, expect, test } from "vitest";
import { guest } from "./guest.ts";

describe.each([true, false])("INKS %s", (inks) => {
  test("a forged link register does not make a user a server in the kernel", async () => {
    const { kernel, words } = await guest(
      `
	.text
	.globl	_start
_start:
	ldil	L%forged,%r31
	ldo	R%forged(%r31),%r31		; level 0 in its low bits
	mfsp	%sr4,%r1
	mtsp	%r1,%sr0
	ldil	L%GATEWAY,%r1
	be	4(%sr7,%r1)
	ldi	TRAP_MACH_TASK_SELF,%r22
forged:
	bl	.+8,%r19			; its link tells the level
	nop
	ldil	L%levels,%r20
	ldo	R%levels(%r20),%r20
	extru	%r19,31,2,%r19
	stw	%r19,0(%r20)
	stw	%r28,4(%r20)
	ldil	L%pointed,%r31
	ldo	R%pointed(%r31),%r31
	mfsp	%sr4,%r1
	mtsp	%r1,%sr0
	ldil	L%GATEWAY,%r1
	be	GATEWAY_THREAD_POINTER(%sr7,%r1)
	ldi	4711,%r26
pointed:
	bl	.+8,%r19
	nop
	extru	%r19,31,2,%r19
	stw	%r19,8(%r20)
	mfctl	%cr27,%r19
	stw	%r19,12(%r20)
	stop
	.data
	.align	8
levels:
	.block	16
`,
      { inks },
    );
    kernel.run({ cycles: 100_000 });
    const [level, name, second, pointer] = words("levels", 4);
    expect({ level, second, pointer }).toEqual({ level: 3, second: 3, pointer: 4711 });
    expect(name).not.toBe(0);
  });
});

test("preempted threads keep their own thread pointers", async () => {
  const loop = (name: string, value: number): string => `
	.globl	${name}
${name}:
	ldi	${value},%r26
	ldil	L%GATEWAY,%r1
	ble	GATEWAY_THREAD_POINTER(%sr7,%r1)
	nop
	ldil	L%${name}_rounds,%r20
	ldo	R%${name}_rounds(%r20),%r20
	ldi	${value},%r21
${name}_again:
	ldw	0(%r20),%r19
	mfctl	%cr27,%r22
	comb,<>	%r22,%r21,${name}_lost
	ldo	1(%r19),%r19
	b	${name}_again
	stw	%r19,0(%r20)
${name}_lost:
	stw	%r22,4(%r20)
	stop
`;
  const { kernel, words } = await guest(
    `	.text
${loop("one", 111)}${loop("two", 222)}
	.data
	.align	8
one_rounds:
	.block	8
two_rounds:
	.block	8
`,
    { threads: ["one", "two"] },
  );
  expect(kernel.run({ cycles: 60_000_000 })).toBe("limit");
  const [one, oneLost] = words("one_rounds", 2);
  const [two, twoLost] = words("two_rounds", 2);
  expect([oneLost, twoLost]).toEqual([0, 0]);
  expect(Math.min(one!, two!)).toBeGreaterThan(1000);
});
