/**
 * Circular doubly linked lists in guest memory, as Mach's IPC has them: the head is one word with
 * the first element or 0, the links are two words inside each element, and first.prev is the last.
 * Kernel text walks the same lists.
 */
import { ipcKmsg, thread } from "../../abi/kernel.ts";
import type { Bytes } from "../../abi/struct.ts";

/** Offsets of an element's link words. */
export interface Links {
  readonly next: number;
  readonly prev: number;
}

/** Kmsgs waiting at a port. */
export const KMSG_LINKS: Links = { next: ipcKmsg.offset.ikm_next, prev: ipcKmsg.offset.ikm_prev };
/** Threads waiting to receive or to send. */
export const IPC_LINKS: Links = { next: thread.offset.ith_next, prev: thread.offset.ith_prev };
/** Threads on the run queue. */
export const RUN_LINKS: Links = { next: thread.offset.next, prev: thread.offset.prev };
/** Threads of a task. */
export const LIST_LINKS: Links = { next: thread.offset.list_next, prev: thread.offset.list_prev };

/** The first element, or 0. `head` is the address of the head word. */
export const queueFirst = (memory: Bytes, head: number): number => memory.read32(head);

/** Appends an element that is on no list. */
export function enqueue(memory: Bytes, head: number, links: Links, element: number): void {
  const first = memory.read32(head);
  if (first === 0) {
    memory.write32(head, element);
    memory.write32(element + links.next, element);
    memory.write32(element + links.prev, element);
    return;
  }
  const last = memory.read32(first + links.prev);
  memory.write32(element + links.next, first);
  memory.write32(element + links.prev, last);
  memory.write32(first + links.prev, element);
  memory.write32(last + links.next, element);
}

/** Puts an element that is on no list before all others. */
export function enqueueFirst(memory: Bytes, head: number, links: Links, element: number): void {
  enqueue(memory, head, links, element);
  memory.write32(head, element);
}

/** Puts an element that is on no list before the first other of which `before` is true, or last. */
export function enqueueBefore(
  memory: Bytes,
  head: number,
  links: Links,
  element: number,
  before: (other: number) => boolean,
): void {
  const first = memory.read32(head);
  const last = first === 0 ? 0 : memory.read32(first + links.prev);
  if (first === 0 || !before(last)) return enqueue(memory, head, links, element);
  let next = last;
  while (next !== first && before(memory.read32(next + links.prev)))
    next = memory.read32(next + links.prev);
  if (next === first) return enqueueFirst(memory, head, links, element);
  const prev = memory.read32(next + links.prev);
  memory.write32(element + links.next, next);
  memory.write32(element + links.prev, prev);
  memory.write32(prev + links.next, element);
  memory.write32(next + links.prev, element);
}

/** Takes an element out of the list that it is on; afterwards it is linked to itself. */
export function remqueue(memory: Bytes, head: number, links: Links, element: number): void {
  const next = memory.read32(element + links.next);
  const prev = memory.read32(element + links.prev);
  if (next === element) memory.write32(head, 0);
  else {
    if (memory.read32(head) === element) memory.write32(head, next);
    memory.write32(next + links.prev, prev);
    memory.write32(prev + links.next, next);
  }
  memory.write32(element + links.next, element);
  memory.write32(element + links.prev, element);
}

/** Takes the first element out; 0 when the list is empty. */
export function dequeue(memory: Bytes, head: number, links: Links): number {
  const first = memory.read32(head);
  if (first !== 0) remqueue(memory, head, links, first);
  return first;
}

/** All elements from the first on. */
export function queueElements(memory: Bytes, head: number, links: Links): number[] {
  const elements: number[] = [];
  const first = memory.read32(head);
  if (first === 0) return elements;
  let element = first;
  do {
    elements.push(element);
    element = memory.read32(element + links.next);
  } while (element !== first);
  return elements;
}
