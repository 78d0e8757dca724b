/**
 * Whose an element of a zone is, in words: of which task a thread, a space or a map, of which thread a
 * PCB, whose receive right a port, and what kalloc's memory is used for. Looks only.
 */
import { mapping, pcb, savedState } from "../../abi/hp700.ts";
import {
  emlDispatch, IKOT, inksRow, inksServer, ipcEntry, ipcKmsg, ipcPort, ipcPset, ipcSpace, pmap,
  task, thread, vmMap,
} from "../../abi/kernel.ts"; // prettier-ignore
import type { Kernel } from "../kernel.ts";
import { KMSG_LINKS } from "../kern/queue.ts";
import { portAt, spaceAt, taskAt, threadAt } from "../kern/views.ts";
import type { ZoneKey } from "../kern/zone.ts";
import { type AnyStruct, fieldAt, hex } from "./fields.ts";

/** Structures of zones by their names; kalloc's are of any kind. */
export const STRUCTS: ReadonlyMap<ZoneKey, AnyStruct> = new Map(
  [...[ipcPort, ipcSpace, task, thread, pcb, vmMap, pmap, mapping, ipcPset]].map(
    (each: AnyStruct) => [each.name as ZoneKey, each],
  ),
);

export interface Owner {
  readonly what?: string;
  /** Better than the zone's own structure says. */
  readonly field?: string;
}

/** How a task is called: by its place, since names are its server's business. */
export function taskName(k: Kernel, address: number): string {
  if (address === k.kernelTask) return "the kernel's task";
  const { kernel_loaded, inks } = taskAt(k, address);
  if (inks !== 0) return "the in-kernel server's task";
  return kernel_loaded !== 0
    ? `a task in the kernel (${hex(address)})`
    : `the task in space ${k.spaceOf(address)}`;
}

/** The task with a word of its structure equal to `value`. */
const taskWith = (k: Kernel, field: "map" | "itk_space" | "inks" | "eml_dispatch", value: number) =>
  k.liveElements("task").find((each) => taskAt(k, each)[field] === value);

const ofTask = (k: Kernel, found: number | undefined): Owner =>
  found === undefined ? {} : { what: `of ${taskName(k, found)}` };

const KINDS = new Map(
  Object.entries(IKOT).map(([name, kind]) => [kind, name.slice(5).toLowerCase().replace("_", " ")]),
);

/** Whose an element is that is in use; `offset` is the byte in it that is asked about. */
export function elementOwner(k: Kernel, key: ZoneKey, address: number, offset: number): Owner {
  switch (key) {
    case "task":
      return { what: taskName(k, address) };
    case "thread":
      return ofTask(k, threadAt(k, address).task);
    case "pcb":
      return pcbOwner(k, address, offset);
    case "ipc_port":
      return portOwner(k, address);
    case "ipc_space":
      return ofTask(k, taskWith(k, "itk_space", address));
    case "vm_map":
      return ofTask(k, taskWith(k, "map", address));
    case "pmap": {
      const { space } = pmap.at(k.memory, address);
      return { what: `of space ${space}` };
    }
    case "mapping": {
      const { space, offset: page } = mapping.at(k.memory, address);
      return { what: `of the page at ${space}.${hex(page)}` };
    }
    case "ipc_pset":
      return {};
    default:
      return kallocUse(k, address, offset);
  }
}

function pcbOwner(k: Kernel, address: number, offset: number): Owner {
  const found = k.liveElements("thread").find((each) => threadAt(k, each).pcb === address);
  const owner = found === undefined ? {} : { what: `of a thread of ${taskName(k, threadAt(k, found).task)}` }; // prettier-ignore
  for (const state of ["ss", "kss"] as const) {
    const byte = offset - pcb.offset[state];
    if (byte < 0 || byte >= savedState.size) continue;
    return { ...owner, field: `pcb.${state}: ${fieldAt(savedState, byte)}` };
  }
  return owner;
}

function portOwner(k: Kernel, address: number): Owner {
  const { ip_bits, ip_receiver, ip_receiver_name } = portAt(k, address);
  const kind = KINDS.get(ip_bits & 0xffff);
  if (kind !== undefined && kind !== "none") return { what: `a ${kind} port of the kernel's` };
  if (ip_receiver === k.cpu.ipc_space_kernel) return { what: "received by the kernel" };
  const receiver = taskWith(k, "itk_space", ip_receiver);
  if (receiver === undefined) return {};
  return { what: `received by ${taskName(k, receiver)} as ${hex(ip_receiver_name)}` };
}

/** What kalloc's memory is, from who points to it. */
function kallocUse(k: Kernel, address: number, offset: number): Owner {
  const inside = (start: number, size: number): boolean =>
    start !== 0 && address + offset >= start && address + offset < start + size;
  for (const space of k.liveElements("ipc_space")) {
    const { is_table, is_table_size } = spaceAt(k, space);
    if (!inside(is_table, is_table_size * ipcEntry.size)) continue;
    const byte = address + offset - is_table;
    const owner = taskWith(k, "itk_space", space);
    const whose = owner === undefined ? "a space" : taskName(k, owner);
    const what = `entry ${Math.floor(byte / ipcEntry.size)} of the rights of ${whose}`;
    return { what, field: fieldAt(ipcEntry, byte % ipcEntry.size) };
  }
  for (const each of k.liveElements("task")) {
    const { inks, eml_dispatch } = taskAt(k, each);
    if (address === eml_dispatch)
      return { what: `the emulation vector of ${taskName(k, each)}`, field: `${emlDispatch.name}[${offset >> 2}]` }; // prettier-ignore
    if (inks === 0) continue;
    if (address === inks)
      return { what: "what the server has registered", field: fieldAt(inksServer, offset) }; // prettier-ignore
    if (address === inksServer.at(k.memory, inks).table)
      return { what: `row ${Math.floor(offset / inksRow.size)} of the server's trap tables`, field: fieldAt(inksRow, offset % inksRow.size) }; // prettier-ignore
  }
  if (address === k.cpu.ipc_kmsg_cache)
    return { what: "the cached message", field: kmsgField(offset) };
  for (const port of k.liveElements("ipc_port")) {
    const first = portAt(k, port).ip_messages;
    let kmsg = first;
    for (let i = 0; kmsg !== 0 && i < 64; i++) {
      if (kmsg === address)
        return { what: `a message queued at port ${hex(port)}`, field: kmsgField(offset) };
      kmsg = k.memory.read32(kmsg + KMSG_LINKS.next);
      if (kmsg === first) break;
    }
  }
  return { what: "memory of the kernel's" };
}

const kmsgField = (offset: number): string =>
  offset < ipcKmsg.offset.ikm_header
    ? fieldAt(ipcKmsg, offset)
    : `ipc_kmsg.ikm_header+${hex(offset - ipcKmsg.offset.ikm_header)}`;
