/**
 * Symbols that programs expect of any linker: where the parts of a program end, where its tables of
 * constructors are. A program that defines one itself keeps its own.
 *
 * Source: the default script of GNU ld for hppa-linux.
 */
import type { Placement } from "./placement.ts";

export interface Layouts {
  readonly text: Placement;
  readonly data: Placement;
  /** End of the data, common blocks included. */
  readonly end: number;
  /** What `addil L%x-$global$,%dp` counts from. */
  readonly dataPointer: number;
}

const ARRAYS = ["preinit_array", "init_array", "fini_array"] as const;

/** Addresses by name. */
export function providedSymbols({ text, data, end, dataPointer }: Layouts): Map<string, number> {
  const [code, initialised, zeros] = [text.ranges[0]!, data.ranges[0]!, data.ranges[1]!];
  const symbols = new Map<string, number>([
    ["$global$", dataPointer],
    ["__executable_start", text.start],
    ["__bss_start", zeros.start],
  ]);
  for (const name of ["etext", "_etext", "__etext"]) symbols.set(name, code.end);
  for (const name of ["edata", "_edata"]) symbols.set(name, initialised.end);
  for (const name of ["end", "_end"]) symbols.set(name, alignUp4(end));
  for (const array of ARRAYS) {
    const parts = data.placed.filter(({ section: { name } }) => `${name}.`.startsWith(`.${array}.`)); // prettier-ignore
    const starts = parts.map(({ address }) => address);
    const ends = parts.map(({ address, section }) => address + section.size);
    symbols.set(`__${array}_start`, starts.at(0) ?? data.start);
    symbols.set(`__${array}_end`, ends.at(-1) ?? data.start);
  }
  return symbols;
}

function alignUp4(address: number): number {
  return Math.ceil(address / 4) * 4;
}
