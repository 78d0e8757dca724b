/**
 * The rights in a message's body, from names to ports (copyin) and back (copyout), and memory out of
 * line, of which the kernel's message has a handle. Rights out of line are refused. A failed copyin leaves nothing of the body in the message: rights that
 * were taken already are destroyed, as in Mach. After ipc_kmsg_copyin_body and
 * ipc_kmsg_copyout_body of Mach's ipc/ipc_kmsg.c.
 */
import { KERN_RETURN, MACH_MSG_RETURN, MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { current_thread } from "../kern/sched.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, threadAt } from "../kern/views.ts";
import { ipc_object_destroy } from "./destroy.ts";
import { type BodyItem, kmsgItems, kmsgMemory, kmsgRights, setItemType } from "./kmsg-items.ts";
import {
  MACH_MSGH_BITS_CIRCULAR,
  IP_VALID,
  MACH_MSG_IPC_KERNEL,
  MACH_MSG_TYPE_PORT_ANY,
  MACH_PORT_VALID,
} from "./names.ts";
import { ipc_object_copyin, ipc_object_copyin_type, ipc_object_copyout } from "./object-copy.ts";
import { ipc_port_check_circularity } from "./port.ts";

const {
  MACH_MSG_SUCCESS,
  MACH_MSG_IPC_SPACE,
  MACH_RCV_BODY_ERROR,
  MACH_MSG_VM_SPACE,
  MACH_SEND_INVALID_MEMORY,
  MACH_SEND_INVALID_RIGHT,
  MACH_SEND_INVALID_TYPE,
  MACH_SEND_NO_BUFFER,
} = MACH_MSG_RETURN;

/**
 * Purpose: copies in the body of a complex message whose header is in.
 * Returns: MACH_MSG_SUCCESS, MACH_SEND_INVALID_TYPE, MACH_SEND_MSG_TOO_SMALL, MACH_SEND_INVALID_RIGHT.
 */
export function ipc_kmsg_copyin_body(k: KernelState, kmsg: number, space: number): number {
  const header = headerAt(k, kmsg);
  const { items, mr } = kmsgItems(k, kmsg);
  const done: { readonly object: number; readonly type: number }[] = [];
  const copies: number[] = [];
  const fail = (code: number): number => {
    for (const { object, type } of done) if (IP_VALID(object)) ipc_object_destroy(k, object, type);
    for (const copy of copies) k.memory_copies?.discard(copy);
    return code;
  };
  const isRefused = ({ inline, type }: BodyItem): boolean =>
    !inline && (MACH_MSG_TYPE_PORT_ANY(type) || !k.memory_copies);
  if (items.some(isRefused)) return fail(MACH_SEND_INVALID_TYPE);
  for (const item of items) {
    if (!item.inline) {
      const copied = copyinMemory(k, item);
      if ("kr" in copied) return fail(copied.kr);
      copies.push(copied.copy);
      k.memory.write32(item.data, copied.copy);
    }
    if (!MACH_MSG_TYPE_PORT_ANY(item.type)) continue;
    const result = ipc_object_copyin_type(item.type);
    for (const address of addresses(item)) {
      const name = k.memory.read32(address);
      if (!MACH_PORT_VALID(name)) continue;
      const copied = ipc_object_copyin(k, space, name, item.type);
      if (typeof copied === "number") return fail(MACH_SEND_INVALID_RIGHT);
      done.push({ object: copied.object, type: result });
      const isReceive = result === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_RECEIVE;
      if (isReceive && ipc_port_check_circularity(k, copied.object, header.msgh_remote_port))
        header.msgh_bits = (header.msgh_bits | MACH_MSGH_BITS_CIRCULAR) >>> 0;
      k.memory.write32(address, copied.object);
    }
    setItemType(k, item, result);
  }
  return mr === 0 ? MACH_MSG_SUCCESS : fail(mr);
}

/**
 * Purpose: copies out the body of a received message; a right that finds no room is destroyed.
 * Returns: MACH_MSG_SUCCESS, or MACH_RCV_BODY_ERROR with special bits.
 */
export function ipc_kmsg_copyout_body(k: KernelState, kmsg: number, space: number): number {
  let special = 0;
  const { task } = threadAt(k, current_thread(k));
  for (const word of kmsgMemory(k, kmsg)) {
    const copy = k.memory.read32(word);
    const out = k.memory_copies?.copyout(task, copy);
    k.memory.write32(word, out && "address" in out ? out.address : 0);
    if (out && "address" in out) continue;
    k.memory_copies?.discard(copy);
    special |= MACH_MSG_VM_SPACE;
  }
  for (const { address, type } of kmsgRights(k, kmsg)) {
    const object = k.memory.read32(address);
    if (!IP_VALID(object)) continue;
    const out = ipc_object_copyout(k, space, object, type, true);
    if ("name" in out) {
      k.memory.write32(address, out.name);
      continue;
    }
    ipc_object_destroy(k, object, type);
    const isDead = out.kr === KERN_RETURN.KERN_INVALID_CAPABILITY;
    k.memory.write32(address, isDead ? MACH_PORT.MACH_PORT_DEAD : MACH_PORT.MACH_PORT_NULL);
    if (out.kr === KERN_RETURN.KERN_RESOURCE_SHORTAGE) special |= MACH_MSG_IPC_KERNEL;
    else if (!isDead) special |= MACH_MSG_IPC_SPACE;
  }
  return special === 0 ? MACH_MSG_SUCCESS : MACH_RCV_BODY_ERROR | special;
}

const addresses = ({ data, number }: BodyItem): number[] =>
  Array.from({ length: number }, (_, i) => data + 4 * i);

/** Copies an item's memory from the current task. */
function copyinMemory(
  k: KernelState,
  { data, number, size, deallocates }: BodyItem,
): { readonly copy: number } | { readonly kr: number } {
  const bytes = Math.ceil((number * size) / 8);
  const { task } = threadAt(k, current_thread(k));
  const copied = k.memory_copies?.copyin(task, k.memory.read32(data), bytes, deallocates);
  if (copied && "copy" in copied) return copied;
  const isShort = copied?.kr === KERN_RETURN.KERN_RESOURCE_SHORTAGE;
  return { kr: isShort ? MACH_SEND_NO_BUFFER : MACH_SEND_INVALID_MEMORY };
}
