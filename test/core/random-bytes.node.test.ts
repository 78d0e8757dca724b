/**
 * The core with random bytes for text, data, vectors, registers and PSW, at every level: the host never
 * throws, no run is without end, and nothing outside the guest's memory is touched. `INKWELL_FUZZ=100000`
 * runs that many cases, `INKWELL_SEED` repeats a run.
 */
import { expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { link } from "../../host/asm/link.ts";
import { PSW } from "../../host/abi/pa.ts";
import { REGION } from "../../host/abi/machine.ts";
import { Core } from "../../host/machine/core.ts";
import { Machine } from "../../host/machine/machine.ts";
import { toMachineConfig } from "../../host/machine/config.ts";
import { seeded } from "../asm/random.ts";
import { fill, MEMORY } from "./random-machine.ts";

const CASES = Number(process.env["INKWELL_FUZZ"] ?? 3000);

const KNOWN = link(
  [
    assemble({
      file: "known.s",
      text: "	ldi 10,%r2\n	ldi 0,%r3\nl:	add %r2,%r3,%r3\n	addib,> -1,%r2,l\n	nop\n	.word 0xa01f\n",
    }),
  ],
  { text: 0x8000 },
).segments[0]!;

/** A program whose result is known: it must still run on a machine that has seen anything. */
function stillWorks(machine: Machine): void {
  machine.psw = PSW.PSW_M;
  machine.purgeBlockTlb();
  machine.memory.copyIn(KNOWN.address, KNOWN.bytes);
  machine.jump(0, KNOWN.address);
  expect(machine.run({ cycles: 10_000 })).toMatchObject({ reason: "escape", number: 5 });
  // 10 + 9 + … + 1.
  expect([machine.gr(2), machine.gr(3)]).toEqual([0, 55]);
}

/** Gaps between the core's structures, which nothing uses. */
const GAPS = [
  [0x00030000 - 0x1000, 0x00030000],
  [REGION.ACCOUNTS + REGION.ACCOUNT_SLOTS * 160, REGION.TRANSLATIONS],
  [REGION.NOTED_TARGETS + REGION.NOTED_TARGET_SLOTS * 8, 0x00180000],
] as const;

test(
  "random bytes: no exception, no end, nothing touched outside",
  { timeout: 3_600_000 },
  async () => {
    const random = seeded("random bytes");
    let bytes: Uint8Array | undefined;
    const stopped: Record<string, number> = {};
    for (let done = 0; done < CASES;) {
      // A fresh machine now and then: others must not know what was done to it.
      const haltWithoutQ = random.below(3) === 0;
      const machine = await machineOn(haltWithoutQ, (buffer) => (bytes = new Uint8Array(buffer)));
      machine.registerEscape(0x8000 + 20);
      for (const [from, to] of GAPS) bytes!.fill(0xa5, from, to);
      for (let i = 0; i < 200 && done < CASES; i++, done++) {
        fill(machine, random);
        for (let slice = 0; slice < 3; slice++) {
          const stop = machine.run({ cycles: 1 + random.below(random.below(2) === 0 ? 30 : 3000) });
          stopped[stop.reason] = (stopped[stop.reason] ?? 0) + 1;
          if (random.below(4) === 0) machine.interrupt(random.below(32));
          if (random.below(20) === 0) machine.request(random.pick([1, 2, 5] as const));
        }
      }
      for (const [from, to] of GAPS)
        expect(bytes!.subarray(from, to).every((byte) => byte === 0xa5)).toBe(true);
      stillWorks(machine);
    }
    console.info(`random bytes: ${CASES} cases, stops: ${JSON.stringify(stopped)}`);
    expect(stopped["limit"]).toBeGreaterThan(CASES / 10);
    expect(stopped["halt"]).toBeGreaterThan(0);
  },
);

/** A machine, and the memory that its core lies in. */
async function machineOn(
  haltWithoutQ: boolean,
  seen: (buffer: ArrayBuffer) => void,
): Promise<Machine> {
  const create = Core.create.bind(Core);
  Core.create = async (...chosen) => {
    const core = await create(...chosen);
    seen(core.buffer);
    return core;
  };
  try {
    return await Machine.create(
      toMachineConfig({ memoryBytes: MEMORY, recordPages: 16, haltWithoutQ }),
    );
  } finally {
    Core.create = create;
  }
}
