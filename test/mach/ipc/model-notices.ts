/**
 * How rights end in the reference model, and who is told: send-once rights, the last send right, names
 * that go and ports that die, each by a message past all limits.
 */
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { MOST_UREFS, NULL, Port, Space, type Carried, type Entry } from "./model-space.ts";

const K = KERN_RETURN;
/** Descriptors of a notice's item: a number, a name. */
const [INTEGER, NAME] = [0x02200018, 0x0f200018];

export class Notices {
  readonly spaces: readonly Space[];
  #clock = 0;
  constructor(tasks: number) {
    this.spaces = Array.from({ length: tasks }, () => new Space());
  }
  /** The number of the next message. */
  protected tick(): number {
    return ++this.#clock;
  }

  sendOnces(port: Port): number {
    return this.#count(port, "once");
  }
  sends(port: Port): number {
    return this.#count(port, "send");
  }
  /** Rights of a kind to a live port: in spaces, and in messages queued anywhere. */
  #count(port: Port, kind: "send" | "once"): number {
    let count = 0;
    const ports = new Set<Port>();
    for (const { names } of this.spaces)
      for (const entry of names.values()) {
        if (entry.what === "dead" || entry.what === "set") continue;
        ports.add(entry.port);
        if (entry.port !== port) continue;
        if (kind === "once" ? entry.what === "once" : entry.what === "port" && entry.urefs > 0)
          count += 1;
      }
    for (const { requests, noSenders } of ports) {
      if (kind !== "once") break;
      if (noSenders === port) count += 1;
      for (const { listener } of requests.slots.values()) if (listener === port) count += 1;
    }
    for (const each of ports)
      for (const { destKind, reply } of each.queue) {
        if (each === port && destKind === kind) count += 1;
        if (typeof reply === "object" && reply.port === port && reply.kind === kind) count += 1;
      }
    return count;
  }

  protected notify(port: Port, id = 71, item?: readonly [number, number]): void {
    if (!port.alive) return;
    const order = this.tick();
    port.queue.push({
      destKind: "once",
      replyType: 0,
      reply: NULL,
      id,
      order,
      ...(item && { item }),
    });
  }
  protected drop(right: Carried): void {
    if (right.kind === "once") this.notify(right.port);
    if (right.kind === "receive") this.kill(right.port);
    if (right.kind === "send") this.lost(right.port);
  }
  /** A send right is gone, perhaps the last. */
  protected lost(port: Port): void {
    const { noSenders } = port;
    if (!port.alive || !noSenders || this.sends(port) > 0) return;
    port.noSenders = undefined;
    this.notify(noSenders, 70, [INTEGER, port.mscount]);
  }
  /** A name with a request goes: its listener, to be told by `#deleted`. */
  protected request(entry: Entry): Port | undefined {
    if (entry.what === "dead" || entry.what === "set" || entry.request === undefined)
      return undefined;
    const listener = entry.port.requests.take(entry.request);
    entry.request = undefined;
    return listener;
  }
  protected deleted(listener: Port | undefined, name: number): void {
    if (listener) this.notify(listener, 65, [NAME, name]);
  }

  /** Asks for a notice to a port of the space's, or takes a request back. Returns the code. */
  ask(space: Space, name: number, id: number, sync: number, listener: Port | undefined): number {
    const entry = space.look(name);
    if (id !== 70 && id !== 72) return K.KERN_INVALID_VALUE;
    if (!entry) return K.KERN_INVALID_NAME;
    if (id === 70) {
      if (entry.what !== "port" || !entry.receive) return K.KERN_INVALID_RIGHT;
      const { port } = entry;
      const isNow = listener && this.sends(port) === 0 && sync <= port.mscount;
      port.noSenders = isNow ? undefined : listener;
      if (isNow) this.notify(listener, 70, [INTEGER, port.mscount]);
      return K.KERN_SUCCESS;
    }
    if (entry.what === "set") return K.KERN_INVALID_RIGHT;
    if (entry.what === "dead") {
      if (sync === 0 || !listener) return K.KERN_INVALID_ARGUMENT;
      if (entry.urefs === MOST_UREFS) return K.KERN_UREFS_OVERFLOW;
      entry.urefs += 1;
      this.notify(listener, 72, [NAME, name]);
      return K.KERN_SUCCESS;
    }
    const { requests } = entry.port;
    if (!listener) this.request(entry);
    else if (entry.request === undefined) entry.request = requests.add(listener, name);
    else requests.slots.set(entry.request, { listener, name });
    return K.KERN_SUCCESS;
  }
  protected kill(port: Port): void {
    port.alive = false;
    port.set = undefined;
    for (const { reply } of port.queue.splice(0)) if (typeof reply === "object") this.drop(reply);
    if (port.noSenders) this.notify(port.noSenders);
    port.noSenders = undefined;
    const told = [...port.requests.slots].toSorted(([a], [b]) => a - b);
    port.requests.slots.clear();
    for (const [, { listener, name }] of told) this.notify(listener, 72, [NAME, name]);
  }
}
