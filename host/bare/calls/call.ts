/** What a table of system calls is made of. */
import type { CallName } from "../../abi/linux/calls.ts";
import type { Answer, Process } from "../process.ts";

/** Arguments are unsigned words, as they come in r26 to r21. */
export type SystemCall = (p: Process, ...words: Words) => Answer;
export type Words = [number, number, number, number, number, number];

/** What is done, by the name in the kernel's table. */
export type CallTable = Readonly<Partial<Record<CallName, SystemCall>>>;

/** A signed 64-bit number that travels in two words. */
export function long(high: number, low: number): number {
  return (high | 0) * 2 ** 32 + low;
}
