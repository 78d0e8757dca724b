/**
 * The body of a complex message, from names to ports (copyin) and back (copyout). Memory out of line is
 * a handle in the kernel's message, a list of rights out of line a piece of kernel memory that the
 * message owns. A failed copyin leaves nothing of the body in the message: rights that were taken
 * already are destroyed, as in Mach. After ipc_kmsg_copyin_body and
 * ipc_kmsg_copyout_body of Mach's ipc/ipc_kmsg.c.
 */
import {
  KERN_RETURN,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_MSGH_BITS,
  MACH_PORT,
} from "../../abi/mach.ts";
import { current_thread } from "../kern/sched.ts";
import type { KernelState, MemoryCopies } from "../kern/state.ts";
import { headerAt, readWords, threadAt, writeWords } from "../kern/views.ts";
import { ipc_object_destroy } from "./destroy.ts";
import {
  type BodyItem,
  elementsOf,
  kmsgItems,
  kmsgMemory,
  kmsgRights,
  kmsgRightsLists,
  setDeallocates,
  setItemType,
} from "./kmsg-items.ts";
import {
  MACH_MSGH_BITS_CIRCULAR,
  IP_VALID,
  MACH_MSG_IPC_KERNEL,
  MACH_MSG_TYPE_PORT_ANY,
  MACH_PORT_VALID,
  NULL,
} from "./names.ts";
import { ipc_object_copyin, ipc_object_copyin_type, ipc_object_copyout } from "./object-copy.ts";
import { ipc_port_check_circularity } from "./port.ts";

const {
  MACH_MSG_SUCCESS,
  MACH_MSG_IPC_SPACE,
  MACH_MSG_VM_KERNEL,
  MACH_RCV_BODY_ERROR,
  MACH_MSG_VM_SPACE,
  MACH_SEND_INVALID_MEMORY,
  MACH_SEND_INVALID_RIGHT,
  MACH_SEND_INVALID_TYPE,
  MACH_SEND_NO_BUFFER,
} = MACH_MSG_RETURN;
const { MACH_MSGH_BITS_COMPLEX } = MACH_MSGH_BITS;
const { KERN_INVALID_CAPABILITY, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

const current_task = (k: KernelState): number => threadAt(k, current_thread(k)).task;

/** What a copyin has taken so far. */
interface Taken {
  readonly rights: { readonly object: number; readonly type: number }[];
  readonly copies: number[];
  readonly lists: { readonly address: number; readonly bytes: number }[];
}

/**
 * Purpose: copies in the body of a complex message whose header is in. One without rights or memory
 * out of line is not complex afterwards.
 * Returns: MACH_MSG_SUCCESS, MACH_SEND_INVALID_TYPE, MACH_SEND_MSG_TOO_SMALL, MACH_SEND_INVALID_RIGHT,
 * MACH_SEND_INVALID_MEMORY, MACH_SEND_NO_BUFFER.
 */
export function ipc_kmsg_copyin_body(k: KernelState, kmsg: number, space: number): number {
  const header = headerAt(k, kmsg);
  const { items, mr } = kmsgItems(k, kmsg);
  const taken: Taken = { rights: [], copies: [], lists: [] };
  if (items.some(({ inline }) => !inline) && !k.memory_copies) return MACH_SEND_INVALID_TYPE;
  const fail = (code: number): number => {
    for (const { object, type } of taken.rights)
      if (IP_VALID(object)) ipc_object_destroy(k, object, type);
    for (const { address, bytes } of taken.lists) k.kfree(address, bytes);
    for (const copy of taken.copies) k.memory_copies?.discard(copy);
    return code;
  };
  for (const item of items) {
    const isRights = MACH_MSG_TYPE_PORT_ANY(item.type);
    const far = item.inline ? MACH_MSG_SUCCESS : copyinFar(k, item, isRights, taken);
    if (far !== MACH_MSG_SUCCESS) return fail(far);
    const code = isRights ? copyinRights(k, kmsg, space, item, taken) : MACH_MSG_SUCCESS;
    if (code !== MACH_MSG_SUCCESS) return fail(code);
  }
  if (mr !== 0) return fail(mr);
  if (items.every(({ inline, type }) => inline && !MACH_MSG_TYPE_PORT_ANY(type)))
    header.msgh_bits = (header.msgh_bits & ~MACH_MSGH_BITS_COMPLEX) >>> 0;
  return MACH_MSG_SUCCESS;
}

/** Brings what an item points to into the kernel, names and all. */
function copyinFar(k: KernelState, item: BodyItem, isRights: boolean, taken: Taken): number {
  const address = k.memory.read32(item.data);
  const bytes = Math.ceil((item.number * item.size) / 8);
  setDeallocates(k, item);
  return isRights
    ? copyinList(k, item, address, bytes, taken)
    : copyinMemory(k, item, address, bytes, taken);
}

function copyinList(
  k: KernelState,
  { data, deallocates }: BodyItem,
  address: number,
  bytes: number,
  { lists }: Taken,
): number {
  k.memory.write32(data, NULL);
  if (bytes === 0) return MACH_MSG_SUCCESS;
  const list = k.kalloc(bytes);
  if (list === NULL) return MACH_SEND_NO_BUFFER;
  lists.push({ address: list, bytes });
  const names = k.copyin(current_task(k), address, bytes);
  if (!names) return MACH_SEND_INVALID_MEMORY;
  if (deallocates) k.memory_copies?.deallocate(current_task(k), address, bytes);
  writeWords(k.memory, list, names);
  k.memory.write32(data, list);
  return MACH_MSG_SUCCESS;
}

function copyinMemory(
  k: KernelState,
  { data, deallocates }: BodyItem,
  address: number,
  bytes: number,
  { copies }: Taken,
): number {
  const copied = k.memory_copies?.copyin(current_task(k), address, bytes, deallocates);
  if (!copied || !("copy" in copied))
    return copied?.kr === KERN_RESOURCE_SHORTAGE ? MACH_SEND_NO_BUFFER : MACH_SEND_INVALID_MEMORY;
  copies.push(copied.copy);
  k.memory.write32(data, copied.copy);
  return MACH_MSG_SUCCESS;
}

function copyinRights(
  k: KernelState,
  kmsg: number,
  space: number,
  item: BodyItem,
  { rights }: Taken,
): number {
  const header = headerAt(k, kmsg);
  const type = ipc_object_copyin_type(item.type);
  for (const address of elementsOf(k, item)) {
    const name = k.memory.read32(address);
    if (!MACH_PORT_VALID(name)) continue;
    const copied = ipc_object_copyin(k, space, name, item.type);
    if (typeof copied === "number") return MACH_SEND_INVALID_RIGHT;
    rights.push({ object: copied.object, type });
    const isReceive = type === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_RECEIVE;
    if (isReceive && ipc_port_check_circularity(k, copied.object, header.msgh_remote_port))
      header.msgh_bits = (header.msgh_bits | MACH_MSGH_BITS_CIRCULAR) >>> 0;
    k.memory.write32(address, copied.object);
  }
  setItemType(k, item, type);
  return MACH_MSG_SUCCESS;
}

/**
 * Purpose: copies out the body of a received message; a right that finds no room is destroyed, as are
 * all rights of a list for which the task has no room.
 * Returns: MACH_MSG_SUCCESS, or MACH_RCV_BODY_ERROR with special bits.
 */
export function ipc_kmsg_copyout_body(k: KernelState, kmsg: number, space: number): number {
  const { memory_copies: copies } = k;
  const special = copies ? copyoutFar(k, kmsg, space, copies) : copyoutRights(k, kmsg, space);
  return special === 0 ? MACH_MSG_SUCCESS : MACH_RCV_BODY_ERROR | special;
}

/** The same where there may be memory out of line. Returns special bits. */
function copyoutFar(k: KernelState, kmsg: number, space: number, copies: MemoryCopies): number {
  const lists = kmsgRightsLists(k, kmsg);
  let special = 0;
  const task = current_task(k);
  for (const word of kmsgMemory(k, kmsg)) {
    const copy = k.memory.read32(word);
    const out = copies.copyout(task, copy);
    k.memory.write32(word, "address" in out ? out.address : 0);
    if ("address" in out) continue;
    copies.discard(copy);
    special |= MACH_MSG_VM_SPACE;
  }
  // Rooms first: a list that finds none takes its rights with it, and no name is made.
  const rooms = lists.map((list) => ({ ...list, ...roomFor(task, list.bytes, copies) }));
  for (const { item, bytes, address, room, special: why } of rooms) {
    special |= why;
    if (room !== undefined) continue;
    for (const right of elementsOf(k, item)) {
      const object = k.memory.read32(right);
      if (IP_VALID(object)) ipc_object_destroy(k, object, item.type);
    }
    k.kfree(address, bytes);
    k.memory.write32(item.data, NULL);
  }
  special |= copyoutRights(k, kmsg, space);
  for (const { item, address, bytes, room } of rooms) {
    if (room === undefined) continue;
    if (!k.copyout(task, room, readWords(k.memory, address, bytes))) special |= MACH_MSG_VM_KERNEL;
    k.kfree(address, bytes);
    k.memory.write32(item.data, room);
  }
  return special;
}

/** Memory in a task for a list of rights; or the special bit that says why there is none. */
function roomFor(
  task: number,
  bytes: number,
  copies: MemoryCopies,
): { readonly room: number | undefined; readonly special: number } {
  const made = copies.ofBytes(new Uint8Array(bytes));
  if ("kr" in made) return { room: undefined, special: MACH_MSG_VM_KERNEL };
  const out = copies.copyout(task, made.copy);
  if ("address" in out) return { room: out.address, special: 0 };
  copies.discard(made.copy);
  return { room: undefined, special: MACH_MSG_VM_SPACE };
}

/** Puts a message's rights into a space, names in their places. Returns special bits. */
function copyoutRights(k: KernelState, kmsg: number, space: number): number {
  let special = 0;
  for (const { address, type } of kmsgRights(k, kmsg)) {
    const object = k.memory.read32(address);
    if (!IP_VALID(object)) continue;
    const out = ipc_object_copyout(k, space, object, type, true);
    if ("name" in out) {
      k.memory.write32(address, out.name);
      continue;
    }
    ipc_object_destroy(k, object, type);
    const isDead = out.kr === KERN_INVALID_CAPABILITY;
    k.memory.write32(address, isDead ? MACH_PORT.MACH_PORT_DEAD : MACH_PORT.MACH_PORT_NULL);
    if (out.kr === KERN_RESOURCE_SHORTAGE) special |= MACH_MSG_IPC_KERNEL;
    else if (!isDead) special |= MACH_MSG_IPC_SPACE;
  }
  return special;
}
