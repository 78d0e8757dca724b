/**
 * The core with random bytes for text, data, vectors, registers and PSW, at every level: the host never
 * throws, no run is without end, and nothing outside the guest's memory is touched. `INKWELL_FUZZ=100000`
 * runs that many cases, `INKWELL_SEED` repeats a run.
 */
import { expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { link } from "../../host/asm/link.ts";
import { INSTRUCTIONS } from "../../host/isa/instructions.ts";
import { PSW } from "../../host/abi/pa.ts";
import { REGION } from "../../host/abi/machine.ts";
import { Core } from "../../host/machine/core.ts";
import { Machine } from "../../host/machine/machine.ts";
import { toMachineConfig } from "../../host/machine/config.ts";
import { type Random, seeded } from "../asm/random.ts";

const CASES = Number(process.env["INKWELL_FUZZ"] ?? 3000);
const MEMORY = 2 ** 20;

/** A word that decodes, mostly; any word, sometimes. */
function randomWord(random: Random): number {
  if (random.below(8) === 0) return random.word();
  const row = random.pick(INSTRUCTIONS);
  // What random words make of most rows are illegal operands and far branches; small ones go on longer.
  const free = random.below(3) === 0 ? random.word() : random.word() & random.word();
  return ((row.match & row.mask) | (free & ~row.mask)) >>> 0;
}

const PSW_BITS = [
  PSW.PSW_C, PSW.PSW_D, PSW.PSW_P, PSW.PSW_Q, PSW.PSW_I, PSW.PSW_R, PSW.PSW_T, PSW.PSW_H, PSW.PSW_L,
  PSW.PSW_X, PSW.PSW_S, PSW.PSW_V, PSW.PSW_M, PSW.PSW_E,
]; // prettier-ignore

/** An address that may mean something, or may not. */
function randomAddress(random: Random): number {
  switch (random.below(5)) {
    case 0: return random.below(MEMORY);
    case 1: return random.below(MEMORY) & ~15;
    case 2: return MEMORY - 64 + random.below(128);
    case 3: return (0xffffffff - random.below(4096)) >>> 0;
    default: return random.word();
  } // prettier-ignore
}

function fill(machine: Machine, random: Random): void {
  const pages = [0, 1, 2, MEMORY / 4096 - 1];
  for (const page of pages)
    for (let at = 0; at < 4096; at += 4)
      if (random.below(page === 1 ? 4 : 1) === 0)
        machine.memory.write32(page * 4096 + at, randomWord(random));
  for (let register = 1; register < 32; register++)
    machine.setGr(register, random.below(2) === 0 ? randomAddress(random) : random.word());
  for (let sr = 0; sr < 8; sr++) machine.setSr(sr, random.below(3));
  for (const cr of [0, 8, 9, 10, 11, 12, 13, 15, 17, 18, 22, 23, 24, 25])
    machine.setCr(cr, random.below(2) === 0 ? random.word() : random.below(8));
  machine.setCr(14, (random.below(3) * 4096) >>> 0);
  for (let fr = 0; fr < 32; fr++)
    machine.setFr(fr, (BigInt(random.word()) << 32n) | BigInt(random.word()));
  machine.psw = PSW_BITS.reduce((psw, bit) => (random.below(3) === 0 ? psw | bit : psw), 0) >>> 0;
  machine.purgeBlockTlb();
  if (random.below(2) === 0)
    for (const space of [0, 1])
      machine.insertBlockTlb({
        space,
        virtual: 0,
        physical: 0,
        size: 0x20000,
        accessRights: random.below(128),
        accessId: random.below(3),
      });
  const [front, back] = [randomAddress(random), randomAddress(random)];
  const start = random.below(4) === 0 ? front : random.below(3072) * 4;
  machine.pcoq = {
    frontSpace: random.below(2),
    frontOffset: ((start & ~3) | random.below(4)) >>> 0,
    backSpace: random.below(2),
    backOffset: random.below(3) === 0 ? back : (start & ~3) + 4,
  };
}

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
  [REGION.ACCOUNTS + REGION.ACCOUNT_SLOTS * 160, 0x00180000],
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
  Core.create = async (config) => {
    const core = await create(config);
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
