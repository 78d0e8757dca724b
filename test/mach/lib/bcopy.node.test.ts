/**
 * libmach's bcopy against JavaScript's copyWithin, which also copies overlapping areas as if through a
 * third; and its loop against the HP 700 port's figure of one cycle a byte.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { program } from "../../support/program.ts";

const SEED = 19930628;
const AREA = 0x10000;
const BYTES = 512;
const file = fileURLToPath(new URL("../../../host/mach/lib/bcopy.s", import.meta.url));
const TEXT = `\tbl\tbcopy,%rp\n\tnop\n\tescape\t1\n${readFileSync(file, "utf8")}`;

async function copied(before: Uint8Array, from: number, to: number, count: number) {
  const { machine, escape } = await program(TEXT, {
    registers: { 26: AREA + from, 25: AREA + to, 24: count },
  });
  machine.memory.copyIn(AREA, before);
  expect(escape()).toBe(1);
  return { bytes: machine.memory.bytes(AREA, BYTES).slice(), cycles: machine.cycles };
}

const place = fc.integer({ min: 0, max: BYTES / 2 });

test("copies as copyWithin does, whatever overlaps and however it is aligned", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: BYTES, maxLength: BYTES }),
      fc.oneof(
        place,
        place.map((at) => at & ~3),
      ),
      fc.oneof(
        place,
        place.map((at) => at & ~3),
      ),
      fc.oneof(
        place,
        place.map((count) => count & ~3),
      ),
      async (before, from, to, count) => {
        const { bytes } = await copied(before, from, to, count);
        expect(bytes).toEqual(before.slice().copyWithin(to, from, from + count));
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

test("aligned words take a cycle a byte", async () => {
  const before = new Uint8Array(BYTES);
  const cycles = async (count: number) =>
    (await copied(before, 0, 256, count)).cycles - 28 * (count / 32);
  expect((await cycles(192)) - (await cycles(64))).toBe(128);
});
