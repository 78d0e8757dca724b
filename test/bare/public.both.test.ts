/**
 * The package as a program uses it, in Node and in a browser: assemble, link, run, profile, step back; with
 * one cycle count that is the same in both.
 */
import { expect, test } from "vitest";
import { CALIBRATIONS } from "../../host/machine/calibration.ts";
import {
  assemble,
  elfImage,
  elfObject,
  Inspector,
  link,
  Machine,
  NO_FILES,
  PRESETS,
  Profile,
  profileText,
  readElf,
  runBare,
  Symbols,
  writeExecutable,
  writeObject,
} from "../../host/index.ts";

const TEXT = `	.text
	.globl _start
_start:	ldi 1000,%r3
	ldil L%table,%r20
	ldo R%table(%r20),%r20
1:	bl mix,%r2
	ldw 0(%r20),%r26
	stw %r28,0(%r20)
	addib,> -1,%r3,1b
	stb %r28,5(%r20)
	ldi 6,%r24
	ldil L%text,%r25
	ldo R%text(%r25),%r25
	ldi 1,%r26
	ble 0x100(%sr2,%r0)
	ldi 4,%r20
	ldi 3,%r26
	ble 0x100(%sr2,%r0)
	ldi 1,%r20
	.globl mix
mix:	zdep %r26,26,27,%r28
	sub %r28,%r26,%r28
	bv %r0(%r2)
	ldo 7(%r28),%r28
	.data
table:	.word 1,2,3
text:	.ascii "hello\\n"
`;

/** An object out and in again, linked, and a program out. */
function program(): Uint8Array {
  const bytes = writeObject(assemble({ file: "a.s", text: TEXT }));
  const image = link([elfObject(readElf("a.o", bytes))], { text: 0x10000, entry: "_start" });
  return writeExecutable(image, 0x10000);
}

/** What is calibrated is fixed here, so that figures stay when the calibration changes. */
const CONTROL = Object.fromEntries(
  CALIBRATIONS.flatMap(({ parameters }) => parameters.map((name) => [name, 3])),
);

async function run(observe?: Parameters<typeof runBare>[0]["observe"], preset = "HP9000_730") {
  const written: string[] = [];
  const result = await runBare({
    program: { file: "a", bytes: program() },
    arguments: ["a"],
    machine: { ...PRESETS[preset]!.config, ...CONTROL },
    world: {
      readInput: () => new Uint8Array(),
      write: (_, bytes) => void written.push(new TextDecoder().decode(bytes)),
      files: NO_FILES,
    },
    ...(observe && { observe }),
  });
  expect([result.ending, written.join("")]).toEqual([{ kind: "exit", status: 3 }, "hello\n"]);
  return result;
}

test("runs, with the same cycles in every host, traced or not", async () => {
  const { cycles, counters } = await run();
  // 1000 rounds of nine instructions: a load that is used at once, a store two cycles after another, and a
  // load two cycles after that.
  const { instructions, load_use: loadUse, store_busy: storeBusy } = counters;
  expect(Math.floor(instructions / 1000)).toBe(9);
  expect([Math.floor(loadUse / 1000), Math.round(storeBusy / 1000)]).toEqual([1, 2]);
  expect({ instructions, cycles }).toEqual({ instructions: 9091, cycles: 12387 });
  let profile: Profile | undefined;
  const traced = await run(({ machine, program: image, text }) => {
    const symbols = new Symbols([
      { title: "a", space: 4, image },
      { title: "gateway", space: 0, image: text },
    ]);
    profile = new Profile(symbols, { vectors: machine.cr(14), since: 0 });
    machine.trace(profile.tracer);
  });
  profile!.finish(traced.cycles);
  expect(traced.counters).toEqual(counters);
  expect(profile!.cycles).toBe(cycles);
  expect(profileText(profile!, 5)).toContain("mix (a)");
});

test("a later machine takes other cycles for the same instructions", async () => {
  const [first, second] = [await run(), await run(undefined, "HP9000_735")];
  expect(second.instructions).toBe(first.instructions);
  expect(second.cycles).not.toBe(first.cycles);
});

test("on a bare machine, forward and back", async () => {
  const image = elfImage(readElf("a", program()));
  const machine = await Machine.create({ memoryBytes: 2 ** 20 });
  for (const { address, bytes } of image.segments) machine.memory.copyIn(address, bytes);
  machine.jump(0, image.entry!);
  const symbols = new Symbols([{ title: "a", space: 0, image }]);
  const inspector = new Inspector(machine, { symbols, every: 500 });
  for (let i = 0; i < 20; i++) inspector.runUntil({ symbol: "mix" });
  const at = [machine.cycles, machine.gr(26), machine.gr(28)];
  inspector.step(50);
  expect(inspector.goTo(at[0]!)).toEqual({ reason: "reached" });
  expect([machine.cycles, machine.gr(26), machine.gr(28)]).toEqual(at);
  expect(symbols.locate(0, machine.pcoq.frontOffset).symbol).toBe("mix");
});
