// The server's devices, asked by requests that are answered by messages: what a device answers comes to the call
// that asked, every request is answered, and while one process waits for the disk another runs.
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS, INKS_TRAP } from "../../../host/bench/configurations.ts";
import type { UnixMachine } from "../../../host/osf1/boot.ts";
import { type Disk, D } from "../../../host/mach/interface.ts";
import type { TreeEntry } from "../../../host/osf1/ufs/tree.ts";
import { run } from "../emulator/program.ts";

const EIO = 5;
const BLOCKS = 8;
/** Larger than the first blocks, which a mount may have brought. */
const FILE_BYTES = BLOCKS * 8192;

const file = (path: string): TreeEntry => ({
  path,
  content: { kind: "file", bytes: new Uint8Array(FILE_BYTES).fill(0x61) },
  permissions: 0o666,
});

const DATA = `
big:	.stringz	"/big"
other:	.stringz	"/other"
	.align	8
room:	.block	8192
`;

/** read(r5, room, 8192), with its result and its error noted. */
const READ = `
	copy	%r5,%r26
	address	room,%r25
	ldil	L%8192,%r24
	native	3
	note	%r28
	note	%r22
`;
/** write(r5, room, 64), the same. */
const WRITE = `
	copy	%r5,%r26
	address	room,%r25
	ldi	64,%r24
	native	4
	note	%r28
	note	%r22
`;
const FSYNC = `
	copy	%r5,%r26
	native	95
	note	%r28
	note	%r22
`;
const OPEN = `
	ldi	2,%r25
	native	45
	copy	%r28,%r5
`;
const MARK = `
	ldi	2,%r26
	address	room,%r25
	ldi	1,%r24
	native	4
`;

describe.each(CONFIGURATIONS)("$title", (configuration) => {
  test("a device's error is the call's, and the next call's is not", async () => {
    let machine: UnixMachine | undefined;
    let restore: (() => void) | undefined;
    const marked = (): void => {
      const disk = machine!.kernel.devices.find("sd0") as Disk;
      if (restore) return restore();
      const { read, write } = disk;
      // oxlint-disable-next-line require-yield -- it fails at once
      disk.read = function* () {
        return D.D_IO_ERROR;
      };
      // oxlint-disable-next-line require-yield
      disk.write = function* () {
        return { code: D.D_IO_ERROR };
      };
      restore = () => Object.assign(disk, { read, write });
    };
    const broken = `${MARK}${READ}${READ}${FSYNC}${MARK}`;
    const text = `\taddress\tbig,%r26\n${OPEN}${READ}${WRITE}${broken}${READ}${FSYNC}`;
    const { notes } = await run(configuration, text, DATA, {
      files: [file("big")],
      observe: (booted) => void (machine = booted),
      marked,
    });
    const pairs = Array.from({ length: notes.length / 2 }, (_, i) => notes.slice(2 * i, 2 * i + 2));
    expect(pairs).toEqual([
      [8192, 0],
      [64, 0],
      [8128, 0], // what is left of the block that the write has brought
      [-1, EIO],
      [-1, EIO],
      [8192, 0],
      [0, 0],
    ]);
    const { sent, answered } = machine!.osf1()!.requests.counts;
    // Who listens at the console has asked, and hears nothing.
    expect(answered).toBe(sent - 1);
    expect(sent).toBeGreaterThan(3);
  });
});

test("one process waits for the disk, the other runs", async () => {
  /** Reads all of a file, with work behind each block, in `r6` processes. */
  const program = (processes: number, work: number): string => `
	ldi	${processes},%r6
	address	big,%r7
next:
	native	2
	comib,=,n	1,%r29,child
	addib,>	-1,%r6,next
	ldo	5(%r7),%r7
	ldi	${processes},%r6
reap:
	ldi	-1,%r26
	copy	%r0,%r25
	copy	%r0,%r24
	native	7
	addib,>	-1,%r6,reap
	nop
	b,n	done
child:
	copy	%r7,%r26
${OPEN}
more:
	copy	%r5,%r26
	address	room,%r25
	ldil	L%8192,%r24
	native	3
	comib,>=,n	0,%r28,over
	ldil	L%${work},%r19
	ldo	R%${work}(%r19),%r19
spin:
	addib,>	-1,%r19,spin
	nop
	b,n	more
over:
	ldi	0,%r26
	native	1
`;
  const cycles = async (processes: number, work: number): Promise<number> => {
    const files = [file("big"), file("other")];
    return (await run(INKS_TRAP, program(processes, work), DATA, { files })).result.programCycles;
  };
  const WORK = 400_000;
  const [alone, both, disks] = [await cycles(1, WORK), await cycles(2, WORK), await cycles(2, 1)];
  // Were it one after the other, the work of one would come on top of what both wait for the disk.
  const workOfOne = 2 * WORK * BLOCKS;
  expect(alone).toBeGreaterThan(workOfOne);
  expect(both).toBeLessThan(disks + 2 * workOfOne - workOfOne / 2);
});
