/**
 * The vnode pager: files as memory objects, so that programs and mappings are brought in page by page, all
 * that map a file share its pages, and what they store in shared ones comes back. It serves
 * memory_object.defs at a port set of its own with a thread of its own, which waits for the disk only:
 * whoever copies to or from a client may wait for it, with an inode locked or a buffer held. What takes
 * an inode a second thread does. How a file's pages go stands in paged-file.ts.
 * After LITES's xmm_interface.c, vnode_pager.c.
 */
import {
  KERN_RETURN,
  MACH_MSG_TYPE,
  MACH_PORT,
  MIG_RETURN,
  VM_INHERIT,
  VM_PROT,
} from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Mappable } from "../unix/call.ts";
import * as mach from "./mach.ts";
import * as objects from "./mach-objects.ts";
import type { ServerMemory } from "./memory.ts";
import type { Osf1 } from "./osf1.ts";
import { LAST_OFFSET, PagedFile, type Paging } from "./paged-file.ts";
import { drive, perform } from "./perform.ts";
import type { Sleepers } from "./sleep.ts";
import type { Uthread } from "./uthread.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { MIG_NO_REPLY } = MIG_RETURN;
const { VM_PROT_ALL, VM_PROT_WRITE } = VM_PROT;

/** A mapping of a file. */
export interface FileRange {
  readonly address: number;
  readonly length: number;
  readonly anywhere: boolean;
  readonly protection: number;
  readonly object: Mappable;
  /** Whole pages. */
  readonly offset: number;
  /** The file's own pages; otherwise a copy of them. */
  readonly shared?: boolean;
  /** Whether shared pages may ever be written. */
  readonly mayWrite?: boolean;
}

/** Whether a range of a file can be a memory object's. */
export const isPageable = (offset: number, length: number): boolean =>
  offset % PAGE_SIZE === 0 && offset + length <= LAST_OFFSET;

export class VnodePager {
  /** Requests for data, pages given for them and come back, and requests that failed. */
  readonly counts = { requests: 0, pages: 0, returned: 0, errors: 0 };
  readonly #self: number;
  /** The port set of its thread. */
  readonly #set: number;
  readonly #sleepers: Sleepers;
  readonly #paging: Paging;
  readonly #byObject = new Map<Mappable, PagedFile>();
  readonly #byPort = new Map<number, PagedFile>();
  /** Files that the second thread has to look at. */
  readonly #work = new Set<PagedFile>();

  constructor(self: number, set: number, memory: ServerMemory, sleepers: Sleepers) {
    this.#self = self;
    this.#set = set;
    this.#sleepers = sleepers;
    const { counts } = this;
    const later = (file: PagedFile): void => this.#later(file);
    this.#paging = { self, memory, sleepers, counts, later };
  }

  /** Files that the kernel has as memory objects. */
  get size(): number {
    return this.#byPort.size;
  }

  /** Maps a file's pages, or a copy of them, into a task. */
  *map(thread: Uthread, task: number, range: FileRange): Work<mach.Answer<number>> {
    const file = yield* this.#paged(thread, range.object);
    if (file === undefined) return { kr: KERN_RETURN.KERN_RESOURCE_SHORTAGE };
    file.mapping += 1;
    try {
      const { shared = false, mayWrite = false } = range;
      if (shared && mayWrite) {
        yield* file.beginStores(thread);
        // What is stored shall come back when nobody maps the file any more.
        yield* drive(thread, file.unkeep(), this.#sleepers);
      }
      const most = shared && !mayWrite ? VM_PROT_ALL & ~VM_PROT_WRITE : VM_PROT_ALL;
      const inheritance = shared ? VM_INHERIT.VM_INHERIT_SHARE : VM_INHERIT.VM_INHERIT_COPY;
      const how = { memoryObject: file.port, copy: !shared, most, inheritance };
      return yield* objects.vm_map_object(thread, task, { ...range, ...how });
    } finally {
      file.mapping -= 1;
    }
  }

  *#paged(thread: Uthread, object: Mappable): Work<PagedFile | undefined> {
    for (;;) {
      const known = this.#byObject.get(object);
      if (known?.isOver === false) return known;
      if (known === undefined) break;
      yield* this.#sleepers.sleep(thread, known);
    }
    const self = this.#self;
    const made = yield* mach.mach_port_allocate(thread, self, MACH_PORT.MACH_PORT_RIGHT_RECEIVE);
    if (!("value" in made)) return undefined;
    const port = made.value;
    const { MACH_MSG_TYPE_MAKE_SEND } = MACH_MSG_TYPE;
    const right = mach.mach_port_insert_right(thread, self, port, port, MACH_MSG_TYPE_MAKE_SEND);
    yield* mach.succeed("insert_right", right);
    yield* mach.succeed("move_member", mach.mach_port_move_member(thread, self, port, this.#set));
    if (this.#byObject.has(object)) {
      yield* mach.mach_port_destroy(thread, self, port);
      return yield* this.#paged(thread, object);
    }
    object.hold();
    const file = new PagedFile(this.#paging, object, port);
    object.cache = file;
    this.#byObject.set(object, file);
    this.#byPort.set(port, file);
    return file;
  }

  #later(file: PagedFile): void {
    this.#work.add(file);
    this.#sleepers.wakeup(this.#work);
  }

  /** The second thread: brings to files what has come back, and ends those that the kernel is done with. */
  *run(): Blocking<void> {
    for (;;) {
      const [file] = this.#work;
      if (file === undefined) {
        yield* perform((thread) => this.#sleepers.sleep(thread, this.#work));
        continue;
      }
      this.#work.delete(file);
      yield* file.drain();
      if (file.isOver) yield* this.#end(file);
    }
  }

  /**
   * The pager's thread: ends a file that the kernel has no object for any more. None is made while
   * that is found out; of one that has been, the init waits at the port.
   */
  *#tryEnd(thread: Uthread, file: PagedFile): Work<void> {
    if (file.control !== 0 || file.isOver || file.mapping > 0) return;
    file.isOver = true;
    if ((yield* mach.messagesAt(thread, this.#self, file.port)) === 0) return this.#later(file);
    file.isOver = false;
    this.#sleepers.wakeup(file);
  }

  *#end(file: PagedFile): Blocking<void> {
    this.#byPort.delete(file.port);
    this.#byObject.delete(file.object);
    file.object.cache = undefined;
    yield* perform((thread) => mach.mach_port_destroy(thread, this.#self, file.port));
    yield* file.object.put();
    this.#sleepers.wakeup(file);
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
    file.isKept = !file.stores;
    file.begin(control);
    const { memory_object_ready, MEMORY_OBJECT_COPY_DELAY } = objects;
    yield* memory_object_ready(thread, control, file.isKept, MEMORY_OBJECT_COPY_DELAY);
    return MIG_NO_REPLY;
  }

  /** memory_object_data_request(memory_object, memory_control, offset, length, desired_access). */
  *dataRequest({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    const [port, control, offset] = [entry.argument(0), entry.argument(1), entry.argument(2)];
    const file = this.#byPort.get(port);
    this.counts.requests += 1;
    if (file) yield* drive(thread, file.request({ control, offset }), system.sleepers);
    else yield* mach.mach_port_deallocate(thread, this.#self, control);
    if (file) yield* this.#tryEnd(thread, file);
    yield* system.sleepers.settle(thread);
    return MIG_NO_REPLY;
  }

  /**
   * memory_object_data_return(memory_object, memory_control, offset, data, dataCnt, dirty, kernel_copy).
   */
  *dataReturn({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    const file = this.#byPort.get(entry.argument(0));
    const [offset, data, size] = [entry.argument(2), entry.argument(3), entry.argument(4)];
    if (file) yield* file.took(thread, offset, data, size);
    else yield* mach.vm_deallocate(thread, this.#self, data, size);
    yield* mach.mach_port_deallocate(thread, this.#self, entry.argument(1));
    yield* system.sleepers.settle(thread);
    return MIG_NO_REPLY;
  }

  /** memory_object_lock_completed(memory_object, memory_control, offset, length). */
  *lockCompleted({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    this.#byPort.get(entry.argument(0))?.answered(false);
    yield* mach.mach_port_deallocate(thread, this.#self, entry.argument(1));
    yield* system.sleepers.settle(thread);
    return MIG_NO_REPLY;
  }

  /** mach_notify_send_once(notify): an answer will not come. */
  *sendOnce({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    const file = this.#byPort.get(entry.argument(0));
    file?.answered(true);
    if (file) yield* this.#tryEnd(thread, file);
    yield* system.sleepers.settle(thread);
    return MIG_NO_REPLY;
  }

  /** memory_object_terminate(memory_object, memory_control, memory_object_name): the rights are ours. */
  *terminate({ system }: Osf1, thread: Uthread, entry: WorkEntry): Work<number> {
    const [port, control, name] = [entry.argument(0), entry.argument(1), entry.argument(2)];
    const file = this.#byPort.get(port);
    const self = this.#self;
    if (file?.control === control) {
      file.end();
      yield* this.#tryEnd(thread, file);
    }
    yield* mach.mach_port_destroy(thread, self, control);
    yield* mach.mach_port_destroy(thread, self, name);
    yield* mach.mach_port_deallocate(thread, self, port);
    yield* system.sleepers.settle(thread);
    return MIG_NO_REPLY;
  }
}
