/**
 * The reference model's spaces and ports: rights as values in maps, names from a stack of free
 * indices with generations that doubles when it is empty.
 */
export const NULL = 0;
export const DEAD = 0xffffffff;
const LAST_INDEX = 1023;
export const MOST_UREFS = 0xffff;

/** Kinds of rights, as in `mach_port_get_refs`. */
export const RIGHT = { send: 0, receive: 1, sendOnce: 2, portSet: 3, deadName: 4 } as const;

export class Port {
  alive = true;
  seqno = 0;
  mscount = 0;
  qlimit = 5;
  readonly queue: Message[] = [];
  set: PortSet | undefined;
  /** Who hears when the last send right goes. */
  noSenders: Port | undefined;
  /** Who hears when the port dies. */
  readonly requests = new Requests();
}

/** Dead-name requests in slots, which are given out as the kernel does: notices come in that order. */
export class Requests {
  readonly slots = new Map<number, { readonly listener: Port; readonly name: number }>();
  #free: number[] = [];
  #size = 0;
  add(listener: Port, name: number): number {
    if (this.#free.length === 0) {
      const first = Math.max(this.#size, 1);
      this.#size = Math.max(4, 2 * this.#size);
      this.#free = Array.from({ length: this.#size - first }, (_, i) => first + i);
    }
    const slot = this.#free.shift()!;
    this.slots.set(slot, { listener, name });
    return slot;
  }
  take(slot: number): Port {
    const { listener } = this.slots.get(slot)!;
    this.slots.delete(slot);
    this.#free.unshift(slot);
    return listener;
  }
}

/** A port set is whatever ports say that they are in it. */
export class PortSet {}

/** A right in a message: a kind and a port, or nothing, or a dead one. */
export type Carried = { readonly kind: "send" | "once" | "receive"; readonly port: Port };
export interface Message {
  readonly destKind: Carried["kind"];
  readonly replyType: number;
  readonly reply: Carried | typeof NULL | typeof DEAD;
  readonly id: number;
  /** A notice's one item. */
  readonly item?: readonly [descriptor: number, word: number];
  /** Messages of a set's members come out in this order. */
  order: number;
}

/** What a name denotes. Send and receive rights for one port share a name. */
export type Entry =
  | {
      readonly what: "port";
      readonly port: Port;
      receive: boolean;
      urefs: number;
      request?: number | undefined;
    }
  | { readonly what: "once"; readonly port: Port; request?: number | undefined }
  | { readonly what: "set"; readonly set: PortSet }
  | { readonly what: "dead"; urefs: number };

/** What a receive gives. */
export interface Got {
  readonly code: number;
  readonly words?: readonly number[];
}

export class Space {
  readonly names = new Map<number, Entry>();
  readonly #generations: number[] = [0, 0xff, 0xff, 0xff];
  #free = [1, 2, 3];

  /** Takes the next free name. */
  fresh(): number {
    if (this.#free.length === 0) this.#grow();
    const index = this.#free.shift()!;
    this.#generations[index] = (this.#generations[index]! + 1) & 0xff;
    return (index << 8) | this.#generations[index]!;
  }
  /** Takes a certain name; false when its index is taken or out of reach. */
  claim(name: number): boolean {
    const index = name >>> 8;
    if (index === 0 || index > LAST_INDEX) return false;
    while (index >= this.#generations.length) this.#grow();
    if (!this.#free.includes(index)) return false;
    this.#free = this.#free.filter((i) => i !== index);
    this.#generations[index] = name & 0xff;
    return true;
  }
  release(name: number): void {
    this.names.delete(name);
    this.#free.unshift(name >>> 8);
  }
  #grow(): void {
    const size = this.#generations.length;
    for (let i = 2 * size - 1; i >= size; i--) {
      this.#free.unshift(i);
      this.#generations[i] = 0xff;
    }
  }
  /** The entry as it is now: rights to a dead port are a dead name. */
  look(name: number): Entry | undefined {
    const entry = this.names.get(name);
    if (!entry || entry.what === "dead" || entry.what === "set" || entry.port.alive) return entry;
    // A notice under way has a user reference for the name.
    const told = entry.request === undefined ? 0 : 1;
    const urefs = (entry.what === "once" ? 1 : entry.urefs) + told;
    const dead: Entry = { what: "dead", urefs: Math.min(urefs, MOST_UREFS) };
    this.names.set(name, dead);
    return dead;
  }
  /** The ports of a set, by name, in the order of their indices. */
  members(set: PortSet): { readonly name: number; readonly port: Port }[] {
    return [...this.names]
      .flatMap(([name, entry]) =>
        entry.what === "port" && entry.receive && entry.port.set === set
          ? [{ name, port: entry.port }]
          : [],
      )
      .toSorted((a, b) => a.name - b.name);
  }
  /** The name for a live port's receive or send right. */
  nameOf(port: Port): number | undefined {
    for (const [name, entry] of this.names)
      if (entry.what === "port" && entry.port === port) return name;
    return undefined;
  }
}
