/**
 * The invariants of Mach's comments, executable: walks over kernel memory that say what is wrong in
 * words, and never repair anything. They hold whenever no slow path is running. `checkSpace` and
 * `checkPort` look at one object; what takes counting over all of them is in `census.ts`.
 */
import { CONTINUATION, IE, ipcEntry, ipcPort, TH } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN } from "../../abi/mach.ts";
import { IPC_LINKS, KMSG_LINKS, queueFirst, type Links } from "../kern/queue.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, headerAt, portAt, psetAt, spaceAt, threadAt } from "../kern/views.ts";
import { ipc_hash_lookup } from "./hash.ts";
import { ownMqueue, setMqueue, threadsOf } from "./mqueue.ts";
import { IE_BITS_GEN, IE_BITS_TYPE, MACH_PORT_UREFS_MAX, NULL } from "./names.ts";
import { ip_active } from "./object.ts";
import { spaceEntries } from "./space-entries.ts";

const {
  IE_BITS_DEAD_NAME,
  IE_BITS_PORT_SET,
  IE_BITS_RECEIVE,
  IE_BITS_SEND,
  IE_BITS_SEND_ONCE,
  IE_BITS_SEND_RECEIVE,
} = IE;

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** Elements of a circular list, and what is wrong with its links. Stops at a broken link. */
export function walkQueue(
  k: KernelState,
  head: number,
  links: Links,
): { readonly elements: number[]; readonly problems: string[] } {
  const elements: number[] = [];
  const first = queueFirst(k.memory, head);
  if (first === NULL) return { elements, problems: [] };
  for (let element = first; ;) {
    elements.push(element);
    const next = k.memory.read32(element + links.next);
    if (next === NULL || k.memory.read32(next + links.prev) !== element)
      return { elements, problems: [`list at ${hex(head)}: broken after ${hex(element)}`] };
    if (next === first) return { elements, problems: [] };
    if (elements.includes(next))
      return { elements, problems: [`list at ${hex(head)}: never returns to its first`] };
    element = next;
  }
}

/** Problems of a space's table: free list, entries' bits, objects, reverse hash. */
export function checkSpace(k: KernelState, space: number): string[] {
  const { is_table: table, is_table_size: size, is_active } = spaceAt(k, space);
  if (is_active === 0) return table === NULL ? [] : [`dead space ${hex(space)} has a table`];
  const problems: string[] = [];
  const say = (what: string) => problems.push(`space ${hex(space)}: ${what}`);
  const free = new Set<number>();
  for (let i = entryAt(k, table).ie_next; i !== 0;) {
    if (i >= size || free.has(i)) {
      say(`free list reaches ${i} twice or out of ${size}`);
      break;
    }
    free.add(i);
    i = entryAt(k, table + i * ipcEntry.size).ie_next;
  }
  for (let i = 1; i < size; i++) {
    const { ie_bits, ie_object, ie_next } = entryAt(k, table + i * ipcEntry.size);
    const isUsed = IE_BITS_TYPE(ie_bits) !== 0;
    if (isUsed === free.has(i)) say(`entry ${i} is ${isUsed ? "used and free" : "lost"}`);
    // The word of `ie_next` is a used entry's dead-name request; what has no port has none.
    if (isUsed && ie_object === NULL && ie_next !== 0) say(`entry ${i} has a request: ${ie_next}`);
    if (!isUsed && (ie_object !== NULL || ie_bits !== IE_BITS_GEN(ie_bits)))
      say(`free entry ${i} holds ${hex(ie_bits)}`);
  }
  let sends = 0;
  for (const { name, type, urefs, object } of spaceEntries(k, space)) {
    const at = `name ${hex(name)}`;
    if ((object === NULL) !== (type === IE_BITS_DEAD_NAME)) say(`${at}: object ${hex(object)}`);
    if (!legalUrefs(type, urefs)) say(`${at}: type ${hex(type)} with ${urefs} user references`);
    if (type === IE_BITS_SEND) {
      sends += 1;
      if (ipc_hash_lookup(k, space, object) !== name >>> 8) say(`${at}: not in the reverse hash`);
    }
    if (type === IE_BITS_PORT_SET && psetAt(k, object).ips_local_name !== name)
      say(`${at}: the port set does not know`);
    if ((type & IE_BITS_RECEIVE) === 0) continue;
    const { ip_receiver, ip_receiver_name } = portAt(k, object);
    if (ip_receiver !== space || ip_receiver_name !== name) say(`${at}: the port does not know`);
  }
  let hashed = 0;
  for (let i = 0; i < size; i++)
    if (entryAt(k, table + i * ipcEntry.size).ie_hash !== 0) hashed += 1;
  if (hashed !== sends) say(`${hashed} hash slots for ${sends} send rights`);
  return problems;
}

function legalUrefs(type: number, urefs: number): boolean {
  switch (type) {
    case IE_BITS_RECEIVE:
    case IE_BITS_PORT_SET:
      return urefs === 0;
    case IE_BITS_SEND:
    case IE_BITS_SEND_RECEIVE:
      return urefs > 0 && urefs < MACH_PORT_UREFS_MAX;
    case IE_BITS_SEND_ONCE:
      return urefs === 1;
    case IE_BITS_DEAD_NAME:
      return urefs > 0;
    default:
      return false;
  }
}

/** Problems of a port by itself: its lists and who waits on them. */
export function checkPort(k: KernelState, port: number): string[] {
  const problems: string[] = [];
  const say = (what: string) => problems.push(`port ${hex(port)}: ${what}`);
  const view = portAt(k, port);
  const messages = walkQueue(k, ownMqueue(port), KMSG_LINKS);
  const receivers = walkQueue(k, threadsOf(ownMqueue(port)), IPC_LINKS);
  const senders = walkQueue(k, port + ipcPort.offset.ip_blocked, IPC_LINKS);
  problems.push(...messages.problems, ...receivers.problems, ...senders.problems);
  const isActive = view.ip_bits >>> 31 === 1;
  if (view.ip_references === 0) say("no references");
  if (
    !isActive &&
    messages.elements.length + receivers.elements.length + senders.elements.length > 0
  )
    say("dead, with a queue");
  if (!isActive && view.ip_pset !== NULL) say("dead, in a set");
  if (view.ip_pset !== NULL && messages.elements.length + receivers.elements.length > 0)
    say("in a set, with a queue of its own");
  if (messages.elements.length > 0 && receivers.elements.length > 0)
    say("receivers wait beside messages");
  for (const kmsg of messages.elements)
    if (headerAt(k, kmsg).msgh_remote_port !== port) say(`message ${hex(kmsg)} is not for it`);
  for (const thread of receivers.elements)
    if (k.procedures.ports.has(port)) checkProcedure(k, thread, say);
    else checkReceiver(k, thread, port, ownMqueue(port), say);
  for (const thread of senders.elements) {
    const { ith_state, ith_msize, ith_mqueue, swap_func } = threadAt(k, thread);
    const waits = ith_state === MACH_MSG_RETURN.MACH_SEND_IN_PROGRESS && isOut(k, thread);
    if (!waits || swap_func !== CONTINUATION.CONTINUATION_MACH_MSG_SEND)
      say(`sender ${hex(thread)} does not wait`);
    const isHere = ith_mqueue === port + ipcPort.offset.ip_blocked;
    if (!isHere || headerAt(k, ith_msize).msgh_remote_port !== port)
      say(`sender ${hex(thread)} is lost`);
  }
  return problems;
}

function checkReceiver(
  k: KernelState,
  thread: number,
  object: number,
  mqueue: number,
  say: (what: string) => void,
): void {
  const { ith_state, ith_object, ith_mqueue, swap_func } = threadAt(k, thread);
  const waits = ith_state === MACH_MSG_RETURN.MACH_RCV_IN_PROGRESS && isOut(k, thread);
  if (!waits) say(`receiver ${hex(thread)} does not wait`);
  if (ith_object !== object || ith_mqueue !== mqueue) say(`receiver ${hex(thread)} is lost`);
  if (!RECEIVING.includes(swap_func)) say(`receiver ${hex(thread)}: continuation ${swap_func}`);
}

/** A receiver at a port of the kernel's own waits in a procedure. */
function checkProcedure(k: KernelState, thread: number, say: (what: string) => void): void {
  const { receiving, suspended } = k.procedures;
  if (!receiving.has(thread) || !suspended.has(thread)) say(`receiver ${hex(thread)} is lost`);
}

/** Problems of a port set by itself. A dead one may still have its members' messages. */
export function checkPset(k: KernelState, pset: number): string[] {
  const problems: string[] = [];
  const say = (what: string) => problems.push(`set ${hex(pset)}: ${what}`);
  const messages = walkQueue(k, setMqueue(pset), KMSG_LINKS);
  const receivers = walkQueue(k, threadsOf(setMqueue(pset)), IPC_LINKS);
  problems.push(...messages.problems, ...receivers.problems);
  if (psetAt(k, pset).ips_references === 0) say("no references");
  if (!ip_active(k, pset) && receivers.elements.length > 0) say("dead, with receivers");
  if (messages.elements.length > 0 && receivers.elements.length > 0)
    say("receivers wait beside messages");
  for (const kmsg of messages.elements)
    if (portAt(k, headerAt(k, kmsg).msgh_remote_port).ip_pset !== pset)
      say(`message ${hex(kmsg)} is for no member`);
  for (const thread of receivers.elements) checkReceiver(k, thread, pset, setMqueue(pset), say);
  return problems;
}

/** Continuations of a thread that waits, or was woken, in a receive. */
export const RECEIVING: readonly number[] = [
  CONTINUATION.CONTINUATION_MACH_MSG,
  CONTINUATION.CONTINUATION_MACH_MSG_RECEIVE,
];

/**
 * Off the processor in the middle of a call; perhaps woken by time or an abort, and about to leave
 * the list.
 */
const isOut = (k: KernelState, thread: number): boolean =>
  (threadAt(k, thread).state & TH.TH_SWAPPED) !== 0;
