/**
 * All declarations of host/abi as symbol tables: for guest text, and for the core.
 */
import { CORE_CONSTANTS, CORE_STRUCTS } from "./machine.ts";
import * as hp700 from "./hp700.ts";
import * as inks from "./inks.ts";
import * as kernel from "./kernel.ts";
import * as mach from "./mach.ts";
import * as memoryMap from "./memory-map.ts";
import * as osf1 from "./osf1.ts";
import * as pa from "./pa.ts";
import * as uthread from "./uthread.ts";
import { mergeSymbols, structSymbols, SYMBOLS, type Numbers, type Struct } from "./struct.ts";

const GUEST_MODULES = [pa, memoryMap, mach, kernel, hp700, inks, uthread, osf1];

function numberSymbols(constants: { readonly [SYMBOLS]: Numbers }): Record<string, number> {
  const { prefix, values } = constants[SYMBOLS];
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function tables(
  structs: readonly Struct[],
  constants: readonly { readonly [SYMBOLS]: Numbers }[],
): Record<string, number>[] {
  return [...structs.map(structSymbols), ...constants.map(numberSymbols)];
}

/**
 * Every layout and constant that guest text may name: what the assembler takes as `symbols`. Values
 * are signed words, so that a negative trap number fits an immediate field.
 */
export function abiSymbols(): Readonly<Record<string, number>> {
  return (guestSymbols ??= mergeGuestSymbols());
}

let guestSymbols: Readonly<Record<string, number>> | undefined;

function mergeGuestSymbols(): Readonly<Record<string, number>> {
  const symbols = mergeSymbols(
    GUEST_MODULES.flatMap(({ STRUCTS, CONSTANTS }) =>
      tables(STRUCTS as unknown as readonly Struct[], CONSTANTS),
    ),
  );
  return Object.fromEntries(Object.entries(symbols).map(([name, value]) => [name, value | 0]));
}

/** What the AssemblyScript core is compiled with: architected constants and its own layouts. */
export function coreSymbols(): Record<string, number> {
  return mergeSymbols([
    ...tables(pa.STRUCTS, pa.CONSTANTS),
    ...tables(CORE_STRUCTS as unknown as readonly Struct[], CORE_CONSTANTS),
  ]);
}
