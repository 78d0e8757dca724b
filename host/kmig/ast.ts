/**
 * The syntax tree of an interface definition. Written by the parser, immutable afterwards.
 *
 * It holds what was said, not what it means: types are built from it in `types.ts`, routines are
 * analysed in `routine.ts`, in the order of the statements, because MIG's statements
 * (`ServerPrefix`, `WaitTime`, `type`) act on what follows them.
 */
import type { Place } from "./log.ts";

/** A name with its place. */
export interface Name {
  readonly text: string;
  readonly place: Place;
}

/** Message type name as sender and receiver see it; `size` in bits, 0 = no default. */
export interface IpcName {
  readonly inName: number;
  readonly outName: number;
  readonly inText: string;
  readonly outText: string;
  readonly size: number;
}

export type Flag =
  | "IsLong"
  | "IsNotLong"
  | "Dealloc"
  | "NotDealloc"
  | "MaybeDealloc"
  | "ServerCopy"
  | "CountInOut";

export type TypeSpec =
  | {
      readonly kind: "basic";
      readonly place: Place;
      readonly ipc: IpcName;
      /** Bits per element where the full form gave it. */
      readonly size: number | undefined;
      readonly flags: ReadonlySet<Flag>;
    }
  | { readonly kind: "previous"; readonly place: Place; readonly name: string }
  | {
      readonly kind: "array" | "struct";
      readonly place: Place;
      readonly length: number;
      readonly of: TypeSpec;
    }
  | {
      readonly kind: "varying";
      readonly place: Place;
      /** Most elements; 0 = indefinite. */
      readonly most: number;
      readonly of: TypeSpec;
    }
  | {
      /** GNU MIG's structures of named members. */
      readonly kind: "members";
      readonly place: Place;
      readonly members: readonly { readonly type: Name; readonly name: string }[];
    }
  | { readonly kind: "pointer"; readonly place: Place; readonly of: TypeSpec }
  | {
      readonly kind: "string";
      readonly place: Place;
      readonly length: number;
      readonly varying: boolean;
    };

export type Translation =
  | {
      readonly kind: "intran" | "outtran";
      readonly place: Place;
      readonly transType: string;
      readonly serverType: string;
      readonly routine: string;
    }
  | {
      readonly kind: "destructor" | "intranpayload";
      readonly place: Place;
      readonly transType: string;
      readonly routine: string;
    }
  | {
      readonly kind: "ctype" | "cusertype" | "cservertype";
      readonly place: Place;
      readonly type: string;
    };

export interface NamedType {
  readonly name: Name;
  readonly spec: TypeSpec;
  readonly translations: readonly Translation[];
}

export type Direction =
  | "in"
  | "out"
  | "inout"
  | "requestport"
  | "replyport"
  | "sreplyport"
  | "ureplyport"
  | "waittime"
  | "msgoption"
  | "msgseqno";

export interface Argument {
  readonly name: Name;
  /** Undefined where none was written: the request port, or In. */
  readonly direction: Direction | undefined;
  readonly type: Name | NamedType;
  readonly flags: ReadonlySet<Flag>;
}

export type RoutineKind =
  | "routine"
  | "simpleroutine"
  | "procedure"
  | "simpleprocedure"
  | "function";

export type Statement =
  | {
      readonly kind: "subsystem";
      readonly place: Place;
      readonly name: string;
      readonly base: number;
      readonly kernelUser: boolean;
      readonly kernelServer: boolean;
    }
  | {
      readonly kind: "msgoption" | "waittime";
      readonly place: Place;
      /** Undefined for `NoWaitTime`. */
      readonly value: string | undefined;
    }
  | {
      readonly kind: "error" | "serverprefix" | "userprefix" | "serverdemux";
      readonly place: Place;
      readonly name: string;
    }
  | {
      readonly kind: "import";
      readonly place: Place;
      readonly side: "both" | "user" | "server";
      /** With its quotes or brackets. */
      readonly file: string;
    }
  | { readonly kind: "rcsid"; readonly place: Place; readonly text: string }
  | { readonly kind: "skip"; readonly place: Place }
  | { readonly kind: "type"; readonly place: Place; readonly type: NamedType }
  | {
      readonly kind: "routine";
      readonly place: Place;
      readonly routine: RoutineKind;
      readonly name: Name;
      readonly arguments: readonly Argument[];
      /** Of a `function` only. */
      readonly result: Name | NamedType | undefined;
    };
