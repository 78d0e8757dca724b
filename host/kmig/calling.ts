/**
 * The 32-bit PA-RISC procedure calling convention, as far as stubs need it: in which argument word
 * each C argument travels, and which registers and frame slots those words are.
 *
 * Words 0–3 are r26–r23; word n ≥ 4 lies at sp−52−4(n−4) of the caller's frame, so addresses fall
 * as n rises. Eight-byte values take an even-odd pair of words, low word first. Structures of more
 * than eight bytes are passed by address although C says by value.
 */
import type { RoutineArgument } from "./routine.ts";

export type PassingKind =
  /** The value, in one word or in two. */
  | "word"
  | "pair"
  /** A C pointer or array. */
  | "address"
  /** A structure by value that the convention turns into its address. */
  | "reference";

export interface Passing {
  readonly argument: RoutineArgument;
  readonly kind: PassingKind;
  /** First argument word. */
  readonly word: number;
}

const REGISTERS = ["%r26", "%r25", "%r24", "%r23"];

/** The register of an argument word, or undefined for the words in memory. */
export function argumentRegister(word: number): string | undefined {
  return REGISTERS[word];
}

/** Offset from the caller's sp of a word's place in memory; words 0–3 have one too ("home"). */
export function argumentHome(word: number): number {
  return -36 - 4 * word;
}

/**
 * Assigns words to C arguments in their order.
 * @param isWord - whether C has a word in place of the value, whatever that is.
 */
export function passArguments(
  list: readonly RoutineArgument[],
  byReference: (argument: RoutineArgument) => boolean,
  isWord: (argument: RoutineArgument) => boolean = () => false,
): Passing[] {
  let next = 0;
  return list.map((argument) => {
    const plain = passingKind(argument, byReference(argument));
    const kind = plain !== "address" && isWord(argument) ? "word" : plain;
    const word = kind === "pair" ? Math.ceil(next / 2) * 2 : next;
    next = word + (kind === "pair" ? 2 : 1);
    return { argument, kind, word };
  });
}

function passingKind({ type }: RoutineArgument, byReference: boolean): PassingKind {
  if (byReference || !type.isStruct) return "address";
  return type.typeSize <= 4 ? "word" : type.typeSize <= 8 ? "pair" : "reference";
}

/** Words that the arguments take together. */
export function countWords(passings: readonly Passing[]): number {
  const last = passings.at(-1);
  return last === undefined ? 0 : last.word + (last.kind === "pair" ? 2 : 1);
}

/** Words of the user's procedure's arguments. */
export function argumentWords(list: readonly RoutineArgument[]): number {
  return countWords(passArguments(list, (argument) => argument.byReferenceUser));
}
