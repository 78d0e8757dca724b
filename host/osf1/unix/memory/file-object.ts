/** A file as what may be mapped: one object for all its mappings, while there is one. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { pageFile, readFile, writeFile } from "../../ufs/file.ts";
import { locking } from "../../ufs/inode.ts";
import type { FileCache, Mappable } from "../call.ts";
import { UfsVnode } from "../files/ufs-vnode.ts";
import type { Vnode } from "../files/vnode.ts";

export class FileObject implements Mappable {
  readonly vnode: UfsVnode;
  cache: FileCache | undefined;
  failed: UnixError | undefined;

  private constructor(vnode: UfsVnode) {
    this.vnode = vnode;
  }

  /** The object of a vnode. It holds no reference: who maps it does. @throws UnixError ENODEV */
  static of(vnode: Vnode): FileObject {
    if (!(vnode instanceof UfsVnode)) throw new UnixError("ENODEV");
    return (vnode.object ??= new FileObject(vnode));
  }

  get size(): number {
    return this.vnode.inode.size;
  }

  get isUsed(): boolean {
    return this.vnode.references > 1;
  }

  /** Does what changes a range of the file, whose inode the caller holds. */
  changing<T>(offset: number, length: number, change: () => Blocking<T>): Blocking<T> {
    return this.cache ? this.cache.during(offset, length, change) : change();
  }

  *read(offset: number, bytes: Uint8Array): Blocking<void> {
    const { inode } = this.vnode;
    let done = 0;
    yield* locking(inode, () =>
      // oxlint-disable-next-line require-yield
      readFile(inode, offset, bytes.length, function* (piece) {
        bytes.set(piece, done);
        done += piece.length;
      }),
    );
    bytes.fill(0, done);
  }

  page(
    offset: number,
    length: number,
    move: (bytes: Uint8Array) => Blocking<void>,
  ): Blocking<void> {
    return pageFile(this.vnode.inode, offset, length, move);
  }

  hold(): void {
    this.vnode.hold();
  }
  put(): Blocking<void> {
    return this.vnode.put();
  }

  locked<T>(action: () => Blocking<T>): Blocking<T> {
    return locking(this.vnode.inode, action);
  }

  *write(
    offset: number,
    length: number,
    bring: (bytes: Uint8Array) => Blocking<void>,
  ): Blocking<void> {
    const { inode } = this.vnode;
    const count = Math.min(length, inode.size - offset);
    // A hole gets its blocks only now: the reserve is for such.
    if (count > 0) yield* writeFile(inode, offset, count, bring, { superuser: true });
  }
}
