/**
 * Which local variables a trap server stub needs for the client's pointers, and which of the
 * client's argument words have to survive its calls.
 */
import { type Passing, argumentRegister, passArguments } from "./calling.ts";
import { round } from "./frame.ts";
import type { Routine, RoutineArgument } from "./routine.ts";
import { mostElements } from "./varying.ts";

export interface TrapOptions {
  readonly suppressCopies: boolean;
  /** Whether `.probe` marks where a stub's own work begins and ends. */
  readonly probes: boolean;
}

/** What a pointer argument points to, in the server's own memory. */
export interface DataLocal {
  readonly argument: RoutineArgument;
  /** Word of the client's pointer. */
  readonly word: number;
  /** Offset among the stub's locals. */
  readonly offset: number;
  readonly copyIn: boolean;
  readonly copyOut: boolean;
  /** Of a varying In array: the word of its count. */
  readonly countWord: number | undefined;
  /** Of a varying Out array: its count. */
  readonly count: CountLocal | undefined;
}

/** The returned count of a varying array. */
export interface CountLocal {
  readonly argument: RoutineArgument;
  /** Word of the client's pointer to its count. */
  readonly word: number;
  readonly offset: number;
  /** Most elements that the work function may return. */
  readonly most: number;
  /** Offset of a copy of the client's count, the room it has; undefined: not asked. */
  readonly room: number | undefined;
  /** The work function is told of the client's room. */
  readonly countInOut: boolean;
}

export interface TrapLocals {
  readonly data: readonly DataLocal[];
  readonly counts: readonly CountLocal[];
  /** Offset of the request port's translation, if it has one, and of a saved return code. */
  readonly port: number | undefined;
  readonly code: number;
  /** Bytes of all of them. */
  readonly size: number;
}

/** The client's arguments with their words. */
export function userPassings(routine: Routine): Passing[] {
  const list = routine.arguments.filter((argument) => argument.userArg);
  return passArguments(list, (argument) => argument.byReferenceUser);
}

/** Chooses and places the local variables. */
export function trapLocals(routine: Routine, { suppressCopies }: TrapOptions): TrapLocals {
  const passings = userPassings(routine);
  const wordOf = (argument: RoutineArgument): number =>
    passings.find((passing) => passing.argument === argument)!.word;
  let size = 0;
  const place = (bytes: number): number => {
    const offset = size;
    size += round(bytes, 8);
    return offset;
  };
  const { inTrans, destructor } = routine.requestPort.type;
  const port = inTrans === "" && destructor === "" ? undefined : place(4);
  const code = port === undefined ? 0 : place(4);
  const counts: CountLocal[] = [];
  for (const argument of routine.arguments) {
    if (argument.identity !== "count" || !argument.returnSnd) continue;
    const countInOut = argument.countInOutArgument >= 0;
    // Without copies the work function deals with the client's own variable.
    if (suppressCopies && countInOut) continue;
    const word = wordOf(argument);
    const most = mostElements(routine.arguments[argument.parent]!);
    const offset = place(4);
    const room = suppressCopies ? undefined : place(4);
    counts.push({ argument, word, offset, most, room, countInOut });
  }
  const data: DataLocal[] = [];
  for (const { argument, kind, word } of passings) {
    if (argument.identity === "count" || (kind !== "address" && kind !== "reference")) continue;
    const { type, sendRcv, returnSnd, variable } = argument;
    const integerOut = returnSnd && !sendRcv && type.isStruct && type.typeSize <= 4;
    if (suppressCopies && !integerOut) continue;
    const counter = routine.arguments[argument.count];
    const offset = place(type.typeSize);
    const countWord = variable && sendRcv ? wordOf(counter!) : undefined;
    const count = counts.find((one) => one.argument === counter);
    data.push({ argument, word, offset, copyIn: sendRcv, copyOut: returnSnd, countWord, count });
  }
  return { data, counts, port, code, size };
}

/** Register words of the client's call that are needed after a call of the stub. */
export function keptWords(routine: Routine, { data, counts, port }: TrapLocals): number[] {
  const kept = new Set<number>();
  const keep = (word: number): void => {
    if (argumentRegister(word) !== undefined) kept.add(word);
  };
  const inward = data.filter((local) => local.copyIn);
  // The pointer of a single fixed In argument is used up by the first copy.
  const fetches = port !== undefined || counts.some((local) => local.room !== undefined);
  const usedUp = fetches || inward[0]?.countWord !== undefined ? undefined : inward[0];
  const callsBefore = inward.length > 0 || fetches;
  for (const { argument, kind, word } of userPassings(routine)) {
    const local = data.find((one) => one.argument === argument);
    const count = counts.find((one) => one.argument === argument);
    const needed =
      local !== undefined
        ? local.copyOut || (local.copyIn && local !== usedUp)
        : count !== undefined || callsBefore;
    if (!needed) continue;
    keep(word);
    if (kind === "pair") keep(word + 1);
  }
  return [...kept].sort((a, b) => a - b);
}
