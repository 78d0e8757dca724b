// A server of stubs and work functions only, written in C: what it needs to be called by traps (C7), and
// that it answers alike wherever it runs (paper §2.2).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import { link } from "../../../host/asm/link.ts";
import {
  type Configuration,
  CONFIGURATIONS,
  INKS_TRAP,
} from "../../../host/bench/configurations.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { kmig } from "../../../host/kmig/kmig.ts";
import { definitions } from "../../../host/mach/definitions.ts";
import { libmach } from "../../../host/mach/text.ts";
import { crossTools } from "../../kmig/support/cross.ts";
import { testClient } from "./programs.ts";

const SOURCE = join(import.meta.dirname, "conformant-server.c");
const DEFS = join(import.meta.dirname, "../../../host/bench/rpc/rpc.defs");
const FLAGS = ["-O1", "-w", "-ffreestanding", "-fno-builtin", "-mpa-risc-1-1", "-S", "-o", "-"];

/** What crt0 does elsewhere. */
const START = `
	.text
	.globl	_start
_start:	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	bl	serve,%rp
	copy	%dp,%arg1
	break	0,0
`;

interface Variant {
  /** Stubs that leave copying to the work functions (paper §3.4.4). */
  readonly suppressCopies?: boolean;
  /** Work functions that do it. */
  readonly ownCopies?: boolean;
}

async function serverInC({ suppressCopies = false, ownCopies = false }: Variant = {}) {
  const flags = ownCopies ? [...FLAGS, "-DOWN_COPIES"] : FLAGS;
  const text = execFileSync("hppa-linux-gnu-gcc", [...flags, SOURCE], { encoding: "utf8" });
  const stubs = kmig(
    { file: "rpc.defs", text: readFileSync(DEFS, "utf8") },
    { include: await definitions(), suppressCopies },
  );
  const symbols = abiSymbols();
  const object = (file: string, source: string) => assemble({ file, text: source }, { symbols });
  const objects = [
    object("start.s", START),
    object("conformant-server.s", text),
    object("rpc-server.s", stubs.server),
    object("rpc-trap-server.s", stubs.trapServer),
    ...(await libmach()),
  ];
  return link(objects, { text: MEMORY_MAP.SERVER_BASE });
}

/** Calls a routine with the client's buffer, and keeps what it answers. */
const withBuffer = (routine: string): string => `
	copy	%r3,%arg0
	ldil	L%buffer,%arg1
	bl	${routine},%rp
	ldo	R%buffer(%arg1),%arg1
	keep	%r28
`;
/** Keeps a word of the buffer. */
const keepWord = (offset: number): string => `
	ldil	L%buffer+${offset},%r19
	ldw	R%buffer+${offset}(%r19),%r20
	keep	%r20
`;

const CLIENT = `
	copy	%r3,%arg0
	ldi	40,%arg1
	ldi	2,%arg2
	ldil	L%buffer,%arg3
	bl	rpc_add,%rp
	ldo	R%buffer(%arg3),%arg3
	keep	%r28
${keepWord(0)}
${withBuffer("rpc_out1024")}
${withBuffer("rpc_inout128")}
${keepWord(124)}
${keepWord(1020)}
`;

type Programs = NonNullable<NonNullable<Parameters<typeof rpcBed>[1]>["programs"]>;

/** The first results of a client that runs to its end. */
async function resultsOf(
  configuration: Configuration,
  programs: Programs,
  count: number,
): Promise<number[]> {
  const bed = await rpcBed(configuration, { programs, kernel: { inks: true } });
  bed.kernel.start(bed.client, [bed.names.send]);
  expect(bed.kernel.run({ cycles: 5_000_000 })).toBe("idle");
  expect(readWords(bed, "done", 1)[0]).toBe(1);
  return Array.from(readWords(bed, "results", count));
}

/** What rpc_out1024 answers by trap, and the second and last word that it leaves. */
async function outByTrap(variant: Variant): Promise<number[]> {
  const client = withBuffer("rpc_out1024") + keepWord(4) + keepWord(1020);
  const programs = { client: await testClient(client), server: await serverInC(variant) };
  return resultsOf(INKS_TRAP, programs, 3);
}

const RIGHT = [0, 7, 7 * 255];

describe.skipIf(!crossTools)("copies left out (X5)", () => {
  test("show a work function that uses an Out argument as its own memory", async () => {
    expect(await outByTrap({})).toEqual(RIGHT);
    await expect(outByTrap({ suppressCopies: true })).rejects.toThrow(/rpc_out1024/);
  });

  test("serve one that copies to the user itself, which saves the copy of the stub", async () => {
    expect(await outByTrap({ suppressCopies: true, ownCopies: true })).toEqual(RIGHT);
  });
});

describe.skipIf(!crossTools)("a conformant server in C (C7)", () => {
  test("answers alike out of the kernel and in it, by message and by trap", async () => {
    const programs = { client: await testClient(CLIENT), server: await serverInC() };
    for (const configuration of CONFIGURATIONS)
      expect(await resultsOf(configuration, programs, 6), configuration.name).toEqual([
        0,
        42,
        0,
        0,
        2 * 7 * 31 + 1,
        7 * 255,
      ]);
  });

  test("needs at most ten lines for it", () => {
    const source = readFileSync(SOURCE, "utf8");
    const [, boilerplate] = /\/\* boilerplate \*\/\n([\s\S]*?)\/\* end \*\//.exec(source)!;
    const lines = boilerplate!.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(10);
    // And the one line that calls it.
    expect(source.match(/^ {2}be_called_by_trap\(dp\);$/gm)).toHaveLength(1);
  });
});
