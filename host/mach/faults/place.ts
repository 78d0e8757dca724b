/**
 * What lies at an address that a server in the kernel can store to: kernel text, a variable, a table, an
 * object in a zone with its owner, the server's own memory. For reports about damage; looks only, and
 * must be asked before the damage is done, since afterwards nothing can be relied upon.
 */
import { hptEntry, vtopEntry } from "../../abi/hp700.ts";
import { KALLOC, zone } from "../../abi/kernel.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { disassemble } from "../../asm/disassemble.ts";
import type { Kernel } from "../kernel.ts";
import { vm_map_lookup_entry } from "../vm/vm-map.ts";
import { ZONE_KEYS, zoneElementAt } from "../kern/zone.ts";
import { fieldAt, hex, VARIABLES } from "./fields.ts";
import { elementOwner, STRUCTS } from "./objects.ts";

const { EQUIVALENT_END, HPT_BASE, HPT_ENTRIES, KERNEL_SPACE, KERNEL_TEXT, VTOP_BASE } = MEMORY_MAP;

/** Kinds of places, from the most to the least precise. */
export type PlaceKind =
  | "kernel text"
  | "kernel data"
  | "kernel stack"
  | "page table"
  | "kernel object"
  | "free element"
  | "unused kernel memory"
  | "server text"
  | "server data"
  | "mapped page"
  | "nothing";

export interface Place {
  readonly kind: PlaceKind;
  /** In words: of what, and whose. */
  readonly what: string;
  /** The structure's field, or `symbol+0x10`. */
  readonly field?: string;
  /** Whether the bytes there are executed: then they read as instructions. */
  readonly isText: boolean;
}

/** What is at an address of a server's task. */
export function placeOf(k: Kernel, task: number, address: number): Place {
  const space = k.spaceOf(task);
  const at = address >>> 0;
  const isKernels = at < EQUIVALENT_END;
  if (space === KERNEL_SPACE && isKernels) return kernelPlace(k, at);
  const image = k.loaded.find((each) => each.space === space && each.image.locate(at));
  const symbol = k.locate(space, at);
  if (image && symbol !== undefined) {
    const isText = image.image.segments.some(
      ({ executable, address: first, size }) => executable && at >= first && at < first + size,
    );
    const kind = isText ? "server text" : "server data";
    return { kind, what: `the server's own ${isText ? "text" : "data"}`, field: symbol, isText };
  }
  const isMapped = vm_map_lookup_entry(k.vmMapOf(task), at) !== undefined;
  const kind = isMapped ? "mapped page" : "nothing";
  const what = isMapped ? "memory that the server has allocated" : "no memory of the server's";
  return { kind, what: isKernels ? `${what}; ${otherSpace(k, at)}` : what, isText: false };
}

/** What the kernel has at an address that is another place in its server's space. */
function otherSpace(k: Kernel, address: number): string {
  const { what, field } = kernelPlace(k, address);
  return `the kernel has there, in its own space: ${field === undefined ? what : `${what}, ${field}`}`;
}

function kernelPlace(k: Kernel, address: number): Place {
  return (
    inImage(k, address) ??
    inPageTables(k, address) ??
    inHeap(k, address) ?? {
      kind: "unused kernel memory",
      what: address < KERNEL_TEXT ? "page zero" : "between the kernel's parts",
      isText: false,
    }
  );
}

function inImage(k: Kernel, address: number): Place | undefined {
  const segment = k.image.segments.find(
    ({ address: first, size }) => address >= first && address < first + size,
  );
  const found = k.image.locate(address);
  if (!segment || !found) return undefined;
  const { symbol, offset } = found;
  const plain = k.locate(KERNEL_SPACE, address) ?? symbol;
  if (segment.executable)
    return { kind: "kernel text", what: "the kernel's text", field: plain, isText: true };
  if (symbol.endsWith("_stack"))
    return { kind: "kernel stack", what: symbol.replace("_", " "), field: plain, isText: false };
  const data = { kind: "kernel data", isText: false } as const;
  if (symbol === "zones" || symbol === "kalloc_zones") {
    const first = symbol === "zones" ? KALLOC.KALLOC_ZONES : 0;
    const key = ZONE_KEYS[first + Math.floor(offset / zone.size)];
    const field = fieldAt(zone, offset % zone.size);
    return { ...data, what: `the zone of ${zoneName(key)}`, field };
  }
  const variable = VARIABLES.get(symbol);
  if (variable === undefined || offset >= variable.size)
    return { ...data, what: "a kernel variable", field: plain };
  return { ...data, what: "a kernel variable", field: fieldAt(variable, offset) };
}

const zoneName = (key: number | string | undefined): string =>
  typeof key === "number" ? `kalloc.${key}` : String(key);

function inPageTables(k: Kernel, address: number): Place | undefined {
  const kind = "page table";
  const hpt = address - HPT_BASE;
  if (hpt >= 0 && hpt < HPT_ENTRIES * hptEntry.size) {
    const index = Math.floor(hpt / hptEntry.size);
    const { tag, page } = hptEntry.at(k.memory, HPT_BASE + index * hptEntry.size);
    const use = tag === 0 ? "empty" : `of the page in frame ${hex((page << 7) >>> 0)}`;
    const what = `entry ${index} of the hashed page table, ${use}`;
    const field = fieldAt(hptEntry, hpt % hptEntry.size);
    return { kind, what, field, isText: false };
  }
  const vtop = address - VTOP_BASE;
  if (vtop < 0 || vtop >= HPT_ENTRIES * vtopEntry.size) return undefined;
  const what = `head of chain ${Math.floor(vtop / vtopEntry.size)} of mappings`;
  const field = fieldAt(vtopEntry, vtop % vtopEntry.size);
  return { kind, what, field, isText: false };
}

function inHeap(k: Kernel, address: number): Place | undefined {
  const layout = {
    kallocZones: k.symbol("kalloc_zones"),
    ...{ zones: k.symbol("zones"), heap: k.symbol("heap") },
  };
  const element = zoneElementAt(k.memory, layout, address);
  if (element === undefined) return undefined;
  const isText = false;
  if (element === "owners")
    return { kind: "kernel data", what: "the zones' record of who has each page", isText };
  if (element === "fresh")
    return { kind: "unused kernel memory", what: "pages that no zone has taken yet", isText };
  const { key, address: start, isLive } = element;
  const offset = address - start;
  const structure = STRUCTS.get(key);
  const plain = `${zoneName(key)} at ${hex(start)}`;
  const field = structure ? fieldAt(structure, offset) : `byte ${offset}`;
  if (!isLive) {
    const what = offset < 4 ? `a free ${plain}: the link to the next` : `a free ${plain}`;
    return { kind: "free element", what, field, isText };
  }
  const owner = elementOwner(k, key, start, offset);
  return {
    kind: "kernel object",
    what: owner.what === undefined ? plain : `${plain}: ${owner.what}`,
    field: owner.field ?? field,
    isText,
  };
}

/** Bytes as a report shows them: of text also the instructions. */
export function contents(bytes: Uint8Array, place: Place, address: number): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!place.isText || bytes.length !== 4 || address % 4 !== 0) return digits;
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return `${digits} (${disassemble(word, address).replace(/\s+/g, " ").trim()})`;
}

/** Whole pages lie together: the bytes of a range as far as they are there. */
export function bytesAt(
  k: Kernel,
  space: number,
  address: number,
  length: number,
): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const physical = k.physical(space, (address + i) >>> 0);
    if (physical === undefined || physical >= k.memory.size) return undefined;
    bytes[i] = k.memory.read8(physical);
  }
  return bytes;
}
