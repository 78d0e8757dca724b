/**
 * The buffer cache, after the Berkeley one: a fixed number of buffers of up to one block, keyed by
 * fragment address; whoever holds a buffer has it alone (`busy`); delayed writes stay in memory
 * until the buffer is needed for another block, or `flush`, and then nobody waits for each (bawrite).
 * A full block is delayed as well, where 4.3BSD began to write it: what is overwritten goes out once.
 * While the device fills or writes a buffer that nobody waits for, the buffer is the device's, busy.
 * Two buffers never cover one fragment: `discard` forgets what was cached of freed fragments.
 */
import { ArrayBytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";
import type { UnixError } from "../errno.ts";
import { UFS } from "./layout.ts";
import { type Blocking, charge, type Done, type Environment } from "./device.ts";

export interface Buffer {
  /** Fragment address; −1 for a buffer without contents. */
  fragment: number;
  /** Bytes in use: whole fragments, a block at most. */
  size: number;
  /** The whole storage, one block. */
  readonly storage: Uint8Array;
  /** Views of `storage` for structures. */
  readonly words: ArrayBytes;
  /** Contents are the disk's, or newer. */
  valid: boolean;
  dirty: boolean;
  busy: boolean;
  wanted: boolean;
  /** The device writes it, and nobody waits. */
  writing: boolean;
  /** Such a write has failed: the next one is waited for, so that somebody is told. */
  failed: boolean;
}

/** A block on the disk. */
export interface Place {
  readonly fragment: number;
  /** Bytes. */
  readonly size: number;
}

/** Writes that one who flushes has begun and not seen the end of, at most: each has a port for its answer. */
const UNDER_WAY = 16;

/** Where buffers' bytes lie: the server's memory, or the host's. */
export type Storage = (index: number) => Uint8Array;

export const hostStorage: Storage = () => new Uint8Array(UFS.BLOCK_SIZE);

export class BufferCache {
  /** Reads and writes of the disk, blocks found in memory, and reads ahead among the reads. */
  readonly counts = { reads: 0, writes: 0, hits: 0, ahead: 0 };
  readonly #environment: Environment;
  readonly #byFragment = new Map<number, Buffer>();
  /** Buffers, least recently used first. */
  readonly #buffers: Set<Buffer>;
  readonly #anyBuffer = {};

  constructor(environment: Environment, count: number, storage: Storage = hostStorage) {
    this.#environment = environment;
    this.#buffers = new Set(
      Array.from({ length: count }, (_, index): Buffer => {
        const bytes = storage(index);
        return {
          fragment: -1,
          size: 0,
          storage: bytes,
          words: new ArrayBytes(bytes),
          valid: false,
          dirty: false,
          busy: false,
          wanted: false,
          writing: false,
          failed: false,
        };
      }),
    );
  }

  /** The buffer of a fragment address, held; its contents may be anything unless `valid`. */
  *getblk(fragment: number, size: number): Blocking<Buffer> {
    for (;;) {
      const found = this.#byFragment.get(fragment);
      if (found !== undefined) {
        if (found.busy) {
          found.wanted = true;
          yield* this.#environment.sleep(found);
          continue;
        }
        this.#hold(found);
        if (found.size < size && found.valid) yield* this.#fillTail(found, size);
        found.size = size;
        return found;
      }
      const free = yield* this.#victim();
      if (free === undefined || this.#byFragment.has(fragment)) {
        // Somebody else may have brought the block in while the victim was written.
        if (free !== undefined) this.release(free);
        continue;
      }
      free.fragment = fragment;
      free.size = size;
      this.#byFragment.set(fragment, free);
      return free;
    }
  }

  /** The buffer with what the disk (or a delayed write) has there, held. */
  *bread(fragment: number, size: number): Blocking<Buffer> {
    yield* charge(this.#environment, "buffer-lookup");
    const buffer = yield* this.getblk(fragment, size);
    if (buffer.valid) {
      this.counts.hits++;
      return buffer;
    }
    try {
      yield* this.#read(fragment, buffer.storage.subarray(0, size));
    } catch (error) {
      this.release(buffer);
      throw error;
    }
    buffer.valid = true;
    return buffer;
  }

  /**
   * As bread; and the block behind is brought as well, if a buffer can be had for it without waiting
   * (breada). Nobody waits for that one.
   */
  *breadAhead(fragment: number, size: number, next: Place): Blocking<Buffer> {
    const { device } = this.#environment;
    if (device.beginRead === undefined || this.#byFragment.has(next.fragment))
      return yield* this.bread(fragment, size);
    yield* charge(this.#environment, "buffer-lookup");
    const buffer = yield* this.getblk(fragment, size);
    if (buffer.valid) {
      this.counts.hits++;
      yield* this.#readAhead(next);
      return buffer;
    }
    // The drive gets both, in their order.
    const reading: { over: boolean; error?: UnixError | undefined } = { over: false };
    yield* this.#beginRead(buffer, (error) => {
      Object.assign(reading, { over: true, error });
      this.#environment.wakeup(reading);
    });
    yield* this.#readAhead(next);
    while (!reading.over) yield* this.#environment.sleep(reading);
    buffer.valid = reading.error === undefined;
    if (reading.error === undefined) return buffer;
    this.release(buffer);
    throw reading.error;
  }

  *#readAhead({ fragment, size }: Place): Blocking<void> {
    yield* charge(this.#environment, "buffer-lookup");
    const spare = [...this.#buffers].find(({ busy, dirty }) => !busy && !dirty);
    if (spare === undefined || this.#byFragment.has(fragment)) return;
    this.#hold(spare);
    if (spare.fragment !== -1) this.#forget(spare);
    Object.assign(spare, { fragment, size });
    this.#byFragment.set(fragment, spare);
    this.counts.ahead++;
    // What did not come is asked for again by whoever wants it.
    yield* this.#beginRead(spare, (error) => {
      spare.valid = error === undefined;
      this.release(spare);
    });
  }

  *#beginRead({ fragment, size, storage }: Buffer, done: Done): Blocking<void> {
    this.counts.reads++;
    const sector = fragment * UFS.SECTORS_PER_FRAGMENT;
    yield* this.#environment.device.beginRead!(sector, storage.subarray(0, size), done);
  }

  /** What a buffer has now that somebody else holds; undefined when nobody does, or it has nothing yet. */
  heldByOther(fragment: number, size: number): Uint8Array | undefined {
    const found = this.#byFragment.get(fragment);
    const isThere = found?.busy === true && found.valid && found.size >= size;
    return isThere ? found.storage.slice(0, size) : undefined;
  }

  /** Lets a buffer go without a change. */
  release(buffer: Buffer): void {
    if (!buffer.busy) panic("release: the buffer is not held");
    buffer.busy = false;
    if (!buffer.valid && buffer.fragment !== -1) this.#forget(buffer);
    if (buffer.wanted) this.#environment.wakeup(buffer);
    buffer.wanted = false;
    this.#environment.wakeup(this.#anyBuffer);
  }

  /** Lets a changed buffer go; it is written later. */
  writeDelayed(buffer: Buffer): void {
    buffer.valid = true;
    buffer.dirty = true;
    this.release(buffer);
  }

  /** Writes a held buffer to the disk, and lets it go. */
  *write(buffer: Buffer): Blocking<void> {
    buffer.valid = true;
    try {
      yield* this.#writeOut(buffer);
    } finally {
      this.release(buffer);
    }
  }

  /**
   * Begins to write a held buffer; it is let go when that is over (bawrite). What the disk does not take
   * is a delayed write again.
   */
  *beginWrite(buffer: Buffer, told?: Done): Blocking<void> {
    const { device } = this.#environment;
    if (device.beginWrite === undefined) {
      yield* this.write(buffer);
      return told?.();
    }
    buffer.valid = true;
    buffer.dirty = false;
    buffer.writing = true;
    this.counts.writes++;
    const sector = buffer.fragment * UFS.SECTORS_PER_FRAGMENT;
    yield* device.beginWrite(sector, buffer.storage.subarray(0, buffer.size), (error) => {
      buffer.writing = false;
      buffer.failed = error !== undefined;
      buffer.dirty = buffer.failed;
      this.release(buffer);
      told?.(error);
    });
  }

  /**
   * Writes all delayed writes, lowest address first, or those of some fragments. On return they are on
   * the disk, and what was being written before.
   * @throws UnixError EIO, of the first that is not
   */
  *flush(wanted: (fragment: number) => boolean = () => true): Blocking<void> {
    const due = [...this.#buffers]
      .filter((buffer) => (buffer.dirty || buffer.writing) && wanted(buffer.fragment))
      .toSorted((a, b) => a.fragment - b.fragment)
      .map(({ fragment }) => fragment);
    const flushing: { left: number; error?: UnixError | undefined } = { left: 0 };
    const told = (error?: UnixError): void => {
      flushing.left--;
      flushing.error ??= error;
      this.#environment.wakeup(flushing);
    };
    const wait = function* (this: BufferCache, most: number): Blocking<void> {
      while (flushing.left > most) yield* this.#environment.sleep(flushing);
    }.bind(this);
    for (const fragment of due) {
      const buffer = this.#byFragment.get(fragment);
      if (buffer === undefined || !(buffer.dirty || buffer.writing)) continue;
      const held = yield* this.getblk(fragment, buffer.size);
      if (!held.dirty) {
        this.release(held);
        continue;
      }
      flushing.left++;
      yield* this.beginWrite(held, told);
      yield* wait(UNDER_WAY - 1);
    }
    yield* wait(0);
    if (flushing.error) throw flushing.error;
  }

  /** Writes one address if a delayed write is there. */
  *flushBlock(fragment: number): Blocking<void> {
    const found = this.#byFragment.get(fragment);
    if (found?.dirty === true || found?.writing === true)
      yield* this.flush((each) => each === fragment);
  }

  /** Forgets freed fragments, delayed writes included: they belong to nobody. */
  *discard(fragment: number, count: number): Blocking<void> {
    for (let each = fragment; each < fragment + count; each++) {
      const found = this.#byFragment.get(each);
      if (found === undefined) continue;
      const held = yield* this.getblk(each, found.size);
      held.valid = false;
      held.dirty = false;
      this.release(held);
    }
  }

  #hold(buffer: Buffer): void {
    buffer.busy = true;
    this.#buffers.delete(buffer);
    this.#buffers.add(buffer);
  }

  #forget(buffer: Buffer): void {
    this.#byFragment.delete(buffer.fragment);
    buffer.fragment = -1;
    buffer.valid = false;
    buffer.dirty = false;
    buffer.failed = false;
  }

  /** A held buffer without contents; undefined when the world may have changed meanwhile. */
  *#victim(): Blocking<Buffer | undefined> {
    for (const buffer of this.#buffers) {
      if (buffer.busy) continue;
      this.#hold(buffer);
      if (buffer.dirty) {
        if (buffer.failed) yield* this.write(buffer);
        else yield* this.beginWrite(buffer);
        return undefined;
      }
      if (buffer.fragment !== -1) this.#forget(buffer);
      return buffer;
    }
    yield* this.#environment.sleep(this.#anyBuffer);
    return undefined;
  }

  /** A valid buffer grows: what lies behind it comes from the disk. */
  *#fillTail(buffer: Buffer, size: number): Blocking<void> {
    const start = buffer.size;
    yield* this.#read(
      buffer.fragment + start / UFS.FRAGMENT_SIZE,
      buffer.storage.subarray(start, size),
    );
  }

  *#read(fragment: number, bytes: Uint8Array): Blocking<void> {
    this.counts.reads++;
    yield* this.#environment.device.read(fragment * UFS.SECTORS_PER_FRAGMENT, bytes);
  }

  *#writeOut(buffer: Buffer): Blocking<void> {
    this.counts.writes++;
    buffer.dirty = false;
    buffer.failed = false;
    try {
      yield* this.#environment.device.write(
        buffer.fragment * UFS.SECTORS_PER_FRAGMENT,
        buffer.storage.subarray(0, buffer.size),
      );
    } catch (error) {
      buffer.dirty = true;
      buffer.failed = true;
      throw error;
    }
  }
}
