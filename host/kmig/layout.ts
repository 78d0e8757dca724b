/**
 * Message structures as a C compiler for PA-RISC lays them out, and the report of them as JSON.
 *
 * A structure is the header, then per item a descriptor (4 bytes, or 12 in the long form), the
 * data and its padding. Alignment follows the element: MIG does not know the C types, so they
 * are taken to be what Mach's headers make of the message type.
 */
import { HEADER } from "./message-names.ts";
import type { Field, Interface, MessageLayout, Routine, RoutineArgument } from "./routine.ts";
import { alignment } from "./ipc-type.ts";

const DESCRIPTOR = 4;
const LONG_DESCRIPTOR = 12;

/** Lays out the items in their order; `includes` chooses those of the request or of the reply. */
export function layoutMessage(
  list: readonly RoutineArgument[],
  includes: (argument: RoutineArgument) => boolean,
): MessageLayout {
  const fields: Field[] = [{ name: "Head", offset: 0, size: HEADER.size }];
  const descriptor = new Map<string, number>();
  const data = new Map<string, number>();
  let offset: number = HEADER.size;
  let varying = 0;
  let largest = 4;
  const add = (name: string, size: number, align: number): number => {
    const at = Math.ceil(offset / align) * align;
    fields.push({ name, offset: at, size });
    offset = at + size;
    largest = Math.max(largest, align);
    return at;
  };
  for (const argument of list.filter(includes)) {
    const { type, name } = argument;
    const words = argument.longForm ? LONG_DESCRIPTOR : DESCRIPTOR;
    descriptor.set(name, add(`${name}Type`, words, 4));
    data.set(name, add(name, type.typeSize, alignment(type)));
    if (type.padSize > 0) add(`${name}Pad`, type.padSize, 1);
    if (type.varying && type.inLine) varying += type.typeSize + type.padSize;
  }
  const maxSize = Math.ceil(offset / largest) * largest;
  return { minSize: maxSize - varying, maxSize, fields, descriptor, data };
}

/** A message's layout, for people and programs. */
export interface MessageReport {
  readonly min_size: number;
  readonly max_size: number;
  readonly layout: readonly (readonly [field: string, offset: number])[];
}

export interface ArgumentReport {
  readonly name: string;
  readonly dir: string;
  readonly type: string;
}

export interface RoutineReport {
  readonly name: string;
  readonly kind: string;
  readonly request_id: number;
  readonly reply_id: number | null;
  readonly oneway: boolean;
  readonly simple: boolean;
  readonly trappable: boolean;
  readonly why_not: string | null;
  readonly request: MessageReport;
  readonly reply: MessageReport | null;
  /** Those of the user's procedure, in order. */
  readonly args: readonly ArgumentReport[];
}

/** The analysed interface as plain data: ids, sizes, offsets, which routines trap and why not. */
export interface LayoutReport {
  readonly subsystem: string;
  readonly base: number;
  readonly routines: readonly RoutineReport[];
}

export function reportLayout(interface_: Interface): LayoutReport {
  const { subsystem, base, routines } = interface_;
  return { subsystem, base, routines: routines.map(reportRoutine) };
}

function reportRoutine(routine: Routine): RoutineReport {
  const { request, reply } = routine;
  const simple = (s: { fixed: boolean; simple: boolean }): boolean => s.fixed && s.simple;
  return {
    name: routine.name.text,
    kind: routine.kind,
    request_id: routine.requestId,
    reply_id: reply === undefined ? null : routine.replyId,
    oneway: routine.oneWay,
    simple: simple(routine.sendRequest) && (reply === undefined || simple(routine.sendReply)),
    trappable: routine.trappable,
    why_not: routine.trappable ? null : routine.whyNot,
    request: reportMessage(request),
    reply: reply === undefined ? null : reportMessage(reply),
    args: routine.arguments.filter((argument) => argument.userArg).map(reportArgument),
  };
}

function reportMessage({ minSize, maxSize, fields }: MessageLayout): MessageReport {
  return {
    min_size: minSize,
    max_size: maxSize,
    layout: fields.map(({ name, offset }) => [name, offset] as const),
  };
}

function reportArgument(argument: RoutineArgument): ArgumentReport {
  const { name, identity, type } = argument;
  const special = { "request port": "requestport", "reply port": "replyport" } as const;
  const dir =
    identity in special
      ? special[identity as keyof typeof special]
      : identity === "wait time"
        ? "waittime"
        : identity === "msg option"
          ? "msgoption"
          : argument.send && argument.return
            ? "inout"
            : argument.return
              ? argument.countInOutArgument >= 0
                ? "inout"
                : "out"
              : "in";
  return { name, dir, type: type.userType };
}
