/**
 * The server's Mach calls about memory objects: mapping them, and what a pager tells the kernel of its
 * own (mach.defs), which are messages without an answer. As those of mach.ts each runs its stub.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Work } from "../../mach/interface.ts";
import { type Answer, wordOf } from "./mach.ts";
import type { Uthread } from "./uthread.ts";

/** To memory_object_lock_request: what is allowed stays. */
const VM_PROT_NO_CHANGE = 8;
/** To the same: which pages come back (`memory_object_return_t`). */
const [MEMORY_OBJECT_RETURN_NONE, MEMORY_OBJECT_RETURN_DIRTY] = [0, 1];
/**
 * How an object's pages are copied (`memory_object_copy_strategy_t`): at once, as they may change under
 * whoever copies; or each before it is written, as the pager tells the kernel of what it changes.
 */
export const [MEMORY_OBJECT_COPY_NONE, MEMORY_OBJECT_COPY_DELAY] = [0, 2];

/** Maps a memory object's own pages, which all that map it share, or a copy of them. */
export const vm_map_object = (
  thread: Uthread,
  task: number,
  wanted: {
    readonly memoryObject: number;
    readonly offset: number;
    readonly address: number;
    readonly length: number;
    readonly anywhere: boolean;
    readonly copy: boolean;
    readonly protection: number;
    /** The most that the task may ever allow itself. */
    readonly most: number;
    readonly inheritance: number;
  },
): Work<Answer<number>> =>
  wordOf(
    thread,
    "vm_map",
    (place) => [
      ...[task, place, wanted.length, 0, Number(wanted.anywhere), wanted.memoryObject],
      ...[wanted.offset, Number(wanted.copy), wanted.protection, wanted.most, wanted.inheritance],
    ],
    wanted.address,
  );

export const memory_object_ready = (
  thread: Uthread,
  control: number,
  mayCache: boolean,
  copyStrategy: number,
): Work<number> => thread.call("r_memory_object_ready", control, Number(mayCache), copyStrategy);

/** Whether the kernel keeps the object when nobody maps it (memory_object_change_attributes). */
export const memory_object_keep = (
  thread: Uthread,
  control: number,
  mayCache: boolean,
): Work<number> =>
  thread.call(
    "r_memory_object_change_attributes",
    ...[control, Number(mayCache), MEMORY_OBJECT_COPY_DELAY, 0],
  );

/** Gives data that lie in whole pages of the server's, which go with them. */
export const memory_object_data_supply = (
  thread: Uthread,
  control: number,
  offset: number,
  data: number,
  size: number,
): Work<number> =>
  thread.call("r_memory_object_data_supply", control, offset, data, size, 1, 0, 0, 0);

export const memory_object_data_error = (
  thread: Uthread,
  control: number,
  offset: number,
  size: number,
): Work<number> =>
  thread.call("r_memory_object_data_error", control, offset, size, KERN_RETURN.KERN_MEMORY_ERROR);

/** Takes pages of a range from the kernel, unseen. */
export const memory_object_flush = (
  thread: Uthread,
  control: number,
  offset: number,
  size: number,
): Work<number> =>
  thread.call(
    "r_memory_object_lock_request",
    ...[control, offset, size, MEMORY_OBJECT_RETURN_NONE, 1, VM_PROT_NO_CHANGE, 0],
  );

/** Has the changed pages of a range come back; those that do not leave the kernel with it are kept unchanged. */
export const memory_object_clean = (
  thread: Uthread,
  control: number,
  offset: number,
  size: number,
  flushes: boolean,
  /** Where the kernel tells that all have been sent; 0: nowhere. */
  replyTo: number,
): Work<number> =>
  thread.call(
    "r_memory_object_lock_request",
    ...[control, offset, size, MEMORY_OBJECT_RETURN_DIRTY, Number(flushes)],
    ...[VM_PROT_NO_CHANGE, replyTo],
  );
