/**
 * Random floating-point programs, ours against qemu-hppa: all registers and the status after every
 * block, memory at the end. `INKWELL_FUZZ_FLOAT=1000000` runs at least that many instructions,
 * `INKWELL_SEED` repeats a run. Not compared: what known-deviations.txt names.
 */
import { expect, test } from "vitest";
import { disassemble } from "../../host/asm/disassemble.ts";
import { seeded } from "../asm/random.ts";
import { BLOCK_DOUBLES, type FloatBlock, floatBlock, floatProgram } from "./float-program.ts";
import { statusLeftOut } from "./deviations.ts";
import { haveQemu, runBoth } from "./qemu.ts";

const WANTED = Number(process.env["INKWELL_FUZZ_FLOAT"] ?? 120_000);
const BLOCKS = 4000;
const BLOCK_LENGTH = 10;

/** Flags, the compare bit and all that programs set, without what is left open. */
const COMPARED = BigInt((0xfffff67f & ~statusLeftOut()) >>> 0) << 32n;

/** The first block whose results differ, as text; undefined when all agree. */
function difference(blocks: readonly FloatBlock[], qemu: Buffer, ours: Buffer): string | undefined {
  const hex = (value: bigint): string => value.toString(16).padStart(16, "0");
  for (const [index, { before, words }] of blocks.entries()) {
    const wrong = before.flatMap((_, i) => {
      const at = 8 * (index * BLOCK_DOUBLES + i);
      const mask = i === 0 ? COMPARED : -1n;
      const [theirs, mine] = [qemu, ours].map((output) => output.readBigUInt64BE(at) & mask);
      const name = i === 0 ? "status" : `fr${i + 3}`;
      return theirs === mine ? [] : [`${name}: qemu ${hex(theirs!)}, ours ${hex(mine!)}`];
    });
    if (wrong.length === 0) continue;
    const registers = before.map(
      (value, i) => `${i === 0 ? "status" : `fr${i + 3}`}=${hex(value)}`,
    );
    const text = words.map((word, i) => disassemble(word, 4 * i));
    return [`block ${index}`, ...wrong, ...text, ...registers].join("\n");
  }
  const end = 8 * blocks.length * BLOCK_DOUBLES;
  return qemu.subarray(end).equals(ours.subarray(end)) ? undefined : "memory differs at the end";
}

test.skipIf(!haveQemu())(
  "random floating-point sequences leave what qemu leaves",
  { timeout: 600_000 },
  async () => {
    const random = seeded("floating point");
    for (let instructions = 0; instructions < WANTED; instructions += BLOCKS * BLOCK_LENGTH) {
      const blocks = Array.from({ length: BLOCKS }, () => floatBlock(random, BLOCK_LENGTH));
      const { qemu, ours } = await runBoth(floatProgram(blocks, random));
      expect(qemu.length).toBeGreaterThan(8 * BLOCKS * BLOCK_DOUBLES);
      expect(difference(blocks, qemu, ours)).toBeUndefined();
    }
  },
);
