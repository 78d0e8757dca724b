/**
 * Message buffers in kernel memory. A message of up to 240 bytes lies in a buffer of 256 bytes, one
 * of which the processor keeps at hand in `ipc_kmsg_cache`: only a successful or failed *put* gives
 * a buffer back to it, every other end frees the buffer, as in Mach, so that hot path and slow path
 * share it. Larger messages come from kalloc. A kmsg here holds no rights; see `destroy.ts`. After
 * the buffer part of Mach's ipc/ipc_kmsg.c.
 */
import { IKM, ipcKmsg } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN, machMsgHeader } from "../../abi/mach.ts";
import { current_thread } from "../kern/sched.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, kmsgAt, readWords, threadAt, writeWords } from "../kern/views.ts";
import { NULL } from "./names.ts";

const { IKM_OVERHEAD, IKM_SAVED_KMSG_SIZE, IKM_SAVED_MSG_SIZE } = IKM;
const { MACH_MSG_SUCCESS, MACH_SEND_INVALID_DATA, MACH_SEND_MSG_TOO_SMALL, MACH_SEND_NO_BUFFER } =
  MACH_MSG_RETURN;

/** A message just copied in. */
export interface NewKmsg {
  readonly kmsg: number;
}

/**
 * Purpose: allocates a buffer for a message of `size` bytes, header included.
 * Returns: the kmsg, its own fields set and on no queue, or 0 when there is no memory.
 */
export function ikm_alloc(k: KernelState, size: number): number {
  const kmsg = k.kalloc(size + IKM_OVERHEAD);
  if (kmsg !== NULL) ikm_init(k, kmsg, size + IKM_OVERHEAD);
  return kmsg;
}

/** Frees a buffer; never gives it to the cache. */
export function ikm_free(k: KernelState, kmsg: number): void {
  k.kfree(kmsg, kmsgAt(k, kmsg).ikm_size);
}

function ikm_init(k: KernelState, kmsg: number, size: number): void {
  const view = kmsgAt(k, kmsg);
  view.ikm_next = NULL;
  view.ikm_prev = NULL;
  view.ikm_size = size;
  view.ikm_marequest = NULL;
}

/**
 * Purpose: gets a buffer and copies the current task's message into it, names and all.
 * Returns: the kmsg, with `msgh_size` set to `size`, or MACH_SEND_MSG_TOO_SMALL (smaller than a
 * header, or not whole words), MACH_SEND_NO_BUFFER (no memory, or larger than any buffer),
 * MACH_SEND_INVALID_DATA (the message cannot be read).
 */
export function ipc_kmsg_get(k: KernelState, msg: number, size: number): NewKmsg | number {
  if (size < machMsgHeader.size || size % 4 !== 0) return MACH_SEND_MSG_TOO_SMALL;
  let kmsg: number = NULL;
  if (size <= IKM_SAVED_MSG_SIZE) {
    kmsg = k.cpu.ipc_kmsg_cache;
    k.cpu.ipc_kmsg_cache = NULL;
  }
  if (kmsg === NULL) kmsg = ikm_alloc(k, Math.max(size, IKM_SAVED_MSG_SIZE));
  if (kmsg === NULL) return MACH_SEND_NO_BUFFER;
  const bytes = k.copyin(threadAt(k, current_thread(k)).task, msg, size);
  if (bytes === undefined) {
    ikm_free(k, kmsg);
    return MACH_SEND_INVALID_DATA;
  }
  writeWords(k.memory, kmsg + ipcKmsg.offset.ikm_header, bytes);
  headerAt(k, kmsg).msgh_size = size;
  return { kmsg };
}

/**
 * Purpose: copies the first `size` bytes of a message to the current task and gives up the buffer,
 * to the cache if that is empty and the buffer fits it.
 * Returns: MACH_MSG_SUCCESS, or MACH_RCV_INVALID_DATA: the task's buffer cannot be written.
 */
export function ipc_kmsg_put(k: KernelState, msg: number, kmsg: number, size: number): number {
  const bytes = readWords(k.memory, kmsg + ipcKmsg.offset.ikm_header, size);
  const done = k.copyout(threadAt(k, current_thread(k)).task, msg, bytes);
  if (kmsgAt(k, kmsg).ikm_size === IKM_SAVED_KMSG_SIZE && k.cpu.ipc_kmsg_cache === NULL)
    k.cpu.ipc_kmsg_cache = kmsg;
  else ikm_free(k, kmsg);
  return done ? MACH_MSG_SUCCESS : MACH_MSG_RETURN.MACH_RCV_INVALID_DATA;
}
