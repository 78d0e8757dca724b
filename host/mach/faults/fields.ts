/** Fields of structures and addresses as reports name them, and which variables are structures. */
import { faultQueue, savedState } from "../../abi/hp700.ts";
import { cpuData } from "../../abi/kernel.ts";
import type { Struct } from "../../abi/struct.ts";
import { heapRegion } from "../kern/zone.ts";

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** A structure of any fields. */
export type AnyStruct = Pick<Struct, "name" | "size" | "fields"> & {
  readonly offset: Readonly<Record<string, number>>;
};

/** The field that a byte of a structure is in, as `name.field` or `name.field[2]`. */
export function fieldAt({ name, fields, offset }: AnyStruct, byte: number): string {
  let [best, at] = ["", -1];
  for (const [field, start] of Object.entries(offset))
    if (start <= byte && start > at) [best, at] = [field, start];
  const index = Array.isArray(fields[best]) ? `[${(byte - at) >> 2}]` : "";
  return `${name}.${best}${index}`;
}

/** Kernel variables that are structures, by symbol. */
export const VARIABLES: ReadonlyMap<string, AnyStruct> = new Map<string, AnyStruct>([
  ["cpu_data", cpuData],
  ["heap", heapRegion],
  ["interrupt_state", savedState],
  ["fault_queue", faultQueue],
]);
