/**
 * Kernel text that slow paths in TypeScript call: it runs there and then, with interrupts held off, and
 * every cycle of it is earned. The machine is afterwards what it was before, but for caches, TLBs and
 * time. Such text calls nobody, needs no stack, and takes no interruption but TLB misses.
 */
import { PSW_SETTINGS } from "../abi/hp700.ts";
import { ESCAPE } from "../abi/kernel.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { CR, PSW } from "../abi/pa.ts";
import { panic } from "../diagnostic.ts";
import type { Kernel } from "./kernel.ts";

const { KERNEL_PID, KERNEL_SPACE } = MEMORY_MAP;
const { CR_PIDR1, CR_PIDR2, CR_PIDR3, CR_PIDR4, CR_IIR, CR_ISR, CR_IOR, CR_IPSW } = CR;
const PIDRS = [CR_PIDR1, CR_PIDR2, CR_PIDR3, CR_PIDR4];
/** What the miss handlers overwrite, besides the interruption queues. */
const SAVED = [...PIDRS, CR_IIR, CR_ISR, CR_IOR, CR_IPSW];

/** Routines of asm/flush.s: with virtual addresses, or with real ones. */
export type PageRoutine =
  | "pmap_flush_data"
  | "pmap_flush_text"
  | "pmap_zero_page"
  | "pmap_copy_page";

const IS_REAL: Readonly<Record<PageRoutine, boolean>> = {
  pmap_flush_data: false,
  pmap_flush_text: false,
  pmap_zero_page: true,
  pmap_copy_page: true,
};

/** What none of them needs: a page from memory, word by word, with every access missing. */
const MOST_CYCLES = 1_000_000;

/** Runs a routine with two arguments. */
export function callText(k: Kernel, routine: PageRoutine, first: number, second = 0): void {
  const { machine } = k;
  const { psw, pcoq, interruptionQueue } = machine;
  const registers = Array.from({ length: 32 }, (_, n) => machine.gr(n));
  const spaces = Array.from({ length: 8 }, (_, n) => machine.sr(n));
  const controls = SAVED.map((n) => machine.cr(n));
  for (let n = 4; n < 8; n++) machine.setSr(n, KERNEL_SPACE);
  for (const pidr of PIDRS) machine.setCr(pidr, KERNEL_PID);
  const { KERNEL_PSW } = PSW_SETTINGS;
  machine.psw = IS_REAL[routine] ? KERNEL_PSW & ~PSW.PSW_D : KERNEL_PSW;
  machine.setGr(2, k.symbol("text_return"));
  machine.setGr(26, first);
  machine.setGr(25, second);
  k.jump(routine);
  const stop = machine.run({ cycles: MOST_CYCLES });
  if (stop.reason !== "escape" || stop.number !== ESCAPE.ESCAPE_TEXT_RETURN)
    panic(`callText: ${routine}: ${stop.reason}`);
  for (let n = 1; n < 32; n++) machine.setGr(n, registers[n]!);
  for (let n = 0; n < 8; n++) machine.setSr(n, spaces[n]!);
  SAVED.forEach((n, i) => machine.setCr(n, controls[i]!));
  machine.setInterruptionQueue(interruptionQueue);
  machine.psw = psw;
  machine.pcoq = pcoq;
}
