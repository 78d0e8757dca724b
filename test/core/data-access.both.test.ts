/**
 * What the core says of each load, store and semaphore operation, whose traps a kernel tells apart by it:
 * the oracle is the instruction itself, executed at addresses of every alignment.
 */
import { expect, test } from "vitest";
import { INTERRUPTION as I, PSW } from "../../host/abi/pa.ts";
import { decode, encode, INSTRUCTIONS, type Instruction } from "../../host/isa/instructions.ts";
import { DATA, INTERRUPTED, program, TEXT } from "../support/program.ts";

/** `mtcpu %r3,0`, twice: quad stores are not left to software. */
const ALLOW_QUADS = `	ldil L%0x8000,%r3\n	ldo R%0x8000(%r3),%r3\n${`	.word ${0x14001600 + (3 << 16)}\n`.repeat(2)}`;
const PLACE = DATA + 64;

/** Its base is r1; what is stored, or loaded to, r2 or floating-point register 4. */
function wordOf(row: Instruction): number {
  const has = (name: string): boolean =>
    row.fields.some((field) => field.name === name && !field.constant);
  return encode(row, {
    ...(has("b") && { b: 1 }),
    ...(has("r") && { r: 2 }),
    ...(has("t") && { t: 2 }),
    ...(has("fr") && { fr: 4 }),
    ...(has("ft") && { ft: 4 }),
  });
}

test("alignment and writing are what instructions do", async () => {
  const rows = INSTRUCTIONS.filter(({ mode, kind }) => mode !== undefined && kind !== "special");
  expect(rows.length).toBeGreaterThan(30);
  const said: unknown[] = [];
  const done: unknown[] = [];
  const { machine, run, symbol } = await program(
    `${ALLOW_QUADS}	escape 2\nhere:	nop\n	escape 1`,
    { psw: PSW.PSW_Q },
  );
  machine.setCr(10, 0xc0);
  expect(run()).toMatchObject({ reason: "escape", number: 2 });
  expect(symbol("here")).toBeGreaterThan(TEXT);
  for (const row of rows) {
    const word = wordOf(row);
    expect(decode(word), row.name).toBe(row);
    machine.memory.write32(symbol("here"), word);
    const unaligned: number[] = [];
    let writes = false;
    for (const offset of [0, 1, 2, 4, 8]) {
      machine.memory.fill(PLACE, 32, 0xff);
      machine.setGr(1, PLACE + offset);
      machine.setGr(2, 0x12345678);
      machine.setFr(4, 0x123456789abcdef0n);
      machine.setFr(5, 0x123456789abcdef0n);
      machine.psw = PSW.PSW_Q;
      machine.jump(0, symbol("here"));
      const stop = run();
      const number = stop.reason === "escape" ? stop.number : stop.reason;
      if (number === INTERRUPTED + I.I_DATA_PROTECTION) unaligned.push(offset);
      else expect(number, `${row.name} at ${offset}`).toBe(1);
      writes ||= machine.memory.bytes(PLACE, 32).some((byte) => byte !== 0xff);
    }
    const access = machine.dataAccess(word);
    const alignment = access?.alignment ?? 0;
    const expected = [0, 1, 2, 4, 8].filter((offset) => offset % alignment !== 0);
    said.push([row.name, expected, access?.writes]);
    done.push([row.name, unaligned, writes]);
  }
  expect(said).toEqual(done);
});

test("what accesses no data has no answer", async () => {
  const { machine } = await program("	escape 1");
  const rows = INSTRUCTIONS.filter((row) => !/load|store/.test(decode(row.match)!.kind));
  for (const row of rows) expect(machine.dataAccess(row.match), row.name).toBeUndefined();
});
