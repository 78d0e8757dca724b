/**
 * A type of the interface language: what goes over the wire, and the C names beside it.
 *
 * A type is immutable. Deriving one (`array[4] of t`) copies the wire form of the old and drops its
 * C names and translations; `element` remembers what it was made of.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import type { Flag } from "./ast.ts";
import { MACH_MSG_TYPE_POLYMORPHIC } from "./message-names.ts";

export type Dealloc = "no" | "yes" | "maybe";

export interface IpcType {
  /** As declared; empty while a type has no name. */
  readonly name: string;
  /** Type name as sent and as received; `MACH_MSG_TYPE_POLYMORPHIC` if known at run time only. */
  readonly inName: number;
  readonly outName: number;
  /** Bits of one element. */
  readonly size: number;
  /** Elements; the most of them for a varying array. */
  readonly number: number;
  readonly inLine: boolean;
  readonly longForm: boolean;
  readonly dealloc: Dealloc;
  readonly flags: ReadonlySet<Flag>;
  /** Passed and assigned by value, as a C scalar or struct; else a C array. */
  readonly isStruct: boolean;
  readonly isString: boolean;
  readonly varying: boolean;
  /** Varying without a limit: inline up to 2048 bytes, else out of line. */
  readonly indefinite: boolean;
  readonly element: IpcType | undefined;
  /** Bytes of data inline (a pointer's 4 if out of line), padding after it, and the least of both. */
  readonly typeSize: number;
  readonly padSize: number;
  readonly minSize: number;
  readonly userType: string;
  readonly serverType: string;
  readonly transType: string;
  readonly inTrans: string;
  /** GNU MIG's: translates a request port's protected payload. */
  readonly payloadTrans: string;
  readonly outTrans: string;
  readonly destructor: string;
}

/** Where the kernel is on one side, its port arguments are pointers, not names. */
export interface Sides {
  readonly kernelUser: boolean;
  readonly kernelServer: boolean;
}

/** What a type starts from. */
export const BLANK: IpcType = {
  name: "",
  inName: 0,
  outName: 0,
  size: 0,
  number: 1,
  inLine: true,
  longForm: false,
  dealloc: "no",
  flags: new Set(),
  isStruct: true,
  isString: false,
  varying: false,
  indefinite: false,
  element: undefined,
  typeSize: 0,
  padSize: 0,
  minSize: 0,
  userType: "",
  serverType: "",
  transType: "",
  inTrans: "",
  payloadTrans: "",
  outTrans: "",
  destructor: "",
};

/** Stands for a type that has been refused, so that one mistake is reported once. */
export const WORD: IpcType = { ...BLANK, size: 32, typeSize: 4, minSize: 4, userType: "?" };

/** A predefined type of one element. */
export function makeType(name: string, inName: number, outName: number, size: number): IpcType {
  const type = sized({ ...BLANK, name, inName, outName, size });
  return { ...type, userType: name, serverType: name, transType: name };
}

/** `int`, as implicit counts, return codes and times are sent. */
export function integerType(name: string): IpcType {
  const { MACH_MSG_TYPE_INTEGER_32: code } = MACH_MSG_TYPE;
  return makeType(name, code, code, 32);
}

/** Message types of whole numbers, by their bits. */
export const WHOLE = new Map<number, number>([
  [8, MACH_MSG_TYPE.MACH_MSG_TYPE_BYTE],
  [16, MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_16],
  [32, MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_32],
  [64, MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_64],
]);

/** Types that GNU MIG knows before anything is declared. */
export const BUILT_IN: ReadonlyMap<string, IpcType> = new Map(
  (
    [
      ["char", MACH_MSG_TYPE.MACH_MSG_TYPE_CHAR, 8],
      ["short", MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_16, 16],
      ["int", MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_32, 32],
      ["uintptr_t", MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_32, 32],
    ] as const
  ).map(([name, code, size]) => [name, makeType(name, code, code, size)]),
);

/** Bytes that data of this type is aligned to inside a C structure. */
export function alignment(type: IpcType): number {
  if (!type.inLine || type.indefinite) return 4;
  if (type.size === 64) {
    const wide: readonly number[] = [
      MACH_MSG_TYPE.MACH_MSG_TYPE_INTEGER_64,
      MACH_MSG_TYPE.MACH_MSG_TYPE_REAL,
    ];
    return wide.includes(type.inName) ? 8 : 4;
  }
  return type.size === 8 ? 1 : type.size === 16 ? 2 : type.size % 32 === 0 ? 4 : 1;
}

/** A type derived from another has none of its C names. */
export const NO_NAMES = {
  userType: "",
  serverType: "",
  transType: "",
  inTrans: "",
  payloadTrans: "",
  outTrans: "",
  destructor: "",
};

/** What `array` and its kin start from. */
export function derived(old: IpcType): IpcType {
  return { ...old, ...NO_NAMES, name: "", element: old };
}

/** With the sizes that follow from the form. */
export function sized(type: IpcType): IpcType {
  if (!type.inLine) return { ...type, typeSize: 4, padSize: 0, minSize: 4 };
  const typeSize = Math.floor((type.number * type.size + 7) / 8);
  const padSize = (4 - (typeSize % 4)) % 4;
  return { ...type, typeSize, padSize, minSize: type.varying ? 0 : typeSize + padSize };
}

/** Whether a type needs a `mach_msg_type_long_t`. */
export type LongNeed = "not" | "can" | "should" | "must" | "too long";

export function longNeed(type: IpcType): LongNeed {
  const names = [type.inName, type.outName];
  const reaches = (limit: number): boolean => names.some((name) => name >= limit);
  if (reaches(1 << 16) || type.size >= 1 << 16) return "too long";
  if (reaches(1 << 8) || type.size >= 1 << 8 || type.number >= 1 << 12) return "must";
  if ((type.varying && !type.inLine) || type.indefinite) return "should";
  return type.varying || names.includes(MACH_MSG_TYPE_POLYMORPHIC) ? "can" : "not";
}
