/** Names of places in the kernel: its symbols, and elements of its zones. */
import type { Kernel } from "../kernel.ts";
import { ZONE_NAMES, type ZoneName } from "../kern/state.ts";
import { VARIABLES } from "./fields.ts";
import { STRUCTS } from "./objects.ts";

/** Address of a symbol of the kernel's. */
export const kernelSymbol = (k: Kernel, name: string): number | undefined =>
  k.image.symbols.get(name);

const isZone = (name: string): name is ZoneName => (ZONE_NAMES as readonly string[]).includes(name);

/** What is wrong with the name of an element's part, whichever element it is of; or undefined. */
export function elementProblem(zone: string, part: string | number): string | undefined {
  if (!isZone(zone)) return `no zone of the kernel's; there are ${ZONE_NAMES.join(", ")}: ${zone}`;
  const structure = STRUCTS.get(zone)!;
  if (typeof part === "string" && !(part in structure.offset))
    return `no field of ${zone}; there are ${Object.keys(structure.offset).join(", ")}: ${part}`;
  if (typeof part === "number" && part >= structure.size)
    return `behind the end of ${zone}, which has ${structure.size} bytes: ${part}`;
  return undefined;
}

/** Where a part of the element `index` of those of a zone in use is, by address; or how many there are. */
export function elementPart(
  k: Kernel,
  zone: string,
  index: number,
  part: string | number,
): { readonly address: number } | { readonly count: number } {
  const live = isZone(zone) ? k.liveElements(zone) : [];
  const element = live[index];
  if (element === undefined) return { count: live.length };
  const offset = STRUCTS.get(zone as ZoneName)?.offset ?? {};
  return { address: element + (typeof part === "number" ? part : (offset[part] ?? 0)) };
}

/** What is wrong with the name of a variable's part; or undefined. */
export function variableProblem(symbol: string, part: string | number): string | undefined {
  if (typeof part === "number") return undefined;
  const structure = VARIABLES.get(symbol);
  if (!structure) {
    const known = [...VARIABLES.keys()].join(", ");
    return `only fields of ${known} have names: ${symbol}.${part}`;
  }
  if (part in structure.offset) return undefined;
  return `no field of ${symbol}; there are ${Object.keys(structure.offset).join(", ")}: ${part}`;
}

/** Bytes from a variable's beginning to its part. */
export const variablePart = (symbol: string, part: string | number): number =>
  typeof part === "number" ? part : (VARIABLES.get(symbol)?.offset[part] ?? 0);
