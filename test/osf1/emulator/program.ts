/**
 * Programs of a few instructions, run alone on the simulated Unix in one of the paper's configurations:
 * they note words, which come back from standard output.
 */
import { assemble } from "../../../host/asm/assemble.ts";
import { writeExecutable } from "../../../host/asm/elf/write-executable.ts";
import { link } from "../../../host/asm/link.ts";
import type { Configuration } from "../../../host/bench/configurations.ts";
import type { HazardId } from "../../../host/mach/inks/hazards.ts";
import type { DefectId } from "../../../host/osf1/defects.ts";
import { runUnix, type UnixResult, type UnixRunOptions } from "../../../host/osf1/run.ts";
import type { TreeEntry } from "../../../host/osf1/ufs/tree.ts";

/** Both kinds of call; `note`: keeps a word, r3 is where the next goes. */
const MACROS = `
	.set	GATEWAY, 0xc0000000
	.macro	address symbol, register
	ldil	L%\\symbol,\\register
	ldo	R%\\symbol(\\register),\\register
	.endm
	.macro	native number
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\\number,%r22
	.endm
	.macro	linux number
	ble	0x100(%sr2,%r0)
	ldi	\\number,%r20
	.endm
	.macro	note register
	stw	\\register,0(%r3)
	ldo	4(%r3),%r3
	.endm
	.macro	begin
	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
	address	notes,%r3
	.endm
`;
/** Writes what was noted, and ends: by native calls, which any program may make. */
const end = (room: number): string => `
done:
	ldi	1,%r26
	address	notes,%r25
	sub	%r3,%r25,%r24
	native	4
	ldi	0,%r26
	native	1
	.data
	.align	8
notes:
	.block	${room}
`;

export interface Noted {
  readonly notes: readonly number[];
  readonly result: UnixResult;
}

export interface ProgramOptions {
  readonly defects?: readonly DefectId[];
  readonly hazards?: readonly HazardId[];
  /** What is on the disk besides. */
  readonly files?: readonly TreeEntry[];
  readonly observe?: NonNullable<UnixRunOptions["observe"]>;
  /** Bytes for notes. */
  readonly room?: number;
  /** Called when the program writes to standard error. */
  readonly marked?: () => void;
}

/** Runs a program's text, which falls through to its end, with data behind. */
export async function run(
  configuration: Configuration,
  text: string,
  data = "",
  { defects, hazards, files = [], room = 1024, observe, marked }: ProgramOptions = {},
): Promise<Noted> {
  const source = `\tbegin\n${text}${end(room)}${data}`;
  const object = assemble(
    { file: "program.s", text: source },
    { prelude: { file: "macros.s", text: MACROS } },
  );
  const image = link([object], { text: 0x10000, data: 0x40000000, entry: "_start" });
  const bytes = writeExecutable(image, image.entry!);
  const written: number[] = [];
  const result = await runUnix({
    inKernel: configuration.server === "kernel",
    calls: configuration.calls,
    kernel: { ...configuration.kernel, ...(hazards && { hazards }) },
    ...(defects && { defects }),
    files: [{ path: "program", content: { kind: "file", bytes }, permissions: 0o755 }, ...files],
    program: "/program",
    arguments: ["program"],
    environment: [],
    streams: {
      readInput: () => new Uint8Array(),
      write: (stream, piece) => {
        if (stream === 1) written.push(...piece);
        else marked?.();
      },
    },
    ...(observe && { observe }),
    seed: 1,
    maxCycles: 200_000_000,
  });
  const view = new DataView(Uint8Array.from(written).buffer);
  const notes = Array.from({ length: written.length >> 2 }, (_, i) => view.getInt32(4 * i));
  return { notes, result };
}

/** A native call with its arguments in place; its result and its error are noted. */
export const call = (number: number, ...values: readonly (string | number)[]): string => {
  const registers = ["%r26", "%r25", "%r24", "%r23"];
  const load = values.map((value, i) =>
    typeof value === "number"
      ? `\tldil\tL%${value},${registers[i]}\n\tldo\tR%${value}(${registers[i]}),${registers[i]}\n`
      : `\taddress\t${value},${registers[i]}\n`,
  );
  return `${load.join("")}\tnative\t${number}\n\tnote\t%r28\n\tnote\t%r22\n`;
};
