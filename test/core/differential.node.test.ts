/**
 * Random user-mode instruction sequences, ours against qemu-hppa: registers and carry after every
 * block, memory at the end. `INKWELL_FUZZ=1000000` runs at least that many instructions;
 * `INKWELL_SEED` repeats a run.
 */
import { expect, test } from "vitest";
import { disassemble } from "../../host/asm/disassemble.ts";
import { seeded } from "../asm/random.ts";
import { DATA, haveQemu, runBoth } from "./qemu.ts";
import { decode } from "../../host/isa/instructions.ts";
import {
  BLOCK_WORDS,
  expectedInstructions,
  programText,
  randomBlock,
  type RandomBlock,
  STORED,
} from "./random-program.ts";

const WANTED = Number(process.env["INKWELL_FUZZ"] ?? 300_000);
const BLOCKS = 1000;
const BLOCK_LENGTH = 40;

/** The first block whose results differ, as text; undefined when all agree. */
function difference(
  blocks: readonly RandomBlock[],
  qemu: Buffer,
  ours: Buffer,
): string | undefined {
  const size = BLOCK_WORDS * 4;
  for (const [index, { registers, shiftAmount, words }] of blocks.entries()) {
    const [theirs, mine] = [qemu, ours].map((output) =>
      output.subarray(index * size, (index + 1) * size),
    );
    if (theirs!.equals(mine!)) continue;
    const wrong = [...STORED.map((r) => `r${r}`), "carry"].flatMap((name, i) =>
      theirs!.readUInt32BE(4 * i) === mine!.readUInt32BE(4 * i)
        ? []
        : [
            `${name}: qemu ${theirs!.readUInt32BE(4 * i).toString(16)}, ours ${mine!.readUInt32BE(4 * i).toString(16)}`,
          ],
    );
    const before = STORED.map((r, i) => `r${r}=${registers[i]!.toString(16)}`).join(" ");
    return [
      `block ${index}, sar ${shiftAmount}`,
      ...wrong,
      before,
      ...words.map((word, i) => disassemble(word, 4 * i)),
    ].join("\n");
  }
  return qemu.equals(ours) ? undefined : "memory differs at the end";
}

test.skipIf(!haveQemu())(
  "random instruction sequences leave what qemu leaves",
  { timeout: 600_000 },
  async () => {
    const random = seeded("differential");
    const scratch = DATA + 4 * STORED.length * BLOCKS;
    let instructions = 0;
    const met = new Set<string>();
    while (instructions < WANTED) {
      const blocks = Array.from({ length: BLOCKS }, () =>
        randomBlock(random, BLOCK_LENGTH, Math.ceil(scratch / 16) * 16),
      );
      const outputs = await runBoth(programText(blocks));
      expect(outputs.qemu.length).toBeGreaterThan(BLOCKS * BLOCK_WORDS * 4);
      expect(difference(blocks, outputs.qemu, outputs.ours)).toBeUndefined();
      instructions += outputs.instructions;
      for (const { words } of blocks) for (const word of words) met.add(decode(word)!.name);
    }
    console.info(`differential: ${instructions} instructions`);
    expect(expectedInstructions().filter((name) => !met.has(name))).toEqual([]);
  },
);
