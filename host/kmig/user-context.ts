/**
 * What the parts of a message client stub know of the stub that they belong to.
 */
import type { Passing } from "./calling.ts";
import type { Code, Label } from "./code.ts";
import { type StructCopy, copyCalls } from "./copy.ts";
import type { Message } from "./descriptor.ts";
import type { Routine, RoutineArgument } from "./routine.ts";

export interface UserContext {
  readonly code: Code;
  readonly routine: Routine;
  readonly mode: StructCopy;
  readonly request: Message;
  readonly reply: Message;
  /** Holds msgh_size while a varying message is packed or unpacked. */
  readonly sizeRegister: string;
  /** Holds msgh_simple while a request is packed whose bits depend on the arguments. */
  readonly simpleRegister: string | undefined;
  /** Loads the reply's msgh_bits, wherever OutP points. */
  loadBits(register: string): void;
  /** The register that holds an argument word; words in memory are loaded to `scratch`. */
  word(word: number, scratch: string): string;
  passing(argument: RoutineArgument): Passing;
  /** The label to go to to fail with a code. */
  error(value: number): Label;
  /** Leaves with the error in r28: returned, or handed to the error procedure. */
  fail(): void;
  /** Whether the stub takes its reply port from libmach. */
  asksForPort(): boolean;
}

/** Whether packing an argument calls a procedure. */
export function callsToPack(argument: RoutineArgument, mode: StructCopy): boolean {
  const { type, request, sendSnd, variable } = argument;
  return request && sendSnd && (variable || type.isString || byCall(argument, mode));
}

/** Whether unpacking an argument calls a procedure. */
export function callsToUnpack(argument: RoutineArgument, mode: StructCopy): boolean {
  const { type, reply, returnRcv, variable } = argument;
  return reply && returnRcv && (variable || type.isString || byCall(argument, mode));
}

function byCall({ type }: RoutineArgument, mode: StructCopy): boolean {
  return copyCalls(mode) && !type.isStruct;
}

/** An argument that follows another: its count, its type name, its deallocate flag. */
export function followerOf(
  { arguments: list }: Routine,
  argument: RoutineArgument,
  which: "count" | "poly" | "deallocArgument",
): RoutineArgument | undefined {
  return list[argument[which]];
}

/** The value of a user's argument that is one word, passed by value or by reference. */
export function userValue(
  context: UserContext,
  argument: RoutineArgument,
  scratch: string,
): string {
  const { kind, word } = context.passing(argument);
  const register = context.word(word, scratch);
  if (kind === "word") return register;
  context.code.load("ldw", scratch, register, 0, "user", undefined);
  return scratch;
}
