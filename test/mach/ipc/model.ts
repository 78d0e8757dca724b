/**
 * A reference model of ports and rights, written from Mach's interface and not from its kernel:
 * rights are values in maps, counts are found by looking, nothing is kept twice. It has tasks that
 * never block (every wait has a timeout of 0). Names are predicted too: a stack of free indices
 * with generations, doubling.
 */
import { KERN_RETURN, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import {
  bits,
  COPY_SEND,
  MAKE_SEND,
  MAKE_SEND_ONCE,
  MOVE_SEND,
  MOVE_SEND_ONCE,
  PORT_SEND,
  PORT_SEND_ONCE,
} from "./scenario.ts";
import { Notices } from "./model-notices.ts";
import { killSet, moveMember, sourceOf } from "./model-sets.ts";
import {
  DEAD,
  NULL,
  Port,
  PortSet,
  RIGHT,
  Space,
  MOST_UREFS,
  type Carried,
  type Got,
  type Message,
} from "./model-space.ts";

const K = KERN_RETURN;
const M = MACH_MSG_RETURN;
const MOVE_RECEIVE = 16;

export class Model extends Notices {
  moveMember(space: Space, member: number, after: number): number {
    return moveMember(space, member, after, () => this.tick());
  }

  allocate(space: Space, right: number): Got {
    if (right === RIGHT.receive) {
      const name = space.fresh();
      space.names.set(name, { what: "port", port: new Port(), receive: true, urefs: 0 });
      return { code: K.KERN_SUCCESS, words: [name] };
    }
    if (right === RIGHT.portSet) {
      const name = space.fresh();
      space.names.set(name, { what: "set", set: new PortSet() });
      return { code: K.KERN_SUCCESS, words: [name] };
    }
    if (right !== RIGHT.deadName) return { code: K.KERN_INVALID_VALUE };
    const name = space.fresh();
    space.names.set(name, { what: "dead", urefs: 1 });
    return { code: K.KERN_SUCCESS, words: [name] };
  }

  destroy(space: Space, name: number): number {
    const entry = space.look(name);
    if (!entry) return K.KERN_INVALID_NAME;
    const listener = this.request(entry);
    space.release(name);
    if (entry.what === "once") this.notify(entry.port);
    if (entry.what === "port" && entry.urefs > 0) this.lost(entry.port);
    if (entry.what === "port" && entry.receive) this.kill(entry.port);
    this.deleted(listener, name);
    if (entry.what === "set") killSet(this.spaces, entry.set);
    return K.KERN_SUCCESS;
  }

  deallocate(space: Space, name: number): number {
    const entry = space.look(name);
    if (!entry) return K.KERN_INVALID_NAME;
    if (entry.what === "once") return this.modRefs(space, name, RIGHT.sendOnce, -1)[0]!;
    if (entry.what === "dead") return this.modRefs(space, name, RIGHT.deadName, -1)[0]!;
    if (entry.what === "set") return K.KERN_INVALID_RIGHT;
    if (entry.urefs === 0) return K.KERN_INVALID_RIGHT;
    return this.modRefs(space, name, RIGHT.send, -1)[0]!;
  }

  /** The codes that are right; more than one where Mach looks at a dead port late. */
  modRefs(space: Space, name: number, right: number, delta: number): readonly number[] {
    if (right > RIGHT.deadName) return [K.KERN_INVALID_VALUE];
    const raw = space.names.get(name);
    const entry = space.look(name);
    if (!entry || !raw) return [K.KERN_INVALID_NAME];
    const changed = (urefs: number, most: number): number => {
      if (urefs + delta < 0) return K.KERN_INVALID_VALUE;
      return delta > 0 && urefs + delta > most ? K.KERN_UREFS_OVERFLOW : K.KERN_SUCCESS;
    };
    if (right === RIGHT.receive) {
      if (entry.what !== "port" || !entry.receive) return [K.KERN_INVALID_RIGHT];
      if (delta === 0) return [K.KERN_SUCCESS];
      if (delta !== -1) return [K.KERN_INVALID_VALUE];
      const told = entry.request === undefined ? 0 : 1;
      const listener = entry.urefs === 0 ? this.request(entry) : undefined;
      if (entry.urefs === 0) space.release(name);
      else space.names.set(name, { what: "dead", urefs: Math.min(entry.urefs + told, MOST_UREFS) });
      this.kill(entry.port);
      this.deleted(listener, name);
      return [K.KERN_SUCCESS];
    }
    if (right === RIGHT.portSet) {
      if (entry.what !== "set") return [K.KERN_INVALID_RIGHT];
      if (delta === -1) this.destroy(space, name);
      return [delta === 0 || delta === -1 ? K.KERN_SUCCESS : K.KERN_INVALID_VALUE];
    }
    if (right === RIGHT.send) {
      // Died unnoticed: the change is judged before the port is looked at.
      if (raw.what === "port" && entry.what === "dead")
        return [K.KERN_INVALID_RIGHT, changed(raw.urefs, MOST_UREFS - 1)];
      if (entry.what !== "port" || entry.urefs === 0) return [K.KERN_INVALID_RIGHT];
      const code = changed(entry.urefs, MOST_UREFS - 1);
      if (code !== K.KERN_SUCCESS) return [code];
      entry.urefs += delta;
      const goes = entry.urefs === 0 && !entry.receive;
      const listener = goes ? this.request(entry) : undefined;
      if (goes) space.release(name);
      if (entry.urefs === 0) this.lost(entry.port);
      this.deleted(listener, name);
      return [code];
    }
    if (right === RIGHT.sendOnce) {
      const illegal = delta > 0 || delta < -1;
      if (raw.what === "once" && entry.what === "dead")
        return [K.KERN_INVALID_RIGHT, ...(illegal ? [K.KERN_INVALID_VALUE] : [])];
      if (entry.what !== "once") return [K.KERN_INVALID_RIGHT];
      if (illegal) return [K.KERN_INVALID_VALUE];
      if (delta === 0) return [K.KERN_SUCCESS];
      const listener = this.request(entry);
      space.release(name);
      this.notify(entry.port);
      this.deleted(listener, name);
      return [K.KERN_SUCCESS];
    }
    if (right !== RIGHT.deadName || entry.what !== "dead") return [K.KERN_INVALID_RIGHT];
    const code = changed(entry.urefs, MOST_UREFS);
    if (code !== K.KERN_SUCCESS) return [code];
    entry.urefs += delta;
    if (entry.urefs === 0) space.release(name);
    return [code];
  }

  getRefs(space: Space, name: number, right: number): number {
    const entry = space.look(name)!;
    if (right === RIGHT.receive) return entry.what === "port" && entry.receive ? 1 : 0;
    if (right === RIGHT.send) return entry.what === "port" ? entry.urefs : 0;
    if (right === RIGHT.sendOnce) return entry.what === "once" ? 1 : 0;
    if (right === RIGHT.portSet) return entry.what === "set" ? 1 : 0;
    return right === RIGHT.deadName && entry.what === "dead" ? entry.urefs : 0;
  }

  setQlimit(space: Space, name: number, qlimit: number): number {
    if (qlimit > 16) return K.KERN_INVALID_VALUE;
    const entry = space.look(name);
    if (!entry) return K.KERN_INVALID_NAME;
    if (entry.what !== "port" || !entry.receive) return K.KERN_INVALID_RIGHT;
    entry.port.qlimit = qlimit;
    return K.KERN_SUCCESS;
  }

  /** Whether a right of this kind could be taken from a name. */
  #can(space: Space, name: number, type: number, deadok: boolean): boolean {
    const entry = space.look(name);
    if (!entry || entry.what === "set") return false;
    if (type === MAKE_SEND || type === MAKE_SEND_ONCE || type === MOVE_RECEIVE)
      return entry.what === "port" && entry.receive;
    if (entry.what === "dead") return deadok;
    return type === MOVE_SEND_ONCE
      ? entry.what === "once"
      : entry.what === "port" && entry.urefs > 0;
  }
  /**
   * Takes it. A name without a right left is returned for release, so that order is the caller's.
   */
  #take(space: Space, name: number, type: number): Carried | typeof DEAD {
    const entry = space.look(name)!;
    if (entry.what === "dead") {
      if (type !== COPY_SEND) entry.urefs -= 1;
      return DEAD;
    }
    if (entry.what === "set") throw new Error("#take: a set");
    const { port } = entry;
    if (type === MOVE_RECEIVE && entry.what === "port") {
      entry.receive = false;
      port.set = undefined;
      port.mscount = 0;
      port.seqno = 0;
      if (entry.urefs === 0) this.deleted(this.request(entry), name);
      return { kind: "receive", port };
    }
    if (type === MAKE_SEND) port.mscount += 1;
    if (entry.what === "port" && type === MOVE_SEND) entry.urefs -= 1;
    const goes =
      entry.what === "port" ? entry.urefs === 0 && !entry.receive : type === MOVE_SEND_ONCE;
    if (goes) this.deleted(this.request(entry), name);
    if (type === MOVE_SEND_ONCE) space.names.set(name, { what: "dead", urefs: 0 });
    const once = type === MAKE_SEND_ONCE || type === MOVE_SEND_ONCE;
    return { kind: once ? "once" : "send", port };
  }
  #tidy(space: Space, name: number): void {
    const entry = space.names.get(name);
    if (!entry || entry.what === "once" || entry.what === "set") return;
    if (entry.urefs === 0 && !(entry.what === "port" && entry.receive)) space.release(name);
  }
  #put(space: Space, right: Carried): number {
    const known = right.kind === "send" ? space.nameOf(right.port) : undefined;
    const name = known ?? space.fresh();
    this.#store(space, name, right);
    return name;
  }
  #store(space: Space, name: number, right: Carried): void {
    const entry = space.names.get(name);
    if (right.kind === "receive") {
      if (entry?.what === "port") entry.receive = true;
      else space.names.set(name, { what: "port", port: right.port, receive: true, urefs: 0 });
    } else if (entry?.what === "port") entry.urefs = Math.min(entry.urefs + 1, MOST_UREFS - 1);
    else if (right.kind === "once") space.names.set(name, { what: "once", port: right.port });
    else space.names.set(name, { what: "port", port: right.port, receive: false, urefs: 1 });
  }

  insertRight(space: Space, name: number, from: number, type: number): number {
    if (type < 16 || type > 21) return K.KERN_INVALID_VALUE;
    let right: Carried | typeof NULL | typeof DEAD = NULL;
    if (from !== NULL && from !== DEAD) {
      if (!space.look(from)) return K.KERN_INVALID_NAME;
      if (!this.#can(space, from, type, true)) return K.KERN_INVALID_RIGHT;
      right = this.#take(space, from, type);
      this.#tidy(space, from);
    }
    if (name === NULL || name === DEAD) {
      if (typeof right === "object") this.drop(right);
      return K.KERN_INVALID_VALUE;
    }
    if (typeof right !== "object") return K.KERN_INVALID_CAPABILITY;
    const code = this.#insert(space, name, right);
    if (code !== K.KERN_SUCCESS) this.drop(right);
    return code;
  }
  #insert(space: Space, name: number, right: Carried): number {
    const isUsed = space.names.has(name);
    if (!isUsed && !space.claim(name)) return K.KERN_RESOURCE_SHORTAGE;
    const refuse = (code: number): number => {
      if (!isUsed) space.release(name);
      return code;
    };
    const known = right.kind === "once" ? undefined : space.nameOf(right.port);
    if (known !== undefined && known !== name) return refuse(K.KERN_RIGHT_EXISTS);
    if (known === undefined && isUsed) return K.KERN_NAME_EXISTS;
    const entry = space.names.get(name);
    const isFull = entry?.what === "port" && entry.urefs === MOST_UREFS - 1;
    if (isFull && right.kind === "send") return K.KERN_UREFS_OVERFLOW;
    this.#store(space, name, right);
    return K.KERN_SUCCESS;
  }

  /** Sends with a timeout of 0. On a timeout `words` is the message as it came back. */
  send(
    space: Space,
    destType: number,
    dest: number,
    replyType: number,
    reply: number,
    id: number,
  ): Got {
    const isSend = (type: number) => type >= MOVE_SEND && type <= MAKE_SEND_ONCE;
    if (!isSend(destType)) return { code: M.MACH_SEND_INVALID_HEADER };
    if (replyType === 0 ? reply !== NULL : !isSend(replyType))
      return { code: M.MACH_SEND_INVALID_HEADER };
    const taken = this.#takeBoth(space, destType, dest, replyType, reply);
    if (typeof taken === "number") return { code: taken };
    const message: Message = {
      destKind: taken.dest.kind,
      replyType: carriedType(replyType),
      reply: taken.reply,
      id,
      order: this.tick(),
    };
    const { port } = taken.dest;
    if (taken.dest.kind === "once" || port.queue.length < port.qlimit) {
      port.queue.push(message);
      return { code: M.MACH_MSG_SUCCESS };
    }
    const back = this.#put(space, taken.dest);
    const replyBack = this.#putOrDead(space, message.reply);
    const type = bits(PORT_SEND, message.replyType);
    return { code: M.MACH_SEND_TIMED_OUT, words: [type, 24, back, replyBack, 0, id] };
  }

  #putOrDead(space: Space, right: Message["reply"]): number {
    if (typeof right !== "object") return right;
    return right.port.alive ? this.#put(space, right) : DEAD;
  }

  #takeBoth(
    space: Space,
    destType: number,
    dest: number,
    replyType: number,
    reply: number,
  ): { readonly dest: Carried; readonly reply: Message["reply"] } | number {
    if (!space.look(dest)) return M.MACH_SEND_INVALID_DEST;
    const hasReply = reply !== NULL && reply !== DEAD;
    if (hasReply && !space.look(reply)) return M.MACH_SEND_INVALID_REPLY;
    if (hasReply && !this.#can(space, reply, replyType, true)) return M.MACH_SEND_INVALID_REPLY;
    if (!this.#can(space, dest, destType, false)) return M.MACH_SEND_INVALID_DEST;
    if (dest === reply) {
      const moves = [destType, replyType].filter((type) => type === MOVE_SEND).length;
      const onces = [destType, replyType].includes(MOVE_SEND_ONCE);
      if (onces || moves > this.getRefs(space, dest, RIGHT.send)) return M.MACH_SEND_INVALID_DEST;
    }
    const taken = this.#take(space, dest, destType) as Carried;
    // One moved and one copied right: both are there while the last reference goes.
    const entry = space.names.get(dest);
    const other =
      dest === reply && replyType === COPY_SEND && entry?.what === "port" && entry.urefs === 0
        ? taken
        : hasReply
          ? this.#take(space, reply, replyType)
          : reply;
    if (hasReply && reply !== dest) this.#tidy(space, reply);
    this.#tidy(space, dest);
    return { dest: taken, reply: other as Message["reply"] };
  }

  /** Receives with a timeout of 0; a message of `size` 24. */
  receive(space: Space, name: number, rcvSize: number, large: boolean): Got {
    const source = sourceOf(space, name);
    if ("code" in source) return source;
    const { port } = source;
    const message = port?.queue[0];
    if (!port || !message) return { code: M.MACH_RCV_TIMED_OUT };
    const size = message.item ? 32 : 24;
    if (large && rcvSize < size) return { code: M.MACH_RCV_TOO_LARGE };
    port.queue.shift();
    const seqno = port.seqno++;
    if (rcvSize < size) {
      if (message.destKind === "send") this.lost(port);
      if (typeof message.reply === "object") this.drop(message.reply);
      return { code: M.MACH_RCV_TOO_LARGE };
    }
    const remote = this.#putOrDead(space, message.reply);
    const destType = message.destKind === "send" ? PORT_SEND : PORT_SEND_ONCE;
    if (message.destKind === "send") this.lost(port);
    const head = [bits(message.replyType, destType), size, remote, source.name, seqno, message.id];
    return {
      code: M.MACH_MSG_SUCCESS,
      words: [...head, ...(message.item ?? [])],
    };
  }

  /** Gives `to` a new send right for a port that `from` receives from. */
  grant(from: Space, name: number, to: Space): number | undefined {
    const entry = from.look(name);
    if (!entry || entry.what !== "port" || !entry.receive) return undefined;
    entry.port.mscount += 1;
    return this.#put(to, { kind: "send", port: entry.port });
  }
}

function carriedType(type: number): number {
  if (type === 0) return 0;
  return type === MOVE_SEND_ONCE || type === MAKE_SEND_ONCE ? PORT_SEND_ONCE : PORT_SEND;
}
