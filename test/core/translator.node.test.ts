/**
 * Translated code: random programs, run again and again on a machine that translates whatever it can, leave
 * what an interpreting machine leaves, in the same cycles with the same counters; and code that changes is
 * not run as it was. `INKWELL_FUZZ=1000000` runs at least that many instructions of each kind,
 * `INKWELL_SEED` repeats a run. (That the interpreter is right, others ask: differential.node.test.ts.)
 */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../host/machine/core.ts";
import type { Machine } from "../../host/machine/machine.ts";
import { type Random, seeded } from "../asm/random.ts";
import { program } from "../support/program.ts";
import { floatBlock, floatProgram } from "./float-program.ts";
import { bareMachine, buildProgram, DATA, haveQemu, runOurs } from "./qemu.ts";
import { programText, randomBlock, STORED } from "./random-program.ts";

const WANTED = Number(process.env["INKWELL_FUZZ"] ?? 30_000);
const PASSES = 4;

function integerProgram(random: Random): string {
  const blocks = 150;
  const scratch = Math.ceil((DATA + 4 * STORED.length * blocks) / 16) * 16;
  return programText(Array.from({ length: blocks }, () => randomBlock(random, 40, scratch)));
}

const PROGRAMS: Readonly<Record<string, (random: Random) => string>> = {
  integer: integerProgram,
  "floating-point": (random) =>
    floatProgram(
      Array.from({ length: 300 }, () => floatBlock(random, 10)),
      random,
    ),
};

describe.skipIf(!haveQemu())("random programs", () => {
  test.each(Object.keys(PROGRAMS))("%s", { timeout: 3_600_000 }, async (kind) => {
    const random = seeded(`translator, ${kind}`);
    let instructions = 0;
    let translated = 0;
    while (instructions < WANTED) {
      const { text, data } = buildProgram(PROGRAMS[kind]!(random));
      const engines: readonly Engine[] = ["interpreted", "eager"];
      const [interpreted, eager] = (await Promise.all(
        engines.map((engine) => bareMachine(text, engine)),
      )) as [Machine, Machine];
      for (let pass = 0; pass < PASSES; pass++) {
        const [expected, got] = [interpreted, eager].map((machine) => runOurs(machine, data));
        expect(got!.ours.equals(expected!.ours)).toBe(true);
        expect(eager.counters()).toEqual(interpreted.counters());
        expect(eager.cycles).toBe(interpreted.cycles);
      }
      instructions += interpreted.instructions / PASSES;
      translated += eager.translations;
    }
    console.info(`translator: ${instructions} ${kind} instructions, ${translated} translations`);
    expect(translated).toBeGreaterThan(WANTED / 1000);
  });
});

test("code that changes is not run as it was", async () => {
  // The loop runs 300 times; then its instruction becomes another, and it runs 300 times more.
  const text = `
	ldil L%loop,%r1
	ldo R%loop(%r1),%r1
	ldil L%other,%r2
	ldo R%other(%r2),%r2
	ldw 0(%r2),%r3
	ldi 2,%r5
again:
	ldi 300,%r4
loop:
	addi 1,%r6,%r6
	addib,> -1,%r4,loop
	nop
	stw %r3,0(%r1)
	addib,> -1,%r5,again
	nop
	escape 1
other:
	addi 5,%r6,%r6
`;
  for (const engine of ["interpreted", "eager"] as const) {
    const { machine, escape } = await program(text, { engine });
    expect(escape()).toBe(1);
    expect(machine.gr(6)).toBe(300 + 5 * 300);
    expect(machine.translations > 0).toBe(engine === "eager");
  }
});
