/**
 * What loads, stores and semaphore operations do to memory, from the table's rows: whether they read and
 * write, and to what their addresses must be aligned. Once, for the core's clauses and for kernels that
 * handle its traps.
 */
import type { Instruction } from "./instructions.ts";

/** A semaphore operation reads and writes. */
export const SEMAPHORE = 3;

/** What an instruction must be allowed, bits READ 1 and WRITE 2; 0 when it does not access memory. */
export function wantedAccess({ kind, clause }: Instruction): number {
  if (clause === "loadAndClearWord") return SEMAPHORE;
  return kind === "load" ? 1 : kind === "store" ? 2 : 0;
}

/**
 * Bytes to which an access must be aligned. The manual leaves undefined what a semaphore operation does
 * with a word that is not aligned to 16 bytes; here it works, as code of GNU's compiler expects, which
 * aligns to 8.
 */
export function accessAlignment({ clause, bytes }: Instruction): number {
  return clause === "storeBytes" ? 1 : bytes!;
}

/** `dataAccess` of the core: of an instruction word, its alignment and above that, at bit 8, its access. */
export function writeDataAccess(rows: readonly Instruction[]): string {
  const tests = rows.flatMap((row) => {
    const wanted = wantedAccess(row);
    if (wanted === 0) return [];
    const [mask, match] = [row.mask, row.match].map((word) => `0x${word.toString(16)}`);
    const answer = (wanted << 8) | accessAlignment(row);
    return `  if ((w & ${mask}) == ${match}) return ${answer}; // ${row.name}\n`;
  });
  return `export function dataAccess(w: u32): u32 {\n${tests.join("")}  return 0;\n}\n`;
}
