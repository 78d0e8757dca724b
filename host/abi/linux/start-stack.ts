/**
 * The stack of a Linux/hppa process at its start, as execve leaves it. It grows up: strings lie
 * lowest, then argc, argv, envp and the auxiliary vector, and the stack pointer above all of it. Only
 * bytes: who makes the process puts them at `base` and the registers into its thread.
 */
import { AUXILIARY } from "./constants.ts";

/** What the auxiliary vector says besides where its strings are. */
export type AuxiliaryValues = Readonly<
  Record<
    Exclude<keyof typeof AUXILIARY, "AT_NULL" | "AT_PLATFORM" | "AT_RANDOM" | "AT_EXECFN">,
    number
  >
>;

export interface StartStackOptions {
  /** Address of the lowest byte. */
  readonly base: number;
  readonly arguments: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  /** AT_EXECFN: the program's path. */
  readonly executable: Uint8Array;
  /** AT_RANDOM: 16 bytes. */
  readonly random: Uint8Array;
  readonly auxiliary: AuxiliaryValues;
}

export interface StartStack {
  readonly bytes: Uint8Array;
  /** General registers that `_start` looks at, by number; the others are 0. */
  readonly registers: {
    /** No function to call at exit. */
    readonly 23: 0;
    /** argv. */
    readonly 24: number;
    /** argc. */
    readonly 25: number;
    readonly 30: number;
  };
}

/** Room for a caller's frame marker and arguments, which the program's first function expects. */
const FIRST_FRAME = 64;
const PLATFORM = Uint8Array.from("parisc", (c) => c.charCodeAt(0));

/** Bytes that the strings and vectors take at most: what limits on arguments count. */
export function startStack(given: StartStackOptions): StartStack {
  const { base } = given;
  const strings = [...given.arguments, ...given.environment, given.executable, PLATFORM];
  const addresses: number[] = [];
  let at = base;
  for (const { length } of strings) {
    addresses.push(at);
    at += length + 1;
  }
  const random = at;
  const table = Math.ceil((random + given.random.length) / 16) * 16;
  const argv = addresses.splice(0, given.arguments.length);
  const envp = addresses.splice(0, given.environment.length);
  const [executable, platform] = addresses as [number, number];

  const values = {
    ...given.auxiliary,
    AT_PLATFORM: platform,
    AT_RANDOM: random,
    AT_EXECFN: executable,
  };
  const auxiliary = Object.entries(values).flatMap(([key, value]) => [
    AUXILIARY[key as keyof typeof values],
    value,
  ]);
  const words = [argv.length, ...argv, 0, ...envp, 0, ...auxiliary, AUXILIARY.AT_NULL, 0];
  const length = table - base + 4 * words.length;
  const bytes = new Uint8Array(Math.ceil((length + FIRST_FRAME) / 64) * 64);
  let put = 0;
  for (const string of strings) {
    bytes.set(string, put);
    put += string.length + 1;
  }
  bytes.set(given.random, put);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(table - base + 4 * i, word);
  return {
    bytes,
    registers: { 23: 0, 24: table + 4, 25: argv.length, 30: base + bytes.length },
  };
}
