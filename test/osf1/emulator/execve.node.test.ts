// OSF/1's execve, by its routine: lists of the caller's, and an Out parameter with what the program begins
// with. With the defect that leaving copies out showed (X5) the server stores through it.
import { describe, expect, test } from "vitest";
import {
  CONFIGURATIONS,
  INKS_MESSAGE,
  INKS_TRAP,
  UNOPTIMIZED,
} from "../../../host/bench/configurations.ts";
import { inkwell } from "../../support/inkwell.ts";
import { run } from "./program.ts";

/** Begins again as itself with one more argument; notes what it gets. */
const AGAIN = `
	comib,<>,n	1,%r25,second
	address	self,%r26
	address	list,%r25
	ldi	0,%r24
	native	59
	note	%r22
	b,n	done
second:
	note	%r25
	ldw	4(%r24),%r19
	ldb	0(%r19),%r20
	note	%r20
`;
const DATA = `
self:	.stringz	"/program"
also:	.ascii	"also"
	.byte	0
	.align	4
list:	.word	self, also, 0
nowhere: .stringz	"/nowhere"
	.align	8
long:	.fill	1024, 1, 0x61
	.byte	0
`;
const ALSO = 0x61;

describe.each(CONFIGURATIONS.map(({ name }, i) => [name, i] as const))("%s", (_, index) => {
  const configuration = CONFIGURATIONS[index]!;
  test("a program begins with the arguments it was given", async () => {
    expect((await run(configuration, AGAIN, DATA)).notes).toEqual([2, ALSO]);
  });

  test("what cannot begin leaves the caller as it was", async () => {
    const WILD = 0x3ffff000;
    const call = (path: string, list: string): string => `
	ldi	4711,%r9
${path}
${list}
	ldi	0,%r24
	native	59
	note	%r22
	note	%r9
`;
    const at = (name: string, register: string): string => `\taddress\t${name},${register}`;
    const wild = (register: string): string =>
      `\tldil\tL%${WILD},${register}\n\tldo\tR%${WILD}(${register}),${register}`;
    const { notes } = await run(
      configuration,
      [
        call(at("nowhere", "%r26"), at("list", "%r25")),
        call(wild("%r26"), at("list", "%r25")),
        call(at("self", "%r26"), wild("%r25")),
        call(at("long", "%r26"), at("list", "%r25")),
      ].join(""),
      DATA,
    );
    const [ENOENT, EFAULT, ENAMETOOLONG] = [2, 14, 63];
    expect(notes).toEqual([ENOENT, EFAULT, EFAULT, ENAMETOOLONG].flatMap((no) => [no, 4711]));
  });
});

describe("a work function that stores through its Out parameter (X5)", () => {
  const defects = ["execve-out"] as const;
  test.each([UNOPTIMIZED, INKS_MESSAGE].map((of) => [of.name, of] as const))(
    "is right while stubs copy: %s",
    async (_, configuration) => {
      expect((await run(configuration, AGAIN, DATA, { defects })).notes).toEqual([2, ALSO]);
    },
  );

  test("takes the kernel down when the parameter is the client's address", async () => {
    const panic = /^kernel panic: data page fault \(15\) at 00000000\.9014[0-9a-f]{4}$/m;
    await expect(run(INKS_TRAP, AGAIN, DATA, { defects })).rejects.toThrow(panic);
  });
});

test("the command brings a defect back, and says which there are", async () => {
  const wrong = await inkwell(["exec", "--own", "--defect", "fork-in", "echo"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("expected execve-out, stop-at-once.");
  const exec = ["exec", "--own", "--input", "echo one", "--defect", "execve-out"];
  const [trap, message] = await Promise.all(
    ["INKS_TRAP", "INKS_MESSAGE"].map((config) => inkwell([...exec, "--config", config, "sh"])),
  );
  expect([message!.status, message!.stdout]).toEqual([0, "$ one\n$ "]);
  expect([trap!.status, trap!.stdout]).toEqual([1, "$ "]);
  expect(trap!.stderr).toContain("kernel panic: data page fault (15)");
});
