/**
 * The vnode pager: files as memory objects, so that programs and private mappings are brought in page by
 * page, and all that map a file share its pages. It serves memory_object.defs at a port set of its own
 * with a thread of its own: whoever copies to or from a client may wait for it, with an inode locked or
 * a buffer held, so it asks for neither (`Mappable.page`). Shared mappings are mapped-files.ts's.
 * After LITES's xmm_interface.c, vnode_pager.c.
 */
import { KERN_RETURN, MACH_MSG_TYPE, MACH_PORT, MIG_RETURN } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import { UFS } from "../ufs/layout.ts";
import type { Mappable } from "../unix/call.ts";
import * as mach from "./mach.ts";
import type { ServerMemory } from "./memory.ts";
import type { Osf1 } from "./osf1.ts";
import { drive, perform } from "./perform.ts";
import type { Uthread } from "./uthread.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_MEMORY_ERROR } = KERN_RETURN;
const { MIG_NO_REPLY } = MIG_RETURN;
/** MEMORY_OBJECT_COPY_DELAY: the file is told to no copy, so the kernel may copy when it is written. */
const COPY_DELAY = 2;
/** Files that may be mapped end here: an offset is a word. */
const LAST_OFFSET = 2 ** 32 - UFS.BLOCK_SIZE;

const blockOf = (offset: number): number => offset - (offset % UFS.BLOCK_SIZE);
const pageUp = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;

/** A file that the kernel has as a memory object, or is about to. */
interface PagedFile {
  readonly object: Mappable;
  /** The memory object's port: receive right and a send right of the server's. */
  readonly port: number;
  /** The kernel's; 0 while it has no object. */
  control: number;
  /** Mappings that are just being made. */
  mapping: number;
  /** How often the file has changed. */
  changes: number;
}

/** A private mapping of a file. */
export interface FileRange {
  readonly address: number;
  readonly length: number;
  readonly anywhere: boolean;
  readonly protection: number;
  readonly object: Mappable;
  /** Whole pages. */
  readonly offset: number;
}

/** Whether a range of a file can be a memory object's. */
export const isPageable = (offset: number, length: number): boolean =>
  offset % PAGE_SIZE === 0 && offset + length <= LAST_OFFSET;

export class VnodePager {
  /** Requests for data, and pages given for them. */
  readonly counts = { requests: 0, pages: 0, errors: 0 };
  readonly #self: number;
  /** The port set of its thread. */
  readonly #set: number;
  readonly #memory: ServerMemory;
  readonly #byObject = new Map<Mappable, PagedFile>();
  readonly #byPort = new Map<number, PagedFile>();

  constructor(self: number, set: number, memory: ServerMemory) {
    this.#self = self;
    this.#set = set;
    this.#memory = memory;
  }

  /** Files that the kernel has as memory objects. */
  get size(): number {
    return this.#byPort.size;
  }

  /** Maps a copy of a file's pages into a task. */
  *map(thread: Uthread, task: number, range: FileRange): Work<mach.Answer<number>> {
    const file = yield* this.#paged(thread, range.object);
    if (file === undefined) return { kr: KERN_RETURN.KERN_RESOURCE_SHORTAGE };
    file.mapping += 1;
    try {
      return yield* mach.vm_map_copy_of(thread, task, { ...range, memoryObject: file.port });
    } finally {
      file.mapping -= 1;
    }
  }

  *#paged(thread: Uthread, object: Mappable): Work<PagedFile | undefined> {
    const known = this.#byObject.get(object);
    if (known !== undefined) return known;
    const self = this.#self;
    const made = yield* mach.mach_port_allocate(thread, self, MACH_PORT.MACH_PORT_RIGHT_RECEIVE);
    if (!("value" in made)) return undefined;
    const port = made.value;
    const { MACH_MSG_TYPE_MAKE_SEND } = MACH_MSG_TYPE;
    const right = mach.mach_port_insert_right(thread, self, port, port, MACH_MSG_TYPE_MAKE_SEND);
    yield* mach.succeed("insert_right", right);
    yield* mach.succeed("move_member", mach.mach_port_move_member(thread, self, port, this.#set));
    const raced = this.#byObject.get(object);
    if (raced !== undefined) {
      yield* mach.mach_port_destroy(thread, self, port);
      return raced;
    }
    object.hold();
    const file = { object, port, control: 0, mapping: 0, changes: 0 };
    object.changed = (offset, length) => this.#changed(file, offset, length);
    this.#byObject.set(object, file);
    this.#byPort.set(port, file);
    return file;
  }

  /** What the kernel has of a changed range goes; who looks at it asks again. */
  *#changed(file: PagedFile, offset: number, length: number): Blocking<void> {
    file.changes += 1;
    if (file.control !== 0)
      yield* perform((thread) => mach.memory_object_flush(thread, file.control, offset, length));
  }

  /** memory_object_init(memory_object, memory_control, memory_object_name, page_size). */
  *init(thread: Uthread, entry: WorkEntry): Work<number> {
    const file = this.#byPort.get(entry.argument(0));
    const control = entry.argument(1);
    yield* mach.mach_port_deallocate(thread, this.#self, entry.argument(2));
    if (file === undefined) {
      yield* mach.mach_port_deallocate(thread, this.#self, control);
      return MIG_NO_REPLY;
    }
    file.control = control;
    yield* mach.memory_object_ready(thread, control, false, COPY_DELAY);
    return MIG_NO_REPLY;
  }

  /** memory_object_data_request(memory_object, memory_control, offset, length, desired_access). */
  *dataRequest({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    const [port, control, wanted] = [entry.argument(0), entry.argument(1), entry.argument(2)];
    const file = this.#byPort.get(port);
    this.counts.requests += 1;
    if (file !== undefined) {
      const { changes } = file;
      yield* drive(thread, this.#provide(file, control, wanted), (t) => system.sleepers.settle(t));
      // What was read just before a change goes, and is asked for again.
      if (file.changes !== changes)
        yield* mach.memory_object_flush(thread, control, blockOf(wanted), UFS.BLOCK_SIZE);
    }
    yield* mach.mach_port_deallocate(thread, this.#self, control);
    return MIG_NO_REPLY;
  }

  /** Gives the kernel the block of a file that a page is in, as far as the file goes. */
  *#provide({ object }: PagedFile, control: number, wanted: number): Blocking<void> {
    const start = blockOf(wanted);
    const length = Math.min(UFS.BLOCK_SIZE, pageUp(object.size) - start);
    if (wanted - start >= length) return yield* this.#fail(control, wanted);
    const self = this.#self;
    const room = yield* perform((thread) => mach.vm_allocate(thread, self, 0, length, true));
    if (!("value" in room)) return yield* this.#fail(control, wanted);
    const memory = this.#memory;
    let at = room.value;
    try {
      yield* object.page(start, length, function* (bytes): Blocking<void> {
        const [to, from] = [at, memory.addressOf(bytes)];
        at += bytes.length;
        yield* perform(function* (thread): Work<void> {
          if (from === undefined) thread.server.memory.write(to, bytes);
          else yield* thread.call("bcopy", from, to, bytes.length);
        });
      });
    } catch (error) {
      if (!(error instanceof UnixError)) throw error;
      yield* perform((thread) => mach.vm_deallocate(thread, self, room.value, length));
      return yield* this.#fail(control, wanted);
    }
    this.counts.pages += length / PAGE_SIZE;
    yield* perform((thread) =>
      mach.memory_object_data_supply(thread, control, start, room.value, length),
    );
  }

  /** There is no such page: whoever touched it gets an exception. */
  *#fail(control: number, offset: number): Blocking<void> {
    this.counts.errors += 1;
    yield* perform((thread) =>
      mach.memory_object_data_error(thread, control, offset, PAGE_SIZE, KERN_MEMORY_ERROR),
    );
  }

  /** memory_object_terminate(memory_object, memory_control, memory_object_name): the rights are ours. */
  *terminate({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    const [port, control, name] = [entry.argument(0), entry.argument(1), entry.argument(2)];
    const file = this.#byPort.get(port);
    const isCurrent = file?.control === control;
    if (file !== undefined && isCurrent) file.control = 0;
    const self = this.#self;
    const isOver = file !== undefined && isCurrent && file.mapping === 0;
    if (isOver) {
      this.#byPort.delete(port);
      this.#byObject.delete(file.object);
      file.object.changed = undefined;
    }
    yield* mach.mach_port_destroy(thread, self, control);
    yield* mach.mach_port_destroy(thread, self, name);
    if (isOver) {
      yield* mach.mach_port_destroy(thread, self, port);
      yield* drive(thread, file.object.put(), (t) => system.sleepers.settle(t));
    } else yield* mach.mach_port_deallocate(thread, self, port);
    return MIG_NO_REPLY;
  }

  /** memory_object_data_return(memory_object, memory_control, offset, data, dataCnt, …): nobody writes to the object itself. */
  *dataReturn(thread: Uthread, entry: WorkEntry): Work<number> {
    yield* mach.vm_deallocate(thread, this.#self, entry.argument(3), entry.argument(4));
    yield* mach.mach_port_deallocate(thread, this.#self, entry.argument(1));
    return MIG_NO_REPLY;
  }
}
