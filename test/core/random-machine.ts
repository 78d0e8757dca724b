/** A machine in any state at all: random words that mostly decode, at any place, level and PSW. */
import { PSW } from "../../host/abi/pa.ts";
import { INSTRUCTIONS } from "../../host/isa/instructions.ts";
import type { Machine } from "../../host/machine/machine.ts";
import type { Random } from "../asm/random.ts";

export const MEMORY = 2 ** 20;

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

/** Gives a machine of MEMORY bytes random text, data, vectors, registers, PSW, block entries, place. */
export function fill(machine: Machine, random: Random): void {
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
