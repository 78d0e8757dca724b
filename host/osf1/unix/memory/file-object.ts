/** A file as what may be mapped: one object for all its mappings, while there is one. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { pageFile, readFile, writeFile } from "../../ufs/file.ts";
import { locking } from "../../ufs/inode.ts";
import { bring } from "../../ufs/operations.ts";
import type { Mappable } from "../call.ts";
import { UfsVnode } from "../files/ufs-vnode.ts";
import type { Vnode } from "../files/vnode.ts";

export class FileObject implements Mappable {
  readonly vnode: UfsVnode;
  changed: Mappable["changed"];

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

  *write(offset: number, bytes: Uint8Array): Blocking<void> {
    const { inode } = this.vnode;
    yield* locking(inode, function* () {
      const count = Math.min(bytes.length, inode.size - offset);
      // The space was promised when the page was mapped: the reserve is for such.
      if (count > 0) yield* writeFile(inode, offset, count, bring(bytes), { superuser: true });
    });
    if (this.changed) yield* this.changed(offset, bytes.length);
  }
}
