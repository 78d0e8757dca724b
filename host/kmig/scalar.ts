/**
 * Values that C passes in registers: how they are loaded and stored.
 */
import type { IpcType } from "./types.ts";

export interface ScalarAccess {
  readonly load: "ldb" | "ldh" | "ldw";
  readonly store: "stb" | "sth" | "stw";
  /** Offsets of the pieces; an eight-byte value has two. */
  readonly parts: readonly number[];
}

/** Undefined for arrays and for structures of other sizes, which are copied as blocks. */
export function scalarAccess(type: IpcType): ScalarAccess | undefined {
  if (!type.isStruct) return undefined;
  switch (type.typeSize) {
    case 1:
      return { load: "ldb", store: "stb", parts: [0] };
    case 2:
      return { load: "ldh", store: "sth", parts: [0] };
    case 4:
      return { load: "ldw", store: "stw", parts: [0] };
    case 8:
      return { load: "ldw", store: "stw", parts: [0, 4] };
    default:
      return undefined;
  }
}
