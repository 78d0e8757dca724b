/** Memory of the test bed's processes: pages in a map, with protection; enough of a Mach map for Unix. */
import { UnixError } from "../../../host/osf1/errno.ts";
import type { Blocking } from "../../../host/osf1/ufs/device.ts";
import type { Mappable, Mapping } from "../../../host/osf1/unix/call.ts";
import { PAGE_SIZE } from "../../../host/osf1/unix/constants.ts";

interface Page {
  readonly bytes: Uint8Array;
  protection: number;
  readonly shared: boolean;
  readonly file?: { readonly object: Mappable; readonly offset: number };
}

const LOWEST = 0x1000;
const HIGHEST = 0xc000_0000;
const READ = 1;
const WRITE = 2;

export class TestMemory {
  readonly pages = new Map<number, Page>();

  /** Pages of shared mappings stay the same; others are copied. */
  fork(): TestMemory {
    const copy = new TestMemory();
    for (const [at, page] of this.pages)
      copy.pages.set(at, page.shared ? page : { ...page, bytes: page.bytes.slice() });
    return copy;
  }

  #page(address: number, wanted: number): Page {
    const page = this.pages.get(Math.floor(address / PAGE_SIZE));
    if (page === undefined || (page.protection & wanted) === 0) throw new UnixError("EFAULT");
    return page;
  }

  /** Visits the pieces of a range, page by page. */
  #each(
    address: number,
    length: number,
    wanted: number,
    visit: (b: Uint8Array, at: number) => void,
  ) {
    for (let done = 0; done < length;) {
      const from = (address + done) % PAGE_SIZE;
      const count = Math.min(PAGE_SIZE - from, length - done);
      visit(this.#page(address + done, wanted).bytes.subarray(from, from + count), done);
      done += count;
    }
  }

  /** As a kernel's copy does: what came before the fault has been moved. */
  read(address: number, into: Uint8Array): void {
    this.#each(address, into.length, READ, (bytes, at) => into.set(bytes, at));
  }
  write(bytes: Uint8Array, address: number): void {
    this.#each(address, bytes.length, WRITE, (piece, at) =>
      piece.set(bytes.subarray(at, at + piece.length)),
    );
  }
  readString(address: number, most: number): Uint8Array {
    const found: number[] = [];
    const byte = new Uint8Array(1);
    while (found.length < most) {
      this.read(address + found.length, byte);
      if (byte[0] === 0) return Uint8Array.from(found);
      found.push(byte[0]!);
    }
    throw new UnixError("ENAMETOOLONG");
  }

  #free(length: number): number {
    for (let at = 0x4000_0000; at + length <= HIGHEST; at += PAGE_SIZE) {
      let isFree = true;
      for (let page = at; page < at + length && isFree; page += PAGE_SIZE)
        isFree = !this.pages.has(page / PAGE_SIZE);
      if (isFree) return at;
    }
    throw new UnixError("ENOMEM");
  }

  *map({ address, length, protection, fixed, shared, file }: Mapping): Blocking<number> {
    if (length > 64 * 2 ** 20) throw new UnixError("ENOMEM");
    if (fixed && (address < LOWEST || address + length > HIGHEST)) throw new UnixError("ENOMEM");
    const start = fixed ? address : this.#free(length);
    yield* this.unmap(start, length);
    for (let done = 0; done < length; done += PAGE_SIZE) {
      const bytes = new Uint8Array(PAGE_SIZE);
      if (file) yield* file.object.read(file.offset + done, bytes);
      this.pages.set((start + done) / PAGE_SIZE, {
        bytes,
        protection,
        shared,
        ...(file && { file: { object: file.object, offset: file.offset + done } }),
      });
    }
    return start;
  }

  /** Writes what is shared of a file; the file's inode is the caller's. */
  *flush(object: Mappable): Blocking<void> {
    for (const { shared, file, protection, bytes } of this.pages.values()) {
      if (!shared || file?.object !== object || (protection & WRITE) === 0) continue;
      let done = 0;
      // oxlint-disable-next-line require-yield
      yield* object.write(file.offset, PAGE_SIZE, function* (into) {
        into.set(bytes.subarray(done, done + into.length));
        done += into.length;
      });
    }
  }

  /** Reads what is shared of a file anew; the file's inode is the caller's. */
  *reload(object: Mappable): Blocking<void> {
    for (const { shared, file, bytes } of this.pages.values()) {
      if (!shared || file?.object !== object) continue;
      let done = 0;
      // oxlint-disable-next-line require-yield
      yield* object.page(file.offset, PAGE_SIZE, function* (from) {
        bytes.set(from, done);
        done += from.length;
      });
      bytes.fill(0, done);
    }
  }

  *#flushAll(): Blocking<void> {
    const shared = [...this.pages.values()].filter((page) => page.shared);
    for (const object of new Set(shared.flatMap(({ file }) => file?.object ?? [])))
      yield* object.locked(() => this.flush(object));
  }

  /** All goes. */
  *clear(): Blocking<void> {
    yield* this.#flushAll();
    this.pages.clear();
  }

  *unmap(address: number, length: number): Blocking<void> {
    yield* this.#flushAll();
    for (let at = address; at < address + length; at += PAGE_SIZE)
      this.pages.delete(at / PAGE_SIZE);
  }

  protect(address: number, length: number, protection: number): void {
    for (let at = address; at < address + length; at += PAGE_SIZE)
      this.pages.get(at / PAGE_SIZE)!.protection = protection;
  }

  copy(from: number, length: number, to: number): void {
    for (let done = 0; done < length; done += PAGE_SIZE)
      this.pages
        .get((to + done) / PAGE_SIZE)!
        .bytes.set(this.pages.get((from + done) / PAGE_SIZE)!.bytes);
  }
}
