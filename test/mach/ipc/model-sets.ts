/** Port sets in the reference model: ports say that they are in one, and messages when they came. */
import { KERN_RETURN, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { NULL, type Got, type Port, type PortSet, type Space } from "./model-space.ts";

const K = KERN_RETURN;
const M = MACH_MSG_RETURN;

export function killSet(spaces: readonly Space[], set: PortSet): void {
  for (const space of spaces) for (const { port } of space.members(set)) port.set = undefined;
}

/** `tick` numbers messages anew: those of a port that comes into a set go behind the others. */
export function moveMember(
  space: Space,
  member: number,
  after: number,
  tick: () => number,
): number {
  const entry = space.look(member);
  if (!entry) return K.KERN_INVALID_NAME;
  if (entry.what !== "port" || !entry.receive) return K.KERN_INVALID_RIGHT;
  const { port } = entry;
  const set = after === NULL ? undefined : space.look(after);
  if (after !== NULL && !set) return K.KERN_INVALID_NAME;
  if (set && set.what !== "set") return K.KERN_INVALID_RIGHT;
  if (!set && !port.set) return K.KERN_NOT_IN_SET;
  const to = set?.set;
  if (port.set === to) return K.KERN_SUCCESS;
  port.set = to;
  if (to) for (const message of port.queue) message.order = tick();
  return K.KERN_SUCCESS;
}

export function setStatus(space: Space, name: number): Got {
  const entry = space.look(name);
  if (!entry) return { code: K.KERN_INVALID_NAME };
  if (entry.what !== "set") return { code: K.KERN_INVALID_RIGHT };
  return { code: K.KERN_SUCCESS, words: space.members(entry.set).map((each) => each.name) };
}

/** The port that a receive under a name would take from: of a set, the one whose turn it is. */
export function sourceOf(
  space: Space,
  name: number,
): Got | { readonly name: number; readonly port?: Port } {
  const entry = space.look(name);
  if (entry?.what === "set") {
    const first = space
      .members(entry.set)
      .filter(({ port }) => port.queue.length > 0)
      .toSorted((a, b) => a.port.queue[0]!.order - b.port.queue[0]!.order)[0];
    return first ?? { name };
  }
  if (!entry || entry.what !== "port" || !entry.receive) return { code: M.MACH_RCV_INVALID_NAME };
  return entry.port.set ? { code: M.MACH_RCV_IN_SET } : { name, port: entry.port };
}
