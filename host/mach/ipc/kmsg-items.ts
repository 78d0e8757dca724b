/**
 * The typed items of a message's body (mach/message.h): what each descriptor says, and where its data
 * lie. The same form holds names in a task's message and ports in a kernel's.
 */
import { ipcKmsg } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN, MACH_MSGH_BITS, machMsgHeader, TYPE_DESCRIPTOR } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Bytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt } from "../kern/views.ts";
import { MACH_MSG_TYPE_PORT_ANY } from "./names.ts";

const { INLINE, LONG_FORM, DEALLOCATE, UNUSED } = TYPE_DESCRIPTOR;
const { MACH_SEND_INVALID_TYPE, MACH_SEND_MSG_TOO_SMALL } = MACH_MSG_RETURN;

/** `mach_msg_type_t` and `mach_msg_type_long_t`, bytes. */
const SHORT = 4;
const LONG = 12;
/** The greatest legal type name. */
const LAST = 22;

export interface BodyItem {
  /** Address of the descriptor. */
  readonly descriptor: number;
  readonly long: boolean;
  /** Type name, bits of an element, elements. */
  readonly type: number;
  readonly size: number;
  readonly number: number;
  readonly inline: boolean;
  /** Out of line: the sender's memory goes. */
  readonly deallocates: boolean;
  /** Address of the elements in line, or of the pointer to them. */
  readonly data: number;
}

/** The items of a message, up to the first that is wrong; then why. */
export interface BodyItems {
  readonly items: readonly BodyItem[];
  /** 0, MACH_SEND_INVALID_TYPE, MACH_SEND_MSG_TOO_SMALL. */
  readonly mr: number;
}

/** Reads a complex message's items. */
export function kmsgItems(k: KernelState, kmsg: number): BodyItems {
  const start = kmsg + ipcKmsg.offset.ikm_header;
  return messageItems(k.memory, start, start + headerAt(k, kmsg).msgh_size);
}

/** The same of a complex message anywhere, from its header's start to its end. */
export function messageItems(memory: Bytes, start: number, end: number): BodyItems {
  const items: BodyItem[] = [];
  for (let at = start + machMsgHeader.size; at < end;) {
    const item = end - at < SHORT ? MACH_SEND_MSG_TOO_SMALL : readItem(memory, at, end);
    if (typeof item === "number") return { items, mr: item };
    items.push(item);
    const bytes = item.inline ? Math.ceil((item.number * item.size) / 32) * 4 : 4;
    if (bytes > end - item.data) return { items: items.slice(0, -1), mr: MACH_SEND_MSG_TOO_SMALL };
    at = item.data + bytes;
  }
  return { items, mr: 0 };
}

function readItem(memory: Bytes, at: number, end: number): BodyItem | number {
  const word = memory.read32(at);
  const long = (word & LONG_FORM) !== 0;
  if (long && end - at < LONG) return MACH_SEND_MSG_TOO_SMALL;
  const [type, size, number] = long
    ? [memory.read16(at + 4), memory.read16(at + 6), memory.read32(at + 8)]
    : [word >>> 24, (word >>> 16) & 0xff, (word >>> 4) & 0xfff];
  const inline = (word & INLINE) !== 0;
  const deallocates = (word & DEALLOCATE) !== 0;
  const isPort = MACH_MSG_TYPE_PORT_ANY(type);
  const wrong =
    (long && word >>> 4 !== 0) ||
    (word & UNUSED) !== 0 ||
    type > LAST ||
    (isPort && size !== 32) ||
    (deallocates && inline);
  if (wrong) return MACH_SEND_INVALID_TYPE;
  return {
    descriptor: at,
    long,
    type,
    size,
    number,
    inline,
    deallocates,
    data: at + (long ? LONG : SHORT),
  };
}

/** Writes an item's type name. */
export function setItemType(k: KernelState, { descriptor, long }: BodyItem, type: number): void {
  if (long) k.memory.write16(descriptor + 4, type);
  else k.memory.write8(descriptor, type);
}

/** Says that an item's memory out of line is its receiver's. */
export function setDeallocates(k: KernelState, { descriptor }: BodyItem): void {
  k.memory.write32(descriptor, (k.memory.read32(descriptor) | DEALLOCATE) >>> 0);
}

/** The items of a kernel's message, if it is complex. */
const itemsOf = (k: KernelState, kmsg: number): readonly BodyItem[] =>
  (headerAt(k, kmsg).msgh_bits & MACH_MSGH_BITS.MACH_MSGH_BITS_COMPLEX) === 0
    ? []
    : kmsgItems(k, kmsg).items;

/** No more words are in all of the kernel's memory. */
const MOST_ELEMENTS = MEMORY_MAP.EQUIVALENT_END / 4;

/** Where the elements of an item are in kernel memory, one word each. */
export function elementsOf(k: KernelState, { inline, number, data }: BodyItem): number[] {
  const first = inline ? data : k.memory.read32(data);
  if (number > MOST_ELEMENTS) panic(`elementsOf: a message with ${number} rights`);
  return first === 0 ? [] : Array.from({ length: number }, (_, i) => first + 4 * i);
}

/** Where a kernel's message holds rights in its body, in line and out of line, and what they are. */
export function kmsgRights(
  k: KernelState,
  kmsg: number,
): { readonly address: number; readonly type: number }[] {
  return itemsOf(k, kmsg).flatMap((item) =>
    MACH_MSG_TYPE_PORT_ANY(item.type)
      ? elementsOf(k, item).map((address) => ({ address, type: item.type }))
      : [],
  );
}

/** Where a kernel's message holds memory out of line: addresses of the words with its handles. */
export function kmsgMemory(k: KernelState, kmsg: number): number[] {
  return itemsOf(k, kmsg)
    .filter(({ inline, type }) => !inline && !MACH_MSG_TYPE_PORT_ANY(type))
    .map(({ data }) => data);
}

/** A list of rights out of line: kernel memory that a kernel's message points to. */
export interface RightsList {
  /** The item that points there. */
  readonly item: BodyItem;
  readonly address: number;
  readonly bytes: number;
}

/** The lists of rights of a kernel's message; an empty one has no memory. */
export function kmsgRightsLists(k: KernelState, kmsg: number): RightsList[] {
  return itemsOf(k, kmsg)
    .filter(({ inline, type }) => !inline && MACH_MSG_TYPE_PORT_ANY(type))
    .map((item) => ({ item, address: k.memory.read32(item.data), bytes: 4 * item.number }))
    .filter(({ address }) => address !== 0);
}
