/**
 * The buffer cache, after the Berkeley one: a fixed number of buffers of up to one block, keyed by
 * fragment address; whoever holds a buffer has it alone (`busy`); delayed writes stay in memory
 * until the buffer is needed for another block, or `flush`. Two buffers never cover one fragment:
 * `discard` forgets what was cached of freed fragments.
 */
import { ArrayBytes } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";
import { UFS } from "./layout.ts";
import { type Blocking, charge, type Environment } from "./device.ts";

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
}

/** Where buffers' bytes lie: the server's memory, or the host's. */
export type Storage = (index: number) => Uint8Array;

export const hostStorage: Storage = () => new Uint8Array(UFS.BLOCK_SIZE);

export class BufferCache {
  /** Reads and writes of the disk, and blocks found in memory. */
  readonly counts = { reads: 0, writes: 0, hits: 0 };
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

  /** Writes all delayed writes, lowest address first, or those of some fragments. */
  *flush(wanted: (fragment: number) => boolean = () => true): Blocking<void> {
    const dirty = [...this.#buffers]
      .filter((buffer) => buffer.dirty && wanted(buffer.fragment))
      .toSorted((a, b) => a.fragment - b.fragment)
      .map(({ fragment }) => fragment);
    for (const fragment of dirty) {
      const buffer = this.#byFragment.get(fragment);
      if (buffer?.dirty !== true) continue;
      const held = yield* this.getblk(fragment, buffer.size);
      if (held.dirty) yield* this.write(held);
      else this.release(held);
    }
  }

  /** Writes one address if a delayed write is there. */
  *flushBlock(fragment: number): Blocking<void> {
    if (this.#byFragment.get(fragment)?.dirty === true)
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
  }

  /** A held buffer without contents; undefined when the world may have changed meanwhile. */
  *#victim(): Blocking<Buffer | undefined> {
    for (const buffer of this.#buffers) {
      if (buffer.busy) continue;
      this.#hold(buffer);
      if (buffer.dirty) {
        yield* this.write(buffer);
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
    try {
      yield* this.#environment.device.write(
        buffer.fragment * UFS.SECTORS_PER_FRAGMENT,
        buffer.storage.subarray(0, buffer.size),
      );
    } catch (error) {
      buffer.dirty = true;
      throw error;
    }
  }
}
