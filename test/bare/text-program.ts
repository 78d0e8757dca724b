/**
 * Programs of a few instructions, in our own assembly and without a C library, as ELF files: for what
 * no compiler writes, and where there is no compiler.
 */
import { assemble } from "../../host/asm/assemble.ts";
import { writeExecutable } from "../../host/asm/elf/write-executable.ts";
import { link } from "../../host/asm/link.ts";
import { type BareOptions, type BareResult, runBare } from "../../host/bare/run.ts";
import { NO_FILES } from "../../host/bare/surroundings.ts";
import type { MachineConfig } from "../../host/machine/config.ts";

/** `call NUMBER`, `call NUMBER, ARG0` and so on; `exit`: with the status in r26. */
const MACROS = `
	.macro	system number
	ble	0x100(%sr2,%r0)
	ldi	\\number,%r20
	.endm
	.macro	exit
	system	1
	.endm
	.macro	address symbol, register
	ldil	L%\\symbol,\\register
	ldo	R%\\symbol(\\register),\\register
	.endm
; Writes bytes of memory to standard output.
	.macro	print symbol, length
	address	\\symbol,%r25
	ldil	L%\\length,%r24
	ldo	R%\\length(%r24),%r24
	system	4
	.endm
`;

export const TEXT = 0x10000;

/** An ELF program of text that starts at `_start`; data follows in the next page unless placed. */
export function elfOf(text: string, layout: { readonly data?: number } = {}): Uint8Array {
  const object = assemble(
    { file: "test.s", text: `\t.text\n\t.globl\t_start\n${text}\n` },
    { prelude: { file: "macros.s", text: MACROS } },
  );
  const image = link([object], { text: TEXT, entry: "_start", ...layout });
  return writeExecutable(image, image.entry!);
}

/** Little memory, which is quick to make, and a limit that ends loops. */
const SMALL: Partial<MachineConfig> = { memoryBytes: 2 << 20, recordPages: 32 };

export interface TextRun {
  readonly status: number;
  readonly message: string;
  readonly stdout: Uint8Array;
  readonly result: BareResult;
}

/** Runs an ELF file with nothing around it but its output. */
export async function runElf(
  bytes: Uint8Array,
  options: Partial<BareOptions> = {},
): Promise<TextRun> {
  const written: Uint8Array[] = [];
  const result = await runBare({
    program: { file: "prog", bytes },
    arguments: ["prog"],
    world: {
      readInput: () => new Uint8Array(),
      write: (_, piece) => void written.push(piece),
      files: NO_FILES,
    },
    maxCycles: 2_000_000,
    ...options,
    machine: { ...SMALL, ...options.machine },
  });
  const { ending } = result;
  return {
    status:
      ending.kind === "exit" ? ending.status : ending.kind === "signal" ? 128 + ending.signal : 124,
    message: ending.kind === "exit" ? "" : ending.message,
    stdout: Uint8Array.from(written.flatMap((piece) => [...piece])),
    result,
  };
}

export function runText(text: string, options: Partial<BareOptions> = {}): Promise<TextRun> {
  return runElf(elfOf(text), options);
}
