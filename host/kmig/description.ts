/**
 * An interface as TypeScript programs use it: every message as a list of items with their offsets
 * and forms. Plain data, made from the analysed interface; `binding.ts` makes functions of it and
 * `typescript.ts` writes it out, so that what runs and what is emitted cannot differ.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import type { IpcType } from "./ipc-type.ts";
import type { Interface, MessageLayout, Routine, RoutineArgument, Simplicity } from "./routine.ts";

/** What one element is in TypeScript: a number, a bigint of 64 bits, or a byte of a `Uint8Array`. */
export type Unit = "number" | "wide" | "real" | "byte";

export interface Item {
  readonly name: string;
  /** Offsets of descriptor and data, with every varying item before them at its largest. */
  readonly descriptor: number;
  readonly data: number;
  readonly longForm: boolean;
  /** Type name as the sender writes it and as the receiver finds it; -1 if known at run time only. */
  readonly sent: number;
  readonly received: number;
  /** Bits and number of elements, the most of them in line for a varying item. */
  readonly bits: number;
  readonly number: number;
  readonly unit: Unit;
  /** A single value, a list of them, or a string that ends with a zero byte. */
  readonly shape: "one" | "list" | "string";
  readonly varying: boolean;
  readonly place: "in line" | "out of line" | "either";
  /** Of memory out of line: what becomes of the sender's; "maybe": the value says. */
  readonly deallocate: "no" | "yes" | "maybe";
  /** The deallocate bit of a received item is not compared. */
  readonly loose: boolean;
  /** CountInOut: the most that the value may be, and what it is if nothing is said. */
  readonly most?: number;
}

export interface Message {
  readonly minSize: number;
  readonly maxSize: number;
  /** Whether a sender's message is simple; null: the items decide. */
  readonly sentSimple: boolean | null;
  readonly receivedSimple: boolean | null;
  readonly items: readonly Item[];
}

export interface RoutineDescription {
  readonly name: string;
  readonly requestId: number;
  readonly replyId: number;
  /** Type names of the rights in the header: of the request port, of the reply port. */
  readonly requestRight: number;
  readonly replyRight: number;
  readonly request: Message;
  /** Null: nobody waits for an answer. */
  readonly reply: Message | null;
}

export interface InterfaceDescription {
  readonly subsystem: string;
  readonly base: number;
  /** The server is the kernel, which finds the two ports of a request the other way round. */
  readonly kernelServer: boolean;
  readonly routines: readonly RoutineDescription[];
}

/** Describes an analysed interface. */
export function describeInterface(interface_: Interface): InterfaceDescription {
  const { subsystem, base, kernelServer, routines } = interface_;
  return {
    subsystem,
    base,
    kernelServer,
    routines: routines.map((routine) => describeRoutine(routine, kernelServer)),
  };
}

function describeRoutine(routine: Routine, kernelServer: boolean): RoutineDescription {
  const { name, requestId, replyId, requestPort, replyPort, arguments: list } = routine;
  const { sendRequest, receiveRequest, sendReply, receiveReply, reply } = routine;
  const request = list.filter((argument) => argument.request);
  const answer = list.filter((argument) => argument.reply && argument !== routine.returnCode);
  const items = (
    of: readonly RoutineArgument[],
    layout: MessageLayout,
    form: (argument: RoutineArgument) => Partial<Item>,
  ): Item[] =>
    of.map((argument) => ({ ...describeItem(argument, layout, list), ...form(argument) }));
  return {
    name: name.text,
    requestId,
    replyId,
    requestRight: requestPort.type.inName,
    replyRight: replyPort.type.inName,
    request: message(
      routine.request,
      sendRequest,
      receiveRequest,
      items(request, routine.request, (argument) => ({ loose: !argument.requestQuick })),
    ),
    reply:
      reply === undefined
        ? null
        : message(
            reply,
            sendReply,
            receiveReply,
            items(answer, reply, (argument) => ({
              loose: !argument.replyQuick,
              sent: kernelServer ? argument.type.outName : argument.type.inName,
            })),
          ),
  };
}

function message(
  { minSize, maxSize }: MessageLayout,
  send: Simplicity,
  receive: Simplicity,
  items: readonly Item[],
): Message {
  const known = ({ fixed, simple }: Simplicity): boolean | null => (fixed ? simple : null);
  return { minSize, maxSize, sentSimple: known(send), receivedSimple: known(receive), items };
}

function describeItem(
  argument: RoutineArgument,
  layout: MessageLayout,
  list: readonly RoutineArgument[],
): Item {
  const { name, type, longForm, dealloc } = argument;
  const { inName, outName, size, number, varying, inLine, indefinite, isString } = type;
  const unit = unitOf(type);
  const parent = list[list[argument.countInOutArgument]?.parent ?? -1];
  const counts = argument.identity === "count in out" && parent !== undefined;
  const most = counts ? Math.floor(parent.type.number / parent.type.element!.number) : undefined;
  return {
    name,
    descriptor: layout.descriptor.get(name)!,
    data: layout.data.get(name)!,
    longForm,
    sent: inName,
    received: outName,
    bits: size,
    number,
    unit,
    shape: isString ? "string" : type.isStruct && number === 1 && unit !== "byte" ? "one" : "list",
    varying,
    place: indefinite ? "either" : inLine ? "in line" : "out of line",
    deallocate: dealloc,
    loose: false,
    ...(most === undefined ? {} : { most }),
  };
}

function unitOf({ inName, size, isStruct, number }: IpcType): Unit {
  if (inName === MACH_MSG_TYPE.MACH_MSG_TYPE_REAL && (size === 32 || size === 64)) return "real";
  if (size === 64) return "wide";
  if (size === 16 || size === 32) return "number";
  return size === 8 && isStruct && number === 1 ? "number" : "byte";
}
