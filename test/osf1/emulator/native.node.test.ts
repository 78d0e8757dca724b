// OSF/1's own calls through the emulator: redirected, answered alike wherever the server is and however
// it is called, with 4.3BSD's results and errors, and nothing kept by a caller lost. Routines of their own,
// whose copies the server makes itself (U13), and the generic call (U14), by trap and by message.
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS, INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { EMULATOR } from "../../../host/abi/osf1.ts";
import { call, run } from "./program.ts";

const PATHS = `
f:	.stringz	"f"
g:	.stringz	"g"
h:	.stringz	"h"
d:	.stringz	"d"
file:	.stringz	"d/file"
nowhere: .stringz	"nowhere"
text:	.ascii	"hello"
	.align	8
long:	.fill	1024, 1, 0x61
	.byte	0
	.align	8
room:	.block	512
`;

const [ENOENT, EFAULT, EEXIST, EINVAL, ENAMETOOLONG, ENOTEMPTY, ENOSYS] = [
  2, 14, 17, 22, 63, 66, 78,
];
const WILD = 0x3ffff000;

/** Each call with what it must answer: result, and errno. */
const CALLS: readonly [text: string, result: number, errno: number][] = [
  [call(298), 0, 0],
  [call(299), 0, 0],
  [call(250), -1, ENOSYS],
  [call(0, 64), 4096, 0],
  [call(0, 250), -1, ENOSYS],
  [call(45, "nowhere", 0, 0), -1, ENOENT],
  [call(45, WILD, 0, 0), -1, EFAULT],
  [call(45, "long", 0, 0), -1, ENAMETOOLONG],
  [call(8, "f", 0o644), 3, 0],
  [call(4, 3, "text", 5), 5, 0],
  [call(4, 3, WILD, 5), -1, EFAULT],
  [call(4, 3, 0x40000f00, 512), -1, EFAULT],
  [call(4, 3, WILD, 0), 0, 0],
  [call(19, 3, 0, 2), 5, 0],
  [call(145, 4, WILD), -1, EFAULT],
  [call(138, "f", WILD), -1, EFAULT],
  [call(138, "f", 0), 0, 0],
  [call(138, "nowhere", 0), -1, ENOENT],
  [call(6, 3), 0, 0],
  [call(9, "f", "g"), 0, 0],
  [call(9, "f", "g"), -1, EEXIST],
  [call(128, "g", "h"), 0, 0],
  [call(128, WILD, "h"), -1, EFAULT],
  [call(128, "h", WILD), -1, EFAULT],
  [call(33, "h", 4), 0, 0],
  [call(33, "g", 4), -1, ENOENT],
  [call(57, "nowhere", "g"), 0, 0],
  [call(58, "g", "room", 64), 7, 0],
  [call(58, "g", WILD, 64), -1, EFAULT],
  [call(10, "g"), 0, 0],
  [call(10, "g"), -1, ENOENT],
  [call(136, "d", 0o755), 0, 0],
  [call(8, "file", 0o600), 3, 0],
  [call(137, "d"), -1, ENOTEMPTY],
  [call(12, "d"), 0, 0],
  [call(12, "d"), -1, ENOENT],
  [call(45, "file", 0, 0), -1, ENOENT],
  [call(145, 99, "room"), -1, EINVAL],
  [call(117, 0, "room"), 0, 0],
  [call(117, 0, WILD), -1, EFAULT],
];

describe.each(CONFIGURATIONS.map(({ name }, i) => [name, i] as const))("%s", (_, index) => {
  const configuration = CONFIGURATIONS[index]!;

  test("calls answer as 4.3BSD says, wild pointers and long names included", async () => {
    const { notes } = await run(configuration, CALLS.map(([text]) => text).join(""), PATHS);
    const answers = CALLS.map(([text], i) => ({
      text,
      result: notes[2 * i],
      errno: notes[2 * i + 1],
    }));
    expect(answers).toEqual(CALLS.map(([text, result, errno]) => ({ text, result, errno })));
  });

  test("a child of fork returns 0 and 1 with its parent's registers; wait tells how it ended", async () => {
    const { notes } = await run(
      configuration,
      `
	ldi	1234,%r7
	native	2
	comib,<>,n	0,%r28,parent
	ldi	-1234,%r19
	add	%r7,%r19,%r19
	comib,<>,n	0,%r19,bad_child
	comib,<>,n	1,%r29,bad_child
	ldi	7,%r26
	native	1
bad_child:
	ldi	1,%r26
	native	1
parent:
	copy	%r28,%r8
	copy	%r28,%r26
	address	room,%r25
	ldi	0,%r24
	ldi	0,%r23
	native	7
	sub	%r28,%r8,%r28
	note	%r28
	address	room,%r25
	ldw	0(%r25),%r19
	note	%r19
	note	%r7
`,
      PATHS,
    );
    expect(notes).toEqual([0, 7 << 8, 1234]);
  });

  test("a handler runs at the end of the call that sent its signal; the call's results are kept", async () => {
    const { notes } = await run(
      configuration,
      `
	ldi	30,%r26
	address	action,%r25
	ldi	0,%r24
	native	156
	note	%r22
	native	20
	copy	%r28,%r26
	ldi	4711,%r9
	ldi	30,%r25
	native	37
	note	%r28
	note	%r22
	note	%r9
	address	seen,%r19
	ldw	0(%r19),%r20
	note	%r20
	b,n	done
handler:
	address	seen,%r19
	stw	%r26,0(%r19)
	ldi	0,%r9
	bv	%r0(%rp)
	ldi	77,%r28
`,
      "action:\t.word\thandler, 0, 0\nseen:\t.word\t0\n",
    );
    expect(notes).toEqual([0, 0, 0, 4711, 30]);
  });

  // A child signals its parent, which waits for the pipe, and then writes to it.
  test.each([
    [2, "begins again", [1, 0]],
    [0, "ends with EINTR", [-1, 4]],
  ])("a read that a handler with flags %i interrupts %s", async (flags, _meaning, expected) => {
    const { notes } = await run(
      configuration,
      `
	ldi	30,%r26
	address	action,%r25
	ldi	0,%r24
	native	156
	native	42
	copy	%r28,%r10
	copy	%r29,%r11
	native	20
	copy	%r28,%r12
	native	2
	comib,<>,n	0,%r28,parent
	ldi	400,%r13
pause:
	native	47
	addib,>	-1,%r13,pause
	nop
	copy	%r12,%r26
	ldi	30,%r25
	native	37
	ldi	400,%r13
pause_again:
	native	47
	addib,>	-1,%r13,pause_again
	nop
	copy	%r11,%r26
	address	action,%r25
	ldi	1,%r24
	native	4
	ldi	0,%r26
	native	1
parent:
	copy	%r10,%r26
	address	seen,%r25
	ldi	1,%r24
	native	3
	note	%r28
	note	%r22
	b,n	done
handler:
	bv,n	%r0(%rp)
`,
      `action:\t.word\thandler, 0, ${flags}\nseen:\t.word\t0\n`,
    );
    expect(notes).toEqual(expected);
  });

  test("the page that says who a process is cannot be written by it, nor made so", async () => {
    const page = `\tldil\tL%${EMULATOR.EMULATOR_INFO},%r14\n\tldo\tR%${EMULATOR.EMULATOR_INFO}(%r14),%r14\n`;
    const fork = `
	native	2
	comib,<>,n	0,%r28,parent
${page}
	stw	%r14,0(%r14)
	ldi	0,%r26
	native	1
parent:
	copy	%r28,%r8
	copy	%r28,%r26
	address	room,%r25
	ldi	0,%r24
	ldi	0,%r23
	native	7
	address	room,%r25
	ldw	0(%r25),%r19
	note	%r19
`;
    const { notes } = await run(
      configuration,
      `${page}
	native	20
	ldw	0(%r14),%r19
	sub	%r19,%r28,%r19
	note	%r19
	copy	%r14,%r26
	ldil	L%4096,%r25
	ldi	3,%r24
	native	74
	note	%r28
${fork}`,
      PATHS,
    );
    const SIGSEGV = 11;
    expect(notes).toEqual([0, -1, SIGSEGV]);
  });

  test("each process's page says its own number, and its parent's stays", async () => {
    const info = EMULATOR.EMULATOR_INFO;
    const { notes } = await run(
      configuration,
      `
	native	20
	copy	%r28,%r7
	native	2
	comib,<>,n	0,%r28,parent
	ldil	L%${info},%r14
	ldo	R%${info}(%r14),%r14
	ldw	0(%r14),%r19
	ldw	4(%r14),%r20
	sub	%r20,%r7,%r20
	sub	%r19,%r7,%r19
	comclr,<>	%r0,%r20,%r26
	copy	%r19,%r26
	native	1
parent:
	sub	%r28,%r7,%r8
	address	room,%r25
	ldi	-1,%r26
	ldi	0,%r24
	ldi	0,%r23
	native	7
	address	room,%r25
	ldw	0(%r25),%r19
	extrs	%r19,23,24,%r19
	sub	%r19,%r8,%r19
	note	%r19
	native	20
	sub	%r28,%r7,%r28
	note	%r28
`,
      PATHS,
    );
    expect(notes).toEqual([0, 0]);
  });

  test("what a procedure keeps, a call keeps", async () => {
    const kept = Array.from({ length: 15 }, (_, i) => 4 + i);
    const { notes } = await run(
      configuration,
      `${kept.map((register) => `\tldi\t${100 + register},%r${register}\n`).join("")}
	native	47
	native	20
	address	f,%r26
	native	10
${kept.map((register) => `\tnote\t%r${register}\n`).join("")}`,
      PATHS,
    );
    expect(notes).toEqual(kept.map((register) => 100 + register));
  });
});

test("getpid and the call that does nothing never reach the server; others go as configured (U13, U14)", async () => {
  const text = (number: number): string => call(number).repeat(10);
  for (const configuration of [UNOPTIMIZED, INKS_TRAP]) {
    const [none, own, generic] = await Promise.all(
      [[298], [20], [47]].map(
        async ([number]) => (await run(configuration, text(number!))).result.calls,
      ),
    );
    expect(own).toEqual(none);
    const way = configuration === INKS_TRAP ? "genericTraps" : "genericMessages";
    expect(generic![way] - none![way]).toBe(10);
  }
});
