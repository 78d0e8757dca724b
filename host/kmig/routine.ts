/**
 * What the emitters read: every routine with its arguments, implicit ones included, as attributes.
 *
 * MIG separates analysis from emission: an emitter never asks what kind of routine or argument it
 * has before it, only for the attributes that were computed here. The names of the attributes say
 * what MIG's `akb…` bits say. Everything is immutable once `analyse` has returned it.
 */
import type { Name, RoutineKind } from "./ast.ts";
import type { Place } from "./log.ts";
import type { Dealloc, IpcType } from "./ipc-type.ts";

export type ArgumentIdentity =
  | "normal"
  | "request port"
  | "reply port"
  | "wait time"
  | "msg option"
  | "msg seqno"
  | "return code"
  | "return"
  | "count"
  | "poly"
  | "dealloc"
  | "server copy"
  | "count in out";

/** Where a value travels. `Send` is the request's way, `Return` the reply's. */
export interface Travel {
  /** A descriptor and data stand in the request, in the reply. */
  readonly request: boolean;
  readonly reply: boolean;
  /** An argument of the user's procedure, of the server's work function. */
  readonly userArg: boolean;
  readonly serverArg: boolean;
  /** Carried in the request at all, in its body, put in by the user stub, taken out by the server's. */
  readonly send: boolean;
  readonly sendBody: boolean;
  readonly sendSnd: boolean;
  readonly sendRcv: boolean;
  /** The same for the reply: put in by the server stub, taken out by the user's. */
  readonly return: boolean;
  readonly returnBody: boolean;
  readonly returnSnd: boolean;
  readonly returnRcv: boolean;
  /** The server stub writes the reply's descriptor. */
  readonly replyInit: boolean;
  /** After the call the value is copied from request to reply. */
  readonly replyCopy: boolean;
}

export interface RoutineArgument extends Travel {
  readonly name: string;
  readonly place: Place;
  readonly identity: ArgumentIdentity;
  readonly type: IpcType;
  /** Expression or name that stands for it where it is no argument: a global `WaitTime`'s. */
  readonly value: string;
  readonly dealloc: Dealloc;
  readonly longForm: boolean;
  readonly serverCopy: boolean;
  readonly countInOut: boolean;
  /** The received descriptor is compared as one word. */
  readonly requestQuick: boolean;
  readonly replyQuick: boolean;
  /** The server stub keeps the value in a local variable. */
  readonly varNeeded: boolean;
  readonly destroy: boolean;
  /** Inline and of varying size. */
  readonly variable: boolean;
  readonly indefinite: boolean;
  /** C passes its address: on the user's side, on the server's. */
  readonly byReferenceUser: boolean;
  readonly byReferenceServer: boolean;
  /** Indices into the routine's arguments, -1 where there is none. */
  readonly parent: number;
  readonly count: number;
  readonly countInOutArgument: number;
  readonly poly: number;
  readonly deallocArgument: number;
  /** Count arguments: elements of the message type per element of the C type. */
  readonly multiplier: number;
  /** How many varying items stand before it in the message; -1 if it is not in it. */
  readonly requestPosition: number;
  readonly replyPosition: number;
}

/** Whether a message is simple: known beforehand, and (if known) which. */
export interface Simplicity {
  readonly fixed: boolean;
  readonly simple: boolean;
}

/** One member of a message structure, as C lays it out with every varying item at its largest. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

export interface MessageLayout {
  /** Bytes with varying items empty, and at their largest (C's `sizeof`). */
  readonly minSize: number;
  readonly maxSize: number;
  readonly fields: readonly Field[];
  /** Offsets of descriptor and data by argument name. */
  readonly descriptor: ReadonlyMap<string, number>;
  readonly data: ReadonlyMap<string, number>;
}

export interface Routine {
  readonly name: Name;
  readonly kind: RoutineKind;
  /** Position in the subsystem; request id = base + number. */
  readonly number: number;
  readonly requestId: number;
  readonly replyId: number;
  readonly userName: string;
  readonly serverName: string;
  readonly errorName: string;
  readonly oneWay: boolean;
  /** Returns nothing; errors go to the error procedure, as for a function. */
  readonly procedure: boolean;
  readonly arguments: readonly RoutineArgument[];
  readonly requestPort: RoutineArgument;
  readonly replyPort: RoutineArgument;
  readonly waitTime: RoutineArgument | undefined;
  readonly msgOption: RoutineArgument;
  readonly returnCode: RoutineArgument;
  /** What the user's procedure and the work function return; undefined: nothing. */
  readonly result: RoutineArgument | undefined;
  readonly sendRequest: Simplicity;
  readonly receiveRequest: Simplicity;
  readonly sendReply: Simplicity;
  readonly receiveReply: Simplicity;
  readonly requestVaryings: number;
  readonly replyVaryings: number;
  /** The reply carries nothing but the return code. */
  readonly noReplyArguments: boolean;
  readonly request: MessageLayout;
  /** Undefined for a one-way routine. */
  readonly reply: MessageLayout | undefined;
  readonly trappable: boolean;
  /** Why not; empty if trappable. */
  readonly whyNot: string;
}

export interface Import {
  readonly side: "both" | "user" | "server";
  readonly file: string;
}

export interface Interface {
  readonly subsystem: string;
  readonly base: number;
  readonly kernelUser: boolean;
  readonly kernelServer: boolean;
  readonly serverDemux: string;
  /** Numbers given to routines and skips together. */
  readonly count: number;
  readonly routines: readonly Routine[];
  readonly imports: readonly Import[];
}
