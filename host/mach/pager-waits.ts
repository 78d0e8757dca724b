/**
 * Calls that touch memory which its pager has to bring first. Between two instructions a slow path
 * cannot wait: what a call reads is brought in before the call begins (`bringIn`), and what it writes
 * and cannot yet is kept, and written before its thread goes on (`settle`). In Mach the copies
 * themselves wait, in the middle of the call. Messages of kernel text that end here have their data
 * in a kmsg, and go the same way.
 */
import {
  KERN_RETURN,
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  MACH_TRAP,
  machMsgHeader,
  VM_PROT,
} from "../abi/mach.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { ArrayBytes } from "../abi/struct.ts";
import { type BodyItem, messageItems } from "./ipc/kmsg-items.ts";
import type { Kernel } from "./kernel.ts";
import type { Ending, Procedure } from "./kern/procedure.ts";
import type { Resumption } from "./kern/state.ts";
import { threadAt } from "./kern/views.ts";
import { machTrap } from "./traps.ts";
import { preparedKey } from "./vm/kernel-vm.ts";
import { vm_map_copy_discard, vm_map_copyin } from "./vm/vm-map-copy.ts";
import { entryIndex, truncPage, vm_map_lookup_entry, type VmMap } from "./vm/vm-map.ts";
import type { VmObject } from "./vm/vm-object.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_INVALID_ADDRESS } = KERN_RETURN;
const { MACH_RCV_INVALID_DATA, MACH_SEND_INVALID_DATA } = MACH_MSG_RETURN;
const { TRAP_MACH_MSG, TRAP_VM_ALLOCATE, TRAP_VM_MAP } = MACH_TRAP;

/** Which argument of a trap points to a word that it reads and writes. */
const POINTERS: Readonly<Record<number, number>> = { [TRAP_VM_ALLOCATE]: 1, [TRAP_VM_MAP]: 1 };

/** The longest message that is looked at for memory out of line before it is copied in. */
const MESSAGE_MAX = 65536;

/**
 * Purpose: what a trap has to wait for before it can begin.
 * Returns: a procedure that does, and then calls; undefined: there is nothing to wait for.
 */
export function bringIn(
  k: Kernel,
  number: number,
  args: readonly number[],
): Procedure<Ending> | undefined {
  const { task } = threadAt(k, k.cpu.active_thread);
  const map = k.vmMapOf(task);
  if (number >>> 0 === TRAP_MACH_MSG)
    return sendsPaged(k, task, map, args) ? send(k, args) : undefined;
  const pointer = args[POINTERS[number >>> 0] ?? args.length];
  return pointer !== undefined && hasPager(map, pointer, 4)
    ? callWith(k, number, args, pointer)
    : undefined;
}

/** A message that could not be read may be a pager's to bring in: wait for it, and send it anew. */
export function* sendAgain(k: Kernel, args: readonly number[]): Procedure<Ending> {
  const { task } = threadAt(k, k.cpu.active_thread);
  const [message = 0, , size = 0] = args;
  const kr = yield* k.faultIn(task, message, size, "read");
  return kr === KERN_SUCCESS ? yield* send(k, args) : MACH_SEND_INVALID_DATA;
}

function* callWith(
  k: Kernel,
  number: number,
  args: readonly number[],
  pointer: number,
): Procedure<Ending> {
  const thread = k.cpu.active_thread;
  yield* k.faultIn(threadAt(k, thread).task, pointer, 4, "write");
  return machTrap(k, thread, number, args);
}

/** The items of a message that a task is about to send, which are out of line. */
function farItems(k: Kernel, task: number, [message = 0, , size = 0]: readonly number[]) {
  const bytes = size <= MESSAGE_MAX ? k.copyin(task, message, size) : undefined;
  const memory = bytes && new ArrayBytes(bytes);
  if (!memory || size < machMsgHeader.size || memory.read32(0) >>> 31 === 0) return [];
  return messageItems(memory, 0, size)
    .items.filter(({ inline }) => !inline)
    .map((item) => ({ address: memory.read32(item.data), bytes: bytesOf(item) }));
}
const bytesOf = ({ number, size }: BodyItem): number => Math.ceil((number * size) / 8);

/** Whether a message has memory out of line that only a pager's answers can copy. */
function sendsPaged(k: Kernel, task: number, map: VmMap, args: readonly number[]): boolean {
  if (((args[1] ?? 0) & MACH_MSG_OPTION.MACH_SEND_MSG) === 0) return false;
  return farItems(k, task, args).some(({ address, bytes }) => hasPager(map, address, bytes));
}

/** Sends a message whose memory out of line is copied first, waiting for pagers. */
function* send(k: Kernel, args: readonly number[]): Procedure<Ending> {
  const thread = k.cpu.active_thread;
  const { task } = threadAt(k, thread);
  const copies = new Map<string, number>();
  try {
    for (const { address, bytes } of farItems(k, task, args)) {
      const map = k.vmMapOf(task);
      if (address + bytes > 2 ** 32 || !hasPager(map, address, bytes)) continue;
      const copied = yield* vm_map_copyin(k.vm, map, address, bytes, false);
      if ("kr" in copied) break; // the call itself will find out
      copies.set(preparedKey(address, bytes), copied.copy);
    }
    k.vm.prepared = copies;
    return machTrap(k, thread, TRAP_MACH_MSG, args);
  } finally {
    k.vm.prepared = undefined;
    for (const copy of copies.values()) vm_map_copy_discard(k.vm, copy);
  }
}

/** Whether a pager may have to be asked for a part of a range. */
function hasPager(map: VmMap, address: number, length: number): boolean {
  const isPaged = (object: VmObject | undefined): boolean =>
    object !== undefined && (object.pager !== undefined || isPaged(object.shadow));
  for (let i = entryIndex(map, address); i < map.entries.length; i++) {
    const { start, object } = map.entries[i]!;
    if (start >= address + length) return false;
    if (isPaged(object)) return true;
  }
  return false;
}

/**
 * Purpose: keeps what a call of the current thread could not write, if all of it may be written once
 * pagers have brought the pages.
 * Returns: whether it does; the call then goes on as if it were written.
 */
export function postponeWrite(
  k: Kernel,
  task: number,
  address: number,
  bytes: Uint8Array,
): boolean {
  const thread = k.cpu.active_thread;
  if (thread === 0 || threadAt(k, thread).task !== task) return false;
  const map = k.vmMapOf(task);
  if (address + bytes.length > 2 ** 32 || !hasPager(map, address, bytes.length)) return false;
  for (let page = truncPage(address); page < address + bytes.length; page += PAGE_SIZE) {
    const entry = vm_map_lookup_entry(map, page);
    if (!entry || (entry.protection & VM_PROT.VM_PROT_WRITE) === 0) return false;
  }
  const { postponed } = k.procedures;
  postponed.set(thread, [...(postponed.get(thread) ?? []), { address, bytes }]);
  return true;
}

/**
 * Writes what a thread's call could not write; then the thread goes on as it would have, or, when a
 * pager has failed, with the code of a call that cannot write its results.
 */
export function* writePostponed(
  k: Kernel,
  { kind, ...rest }: Exclude<Resumption, "idle">,
): Procedure<Ending> {
  const thread = k.cpu.active_thread;
  const { task } = threadAt(k, thread);
  const writes = k.procedures.postponed.get(thread) ?? [];
  k.procedures.postponed.delete(thread);
  for (const { address, bytes } of writes) {
    const kr = yield* k.faultIn(task, address, bytes.length, "write");
    const isDone = kr === KERN_SUCCESS && k.copyout(task, address, bytes);
    k.procedures.postponed.delete(thread);
    if (isDone || kind !== "return") continue;
    return bytes.length < machMsgHeader.size ? KERN_INVALID_ADDRESS : MACH_RCV_INVALID_DATA;
  }
  return "returnCode" in rest ? rest.returnCode : "resume";
}
