/**
 * A file that the kernel has as a memory object, or is about to: what of it is where, and in what order
 * that may change. What programs store in shared pages comes back from the kernel and waits here (`returned`)
 * until it is in the file, which takes the inode; who looks for such a page meanwhile finds it here. So the
 * pager's thread waits for nobody. Whoever changes the file holds the inode before it holds back
 * requests for the pages, and then waits for the pager's thread alone.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import { UFS } from "../ufs/layout.ts";
import type { FileCache, Mappable } from "../unix/call.ts";
import { pageUp } from "../unix/constants.ts";
import * as mach from "./mach.ts";
import * as objects from "./mach-objects.ts";
import type { ServerMemory } from "./memory.ts";
import { perform } from "./perform.ts";
import type { Sleepers } from "./sleep.ts";
import type { Uthread } from "./uthread.ts";

const { PAGE_SIZE } = MEMORY_MAP;
/** Files that may be mapped end here: an offset is a word. */
export const LAST_OFFSET = 2 ** 32 - UFS.BLOCK_SIZE;

const blockOf = (offset: number): number => offset - (offset % UFS.BLOCK_SIZE);
const pageOf = (offset: number): number => offset - (offset % PAGE_SIZE);

/** Pages of a file: whole, from `start` to before `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** A page that has come back, in the server's memory; it goes when the last who uses it is done. */
interface ReturnedPage {
  readonly address: number;
  readonly bytes: number;
  users: number;
}

/** A request for a page, with the right to answer it. */
export interface PageRequest {
  readonly control: number;
  readonly offset: number;
}

/** What all files of a pager share. */
export interface Paging {
  readonly self: number;
  readonly memory: ServerMemory;
  readonly sleepers: Sleepers;
  /** Pages given to the kernel, pages that came back, and requests that failed. */
  readonly counts: { pages: number; returned: number; errors: number };
  /** Lets the pager's second thread look at a file. */
  later(file: PagedFile): void;
}

export class PagedFile implements FileCache {
  readonly object: Mappable;
  /** The memory object's port: receive right and a send right of the server's. */
  readonly port: number;
  /** The kernel's; 0 while it has no object. */
  control = 0;
  /** Mappings that are just being made. */
  mapping = 0;
  stores = false;
  /** Whether the kernel keeps it when nobody maps it. */
  isKept = true;
  /** The kernel has no object any more, and no other will be made. */
  isOver = false;
  readonly #paging: Paging;
  /** By offset; the newest of each. */
  readonly #returned = new Map<number, ReturnedPage>();
  readonly #held = new Set<Range>();
  /** Requests for held pages. */
  #deferred: PageRequest[] = [];
  /** How often the file has changed. */
  #changes = 0;
  /** Requests that are being answered. */
  #providing = 0;
  /** Whether the kernel has been asked for what is stored, and whether it has answered. */
  #asking = false;
  #answered = true;
  /** Answers to come that nobody waits for any more. */
  #stale = 0;

  constructor(paging: Paging, object: Mappable, port: number) {
    this.#paging = paging;
    this.object = object;
    this.port = port;
  }

  /** The kernel's object begins. */
  begin(control: number): void {
    this.control = control;
  }
  /** It has ended; what it had has come back before. */
  end(): void {
    this.control = 0;
    if (!this.#answered) this.#stale += 1;
    this.#paging.sleepers.wakeup(this);
  }
  /** The kernel has given all that it was asked for; or will not answer: its object had gone. */
  answered(isLost: boolean): void {
    if (isLost && this.#stale > 0) {
      this.#stale -= 1;
      return;
    }
    this.#answered = true;
    this.#paging.sleepers.wakeup(this);
  }

  /** From now on programs may store into pages: there must be no page on its way that nobody asked for. */
  *beginStores(thread: Uthread): Work<void> {
    this.stores = true;
    while (this.#providing > 0) yield* this.#paging.sleepers.sleep(thread, this);
  }

  *clean(offset: number, length: number, wait = true): Blocking<void> {
    if (!this.stores) return;
    const start = pageOf(offset);
    yield* this.#ask(start, Math.min(pageUp(offset + length), LAST_OFFSET) - start, false, wait);
    if (wait) yield* this.drain();
  }

  *during<T>(offset: number, length: number, change: () => Blocking<T>): Blocking<T> {
    const start = pageOf(offset);
    const range = { start, end: Math.min(pageUp(offset + length), LAST_OFFSET) };
    if (!this.stores) {
      yield* this.unkeep();
      const result = yield* change();
      this.#changes += 1;
      yield* this.#flush(range);
      return result;
    }
    this.#held.add(range);
    try {
      while (this.#providing > 0) yield* this.#sleep();
      yield* this.#ask(start, range.end - start, true, true);
      yield* this.#writeReturned();
      return yield* change();
    } finally {
      this.#held.delete(range);
      yield* this.#resume();
    }
  }

  *release(): Blocking<void> {
    yield* this.unkeep();
    while (!this.isOver && this.control !== 0 && !this.object.isUsed) yield* this.#sleep();
    while (this.object.cache === this && this.isOver) yield* this.#sleep();
  }

  /** The kernel shall not keep the object when nobody maps it. */
  *unkeep(): Blocking<void> {
    const { control } = this;
    if (!this.isKept || control === 0) return;
    this.isKept = false;
    yield* perform((thread) => objects.memory_object_keep(thread, control, false));
  }

  /** Writes all that has come back to the file. */
  *drain(): Blocking<void> {
    if (this.#returned.size > 0) yield* this.object.locked(() => this.#writeReturned());
  }

  /** A page has come back, in whole pages of the server's. */
  *took(thread: Uthread, offset: number, address: number, bytes: number): Work<void> {
    const older = this.#returned.get(offset);
    this.#returned.set(offset, { address, bytes, users: 1 });
    this.#paging.counts.returned += 1;
    this.#paging.later(this);
    if (older) yield* this.#leave(thread, older);
  }

  /** Gives the kernel a page that it has asked for, unless a change is under way: then afterwards. */
  *request(request: PageRequest): Blocking<void> {
    const { offset, control } = request;
    if ([...this.#held].some(({ start, end }) => start <= offset && offset < end)) {
      this.#deferred.push(request);
      return;
    }
    const before = this.#changes;
    this.#providing += 1;
    try {
      yield* this.#provide(request);
    } finally {
      this.#providing -= 1;
      if (this.#providing === 0) this.#paging.sleepers.wakeup(this);
    }
    // What was read just before a change goes, and is asked for again.
    const block = blockOf(offset);
    if (this.#changes !== before && !this.stores)
      yield* this.#flush({ start: block, end: block + UFS.BLOCK_SIZE });
    yield* perform((thread) => mach.mach_port_deallocate(thread, this.#paging.self, control));
  }

  /** Answers what was held back. */
  *#resume(): Blocking<void> {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const request of deferred) yield* this.request(request);
  }

  /**
   * Gives the kernel the block of a file that a page is in, as far as the file goes; the page alone where
   * programs may have stored into the other, and it be on its way here.
   */
  *#provide({ control, offset }: PageRequest): Blocking<void> {
    const { object, stores } = this;
    const { self, counts } = this.#paging;
    const start = stores ? offset : blockOf(offset);
    const most = stores ? PAGE_SIZE : UFS.BLOCK_SIZE;
    const length = Math.min(most, pageUp(object.size) - start);
    if (offset - start >= length) return yield* this.#fail(control, offset);
    const room = yield* perform((thread) => mach.vm_allocate(thread, self, 0, length, true));
    if (!("value" in room)) return yield* this.#fail(control, offset);
    try {
      yield* this.#read(start, length, room.value);
    } catch (error) {
      if (!(error instanceof UnixError)) throw error;
      yield* perform((thread) => mach.vm_deallocate(thread, self, room.value, length));
      return yield* this.#fail(control, offset);
    }
    counts.pages += length / PAGE_SIZE;
    yield* perform(function* (thread): Work<void> {
      const { value } = room;
      const kr = yield* objects.memory_object_data_supply(thread, control, start, value, length);
      // The object has gone.
      if (kr !== 0) yield* mach.vm_deallocate(thread, self, value, length);
    });
  }

  /** Puts pages of the file into memory of the server's, as programs see them. */
  *#read(start: number, length: number, to: number): Blocking<void> {
    const page = this.#returned.get(start);
    if (page) {
      page.users += 1;
      return yield* perform((thread) => this.#copyOut(thread, page, to));
    }
    const { memory } = this.#paging;
    let at = to;
    yield* this.object.page(start, length, function* (bytes): Blocking<void> {
      const [place, from] = [at, memory.addressOf(bytes)];
      at += bytes.length;
      yield* perform(function* (thread): Work<void> {
        if (from === undefined) thread.server.memory.write(place, bytes);
        else yield* thread.call("bcopy", from, place, bytes.length);
      });
    });
  }
  *#copyOut(thread: Uthread, page: ReturnedPage, to: number): Work<void> {
    yield* thread.call("bcopy", page.address, to, PAGE_SIZE);
    yield* this.#leave(thread, page);
  }

  /** There is no such page: whoever touched it gets an exception. */
  *#fail(control: number, offset: number): Blocking<void> {
    this.#paging.counts.errors += 1;
    yield* perform((thread) =>
      objects.memory_object_data_error(thread, control, offset, PAGE_SIZE),
    );
  }

  /** Writes what has come back; the inode is the caller's. */
  *#writeReturned(): Blocking<void> {
    const { memory } = this.#paging;
    while (this.#returned.size > 0)
      for (const [offset, page] of [...this.#returned]) {
        page.users += 1;
        let at = page.address;
        try {
          yield* this.object.write(offset, PAGE_SIZE, function* (bytes): Blocking<void> {
            const [from, place] = [at, memory.addressOf(bytes)];
            at += bytes.length;
            yield* perform(function* (thread): Work<void> {
              if (place === undefined) bytes.set(thread.server.memory.read(from, bytes.length));
              else yield* thread.call("bcopy", from, place, bytes.length);
            });
          });
        } catch (error) {
          if (!(error instanceof UnixError)) throw error;
          this.object.failed = error;
        }
        const isNewest = this.#returned.get(offset) === page;
        if (isNewest) this.#returned.delete(offset);
        yield* perform((thread) => this.#leave(thread, page, isNewest ? 2 : 1));
      }
  }

  *#leave(thread: Uthread, page: ReturnedPage, users = 1): Work<void> {
    page.users -= users;
    if (page.users === 0)
      yield* mach.vm_deallocate(thread, this.#paging.self, page.address, page.bytes);
  }

  /** Asks the kernel for what programs have stored; `flushes`: all pages of the range leave it. */
  *#ask(offset: number, size: number, flushes: boolean, wait: boolean): Blocking<void> {
    while (this.#asking) yield* this.#sleep();
    const { control, port } = this;
    if (control === 0 || size <= 0) return;
    this.#asking = true;
    this.#answered = !wait;
    const kr = yield* perform((thread) =>
      objects.memory_object_clean(thread, control, offset, size, flushes, wait ? port : 0),
    );
    // A request that was not taken for want of an object has no answer, not even that there is none.
    if (kr !== 0 && this.control !== control && wait) this.#stale -= 1;
    while (kr === 0 && !this.#answered && this.control === control) yield* this.#sleep();
    this.#answered = true;
    this.#asking = false;
    this.#paging.sleepers.wakeup(this);
  }

  /** What the kernel has of a changed range goes; who looks at it asks again. */
  *#flush({ start, end }: Range): Blocking<void> {
    const { control } = this;
    if (control === 0) return;
    yield* perform((thread) => objects.memory_object_flush(thread, control, start, end - start));
  }

  *#sleep(): Blocking<void> {
    yield* perform((thread) => this.#paging.sleepers.sleep(thread, this));
  }
}
