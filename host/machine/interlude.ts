/**
 * Text that the host has executed between two instructions: what runs is put aside, and afterwards the
 * processor is as it was, but for caches, TLBs, shadow registers and time. Not for text that is interrupted,
 * other than by TLB misses, and comes back later.
 */
import { coreState } from "../abi/machine.ts";
import { CR, PSW } from "../abi/pa.ts";
import type { Core } from "./core.ts";
import type { Stop } from "./stop.ts";

/** How such text begins. */
export interface Interlude {
  readonly psw: number;
  /** What space registers 4 to 7 hold. */
  readonly space: number;
  /** What the protection id registers hold. */
  readonly id: number;
  /** Address in `space` of its first instruction, at privilege 0. */
  readonly entry: number;
  /** General registers. */
  readonly registers: readonly (readonly [number: number, value: number])[];
}

const IDS = [CR.CR_PIDR1, CR.CR_PIDR2, CR.CR_PIDR3, CR.CR_PIDR4];
/** Control registers that are put aside: the ids, and what an interruption leaves, queues' fronts included. */
const CONTROL = [...IDS, CR.CR_IIR, CR.CR_ISR, CR.CR_IOR, CR.CR_IPSW, CR.CR_IIASQ, CR.CR_IIAOQ];
const { gr, sr, cr, iia_space_back, front_space } = coreState.offset;
/** Where what is put aside lies, in words of the core's memory: one after another, and how many. */
const RANGES: readonly (readonly [from: number, count: number])[] = [
  [gr, 32],
  [sr, 8],
  ...CONTROL.map((number) => [cr + 4 * number, 1] as const),
  [iia_space_back, 2],
  [front_space, 4],
].map(([offset, count]) => [offset! >>> 2, count!]);
const SIZE = RANGES.reduce((sum, [, count]) => sum + count, 0);

/** Runs text as it is told to begin, until `run` returns. */
export function interlude(core: Core, begin: Interlude, run: () => Stop): Stop {
  const { words, exports } = core;
  const aside = new Uint32Array(SIZE);
  let at = 0;
  for (const [from, count] of RANGES)
    for (let i = from; i < from + count; i++) aside[at++] = words[i]!;
  const psw = exports.psw();

  for (const [number, value] of begin.registers) core.setState("gr", value, number);
  for (let number = 4; number < 8; number++) core.setState("sr", begin.space, number);
  for (const number of IDS) core.setState("cr", begin.id, number);
  core.setState("front_space", begin.space);
  core.setState("front_offset", begin.entry);
  core.setState("back_space", begin.space);
  core.setState("back_offset", begin.entry + 4);
  enter(core, begin.psw, 0);
  const stop = run();

  at = 0;
  for (const [from, count] of RANGES)
    for (let i = from; i < from + count; i++) words[i] = aside[at++]!;
  enter(core, psw, core.state("front_offset") & 3);
  return stop;
}

/** The rest of going on at another place; `setPsw` drops the context. */
function enter(core: Core, psw: number, privilege: number): void {
  core.goOnAt(privilege);
  core.exports.setPsw(psw & ~(PSW.PSW_N | PSW.PSW_B));
  core.setState("attention", 1);
}
