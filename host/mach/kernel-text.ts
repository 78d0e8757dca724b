/**
 * Kernel text that slow paths in TypeScript call: it runs there and then, with interrupts held off, and
 * every cycle of it is earned. The machine is afterwards what it was before, but for caches, TLBs and
 * time. Such text calls nobody, needs no stack, and takes no interruption but TLB misses.
 */
import { PSW_SETTINGS } from "../abi/hp700.ts";
import { ESCAPE } from "../abi/kernel.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { PSW } from "../abi/pa.ts";
import { panic } from "../diagnostic.ts";
import type { Kernel } from "./kernel.ts";

const { KERNEL_PID, KERNEL_SPACE } = MEMORY_MAP;
const { KERNEL_PSW } = PSW_SETTINGS;

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
  const stop = k.machine.interlude(
    {
      psw: IS_REAL[routine] ? KERNEL_PSW & ~PSW.PSW_D : KERNEL_PSW,
      ...{ space: KERNEL_SPACE, id: KERNEL_PID, entry: k.symbol(routine) },
      registers: [
        [2, k.symbol("text_return")],
        [25, second],
        [26, first],
      ],
    },
    MOST_CYCLES,
  );
  if (stop.reason !== "escape" || stop.number !== ESCAPE.ESCAPE_TEXT_RETURN)
    panic(`callText: ${routine}: ${stop.reason}`);
}
