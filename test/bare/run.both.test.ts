/** Programs run in a browser as they do in Node, and the same program takes the same cycles. */
import { expect, test } from "vitest";
import { runText } from "./text-program.ts";

const PROGRAM = `
_start:	ldi	200,%r4
	address	room,%r3
	ldil	L%4096,%r5
next:	stw	%r4,0(%r3)
	addib,<>	-1,%r4,next
	add	%r3,%r5,%r3
	address	random,%r26
	ldi	4,%r25
	copy	%r0,%r24
	system	339
	ldi	1,%r26
	print	text,6
	copy	%r28,%r26
	exit
	.data
text:	.ascii	"hello\\n"
random:	.word	0
	.bss
	.align	4096
room:	.skip	0xd0000`;

test("the same twice, bytes and cycles", async () => {
  const first = await runText(PROGRAM);
  expect(new TextDecoder().decode(first.stdout)).toBe("hello\n");
  expect(first).toMatchObject({ status: 6, message: "" });
  expect(first.result.calls).toEqual({ exit: 1, write: 1, getrandom: 1 });
  expect(first.result.counters.interruptions[15]).toBeGreaterThan(200);
  expect((await runText(PROGRAM)).result).toEqual(first.result);
});
